// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// site is a datacenter while it is filled.
type site struct {
	dc        *simulator.Datacenter
	domain    string
	vmFolder  *simulator.Folder
	folders   map[string]*simulator.Folder
	stores    []*simulator.Datastore
	networks  map[string]reference // port groups by name, of both sorts
	dvs       *mo.VmwareDistributedVirtualSwitch
	computes  []*compute
	hosts     []*simulator.HostSystem
	portgroup map[string]*simulator.DistributedVirtualPortgroup
	standard  map[string]*mo.Network
	nextHost  int
}

// compute is a cluster, or a host that stands alone, while it is filled.
type compute struct {
	site    *site
	plan    clusterPlan
	cluster *simulator.ClusterComputeResource
	alone   *mo.ComputeResource
	hosts   []*simulator.HostSystem
	root    *simulator.ResourcePool
	pools   map[string]*simulator.ResourcePool
	vapps   []*simulator.VirtualApp
}

func (c *compute) ref() reference {
	if c.cluster != nil {
		return c.cluster.Self
	}
	return c.alone.Self
}

func (w *world) newFolder(parent *simulator.Folder, name, prefix string, holds ...string) *simulator.Folder {
	folder := &simulator.Folder{}
	folder.Self = w.id("Folder", prefix)
	folder.Name = name
	folder.ChildType = append([]string{"Folder"}, holds...)
	if parent != nil {
		folder.Parent = ptr(parent.Self)
		parent.ChildEntity = append(parent.ChildEntity, folder.Self)
	}
	w.put(folder)
	return folder
}

// plan sizes the estate: so many hosts, clusters and datacenters for a number of VMs.
func planSize(vms int) (sites, clustersPerSite, hostsPerCluster int) {
	sites = 2
	if vms > 1500 {
		sites = 3
	}
	hosts := max(vms/15, 4)
	if vms > 200 {
		hosts = max(vms/25, 14)
	}
	clustersPerSite = max(2, (hosts+sites*12-1)/(sites*12))
	hostsPerCluster = max(3, hosts/(sites*clustersPerSite))
	return sites, clustersPerSite, hostsPerCluster
}

func (w *world) seedSites(vms int) {
	count, clusters, hosts := planSize(vms)
	plan := 0
	for i := 0; i < count; i++ {
		s := w.newSite(siteNames[(i+int(w.seed-1)*count)%len(siteNames)], i)
		for c := 0; c < clusters; c++ {
			w.newCluster(s, clusterPlans[plan%len(clusterPlans)], plan/len(clusterPlans)+1, hosts)
			plan++
		}
		if i == count-1 {
			w.newStandalone(s)
		}
		w.seedStores(s, vms/count)
		w.seedNetworks(s)
		for _, c := range s.computes {
			w.seedPools(c)
		}
	}
}

func (w *world) newSite(name string, place int) *site {
	parent := w.root
	if place == 1 {
		parent = w.newFolder(w.root, "Europa", "group-d", "Datacenter")
	}
	dc := &simulator.Datacenter{}
	dc.Self = w.id("Datacenter", "datacenter-")
	dc.Name = escapeName(name)
	dc.Parent = ptr(parent.Self)
	parent.ChildEntity = append(parent.ChildEntity, dc.Self)
	w.put(dc)
	s := &site{
		dc: dc, domain: fmt.Sprintf("dc%d.example.com", place+1), folders: map[string]*simulator.Folder{},
		networks: map[string]reference{}, portgroup: map[string]*simulator.DistributedVirtualPortgroup{}, standard: map[string]*mo.Network{},
	}
	fixed := []struct {
		name, prefix string
		field        *reference
		holds        []string
	}{
		{"vm", "group-v", &dc.VmFolder, []string{"VirtualMachine", "VirtualApp"}},
		{"host", "group-h", &dc.HostFolder, []string{"ComputeResource"}},
		{"datastore", "group-s", &dc.DatastoreFolder, []string{"Datastore", "StoragePod"}},
		{"network", "group-n", &dc.NetworkFolder, []string{"Network", "DistributedVirtualSwitch"}},
	}
	for _, f := range fixed {
		folder := w.newFolder(nil, f.name, f.prefix, f.holds...)
		folder.Parent = ptr(dc.Self)
		*f.field = folder.Self
		s.folders[f.name] = folder
	}
	s.vmFolder = s.folders["vm"]
	for _, path := range folderPlans {
		above := s.vmFolder
		name := path
		if i := strings.LastIndex(path, "/"); i >= 0 {
			above, name = s.folders["vm:"+path[:i]], path[i+1:]
		}
		s.folders["vm:"+path] = w.newFolder(above, name, "group-v", "VirtualMachine", "VirtualApp")
	}
	w.datacenters = append(w.datacenters, s)
	return s
}

