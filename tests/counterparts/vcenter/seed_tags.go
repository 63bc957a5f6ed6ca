// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
)

// restClient speaks with the REST API in memory.
type restClient struct {
	handler http.Handler
	session string
}

func (c *restClient) call(method, path string, body any, change func(*http.Request)) (*httptest.ResponseRecorder, error) {
	content := []byte{}
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = encoded
	}
	request := httptest.NewRequest(method, path, bytes.NewReader(content))
	request.Header.Set("vmware-api-session-id", c.session)
	if change != nil {
		change(request)
	}
	answer := httptest.NewRecorder()
	c.handler.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		return nil, fmt.Errorf("%s %s: status %d", method, path, answer.Code)
	}
	return answer, nil
}

const taggingPath = "/rest/com/vmware/cis/tagging/"

// seedREST makes the tags and categories and hangs them on VMs, hosts and datastores.
func (w *world) seedREST(handler http.Handler, listen *url.URL) error {
	if w.registry.IsESX() {
		return nil
	}
	client := &restClient{handler: handler}
	password, _ := listen.User.Password()
	answer, err := client.call("POST", "/rest/com/vmware/cis/session", nil, func(r *http.Request) {
		r.SetBasicAuth(listen.User.Username(), password)
	})
	if err != nil {
		return err
	}
	var session struct{ Value string }
	if err := json.Unmarshal(answer.Body.Bytes(), &session); err != nil {
		return err
	}
	client.session = session.Value
	ids, err := w.newTags(client)
	if err != nil {
		return err
	}
	if err := w.hangTags(client, ids); err != nil {
		return err
	}
	_, err = client.call("DELETE", "/rest/com/vmware/cis/session", nil, nil)
	return err
}

// newTags makes the categories and their tags; the answer has each tag's id by category/name.
func (w *world) newTags(client *restClient) (map[string]string, error) {
	ids := map[string]string{}
	for _, category := range tagCategories {
		id := "urn:vmomi:InventoryServiceCategory:" + w.uuid("category", category.name) + ":GLOBAL"
		spec := map[string]any{"create_spec": map[string]any{
			"name": category.name, "description": "", "cardinality": category.cardinality, "category_id": id,
			"associable_types": []string{"VirtualMachine", "HostSystem", "Datastore", "ClusterComputeResource"},
		}}
		if _, err := client.call("POST", taggingPath+"category", spec, nil); err != nil {
			return nil, err
		}
		for _, name := range category.tags {
			tag := "urn:vmomi:InventoryServiceTag:" + w.uuid("tag", category.name, name) + ":GLOBAL"
			spec := map[string]any{"create_spec": map[string]any{"name": name, "description": "", "category_id": id, "tag_id": tag}}
			if _, err := client.call("POST", taggingPath+"tag", spec, nil); err != nil {
				return nil, err
			}
			ids[category.name+"/"+name] = tag
		}
	}
	return ids, nil
}

type taggedObject struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func (w *world) hangTags(client *restClient, ids map[string]string) error {
	objects := map[string][]taggedObject{}
	hang := func(tag string, object reference) {
		if ids[tag] == "" {
			panic("no tag " + tag)
		}
		objects[tag] = append(objects[tag], taggedObject{object.Type, object.Value})
	}
	for i, vm := range w.vms {
		for _, tag := range w.drafts[i].tags {
			hang(tag, vm.Self)
		}
	}
	for _, s := range w.datacenters {
		for i, host := range s.hosts {
			if i%2 == 0 {
				hang("Umgebung/Produktion", host.Self)
			}
		}
		for _, store := range s.stores {
			if strings.HasPrefix(store.Name, "vmfs-gold") {
				hang("Compliance/PCI-DSS", store.Self)
			}
		}
	}
	names := make([]string, 0, len(objects))
	for name := range objects {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		path := taggingPath + "tag-association/id:" + ids[name] + "?~action=attach-tag-to-multiple-objects"
		if _, err := client.call("POST", path, map[string]any{"object_ids": objects[name]}, nil); err != nil {
			return err
		}
	}
	w.tagCount, w.categoryCount = len(ids), len(tagCategories)
	return nil
}
