// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// seedNetworks adds the standard port groups of the hosts and a distributed switch with its port groups.
func (w *world) seedNetworks(s *site) {
	var members []reference
	for _, host := range s.hosts {
		members = append(members, host.Self)
	}
	for _, plan := range standardPlans {
		if _, known := s.networks[plan.name]; known {
			continue
		}
		network := &mo.Network{}
		network.Self = w.id("Network", "network-")
		network.Name = plan.name
		network.ManagedEntity.Name = plan.name
		network.Host = members
		network.Summary = &types.NetworkSummary{Network: ptr(network.Self), Name: plan.name, Accessible: true}
		w.attachNetwork(s, s.folders["network"], network, network.Self)
		s.standard[plan.name] = network
		w.put(network)
	}
	if w.registry.IsESX() {
		return
	}
	w.newSegment(s, members)
	w.newSwitch(s, members)
	for _, plan := range portgroupPlans {
		w.newPortgroup(s, plan, members)
	}
	s.dvs.Summary.PortgroupName = nil
	for _, group := range s.dvs.Portgroup {
		s.dvs.Summary.PortgroupName = append(s.dvs.Summary.PortgroupName, w.registry.Get(group).(*simulator.DistributedVirtualPortgroup).Name)
	}
}

// newSegment adds a segment of NSX, which the API shows as an opaque network.
func (w *world) newSegment(s *site, members []reference) {
	segment := &mo.OpaqueNetwork{}
	segment.Self = w.id("OpaqueNetwork", "network-o")
	segment.Name, segment.ManagedEntity.Name = segmentName, segmentName
	segment.Host = members
	segment.Summary = &types.OpaqueNetworkSummary{
		NetworkSummary:  types.NetworkSummary{Network: ptr(segment.Self), Name: segmentName, Accessible: true},
		OpaqueNetworkId: w.uuid("segment", s.dc.Name), OpaqueNetworkType: "nsx.LogicalSwitch",
	}
	segment.Capability = &types.OpaqueNetworkCapability{NetworkReservationSupported: false}
	w.attachNetwork(s, s.folders["network"], segment, segment.Self)
	w.put(segment)
}

// attachNetwork notes a network where the API lists it: folder, datacenter, clusters, hosts.
func (w *world) attachNetwork(s *site, folder *simulator.Folder, entity mo.Entity, self reference) {
	entity.Entity().Parent = ptr(folder.Self)
	folder.ChildEntity = append(folder.ChildEntity, self)
	s.dc.Network = append(s.dc.Network, self)
	for _, host := range s.hosts {
		host.Network = append(host.Network, self)
	}
	for _, c := range s.computes {
		if c.cluster != nil {
			c.cluster.Network = append(c.cluster.Network, self)
		} else {
			c.alone.Network = append(c.alone.Network, self)
		}
	}
	s.networks[entityName(entity)] = self
}

func (w *world) newSwitch(s *site, members []reference) {
	name := fmt.Sprintf("dvs-prod-%d", len(w.datacenters))
	dvs := &mo.VmwareDistributedVirtualSwitch{}
	dvs.Self = w.id("VmwareDistributedVirtualSwitch", "dvs-")
	dvs.Name = name
	dvs.Uuid = w.uuid("dvs", s.dc.Name)
	folder := s.folders["network"]
	dvs.Parent = ptr(folder.Self)
	folder.ChildEntity = append(folder.ChildEntity, dvs.Self)
	config := &types.VMwareDVSConfigInfo{MaxMtu: 9000, LinkDiscoveryProtocolConfig: &types.LinkDiscoveryProtocolConfig{Protocol: "cdp", Operation: "listen"}}
	config.Uuid, config.Name = dvs.Uuid, name
	config.NumPorts, config.MaxPorts, config.NumStandalonePorts = int32(64*len(portgroupPlans)), 2147483647, 0
	config.UplinkPortPolicy = &types.DVSNameArrayUplinkPortPolicy{UplinkPortName: []string{"Uplink 1", "Uplink 2"}}
	config.DefaultPortConfig = portSetting(portgroupPlan{})
	config.ProductInfo = types.DistributedVirtualSwitchProductSpec{
		Name: "DVS", Vendor: "VMware, Inc.", Version: "8.0.0", Build: "24280767", ForwardingClass: "etherswitch",
	}
	config.CreateTime = captured.AddDate(-3, 0, 0)
	for _, host := range members {
		config.Host = append(config.Host, types.DistributedVirtualSwitchHostMember{
			Config: types.DistributedVirtualSwitchHostMemberConfigInfo{
				Host: ptr(host), MaxProxySwitchPorts: 512, Backing: &types.DistributedVirtualSwitchHostMemberPnicBacking{
					PnicSpec: []types.DistributedVirtualSwitchHostMemberPnicSpec{{PnicDevice: "vmnic1"}, {PnicDevice: "vmnic2"}},
				},
			},
			Status: "up",
		})
	}
	for _, entry := range []struct {
		secondary int32
		kind      string
	}{{500, "promiscuous"}, {501, "isolated"}, {502, "community"}} {
		config.PvlanConfig = append(config.PvlanConfig, types.VMwareDVSPvlanMapEntry{
			PrimaryVlanId: 500, SecondaryVlanId: entry.secondary, PvlanType: entry.kind,
		})
	}
	dvs.Config = config
	dvs.Summary = types.DVSSummary{
		Name: name, Uuid: dvs.Uuid, NumPorts: config.NumPorts, ProductInfo: &config.ProductInfo, HostMember: members, NumHosts: int32(len(members)),
	}
	s.dvs = dvs
	w.put(dvs)
}

