// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/pbm/methods"
	"github.com/vmware/govmomi/pbm/types"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	vim "github.com/vmware/govmomi/vim25/types"
)

// profileManager knows which policy each VM home and disk has; the simulator package's knows the policies that come with vCenter.
type profileManager struct {
	vim.ManagedObjectReference
	rights   *rights
	profiles []*types.PbmCapabilityProfile
	policy   map[types.PbmServerObjectRef]string // id of the policy of a VM or disk
	objects  []types.PbmServerObjectRef          // in the order of the VMs
}

// policyService is the front door of the storage policy service.
type policyService struct {
	vim.ManagedObjectReference
}

func (*policyService) PbmRetrieveServiceContent(*types.PbmRetrieveServiceContent) soap.HasFault {
	return &methods.PbmRetrieveServiceContentBody{Res: &types.PbmRetrieveServiceContentResponse{Returnval: types.PbmServiceInstanceContent{
		AboutInfo:                 types.PbmAboutInfo{Name: "PBM", Version: "2.0", InstanceUuid: "df09f335-be97-4f33-8c27-315faaaad6fc"},
		SessionManager:            reference{Type: "PbmSessionManager", Value: "SessionManager"},
		CapabilityMetadataManager: reference{Type: "PbmCapabilityMetadataManager", Value: "CapabilityMetadataManager"},
		ProfileManager:            reference{Type: "PbmProfileProfileManager", Value: "ProfileManager"},
		ComplianceManager:         reference{Type: "PbmComplianceManager", Value: "complianceManager"},
		PlacementSolver:           reference{Type: "PbmPlacementSolver", Value: "placementSolver"},
	}}}
}

// encryptionPolicy is the id that the policy for encryption has in every vCenter.
const encryptionPolicy = "4d5f673c-536f-11e6-beb8-9e71128cae77"

const (
	homeKind = "virtualMachine"
	diskKind = "virtualDiskId"
)

// newProfiles makes the policies and notes where the VMs have them.
func newProfiles(w *world, held *rights) *profileManager {
	m := &profileManager{
		ManagedObjectReference: reference{Type: "PbmProfileProfileManager", Value: "ProfileManager"},
		rights:                 held, policy: map[types.PbmServerObjectRef]string{},
	}
	ids := map[string]string{}
	for _, name := range policyNames {
		id := w.uuid("policy", name)
		if name == "VM Encryption Policy" {
			id = encryptionPolicy
		}
		ids[name] = id
		m.profiles = append(m.profiles, &types.PbmCapabilityProfile{
			PbmProfile: types.PbmProfile{
				ProfileId: types.PbmProfileId{UniqueId: id}, Name: name, CreationTime: captured.AddDate(-2, 0, 0), CreatedBy: "Temporary user handle",
				LastUpdatedTime: captured.AddDate(-1, 0, 0), LastUpdatedBy: "Temporary user handle",
			},
			ProfileCategory: "REQUIREMENT", ResourceType: types.PbmProfileResourceType{ResourceType: "STORAGE"},
			Constraints: &types.PbmCapabilitySubProfileConstraints{},
		})
	}
	for i, vm := range w.vms {
		d := w.drafts[i]
		m.note(w, homeKind, vm.Self.Value, ids[d.policy])
		if vm.Config == nil {
			continue
		}
		place := 0
		for _, device := range vm.Config.Hardware.Device {
			if disk, ok := device.(*vim.VirtualDisk); ok {
				m.note(w, diskKind, fmt.Sprintf("%s:%d", vm.Self.Value, disk.Key), ids[d.disks[place].policy])
				place++
			}
		}
	}
	return m
}

func (m *profileManager) note(w *world, kind, key, policy string) {
	if policy == "" {
		return
	}
	object := types.PbmServerObjectRef{ObjectType: kind, Key: key, ServerUuid: w.content.About.InstanceUuid}
	m.policy[object] = policy
	m.objects = append(m.objects, object)
}

// refused is the fault of a caller who may not see policies.
func (m *profileManager) refused() *soap.Fault {
	if m.rights.has("StorageProfile.View") {
		return nil
	}
	return simulator.Fault("Permission to perform this operation was denied.", noPermission(m.ManagedObjectReference, "StorageProfile.View"))
}

