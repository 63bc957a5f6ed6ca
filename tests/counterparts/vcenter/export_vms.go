// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// machine is a VM with what every tab shows of it.
type machine struct {
	*mo.VirtualMachine
	config     *types.VirtualMachineConfigInfo
	guest      *types.GuestInfo
	name       string
	datacenter string
	cluster    string
	host       string
	folder     string
	pool       string
	vapp       string
	attributes []string
	devices    []types.BaseVirtualDevice
}

func (e *export) machine(vm *mo.VirtualMachine) *machine {
	made := &machine{VirtualMachine: vm, config: vm.Config, guest: vm.Guest}
	if made.config == nil {
		// A VM that vCenter cannot read shows no configuration.
		made.config = &types.VirtualMachineConfigInfo{}
	}
	if made.guest == nil {
		made.guest = &types.GuestInfo{}
	}
	made.name = shownName.Replace(vm.Name)
	made.devices = made.config.Hardware.Device
	made.folder = e.folderPath(vm.Parent)
	made.datacenter = e.nearest(vm.Parent, "Datacenter")
	if vm.ParentVApp != nil {
		made.vapp = nameOf(e.ctx, vm.ParentVApp)
		if made.datacenter == "" {
			made.datacenter = e.nearest(vm.ParentVApp, "Datacenter")
		}
	}
	if vm.Runtime.Host != nil {
		made.host = nameOf(e.ctx, vm.Runtime.Host)
		made.cluster = e.nearest(vm.Runtime.Host, "ClusterComputeResource")
	}
	if vm.ResourcePool != nil {
		made.pool = e.poolPath(vm.ResourcePool)
	}
	made.attributes = e.attributeValues(vm)
	return made
}

// attributeValues are a VM's custom attributes in the order of their columns.
func (e *export) attributeValues(vm *mo.VirtualMachine) []string {
	given := map[int32]string{}
	for _, list := range [][]types.BaseCustomFieldValue{vm.Summary.CustomValue, vm.CustomValue} {
		for _, value := range list {
			if text, ok := value.(*types.CustomFieldStringValue); ok {
				given[text.Key] = text.Value
			}
		}
	}
	values := make([]string, 0, len(e.attributes))
	for _, field := range e.attributes {
		values = append(values, given[field.Key])
	}
	return values
}

// addFor adds a row of a tab about a VM, with the columns that all of these tabs have.
func (e *export) addFor(tab string, vm *machine, cells row) error {
	cells.with(row{
		"VM": vm.name, "Powerstate": string(vm.Runtime.PowerState), "Annotation": vm.config.Annotation, "Datacenter": vm.datacenter,
		"Cluster": vm.cluster, "Host": vm.host, "Folder": vm.folder, "OS according to the configuration file": vm.config.GuestFullName,
		"VM ID": vm.Self.Value, "VM UUID": vm.config.InstanceUuid,
	})
	tools := "OS according to the VMware Tools"
	if tab == "vUSB" {
		tools = "OS according to the VMware tools"
	}
	cells[tools] = vm.guest.GuestFullName
	if tab != "vSnapshot" {
		cells.with(row{"Template": vm.config.Template, "SRM Placeholder": isPlaceholder(vm.config)})
	}
	if slices.Contains([]string{"vCD", "vFloppy", "vUSB", "vTools"}, tab) {
		cells["VMRef"] = vm.Self.Value
	}
	return e.add(tab, cells, vm.attributes...)
}

// isPlaceholder tells a placeholder of Site Recovery Manager by the extension that manages it.
func isPlaceholder(config *types.VirtualMachineConfigInfo) bool {
	return config.ManagedBy != nil && strings.HasPrefix(config.ManagedBy.ExtensionKey, "com.vmware.vcDr") && config.ManagedBy.Type == "placeholderVm"
}

// writeMachines writes every tab that has rows of VMs.
func (e *export) writeMachines() error {
	for _, found := range machinesOf(e.ctx) {
		vm := e.machine(found)
		for _, write := range []func(*machine) error{
			e.writeInfo, e.writeSizes, e.writeTools, e.writeDisks, e.writePartitions, e.writeAdapters, e.writeDrives, e.writeUsb, e.writeSnapshots,
		} {
			if err := write(vm); err != nil {
				return fmt.Errorf("%s: %w", vm.name, err)
			}
		}
	}
	return nil
}

