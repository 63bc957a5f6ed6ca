// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const teraBytes = int64(1) << 40

// seedStores adds the shared datastores of a site, a datastore cluster and one datastore of each standalone host.
func (w *world) seedStores(s *site, vms int) {
	plans := append([]storePlan(nil), storePlans...)
	for i := 3; len(plans) < len(storePlans)+vms/80; i++ {
		plans = append(plans, storePlan{name: fmt.Sprintf("vmfs-gold-%02d", i), kind: "VMFS", tiB: 40, freePart: 0.4, pod: true})
	}
	pod := &mo.StoragePod{}
	pod.Self = w.id("StoragePod", "group-p")
	pod.Name = "pod-gold"
	pod.ChildType = []string{"Datastore"}
	root := s.folders["datastore"]
	pod.Parent = ptr(root.Self)
	root.ChildEntity = append(root.ChildEntity, pod.Self)
	pod.Summary = &types.StoragePodSummary{Name: pod.Name}
	w.put(&simulator.StoragePod{StoragePod: *pod})
	pod = &w.registry.Get(pod.Self).(*simulator.StoragePod).StoragePod
	nas := w.newFolder(root, "NAS", "group-s", "Datastore")
	for _, plan := range plans {
		if w.registry.IsESX() {
			break
		}
		store := w.newStore(s, plan, s.hosts)
		switch {
		case plan.pod:
			store.Parent = ptr(pod.Self)
			pod.ChildEntity = append(pod.ChildEntity, store.Self)
			pod.Summary.Capacity += store.Summary.Capacity
			pod.Summary.FreeSpace += store.Summary.FreeSpace
		case strings.HasPrefix(plan.kind, "NFS"):
			store.Parent = ptr(nas.Self)
			nas.ChildEntity = append(nas.ChildEntity, store.Self)
		default:
			store.Parent = ptr(root.Self)
			root.ChildEntity = append(root.ChildEntity, store.Self)
		}
		s.stores = append(s.stores, store)
	}
	for _, c := range s.computes {
		if c.alone == nil {
			continue
		}
		store := w.newStore(s, storePlan{name: "datastore1", kind: "VMFS", tiB: 2, freePart: 0.7}, c.hosts)
		store.Parent = ptr(root.Self)
		root.ChildEntity = append(root.ChildEntity, store.Self)
	}
}

func (w *world) newStore(s *site, plan storePlan, hosts []*simulator.HostSystem) *simulator.Datastore {
	store := &simulator.Datastore{}
	store.Self = w.id("Datastore", "datastore-")
	store.Name = plan.name
	capacity := plan.tiB * teraBytes
	free := int64(float64(capacity) * plan.freePart)
	id := w.uuid("datastore", s.dc.Name, plan.name)
	url := "ds:///vmfs/volumes/" + id + "/"
	state := plan.state
	if state == "" {
		state = "normal"
	}
	store.Summary = types.DatastoreSummary{
		Datastore: ptr(store.Self), Name: plan.name, Url: url, Capacity: capacity, FreeSpace: free, Uncommitted: capacity / 5,
		Accessible: !plan.lost, MultipleHostAccess: ptr(len(hosts) > 1), Type: plan.kind, MaintenanceMode: state,
	}
	info := types.DatastoreInfo{Name: plan.name, Url: url, FreeSpace: free, MaxFileSize: 64 * teraBytes, Timestamp: ptr(captured)}
	volume := types.HostFileSystemVolume{Type: plan.kind, Name: plan.name, Capacity: capacity}
	switch plan.kind {
	case "NFS", "NFS41":
		server, path, _ := strings.Cut(plan.address, ":")
		nas := &types.HostNasVolume{HostFileSystemVolume: volume, RemoteHost: server, RemotePath: path, UserName: "nobody"}
		if plan.kind == "NFS41" {
			nas.RemoteHostNames = []string{server, "nas-02b.example.com"}
			nas.SecurityType = "AUTH_SYS"
		}
		store.Info = &types.NasDatastoreInfo{DatastoreInfo: info, Nas: nas}
	case "vsan":
		store.Info = &types.VsanDatastoreInfo{DatastoreInfo: info, MembershipUuid: id}
	default:
		disk := "naa.6000" + strings.ReplaceAll(id, "-", "")[:28]
		store.Info = &types.VmfsDatastoreInfo{DatastoreInfo: info, Vmfs: &types.HostVmfsVolume{
			HostFileSystemVolume: volume, BlockSizeMb: 1, BlockSize: 1024, MajorVersion: 6, Version: "6.82", Uuid: id,
			Extent: []types.HostScsiDiskPartition{{DiskName: disk, Partition: 1}}, Ssd: ptr(true), Local: ptr(len(hosts) == 1),
		}}
	}
	for _, host := range hosts {
		store.Host = append(store.Host, types.DatastoreHostMount{Key: host.Self, MountInfo: types.HostMountInfo{
			Path: "/vmfs/volumes/" + id, AccessMode: "readWrite", Mounted: ptr(true), Accessible: ptr(!plan.lost),
		}})
		host.Datastore = append(host.Datastore, store.Self)
	}
	for _, c := range s.computes {
		if owns(c, hosts) {
			if c.cluster != nil {
				c.cluster.Datastore = append(c.cluster.Datastore, store.Self)
			} else {
				c.alone.Datastore = append(c.alone.Datastore, store.Self)
			}
		}
	}
	s.dc.Datastore = append(s.dc.Datastore, store.Self)
	w.put(store)
	return store
}

func owns(c *compute, hosts []*simulator.HostSystem) bool {
	for _, host := range hosts {
		if *host.Parent == c.ref() {
			return true
		}
	}
	return false
}
