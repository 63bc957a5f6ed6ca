// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// writeStores writes vDatastore.
func (e *export) writeStores() error {
	for _, store := range objectsOf[mo.Datastore](e.ctx, "Datastore") {
		summary := store.Summary
		capacity, free := inMiB(summary.Capacity), inMiB(summary.FreeSpace)
		var hosts []string
		for _, mount := range store.Host {
			hosts = append(hosts, nameOf(e.ctx, &mount.Key))
		}
		slices.Sort(hosts)
		cells := row{
			"Name": nameOf(e.ctx, &store.Self), "Config status": string(store.ConfigStatus), "Address": addressOf(store.Info), "Accessible": summary.Accessible,
			"Type": summary.Type, "# VMs total": len(store.Vm), "# VMs": len(store.Vm), "Capacity MiB": capacity,
			"Provisioned MiB": inMiB(summary.Capacity - summary.FreeSpace + summary.Uncommitted), "In Use MiB": capacity - free, "Free MiB": free,
			"Free %": share(free, capacity), "# Hosts": len(store.Host), "Hosts": strings.Join(hosts, ", "), "MHA": summary.MultipleHostAccess,
			"URL": summary.Url, "Object ID": store.Self.Value,
		}
		if control := store.IormConfiguration; control != nil {
			cells.with(row{"SIOC enabled": control.Enabled, "SIOC Threshold": control.CongestionThreshold})
		}
		if info, ok := store.Info.(*types.VmfsDatastoreInfo); ok && info.Vmfs != nil {
			cells.with(row{
				"Block size": info.Vmfs.BlockSizeMb, "Max Blocks": info.Vmfs.MaxBlocks, "# Extents": len(info.Vmfs.Extent),
				"Major Version": info.Vmfs.MajorVersion, "Version": info.Vmfs.Version, "VMFS Upgradeable": info.Vmfs.VmfsUpgradable,
			})
		}
		cells.with(e.podCells(store.Parent))
		if err := e.add("vDatastore", cells); err != nil {
			return err
		}
	}
	return nil
}

// podCells are the columns about the datastore cluster that a datastore is in.
func (e *export) podCells(parent *types.ManagedObjectReference) row {
	if parent == nil || parent.Type != "StoragePod" {
		return nil
	}
	cells := row{"Cluster name": nameOf(e.ctx, parent)}
	if pod := as[mo.StoragePod](e.ctx.Map.Get(*parent)); pod != nil && pod.Summary != nil {
		cells.with(row{"Cluster capacity MiB": inMiB(pod.Summary.Capacity), "Cluster free space MiB": inMiB(pod.Summary.FreeSpace)})
	}
	return cells
}

// addressOf is what stands behind a datastore: the devices of a VMFS volume, the export of an NFS one.
func addressOf(info types.BaseDatastoreInfo) string {
	switch store := info.(type) {
	case *types.VmfsDatastoreInfo:
		var devices []string
		if store.Vmfs != nil {
			for _, extent := range store.Vmfs.Extent {
				devices = append(devices, extent.DiskName)
			}
		}
		return strings.Join(devices, ", ")
	case *types.NasDatastoreInfo:
		if store.Nas != nil {
			return store.Nas.RemoteHost + ":" + store.Nas.RemotePath
		}
	}
	return ""
}

