// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/types"
)

// seedRules gives each cluster with DRS or HA its groups, rules and settings of single VMs.
func (w *world) seedRules() {
	byCluster := map[reference][]reference{}
	for i, vm := range w.vms {
		d := w.drafts[i]
		if d.in.cluster != nil && !d.template && d.what != "vCLS agent" {
			byCluster[d.in.cluster.Self] = append(byCluster[d.in.cluster.Self], vm.Self)
		}
	}
	for _, s := range w.datacenters {
		for _, c := range s.computes {
			if c.cluster != nil && len(byCluster[c.cluster.Self]) >= 6 {
				w.seedClusterRules(c, byCluster[c.cluster.Self])
			}
		}
	}
}

func (w *world) seedClusterRules(c *compute, vms []reference) {
	hosts := make([]reference, 0, len(c.hosts))
	for _, host := range c.hosts {
		hosts = append(hosts, host.Self)
	}
	key := int32(0)
	rule := func(name string, enabled, mandatory bool) types.ClusterRuleInfo {
		key++
		return types.ClusterRuleInfo{
			Key: key, Status: types.ManagedEntityStatusGreen, Enabled: ptr(enabled), Name: name, Mandatory: ptr(mandatory), UserCreated: ptr(true),
			InCompliance: ptr(true), RuleUuid: w.uuid("rule", c.cluster.Self.Value, name),
		}
	}
	group := func(name string) types.ClusterGroupInfo {
		return types.ClusterGroupInfo{Name: name, UserCreated: ptr(true)}
	}
	half := max(len(hosts)/2, 1)
	extended := c.cluster.ConfigurationEx.(*types.ClusterConfigInfoEx)
	extended.Group = []types.BaseClusterGroupInfo{
		&types.ClusterVmGroup{ClusterGroupInfo: group("Oracle-VMs"), Vm: vms[:3]},
		&types.ClusterVmGroup{ClusterGroupInfo: group("Datenbanken"), Vm: vms[2:4]},
		&types.ClusterVmGroup{ClusterGroupInfo: group("Anwendungen"), Vm: vms[4:6]},
		&types.ClusterVmGroup{ClusterGroupInfo: group("leer")},
		&types.ClusterHostGroup{ClusterGroupInfo: group("lizenzierte Hosts"), Host: hosts[:half]},
		&types.ClusterHostGroup{ClusterGroupInfo: group("Brandabschnitt B"), Host: hosts[half:]},
	}
	depends := types.ClusterDependencyRuleInfo{ClusterRuleInfo: rule("erst Datenbanken", true, true), VmGroup: "Anwendungen", DependsOnVmGroup: "Datenbanken"}
	extended.Rule = []types.BaseClusterRuleInfo{
		&types.ClusterVmHostRuleInfo{ClusterRuleInfo: rule("Oracle nur auf lizenzierten Hosts", true, true), VmGroupName: "Oracle-VMs", AffineHostGroupName: "lizenzierte Hosts"},
		&types.ClusterVmHostRuleInfo{ClusterRuleInfo: rule("nicht in Abschnitt B", true, false), VmGroupName: "Datenbanken", AntiAffineHostGroupName: "Brandabschnitt B"},
		&types.ClusterVmHostRuleInfo{ClusterRuleInfo: rule("alt, abgeschaltet", false, false), VmGroupName: "Anwendungen", AffineHostGroupName: "Brandabschnitt B"},
		&types.ClusterAffinityRuleSpec{ClusterRuleInfo: rule("zusammen", true, false), Vm: vms[4:6]},
		&types.ClusterAntiAffinityRuleSpec{ClusterRuleInfo: rule("getrennt", true, true), Vm: vms[1:4]},
		&depends,
	}
	if !c.plan.drs {
		// Without DRS vCenter keeps the groups and the rules of hosts, but not what DRS alone enforces.
		extended.Rule = extended.Rule[2:3]
	}
	extended.DasVmConfig = []types.ClusterDasVmConfigInfo{
		{Key: vms[0], DasSettings: &types.ClusterDasVmSettings{RestartPriority: "highest", RestartPriorityTimeout: -1, IsolationResponse: "powerOff"}},
		{Key: vms[1], DasSettings: &types.ClusterDasVmSettings{RestartPriority: "disabled", RestartPriorityTimeout: -1, IsolationResponse: "none"}},
		{Key: vms[5], DasSettings: &types.ClusterDasVmSettings{RestartPriority: "clusterRestartPriority", IsolationResponse: "clusterIsolationResponse"}},
	}
	extended.DrsVmConfig = []types.ClusterDrsVmConfigInfo{
		{Key: vms[3], Enabled: ptr(true), Behavior: types.DrsBehaviorManual},
		{Key: vms[2], Enabled: ptr(false), Behavior: types.DrsBehaviorManual},
	}
	c.cluster.Configuration.Rule = extended.Rule
	c.cluster.Configuration.DasVmConfig = extended.DasVmConfig
	c.cluster.Configuration.DrsVmConfig = extended.DrsVmConfig
	for _, name := range []string{"prod", "edge"} {
		if c.plan.name == name {
			extended.DrsConfig.Option = []types.BaseOptionValue{&types.OptionValue{Key: "TryBalanceVmsPerHost", Value: fmt.Sprint(len(vms) % 2)}}
		}
	}
}
