// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

// The tables of the seeded estate: plain data, from which the seed_*.go files build objects.

const (
	giB = int64(1) << 30
	miB = int64(1) << 20
)

// siteNames are the datacenters; the seed decides where a vCenter begins.
var siteNames = []string{"Nordhafen", "Ostpark/Halle 3", "Südkreuz", "Westend", "Kanal 7", "Bergwerk", "Messe", "Flussinsel"}

// serverModel is a make of server.
type serverModel struct {
	vendor, model, cpu  string
	sockets, cores, mhz int // cores of one socket
	memoryGiB           int64
	evc                 string // highest baseline that it can run
}

var serverModels = []serverModel{
	{"Dell Inc.", "PowerEdge R650", "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz", 2, 32, 1995, 1024, "intel-icelake"},
	{"HPE", "ProLiant DL380 Gen10", "Intel(R) Xeon(R) Gold 6248R CPU @ 3.00GHz", 2, 24, 2993, 768, "intel-cascadelake"},
	{"Lenovo", "ThinkSystem SR645", "AMD EPYC 7543 32-Core Processor", 2, 32, 2794, 1024, "amd-zen3"},
	{"Cisco Systems Inc", "UCSB-B200-M5", "Intel(R) Xeon(R) Gold 6154 CPU @ 3.00GHz", 2, 18, 2992, 512, "intel-skylake"},
}

// release is a release of ESXi.
type release struct{ version, build string }

var esxReleases = []release{{"8.0.3", "24280767"}, {"8.0.3", "24280767"}, {"8.0.2", "23305546"}, {"7.0.3", "23307199"}}

// clusterPlan is how a cluster is set up; clusters take the plans in turn.
type clusterPlan struct {
	name         string
	drs          bool
	drsBehavior  string
	dpm          bool
	dpmBehavior  string
	ha           bool
	admission    bool
	vmMonitoring string
	restart      string
	evc          string
	model        int // place in serverModels
}

var clusterPlans = []clusterPlan{
	{name: "prod", drs: true, drsBehavior: "fullyAutomated", ha: true, admission: true, vmMonitoring: "vmMonitoringDisabled", restart: "medium",
		evc: "intel-cascadelake", model: 0},
	{name: "edge", drs: true, drsBehavior: "manual", dpm: true, dpmBehavior: "automated", ha: true, vmMonitoring: "vmAndAppMonitoring",
		restart: "high", model: 2},
	{name: "test", drsBehavior: "manual", dpmBehavior: "manual", vmMonitoring: "vmMonitoringDisabled", restart: "medium", model: 1},
	{name: "db", drs: true, drsBehavior: "partiallyAutomated", ha: true, admission: true, vmMonitoring: "vmMonitoringOnly", restart: "low",
		evc: "intel-skylake", model: 3},
}

// storePlan is a shared datastore of each datacenter.
type storePlan struct {
	name, kind string
	tiB        int64
	freePart   float64
	pod        bool
	address    string // NFS server and export
	state      string
	lost       bool // no host reaches it
}

var storePlans = []storePlan{
	{name: "vmfs-gold-01", kind: "VMFS", tiB: 40, freePart: 0.31, pod: true},
	{name: "vmfs-gold-02", kind: "VMFS", tiB: 40, freePart: 0.44, pod: true},
	{name: "vmfs-silber 03", kind: "VMFS", tiB: 64, freePart: 0.08},
	{name: "nfs-archiv", kind: "NFS", tiB: 100, freePart: 0.62, address: "nas-01.example.com:/exports/archiv"},
	{name: "nfs41-home", kind: "NFS41", tiB: 20, freePart: 0.5, address: "nas-02.example.com:/exports/home"},
	{name: "vsanDatastore", kind: "vsan", tiB: 55, freePart: 0.37},
	{name: "vmfs-ruhestand", kind: "VMFS", tiB: 8, freePart: 0.91, state: "inMaintenance"},
	{name: "nfs-verloren", kind: "NFS", tiB: 4, freePart: 0.5, address: "nas-99.example.com:/exports/alt", lost: true},
}

