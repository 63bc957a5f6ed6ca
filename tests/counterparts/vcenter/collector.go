// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// collecting is what the property collector works with. It is one for the process, because the simulator package makes a
// new collector from the bare type for each session.
var collecting struct {
	faults *faultBook
	rights *rights
	world  *world
	pages  pageBook
}

// page is what is left to answer of a read. Its token is good for the session that began the read, as in vCenter.
type page struct {
	session string
	size    int
	objects []types.ObjectContent
}

type pageBook struct {
	mu    sync.Mutex
	pages map[string]page
}

func (b *pageBook) keep(p page) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pages == nil {
		b.pages = map[string]page{}
	}
	token := uuid.NewString()
	b.pages[token] = p
	return token
}

func (b *pageBook) take(token, session string) (page, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.pages[token]
	if !ok || p.session != session {
		return page{}, false
	}
	delete(b.pages, token)
	return p, true
}

// propertyCollector adds privileges, faults and tokens that die with their session to the simulator package's collector.
type propertyCollector struct {
	simulator.PropertyCollector
}

func (c *propertyCollector) RetrievePropertiesEx(ctx *simulator.Context, req *types.RetrievePropertiesEx) soap.HasFault {
	body := new(methods.RetrievePropertiesExBody)
	objects, fault := c.read(ctx, req)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	result := &types.RetrieveResult{}
	result.Objects, result.Token = split(ctx, objects, int(req.Options.MaxObjects))
	body.Res = &types.RetrievePropertiesExResponse{Returnval: result}
	return body
}

func (c *propertyCollector) RetrieveProperties(ctx *simulator.Context, req *types.RetrieveProperties) soap.HasFault {
	body := new(methods.RetrievePropertiesBody)
	objects, fault := c.read(ctx, &types.RetrievePropertiesEx{This: req.This, SpecSet: req.SpecSet})
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	body.Res = &types.RetrievePropertiesResponse{Returnval: objects}
	return body
}

func (c *propertyCollector) ContinueRetrievePropertiesEx(
	ctx *simulator.Context, req *types.ContinueRetrievePropertiesEx,
) soap.HasFault {
	body := new(methods.ContinueRetrievePropertiesExBody)
	rest, ok := collecting.pages.take(req.Token, ctx.Session.Key)
	if !ok {
		body.Fault_ = simulator.Fault("", &types.InvalidProperty{Name: "token"})
		return body
	}
	body.Res = new(types.ContinueRetrievePropertiesExResponse)
	body.Res.Returnval.Objects, body.Res.Returnval.Token = split(ctx, rest.objects, rest.size)
	return body
}

func (c *propertyCollector) CancelRetrievePropertiesEx(
	ctx *simulator.Context, req *types.CancelRetrievePropertiesEx,
) soap.HasFault {
	_, _ = collecting.pages.take(req.Token, ctx.Session.Key)
	return &methods.CancelRetrievePropertiesExBody{Res: new(types.CancelRetrievePropertiesExResponse)}
}

// fetchBody is the answer to a Fetch that is refused.
type fetchBody struct {
	Res    *types.RetrievePropertiesExResponse
	Fault_ *soap.Fault
}

func (b *fetchBody) Fault() *soap.Fault { return b.Fault_ }

// Fetch reads one property of one object, as pyVmomi does for each attribute. Its request is of an internal type of the simulator
// package, so that it is looked at by name.
func (c *propertyCollector) Fetch(ctx *simulator.Context, request any) soap.HasFault {
	fields := reflect.ValueOf(request).Elem()
	object := fields.FieldByName("This").Interface().(types.ManagedObjectReference)
	content := types.ObjectContent{Obj: object, PropSet: []types.DynamicProperty{{Name: fields.FieldByName("Prop").String(), Val: ""}}}
	if shape(&content, ctx.Session != nil); len(content.MissingSet) > 0 {
		missing := content.MissingSet[0].Fault
		return &fetchBody{Fault_: simulator.Fault(missing.LocalizedMessage, missing.Fault)}
	}
	plain := reflect.ValueOf(&c.PropertyCollector).MethodByName("Fetch")
	return plain.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(request)})[0].Interface().(soap.HasFault)
}

