// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// archetype is a kind of VM: a plain one of a guest system, changed where it is special.
type archetype struct {
	what    string // what it stands for
	guest   string // key of guests
	cluster string // name of the cluster plan that it needs
	with    bool   // stands beside the VM before it, on the same cluster
	named   bool   // has a name of its own, which must differ from round to round
	change  func(d, previous *draft)
}

// archetypes are the VMs in their order; a larger estate goes round. Among the first sixty each rule finds VMs that
// pass and VMs that fail.
var archetypes = []archetype{
	{what: "plain Linux server", guest: "rhel9"},
	{what: "plain Windows server", guest: "win2022"},
	{what: "raw device mapping, virtual mode", guest: "rhel8", change: func(d, _ *draft) {
		d.addDisk(diskDraft{bytes: 200 * giB, rdm: "virtualMode"})
	}},
	{what: "raw device mapping, physical mode", guest: "win2019", change: func(d, _ *draft) {
		d.controllers = append(d.controllers, controllerDraft{kind: "lsisas", sharing: "physicalSharing"})
		d.addDisk(diskDraft{bytes: 500 * giB, rdm: "physicalMode", controller: 1, untracked: true})
		d.changeTracking = false
	}},
	{what: "first node that shares a disk", guest: "rhel8", cluster: "prod", change: func(d, _ *draft) {
		d.controllers = append(d.controllers, controllerDraft{kind: "pvscsi", sharing: "noSharing"})
		d.addDisk(diskDraft{bytes: 100 * giB, provision: "eager", multiWriter: true, controller: 1, untracked: true, mode: "independent_persistent"})
		d.addNic(nicDraft{kind: "vmxnet3", network: "cluster-heartbeat", macType: "manual"})
		d.name = fmt.Sprintf("cluster-a-%04d", d.number+1)
	}},
	{what: "second node that shares a disk", guest: "rhel8", with: true, change: func(d, previous *draft) {
		d.controllers = append(d.controllers, controllerDraft{kind: "pvscsi", sharing: "noSharing"})
		shared := previous.disks[len(previous.disks)-1]
		shared.owner = previous
		shared.ownerPlace = len(previous.disks) - 1
		d.addDisk(shared)
		d.addNic(nicDraft{kind: "vmxnet3", network: "cluster-heartbeat", macType: "manual"})
		d.name = fmt.Sprintf("cluster-b-%04d", d.number+1)
	}},
	{what: "controller with virtual bus sharing", guest: "win2016", change: func(d, _ *draft) {
		d.controllers = append(d.controllers, controllerDraft{kind: "lsisas", sharing: "virtualSharing"})
		d.addDisk(diskDraft{bytes: 50 * giB, provision: "eager", controller: 1})
	}},
	{what: "independent disks", guest: "rhel7", change: func(d, _ *draft) {
		d.addDisk(diskDraft{bytes: 80 * giB, provision: "thick", mode: "independent_persistent", untracked: true})
		d.addDisk(diskDraft{bytes: 20 * giB, provision: "thin", mode: "independent_nonpersistent", untracked: true})
	}},
	{what: "change tracking off", guest: "rhel9", change: func(d, _ *draft) { d.changeTracking = false }},
	{what: "change tracking off for one disk", guest: "win2019", change: func(d, _ *draft) {
		d.addDisk(diskDraft{bytes: 60 * giB, provision: "thin", untracked: true})
	}},
	{what: "virtual TPM, encrypted home", guest: "win2022", cluster: "prod", change: func(d, _ *draft) {
		d.tpm, d.secureBoot, d.efi = true, true, true
		d.keyID = d.w.uuid("home key", d.number)
		d.policy = "VM Encryption Policy"
	}},
	{what: "encrypted disks", guest: "rhel9", change: func(d, _ *draft) {
		d.keyID = d.w.uuid("home key", d.number)
		d.policy = "VM Encryption Policy"
		for i := range d.disks {
			d.disks[i].encrypted, d.disks[i].policy = true, "VM Encryption Policy"
		}
	}},
	{what: "USB dongle", guest: "win2016", change: func(d, _ *draft) { d.usb = []string{"xhci", "device"} }},
	{what: "USB controller with nothing attached", guest: "rhel7", change: func(d, _ *draft) { d.usb = []string{"usb"} }},
	{what: "SR-IOV adapter", guest: "rhel8", cluster: "edge", change: func(d, _ *draft) {
		d.addNic(nicDraft{kind: "sriov", network: "Firewall-Trunk", macType: "assigned"})
		d.memLocked, d.memReservation = true, int64(d.memoryMiB)
	}},
	{what: "PCI device passed through", guest: "rhel8", change: func(d, _ *draft) {
		d.devices = append(d.devices, deviceDraft{kind: "pci", backing: "0000:af:00.0"})
		d.memLocked, d.memReservation = true, int64(d.memoryMiB)
	}},
	{what: "vGPU", guest: "win10", change: func(d, _ *draft) {
		d.devices = append(d.devices, deviceDraft{kind: "vgpu", backing: "grid_a100-10c"}, deviceDraft{kind: "sound"})
	}},
	{what: "SCSI device passed through", guest: "win2008", change: func(d, _ *draft) {
		d.devices = append(d.devices, deviceDraft{kind: "scsi", backing: "tape-vmhba2:C0:T3:L0"})
		d.controllers[0].kind = "lsisas"
	}},
	{what: "serial and parallel port, floppy", guest: "dos", change: func(d, _ *draft) {
		d.devices = append(d.devices, deviceDraft{kind: "serial", backing: "telnet://:7001"}, deviceDraft{kind: "parallel", backing: "/dev/parport0", disconnected: true})
		d.floppy, d.tools = true, toolsAbsent
		d.controllers, d.hardware = []controllerDraft{{kind: "ide"}}, 8
		d.disks = d.disks[:1]
		d.nics[0].kind = "pcnet32"
	}},
	{what: "ISO in the drive", guest: "sles15", change: func(d, _ *draft) {
		d.iso = "[nfs-archiv] iso/SLE-15-SP5-Full-x86_64-GM-Media1.iso"
	}},
	{what: "all kinds of disk controllers", guest: "oracle8", change: func(d, _ *draft) {
		d.controllers = []controllerDraft{{kind: "pvscsi"}, {kind: "ahci"}, {kind: "nvme"}, {kind: "ide"}, {kind: "lsilogic"}}
		d.disks = d.disks[:1]
		for i := 1; i < 5; i++ {
			d.addDisk(diskDraft{bytes: int64(10*i) * giB, provision: []string{"thin", "thick", "eager"}[i%3], controller: i})
		}
	}},
	{what: "old kinds of adapters", guest: "sles11", change: func(d, _ *draft) {
		d.nics = nil
		for i, kind := range []string{"e1000", "e1000e", "vmxnet2", "vmxnet", "pcnet32", "vmxnet3"} {
			networks := []string{"VM Network", "app-110", "Legacy VLAN 120", "trunk-router", "pvlan-isoliert", "mgmt/oob"}
			d.addNic(nicDraft{kind: kind, network: networks[i], macType: []string{"assigned", "generated", "manual"}[i%3], startOff: i == 3, disconnected: i == 4})
		}
	}},
	{what: "CPU and memory can be added", guest: "rhel9", change: func(d, _ *draft) { d.cpuHotAdd, d.memAdd = true, true }},
	{what: "CPUs can be removed; on a segment of NSX", guest: "win2019", change: func(d, _ *draft) {
		d.cpuHotRemove = true
		d.nics[0].network = segmentName
	}},
	{what: "pinned to CPUs", guest: "oracle8", cluster: "test", change: func(d, _ *draft) {
		d.affinity = []int32{0, 1, 2, 3}
		d.latency = types.LatencySensitivitySensitivityLevelHigh
		d.cpuReservation, d.memReservation, d.memLocked = int64(2000*d.cpus), int64(d.memoryMiB), true
	}},
	{what: "pinned to NUMA nodes", guest: "rhel8", change: func(d, _ *draft) {
		d.settings = append(d.settings, [2]string{"numa.nodeAffinity", "0,1"})
	}},
	{what: "reservations, limits and shares", guest: "rhel8", change: func(d, _ *draft) {
		d.cpuReservation, d.cpuLimit, d.memReservation, d.memLimit, d.shares = 4000, 8000, 4096, 65536, "high"
	}},
	{what: "disk serial numbers shown to the guest", guest: "rhel9", change: func(d, _ *draft) {
		d.settings = append(d.settings, [2]string{"disk.EnableUUID", "TRUE"})
	}},
	{what: "Fault Tolerance, running", guest: "win2019", cluster: "prod", change: func(d, _ *draft) {
		d.faultTolerance, d.cpus, d.cores, d.changeTracking = "running", 2, 1, false
	}},
	{what: "needs consolidation", guest: "win2016", change: func(d, _ *draft) { d.consolidation = true }},
	{what: "one old snapshot", guest: "rhel7", change: func(d, _ *draft) {
		d.snapshots = []snapshotDraft{{name: "vor Update", description: "Kernel 5.14 → 6.1\nnicht löschen!", days: 412, quiesced: true}}
	}},
	{what: "tree of snapshots", guest: "win2019", change: func(d, _ *draft) {
		d.snapshots = []snapshotDraft{
			{name: "Grundzustand", days: 300, quiesced: true},
			{name: "SP1", parent: "Grundzustand", days: 200, memory: true, description: "=HYPERLINK(\"x\")"},
			{name: "SP2 <rc>", parent: "SP1", days: 100, memory: true},
			{name: "Versuch", parent: "Grundzustand", days: 30, description: "Seitenzweig"},
			{name: "SP3 %2f final", parent: "SP2 <rc>", days: 3, quiesced: true},
		}
	}},
	{what: "full root file system", guest: "rhel8", change: func(d, _ *draft) {
		d.partitions = d.defaultPartitions()
		d.partitions[0].free = 42 * miB
	}},
	{what: "full /boot", guest: "rhel7", change: func(d, _ *draft) {
		d.partitions = d.defaultPartitions()
		d.partitions[1].free = 12 * miB
	}},
	{what: "full drive C", guest: "win2016", change: func(d, _ *draft) {
		d.partitions = d.defaultPartitions()
		d.partitions[0].free = 88 * miB
	}},
	{what: "drives without disks", guest: "win2012", change: func(d, _ *draft) {
		d.partitions = d.defaultPartitions()
		for i := range d.partitions {
			d.partitions[i].disks = nil
		}
		d.tools = toolsOld
	}},
	{what: "almost full data file system", guest: "ubuntu", change: func(d, _ *draft) {
		d.partitions = append(d.defaultPartitions(), partitionDraft{path: "/var/log", filesystem: "ext4", bytes: 5 * giB, free: 6 * miB, disks: []int{0}})
	}},
	{what: "unsupported old Linux", guest: "rhel6", change: func(d, _ *draft) { d.tools = toolsUnsupported }},
	{what: "unsupported CentOS", guest: "centos7"},
	{what: "host name localhost", guest: "debian", change: func(d, _ *draft) { d.hostname = ptr("localhost.localdomain") }},
	{what: "no host name", guest: "sles15", change: func(d, _ *draft) { d.hostname = ptr("") }},
	{what: "Tools stopped", guest: "rhel8", change: func(d, _ *draft) { d.tools = toolsStopped }},
	{what: "Tools never installed", guest: "solaris", change: func(d, _ *draft) { d.tools = toolsAbsent }},
	{what: "no address", guest: "rhel9", change: func(d, _ *draft) { d.noNetwork = true }},
	{what: "upper case and underscores in its name", guest: "win2019", named: true, change: func(d, _ *draft) {
		d.name = "SRV_ERP_DB01"
		d.folder = "Produktion/SAP%2fERP"
	}},
	{what: "long name", guest: "rhel8", named: true, change: func(d, _ *draft) {
		d.name = "integration-middleware-message-broker-production-node-0001-primary"
	}},
	{what: "odd name", guest: "ubuntu", named: true, change: func(d, _ *draft) {
		d.name = "Büro/Fileserver (alt) =1+2"
		d.folder = "Test & Entwicklung/Größe XL"
	}},
	{what: "odd notes", guest: "rhel9", change: func(d, _ *draft) {
		d.annotation = "=cmd|'/c calc'!A1\n<script>alert(\"Ü\")</script>\tTab, Komma; 'Hochkomma' \"Anführung\"\nZeile 3 — Ende\\"
		d.attributes["Notiz (frei)"] = "+49 30 123456, <b>fett</b>"
		d.tags = append(d.tags, "Compliance/=SUMME(A1)", "Compliance/PCI-DSS")
	}},
	{what: "powered off", guest: "win2012", change: func(d, _ *draft) { d.power = types.VirtualMachinePowerStatePoweredOff }},
	{what: "suspended", guest: "win10", change: func(d, _ *draft) { d.power = types.VirtualMachinePowerStateSuspended }},
	{what: "template", guest: "rhel9", change: func(d, _ *draft) {
		d.template, d.power, d.folder = true, types.VirtualMachinePowerStatePoweredOff, "Vorlagen"
		d.name = "tmpl-" + d.name
	}},
	{what: "vCLS agent", guest: "photon", named: true, cluster: "prod", change: func(d, _ *draft) {
		d.name = "vCLS-" + d.w.uuid("vcls", d.number)
		d.folder, d.pool, d.cpus, d.cores, d.memoryMiB = "vCLS", "", 1, 1, 128
		d.disks = []diskDraft{{bytes: 2 * giB, provision: "thin"}}
		d.nics, d.noDrive, d.tags, d.attributes = nil, true, nil, nil
		d.managedBy = &types.ManagedByInfo{ExtensionKey: "com.vmware.vim.eam", Type: "cluster-agent"}
		d.settings = append(d.settings, [2]string{"HDCS.agent", "true"}, [2]string{"eam.agent.initial.power.on", "true"})
		d.changeTracking, d.hostname = false, ptr("")
	}},
	{what: "placeholder of Site Recovery Manager", guest: "rhel8", change: func(d, _ *draft) {
		d.managedBy = &types.ManagedByInfo{ExtensionKey: "com.vmware.vcDr", Type: "placeholderVm"}
		d.power, d.disks, d.changeTracking = types.VirtualMachinePowerStatePoweredOff, nil, false
		d.tools, d.folder = toolsAbsent, "Archiv 100%25"
	}},
	{what: "first VM of a vApp", guest: "rhel9", cluster: "edge", change: func(d, _ *draft) {
		d.vapp = d.w.newVApp(d.in, fmt.Sprintf("vapp-webshop-%d", d.number/60+1))
		d.name = fmt.Sprintf("shop-db-%04d", d.number+1)
	}},
	{what: "second VM of a vApp", guest: "ubuntu", with: true, change: func(d, previous *draft) {
		d.vapp = previous.vapp
		d.name = fmt.Sprintf("shop-app-%04d", d.number+1)
	}},
	{what: "third VM of a vApp", guest: "ubuntu", with: true, change: func(d, previous *draft) {
		d.vapp = previous.vapp
		d.name = fmt.Sprintf("shop-web-%04d", d.number+1)
	}},
	{what: "disk on no datastore", guest: "win2008", change: func(d, _ *draft) {
		d.addDisk(diskDraft{bytes: 10 * giB, provision: "thin", nowhere: true, untracked: true})
	}},
	{what: "disk without a size", guest: "rhel7", change: func(d, _ *draft) {
		d.addDisk(diskDraft{bytes: 0, provision: "thick", untracked: true})
	}},
	{what: "more disks than the target allows", guest: "rhel8", change: func(d, _ *draft) {
		if d.round > 0 {
			return // one of them is enough, however large the estate is
		}
		d.controllers = []controllerDraft{{kind: "pvscsi"}, {kind: "pvscsi"}, {kind: "pvscsi"}, {kind: "pvscsi"}}
		d.disks = d.disks[:1]
		for i := 1; i < 168; i++ {
			d.addDisk(diskDraft{bytes: int64(1+i%9) * giB, provision: "thin", controller: i % 4})
		}
	}},
	{what: "files out of reach", guest: "win2016", change: func(d, _ *draft) {
		d.connection, d.power = types.VirtualMachineConnectionStateInaccessible, types.VirtualMachinePowerStatePoweredOff
		for _, store := range d.site.stores {
			if !store.Summary.Accessible {
				d.home = store
				for i := range d.disks {
					d.disks[i].store = store
				}
			}
		}
	}},
	{what: "replication filter, storage policy", guest: "win2022", change: func(d, _ *draft) {
		d.policy = "Gold (repliziert)"
		for i := range d.disks {
			d.disks[i].policy = "Gold (repliziert)"
		}
		d.disks[0].filters = []string{"vmwarelwd"}
		d.devices = append(d.devices, deviceDraft{kind: "clock"}, deviceDraft{kind: "watchdog"})
	}},
	{what: "unsupported FreeBSD", guest: "freebsd", change: func(d, _ *draft) { d.tools = toolsOpen }},
	{what: "remote direct memory access adapter", guest: "rhel9", change: func(d, _ *draft) {
		d.addNic(nicDraft{kind: "pvrdma", network: "db-130", macType: "assigned"})
	}},
	{what: "Fault Tolerance, disabled", guest: "rhel8", cluster: "prod", change: func(d, _ *draft) { d.faultTolerance = "disabled" }},
	{what: "runs on an older snapshot", guest: "rhel9", change: func(d, _ *draft) {
		d.snapshots = []snapshotDraft{{name: "a", days: 90}, {name: "b", parent: "a", days: 60}, {name: "c", parent: "b", days: 1}}
		d.current = "b"
	}},
	{what: "two adapters, one not connected", guest: "rhel9", change: func(d, _ *draft) {
		d.addNic(nicDraft{kind: "vmxnet3", network: "dmz-200", macType: "assigned", disconnected: true, startOff: true})
	}},
	{what: "configured as other, Tools know better", guest: "other"},
	{what: "addresses from DHCP", guest: "win10", change: func(d, _ *draft) {
		d.nics[0].dhcp = true
		d.nics[0].addresses = []string{"10.77.3.19/22", "2001:db8:77::19/64", "fe80::19/64"}
	}},
	{what: "orphaned", guest: "centos7", change: func(d, _ *draft) {
		d.connection, d.power = types.VirtualMachineConnectionStateOrphaned, types.VirtualMachinePowerStatePoweredOff
	}},
	{what: "nested virtualization", guest: "ubuntu", change: func(d, _ *draft) { d.nested = true }},
	{what: "configuration lost", guest: "rhel7", change: func(d, _ *draft) {
		d.connection, d.power = types.VirtualMachineConnectionStateInvalid, types.VirtualMachinePowerStatePoweredOff
	}},
	{what: "Red Hat Enterprise Linux 10", guest: "rhel10", change: func(d, _ *draft) { d.policy = "Silber" }},
	{what: "plain Debian", guest: "debian"},
}

func (d *draft) addDisk(disk diskDraft) {
	if disk.store == nil {
		disk.store = d.home
	}
	if disk.provision == "" {
		disk.provision = "thin"
	}
	d.disks = append(d.disks, disk)
}

func (d *draft) addNic(nic nicDraft) { d.nics = append(d.nics, nic) }

// plain is a name as file systems take it.
func plain(name string) string {
	return strings.NewReplacer("/", "_", "%2f", "_", `\`, "_", "\n", "_").Replace(name)
}
