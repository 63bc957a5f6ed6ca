// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// allocation is a share of CPU or memory.
func allocation(reservation, limit int64, expandable *bool, level string, normal int32) types.ResourceAllocationInfo {
	shares := normal
	switch level {
	case "low":
		shares = normal / 2
	case "high":
		shares = normal * 2
	case "":
		level = "normal"
	}
	return types.ResourceAllocationInfo{
		Reservation: ptr(reservation), Limit: ptr(limit), ExpandableReservation: expandable,
		Shares: &types.SharesInfo{Shares: shares, Level: types.SharesLevel(level)},
	}
}

func (w *world) rootPool(c *compute, owner *mo.ComputeResource) *simulator.ResourcePool {
	pool := &simulator.ResourcePool{}
	pool.Self = w.id("ResourcePool", "resgroup-")
	pool.Name = "Resources"
	pool.Parent = ptr(owner.Self)
	pool.Owner = owner.Self
	pool.Config = types.ResourceConfigSpec{
		Entity: ptr(pool.Self), CpuAllocation: allocation(0, -1, ptr(true), "", 4000), MemoryAllocation: allocation(0, -1, ptr(true), "", 163840),
	}
	pool.Runtime = poolRuntime(pool.Config)
	pool.Summary = &types.ResourcePoolSummary{Name: pool.Name, Config: pool.Config, Runtime: pool.Runtime}
	owner.ResourcePool = ptr(pool.Self)
	w.put(pool)
	c.pools[""] = pool
	return pool
}

// poolRuntime is what is in use of a pool.
func poolRuntime(config types.ResourceConfigSpec) types.ResourcePoolRuntimeInfo {
	usage := func(reserved int64) types.ResourcePoolResourceUsage {
		return types.ResourcePoolResourceUsage{ReservationUsed: reserved, OverallUsage: reserved / 2, MaxUsage: 4 * reserved}
	}
	return types.ResourcePoolRuntimeInfo{
		Cpu: usage(*config.CpuAllocation.Reservation), Memory: usage(*config.MemoryAllocation.Reservation * miB),
		OverallStatus: types.ManagedEntityStatusGreen, SharesScalable: "disabled",
	}
}

// seedPools adds the planned resource pools to clusters with DRS, for without it there are none.
func (w *world) seedPools(c *compute) {
	if c.cluster == nil || !c.plan.drs {
		return
	}
	for _, plan := range poolPlans {
		above, name := "", plan.path
		if i := strings.LastIndex(plan.path, "/"); i >= 0 {
			above, name = plan.path[:i], plan.path[i+1:]
		}
		parent := c.pools[above]
		pool := &simulator.ResourcePool{}
		pool.Self = w.id("ResourcePool", "resgroup-")
		w.fillPool(&pool.ResourcePool, c, name, parent)
		pool.Config.CpuAllocation = allocation(plan.cpuReservation, plan.cpuLimit, ptr(plan.expandable), plan.shares, 4000)
		pool.Config.MemoryAllocation = allocation(plan.memReservation, plan.memLimit, ptr(plan.expandable), plan.shares, 163840)
		pool.Runtime = poolRuntime(pool.Config)
		pool.Summary = &types.ResourcePoolSummary{Name: name, Config: pool.Config, Runtime: pool.Runtime}
		w.put(pool)
		c.pools[plan.path] = pool
	}
}

func (w *world) fillPool(pool *mo.ResourcePool, c *compute, name string, parent *simulator.ResourcePool) {
	pool.Name = name
	pool.Parent = ptr(parent.Self)
	pool.Owner = c.ref()
	pool.Config.Entity = ptr(pool.Self)
	parent.ResourcePool.ResourcePool = append(parent.ResourcePool.ResourcePool, pool.Self)
}

// newVApp adds a vApp below a cluster's pool of production.
func (w *world) newVApp(c *compute, name string) *simulator.VirtualApp {
	vapp := &simulator.VirtualApp{}
	vapp.Self = w.id("VirtualApp", "resgroup-v")
	w.fillPool(&vapp.ResourcePool, c, name, c.pools["Produktion"])
	vapp.Config.CpuAllocation = allocation(0, -1, ptr(true), "", 4000)
	vapp.Config.MemoryAllocation = allocation(0, -1, ptr(true), "", 163840)
	folder := c.site.folders["vm:Produktion"]
	vapp.ParentFolder = ptr(folder.Self)
	folder.ChildEntity = append(folder.ChildEntity, vapp.Self)
	vapp.VAppConfig = &types.VAppConfigInfo{InstanceUuid: w.uuid("vapp", name, c.ref().Value), Annotation: "Webshop mit Datenbank"}
	vapp.Runtime = poolRuntime(vapp.Config)
	vapp.Summary = &types.VirtualAppSummary{
		ResourcePoolSummary: types.ResourcePoolSummary{Name: name, Config: vapp.Config, Runtime: vapp.Runtime}, VAppState: "started", InstanceUuid: vapp.VAppConfig.InstanceUuid,
	}
	w.put(vapp)
	c.vapps = append(c.vapps, vapp)
	return vapp
}