// split cuts the first page off and keeps the rest under a token.
func split(ctx *simulator.Context, objects []types.ObjectContent, size int) ([]types.ObjectContent, string) {
	if size <= 0 || len(objects) <= size {
		return objects, ""
	}
	session := ""
	if ctx.Session != nil {
		session = ctx.Session.Key
	}
	return objects[:size], collecting.pages.keep(page{session: session, size: size, objects: objects[size:]})
}

// read collects what was asked for and lets privileges and faults have their say.
func (c *propertyCollector) read(ctx *simulator.Context, req *types.RetrievePropertiesEx) ([]types.ObjectContent, *soap.Fault) {
	collecting.world.vanishNow(ctx, req)
	if fault := serverFault(req); fault != nil {
		return nil, fault
	}
	objects, fault := c.collect(ctx, req)
	if fault != nil {
		return nil, fault
	}
	for i := range objects {
		shape(&objects[i], ctx.Session != nil)
	}
	return objects, nil
}

// collect reads plain object sets by itself, for that takes a third of the time, and leaves all else to the simulator package.
func (c *propertyCollector) collect(ctx *simulator.Context, req *types.RetrievePropertiesEx) ([]types.ObjectContent, *soap.Fault) {
	if ctx.Session == nil || !isPlain(req) {
		whole := *req
		whole.Options.MaxObjects = 0
		answer := c.PropertyCollector.RetrievePropertiesEx(ctx, &whole)
		if fault := answer.Fault(); fault != nil {
			return nil, fault
		}
		objects := answer.(*methods.RetrievePropertiesExBody).Res.Returnval.Objects
		for i := range objects {
			addUnset(req, &objects[i])
		}
		return objects, nil
	}
	var objects []types.ObjectContent
	for _, spec := range req.SpecSet {
		for _, set := range spec.ObjectSet {
			object := ctx.Map.Get(set.Obj)
			if object == nil {
				if spec.ReportMissingObjectsInResults != nil && *spec.ReportMissingObjectsInResults {
					continue
				}
				message := "The object has already been deleted or has not been completely created"
				return nil, simulator.Fault(message, &types.ManagedObjectNotFound{Obj: set.Obj})
			}
			if content, ok := readObject(object, set.Obj, spec.PropSet); ok {
				objects = append(objects, content)
			}
		}
	}
	return objects, nil
}

// addUnset puts back the paths that were asked for and have no value, which the simulator package drops.
func addUnset(req *types.RetrievePropertiesEx, content *types.ObjectContent) {
	answered := map[string]bool{}
	for _, property := range content.PropSet {
		answered[property.Name] = true
	}
	for _, property := range content.MissingSet {
		answered[property.Path] = true
	}
	for _, spec := range req.SpecSet {
		for _, properties := range spec.PropSet {
			isEntity := properties.Type == "ManagedEntity" && slices.Contains(entityTypes, content.Obj.Type)
			if properties.Type != content.Obj.Type && !isEntity {
				continue
			}
			for _, path := range properties.PathSet {
				if !answered[path] {
					answered[path] = true
					content.PropSet = append(content.PropSet, types.DynamicProperty{Name: path})
				}
			}
		}
	}
}

// isPlain tells whether a request names each object and each path outright.
func isPlain(req *types.RetrievePropertiesEx) bool {
	for _, spec := range req.SpecSet {
		for _, set := range spec.ObjectSet {
			if set.SelectSet != nil || !slices.Contains(entityTypes, set.Obj.Type) {
				return false
			}
		}
		for _, properties := range spec.PropSet {
			if properties.All != nil && *properties.All {
				return false
			}
			for _, path := range properties.PathSet {
				if strings.Contains(path, "[") {
					return false
				}
			}
		}
	}
	return len(req.SpecSet) == 1
}