func (w *world) newCluster(s *site, plan clusterPlan, number, hosts int) {
	cluster := &simulator.ClusterComputeResource{}
	cluster.Self = w.id("ClusterComputeResource", "domain-c")
	cluster.Name = fmt.Sprintf("%s-%02d", plan.name, number)
	parent := s.folders["host"]
	if plan.name == "edge" {
		if s.folders["host:Außenstellen"] == nil {
			s.folders["host:Außenstellen"] = w.newFolder(parent, "Außenstellen", "group-h", "ComputeResource")
		}
		parent = s.folders["host:Außenstellen"]
	}
	cluster.Parent = ptr(parent.Self)
	parent.ChildEntity = append(parent.ChildEntity, cluster.Self)
	cluster.Configuration, cluster.ConfigurationEx = clusterConfig(plan)
	c := &compute{site: s, plan: plan, cluster: cluster, pools: map[string]*simulator.ResourcePool{}}
	s.computes = append(s.computes, c)
	w.put(cluster)
	c.root = w.rootPool(c, &cluster.ComputeResource)
	for i := 0; i < hosts; i++ {
		host := w.newHost(s, serverModels[plan.model], cluster.Self, plan.evc)
		c.hosts = append(c.hosts, host)
		cluster.Host = append(cluster.Host, host.Self)
	}
	summary := &types.ClusterComputeResourceSummary{CurrentFailoverLevel: 1, CurrentEVCModeKey: plan.evc, TargetBalance: 120}
	fillSummary(&summary.ComputeResourceSummary, c.hosts)
	cluster.Summary = summary
}

func clusterConfig(plan clusterPlan) (types.ClusterConfigInfo, *types.ClusterConfigInfoEx) {
	monitoring := "disabled"
	if plan.ha {
		monitoring = "enabled"
	}
	das := types.ClusterDasConfigInfo{
		Enabled: ptr(plan.ha), VmMonitoring: plan.vmMonitoring, HostMonitoring: monitoring, VmComponentProtecting: "disabled",
		FailoverLevel: 1, AdmissionControlEnabled: ptr(plan.admission), HBDatastoreCandidatePolicy: "allFeasibleDsWithUserPreference",
		AdmissionControlPolicy: &types.ClusterFailoverResourcesAdmissionControlPolicy{
			CpuFailoverResourcesPercent: 25, MemoryFailoverResourcesPercent: 25, AutoComputePercentages: ptr(true),
		},
		DefaultVmSettings: &types.ClusterDasVmSettings{RestartPriority: plan.restart, RestartPriorityTimeout: -1, IsolationResponse: "none"},
	}
	drs := types.ClusterDrsConfigInfo{
		Enabled: ptr(plan.drs), EnableVmBehaviorOverrides: ptr(true), DefaultVmBehavior: types.DrsBehavior(plan.drsBehavior), VmotionRate: 3,
	}
	dpmBehavior := plan.dpmBehavior
	if dpmBehavior == "" {
		dpmBehavior = "manual"
	}
	dpm := &types.ClusterDpmConfigInfo{Enabled: ptr(plan.dpm), DefaultDpmBehavior: types.DpmBehavior(dpmBehavior), HostPowerActionRate: 3}
	extended := &types.ClusterConfigInfoEx{DasConfig: das, DrsConfig: drs, DpmConfigInfo: dpm}
	extended.VmSwapPlacement = "vmDirectory"
	return types.ClusterConfigInfo{DasConfig: das, DrsConfig: drs}, extended
}

// newStandalone adds a host in no cluster, with a datastore of its own.
func (w *world) newStandalone(s *site) {
	resource := &mo.ComputeResource{}
	resource.Self = w.id("ComputeResource", "domain-s")
	host := w.newHost(s, serverModels[3], resource.Self, "")
	resource.Name = host.Name
	parent := s.folders["host"]
	resource.Parent = ptr(parent.Self)
	parent.ChildEntity = append(parent.ChildEntity, resource.Self)
	resource.Host = []reference{host.Self}
	resource.ConfigurationEx = &types.ComputeResourceConfigInfo{VmSwapPlacement: "vmDirectory"}
	c := &compute{site: s, alone: resource, hosts: []*simulator.HostSystem{host}, pools: map[string]*simulator.ResourcePool{}}
	s.computes = append(s.computes, c)
	w.put(resource)
	c.root = w.rootPool(c, resource)
	summary := &types.ComputeResourceSummary{}
	fillSummary(summary, c.hosts)
	resource.Summary = summary
}