// writePools writes vRP.
func (e *export) writePools() error {
	for _, pool := range objectsOf[mo.ResourcePool](e.ctx, "ResourcePool") {
		cells := row{
			"Resource Pool name": nameOf(e.ctx, &pool.Self), "Resource Pool path": e.poolPath(&pool.Self), "Status": string(pool.Runtime.OverallStatus),
			"# VMs total": len(pool.Vm), "Object ID": pool.Self.Value,
			"CPU maxUsage": pool.Runtime.Cpu.MaxUsage, "CPU overallUsage": pool.Runtime.Cpu.OverallUsage,
			"CPU reservationUsed": pool.Runtime.Cpu.ReservationUsed, "CPU reservationUsedForVm": pool.Runtime.Cpu.ReservationUsedForVm,
			"CPU unreservedForPool": pool.Runtime.Cpu.UnreservedForPool, "CPU unreservedForVm": pool.Runtime.Cpu.UnreservedForVm,
			"Mem maxUsage": pool.Runtime.Memory.MaxUsage, "Mem overallUsage": pool.Runtime.Memory.OverallUsage,
			"Mem reservationUsed": pool.Runtime.Memory.ReservationUsed, "Mem reservationUsedForVm": pool.Runtime.Memory.ReservationUsedForVm,
			"Mem unreservedForPool": pool.Runtime.Memory.UnreservedForPool, "Mem unreservedForVm": pool.Runtime.Memory.UnreservedForVm,
		}
		cells.with(poolCells("CPU", pool.Config.CpuAllocation), poolCells("Mem", pool.Config.MemoryAllocation))
		if err := e.add("vRP", cells); err != nil {
			return err
		}
	}
	return nil
}

func poolCells(what string, allocation types.ResourceAllocationInfo) row {
	cells := row{what + " limit": allocation.Limit, what + " reservation": allocation.Reservation, what + " expandableReservation": allocation.ExpandableReservation}
	if shares := allocation.Shares; shares != nil {
		cells.with(row{what + " level": string(shares.Level), what + " shares": shares.Shares})
	}
	return cells
}

// writeClusters writes vCluster.
func (e *export) writeClusters() error {
	for _, cluster := range clustersOf(e.ctx) {
		cells := row{
			"Name": nameOf(e.ctx, &cluster.Self), "Config status": string(cluster.ConfigStatus), "OverallStatus": string(cluster.OverallStatus),
			"Object ID": cluster.Self.Value,
		}
		if cluster.Summary != nil {
			summary := cluster.Summary.GetComputeResourceSummary()
			cells.with(row{
				"NumHosts": summary.NumHosts, "numEffectiveHosts": summary.NumEffectiveHosts, "TotalCpu": summary.TotalCpu, "NumCpuCores": summary.NumCpuCores,
				"NumCpuThreads": summary.NumCpuThreads, "Effective Cpu": summary.EffectiveCpu, "TotalMemory": inMiB(summary.TotalMemory),
				"Effective Memory": summary.EffectiveMemory,
			})
		}
		if summary, ok := cluster.Summary.(*types.ClusterComputeResourceSummary); ok {
			cells["Num VMotions"] = summary.NumVmotions
		}
		if config := configOf(cluster); config != nil {
			cells.with(availability(config.DasConfig), distribution(config))
		}
		if err := e.add("vCluster", cells); err != nil {
			return err
		}
	}
	return nil
}

func availability(config types.ClusterDasConfigInfo) row {
	cells := row{
		"HA enabled": config.Enabled, "Failover Level": config.FailoverLevel, "AdmissionControlEnabled": config.AdmissionControlEnabled,
		"Host monitoring": config.HostMonitoring, "HB Datastore Candidate Policy": config.HBDatastoreCandidatePolicy, "VM Monitoring": config.VmMonitoring,
	}
	if settings := config.DefaultVmSettings; settings != nil {
		cells.with(row{"Isolation Response": settings.IsolationResponse, "Restart Priority": settings.RestartPriority})
		if tools := settings.VmToolsMonitoringSettings; tools != nil {
			cells.with(row{
				"Cluster Settings": tools.ClusterSettings, "Max Failures": tools.MaxFailures, "Max Failure Window": tools.MaxFailureWindow,
				"Failure Interval": tools.FailureInterval, "Min Up Time": tools.MinUpTime,
			})
		}
	}
	return cells
}

func distribution(config *types.ClusterConfigInfoEx) row {
	cells := row{
		"DRS enabled": config.DrsConfig.Enabled, "DRS default VM behavior": string(config.DrsConfig.DefaultVmBehavior),
		"DRS vmotion rate": config.DrsConfig.VmotionRate, "DPM enabled": false,
	}
	if power := config.DpmConfigInfo; power != nil {
		cells.with(row{
			"DPM enabled": power.Enabled, "DPM default behavior": string(power.DefaultDpmBehavior), "DPM Host Power Action Rate": power.HostPowerActionRate,
		})
	}
	return cells
}