func readObject(object mo.Reference, self types.ManagedObjectReference, specs []types.PropertySpec) (types.ObjectContent, bool) {
	value := managedObject(object)
	content := types.ObjectContent{Obj: self}
	matched := false
	seen := map[string]bool{}
	for _, spec := range specs {
		if !isKind(value.Type(), self.Type, spec.Type) {
			continue
		}
		matched = true
		for _, path := range spec.PathSet {
			if seen[path] {
				continue
			}
			seen[path] = true
			property, known := propertyValue(value, path)
			if !known {
				content.MissingSet = append(content.MissingSet, types.MissingProperty{
					Path:  path,
					Fault: types.LocalizedMethodFault{Fault: &types.InvalidProperty{Name: path}},
				})
			} else {
				// A property without a value goes along until privileges were looked at: who may not read it must not learn
				// that it is unset.
				content.PropSet = append(content.PropSet, types.DynamicProperty{Name: path, Val: property})
			}
		}
	}
	return content, matched
}

// managedObject is the struct of the API behind an object, without the simulator package's wrapping.
func managedObject(object mo.Reference) reflect.Value {
	value := reflect.ValueOf(object).Elem()
	for !strings.HasSuffix(value.Type().PkgPath(), "/vim25/mo") {
		value = value.Field(0)
		if value.Kind() == reflect.Pointer {
			value = value.Elem()
		}
	}
	return value
}

// isKind tells whether an object is of a class or of one derived from it.
func isKind(structure reflect.Type, own, wanted string) bool {
	if own == wanted || structure.Name() == wanted {
		return true
	}
	field, ok := structure.FieldByName(wanted)
	return ok && field.Anonymous
}

var fieldIndexes sync.Map // of fieldKey to []int, nil for a name that the class does not have

type fieldKey struct {
	structure reflect.Type
	name      string
}

func fieldIndex(structure reflect.Type, name string) []int {
	key := fieldKey{structure, name}
	if known, ok := fieldIndexes.Load(key); ok {
		return known.([]int)
	}
	var index []int
	if field, ok := structure.FieldByName(strings.ToUpper(name[:1]) + name[1:]); ok {
		index = field.Index
	}
	fieldIndexes.Store(key, index)
	return index
}

// propertyValue follows a path. It answers nil for a property without a value, and false for one that there is not.
func propertyValue(value reflect.Value, path string) (any, bool) {
	for _, name := range strings.Split(path, ".") {
		for value.Kind() == reflect.Interface || value.Kind() == reflect.Pointer {
			if value.IsNil() {
				return nil, true
			}
			value = value.Elem()
		}
		if value.Kind() != reflect.Struct || name == "" {
			return nil, false
		}
		index := fieldIndex(value.Type(), name)
		if index == nil {
			return nil, false
		}
		field, err := value.FieldByIndexErr(index)
		if err != nil {
			return nil, true
		}
		value = field
	}
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if value.IsNil() {
			return nil, true
		}
		if value.Kind() == reflect.Pointer {
			value = value.Elem()
		}
	case reflect.String:
		if value.Len() == 0 {
			return nil, true
		}
	case reflect.Slice:
		return arrayOf(value), true
	}
	if object, ok := value.Interface().(types.ManagedObjectReference); ok && object.Value == "" {
		return nil, true
	}
	return value.Interface(), true
}

var typeByName = types.TypeFunc()

// arrayOf wraps a list into the API's ArrayOf type, as property values are.
func arrayOf(value reflect.Value) any {
	switch list := value.Interface().(type) {
	case []string:
		return &types.ArrayOfString{String: list}
	case []int32:
		return &types.ArrayOfInt{Int: list}
	case []int16:
		return &types.ArrayOfShort{Short: list}
	case []int64:
		return &types.ArrayOfLong{Long: list}
	}
	name := strings.TrimPrefix(value.Type().Elem().Name(), "Base")
	kind, _ := typeByName("ArrayOf" + name)
	array := reflect.New(kind)
	array.Elem().FieldByName(name).Set(value)
	return array.Interface()
}