// writeInfo writes the VM's row of vInfo.
func (e *export) writeInfo(vm *machine) error {
	cells := row{"SMBIOS UUID": vm.config.Uuid}
	cells.with(e.stateCells(vm), hardwareCells(vm), e.networkCells(vm), e.placeCells(vm), e.ruleCells(vm.Self), storageCells(vm), bootCells(vm))
	return e.addFor("vInfo", vm, cells)
}

func (e *export) stateCells(vm *machine) row {
	return row{
		"Config status": string(vm.ConfigStatus), "DNS Name": vm.guest.HostName, "Connection state": string(vm.Runtime.ConnectionState),
		"Guest state": vm.guest.GuestState, "Heartbeat": string(vm.GuestHeartbeatStatus),
		"Consolidation Needed": vm.Runtime.ConsolidationNeeded, "PowerOn": vm.Runtime.BootTime,
		"Suspend time": vm.Runtime.SuspendTime, "Suspend Interval": number(vm.Runtime.SuspendInterval),
		"Creation date": vm.config.CreateDate, "Change Version": vm.config.Modified,
		"min Required EVC Mode Key": vm.Runtime.MinRequiredEVCModeKey, "Primary IP Address": vm.guest.IpAddress,
		"FT State": string(vm.Runtime.FaultToleranceState), "Vm Failover In Progress": vm.Runtime.VmFailoverInProgress,
		"VI SDK Server type": e.about.FullName, "VI SDK API Version": e.about.ApiVersion,
	}
}

func hardwareCells(vm *machine) row {
	if vm.Config == nil {
		return nil
	}
	disks, adapters, capacity := 0, 0, int64(0)
	for _, device := range vm.devices {
		if disk, ok := device.(*types.VirtualDisk); ok {
			disks, capacity = disks+1, capacity+capacityOf(disk)
		}
		if _, ok := device.(types.BaseVirtualEthernetCard); ok {
			adapters++
		}
	}
	cells := row{
		"CPUs": vm.config.Hardware.NumCPU, "Memory": vm.config.Hardware.MemoryMB, "Active Memory": vm.Summary.QuickStats.GuestMemoryUsage,
		"NICs": adapters, "Disks": disks, "Total disk capacity MiB": inMiB(capacity),
		"EnableUUID": settingOf(vm.config, "disk.EnableUUID"), "CBT": changeTracking(vm.config),
		"Num Monitors": videoOf(vm.devices).NumDisplays, "Video Ram KiB": videoOf(vm.devices).VideoRamSizeInKB,
	}
	if sensitivity := vm.config.LatencySensitivity; sensitivity != nil {
		cells["Latency Sensitivity"] = string(sensitivity.Level)
	}
	return cells
}

// changeTracking shows the advanced setting ctkEnabled, as RVTools does: blank for a VM that never had it.
func changeTracking(config *types.VirtualMachineConfigInfo) string {
	if set := settingOf(config, "ctkEnabled"); set != "" {
		return set
	}
	if config.ChangeTrackingEnabled != nil && *config.ChangeTrackingEnabled {
		return "True"
	}
	return ""
}

// settingOf is the value of an advanced setting; empty when it is not set.
func settingOf(config *types.VirtualMachineConfigInfo, key string) string {
	for _, option := range config.ExtraConfig {
		if value := option.GetOptionValue(); strings.EqualFold(value.Key, key) {
			return fmt.Sprint(value.Value)
		}
	}
	return ""
}

func videoOf(devices []types.BaseVirtualDevice) types.VirtualMachineVideoCard {
	for _, device := range devices {
		if card, ok := device.(*types.VirtualMachineVideoCard); ok {
			return *card
		}
	}
	return types.VirtualMachineVideoCard{}
}

// networkCells names the networks of the first eight adapters.
func (e *export) networkCells(vm *machine) row {
	cells, place := row{}, 0
	for _, device := range vm.devices {
		if card, ok := device.(types.BaseVirtualEthernetCard); ok && place < 8 {
			place++
			cells[fmt.Sprintf("Network #%d", place)], _ = e.attachment(vm, card.GetVirtualEthernetCard())
		}
	}
	return cells
}

