// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
)

// fillHost gives a host that stands alone, reached in place of a vCenter, its hardware, datastores, networks and VMs.
func (w *world) fillHost(vms int) {
	s := &site{
		dc: w.registry.Any("Datacenter").(*simulator.Datacenter), domain: "example.com", folders: map[string]*simulator.Folder{},
		networks: map[string]reference{}, portgroup: map[string]*simulator.DistributedVirtualPortgroup{}, standard: map[string]*mo.Network{},
	}
	for name, folder := range map[string]reference{
		"vm": s.dc.VmFolder, "host": s.dc.HostFolder, "datastore": s.dc.DatastoreFolder, "network": s.dc.NetworkFolder,
	} {
		s.folders[name] = w.registry.Get(folder).(*simulator.Folder)
	}
	s.vmFolder = s.folders["vm"]
	for _, path := range folderPlans {
		s.folders["vm:"+path] = s.vmFolder // a host knows no folders
	}
	w.datacenters = []*site{s}
	resource := as[mo.ComputeResource](w.registry.Any("ComputeResource"))
	host := w.registry.Any("HostSystem").(*simulator.HostSystem)
	pool := w.registry.Get(*resource.ResourcePool).(*simulator.ResourcePool)
	made := w.newHost(s, serverModels[3], resource.Self, "")
	w.registry.Remove(w.ctx, made.Self)
	host.Name, host.Hardware, host.Summary, host.Runtime = w.name, made.Hardware, made.Summary, made.Runtime
	host.Summary.Host, host.Summary.Config.Name = ptr(host.Self), w.name
	host.Config.Network, host.Config.Product, host.Config.DateTimeInfo = made.Config.Network, made.Config.Product, made.Config.DateTimeInfo
	resource.Name = w.name
	s.hosts = []*simulator.HostSystem{host}
	c := &compute{site: s, alone: resource, hosts: s.hosts, root: pool, pools: map[string]*simulator.ResourcePool{"": pool}}
	s.computes = []*compute{c}
	s.networks["VM Network"] = host.Network[0]
	for _, plan := range []storePlan{
		{name: "datastore1", kind: "VMFS", tiB: 2, freePart: 0.4},
		{name: "nfs-archiv", kind: "NFS", tiB: 10, freePart: 0.6, address: "nas-01.example.com:/exports/archiv"},
	} {
		store := w.newStore(s, plan, s.hosts)
		store.Parent = ptr(s.folders["datastore"].Self)
		s.folders["datastore"].ChildEntity = append(s.folders["datastore"].ChildEntity, store.Self)
		s.stores = append(s.stores, store)
	}
	w.seedNetworks(s)
	w.seedVMs(vms, hostKinds())
	w.seedLicences()
}

// hostKinds are the archetypes that need no cluster; their adapters are on standard port groups.
func hostKinds() []archetype {
	var kinds []archetype
	for _, kind := range archetypes {
		if kind.cluster != "" || kind.with {
			continue
		}
		inner := kind.change
		kind.change = func(d, previous *draft) {
			if inner != nil {
				inner(d, previous)
			}
			d.tags, d.attributes, d.policy = nil, nil, ""
			for i := range d.nics {
				if _, known := d.site.networks[d.nics[i].network]; !known {
					d.nics[i].network = standardPlans[i%len(standardPlans)].name
				}
			}
			if d.round > 0 {
				d.name = fmt.Sprintf("%s-%d", d.name, d.round)
			}
		}
		kinds = append(kinds, kind)
	}
	return kinds
}