// standardPlan is a port group of the hosts' standard switches.
type standardPlan struct {
	name                         string
	vlan                         int32
	promiscuous, changes, forged bool
}

var standardPlans = []standardPlan{
	{name: "VM Network"},
	{name: "Legacy VLAN 120", vlan: 120, promiscuous: true, changes: true, forged: true},
	{name: "Firewall-Trunk", vlan: 4095, changes: true, forged: true},
}

// portgroupPlan is a port group of each datacenter's distributed switch.
type portgroupPlan struct {
	name                         string
	vlan                         int32
	trunk                        [][2]int32
	private                      int32
	uplink                       bool
	promiscuous, changes, forged bool
}

var portgroupPlans = []portgroupPlan{
	{name: "uplinks", trunk: [][2]int32{{0, 4094}}, uplink: true},
	{name: "app-110", vlan: 110},
	{name: "db-130", vlan: 130},
	{name: "dmz-200", vlan: 200, forged: true, changes: true},
	{name: "cluster-heartbeat", vlan: 0, promiscuous: true, changes: true, forged: true},
	{name: "trunk-router", trunk: [][2]int32{{1, 20}, {30, 30}, {100, 199}}},
	{name: "pvlan-isoliert", private: 501},
	{name: "mgmt/oob", vlan: 99},
}

// segmentName is the segment of NSX that each datacenter has.
const segmentName = "nsx-segment-7"

// folderPlans are the folders for VMs below a datacenter's own, parents first.
var folderPlans = []string{
	"Produktion", "Produktion/SAP%2fERP", "Produktion/Web", "Test & Entwicklung", "Test & Entwicklung/Größe XL", "Vorlagen", "Lab", "vCLS",
	"Archiv 100%25",
}

// poolPlan is a resource pool below a cluster's root pool; a path's parents come first.
type poolPlan struct {
	path                     string
	cpuReservation, cpuLimit int64
	memReservation, memLimit int64
	shares                   string
	expandable               bool
}

var poolPlans = []poolPlan{
	{path: "Produktion", cpuReservation: 20000, cpuLimit: -1, memReservation: 65536, memLimit: -1, shares: "high", expandable: true},
	{path: "Produktion/ERP", cpuReservation: 8000, cpuLimit: -1, memReservation: 32768, memLimit: 262144, shares: "high"},
	{path: "Test", cpuLimit: 16000, memLimit: 131072, shares: "low", expandable: true},
}

// guestPlan is a guest operating system as vSphere names it.
type guestPlan struct {
	id, config, tools string // identifier, configured name, name as VMware Tools reports it
	windows           bool
	efi               bool
}

