// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"net"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// labelOf is the label of a device in the client; summaryOf is the client's line about it.
func labelOf(device *types.VirtualDevice) string {
	if device.DeviceInfo == nil {
		return ""
	}
	return device.DeviceInfo.GetDescription().Label
}

func summaryOf(device *types.VirtualDevice) string {
	if device.DeviceInfo == nil {
		return ""
	}
	return device.DeviceInfo.GetDescription().Summary
}

// capacityOf is the size of a disk in bytes: older servers give kibibytes alone.
func capacityOf(disk *types.VirtualDisk) int64 {
	if disk.CapacityInBytes != 0 {
		return disk.CapacityInBytes
	}
	return disk.CapacityInKB * 1024
}

// writeDisks writes a row of vDisk for each disk of the VM.
func (e *export) writeDisks(vm *machine) error {
	for _, device := range vm.devices {
		disk, ok := device.(*types.VirtualDisk)
		if !ok {
			continue
		}
		cells := row{
			"Disk": labelOf(&disk.VirtualDevice), "Disk Key": number(disk.Key), "Disk Path": mountsOn(vm, disk.Key),
			"Capacity MiB": inMiB(capacityOf(disk)), "Raw": false, "Unit #": disk.UnitNumber, "Internal Sort Column": vm.name + labelOf(&disk.VirtualDevice),
		}
		cells.with(backingCells(disk.Backing), controllerCells(vm.devices, disk.ControllerKey))
		if allocation := disk.StorageIOAllocation; allocation != nil {
			cells.with(row{"Reservation": allocation.Reservation, "Limit": allocation.Limit})
			if allocation.Shares != nil {
				cells.with(row{"Level": string(allocation.Shares.Level), "Shares": allocation.Shares.Shares})
			}
		}
		if err := e.addFor("vDisk", vm, cells); err != nil {
			return err
		}
	}
	return nil
}

// mountsOn lists the guest's file systems that lie on a disk, as VMware Tools reports them.
func mountsOn(vm *machine, key int32) string {
	var paths []string
	for _, disk := range vm.guest.Disk {
		if slices.ContainsFunc(disk.Mappings, func(mapping types.GuestInfoVirtualDiskMapping) bool { return mapping.Key == key }) {
			paths = append(paths, disk.DiskPath)
		}
	}
	return strings.Join(paths, ", ")
}

func backingCells(backing types.BaseVirtualDeviceBackingInfo) row {
	switch file := backing.(type) {
	case *types.VirtualDiskFlatVer2BackingInfo:
		return row{
			"Path": file.FileName, "Disk Mode": file.DiskMode, "Sharing mode": sharingOf(file.Sharing), "Disk UUID": file.Uuid,
			"Thin": file.ThinProvisioned, "Eagerly Scrub": file.EagerlyScrub, "Split": file.Split, "Write Through": file.WriteThrough,
		}
	case *types.VirtualDiskSeSparseBackingInfo:
		return row{
			"Path": file.FileName, "Disk Mode": file.DiskMode, "Sharing mode": sharingOf(""), "Disk UUID": file.Uuid, "Thin": true,
			"Eagerly Scrub": false, "Split": false, "Write Through": file.WriteThrough,
		}
	case *types.VirtualDiskRawDiskMappingVer1BackingInfo:
		return row{
			"Path": file.FileName, "Disk Mode": file.DiskMode, "Sharing mode": sharingOf(file.Sharing), "Disk UUID": file.Uuid, "Raw": true,
			"Raw LUN ID": file.LunUuid, "Raw Comp. Mode": file.CompatibilityMode,
		}
	}
	if file, ok := backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
		return row{"Path": file.GetVirtualDeviceFileBackingInfo().FileName}
	}
	return nil
}

// sharingOf is a disk's sharing mode; servers leave it out for disks that are not shared.
func sharingOf(mode string) string {
	if mode == "" {
		return string(types.VirtualDiskSharingSharingNone)
	}
	return mode
}

// controllerCells are the columns about the controller of a disk.
func controllerCells(devices []types.BaseVirtualDevice, key int32) row {
	for _, device := range devices {
		base := device.GetVirtualDevice()
		if base.Key != key {
			continue
		}
		// What follows is a matter of SCSI; for disks on other controllers the columns stay blank.
		cells := row{"Controller": summaryOf(base), "Label": labelOf(base)}
		if scsi, ok := device.(types.BaseVirtualSCSIController); ok {
			controller := scsi.GetVirtualSCSIController()
			cells.with(row{"Shared Bus": string(controller.SharedBus), "SCSI Unit #": controller.ScsiCtlrUnitNumber})
		}
		return cells
	}
	return nil
}

// writePartitions writes a row of vPartition for each file system that VMware Tools reports.
func (e *export) writePartitions(vm *machine) error {
	for _, disk := range vm.guest.Disk {
		var keys []string
		for _, mapping := range disk.Mappings {
			keys = append(keys, number(mapping.Key))
		}
		capacity, free := inMiB(disk.Capacity), inMiB(disk.FreeSpace)
		cells := row{
			"Disk Key": strings.Join(keys, ", "), "Disk": disk.DiskPath, "Capacity MiB": capacity, "Consumed MiB": capacity - free,
			"Free MiB": free, "Free %": share(free, capacity), "Internal Sort Column": vm.name + disk.DiskPath,
		}
		if err := e.addFor("vPartition", vm, cells); err != nil {
			return err
		}
	}
	return nil
}

