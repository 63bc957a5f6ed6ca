// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Command perses judges specifications of dashboards by the types of Perses and of its plugins. It reads a JSON list of
// specifications and writes a JSON list of lists of faults in the same order; [] for a specification without any.
//
// References of layouts, kinds, names and formats are judged by Perses itself. Beyond that no key is allowed that Perses does not
// have, and each chart, query and variable has to be the specification of its plugin. Of plugins whose types are not to be had
// (Table, BarChart) only the kind is known.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	v1 "github.com/perses/perses/pkg/model/api/v1"
	"github.com/perses/perses/pkg/model/api/v1/common"
	"github.com/perses/perses/pkg/model/api/v1/dashboard"
	gauge "github.com/perses/plugins/gaugechart/sdk/go"
	"github.com/perses/plugins/prometheus/sdk/go/query"
	labelvalues "github.com/perses/plugins/prometheus/sdk/go/variable/label-values"
	stat "github.com/perses/plugins/statchart/sdk/go"
	timeseries "github.com/perses/plugins/timeserieschart/sdk/go"
)

// unjudged are kinds of panels of which there are no types.
var unjudged = []string{"BarChart", "Table"}

var panels = map[string]func() any{
	gauge.PluginKind:      func() any { return &gauge.PluginSpec{} },
	stat.PluginKind:       func() any { return &stat.PluginSpec{} },
	timeseries.PluginKind: func() any { return &timeseries.PluginSpec{} },
}

var queries = map[string]func() any{query.PluginKind: func() any { return &query.PluginSpec{} }}

var variables = map[string]func() any{labelvalues.PluginKind: func() any { return &labelvalues.PluginSpec{} }}

// strict reads a JSON value into a type; a key that the type lacks is a fault.
func strict(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// pluginFault says why a plugin is not one of those that may stand there.
func pluginFault(plugin common.Plugin, known map[string]func() any) error {
	if slices.Contains(unjudged, plugin.Kind) {
		return nil
	}
	empty, ok := known[plugin.Kind]
	if !ok {
		return fmt.Errorf("plugin %q is none of those that are known here", plugin.Kind)
	}
	data, err := json.Marshal(plugin.Spec)
	if err != nil {
		return err
	}
	return strict(data, empty())
}

// form has the keys of a specification: Perses' own type decodes itself, and leaves out keys that it does not know.
type form struct {
	Display         *common.Display            `json:"display,omitempty"`
	Variables       []json.RawMessage          `json:"variables,omitempty"`
	Panels          map[string]json.RawMessage `json:"panels"`
	Layouts         []json.RawMessage          `json:"layouts"`
	Duration        string                     `json:"duration"`
	RefreshInterval string                     `json:"refreshInterval,omitempty"`
}

type kindAndSpec struct {
	Kind string          `json:"kind"`
	Spec json.RawMessage `json:"spec"`
}

// listVariable has the keys of a list variable, for the same reason.
type listVariable struct {
	Name            string          `json:"name"`
	Display         json.RawMessage `json:"display,omitempty"`
	DefaultValue    any             `json:"defaultValue,omitempty"`
	AllowAllValue   bool            `json:"allowAllValue"`
	AllowMultiple   bool            `json:"allowMultiple"`
	CustomAllValue  string          `json:"customAllValue,omitempty"`
	CapturingRegexp string          `json:"capturingRegexp,omitempty"`
	Sort            string          `json:"sort,omitempty"`
	Plugin          common.Plugin   `json:"plugin"`
}

func faults(data json.RawMessage) []string {
	found := []string{}
	note := func(place string, err error) {
		if err != nil {
			found = append(found, fmt.Sprintf("%s: %v", place, err))
		}
	}
	whole, err := json.Marshal(map[string]any{
		"kind": "Dashboard", "metadata": map[string]any{"name": "judged", "project": "judged"}, "spec": data,
	})
	if err != nil {
		return []string{err.Error()}
	}
	var judged v1.Dashboard
	note("dashboard", json.Unmarshal(whole, &judged))
	var keys form
	note("spec", strict(data, &keys))
	for number, raw := range keys.Variables {
		place := fmt.Sprintf("variables[%d]", number)
		var variable kindAndSpec
		note(place, strict(raw, &variable))
		var list listVariable
		note(place, strict(variable.Spec, &list))
		note(place, pluginFault(list.Plugin, variables))
	}
	for name, raw := range keys.Panels {
		place := "panels." + name
		var panel v1.Panel
		if err := strict(raw, &panel); err != nil {
			note(place, err)
			continue
		}
		note(place, pluginFault(panel.Spec.Plugin, panels))
		for number, asked := range panel.Spec.Queries {
			note(fmt.Sprintf("%s.queries[%d]", place, number), pluginFault(asked.Spec.Plugin, queries))
		}
	}
	for number, raw := range keys.Layouts {
		place := fmt.Sprintf("layouts[%d]", number)
		var layout kindAndSpec
		note(place, strict(raw, &layout))
		note(place, strict(layout.Spec, &dashboard.GridLayoutSpec{}))
	}
	slices.Sort(found)
	return found
}

func run() error {
	var given []json.RawMessage
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		return fmt.Errorf("standard input is no list of specifications: %w", err)
	}
	answers := make([][]string, 0, len(given))
	for _, data := range given {
		answers = append(answers, faults(data))
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