func (w *world) newPortgroup(s *site, plan portgroupPlan, members []reference) {
	group := &simulator.DistributedVirtualPortgroup{}
	group.Self = w.id("DistributedVirtualPortgroup", "dvportgroup-")
	name := escapeName(plan.name)
	if plan.uplink {
		name = s.dvs.Name + "-DVUplinks-" + s.dvs.Self.Value[len("dvs-"):]
	}
	group.Name, group.ManagedEntity.Name = name, name
	group.Key = group.Self.Value
	group.Host = members
	group.Summary = &types.NetworkSummary{Network: ptr(group.Self), Name: name, Accessible: true}
	group.Config = types.DVPortgroupConfigInfo{
		Key: group.Key, Name: name, NumPorts: 64, DistributedVirtualSwitch: ptr(s.dvs.Self), DefaultPortConfig: portSetting(plan),
		Type: "earlyBinding", BackingType: "standard", AutoExpand: ptr(true), Uplink: ptr(plan.uplink), ConfigVersion: "1",
		Policy: &types.VMwareDVSPortgroupPolicy{DVPortgroupPolicy: types.DVPortgroupPolicy{
			BlockOverrideAllowed: true, ShapingOverrideAllowed: false, VendorConfigOverrideAllowed: false, LivePortMovingAllowed: false,
			PortConfigResetAtDisconnect: true,
		}},
	}
	s.dvs.Portgroup = append(s.dvs.Portgroup, group.Self)
	w.attachNetwork(s, s.folders["network"], group, group.Self)
	s.networks[plan.name] = group.Self
	if plan.uplink {
		uplinks := s.dvs.Config.(*types.VMwareDVSConfigInfo)
		uplinks.UplinkPortgroup = append(uplinks.UplinkPortgroup, group.Self)
	}
	s.portgroup[plan.name] = group
	w.put(group)
}

func portSetting(plan portgroupPlan) *types.VMwareDVSPortSetting {
	own := func(value bool) *types.BoolPolicy {
		return &types.BoolPolicy{InheritablePolicy: types.InheritablePolicy{Inherited: !value}, Value: ptr(value)}
	}
	setting := &types.VMwareDVSPortSetting{
		SecurityPolicy: &types.DVSSecurityPolicy{
			AllowPromiscuous: own(plan.promiscuous), MacChanges: own(plan.changes), ForgedTransmits: own(plan.forged),
		},
		MacManagementPolicy: &types.DVSMacManagementPolicy{
			AllowPromiscuous: ptr(plan.promiscuous), MacChanges: ptr(plan.changes), ForgedTransmits: ptr(plan.forged),
		},
	}
	switch {
	case plan.trunk != nil:
		trunk := &types.VmwareDistributedVirtualSwitchTrunkVlanSpec{}
		for _, span := range plan.trunk {
			trunk.VlanId = append(trunk.VlanId, types.NumericRange{Start: span[0], End: span[1]})
		}
		setting.Vlan = trunk
	case plan.private != 0:
		setting.Vlan = &types.VmwareDistributedVirtualSwitchPvlanSpec{PvlanId: plan.private}
	default:
		setting.Vlan = &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: plan.vlan}
	}
	return setting
}
