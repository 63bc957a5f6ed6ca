package main

import (
	"fmt"
	"sort"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// seedVMs makes the VMs: the archetypes in turn, on the clusters in turn. A small estate begins elsewhere for each seed, so that
// two small vCenters differ.
func (w *world) seedVMs(count int, kinds []archetype) {
	var computes []*compute
	for _, s := range w.datacenters {
		computes = append(computes, s.computes...)
	}
	start := 0
	if count < 60 {
		start = int(w.seed-1) * 36 % len(kinds)
	}
	var previous *draft
	for i := 0; i < count; i++ {
		plan := &kinds[(start+i)%len(kinds)]
		if plan.with && previous == nil {
			plan = &kinds[0]
		}
		d := w.newDraft(i, plan)
		d.round = i / len(kinds)
		w.place(d, computes, previous)
		if plan.change != nil {
			plan.change(d, previous)
		}
		if d.round > 0 && plan.named {
			d.name = fmt.Sprintf("%s %d", d.name, d.round+1)
		}
		w.build(d)
		previous = d
	}
}

// place chooses cluster, host and datastores. A VM whose archetype needs the one before goes where that one is.
func (w *world) place(d *draft, computes []*compute, previous *draft) {
	plan := d.plan
	turn := d.number + d.round
	d.in = computes[turn%len(computes)]
	if plan.with && previous != nil {
		d.in = previous.in
	} else if plan.cluster != "" {
		for i := range computes {
			if candidate := computes[(turn+i)%len(computes)]; candidate.plan.name == plan.cluster {
				d.in = candidate
				break
			}
		}
	}
	d.site = d.in.site
	hosts := make([]*simulator.HostSystem, 0, len(d.in.hosts))
	for _, host := range d.in.hosts {
		if !host.Runtime.InMaintenanceMode {
			hosts = append(hosts, host)
		}
	}
	d.host = hosts[d.random.Intn(len(hosts))]
	if d.host.Runtime.ConnectionState != types.HostSystemConnectionStateConnected {
		d.connection = types.VirtualMachineConnectionStateDisconnected
	}
	usable := make([]*simulator.Datastore, 0, len(d.site.stores))
	for _, store := range d.site.stores {
		if store.Summary.MaintenanceMode == "normal" && store.Summary.Accessible {
			usable = append(usable, store)
		}
	}
	d.home = usable[d.random.Intn(len(usable))]
	for i := range d.disks {
		d.disks[i].store = d.home
		if i > 0 && d.random.Intn(3) == 0 {
			d.disks[i].store = usable[d.random.Intn(len(usable))]
		}
	}
}

// build turns a draft into a VM of the inventory.
func (w *world) build(d *draft) {
	for i := range d.disks {
		if d.disks[i].store == nil {
			d.disks[i].store = d.home
		}
	}
	vm := &simulator.VirtualMachine{DataSets: map[string]*simulator.DataSet{}}
	vm.Self = w.id("VirtualMachine", "vm-")
	vm.Name = escapeName(d.name)
	if strings.Contains(d.name, "%") {
		vm.Name = d.name // it is escaped already
	}
	m := &machineDevices{d: d, usage: map[reference][2]int64{}}
	m.folder = fmt.Sprintf("[%s] %s", d.home.Name, d.directory())
	l := &fileLayout{}
	vmx := m.folder + "/" + d.fileName() + ".vmx"
	l.file(vmx, "config", 4096+int64(d.random.Intn(3000)))
	l.file(m.folder+"/"+d.fileName()+".nvram", "nvram", 270*1024)
	l.file(m.folder+"/"+d.fileName()+".vmsd", "snapshotList", int64(100*len(d.snapshots)))
	m.useStore(d.home.Self, 300*1024, 0)
	if d.running() {
		swap := int64(d.memoryMiB)*miB - d.memReservation*miB
		l.file(m.folder+"/"+d.fileName()+".vswp", "swap", max(swap, 0))
		m.useStore(d.home.Self, max(swap, 0), 0)
	}
	m.base()
	m.storageControllers()
	m.storageDisks(l)
	m.drives()
	m.adapters()
	m.special()
	snapshots, layouts, roots := d.snapshotTree(vm.Self, m.folder, m, l)
	vm.Snapshot, vm.RootSnapshot = snapshots, roots
	vm.LayoutEx = &types.VirtualMachineFileLayoutEx{File: l.files, Disk: l.chains, Snapshot: layouts, Timestamp: captured}
	vm.Datastore, vm.Network = m.stores, m.networks
	w.fillConfig(vm, d, m, vmx)
	w.fillRuntime(vm, d)
	vm.Guest = d.guestInfo(m)
	w.fillSummary(vm, d, m)
	w.attach(vm, d)
	w.vms = append(w.vms, vm)
	w.drafts = append(w.drafts, d)
}

func (w *world) fillConfig(vm *simulator.VirtualMachine, d *draft, m *machineDevices, vmx string) {
	cpu := allocation(d.cpuReservation, d.cpuLimit, nil, d.shares, int32(1000*d.cpus))
	memory := allocation(d.memReservation, d.memLimit, nil, d.shares, int32(10*d.memoryMiB))
	config := &types.VirtualMachineConfigInfo{
		ChangeVersion: d.created.Format("2006-01-02T15:04:05.000000Z"), Modified: d.created, Name: vm.Name, GuestFullName: d.guest.config,
		Version: fmt.Sprintf("vmx-%02d", d.hardware), Uuid: w.uuid("bios", d.number), InstanceUuid: w.uuid("instance", d.number),
		CreateDate: ptr(d.created), Template: d.template, GuestId: d.guest.id, Annotation: d.annotation,
		Files: types.VirtualMachineFileInfo{VmPathName: vmx, SnapshotDirectory: m.folder + "/", SuspendDirectory: m.folder + "/", LogDirectory: m.folder + "/"},
		Tools: &types.ToolsConfigInfo{ToolsUpgradePolicy: "manual", SyncTimeWithHost: ptr(false), AfterPowerOn: ptr(true)},
		Flags: types.VirtualMachineFlagInfo{
			EnableLogging: ptr(true), DiskUuidEnabled: ptr(false), VirtualMmuUsage: "automatic", VirtualExecUsage: "hvAuto",
			SnapshotPowerOffBehavior: "powerOff", CbrcCacheEnabled: ptr(false), VvtdEnabled: ptr(false), VbsEnabled: ptr(false),
		},
		DefaultPowerOps: types.VirtualMachineDefaultPowerOpInfo{PowerOffType: "soft", SuspendType: "hard", ResetType: "soft", StandbyAction: "checkpoint"},
		Hardware: types.VirtualHardware{
			NumCPU: int32(d.cpus), NumCoresPerSocket: int32(d.cores), AutoCoresPerSocket: ptr(false), MemoryMB: int32(d.memoryMiB), Device: m.list,
			VirtualICH7MPresent: ptr(false), VirtualSMCPresent: ptr(false), MotherboardLayout: "i440bxHostBridge",
		},
		CpuAllocation: &cpu, MemoryAllocation: &memory, LatencySensitivity: &types.LatencySensitivity{Level: d.latency},
		MemoryHotAddEnabled: ptr(d.memAdd), CpuHotAddEnabled: ptr(d.cpuHotAdd), CpuHotRemoveEnabled: ptr(d.cpuHotRemove),
		ExtraConfig: d.extraConfig(), SwapPlacement: "inherit",
		BootOptions:           &types.VirtualMachineBootOptions{EnterBIOSSetup: ptr(false), EfiSecureBootEnabled: ptr(d.secureBoot), BootRetryEnabled: ptr(false), BootRetryDelay: 10000, NetworkBootProtocol: "ipv4"},
		ChangeTrackingEnabled: ptr(d.changeTracking), Firmware: "bios", MaxMksConnections: 40, GuestAutoLockEnabled: ptr(true),
		ManagedBy: d.managedBy, MemoryReservationLockedToMax: ptr(d.memLocked), NestedHVEnabled: ptr(d.nested), VPMCEnabled: ptr(false),
		MessageBusTunnelEnabled: ptr(false), MigrateEncryption: "opportunistic", SevEnabled: ptr(false),
	}
	for _, store := range m.stores {
		url := w.registry.Get(store).(*simulator.Datastore).Summary.Url
		name := w.registry.Get(store).(*simulator.Datastore).Name
		config.DatastoreUrl = append(config.DatastoreUrl, types.VirtualMachineConfigInfoDatastoreUrlPair{Name: name, Url: url})
	}
	if d.efi {
		config.Firmware = "efi"
	}
	if d.affinity != nil {
		config.CpuAffinity = &types.VirtualMachineAffinityInfo{AffinitySet: d.affinity}
	}
	if d.keyID != "" {
		config.KeyId = &types.CryptoKeyId{KeyId: d.keyID, ProviderId: &types.KeyProviderId{Id: "kms-haupt"}}
	}
	if d.faultTolerance != "" {
		config.FtInfo = &types.FaultTolerancePrimaryConfigInfo{
			FaultToleranceConfigInfo: types.FaultToleranceConfigInfo{
				Role: 1, InstanceUuids: []string{config.InstanceUuid, w.uuid("secondary", d.number)}, ConfigPaths: []string{vmx, vmx},
				Orphaned: ptr(false),
			},
			Secondaries: []reference{{Type: "VirtualMachine", Value: vm.Self.Value + "9"}},
		}
	}
	if d.noConfig() {
		return
	}
	vm.Config = config
}

// noConfig tells whether vCenter has lost the VM's files, so that it knows no configuration.
func (d *draft) noConfig() bool {
	return d.connection == types.VirtualMachineConnectionStateInvalid
}

func (d *draft) extraConfig() []types.BaseOptionValue {
	values := [][2]string{
		{"nvram", d.fileName() + ".nvram"}, {"svga.present", "TRUE"}, {"pciBridge0.present", "TRUE"}, {"pciBridge4.present", "TRUE"},
		{"pciBridge4.virtualDev", "pcieRootPort"}, {"pciBridge4.functions", "8"}, {"hpet0.present", "TRUE"}, {"viv.moid", d.w.uuid("viv", d.number)},
		{"vmware.tools.internalversion", d.tools.number}, {"vmware.tools.requiredversion", "12416"}, {"migrate.hostLogState", "none"},
		{"migrate.migrationId", "0"}, {"migrate.hostLog", d.fileName() + "-12ab.hlog"}, {"sched.cpu.latencySensitivity", string(d.latency)},
		{"numa.autosize.vcpu.maxPerVirtualNode", fmt.Sprint(d.cpus)}, {"numa.autosize.cookie", fmt.Sprintf("%d0012", d.cpus)},
		{"tools.guest.desktop.autolock", "TRUE"}, {"guestinfo.vmtools.versionNumber", d.tools.number}, {"monitor.phys_bits_used", "45"},
		{"softPowerOff", "FALSE"}, {"sched.swap.derivedName", "/vmfs/volumes/" + d.w.uuid("swap", d.number) + "/" + d.fileName() + ".vswp"},
		{"guestinfo.detailed.data", fmt.Sprintf("architecture='X86' bitness='64' prettyName='%s'", d.guest.tools)},
		{"guestinfo.appInfo", `{"version":"1","applications":[{"a":"sshd","v":"9.2"}]}`},
	}
	if d.changeTracking {
		values = append(values, [2]string{"ctkEnabled", "true"})
		for i := range d.disks {
			if !d.disks[i].untracked && d.disks[i].rdm != "physicalMode" && !strings.HasPrefix(d.disks[i].mode, "independent") {
				values = append(values, [2]string{d.diskSlot(i) + ".ctkEnabled", "true"})
			}
		}
	} else if d.number%2 == 0 {
		values = append(values, [2]string{"ctkEnabled", "FALSE"})
	}
	values = append(values, d.settings...)
	list := make([]types.BaseOptionValue, 0, len(values))
	for _, pair := range values {
		list = append(list, &types.OptionValue{Key: pair[0], Value: pair[1]})
	}
	return list
}

// diskSlot is the name of a disk in the configuration file, such as scsi0:1.
func (d *draft) diskSlot(place int) string {
	plan := d.disks[place]
	family := d.controllers[plan.controller].kind
	switch family {
	case "pvscsi", "lsisas", "lsilogic", "buslogic":
		family = "scsi"
	case "ahci":
		family = "sata"
	}
	number, unit := 0, 0
	for i := 0; i < plan.controller; i++ {
		other := d.controllers[i].kind
		if other == "pvscsi" || strings.HasPrefix(other, "lsi") || other == "buslogic" {
			other = "scsi"
		}
		if other == "ahci" {
			other = "sata"
		}
		if other == family {
			number++
		}
	}
	for i := 0; i < place; i++ {
		if d.disks[i].controller == plan.controller {
			unit++
			if family == "scsi" && unit == 7 {
				unit++
			}
		}
	}
	return fmt.Sprintf("%s%d:%d", family, number, unit)
}

func (w *world) fillRuntime(vm *simulator.VirtualMachine, d *draft) {
	state := types.VirtualMachineFaultToleranceStateNotConfigured
	if d.faultTolerance != "" {
		state = types.VirtualMachineFaultToleranceState(d.faultTolerance)
	}
	evc := ""
	if d.running() {
		evc = "intel-broadwell"
	}
	runtime := types.VirtualMachineRuntimeInfo{
		Host: ptr(d.host.Self), ConnectionState: d.connection, PowerState: d.power, FaultToleranceState: state, ToolsInstallerMounted: false,
		MaxCpuUsage: int32(d.cpus) * d.host.Summary.Hardware.CpuMhz, MaxMemoryUsage: int32(d.memoryMiB), NumMksConnections: 0,
		RecordReplayState: types.VirtualMachineRecordReplayStateInactive, CleanPowerOff: ptr(!d.running()), MinRequiredEVCModeKey: evc,
		ConsolidationNeeded: ptr(d.consolidation), SnapshotInBackground: ptr(false), Paused: ptr(false),
	}
	if d.running() {
		runtime.BootTime = ptr(captured.AddDate(0, 0, -1-d.random.Intn(120)))
		runtime.MemoryOverhead = int64(60+d.cpus*4) * miB
	}
	if d.power == types.VirtualMachinePowerStateSuspended {
		runtime.SuspendTime = ptr(captured.AddDate(0, 0, -12))
	}
	if d.keyID != "" {
		runtime.CryptoState = "unlocked"
	}
	vm.Runtime = runtime
}

func (w *world) fillSummary(vm *simulator.VirtualMachine, d *draft, m *machineDevices) {
	storage := &types.VirtualMachineStorageInfo{Timestamp: captured}
	total := &types.VirtualMachineStorageSummary{Timestamp: captured}
	for _, store := range m.stores {
		usage := m.usage[store]
		storage.PerDatastoreUsage = append(storage.PerDatastoreUsage, types.VirtualMachineUsageOnDatastore{
			Datastore: store, Committed: usage[0], Uncommitted: usage[1], Unshared: usage[0],
		})
		total.Committed += usage[0]
		total.Uncommitted += usage[1]
	}
	total.Unshared = total.Committed
	vm.Storage = storage
	vm.Summary = types.VirtualMachineSummary{
		Vm: ptr(vm.Self), Runtime: vm.Runtime, Storage: total, OverallStatus: types.ManagedEntityStatusGreen,
		Guest: &types.VirtualMachineGuestSummary{
			GuestId: vm.Guest.GuestId, GuestFullName: vm.Guest.GuestFullName, ToolsStatus: vm.Guest.ToolsStatus,
			ToolsVersionStatus: vm.Guest.ToolsVersionStatus, ToolsVersionStatus2: vm.Guest.ToolsVersionStatus2,
			ToolsRunningStatus: vm.Guest.ToolsRunningStatus, HostName: vm.Guest.HostName, IpAddress: vm.Guest.IpAddress, HwVersion: vm.Guest.HwVersion,
		},
	}
	vm.Summary.Config = types.VirtualMachineConfigSummary{Name: vm.Name, Template: d.template}
	if config := vm.Config; config != nil {
		vm.Summary.Config = types.VirtualMachineConfigSummary{
			Name: vm.Name, Template: d.template, VmPathName: config.Files.VmPathName, MemorySizeMB: config.Hardware.MemoryMB,
			CpuReservation: int32(d.cpuReservation), MemoryReservation: int32(d.memReservation), NumCpu: config.Hardware.NumCPU,
			NumEthernetCards: int32(len(d.nics)), NumVirtualDisks: int32(len(d.disks)), Uuid: config.Uuid, InstanceUuid: config.InstanceUuid,
			GuestId: config.GuestId, GuestFullName: config.GuestFullName, Annotation: config.Annotation, InstallBootRequired: ptr(false),
			FtInfo: config.FtInfo, ManagedBy: config.ManagedBy, TpmPresent: ptr(d.tpm), HwVersion: config.Version,
		}
	}
	vm.Capability = types.VirtualMachineCapability{
		SnapshotOperationsSupported: true, MultipleSnapshotsSupported: true, ChangeTrackingSupported: ptr(true), SecureBootSupported: ptr(d.efi),
	}
	vm.Summary.QuickStats.GuestHeartbeatStatus = types.ManagedEntityStatusGray
	vm.Summary.QuickStats.FtLatencyStatus = types.ManagedEntityStatusGray
	if d.running() && d.connection == types.VirtualMachineConnectionStateConnected {
		memory := int32(d.memoryMiB)
		stats := types.VirtualMachineQuickStats{
			OverallCpuUsage: int32(20 + d.random.Intn(400*d.cpus)), GuestMemoryUsage: memory * int32(5+d.random.Intn(40)) / 100,
			HostMemoryUsage: memory * int32(60+d.random.Intn(40)) / 100, GuestHeartbeatStatus: types.ManagedEntityStatusGreen, FtLatencyStatus: types.ManagedEntityStatusGray,
			UptimeSeconds: int32(captured.Sub(*vm.Runtime.BootTime).Seconds()), GrantedMemory: memory, PrivateMemory: memory * 7 / 10,
		}
		stats.OverallCpuDemand = stats.OverallCpuUsage * 11 / 10
		stats.ActiveMemory = stats.GuestMemoryUsage
		if d.number%9 == 4 {
			stats.BalloonedMemory, stats.SwappedMemory = memory/16, memory/64
		}
		vm.Summary.QuickStats = stats
	}
	vm.GuestHeartbeatStatus = types.ManagedEntityStatusGray
	if d.reports() {
		vm.GuestHeartbeatStatus = types.ManagedEntityStatusGreen
	}
}

// attach puts a VM into the lists of folder, pool, host, datastores and networks.
func (w *world) attach(vm *simulator.VirtualMachine, d *draft) {
	pool := d.in.pools[d.pool]
	if pool == nil {
		pool = d.in.root
	}
	d.host.Vm = append(d.host.Vm, vm.Self)
	switch {
	case d.vapp != nil:
		// The API leaves the parent of a VM in a vApp empty: it is found by way of the vApp.
		vm.ParentVApp, vm.ResourcePool = ptr(d.vapp.Self), ptr(d.vapp.Self)
		d.vapp.ResourcePool.Vm = append(d.vapp.ResourcePool.Vm, vm.Self)
	default:
		folder := d.site.folders["vm:"+d.folder]
		vm.Parent = ptr(folder.Self)
		folder.ChildEntity = append(folder.ChildEntity, vm.Self)
		if !d.template {
			vm.ResourcePool = ptr(pool.Self)
			pool.Vm = append(pool.Vm, vm.Self)
		}
	}
	for _, store := range vm.Datastore {
		list := &w.registry.Get(store).(*simulator.Datastore).Vm
		*list = append(*list, vm.Self)
	}
	for _, network := range vm.Network {
		switch object := w.registry.Get(network).(type) {
		case *simulator.DistributedVirtualPortgroup:
			object.Vm = append(object.Vm, vm.Self)
		default:
			list := &as[mo.Network](object).Vm
			*list = append(*list, vm.Self)
		}
	}
	w.put(vm)
	if d.tools.status == toolsAbsent.status {
		vm.OverallStatus = types.ManagedEntityStatusYellow
	}
	w.setAttributes(vm, d)
}

// setAttributes fills the custom attributes of a VM.
func (w *world) setAttributes(vm *simulator.VirtualMachine, d *draft) {
	names := make([]string, 0, len(d.attributes))
	for name := range d.attributes {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool { return w.fields[names[i]] < w.fields[names[j]] })
	for _, name := range names {
		value := &types.CustomFieldStringValue{CustomFieldValue: types.CustomFieldValue{Key: w.fields[name]}, Value: d.attributes[name]}
		vm.Value = append(vm.Value, value)
		vm.CustomValue = append(vm.CustomValue, value)
		vm.Summary.CustomValue = append(vm.Summary.CustomValue, value)
	}
	vm.AvailableField = w.fieldDefs
}
