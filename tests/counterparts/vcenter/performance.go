// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	maxQueryMetrics = 64 // as a vCenter allows unless somebody changed it
	day             = 24 * time.Hour
)

// performanceManager answers history that depends on the VM, the counter and the time alone, as real history does: the
// simulator package makes up new numbers for each call. It keeps counters by statistics level, and limits what one call may ask.
type performanceManager struct {
	simulator.PerformanceManager
	drafts map[reference]*draft
}

// series is what a counter shows of a VM: its base and how far it swings over a day.
type series struct {
	swing float64
	base  func(*draft) float64
	disks bool // one series for each virtual disk
}

// loads are the counters that have history, by name.
var loads = map[string]series{
	"cpu.usagemhz.average":      {swing: 0.6, base: func(d *draft) float64 { return 180 * float64(d.cpus) }},
	"cpu.usage.average":         {swing: 0.6, base: func(*draft) float64 { return 900 }},
	"mem.active.average":        {swing: 0.3, base: func(d *draft) float64 { return 1024 * float64(d.memoryMiB) * 0.22 }},
	"mem.usage.average":         {swing: 0.3, base: func(*draft) float64 { return 2200 }},
	"virtualDisk.write.average": {swing: 0.9, base: func(d *draft) float64 { return 300 }, disks: true},
	"disk.write.average":        {swing: 0.9, base: func(d *draft) float64 { return 300 * float64(max(len(d.disks), 1)) }},
	"disk.usage.average":        {swing: 0.9, base: func(d *draft) float64 { return 500 * float64(max(len(d.disks), 1)) }},
}

// newPerformance takes the simulator package's manager over, with the statistics level of every interval.
func newPerformance(plain *simulator.PerformanceManager, w *world, level int32) *performanceManager {
	manager := &performanceManager{PerformanceManager: *plain, drafts: map[reference]*draft{}}
	for i, vm := range w.vms {
		manager.drafts[vm.Self] = w.drafts[i]
	}
	manager.HistoricalInterval = slices.Clone(manager.HistoricalInterval)
	for i := range manager.HistoricalInterval {
		manager.HistoricalInterval[i].Key = int32(i + 1)
		manager.HistoricalInterval[i].Level = level
	}
	return manager
}

func (p *performanceManager) QueryPerf(ctx *simulator.Context, req *types.QueryPerf) soap.HasFault {
	body := new(methods.QueryPerfBody)
	asked := 0
	for _, spec := range req.QuerySpec {
		asked += len(spec.MetricId)
	}
	if asked > maxQueryMetrics {
		body.Fault_ = simulator.Fault("A specified parameter was not correct: querySpec.size", &types.InvalidArgument{InvalidProperty: "querySpec.size"})
		return body
	}
	body.Res = new(types.QueryPerfResponse)
	for _, spec := range req.QuerySpec {
		if spec.Entity.Type != "VirtualMachine" {
			continue
		}
		d, known := p.drafts[spec.Entity]
		if !known || ctx.Map.Get(spec.Entity) == nil || collecting.rights.hidden(spec.Entity) {
			body.Res = nil
			body.Fault_ = simulator.Fault("", &types.ManagedObjectNotFound{Obj: spec.Entity})
			return body
		}
		body.Res.Returnval = append(body.Res.Returnval, p.history(spec, d))
	}
	return body
}

// history is the answer for one VM in the form that was asked for.
func (p *performanceManager) history(spec types.PerfQuerySpec, d *draft) types.BasePerfEntityMetricBase {
	moments, level := p.moments(spec, d)
	infos := make([]types.PerfSampleInfo, len(moments))
	for i, moment := range moments {
		infos[i] = types.PerfSampleInfo{Timestamp: moment, Interval: spec.IntervalId}
	}
	var found []*types.PerfMetricIntSeries
	for _, metric := range spec.MetricId {
		found = append(found, p.metric(metric, d, moments, level)...)
	}
	if len(moments) == 0 {
		infos, found = nil, nil
	}
	if spec.Format != string(types.PerfFormatCsv) {
		answer := &types.PerfEntityMetric{SampleInfo: infos}
		answer.Entity = spec.Entity
		for _, one := range found {
			answer.Value = append(answer.Value, one)
		}
		return answer
	}
	answer := &types.PerfEntityMetricCSV{}
	answer.Entity = spec.Entity
	parts := make([]string, 0, len(infos))
	for _, info := range infos {
		parts = append(parts, fmt.Sprintf("%d,%s", info.Interval, info.Timestamp.UTC().Format(time.RFC3339)))
	}
	answer.SampleInfoCSV = strings.Join(parts, ",")
	for _, one := range found {
		numbers := make([]string, len(one.Value))
		for i, value := range one.Value {
			numbers[i] = strconv.FormatInt(value, 10)
		}
		csv := types.PerfMetricSeriesCSV{Value: strings.Join(numbers, ",")}
		csv.Id = one.Id
		answer.Value = append(answer.Value, csv)
	}
	return answer
}