func (e *export) placeCells(vm *machine) row {
	cells := row{"Resource pool": vm.pool, "vApp": vm.vapp}
	if vm.Parent != nil {
		cells["Folder ID"] = vm.Parent.Value
	}
	if protection := vm.Runtime.DasVmProtection; protection != nil {
		cells["DAS protection"] = protection.DasProtected
	}
	if vm.Runtime.Host != nil {
		cells.with(e.availabilityCells(vm))
	}
	return cells
}

// availabilityCells are the columns about High Availability: the VM's own settings, else those of its cluster.
func (e *export) availabilityCells(vm *machine) row {
	cells := row{}
	for _, ancestor := range e.above(vm.Runtime.Host) {
		cluster := as[mo.ClusterComputeResource](e.ctx.Map.Get(ancestor))
		if cluster == nil || configOf(cluster) == nil {
			continue
		}
		config := configOf(cluster)
		if settings := config.DasConfig.DefaultVmSettings; settings != nil {
			cells.with(row{"HA Restart Priority": settings.RestartPriority, "HA Isolation Response": settings.IsolationResponse})
		}
		cells["HA VM Monitoring"] = config.DasConfig.VmMonitoring
		for _, own := range config.DasVmConfig {
			if own.Key != vm.Self || own.DasSettings == nil {
				continue
			}
			if priority := own.DasSettings.RestartPriority; priority != "" && priority != string(types.ClusterDasVmSettingsRestartPriorityClusterRestartPriority) {
				cells["HA Restart Priority"] = priority
			}
		}
	}
	return cells
}

func storageCells(vm *machine) row {
	storage := vm.Summary.Storage
	if storage == nil {
		return nil
	}
	return row{
		"Provisioned MiB": inMiB(storage.Committed + storage.Uncommitted), "In Use MiB": inMiB(storage.Committed),
		"Unshared MiB": inMiB(storage.Unshared),
	}
}

func bootCells(vm *machine) row {
	config := vm.config
	cells := row{
		"Reboot PowerOff": config.RebootPowerOff, "Firmware": config.Firmware, "HW version": strings.TrimPrefix(config.Version, "vmx-"),
		"Path": config.Files.VmPathName, "Log directory": config.Files.LogDirectory, "Snapshot directory": config.Files.SnapshotDirectory,
		"Suspend directory": config.Files.SuspendDirectory, "EFI Secure boot": false,
	}
	if boot := config.BootOptions; boot != nil {
		cells.with(row{
			"Boot delay": boot.BootDelay, "Boot retry delay": boot.BootRetryDelay, "Boot retry enabled": boot.BootRetryEnabled,
			"Boot BIOS setup": boot.EnterBIOSSetup, "EFI Secure boot": boot.EfiSecureBootEnabled,
		})
	}
	if upgrade := config.ScheduledHardwareUpgradeInfo; upgrade != nil {
		cells.with(row{
			"HW upgrade status": upgrade.ScheduledHardwareUpgradeStatus, "HW upgrade policy": upgrade.UpgradePolicy, "HW target": upgrade.VersionKey,
		})
	}
	return cells
}

// writeSizes writes the VM's rows of vCPU and vMemory.
func (e *export) writeSizes(vm *machine) error {
	if vm.Config == nil {
		return nil
	}
	stats, hardware := vm.Summary.QuickStats, vm.config.Hardware
	cpu := row{
		"CPUs": hardware.NumCPU, "Cores p/s": hardware.NumCoresPerSocket, "Max": vm.Runtime.MaxCpuUsage, "Overall": stats.OverallCpuUsage,
		"Entitlement": stats.StaticCpuEntitlement, "DRS Entitlement": stats.DistributedCpuEntitlement, "Hot Add": vm.config.CpuHotAddEnabled,
		"Hot Remove": vm.config.CpuHotRemoveEnabled, "Numa Hotadd Exposed": false,
	}
	cpu.with(allocationCells(vm.config.CpuAllocation))
	if hardware.NumCoresPerSocket > 0 {
		cpu["Sockets"] = hardware.NumCPU / hardware.NumCoresPerSocket
	}
	if err := e.addFor("vCPU", vm, cpu); err != nil {
		return err
	}
	memory := row{
		"Size MiB": hardware.MemoryMB, "Memory Reservation Locked To Max": vm.config.MemoryReservationLockedToMax,
		"Max": vm.Runtime.MaxMemoryUsage, "Consumed": stats.HostMemoryUsage, "Consumed Overhead": stats.ConsumedOverheadMemory,
		"Private": stats.PrivateMemory, "Shared": stats.SharedMemory, "Swapped": stats.SwappedMemory, "Ballooned": stats.BalloonedMemory,
		"Active": stats.GuestMemoryUsage, "Entitlement": stats.StaticMemoryEntitlement, "DRS Entitlement": stats.DistributedMemoryEntitlement,
		"Hot Add": vm.config.MemoryHotAddEnabled,
	}
	memory.with(allocationCells(vm.config.MemoryAllocation))
	return e.addFor("vMemory", vm, memory)
}

