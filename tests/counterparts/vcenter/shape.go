// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// unknownWord is what an enumeration says under unknown_enum: no release of vSphere has it.
const unknownWord = "wordOfALaterRelease"

// listed are properties that list children; who may not see a child does not find it there either.
var listed = []string{"childEntity", "vm", "host", "datastore", "network", "resourcePool", "view"}

// serverFault is the answer to a request that touches an object or a property that the server stumbles over.
func serverFault(req *types.RetrievePropertiesEx) *soap.Fault {
	object, byObject := collecting.faults.get("server_fault_object")
	property, byProperty := collecting.faults.get("server_fault_property")
	if !byObject && !byProperty {
		return nil
	}
	for _, spec := range req.SpecSet {
		for _, set := range spec.ObjectSet {
			if byObject && slices.Contains(object.Objects, set.Obj.Value) && !isListing(spec) {
				collecting.faults.note("server_fault_object")
				return stumble("A general system error occurred: the object's state cannot be read")
			}
			if byProperty && property.concerns(set.Obj.Value) && asksFor(spec, set.Obj.Type, property.Paths) {
				collecting.faults.note("server_fault_property")
				return stumble("A general system error occurred: internal error: vmodl.fault.SystemError")
			}
		}
	}
	return nil
}

func stumble(reason string) *soap.Fault {
	return simulator.Fault(reason, &types.SystemError{Reason: reason})
}

// isListing tells whether a request asks for no more than which objects there are.
func isListing(spec types.PropertyFilterSpec) bool {
	for _, properties := range spec.PropSet {
		if len(properties.PathSet) > 0 || (properties.All != nil && *properties.All) {
			return false
		}
	}
	return true
}

func asksFor(spec types.PropertyFilterSpec, kind string, paths []string) bool {
	for _, properties := range spec.PropSet {
		if properties.Type != kind && properties.Type != "ManagedEntity" {
			continue
		}
		for _, path := range properties.PathSet {
			if slices.Contains(paths, path) {
				return true
			}
		}
	}
	return false
}

// shape takes from an answer what the user may not have and puts in what faults add.
func shape(content *types.ObjectContent, authenticated bool) {
	withheld, all := collecting.faults.get("no_permission_objects")
	property, some := collecting.faults.get("no_permission_property")
	strange, odd := collecting.faults.get("unknown_enum")
	all = all && slices.Contains(withheld.Objects, content.Obj.Value)
	some = some && property.concerns(content.Obj.Value)
	odd = odd && slices.Contains(strange.Objects, content.Obj.Value)
	kept := make([]types.DynamicProperty, 0, len(content.PropSet))
	for _, p := range content.PropSet {
		lacking := ""
		if authenticated {
			lacking = collecting.rights.missing(content.Obj, p.Name)
		}
		switch {
		case lacking != "":
		case all:
			lacking = "System.Read"
			collecting.faults.note("no_permission_objects")
		case some && slices.Contains(property.Paths, p.Name):
			lacking = "System.Read"
			collecting.faults.note("no_permission_property")
		}
		if lacking != "" {
			content.MissingSet = append(content.MissingSet, types.MissingProperty{
				Path: p.Name,
				Fault: types.LocalizedMethodFault{
					Fault:            noPermission(content.Obj, lacking),
					LocalizedMessage: "Permission to perform this operation was denied.",
				},
			})
			continue
		}
		if p.Val == nil {
			continue
		}
		if odd && slices.Contains(strange.Paths, p.Name) {
			p.Val = withUnknownWord(p.Val, strange.Value)
			collecting.faults.note("unknown_enum")
		}
		if slices.Contains(listed, p.Name) {
			p.Val = visibleOnly(p.Val)
		}
		kept = append(kept, p)
	}
	content.PropSet = kept
}

// visibleOnly leaves the references to objects that the user can see.
func visibleOnly(value any) any {
	list, ok := value.(*types.ArrayOfManagedObjectReference)
	if !ok {
		if array, plain := value.(types.ArrayOfManagedObjectReference); plain {
			list, ok = &array, true
		}
	}
	if !ok {
		return value
	}
	visible := &types.ArrayOfManagedObjectReference{}
	for _, reference := range list.ManagedObjectReference {
		if !collecting.rights.hidden(reference) {
			visible.ManagedObjectReference = append(visible.ManagedObjectReference, reference)
		}
	}
	return visible
}

// withUnknownWord replaces an enumeration by a word that nobody knows. In a list of devices it is the mode of the disks.
func withUnknownWord(value any, word string) any {
	if word == "" {
		word = unknownWord
	}
	if reflect.TypeOf(value).Kind() == reflect.String {
		changed := reflect.New(reflect.TypeOf(value)).Elem()
		changed.SetString(word)
		return changed.Interface()
	}
	devices, ok := clone(value).(*types.ArrayOfVirtualDevice)
	if !ok {
		return value
	}
	for _, device := range devices.VirtualDevice {
		if disk, isDisk := device.(*types.VirtualDisk); isDisk {
			if backing, isFlat := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo); isFlat {
				backing.DiskMode = word
			}
		}
	}
	return devices
}

// clone copies a value by way of XML, so that a change does not touch the inventory.
func clone(value any) any {
	text, err := xml.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("cannot encode %T: %v", value, err))
	}
	kind := reflect.TypeOf(value)
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	copied := reflect.New(kind)
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.TypeFunc = types.TypeFunc()
	if err := decoder.Decode(copied.Interface()); err != nil {
		panic(fmt.Sprintf("cannot decode %T: %v", value, err))
	}
	return copied.Interface()
}