// visible leaves out the VMs that the user cannot see.
func (m *profileManager) visible(object types.PbmServerObjectRef) bool {
	vm, _, _ := strings.Cut(object.Key, ":")
	return !m.rights.hidden(reference{Type: "VirtualMachine", Value: vm})
}

func (m *profileManager) PbmQueryProfile(req *types.PbmQueryProfile) soap.HasFault {
	body := &methods.PbmQueryProfileBody{Fault_: m.refused()}
	if body.Fault_ != nil {
		return body
	}
	body.Res = new(types.PbmQueryProfileResponse)
	for _, profile := range m.profiles {
		matches := req.ProfileCategory == "" || req.ProfileCategory == profile.ProfileCategory
		if matches && profile.ResourceType == req.ResourceType {
			body.Res.Returnval = append(body.Res.Returnval, profile.ProfileId)
		}
	}
	return body
}

func (m *profileManager) PbmRetrieveContent(req *types.PbmRetrieveContent) soap.HasFault {
	body := &methods.PbmRetrieveContentBody{Fault_: m.refused()}
	if body.Fault_ != nil {
		return body
	}
	body.Res = new(types.PbmRetrieveContentResponse)
	for _, id := range req.ProfileIds {
		index := slices.IndexFunc(m.profiles, func(profile *types.PbmCapabilityProfile) bool { return profile.ProfileId == id })
		if index < 0 {
			body.Res = nil
			body.Fault_ = simulator.Fault("", &vim.InvalidArgument{InvalidProperty: "profileId"})
			return body
		}
		body.Res.Returnval = append(body.Res.Returnval, m.profiles[index])
	}
	return body
}

func (m *profileManager) PbmQueryAssociatedEntities(req *types.PbmQueryAssociatedEntities) soap.HasFault {
	body := &methods.PbmQueryAssociatedEntitiesBody{Fault_: m.refused()}
	if body.Fault_ != nil {
		return body
	}
	body.Res = new(types.PbmQueryAssociatedEntitiesResponse)
	for _, object := range m.objects {
		id := types.PbmProfileId{UniqueId: m.policy[object]}
		if m.visible(object) && (len(req.Profiles) == 0 || slices.Contains(req.Profiles, id)) {
			body.Res.Returnval = append(body.Res.Returnval, types.PbmQueryProfileResult{Object: object, ProfileId: []types.PbmProfileId{id}})
		}
	}
	return body
}

func (m *profileManager) PbmQueryAssociatedEntity(req *types.PbmQueryAssociatedEntity) soap.HasFault {
	body := &methods.PbmQueryAssociatedEntityBody{Fault_: m.refused()}
	if body.Fault_ != nil {
		return body
	}
	body.Res = new(types.PbmQueryAssociatedEntityResponse)
	for _, object := range m.objects {
		matches := req.EntityType == "" || req.EntityType == object.ObjectType
		if m.visible(object) && matches && m.policy[object] == req.Profile.UniqueId {
			body.Res.Returnval = append(body.Res.Returnval, object)
		}
	}
	return body
}

func (m *profileManager) PbmQueryAssociatedProfiles(req *types.PbmQueryAssociatedProfiles) soap.HasFault {
	body := &methods.PbmQueryAssociatedProfilesBody{Fault_: m.refused()}
	if body.Fault_ != nil {
		return body
	}
	body.Res = new(types.PbmQueryAssociatedProfilesResponse)
	for _, asked := range req.Entities {
		result := types.PbmQueryProfileResult{Object: asked}
		for _, object := range m.objects {
			if m.visible(object) && object.ObjectType == asked.ObjectType && object.Key == asked.Key {
				result.ProfileId = append(result.ProfileId, types.PbmProfileId{UniqueId: m.policy[object]})
			}
		}
		body.Res.Returnval = append(body.Res.Returnval, result)
	}
	return body
}

// installPolicies serves the storage policy service with this manager in place of the simulator package's.
func installPolicies(service *simulator.Service, w *world, held *rights) {
	if w.registry.IsESX() {
		return
	}
	registry := simulator.NewRegistry()
	registry.Path, registry.Namespace, registry.Cookie = "/pbm", "pbm", simulator.SOAPCookie
	registry.Put(&policyService{ManagedObjectReference: reference{Type: "PbmServiceInstance", Value: "ServiceInstance"}})
	registry.Put(newProfiles(w, held))
	service.RegisterSDK(registry)
}