func allocationCells(allocation *types.ResourceAllocationInfo) row {
	if allocation == nil {
		return nil
	}
	cells := row{"Reservation": allocation.Reservation, "Limit": allocation.Limit}
	if allocation.Shares != nil {
		cells.with(row{"Level": string(allocation.Shares.Level), "Shares": allocation.Shares.Shares})
	}
	return cells
}

// writeTools writes the VM's row of vTools.
func (e *export) writeTools(vm *machine) error {
	guest := vm.guest
	cells := row{
		"VM Version": vm.config.Version, "Tools": string(guest.ToolsStatus), "Tools Version": guest.ToolsVersion,
		"App status": guest.AppHeartbeatStatus, "Heartbeat status": string(vm.GuestHeartbeatStatus),
		"Kernel Crash state": guest.GuestKernelCrashed, "Operation Ready": guest.GuestOperationsReady,
		"State change support": guest.GuestStateChangeSupported, "Interactive Guest": guest.InteractiveGuestOperationsReady,
	}
	if tools := vm.config.Tools; tools != nil {
		cells.with(row{"Sync time": tools.SyncTimeWithHost, "Upgrade Policy": tools.ToolsUpgradePolicy})
	}
	if guest.ToolsStatus == types.VirtualMachineToolsStatusToolsOld {
		cells["Upgradeable"] = "Yes"
	}
	return e.addFor("vTools", vm, cells)
}

// writeSnapshots writes a row of vSnapshot for each snapshot of the VM, parents before their children.
func (e *export) writeSnapshots(vm *machine) error {
	if vm.Snapshot == nil {
		return nil
	}
	return e.writeTree(vm, vm.Snapshot.RootSnapshotList)
}

func (e *export) writeTree(vm *machine, trees []types.VirtualMachineSnapshotTree) error {
	for _, tree := range trees {
		file, size, total := snapshotFiles(vm, tree.Snapshot)
		cells := row{
			"Name": shownName.Replace(tree.Name), "Description": tree.Description, "Date / time": tree.CreateTime, "Filename": file,
			"Size MiB (vmsn)": size, "Size MiB (total)": total, "Quiesced": tree.Quiesced, "State": string(tree.State),
		}
		if err := e.addFor("vSnapshot", vm, cells); err != nil {
			return err
		}
		if err := e.writeTree(vm, tree.ChildSnapshotList); err != nil {
			return err
		}
	}
	return nil
}

// snapshotFiles says which file holds a snapshot's state, its size, and the size of everything that belongs to the snapshot,
// both in MiB with two decimals; nothing where the layout of the VM's files does not tell.
func snapshotFiles(vm *machine, snapshot types.ManagedObjectReference) (file string, size, total any) {
	if vm.LayoutEx == nil {
		return "", nil, nil
	}
	files := map[int32]types.VirtualMachineFileLayoutExFileInfo{}
	for _, info := range vm.LayoutEx.File {
		files[info.Key] = info
	}
	for _, layout := range vm.LayoutEx.Snapshot {
		if layout.Key != snapshot {
			continue
		}
		own, sum := files[layout.DataKey], files[layout.DataKey].Size
		if layout.MemoryKey > 0 {
			sum += files[layout.MemoryKey].Size
		}
		for _, key := range deltaKeys(layout.Disk) {
			sum += files[key].Size
		}
		return own.Name, float64(own.Size) / mib, float64(sum) / mib
	}
	return "", nil, nil
}

// deltaKeys are the keys of the files that hold what changed on disks: the last link of each chain, base disks left out.
func deltaKeys(disks []types.VirtualMachineFileLayoutExDiskLayout) []int32 {
	var keys []int32
	for _, disk := range disks {
		if len(disk.Chain) > 1 {
			keys = append(keys, disk.Chain[len(disk.Chain)-1].FileKey...)
		}
	}
	return keys
}
