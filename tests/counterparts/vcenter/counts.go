// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"reflect"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// as finds the managed object of package mo within a simulator's object, or within one that wraps it; nil when it is none.
func as[T any](object any) *T {
	if found, ok := object.(*T); ok {
		return found
	}
	value := reflect.ValueOf(object)
	for value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface {
		if value.IsNil() {
			return nil
		}
		value = value.Elem()
	}
	if value.Kind() != reflect.Struct || !value.CanAddr() {
		return nil
	}
	for place := range value.NumField() {
		field := value.Field(place)
		if !value.Type().Field(place).Anonymous || !field.CanInterface() {
			continue
		}
		if field.Kind() == reflect.Struct {
			field = field.Addr()
		}
		if found := as[T](field.Interface()); found != nil {
			return found
		}
	}
	return nil
}

// objectsOf lists the objects whose managed object id has one of these types, in the natural order of their ids.
func objectsOf[T any](ctx *simulator.Context, kinds ...string) []*T {
	var found []*T
	for _, kind := range kinds {
		references := ctx.Map.AllReference(kind)
		sortNaturally(references, func(object mo.Reference) string { return object.Reference().Value })
		for _, object := range references {
			if entity := as[T](object); entity != nil {
				found = append(found, entity)
			}
		}
	}
	return found
}

// countInventory counts what the simulator holds, in its own memory: the truth that a reader's counts are held against.
//
// Templates are VMs too. Networks are everything that the API lists as a Network: standard, opaque, and distributed port groups
// with their uplinks. Folders include the root folder and the four hidden ones of each datacenter, but no datastore clusters;
// resource pools include the root pool of each cluster or standalone host, but no vApps.
func countInventory(ctx *simulator.Context) map[string]int {
	counts := map[string]int{
		"hosts":              len(ctx.Map.AllReference("HostSystem")),
		"datastores":         len(ctx.Map.AllReference("Datastore")),
		"datastore_clusters": len(ctx.Map.AllReference("StoragePod")),
		"networks":           len(networksOf(ctx)),
		"clusters":           len(ctx.Map.AllReference("ClusterComputeResource")),
		"standalone_hosts":   len(ctx.Map.AllReference("ComputeResource")),
		"folders":            len(ctx.Map.AllReference("Folder")),
		"datacenters":        len(ctx.Map.AllReference("Datacenter")),
		"resource_pools":     len(ctx.Map.AllReference("ResourcePool")),
		"vapps":              len(ctx.Map.AllReference("VirtualApp")),
		"switches":           len(switchesOf(ctx)),
	}
	countMachines(ctx, counts)
	countRules(ctx, counts)
	return counts
}

func networksOf(ctx *simulator.Context) []*mo.Network {
	return objectsOf[mo.Network](ctx, "Network", "OpaqueNetwork", "DistributedVirtualPortgroup")
}

func switchesOf(ctx *simulator.Context) []*mo.DistributedVirtualSwitch {
	return objectsOf[mo.DistributedVirtualSwitch](ctx, "DistributedVirtualSwitch", "VmwareDistributedVirtualSwitch")
}

func clustersOf(ctx *simulator.Context) []*mo.ClusterComputeResource {
	return objectsOf[mo.ClusterComputeResource](ctx, "ClusterComputeResource")
}

func machinesOf(ctx *simulator.Context) []*mo.VirtualMachine {
	return objectsOf[mo.VirtualMachine](ctx, "VirtualMachine")
}

// countMachines adds the VMs and what they are made of.
func countMachines(ctx *simulator.Context, counts map[string]int) {
	for _, key := range []string{"vms", "templates", "disks", "nics", "snapshots", "partitions", "usb", "removable_media", "powered_on"} {
		counts[key] = 0
	}
	for _, vm := range machinesOf(ctx) {
		counts["vms"]++
		if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
			counts["powered_on"]++
		}
		if vm.Snapshot != nil {
			counts["snapshots"] += treeSize(vm.Snapshot.RootSnapshotList)
		}
		if vm.Guest != nil {
			counts["partitions"] += len(vm.Guest.Disk)
		}
		if vm.Config == nil {
			continue
		}
		if vm.Config.Template {
			counts["templates"]++
		}
		for _, device := range vm.Config.Hardware.Device {
			if key := countedAs(device); key != "" {
				counts[key]++
			}
		}
	}
}

func treeSize(trees []types.VirtualMachineSnapshotTree) int {
	size := len(trees)
	for _, tree := range trees {
		size += treeSize(tree.ChildSnapshotList)
	}
	return size
}

// countedAs says what a device counts as; empty for those that have no count of their own.
func countedAs(device types.BaseVirtualDevice) string {
	switch device.(type) {
	case *types.VirtualDisk:
		return "disks"
	case *types.VirtualUSB, *types.VirtualUSBController, *types.VirtualUSBXHCIController:
		return "usb"
	case *types.VirtualCdrom, *types.VirtualFloppy:
		return "removable_media"
	}
	if _, ok := device.(types.BaseVirtualEthernetCard); ok {
		return "nics"
	}
	return ""
}

// countRules adds the DRS rules and groups of all clusters.
func countRules(ctx *simulator.Context, counts map[string]int) {
	counts["drs_rules"], counts["drs_groups"] = 0, 0
	for _, cluster := range clustersOf(ctx) {
		if config := configOf(cluster); config != nil {
			counts["drs_rules"] += len(config.Rule)
			counts["drs_groups"] += len(config.Group)
		}
	}
}

// configOf is a cluster's configuration; nil when it has none.
func configOf(cluster *mo.ClusterComputeResource) *types.ClusterConfigInfoEx {
	config, _ := cluster.ConfigurationEx.(*types.ClusterConfigInfoEx)
	return config
}

// classOf is the vSphere class of a device, such as VirtualUSBXHCIController.
func classOf(device any) string {
	name := reflect.TypeOf(device).String()
	return name[strings.LastIndex(name, ".")+1:]
}
