// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	readerRole   = 5001
	noAccessRole = -5
)

// readerPrivileges are what the simulator's user may do: read everything, and nothing else.
var readerPrivileges = []string{
	"System.Anonymous", "System.View", "System.Read", "Global.Licenses", "StorageProfile.View", "Sessions.ValidateSession",
}

// viewProperties need System.View alone; every other property of an inventory object needs System.Read. This is the
// privilege that the vSphere API reference gives with each property; a base class's properties hold for what derives from it.
var viewProperties = map[string][]string{
	"ManagedEntity": {
		"parent", "customValue", "effectiveRole", "name", "declaredAlarmState", "triggeredAlarmState", "tag", "value", "availableField",
	},
	"Folder":               {"childType", "childEntity", "namespace"},
	"StoragePod":           {"childType", "childEntity", "namespace", "summary"},
	"Datacenter":           {"vmFolder", "hostFolder", "datastoreFolder", "networkFolder", "configuration"},
	"ComputeResource":      {"resourcePool", "host", "datastore", "network", "environmentBrowser", "lifecycleManaged"},
	"HostSystem":           {"datastore", "network", "datastoreBrowser"},
	"ResourcePool":         {"owner", "resourcePool", "vm", "namespace"},
	"VirtualApp":           {"owner", "resourcePool", "vm", "namespace", "parentFolder", "datastore", "network"},
	"VirtualMachine":       {"datastore", "network"},
	"LicenseManager":       {"licenseAssignmentManager"},
	"CustomFieldsManager":  {"field"},
	"PerformanceManager":   {"description", "historicalInterval", "perfCounter"},
	"AuthorizationManager": {"privilegeList", "roleList", "description"},
	"ExtensionManager":     {"extensionList"},
	"ServiceInstance":      {"serverClock", "capability"},
}

// otherProperties need a privilege of their own, System.Anonymous being none.
var otherProperties = map[string]string{
	"LicenseManager.licenses":            "Global.Licenses",
	"SessionManager.sessionList":         "Sessions.TerminateSession",
	"SessionManager.currentSession":      "System.Anonymous",
	"SessionManager.defaultLocale":       "System.Anonymous",
	"SessionManager.messageLocaleList":   "System.Anonymous",
	"SessionManager.supportedLocaleList": "System.Anonymous",
	"ServiceInstance.content":            "System.Anonymous",
	"ContainerView.view":                 "System.View",
	"ContainerView.container":            "System.View",
	"ContainerView.type":                 "System.View",
	"ContainerView.recursive":            "System.View",
	"ListView.view":                      "System.View",
}

// methodPrivileges are those of the methods that a reader of the inventory calls.
var methodPrivileges = map[string]string{
	"QueryAssignedLicenses":              "System.View",
	"QueryOptions":                       "System.View",
	"CreateContainerView":                "System.View",
	"CreateListView":                     "System.View",
	"QueryPerf":                          "System.View",
	"QueryAvailablePerfMetric":           "System.View",
	"QueryPerfCounter":                   "System.View",
	"QueryPerfProviderSummary":           "System.View",
	"CurrentTime":                        "System.View",
	"PbmQueryProfile":                    "StorageProfile.View",
	"PbmRetrieveContent":                 "StorageProfile.View",
	"PbmQueryAssociatedProfile":          "StorageProfile.View",
	"PbmQueryAssociatedProfiles":         "StorageProfile.View",
	"PbmQueryAssociatedEntity":           "StorageProfile.View",
	"PbmQueryAssociatedEntities":         "StorageProfile.View",
	"PbmQueryDefaultRequirementProfiles": "StorageProfile.View",
	"SessionIsActive":                    "Sessions.ValidateSession",
	"HasPrivilegeOnEntity":               "System.View",
	"HasPrivilegeOnEntities":             "System.View",
	"CreateFilter":                       "System.View",
	"WaitForUpdatesEx":                   "System.View",
}

// entityTypes are the classes of the inventory; their properties follow ManagedEntity's rule.
var entityTypes = []string{
	"Folder", "StoragePod", "Datacenter", "ComputeResource", "ClusterComputeResource", "HostSystem", "ResourcePool", "VirtualApp",
	"VirtualMachine", "Datastore", "Network", "OpaqueNetwork", "DistributedVirtualPortgroup", "DistributedVirtualSwitch",
	"VmwareDistributedVirtualSwitch",
}

// rights says what the user may do and see.
type rights struct {
	mu     sync.RWMutex
	denied []string
	faults *faultBook
	world  *world
}

