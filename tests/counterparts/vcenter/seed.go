// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// seed fills an empty vCenter with an estate that depends on its name, the seed and the number of VMs alone.
func (w *world) fill(vms int, kinds []archetype) {
	w.seedFields()
	w.seedSites(vms)
	w.seedVMs(vms, kinds)
	w.seedRules()
	w.seedVApps()
	w.seedLicences()
}

// seedFields defines the custom attributes.
func (w *world) seedFields() {
	manager := w.registry.CustomFieldsManager()
	for i, name := range customAttributes {
		key := int32(101 + i)
		w.fields[name] = key
		definition := types.CustomFieldDef{Key: key, Name: name, Type: "string", ManagedObjectType: "VirtualMachine"}
		manager.Field = append(manager.Field, definition)
		w.fieldDefs = append(w.fieldDefs, definition)
	}
}

// seedVApps writes the start order of each vApp: the first VM first, the others together after it.
func (w *world) seedVApps() {
	for _, s := range w.datacenters {
		for _, c := range s.computes {
			for _, vapp := range c.vapps {
				for i, vm := range vapp.ResourcePool.Vm {
					order := min(i+1, 2)
					vapp.VAppConfig.EntityConfig = append(vapp.VAppConfig.EntityConfig, types.VAppEntityConfigInfo{
						Key: ptr(vm), Tag: w.registry.Get(vm).(*simulator.VirtualMachine).Name, StartOrder: int32(order), StartDelay: 120,
						WaitingForGuest: ptr(i == 0), StartAction: "powerOn", StopDelay: 120, StopAction: "powerOff", DestroyWithParent: ptr(false),
					})
				}
			}
		}
	}
}

// seedLicences puts licences into the licence manager and assigns them to vCenter and hosts.
func (w *world) seedLicences() {
	manager := w.registry.Get(*w.content.LicenseManager).(*simulator.LicenseManager)
	manager.Licenses = nil
	for i, plan := range licencePlans {
		key := fmt.Sprintf("%05d-%05d-%05d-%05d-%05d", i, i, i, i, i)
		info := types.LicenseManagerLicenseInfo{
			LicenseKey: key, EditionKey: plan.edition, Name: plan.name, Total: plan.total, Used: plan.used, CostUnit: plan.unit,
			Properties: []types.KeyAnyValue{{Key: "ProductName", Value: "VMware ESX Server"}, {Key: "ProductVersion", Value: "8.0"}},
		}
		if plan.expires != "" {
			moment, _ := time.Parse(time.RFC3339, plan.expires)
			info.Properties = append(info.Properties, types.KeyAnyValue{Key: "expirationDate", Value: moment})
		}
		manager.Licenses = append(manager.Licenses, info)
	}
	if manager.LicenseAssignmentManager == nil {
		return
	}
	assignment := w.registry.Get(*manager.LicenseAssignmentManager).(*simulator.LicenseAssignmentManager)
	for i := range assignment.QueryAssignedLicensesResponse.Returnval {
		entry := &assignment.QueryAssignedLicensesResponse.Returnval[i]
		switch {
		case entry.EntityId == w.content.About.InstanceUuid:
			entry.AssignedLicense, entry.EntityDisplayName = manager.Licenses[0], w.name
		case i%7 == 6:
			entry.AssignedLicense = manager.Licenses[3]
		case i%3 == 2:
			entry.AssignedLicense = manager.Licenses[2]
		default:
			entry.AssignedLicense = manager.Licenses[1]
		}
	}
}