// adapterNames are RVTools' words for the classes of network adapters.
var adapterNames = map[string]string{
	"VirtualVmxnet3": "Vmxnet3", "VirtualVmxnet2": "Vmxnet2", "VirtualVmxnet": "Vmxnet", "VirtualE1000": "E1000", "VirtualE1000e": "E1000e",
	"VirtualPCNet32": "PCNet32", "VirtualSriovEthernetCard": "SriovEthernetCard", "VirtualVmxnet3Vrdma": "Vmxnet3Vrdma",
}

// writeAdapters writes a row of vNetwork for each network adapter of the VM.
func (e *export) writeAdapters(vm *machine) error {
	for _, device := range vm.devices {
		base, ok := device.(types.BaseVirtualEthernetCard)
		if !ok {
			continue
		}
		card := base.GetVirtualEthernetCard()
		network, upon := e.attachment(vm, card)
		four, six := addressesOf(vm, card.Key)
		cells := row{
			"NIC label": labelOf(&card.VirtualDevice), "Adapter": adapterNames[classOf(device)], "Network": network, "Switch": upon,
			"Mac Address": card.MacAddress, "Type": strings.ToLower(card.AddressType), "IPv4 Address": strings.Join(four, ", "),
			"IPv6 Address": strings.Join(six, ", "), "Direct Path IO": card.UptCompatibilityEnabled,
			"Internal Sort Column": vm.name + labelOf(&card.VirtualDevice), "Connected": false, "Starts Connected": false,
		}
		if state := card.Connectable; state != nil {
			cells.with(row{"Connected": state.Connected, "Starts Connected": state.StartConnected})
		}
		if err := e.addFor("vNetwork", vm, cells); err != nil {
			return err
		}
	}
	return nil
}

// addressesOf are the addresses that VMware Tools reports for an adapter.
func addressesOf(vm *machine, key int32) (four, six []string) {
	for _, nic := range vm.guest.Net {
		if nic.DeviceConfigId != key {
			continue
		}
		for _, address := range nic.IpAddress {
			if parsed := net.ParseIP(address); parsed != nil && parsed.To4() != nil {
				four = append(four, address)
			} else {
				six = append(six, address)
			}
		}
	}
	return four, six
}

// attachment names the network that an adapter is on, and its virtual switch.
func (e *export) attachment(vm *machine, card *types.VirtualEthernetCard) (network, upon string) {
	switch backing := card.Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		network = backing.DeviceName
		if found := nameOf(e.ctx, backing.Network); found != "" {
			network = found
		}
		return network, e.standardSwitch(vm, network)
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		group := types.ManagedObjectReference{Type: "DistributedVirtualPortgroup", Value: backing.Port.PortgroupKey}
		found := as[mo.DistributedVirtualPortgroup](e.ctx.Map.Get(group))
		if found == nil {
			return "", ""
		}
		if parent := found.Config.DistributedVirtualSwitch; parent != nil {
			upon = e.switchOf[parent.Value]
		}
		return nameOf(e.ctx, &found.Self), upon
	case *types.VirtualEthernetCardOpaqueNetworkBackingInfo:
		for _, found := range objectsOf[mo.OpaqueNetwork](e.ctx, "OpaqueNetwork") {
			if summary, ok := found.Summary.(*types.OpaqueNetworkSummary); ok && summary.OpaqueNetworkId == backing.OpaqueNetworkId {
				return nameOf(e.ctx, &found.Self), ""
			}
		}
	}
	return "", ""
}

// standardSwitch is the switch of the VM's host that has a port group of this name.
func (e *export) standardSwitch(vm *machine, network string) string {
	if vm.Runtime.Host == nil {
		return ""
	}
	host := as[mo.HostSystem](e.ctx.Map.Get(*vm.Runtime.Host))
	if host == nil || host.Config == nil || host.Config.Network == nil {
		return ""
	}
	for _, group := range host.Config.Network.Portgroup {
		if group.Spec.Name == network {
			return group.Spec.VswitchName
		}
	}
	return ""
}

// writeDrives writes the VM's rows of vCD and vFloppy.
func (e *export) writeDrives(vm *machine) error {
	for _, device := range vm.devices {
		tab := ""
		switch device.(type) {
		case *types.VirtualCdrom:
			tab = "vCD"
		case *types.VirtualFloppy:
			tab = "vFloppy"
		default:
			continue
		}
		base := device.GetVirtualDevice()
		cells := row{"Device Node": labelOf(base), "Device Type": summaryOf(base), "Connected": false, "Starts Connected": false}
		if state := base.Connectable; state != nil {
			cells.with(row{"Connected": state.Connected, "Starts Connected": state.StartConnected})
		}
		if err := e.addFor(tab, vm, cells); err != nil {
			return err
		}
	}
	return nil
}

// writeUsb writes a row of vUSB for each USB controller and each USB device of the VM.
func (e *export) writeUsb(vm *machine) error {
	for _, device := range vm.devices {
		base := device.GetVirtualDevice()
		cells := row{"Device Node": labelOf(base), "Device Type": classOf(device)}
		if base.UnitNumber != nil {
			cells["Unit number"] = *base.UnitNumber
		}
		if state := base.Connectable; state != nil {
			cells["Connected"] = state.Connected
		}
		switch usb := device.(type) {
		case *types.VirtualUSBController:
			cells.with(row{"EHCI enabled": usb.EhciEnabled, "Auto connect": usb.AutoConnectDevices, "Bus number": usb.BusNumber})
		case *types.VirtualUSBXHCIController:
			cells.with(row{"Auto connect": usb.AutoConnectDevices, "Bus number": usb.BusNumber})
		case *types.VirtualUSB:
			cells.with(row{"Connected": usb.Connected, "Family": strings.Join(usb.Family, ", "), "Speed": strings.Join(usb.Speed, ", ")})
		default:
			continue
		}
		if err := e.addFor("vUSB", vm, cells); err != nil {
			return err
		}
	}
	return nil
}
