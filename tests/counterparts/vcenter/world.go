// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"math/rand"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// reference is short for the API's long name.
type reference = types.ManagedObjectReference

// world is the inventory while it is built, and afterwards what the faults need of it.
type world struct {
	ctx      *simulator.Context
	registry *simulator.Registry
	name     string
	seed     int64
	content  types.ServiceContent
	root     *simulator.Folder
	next     int

	datacenters             []*site
	vms                     []*simulator.VirtualMachine
	drafts                  []*draft
	login                   func(user, password string) bool
	tagCount, categoryCount int
	fields                  map[string]int32 // custom attributes by name
	fieldDefs               []types.CustomFieldDef

	mu       sync.Mutex
	vanished []func()
}

// captured is the day on which the seeded estate stands; times in it are counted back from here, so that a seed gives the same
// estate whenever it is made.
var captured = time.Date(2026, time.November, 2, 6, 30, 0, 0, time.UTC)

func newWorld(ctx *simulator.Context, content types.ServiceContent, name string, seed int64) *world {
	return &world{
		ctx: ctx, registry: ctx.Map, name: name, seed: seed, content: content, next: 2,
		root:   ctx.Map.Get(content.RootFolder).(*simulator.Folder),
		fields: map[string]int32{},
	}
}

// id makes a managed object id as vCenter numbers them: one counter for all classes.
func (w *world) id(kind, prefix string) reference {
	w.next++
	if w.registry.IsESX() && kind == "VirtualMachine" {
		prefix = "" // a host numbers its VMs
	}
	return reference{Type: kind, Value: fmt.Sprintf("%s%d", prefix, w.next)}
}

// uuid makes a UUID that depends on the vCenter, the seed and the parts alone.
func (w *world) uuid(parts ...any) string {
	text := fmt.Sprint(append([]any{w.name, w.seed}, parts...)...)
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(text)).String()
}

// random is a source of numbers of its own for each object, so that a change of one leaves the others as they are.
func (w *world) random(parts ...any) *rand.Rand {
	id := uuid.MustParse(w.uuid(parts...))
	var number int64
	for _, b := range id[:8] {
		number = number<<8 | int64(b)
	}
	return rand.New(rand.NewSource(number))
}

// put registers an object; the simulator package sets its status to green.
func (w *world) put(object mo.Reference) {
	w.registry.Put(object)
}

// escapeName writes a name as vCenter keeps it.
func escapeName(name string) string {
	return strings.NewReplacer("%", "%25", "/", "%2f", `\`, "%5c").Replace(name)
}

// reference finds an object of the inventory by its id.
func (w *world) reference(id string) reference {
	for _, entity := range w.registry.All("") {
		if self := entity.Reference(); self.Value == id {
			return self
		}
	}
	return reference{}
}

// resolve finds the id of an object by id or name.
func (w *world) resolve(text string) (string, bool) {
	found := ""
	for _, entity := range w.registry.All("") {
		self := entity.Reference()
		if self.Value == text {
			return text, true
		}
		if entityName(entity) == text && (found == "" || self.Value < found) {
			found = self.Value
		}
	}
	return found, found != ""
}

func entityName(entity mo.Entity) string {
	if name := entity.Entity().Name; name != "" {
		return name
	}
	if name, known := propertyValue(managedObject(entity), "name"); known && name != nil {
		return name.(string)
	}
	return ""
}

// chooseVMs picks VMs for a fault that names none: running, connected ones, spread over the inventory.
func (w *world) chooseVMs(n int) []string {
	var ids []string
	for _, vm := range w.vms {
		running := vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn
		if running && vm.Runtime.ConnectionState == types.VirtualMachineConnectionStateConnected && !vm.Config.Template {
			ids = append(ids, vm.Self.Value)
		}
	}
	if n >= len(ids) {
		return ids
	}
	chosen := make([]string, 0, n)
	for i := 0; i < n; i++ {
		chosen = append(chosen, ids[(2*i+1)*len(ids)/(2*n)])
	}
	return chosen
}

// below tells whether an object is one of those named or lies below one.
func (w *world) below(object reference, ids []string) bool {
	for i := 0; i < 64; i++ {
		for _, id := range ids {
			if object.Value == id {
				return true
			}
		}
		entity, ok := w.registry.Get(object).(mo.Entity)
		if !ok {
			return false
		}
		parent := entity.Entity().Parent
		if vm, isVM := entity.(*simulator.VirtualMachine); isVM && parent == nil {
			parent = vm.ParentVApp
		}
		if parent == nil {
			return false
		}
		object = *parent
	}
	return false
}

// vanishNow deletes the VMs of vanishing_vm when the first request comes that reads one of them.
func (w *world) vanishNow(ctx *simulator.Context, req *types.RetrievePropertiesEx) {
	f, armed := collecting.faults.get("vanishing_vm")
	if !armed {
		return
	}
	for _, spec := range req.SpecSet {
		if isListing(spec) {
			continue
		}
		for _, set := range spec.ObjectSet {
			if set.Obj.Type != "VirtualMachine" {
				continue
			}
			for _, id := range f.Objects {
				w.vanish(ctx, reference{Type: "VirtualMachine", Value: id})
			}
			return
		}
	}
}

func (w *world) vanish(ctx *simulator.Context, ref reference) {
	w.mu.Lock()
	defer w.mu.Unlock()
	vm, ok := w.registry.Get(ref).(*simulator.VirtualMachine)
	if !ok {
		return
	}
	collecting.faults.note("vanishing_vm")
	w.registry.Remove(ctx, ref)
	for _, list := range w.listsOf(vm) {
		before := *list
		kept := make([]reference, 0, len(before))
		for _, other := range before {
			if other != ref {
				kept = append(kept, other)
			}
		}
		*list = kept
		w.vanished = append(w.vanished, func() { *list = before })
	}
	w.vanished = append(w.vanished, func() { w.registry.Put(vm) })
}

// listsOf are the lists of other objects in which a VM stands.
func (w *world) listsOf(vm *simulator.VirtualMachine) []*[]reference {
	var lists []*[]reference
	for _, entity := range w.registry.All("") {
		switch owner := entity.(type) {
		case *simulator.Folder:
			lists = append(lists, &owner.ChildEntity)
		case *simulator.ResourcePool:
			lists = append(lists, &owner.Vm)
		case *simulator.VirtualApp:
			lists = append(lists, &owner.Vm)
		case *simulator.HostSystem:
			lists = append(lists, &owner.Vm)
		case *simulator.Datastore:
			lists = append(lists, &owner.Vm)
		case *mo.Network:
			lists = append(lists, &owner.Vm)
		case *simulator.DistributedVirtualPortgroup:
			lists = append(lists, &owner.Vm)
		}
	}
	standing := lists[:0]
	for _, list := range lists {
		if simulator.FindReference(*list, vm.Self) != nil {
			standing = append(standing, list)
		}
	}
	return standing
}

// restoreVanished brings deleted VMs back.
func (w *world) restoreVanished() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.vanished) - 1; i >= 0; i-- {
		w.vanished[i]()
	}
	w.vanished = nil
}

// counts are the numbers of the inventory and of what lies beside it.
func (w *world) counts() map[string]int {
	counts := countInventory(w.ctx)
	counts["tags"], counts["tag_categories"], counts["custom_attributes"] = w.tagCount, w.categoryCount, len(w.fieldDefs)
	if manager, ok := w.registry.Get(*w.content.LicenseManager).(*simulator.LicenseManager); ok {
		counts["licenses"] = len(manager.Licenses)
	}
	return counts
}