// moments are the ends of the intervals that history has in the time that was asked for; none for a VM that is off.
func (p *performanceManager) moments(spec types.PerfQuerySpec, d *draft) ([]time.Time, int32) {
	index := slices.IndexFunc(p.HistoricalInterval, func(interval types.PerfInterval) bool { return interval.SamplingPeriod == spec.IntervalId })
	if index < 0 || !d.running() {
		return nil, 0
	}
	interval := p.HistoricalInterval[index]
	period := time.Duration(interval.SamplingPeriod) * time.Second
	end, start := time.Now(), time.Now().Add(-time.Duration(interval.Length)*time.Second)
	if spec.EndTime != nil && spec.EndTime.Before(end) {
		end = *spec.EndTime
	}
	if spec.StartTime != nil && spec.StartTime.After(start) {
		start = *spec.StartTime
	}
	if d.number%23 == 7 { // a VM that was made the day before yesterday
		if young := time.Now().Add(-2 * day); young.After(start) {
			start = young
		}
	}
	var list []time.Time
	for moment := start.Truncate(period).Add(period); !moment.After(end); moment = moment.Add(period) {
		list = append(list, moment)
	}
	if limit := int(spec.MaxSample); limit > 0 && len(list) > limit {
		list = list[len(list)-limit:]
	}
	return list, interval.Level
}

// metric is one series, or one for each disk where all instances were asked for.
func (p *performanceManager) metric(metric types.PerfMetricId, d *draft, moments []time.Time, level int32) []*types.PerfMetricIntSeries {
	index := slices.IndexFunc(p.PerfCounter, func(counter types.PerfCounterInfo) bool { return counter.Key == metric.CounterId })
	if index < 0 {
		return nil
	}
	counter := p.PerfCounter[index]
	name := fmt.Sprintf("%s.%s.%s", counter.GroupInfo.GetElementDescription().Key, counter.NameInfo.GetElementDescription().Key, counter.RollupType)
	load, known := loads[name]
	if !known || counter.Level > level || (load.disks && counter.PerDeviceLevel > level) {
		return nil
	}
	instances := []string{""}
	if load.disks {
		instances = nil
		for place := range d.disks {
			if slot := d.diskSlot(place); metric.Instance == "*" || metric.Instance == slot {
				instances = append(instances, slot)
			}
		}
	} else if metric.Instance != "" && metric.Instance != "*" {
		return nil
	}
	var list []*types.PerfMetricIntSeries
	for _, instance := range instances {
		one := &types.PerfMetricIntSeries{Value: make([]int64, len(moments))}
		one.Id = types.PerfMetricId{CounterId: metric.CounterId, Instance: instance}
		for i, moment := range moments {
			one.Value[i] = load.at(d, instance, moment)
		}
		list = append(list, one)
	}
	return list
}

// at is one sample. It swings with the hour, differs from VM to VM, and now and then there is none.
func (s series) at(d *draft, instance string, moment time.Time) int64 {
	hours := moment.Unix() / 3600
	if d.number%17 == 3 && hours/24%9 == 0 {
		return -1 // that day its host was not connected
	}
	noise := uint64(hours)*0x9e3779b97f4a7c15 ^ uint64(d.number+len(instance)*31+1)*0xbf58476d1ce4e5b9
	noise ^= noise >> 29
	part := float64(noise%1000)/1000 - 0.5
	wave := math.Sin(float64(hours%24)/24*2*math.Pi - math.Pi/2)
	weight := 0.5 + float64(d.number%7)/6
	return int64(s.base(d) * weight * (1 + s.swing*wave + 0.2*part))
}
