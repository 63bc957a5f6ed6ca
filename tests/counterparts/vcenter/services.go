// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// viewManager leaves out of views what the user may not see.
type viewManager struct {
	simulator.ViewManager
}

func (m *viewManager) CreateContainerView(ctx *simulator.Context, req *types.CreateContainerView) soap.HasFault {
	answer := m.ViewManager.CreateContainerView(ctx, req)
	if answer.Fault() != nil {
		return answer
	}
	made := answer.(*methods.CreateContainerViewBody).Res.Returnval
	view := ctx.Session.Registry.Get(made).(*simulator.ContainerView)
	visible := make([]reference, 0, len(view.View))
	for _, object := range view.View {
		if !collecting.rights.hidden(object) {
			visible = append(visible, object)
		}
	}
	view.View = visible
	return answer
}

// installServices puts the services in place that the simulator package has in a plainer form.
func installServices(service *simulator.Service, w *world, held *rights, level int32) {
	plain := w.registry.Get(*w.content.PerfManager).(*simulator.PerformanceManager)
	w.registry.Put(newPerformance(plain, w, level))
	installPolicies(service, w, held)
}
