// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// exportVersion is the version of RVTools whose export is written.
const exportVersion = "4.7.1.4"

// writeExport writes what RVTools would export of the simulator's estate, as CSV files RVTools_tab<name>.csv in a folder.
//
// It is made from the simulator's own memory, not through its API, so that it owes nothing to the reader that it is compared with.
// It shows what RVTools shows, and no more: neither passthrough devices nor a TPM, affinities, change tracking per disk or tags.
// Sizes are whole mebibytes, dates are UTC, and custom attributes of VMs are columns behind Annotation.
func writeExport(ctx *simulator.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	made := newExport(ctx)
	for _, fill := range []func() error{
		made.writeMachines, made.writeHosts, made.writeNetworks, made.writeStores, made.writePools, made.writeClusters, made.writeSource,
	} {
		if err := fill(); err != nil {
			return err
		}
	}
	for tab := range exportColumns {
		// RVTools writes a tab's header even where it has no rows.
		table, err := made.table(tab)
		if err == nil {
			err = table.save(dir)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// export is one export while it is written, with what is looked up again and again.
type export struct {
	ctx        *simulator.Context
	about      types.AboutInfo
	server     string
	tables     map[string]*table
	attributes []types.CustomFieldDef
	switchOf   map[string]string
	vmCount    map[string]int
	rules      map[string][]appliedRule
}

func newExport(ctx *simulator.Context) *export {
	made := &export{ctx: ctx, tables: map[string]*table{}, switchOf: map[string]string{}}
	if instance := as[mo.ServiceInstance](ctx.Map.Get(types.ManagedObjectReference{Type: "ServiceInstance", Value: "ServiceInstance"})); instance != nil {
		made.about = instance.Content.About
	}
	made.server = serverName(ctx, made.about)
	made.attributes = machineAttributes(ctx)
	for _, found := range switchesOf(ctx) {
		made.switchOf[found.Self.Value] = nameOf(ctx, &found.Self)
	}
	made.rules = map[string][]appliedRule{}
	for _, cluster := range clustersOf(ctx) {
		if config := configOf(cluster); config != nil {
			addRules(made.rules, config)
		}
	}
	return made
}

// serverName is the name under which RVTools was told to connect: here the one that the vCenter, or the host alone, has for itself.
func serverName(ctx *simulator.Context, about types.AboutInfo) string {
	if options := ctx.Map.OptionManager(); options != nil {
		for _, option := range options.Setting {
			if value := option.GetOptionValue(); value.Key == "VirtualCenter.FQDN" {
				if name, ok := value.Value.(string); ok && name != "" {
					return name
				}
			}
		}
	}
	if about.ApiType == "HostAgent" {
		for _, host := range objectsOf[mo.HostSystem](ctx, "HostSystem") {
			return nameOf(ctx, &host.Self)
		}
	}
	return about.Name
}

// machineAttributes are the custom attributes that VMs can have, in the order in which they were defined.
func machineAttributes(ctx *simulator.Context) []types.CustomFieldDef {
	var found []types.CustomFieldDef
	if ctx.Map.IsVPX() {
		for _, field := range ctx.Map.CustomFieldsManager().Field {
			if field.ManagedObjectType == "" || field.ManagedObjectType == "VirtualMachine" {
				found = append(found, field)
			}
		}
	}
	return found
}

func (e *export) table(tab string) (*table, error) {
	if found, ok := e.tables[tab]; ok {
		return found, nil
	}
	var names []string
	for _, field := range e.attributes {
		names = append(names, field.Name)
	}
	made, err := newTable(tab, names)
	e.tables[tab] = made
	return made, err
}

func (e *export) add(tab string, cells row, attributes ...string) error {
	table, err := e.table(tab)
	if err != nil {
		return err
	}
	return table.add(cells.with(e.sdk(tab)), attributes)
}

// sdk names the server in the tabs that have a place for it.
func (e *export) sdk(tab string) row {
	if tab == "vMetaData" {
		return nil
	}
	return row{"VI SDK Server": e.server, "VI SDK UUID": e.about.InstanceUuid}
}

// writeSource writes vSource and vMetaData.
func (e *export) writeSource() error {
	about := e.about
	err := e.add("vSource", row{
		"Name": e.server, "OS type": about.OsType, "API type": about.ApiType, "API version": about.ApiVersion, "Version": about.Version,
		"Patch level": about.PatchLevel, "Build": about.Build, "Fullname": about.FullName, "Product name": about.Name,
		"Product version": about.Version, "Product line": about.ProductLineId, "Vendor": about.Vendor,
	})
	if err != nil {
		return err
	}
	return e.add("vMetaData", row{
		"RVTools major version": strings.Join(strings.Split(exportVersion, ".")[:2], "."), "RVTools version": exportVersion,
		"xlsx creation datetime": captured, "Server": e.server,
	})
}

// ---- where things are ---------------------------------------------------------------------------------------------

// shownName undoes the escapes that names have in the API: the client and RVTools show them as they were typed.
var shownName = strings.NewReplacer("%2f", "/", "%2F", "/", "%5c", `\`, "%5C", `\`, "%25", "%")

// nameOf is the name of an entity as the client shows it; empty where the reference leads nowhere.
func nameOf(ctx *simulator.Context, reference *types.ManagedObjectReference) string {
	if reference == nil {
		return ""
	}
	object := ctx.Map.Get(*reference)
	if object == nil {
		return ""
	}
	// Networks have a name of their own, which hides that of the entity.
	if network := as[mo.Network](object); network != nil && network.Name != "" {
		return shownName.Replace(network.Name)
	}
	if entity, ok := object.(mo.Entity); ok {
		return shownName.Replace(entity.Entity().Name)
	}
	return ""
}

// above lists the ancestors of an entity, the nearest first, up to the root folder.
func (e *export) above(reference *types.ManagedObjectReference) []types.ManagedObjectReference {
	var found []types.ManagedObjectReference
	for reference != nil {
		entity, ok := e.ctx.Map.Get(*reference).(mo.Entity)
		if !ok {
			break
		}
		found = append(found, *reference)
		reference = entity.Entity().Parent
	}
	return found
}

// nearest is the name of the nearest ancestor of one of these types.
func (e *export) nearest(reference *types.ManagedObjectReference, kinds ...string) string {
	for _, ancestor := range e.above(reference) {
		for _, kind := range kinds {
			if ancestor.Type == kind {
				return nameOf(e.ctx, &ancestor)
			}
		}
	}
	return ""
}

// folderPath is the path of a VM's folder below the datacenter's own folder for VMs; empty for that one.
func (e *export) folderPath(parent *types.ManagedObjectReference) string {
	var names []string
	for _, ancestor := range e.above(parent) {
		if ancestor.Type == "Datacenter" {
			break
		}
		names = append([]string{nameOf(e.ctx, &ancestor)}, names...)
	}
	if len(names) < 2 {
		return ""
	}
	return strings.Join(names[1:], "/")
}

// poolPath is the path of a resource pool: /datacenter/cluster/Resources/pool, without the folders for hosts.
func (e *export) poolPath(pool *types.ManagedObjectReference) string {
	path := ""
	for _, ancestor := range e.above(pool) {
		if ancestor.Type != "Folder" {
			path = "/" + nameOf(e.ctx, &ancestor) + path
		}
	}
	return path
}

// ---- DRS rules ----------------------------------------------------------------------------------------------------

// appliedRule is an enabled rule that binds a VM.
type appliedRule struct{ kind, name string }

// addRules notes, for each VM, the enabled rules of one cluster that bind it.
func addRules(rules map[string][]appliedRule, config *types.ClusterConfigInfoEx) {
	members := map[string][]types.ManagedObjectReference{}
	for _, group := range config.Group {
		if machines, ok := group.(*types.ClusterVmGroup); ok {
			members[machines.Name] = machines.Vm
		}
	}
	for _, found := range config.Rule {
		info := found.GetClusterRuleInfo()
		if info.Enabled == nil || !*info.Enabled {
			continue
		}
		kind, bound := "", []types.ManagedObjectReference(nil)
		switch rule := found.(type) {
		case *types.ClusterAffinityRuleSpec:
			kind, bound = "VM-VM affinity", rule.Vm
		case *types.ClusterAntiAffinityRuleSpec:
			kind, bound = "VM-VM anti-affinity", rule.Vm
		case *types.ClusterVmHostRuleInfo:
			kind, bound = "VM-host affinity", members[rule.VmGroupName]
			if rule.AffineHostGroupName == "" {
				kind = "VM-host anti-affinity"
			}
		case *types.ClusterDependencyRuleInfo:
			kind, bound = "VM dependency", members[rule.VmGroup]
		}
		for _, vm := range bound {
			rules[vm.Value] = append(rules[vm.Value], appliedRule{kind, info.Name})
		}
	}
}

// ruleCells are the columns of vInfo about DRS rules.
func (e *export) ruleCells(vm types.ManagedObjectReference) row {
	var kinds, names []string
	for _, rule := range e.rules[vm.Value] {
		kinds, names = append(kinds, rule.kind), append(names, rule.name)
	}
	return row{"Cluster rule(s)": strings.Join(kinds, ", "), "Cluster rule name(s)": strings.Join(names, ", ")}
}

// ---- odds and ends ------------------------------------------------------------------------------------------------

// number is a number that RVTools writes as text, without separators.
func number[T int32 | int64 | int](value T) string { return fmt.Sprintf("%d", value) }
