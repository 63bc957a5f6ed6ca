// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// middleware counts requests and disturbs them as the network and a busy server do.
type middleware struct {
	next     http.Handler
	control  http.Handler
	faults   *faultBook
	counters *counters
	stopping <-chan struct{}
	gzip     bool
}

func (m *middleware) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_control/") {
		m.control.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	name := ""
	if isREST(r.URL.Path) {
		name = restName(r)
		m.counters.request(m.counters.rest, name, len(body))
		if m.disturbREST(w, r) {
			return
		}
	} else if r.Method == http.MethodPost {
		name = methodOf(body)
		m.counters.request(m.counters.soap, name, len(body))
	}
	if _, gone := m.faults.get("storage_policies_missing"); gone && r.URL.Path == "/pbm" {
		http.NotFound(w, r)
		return
	}
	if m.refuse(w, r, name) {
		return
	}
	answer := &bufferedAnswer{header: http.Header{}, status: http.StatusOK}
	m.next.ServeHTTP(answer, r)
	m.send(w, r, name, answer)
}

// refuse answers in place of the server: busy, late or never.
func (m *middleware) refuse(w http.ResponseWriter, r *http.Request, name string) bool {
	matches := func(f fault) bool { return slices.Contains(f.Methods, name) }
	if f, ok := m.faults.take("http_503", matches); ok {
		if f.Seconds > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(f.Seconds)))
		}
		http.Error(w, "503 Service Unavailable", http.StatusServiceUnavailable)
		return true
	}
	if f, ok := m.faults.take("slow_page", matches); ok {
		m.wait(r, time.Duration(f.Seconds*float64(time.Second)))
	}
	if f, ok := m.faults.take("hung_page", matches); ok {
		limit := time.Hour
		if f.Seconds > 0 {
			limit = time.Duration(f.Seconds * float64(time.Second))
		}
		m.wait(r, limit)
		panic(http.ErrAbortHandler)
	}
	return false
}

// wait ends with the time, with the client or with the simulator, whichever is first.
func (m *middleware) wait(r *http.Request, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-m.stopping:
	}
}

func (m *middleware) disturbREST(w http.ResponseWriter, r *http.Request) bool {
	if _, ok := m.faults.take("rest_unavailable", anyRequest); ok {
		http.Error(w, "503 Service Unavailable", http.StatusServiceUnavailable)
		return true
	}
	isSession := func(fault) bool { return r.URL.Path != "/rest/com/vmware/cis/session" && r.URL.Path != "/api/session" }
	if _, ok := m.faults.take("session_expiry_rest", isSession); ok {
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	return false
}

// send passes an answer on, whole or as the faults of the transport leave it.
func (m *middleware) send(w http.ResponseWriter, r *http.Request, name string, answer *bufferedAnswer) {
	content := answer.body.Bytes()
	if m.gzip && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && len(content) > 0 {
		content = compressed(content)
		answer.header.Set("Content-Encoding", "gzip")
	}
	matches := func(f fault) bool { return answer.status == http.StatusOK && slices.Contains(f.Methods, name) }
	if _, ok := m.faults.take("truncated_response", matches); ok {
		content = content[:len(content)/2]
	}
	if _, ok := m.faults.take("missing_session_cookie", func(fault) bool { return name == "Login" }); ok {
		answer.header.Del("Set-Cookie")
	}
	for key, values := range answer.header {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	if w.Header().Get("Content-Type") == "" && name != "" {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	}
	w.WriteHeader(answer.status)
	if _, ok := m.faults.take("dropped_connection", matches); ok {
		_, _ = w.Write(content[:len(content)/2])
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		panic(http.ErrAbortHandler)
	}
	n, _ := w.Write(content)
	m.counters.answered(n)
}

// bufferedAnswer keeps an answer until it is decided what becomes of it.
type bufferedAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *bufferedAnswer) Header() http.Header { return b.header }

func (b *bufferedAnswer) WriteHeader(status int) { b.status = status }

func (b *bufferedAnswer) Write(data []byte) (int, error) { return b.body.Write(data) }

func compressed(content []byte) []byte {
	var buffer bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&buffer, gzip.BestSpeed)
	_, _ = writer.Write(content)
	_ = writer.Close()
	return buffer.Bytes()
}
