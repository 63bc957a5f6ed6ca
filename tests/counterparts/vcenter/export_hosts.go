// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// writeHosts writes vHost, and the standard switches and port groups of each host to vSwitch and vPort.
func (e *export) writeHosts() error {
	for _, host := range objectsOf[mo.HostSystem](e.ctx, "HostSystem") {
		where := row{
			"Host": nameOf(e.ctx, &host.Self), "Datacenter": e.nearest(host.Parent, "Datacenter"),
			"Cluster": e.nearest(host.Parent, "ClusterComputeResource"),
		}
		cells := row{"Object ID": host.Self.Value}
		cells.with(where, hostStateCells(host), hostHardwareCells(host), e.hostLoadCells(host), e.hostConfigCells(host))
		if err := e.add("vHost", cells); err != nil {
			return err
		}
		if host.Config == nil || host.Config.Network == nil {
			continue
		}
		for _, found := range host.Config.Network.Vswitch {
			cells := row{"Switch": found.Name, "# Ports": found.NumPorts, "Free Ports": found.NumPortsAvailable, "MTU": found.Mtu}
			if err := e.add("vSwitch", cells.with(where, policyCells(found.Spec.Policy))); err != nil {
				return err
			}
		}
		for _, group := range host.Config.Network.Portgroup {
			cells := row{"Port Group": group.Spec.Name, "Switch": group.Spec.VswitchName, "VLAN": number(group.Spec.VlanId)}
			if err := e.add("vPort", cells.with(where, policyCells(&group.ComputedPolicy))); err != nil {
				return err
			}
		}
	}
	return nil
}

func hostStateCells(host *mo.HostSystem) row {
	cells := row{
		"Config status": string(host.ConfigStatus), "in Maintenance Mode": host.Runtime.InMaintenanceMode, "in Quarantine Mode": host.Runtime.InQuarantineMode,
		"Boot time": host.Runtime.BootTime, "Current EVC": host.Summary.CurrentEVCModeKey, "Max EVC": host.Summary.MaxEVCModeKey,
	}
	if product := host.Summary.Config.Product; product != nil {
		cells["ESX Version"] = product.FullName
	}
	if capability := host.Capability; capability != nil {
		cells.with(row{"VMotion support": capability.VmotionSupported, "Storage VMotion support": capability.StorageVMotionSupported})
	}
	return cells
}

func hostHardwareCells(host *mo.HostSystem) row {
	summary := host.Summary.Hardware
	if summary == nil {
		return nil
	}
	cells := row{
		"CPU Model": summary.CpuModel, "Speed": summary.CpuMhz, "# CPU": summary.NumCpuPkgs, "# Cores": summary.NumCpuCores,
		"# Memory": inMiB(summary.MemorySize), "# NICs": summary.NumNics, "# HBAs": summary.NumHBAs, "Vendor": summary.Vendor, "Model": summary.Model,
		"UUID": summary.Uuid, "HT Available": summary.NumCpuThreads > summary.NumCpuCores, "HT Active": summary.NumCpuThreads > summary.NumCpuCores,
	}
	if summary.NumCpuPkgs > 0 {
		cells["Cores per CPU"] = int(summary.NumCpuCores) / int(summary.NumCpuPkgs)
	}
	stats := host.Summary.QuickStats
	cells["CPU usage %"] = share(int64(stats.OverallCpuUsage), int64(summary.CpuMhz)*int64(summary.NumCpuCores))
	cells["Memory usage %"] = share(int64(stats.OverallMemoryUsage), inMiB(summary.MemorySize))
	if bios := host.Hardware; bios != nil && bios.BiosInfo != nil {
		cells.with(row{"BIOS Vendor": bios.BiosInfo.Vendor, "BIOS Version": bios.BiosInfo.BiosVersion, "BIOS Date": bios.BiosInfo.ReleaseDate})
	}
	return cells
}

// hostLoadCells are the sums over the host's VMs.
func (e *export) hostLoadCells(host *mo.HostSystem) row {
	running, processors, memory := 0, int32(0), int32(0)
	for _, reference := range host.Vm {
		vm := as[mo.VirtualMachine](e.ctx.Map.Get(reference))
		if vm == nil || vm.Config == nil || vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
			continue
		}
		running++
		processors += vm.Config.Hardware.NumCPU
		memory += vm.Config.Hardware.MemoryMB
	}
	return row{"# VMs total": len(host.Vm), "# VMs": running, "# vCPUs": processors, "vRAM": memory}
}

func (e *export) hostConfigCells(host *mo.HostSystem) row {
	cells := row{"Assigned License(s)": e.licenseOf(host.Self)}
	if host.Config == nil || host.Config.Network == nil || host.Config.Network.DnsConfig == nil {
		return cells
	}
	dns := host.Config.Network.DnsConfig.GetHostDnsConfig()
	return cells.with(row{
		"DNS Servers": strings.Join(dns.Address, ", "), "DHCP": dns.Dhcp, "Domain": dns.DomainName, "DNS Search Order": strings.Join(dns.SearchDomain, ", "),
	})
}

