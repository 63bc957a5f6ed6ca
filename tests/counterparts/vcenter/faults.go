// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// fault is one disturbance as it was armed.
type fault struct {
	Fault   string   `json:"fault"`
	After   int      `json:"after"`             // matching requests that still pass
	Count   int      `json:"count"`             // matching requests that are disturbed; 0 is all of them
	Objects []string `json:"objects,omitempty"` // managed object ids; filled with a choice where none were named
	Paths   []string `json:"paths,omitempty"`   // property paths
	Methods []string `json:"methods,omitempty"` // SOAP methods that a fault of the transport disturbs
	Seconds float64  `json:"seconds,omitempty"`
	Value   string   `json:"value,omitempty"` // the word that unknown_enum answers
	Answer  string   `json:"answer,omitempty"`

	passed, fired int
}

// faultKind says what a fault needs and what stands where the request to arm it names nothing.
type faultKind struct {
	meaning string
	objects int      // how many VMs are chosen when none is named
	paths   []string // the paths that stand when none are named
	seconds float64
	count   int
	methods []string
	stands  bool // it holds all the time: it strikes whenever something asks whether it is in force
}

var pageMethods = []string{"RetrievePropertiesEx", "ContinueRetrievePropertiesEx"}

// faultKinds are all faults, by their stable names.
var faultKinds = map[string]faultKind{
	"no_permission_objects":    {meaning: "every property of some objects answers NoPermission", objects: 3},
	"no_permission_property":   {meaning: "some properties answer NoPermission, for all objects or the named ones", paths: []string{"config.hardware.device"}},
	"no_read_access_subtree":   {meaning: "a folder and everything below it cannot be seen", stands: true},
	"no_propagation":           {meaning: "read access to the root folder does not propagate; only the named objects can be seen", stands: true},
	"session_expiry_mid_page":  {meaning: "the session ends before a page is answered", count: 1},
	"slow_page":                {meaning: "a page comes late", seconds: 2, count: 1, methods: pageMethods},
	"hung_page":                {meaning: "a page never comes", count: 1, methods: pageMethods},
	"dropped_connection":       {meaning: "the connection ends in the middle of a page", count: 1, methods: pageMethods},
	"truncated_response":       {meaning: "a page is a complete response whose XML stops in the middle", count: 1, methods: pageMethods},
	"http_503":                 {meaning: "the server is too busy and says so", count: 1, methods: pageMethods},
	"unknown_enum":             {meaning: "an enumeration holds a word that no client library knows", objects: 1, paths: []string{"guest.toolsRunningStatus", "runtime.connectionState", "config.hardware.device"}},
	"server_fault_object":      {meaning: "reading one object makes the whole call fault", objects: 1},
	"server_fault_property":    {meaning: "reading one property makes the whole call fault, for all objects or the named ones", paths: []string{"config.extraConfig"}},
	"vanishing_vm":             {meaning: "a VM is deleted after it was listed and before it is read", objects: 1},
	"wrong_password":           {meaning: "logins are refused"},
	"missing_session_cookie":   {meaning: "a login succeeds without a session cookie", count: 1},
	"session_expiry_rest":      {meaning: "the REST session ends", count: 1},
	"rest_unavailable":         {meaning: "the REST API answers 503"},
	"older_rest_only":          {meaning: "the REST API is served below /rest alone, as before vSphere 7.0.2", stands: true},
	"performance_unavailable":  {meaning: "QueryPerf answers a fault"},
	"storage_policies_missing": {meaning: "the storage policy service is not there", stands: true},
}

// faultBook holds the faults that are armed. Requests run in parallel, so each access takes the lock.
type faultBook struct {
	mu    sync.Mutex
	armed map[string]*fault
	fired map[string]int
}

func newFaultBook() *faultBook {
	return &faultBook{armed: map[string]*fault{}, fired: map[string]int{}}
}

