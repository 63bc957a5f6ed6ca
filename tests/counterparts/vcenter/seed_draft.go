package main

import (
	"fmt"
	"math/rand"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// draft is a VM before it becomes an object of the API: a plain, healthy one until its archetype changes it.
type draft struct {
	w      *world
	random *rand.Rand
	number int // place among the vCenter's VMs, from 0
	round  int // how often the archetypes were gone through before
	plan   *archetype
	what   string
	name   string
	guest  guestPlan
	site   *site
	in     *compute
	host   *simulator.HostSystem
	home   *simulator.Datastore // where its configuration lies

	cpus, cores, memoryMiB, hardware int
	efi, secureBoot, tpm             bool
	keyID                            string // key of an encrypted VM home
	power                            types.VirtualMachinePowerState
	connection                       types.VirtualMachineConnectionState
	template, consolidation, nested  bool
	cpuHotAdd, cpuHotRemove, memAdd  bool
	changeTracking                   bool
	cpuReservation, cpuLimit         int64
	memReservation, memLimit         int64
	shares                           string
	memLocked                        bool
	affinity                         []int32
	latency                          types.LatencySensitivitySensitivityLevel
	faultTolerance                   string // state; "" is notConfigured
	managedBy                        *types.ManagedByInfo
	settings                         [][2]string // extraConfig beside the usual

	controllers []controllerDraft
	disks       []diskDraft
	nics        []nicDraft
	devices     []deviceDraft
	usb         []string // "usb", "xhci", "device"
	floppy      bool
	iso         string // file in the CD drive
	noDrive     bool

	snapshots  []snapshotDraft
	current    string // name of the snapshot on which it runs; "" is the last one
	tools      toolsDraft
	hostname   *string // nil is one made of the VM's name
	noNetwork  bool
	partitions []partitionDraft

	folder     string
	pool       string
	vapp       *simulator.VirtualApp
	annotation string
	attributes map[string]string
	tags       []string // category/name
	policy     string
	created    time.Time
}

type controllerDraft struct {
	kind    string // pvscsi, lsisas, lsilogic, buslogic, ahci, nvme, ide
	sharing string // "" is noSharing
}

type diskDraft struct {
	bytes       int64
	controller  int    // place in controllers
	provision   string // thin, thick, eager
	mode        string // "" is persistent
	multiWriter bool
	rdm         string // physicalMode, virtualMode
	untracked   bool
	encrypted   bool
	store       *simulator.Datastore
	nowhere     bool // on no datastore
	policy      string
	filters     []string
	owner       *draft // whose disk it is, for one that two VMs use
	ownerPlace  int
}

type nicDraft struct {
	kind         string // vmxnet3, e1000, e1000e, vmxnet2, vmxnet, pcnet32, pvrdma, sriov
	network      string // name of a port group
	macType      string // assigned, generated, manual
	disconnected bool
	startOff     bool
	dhcp         bool
	addresses    []string // with prefix; nil is one that is made up
}

type deviceDraft struct {
	kind, backing string
	disconnected  bool
}

type snapshotDraft struct {
	name, description, parent string
	days                      int // age
	quiesced, memory          bool
}

type toolsDraft struct {
	status, running, version, number string
}

type partitionDraft struct {
	path, filesystem string
	bytes, free      int64
	disks            []int // places in disks; nil where Tools names none
}

var (
	toolsOk          = toolsDraft{"toolsOk", "guestToolsRunning", "guestToolsCurrent", "12416"}
	toolsOpen        = toolsDraft{"toolsOk", "guestToolsRunning", "guestToolsUnmanaged", "12389"}
	toolsOld         = toolsDraft{"toolsOld", "guestToolsRunning", "guestToolsSupportedOld", "10338"}
	toolsStopped     = toolsDraft{"toolsNotRunning", "guestToolsNotRunning", "guestToolsCurrent", "12416"}
	toolsAbsent      = toolsDraft{"toolsNotInstalled", "guestToolsNotRunning", "guestToolsNotInstalled", "0"}
	toolsUnsupported = toolsDraft{"toolsOld", "guestToolsExecutingScripts", "guestToolsTooOld", "8384"}
)

// purposes and stages make up ordinary names.
var (
	purposes = []string{"web", "app", "db", "mail", "file", "build", "dns", "proxy", "erp", "crm", "log", "queue"}
	stages   = []string{"prod", "test", "dev"}
)

// newDraft is a plain VM: two disks on a paravirtual controller, one adapter, Tools running, everything tracked.
func (w *world) newDraft(number int, plan *archetype) *draft {
	d := &draft{
		w: w, number: number, plan: plan, what: plan.what, random: w.random("vm", number), guest: guests[plan.guest],
		hardware: []int{21, 20, 19, 17, 15, 13}[number%6], power: types.VirtualMachinePowerStatePoweredOn,
		connection: types.VirtualMachineConnectionStateConnected, changeTracking: true, cpuLimit: -1, memLimit: -1,
		latency: types.LatencySensitivitySensitivityLevelNormal, tools: toolsOk, attributes: map[string]string{},
	}
	if plan.guest == "" {
		panic("no guest for " + plan.what)
	}
	if !d.guest.windows && number%2 == 0 {
		d.tools = toolsOpen
	}
	d.cpus = []int{2, 4, 8, 2, 16, 1, 4, 12}[d.random.Intn(8)]
	d.cores = []int{1, d.cpus, max(d.cpus/2, 1)}[d.random.Intn(3)]
	d.memoryMiB = 2048 << d.random.Intn(5)
	d.efi = d.guest.efi
	d.secureBoot = d.efi && number%3 == 0
	d.name = fmt.Sprintf("%s-%s-%04d", purposes[d.random.Intn(len(purposes))], stages[d.random.Intn(len(stages))], number+1)
	d.created = captured.AddDate(0, 0, -30-d.random.Intn(1500)).Add(-time.Duration(d.random.Intn(86400)) * time.Second)
	d.controllers = []controllerDraft{{kind: "pvscsi"}}
	d.disks = []diskDraft{{bytes: int64(40+10*d.random.Intn(8)) * giB, provision: "thin"}}
	for i := d.random.Intn(4); i > 0; i-- {
		provision := []string{"thin", "thick", "eager"}[d.random.Intn(3)]
		d.disks = append(d.disks, diskDraft{bytes: int64(20+10*d.random.Intn(40)) * giB, provision: provision})
	}
	d.nics = []nicDraft{{kind: "vmxnet3", network: []string{"app-110", "db-130", "dmz-200"}[d.random.Intn(3)], macType: "assigned"}}
	d.folder = []string{"Produktion", "Produktion/Web", "Test & Entwicklung", "Produktion/SAP%2fERP", "Lab"}[d.random.Intn(5)]
	d.pool = []string{"", "Produktion", "Test"}[d.random.Intn(3)]
	d.tags = []string{"Umgebung/" + tagCategories[0].tags[d.random.Intn(3)], "Owner/" + tagCategories[1].tags[d.random.Intn(3)]}
	d.attributes["Kostenstelle"] = fmt.Sprintf("%d", 4000+10*d.random.Intn(60))
	d.attributes["Application Owner"] = "team-" + strings.SplitN(d.name, "-", 2)[0] + "@example.com"
	return d
}

// defaultPartitions are file systems with room enough, on the disks that there are.
func (d *draft) defaultPartitions() []partitionDraft {
	boot := d.disks[0].bytes
	if d.guest.windows {
		list := []partitionDraft{{path: `C:\`, filesystem: "NTFS", bytes: boot - giB, free: boot / 3, disks: []int{0}}}
		for i := 1; i < len(d.disks) && i < 6; i++ {
			size := d.disks[i].bytes - 128*miB
			if size <= 0 {
				continue // a disk without a size holds no file system
			}
			list = append(list, partitionDraft{path: string(rune('D'+i-1)) + `:\`, filesystem: "NTFS", bytes: size, free: size / 2, disks: []int{i}})
		}
		return list
	}
	list := []partitionDraft{
		{path: "/", filesystem: "xfs", bytes: boot - min(2*giB, boot/2), free: boot / 4, disks: []int{0}},
		{path: "/boot", filesystem: "ext4", bytes: giB, free: 600 * miB, disks: []int{0}},
	}
	for i := 1; i < len(d.disks) && i < 6; i++ {
		size := d.disks[i].bytes - 64*miB
		if size <= 0 {
			continue
		}
		list = append(list, partitionDraft{path: fmt.Sprintf("/data%d", i), filesystem: "xfs", bytes: size, free: size / 3, disks: []int{i}})
	}
	return list
}