var guests = map[string]guestPlan{
	"rhel9":   {"rhel9_64Guest", "Red Hat Enterprise Linux 9 (64-bit)", "Red Hat Enterprise Linux 9.4 (Plow)", false, true},
	"rhel8":   {"rhel8_64Guest", "Red Hat Enterprise Linux 8 (64-bit)", "Red Hat Enterprise Linux 8 (64-bit)", false, true},
	"rhel7":   {"rhel7_64Guest", "Red Hat Enterprise Linux 7 (64-bit)", "Red Hat Enterprise Linux 7 (64-bit)", false, false},
	"rhel6":   {"rhel6_64Guest", "Red Hat Enterprise Linux 6 (64-bit)", "Red Hat Enterprise Linux 6 (64-bit)", false, false},
	"rhel10":  {"rhel9_64Guest", "Red Hat Enterprise Linux 9 (64-bit)", "Red Hat Enterprise Linux 10.0 (Coughlan)", false, true},
	"centos7": {"centos7_64Guest", "CentOS 7 (64-bit)", "CentOS Linux 7 (Core)", false, false},
	"ubuntu":  {"ubuntu64Guest", "Ubuntu Linux (64-bit)", "Ubuntu Linux (64-bit)", false, true},
	"sles15":  {"sles15_64Guest", "SUSE Linux Enterprise 15 (64-bit)", "SUSE Linux Enterprise Server 15 SP5", false, true},
	"sles11":  {"sles11_64Guest", "SUSE Linux Enterprise 11 (64-bit)", "SUSE Linux Enterprise 11 (64-bit)", false, false},
	"oracle8": {"oracleLinux8_64Guest", "Oracle Linux 8 (64-bit)", "Oracle Linux 8 (64-bit)", false, true},
	"debian":  {"debian12_64Guest", "Debian GNU/Linux 12 (64-bit)", "Debian GNU/Linux 12 (bookworm)", false, true},
	"freebsd": {"freebsd13_64Guest", "FreeBSD 13 (64-bit)", "FreeBSD 13.2-RELEASE", false, false},
	"other":   {"otherLinux64Guest", "Other Linux (64-bit)", "Red Hat Enterprise Linux 8.10 (Ootpa)", false, false},
	"photon":  {"other3xLinux64Guest", "Other 3.x or later Linux (64-bit)", "VMware Photon OS/Linux", false, false},
	"win2012": {"windows8Server64Guest", "Microsoft Windows Server 2012 (64-bit)", "Microsoft Windows Server 2012 R2 (64-bit)", true, false},
	"win2008": {"windows7Server64Guest", "Microsoft Windows Server 2008 R2 (64-bit)", "Microsoft Windows Server 2008 R2 (64-bit)", true, false},
	"win2016": {"windows9Server64Guest", "Microsoft Windows Server 2016 or later (64-bit)", "Microsoft Windows Server 2016 (64-bit)", true, true},
	"win2019": {"windows2019srv_64Guest", "Microsoft Windows Server 2019 (64-bit)", "Microsoft Windows Server 2019 (64-bit)", true, true},
	"win2022": {"windows2019srvNext_64Guest", "Microsoft Windows Server 2022 (64-bit)", "Microsoft Windows Server 2022 (64-bit)", true, true},
	"win10":   {"windows9_64Guest", "Microsoft Windows 10 (64-bit)", "Microsoft Windows 10 (64-bit)", true, true},
	"solaris": {"solaris11_64Guest", "Oracle Solaris 11 (64-bit)", "", false, false},
	"dos":     {"dosGuest", "Microsoft MS-DOS", "", false, false},
}

// customAttributes are defined on VMs, in this order.
var customAttributes = []string{"Kostenstelle", "Application Owner", "Backup-Klasse", "Notiz (frei)"}

// tagCategories and their tags.
var tagCategories = []struct {
	name, cardinality string
	tags              []string
}{
	{"Umgebung", "SINGLE", []string{"Produktion", "Test", "Entwicklung"}},
	{"Owner", "SINGLE", []string{"team-erp", "team-web", "team-netz/sicherheit"}},
	{"Compliance", "MULTIPLE", []string{"PCI-DSS", "DSGVO", "=SUMME(A1)"}},
}

// policyNames are the storage policies; the first two come with every vCenter.
var policyNames = []string{"VM Encryption Policy", "vSAN Default Storage Policy", "Gold (repliziert)", "Silber"}

// licencePlan is a licence that the vCenter holds. Its key is made from its place: keys of real licences look like it.
type licencePlan struct {
	edition, name, unit string
	total, used         int32
	expires             string
}

var licencePlans = []licencePlan{
	{"vc.standard.instance", "vCenter Server 8 Standard", "server", 2, 1, ""},
	{"esx.enterprisePlus.cpuPackageCoreLimited", "vSphere 8 Enterprise Plus", "cpuPackage", 64, 18, ""},
	{"esx.vsphere.foundation.core", "vSphere Foundation", "core", 512, 96, "2027-03-31T00:00:00Z"},
	{"eval", "Evaluation Mode", "", 0, 0, ""},
}