func fillSummary(summary *types.ComputeResourceSummary, hosts []*simulator.HostSystem) {
	for _, host := range hosts {
		hardware := host.Summary.Hardware
		summary.NumCpuCores += hardware.NumCpuCores
		summary.NumCpuThreads += hardware.NumCpuThreads
		summary.TotalCpu += int32(hardware.NumCpuCores) * hardware.CpuMhz
		summary.TotalMemory += hardware.MemorySize
		summary.NumHosts++
		if host.Runtime.ConnectionState == types.HostSystemConnectionStateConnected && !host.Runtime.InMaintenanceMode {
			summary.NumEffectiveHosts++
			summary.EffectiveCpu += int32(hardware.NumCpuCores) * hardware.CpuMhz
			summary.EffectiveMemory += hardware.MemorySize / miB
		}
	}
	summary.OverallStatus = types.ManagedEntityStatusGreen
}

func (w *world) newHost(s *site, model serverModel, parent reference, evc string) *simulator.HostSystem {
	s.nextHost++
	host := &simulator.HostSystem{}
	host.Self = w.id("HostSystem", "host-")
	host.Name = fmt.Sprintf("esx-%02d.%s", s.nextHost, s.domain)
	host.Parent = ptr(parent)
	random := w.random("host", host.Name)
	edition := esxReleases[s.nextHost%len(esxReleases)]
	cores := model.sockets * model.cores
	memory := model.memoryGiB*giB - 137*miB
	bios := w.uuid("host", host.Name)
	boot := captured.AddDate(0, 0, -20-random.Intn(200))
	runtime := types.HostRuntimeInfo{
		ConnectionState: types.HostSystemConnectionStateConnected, PowerState: types.HostSystemPowerStatePoweredOn,
		BootTime: &boot, StandbyMode: "none", CryptoState: "safe",
	}
	switch {
	case s.nextHost == 3 && len(w.datacenters) == 1:
		runtime.InMaintenanceMode = true
	case s.nextHost == 2 && len(w.datacenters) == 2:
		runtime.ConnectionState = types.HostSystemConnectionStateDisconnected
	}
	product := &types.AboutInfo{
		Name: "VMware ESXi", FullName: fmt.Sprintf("VMware ESXi %s build-%s", edition.version, edition.build), Vendor: "VMware, Inc.",
		Version: edition.version, Build: edition.build, LocaleVersion: "INTL", LocaleBuild: "000", OsType: "vmnix-x86", ProductLineId: "embeddedEsx",
		ApiType: "HostAgent", ApiVersion: edition.version + ".0", LicenseProductName: "VMware ESX Server", LicenseProductVersion: edition.version[:1] + ".0",
	}
	host.Runtime = runtime
	host.Hardware = &types.HostHardwareInfo{
		SystemInfo: types.HostSystemInfo{Vendor: model.vendor, Model: model.model, Uuid: bios, SerialNumber: fmt.Sprintf("SN%06d", random.Intn(1000000))},
		CpuInfo: types.HostCpuInfo{
			NumCpuPackages: int16(model.sockets), NumCpuCores: int16(cores), NumCpuThreads: int16(2 * cores), Hz: int64(model.mhz) * 1000000,
		},
		MemorySize: memory,
		NumaInfo:   &types.HostNumaInfo{Type: "NUMA", NumNodes: int32(model.sockets)},
		BiosInfo: &types.HostBIOSInfo{
			BiosVersion: "2.19.1", ReleaseDate: ptr(time.Date(2024, 3, 11, 0, 0, 0, 0, time.UTC)), Vendor: model.vendor,
		},
	}
	for socket := 0; socket < model.sockets; socket++ {
		maker := "intel"
		if strings.HasPrefix(model.cpu, "AMD") {
			maker = "amd"
		}
		host.Hardware.CpuPkg = append(host.Hardware.CpuPkg, types.HostCpuPackage{
			Index: int16(socket), Vendor: maker, Hz: int64(model.mhz) * 1000000, BusHz: 100000000, Description: model.cpu,
		})
	}
	host.Summary = types.HostListSummary{
		Host: ptr(host.Self),
		Hardware: &types.HostHardwareSummary{
			Vendor: model.vendor, Model: model.model, Uuid: bios, MemorySize: memory, CpuModel: model.cpu, CpuMhz: int32(model.mhz),
			NumCpuPkgs: int16(model.sockets), NumCpuCores: int16(cores), NumCpuThreads: int16(2 * cores), NumNics: 4, NumHBAs: 3,
		},
		Runtime: ptr(runtime),
		Config:  types.HostConfigSummary{Name: host.Name, Port: 443, Product: product, VmotionEnabled: true, FaultToleranceEnabled: ptr(false)},
		QuickStats: types.HostListSummaryQuickStats{
			OverallCpuUsage: int32(cores*model.mhz/10 + random.Intn(cores*model.mhz/4)), OverallMemoryUsage: int32(memory/miB/3) + int32(random.Intn(100000)),
			Uptime: int32(captured.Sub(boot).Seconds()),
		},
		OverallStatus: types.ManagedEntityStatusGreen, ManagementServerIp: "192.0.2.10", MaxEVCModeKey: model.evc, CurrentEVCModeKey: evc,
	}
	host.Capability = &types.HostCapability{VmotionSupported: true, MaintenanceModeSupported: true}
	host.ConfigManager = types.HostConfigManager{}
	host.Config = &types.HostConfigInfo{
		Host: host.Self, Product: *product,
		DateTimeInfo: &types.HostDateTimeInfo{
			TimeZone:  types.HostDateTimeSystemTimeZone{Key: "UTC", Name: "UTC", Description: "UTC"},
			NtpConfig: &types.HostNtpConfig{Server: []string{"ntp1.example.com", "ntp2.example.com"}},
		},
		Network: hostNetwork(host.Name),
	}
	s.hosts = append(s.hosts, host)
	w.put(host)
	return host
}

