// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// automation serves sessions and tags under /api as well, where vCenter has had them since 7.0.2. The simulator package has them
// under /rest alone, with other spellings and each answer wrapped in a value.
type automation struct {
	next   http.Handler
	faults *faultBook
}

func (a *automation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	isNew := strings.HasPrefix(r.URL.Path, "/api/session") || strings.HasPrefix(r.URL.Path, "/api/cis/tagging/")
	if !isNew {
		a.next.ServeHTTP(w, r)
		return
	}
	if _, older := a.faults.get("older_rest_only"); older {
		http.NotFound(w, r)
		return
	}
	inner := r.Clone(r.Context())
	inner.URL.Path = olderPath(r.URL.Path)
	inner.URL.RawQuery = olderQuery(r.URL.Query())
	answer := &bufferedAnswer{header: http.Header{}, status: http.StatusOK}
	a.next.ServeHTTP(answer, inner)
	status := answer.status
	if status == http.StatusOK && r.URL.Path == "/api/session" && r.Method == http.MethodPost {
		status = http.StatusCreated
	}
	content := unwrapped(answer.body.Bytes())
	if len(content) == 0 && status == http.StatusOK {
		status = http.StatusNoContent
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(content)
}

// olderPath turns /api/cis/tagging/tag/urn:… into /rest/com/vmware/cis/tagging/tag/id:urn:….
func olderPath(path string) string {
	if path == "/api/session" {
		return "/rest/com/vmware/cis/session"
	}
	head, tail, found := strings.Cut(strings.TrimPrefix(path, "/api"), "/urn:")
	if found {
		return "/rest/com/vmware" + head + "/id:urn:" + tail
	}
	return "/rest/com/vmware" + head
}

func olderQuery(query url.Values) string {
	if action := query.Get("action"); action != "" {
		query.Del("action")
		query.Set("~action", action)
	}
	return query.Encode()
}

// unwrapped is the value within an answer of the older form; an answer without one, such as an empty list, is an empty list.
func unwrapped(content []byte) []byte {
	content = bytes.TrimSpace(content)
	if len(content) == 0 {
		return nil
	}
	var wrapped struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(content, &wrapped); err != nil {
		return content
	}
	if len(wrapped.Value) == 0 || string(wrapped.Value) == "null" {
		return []byte("[]")
	}
	return wrapped.Value
}