// deny takes privileges away; what was taken away before comes back.
func (r *rights) deny(privileges []string) error {
	for _, privilege := range privileges {
		if !strings.Contains(privilege, ".") {
			return fmt.Errorf("%q is no privilege: it should read like System.Read", privilege)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.denied = privileges
	return nil
}

// has tells whether the user holds a privilege, leaving aside on which object.
func (r *rights) has(privilege string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if privilege == "System.Anonymous" {
		return true
	}
	if slices.Contains(r.denied, privilege) {
		return false
	}
	return slices.Contains(readerPrivileges, privilege)
}

// granted lists the privileges that the user holds on an object, sorted.
func (r *rights) granted(object types.ManagedObjectReference) []string {
	if r.hidden(object) {
		return []string{"System.Anonymous"}
	}
	var held []string
	for _, privilege := range readerPrivileges {
		if r.has(privilege) {
			held = append(held, privilege)
		}
	}
	sort.Strings(held)
	return held
}

// propertyPrivilege is the privilege that reading a property path of an object needs.
func propertyPrivilege(kind, path string) string {
	name, _, _ := strings.Cut(path, ".")
	name, _, _ = strings.Cut(name, "[")
	if privilege, ok := otherProperties[kind+"."+name]; ok {
		return privilege
	}
	if slices.Contains(entityTypes, kind) && slices.Contains(viewProperties["ManagedEntity"], name) {
		return "System.View"
	}
	if kind == "ClusterComputeResource" {
		kind = "ComputeResource"
	}
	if slices.Contains(viewProperties[kind], name) {
		return "System.View"
	}
	return "System.Read"
}

// missing is the privilege that the user lacks for a property of an object; empty when nothing is lacking.
func (r *rights) missing(object types.ManagedObjectReference, path string) string {
	privilege := propertyPrivilege(object.Type, path)
	if privilege == "System.Anonymous" {
		return ""
	}
	if r.hidden(object) {
		return "System.View"
	}
	// Whoever may not view an object may not read it either.
	for _, needed := range []string{"System.View", privilege} {
		if !r.has(needed) {
			return needed
		}
	}
	return ""
}

// hidden tells whether an inventory object lies outside of what the user can see.
func (r *rights) hidden(object types.ManagedObjectReference) bool {
	if !slices.Contains(entityTypes, object.Type) {
		return false
	}
	if f, ok := r.faults.get("no_read_access_subtree"); ok && r.world.below(object, f.Objects) {
		return true
	}
	if f, ok := r.faults.get("no_propagation"); ok {
		return object != r.world.root.Self && !r.world.below(object, f.Objects)
	}
	return false
}

func noPermission(object types.ManagedObjectReference, privilege string) *types.NoPermission {
	return &types.NoPermission{Object: &object, PrivilegeId: privilege}
}

// permissions are the entries that make up what the user may see, as an administrator would have set them.
func (r *rights) permissions() []types.Permission {
	entry := func(object types.ManagedObjectReference, role int32, propagate bool) types.Permission {
		return types.Permission{Entity: &object, Principal: `VSPHERE.LOCAL\reader`, RoleId: role, Propagate: propagate}
	}
	root := r.world.root.Self
	if f, ok := r.faults.get("no_propagation"); ok {
		list := []types.Permission{entry(root, readerRole, false)}
		for _, id := range f.Objects {
			list = append(list, entry(r.world.reference(id), readerRole, true))
		}
		return list
	}
	list := []types.Permission{entry(root, readerRole, true)}
	if f, ok := r.faults.get("no_read_access_subtree"); ok {
		for _, id := range f.Objects {
			list = append(list, entry(r.world.reference(id), noAccessRole, true))
		}
	}
	return list
}

// authorizationManager answers what the user may do. The simulator package grants everything to everybody.
type authorizationManager struct {
	simulator.AuthorizationManager
	rights *rights
}

func (m *authorizationManager) HasPrivilegeOnEntities(req *types.HasPrivilegeOnEntities) soap.HasFault {
	if fault := m.refused("System.Read", req.Entity...); fault != nil {
		return &methods.HasPrivilegeOnEntitiesBody{Fault_: fault}
	}
	var result []types.EntityPrivilege
	for _, entity := range req.Entity {
		result = append(result, m.availability(entity, req.PrivId))
	}
	return &methods.HasPrivilegeOnEntitiesBody{Res: &types.HasPrivilegeOnEntitiesResponse{Returnval: result}}
}

func (m *authorizationManager) HasUserPrivilegeOnEntities(req *types.HasUserPrivilegeOnEntities) soap.HasFault {
	if fault := m.refused("System.View", req.Entities...); fault != nil {
		return &methods.HasUserPrivilegeOnEntitiesBody{Fault_: fault}
	}
	var result []types.EntityPrivilege
	for _, entity := range req.Entities {
		result = append(result, m.availability(entity, req.PrivId))
	}
	return &methods.HasUserPrivilegeOnEntitiesBody{Res: &types.HasUserPrivilegeOnEntitiesResponse{Returnval: result}}
}

func (m *authorizationManager) HasPrivilegeOnEntity(req *types.HasPrivilegeOnEntity) soap.HasFault {
	if fault := m.refused("System.Read", req.Entity); fault != nil {
		return &methods.HasPrivilegeOnEntityBody{Fault_: fault}
	}
	held := m.rights.granted(req.Entity)
	result := make([]bool, len(req.PrivId))
	for i, privilege := range req.PrivId {
		result[i] = slices.Contains(held, privilege)
	}
	return &methods.HasPrivilegeOnEntityBody{Res: &types.HasPrivilegeOnEntityResponse{Returnval: result}}
}

func (m *authorizationManager) FetchUserPrivilegeOnEntities(req *types.FetchUserPrivilegeOnEntities) soap.HasFault {
	if fault := m.refused("System.View", req.Entities...); fault != nil {
		return &methods.FetchUserPrivilegeOnEntitiesBody{Fault_: fault}
	}
	var result []types.UserPrivilegeResult
	for _, entity := range req.Entities {
		result = append(result, types.UserPrivilegeResult{Entity: entity, Privileges: m.rights.granted(entity)})
	}
	return &methods.FetchUserPrivilegeOnEntitiesBody{Res: &types.FetchUserPrivilegeOnEntitiesResponse{Returnval: result}}
}

func (m *authorizationManager) RetrieveEntityPermissions(ctx *simulator.Context, req *types.RetrieveEntityPermissions) soap.HasFault {
	body := &methods.RetrieveEntityPermissionsBody{Fault_: m.refused("System.Read", req.Entity)}
	if body.Fault_ != nil {
		return body
	}
	entity, ok := ctx.Map.Get(req.Entity).(mo.Entity)
	if !ok {
		body.Fault_ = simulator.Fault("", &types.ManagedObjectNotFound{Obj: req.Entity})
		return body
	}
	body.Res = new(types.RetrieveEntityPermissionsResponse)
	all := m.rights.permissions()
	for ok {
		self := entity.Reference()
		for _, permission := range all {
			if *permission.Entity == self && (self == req.Entity || permission.Propagate) {
				body.Res.Returnval = append(body.Res.Returnval, permission)
			}
		}
		parent := entity.Entity().Parent
		if !req.Inherited || parent == nil {
			break
		}
		entity, ok = ctx.Map.Get(*parent).(mo.Entity)
	}
	return body
}

func (m *authorizationManager) RetrieveAllPermissions(*types.RetrieveAllPermissions) soap.HasFault {
	return &methods.RetrieveAllPermissionsBody{Res: &types.RetrieveAllPermissionsResponse{Returnval: m.rights.permissions()}}
}

// refused is the fault of a caller who lacks a privilege on one of the objects that a call names.
func (m *authorizationManager) refused(privilege string, entities ...types.ManagedObjectReference) *soap.Fault {
	for _, entity := range entities {
		if m.rights.hidden(entity) {
			return simulator.Fault("Permission to perform this operation was denied.", noPermission(entity, "System.View"))
		}
		for _, needed := range []string{"System.View", privilege} {
			if !m.rights.has(needed) {
				return simulator.Fault("Permission to perform this operation was denied.", noPermission(entity, needed))
			}
		}
	}
	return nil
}

func (m *authorizationManager) availability(entity types.ManagedObjectReference, privileges []string) types.EntityPrivilege {
	held := m.rights.granted(entity)
	result := types.EntityPrivilege{Entity: entity}
	for _, privilege := range privileges {
		result.PrivAvailability = append(result.PrivAvailability, types.PrivilegeAvailability{
			PrivId: privilege, IsGranted: slices.Contains(held, privilege),
		})
	}
	return result
}

// install puts the manager in place of the simulator package's and adds the reader's role.
func (r *rights) install(ctx *simulator.Context, content types.ServiceContent) {
	plain := ctx.Map.Get(*content.AuthorizationManager).(*simulator.AuthorizationManager)
	manager := &authorizationManager{AuthorizationManager: *plain, rights: r}
	manager.RoleList = append(slices.Clone(manager.RoleList), types.AuthorizationRole{
		RoleId: readerRole, Name: "readiness-reader", Privilege: readerPrivileges,
		Info: &types.Description{Label: "Readiness reader", Summary: "Reads the inventory, licences and storage policies"},
	})
	ctx.Map.Put(manager)
}