// hostNetwork is a host's standard switch with its port groups.
func hostNetwork(name string) *types.HostNetworkInfo {
	vswitch := types.HostVirtualSwitch{
		Name: "vSwitch0", Key: "key-vim.host.VirtualSwitch-vSwitch0", NumPorts: 2560, NumPortsAvailable: 2520, Mtu: 1500,
		Pnic: []string{"key-vim.host.PhysicalNic-vmnic0"}, Spec: types.HostVirtualSwitchSpec{NumPorts: 128, Mtu: 1500},
	}
	vswitch.Spec.Policy = ptr(networkPolicy(standardPlan{}))
	network := &types.HostNetworkInfo{
		DnsConfig: &types.HostDnsConfig{HostName: strings.SplitN(name, ".", 2)[0], DomainName: "example.com", Address: []string{"192.0.2.53"}},
	}
	plans := append([]standardPlan{{name: "Management Network", vlan: 99}}, standardPlans...)
	for _, plan := range plans {
		key := "key-vim.host.PortGroup-" + plan.name
		vswitch.Portgroup = append(vswitch.Portgroup, key)
		group := types.HostPortGroup{
			Key: key, Vswitch: vswitch.Key, ComputedPolicy: networkPolicy(plan),
			Spec: types.HostPortGroupSpec{Name: plan.name, VlanId: plan.vlan, VswitchName: vswitch.Name},
		}
		if plan.promiscuous || plan.changes || plan.forged {
			group.Spec.Policy = networkPolicy(plan)
		}
		network.Portgroup = append(network.Portgroup, group)
	}
	network.Vswitch = []types.HostVirtualSwitch{vswitch}
	for i := 0; i < 4; i++ {
		nic := fmt.Sprintf("vmnic%d", i)
		network.Pnic = append(network.Pnic, types.PhysicalNic{
			Key: "key-vim.host.PhysicalNic-" + nic, Device: nic, Pci: fmt.Sprintf("0000:3b:00.%d", i), Driver: "i40en",
			LinkSpeed: &types.PhysicalNicLinkInfo{SpeedMb: 25000, Duplex: true}, Mac: fmt.Sprintf("b8:59:9f:10:%02x:%02x", len(name), i),
		})
	}
	return network
}

func networkPolicy(plan standardPlan) types.HostNetworkPolicy {
	return types.HostNetworkPolicy{Security: &types.HostNetworkSecurityPolicy{
		AllowPromiscuous: ptr(plan.promiscuous), MacChanges: ptr(plan.changes), ForgedTransmits: ptr(plan.forged),
	}}
}

func ptr[T any](value T) *T { return &value }
