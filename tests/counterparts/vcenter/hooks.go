// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// installHooks puts the collector and the authorization manager in place and looks at each call before it is carried out.
func installHooks(w *world, book *faultBook, held *rights) {
	collecting.faults, collecting.rights, collecting.world = book, held, w
	collector := &propertyCollector{}
	collector.Self = w.content.PropertyCollector
	w.registry.Put(collector)
	held.install(w.ctx, w.content)
	w.registry.Put(&viewManager{ViewManager: *w.registry.ViewManager()})
	manager := w.registry.SessionManager()
	w.registry.Handler = func(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
		if method.Name == "Login" {
			return nil, nil
		}
		if fault := expire(ctx, method, book, manager); fault != nil {
			return nil, fault
		}
		if ctx.Session == nil {
			return nil, nil
		}
		if privilege, known := methodPrivileges[method.Name]; known && !held.has(privilege) {
			return nil, noPermission(method.This, privilege)
		}
		if method.Name == "QueryPerf" {
			if _, ok := book.take("performance_unavailable", anyRequest); ok {
				return nil, &types.RuntimeFault{}
			}
		}
		return nil, nil
	}
	manager.ValidLogin = func(login *types.Login) bool {
		if _, refused := book.take("wrong_password", anyRequest); refused {
			return false
		}
		return w.login(login.UserName, login.Password)
	}
}

// expire ends the session of a call where session_expiry_mid_page is armed for it.
func expire(
	ctx *simulator.Context, method *simulator.Method, book *faultBook, manager *simulator.SessionManager,
) types.BaseMethodFault {
	isPage := method.Name == "RetrievePropertiesEx" || method.Name == "ContinueRetrievePropertiesEx"
	if ctx.Session == nil || !isPage {
		return nil
	}
	f, ok := book.take("session_expiry_mid_page", anyRequest)
	if !ok {
		return nil
	}
	// A session cannot terminate itself, so that another one is made to ask for it.
	other := *ctx
	other.Session = &simulator.Session{Registry: simulator.NewRegistry(), Map: ctx.Map}
	manager.TerminateSession(&other, &types.TerminateSession{SessionId: []string{ctx.Session.Key}})
	ctx.Session = nil
	if f.Answer == "missing" && method.Name == "RetrievePropertiesEx" {
		return nil
	}
	return notAuthenticated(method.This)
}

func notAuthenticated(object reference) *types.NotAuthenticated {
	return &types.NotAuthenticated{NoPermission: types.NoPermission{Object: &object, PrivilegeId: "System.View"}}
}

// liveSessions counts the sessions that have logged in and not out.
func liveSessions(ctx *simulator.Context) int {
	session := &simulator.Session{Registry: simulator.NewRegistry(), Map: ctx.Map}
	manager := session.Get(ctx.Map.SessionManager().Self).(*simulator.SessionManager)
	return len(manager.SessionList)
}