// arm completes a fault with what stands where nothing was named and puts it in force.
func (b *faultBook) arm(f fault, choose func(n int) []string, resolve func(string) (string, bool)) (fault, error) {
	kind, ok := faultKinds[f.Fault]
	if !ok {
		return f, fmt.Errorf("no fault is called %q; there are: %s", f.Fault, strings.Join(faultNames(), ", "))
	}
	for i, object := range f.Objects {
		id, found := resolve(object)
		if !found {
			return f, fmt.Errorf("no object is called %q", object)
		}
		f.Objects[i] = id
	}
	if len(f.Objects) == 0 && kind.objects > 0 {
		n := kind.objects
		if f.Fault == "vanishing_vm" && f.Count > 0 {
			n = f.Count
		}
		f.Objects = choose(n)
	}
	if len(f.Paths) == 0 {
		f.Paths = kind.paths
	}
	if len(f.Methods) == 0 {
		f.Methods = kind.methods
	}
	if f.Seconds == 0 {
		f.Seconds = kind.seconds
	}
	if f.Count == 0 {
		f.Count = kind.count
	}
	if f.Fault == "no_read_access_subtree" && len(f.Objects) == 0 {
		return f, fmt.Errorf("no_read_access_subtree needs objects: the folder, cluster or datacenter to hide")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed[f.Fault] = &f
	return f, nil
}

// disarm takes one fault out of force, or all of them for an empty name.
func (b *faultBook) disarm(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if name == "" {
		b.armed = map[string]*fault{}
		return
	}
	delete(b.armed, name)
}

// get returns a fault that is in force without counting a request.
func (b *faultBook) get(name string) (fault, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f, ok := b.armed[name]
	if !ok {
		return fault{}, false
	}
	if faultKinds[name].stands {
		b.fired[name]++
	}
	return *f, true
}

// take counts a request that matches a fault and says whether it is to be disturbed.
func (b *faultBook) take(name string, match func(fault) bool) (fault, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f, ok := b.armed[name]
	if !ok || !match(*f) {
		return fault{}, false
	}
	if f.passed < f.After {
		f.passed++
		return fault{}, false
	}
	if f.Count > 0 && f.fired >= f.Count {
		return fault{}, false
	}
	f.fired++
	b.fired[name]++
	return *f, true
}

// note counts a disturbance that take did not count, such as a property that was withheld.
func (b *faultBook) note(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fired[name]++
}

// counts says how often each fault struck since the start.
func (b *faultBook) counts() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	result := make(map[string]int, len(b.fired))
	for name, n := range b.fired {
		result[name] = n
	}
	return result
}

func anyRequest(fault) bool { return true }

func (f fault) concerns(object string) bool {
	return len(f.Objects) == 0 || slices.Contains(f.Objects, object)
}

func faultNames() []string {
	names := make([]string, 0, len(faultKinds))
	for name := range faultKinds {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// parseFault reads name:option=value:option=value as the command line gives it; lists are separated by a plus sign.
func parseFault(text string) (fault, error) {
	parts := strings.Split(text, ":")
	f := fault{Fault: parts[0]}
	for _, part := range parts[1:] {
		key, value, _ := strings.Cut(part, "=")
		var err error
		switch key {
		case "after":
			f.After, err = strconv.Atoi(value)
		case "count":
			f.Count, err = strconv.Atoi(value)
		case "seconds":
			f.Seconds, err = strconv.ParseFloat(value, 64)
		case "objects":
			f.Objects = strings.Split(value, "+")
		case "paths":
			f.Paths = strings.Split(value, "+")
		case "methods":
			f.Methods = strings.Split(value, "+")
		case "value":
			f.Value = value
		case "answer":
			f.Answer = value
		default:
			return f, fmt.Errorf("fault %s has no option %q", f.Fault, key)
		}
		if err != nil {
			return f, fmt.Errorf("fault %s, option %s: %w", f.Fault, key, err)
		}
	}
	return f, nil
}
