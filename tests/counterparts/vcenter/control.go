// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
)

// counters counts what clients asked for since the start; requests to the control endpoints do not count.
type counters struct {
	mu       sync.Mutex
	soap     map[string]int
	rest     map[string]int
	received int64
	sent     int64
}

func newCounters() *counters {
	return &counters{soap: map[string]int{}, rest: map[string]int{}}
}

func (c *counters) request(kind map[string]int, name string, received int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kind[name]++
	c.received += int64(received)
}

func (c *counters) answered(bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent += int64(bytes)
}

func (c *counters) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.soap, c.rest, c.received, c.sent = map[string]int{}, map[string]int{}, 0, 0
}

// snapshot is the form in which the counters travel.
func (c *counters) snapshot() map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	soap, rest := map[string]int{}, map[string]int{}
	calls := 0
	for name, n := range c.soap {
		soap[name] = n
		calls += n
	}
	for name, n := range c.rest {
		rest[name] = n
	}
	return map[string]any{"soap": soap, "soap_calls": calls, "rest": rest, "bytes_received": c.received, "bytes_sent": c.sent}
}

// control answers below /_control/: it is how a test disturbs the simulator and looks behind it.
type control struct {
	ctx      *simulator.Context
	world    *world
	faults   *faultBook
	rights   *rights
	counters *counters
}

func (c *control) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_control/counters", c.getCounters)
	mux.HandleFunc("POST /_control/counters/reset", c.resetCounters)
	mux.HandleFunc("GET /_control/counts", c.getCounts)
	mux.HandleFunc("GET /_control/faults", c.getFaults)
	mux.HandleFunc("POST /_control/arm", c.arm)
	mux.HandleFunc("POST /_control/disarm", c.disarm)
	mux.HandleFunc("POST /_control/without", c.without)
	mux.HandleFunc("GET /_control/export", c.export)
	mux.HandleFunc("POST /_control/export", c.export)
	return mux
}

func answerJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func refuse(w http.ResponseWriter, err error) {
	answerJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}

func (c *control) getCounters(w http.ResponseWriter, _ *http.Request) {
	snapshot := c.counters.snapshot()
	snapshot["faults"] = c.faults.counts()
	snapshot["sessions"] = liveSessions(c.ctx)
	answerJSON(w, http.StatusOK, snapshot)
}

func (c *control) resetCounters(w http.ResponseWriter, _ *http.Request) {
	c.counters.reset()
	answerJSON(w, http.StatusOK, map[string]bool{"reset": true})
}

func (c *control) getCounts(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, c.world.counts())
}

func (c *control) getFaults(w http.ResponseWriter, _ *http.Request) {
	meanings := map[string]string{}
	for name, kind := range faultKinds {
		meanings[name] = kind.meaning
	}
	answerJSON(w, http.StatusOK, meanings)
}

func (c *control) arm(w http.ResponseWriter, r *http.Request) {
	var f fault
	if err := json.NewDecoder(r.Body).Decode(&f); err != nil {
		refuse(w, err)
		return
	}
	armed, err := c.faults.arm(f, c.world.chooseVMs, c.world.resolve)
	if err != nil {
		refuse(w, err)
		return
	}
	answerJSON(w, http.StatusOK, armed)
}

func (c *control) disarm(w http.ResponseWriter, r *http.Request) {
	var f fault
	if err := json.NewDecoder(r.Body).Decode(&f); err != nil && err != io.EOF {
		refuse(w, err)
		return
	}
	c.faults.disarm(f.Fault)
	c.world.restoreVanished()
	answerJSON(w, http.StatusOK, map[string]bool{"disarmed": true})
}

func (c *control) without(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Privileges []string `json:"privileges"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		refuse(w, err)
		return
	}
	if err := c.rights.deny(body.Privileges); err != nil {
		refuse(w, err)
		return
	}
	answerJSON(w, http.StatusOK, map[string][]string{"privileges": body.Privileges})
}

func (c *control) export(w http.ResponseWriter, r *http.Request) {
	dir := r.URL.Query().Get("dir")
	if err := writeExport(c.ctx, dir); err != nil {
		refuse(w, err)
		return
	}
	answerJSON(w, http.StatusOK, map[string]string{"dir": dir})
}

var (
	soapMethod = regexp.MustCompile(`<(?:[\w.-]+:)?Body[^>]*>\s*<(?:[\w.-]+:)?(\w+)`)
	restID     = regexp.MustCompile(`(urn:[^/?]+|id:[^/?]+)`)
)

// methodOf is the name of the SOAP method that a request calls.
func methodOf(body []byte) string {
	match := soapMethod.FindSubmatch(body)
	if match == nil {
		return "unknown"
	}
	return string(match[1])
}

func restName(r *http.Request) string {
	name := r.Method + " " + restID.ReplaceAllString(r.URL.Path, "{id}")
	if action := r.URL.Query().Get("~action"); action != "" {
		name += " " + action
	}
	return name
}

func isREST(path string) bool {
	return strings.HasPrefix(path, "/rest") || strings.HasPrefix(path, "/api")
}