// licenseOf is the name of the licence that is assigned to a host.
func (e *export) licenseOf(host types.ManagedObjectReference) string {
	for _, manager := range objectsOf[simulator.LicenseAssignmentManager](e.ctx, "LicenseAssignmentManager") {
		for _, assignment := range manager.QueryAssignedLicensesResponse.Returnval {
			if assignment.EntityId == host.Value {
				return assignment.AssignedLicense.Name
			}
		}
	}
	return ""
}

// policyCells are the columns about security and load balancing of a standard switch or port group.
func policyCells(policy *types.HostNetworkPolicy) row {
	cells := row{}
	if policy == nil {
		return cells
	}
	if security := policy.Security; security != nil {
		cells.with(row{"Promiscuous Mode": security.AllowPromiscuous, "Mac Changes": security.MacChanges, "Forged Transmits": security.ForgedTransmits})
	}
	if teaming := policy.NicTeaming; teaming != nil {
		cells.with(row{
			"Policy": teaming.Policy, "Reverse Policy": teaming.ReversePolicy, "Notify Switch": teaming.NotifySwitches, "Rolling Order": teaming.RollingOrder,
		})
	}
	if shaping := policy.ShapingPolicy; shaping != nil {
		cells.with(row{
			"Traffic Shaping": shaping.Enabled, "Width": shaping.AverageBandwidth, "Peak": shaping.PeakBandwidth, "Burst": shaping.BurstSize,
		})
	}
	if offload := policy.OffloadPolicy; offload != nil {
		cells.with(row{"Offload": offload.CsumOffload, "TSO": offload.TcpSegmentation, "Zero Copy Xmit": offload.ZeroCopyXmit})
	}
	return cells
}

// writeNetworks writes dvSwitch and dvPort.
func (e *export) writeNetworks() error {
	for _, found := range switchesOf(e.ctx) {
		name := nameOf(e.ctx, &found.Self)
		cells := row{
			"Switch": name, "Name": name, "Datacenter": e.nearest(found.Parent, "Datacenter"), "Host members": len(found.Summary.HostMember),
			"# Ports": found.Summary.NumPorts, "Object ID": found.Self.Value, "# VMs": len(found.Summary.Vm), "Description": found.Summary.Description,
		}
		if product := found.Summary.ProductInfo; product != nil {
			cells.with(row{"Vendor": product.Vendor, "Version": product.Version})
		}
		if contact := found.Summary.Contact; contact != nil {
			cells.with(row{"Contact": contact.Contact, "Admin Name": contact.Name})
		}
		if config, ok := found.Config.(*types.VMwareDVSConfigInfo); ok {
			cells.with(row{"Created": config.CreateTime, "Max Ports": config.MaxPorts, "Max MTU": config.MaxMtu})
		}
		if err := e.add("dvSwitch", cells); err != nil {
			return err
		}
	}
	for _, group := range objectsOf[mo.DistributedVirtualPortgroup](e.ctx, "DistributedVirtualPortgroup") {
		cells := row{
			"Port": nameOf(e.ctx, &group.Self), "Type": group.Config.Type, "# Ports": group.Config.NumPorts, "Object ID": group.Self.Value,
		}
		if parent := group.Config.DistributedVirtualSwitch; parent != nil {
			cells["Switch"] = e.switchOf[parent.Value]
		}
		if setting, ok := group.Config.DefaultPortConfig.(*types.VMwareDVSPortSetting); ok {
			cells.with(portCells(setting))
		}
		if err := e.add("dvPort", cells); err != nil {
			return err
		}
	}
	return nil
}

func portCells(setting *types.VMwareDVSPortSetting) row {
	cells := row{"VLAN": vlanOf(setting.Vlan), "Blocked": set(setting.Blocked)}
	if security := setting.SecurityPolicy; security != nil {
		cells.with(row{
			"Allow Promiscuous": set(security.AllowPromiscuous), "Mac Changes": set(security.MacChanges), "Forged Transmits": set(security.ForgedTransmits),
		})
	}
	return cells
}

// set is the value of a policy of a distributed port; blank where it is not given.
func set(policy *types.BoolPolicy) any {
	if policy == nil || policy.Value == nil {
		return nil
	}
	return *policy.Value
}

// vlanOf shows the VLAN of a distributed port group: a number, the ranges of a trunk, or a private VLAN.
func vlanOf(vlan types.BaseVmwareDistributedVirtualSwitchVlanSpec) string {
	switch spec := vlan.(type) {
	case *types.VmwareDistributedVirtualSwitchVlanIdSpec:
		return number(spec.VlanId)
	case *types.VmwareDistributedVirtualSwitchPvlanSpec:
		return "pvlan " + number(spec.PvlanId)
	case *types.VmwareDistributedVirtualSwitchTrunkVlanSpec:
		var ranges []string
		for _, found := range spec.VlanId {
			if found.Start == found.End {
				ranges = append(ranges, number(found.Start))
			} else {
				ranges = append(ranges, number(found.Start)+"-"+number(found.End))
			}
		}
		return strings.Join(ranges, ", ")
	}
	return ""
}
