// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Command routes makes the configuration of an Alertmanager of AlertmanagerConfig objects, with the Prometheus operator's own code:
// its conversion from v1beta1, its validation and its ConfigBuilder, with the matcher strategy OnNamespace. It reads a question in
// JSON and writes an answer in JSON. As the operator does it passes over an object that is not valid or whose Secrets lack, and
// puts the others into the configuration.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	stderrors "errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/blang/semver/v4"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/prometheus-operator/prometheus-operator/pkg/alertmanager"
	validationv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/alertmanager/validation/v1alpha1"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
	"github.com/prometheus-operator/prometheus-operator/pkg/assets"
	"github.com/prometheus-operator/prometheus-operator/pkg/operator"
)

type question struct {
	// Base is the configuration that the Alertmanager has by itself.
	Base string `json:"base"`
	// Configs are AlertmanagerConfig objects of v1alpha1 or v1beta1.
	Configs []json.RawMessage `json:"configs"`
	// Secrets are namespace to name to key to value.
	Secrets map[string]map[string]map[string]string `json:"secrets"`
}

type answer struct {
	// Config is what the Alertmanager gets, as YAML.
	Config string `json:"config"`
	// Rejected is namespace/name of each object that the operator passes over, to the reason.
	Rejected map[string]string `json:"rejected"`
}

// secrets are what the operator would read of the cluster.
type secrets struct {
	known map[string]map[string]map[string]string
}

// secretsOf are the secrets of one namespace; the operator only ever gets one by its name.
type secretsOf struct {
	typedcorev1.SecretInterface
	known map[string]map[string]string
}

func (s secrets) Secrets(namespace string) typedcorev1.SecretInterface {
	return secretsOf{known: s.known[namespace]}
}

func (s secretsOf) Get(_ context.Context, name string, _ metav1.GetOptions) (*corev1.Secret, error) {
	keys, found := s.known[name]
	if !found {
		return nil, errors.NewNotFound(schema.GroupResource{Resource: "secrets"}, name)
	}
	data := make(map[string][]byte, len(keys))
	for key, value := range keys {
		data[key] = []byte(value)
	}
	return &corev1.Secret{Data: data}, nil
}

// strictly reads an object; a field that its type does not have is an error, for the API server would drop it.
func strictly(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// errConversion is what the API server says of an object that the operator's conversion webhook fails for.
type errConversion struct{ why any }

func (e errConversion) Error() string {
	return fmt.Sprintf("its conversion to v1alpha1 failed: %v", e.why)
}

// converted gives an object of v1beta1 in v1alpha1. The conversion panics for some (v0.92 to v0.94 for emailConfigs without threading),
// which ends the webhook's request and not the operator.
func converted(newer *monitoringv1beta1.AlertmanagerConfig, stored *monitoringv1alpha1.AlertmanagerConfig) (err error) {
	defer func() {
		if why := recover(); why != nil {
			err = errConversion{why: why}
		}
	}()
	return newer.ConvertTo(stored)
}

// ofStoredVersion gives an object as the operator gets it: in v1alpha1.
func ofStoredVersion(raw []byte) (*monitoringv1alpha1.AlertmanagerConfig, error) {
	var meta metav1.TypeMeta
	if err := json.Unmarshal(raw, &meta); err != nil {
		return nil, err
	}
	stored := &monitoringv1alpha1.AlertmanagerConfig{}
	if meta.APIVersion == monitoringv1alpha1.SchemeGroupVersion.String() {
		return stored, strictly(raw, stored)
	}
	newer := &monitoringv1beta1.AlertmanagerConfig{}
	if err := strictly(raw, newer); err != nil {
		return nil, err
	}
	stored.Namespace, stored.Name = newer.Namespace, newer.Name
	return stored, converted(newer, stored)
}

// built gives the configuration that these objects and the base make.
func built(base string, known secrets, configs map[string]*monitoringv1alpha1.AlertmanagerConfig) (string, error) {
	version, err := semver.ParseTolerant(operator.DefaultAlertmanagerVersion)
	if err != nil {
		return "", err
	}
	instance := &monitoringv1.Alertmanager{}
	instance.Spec.AlertmanagerConfigMatcherStrategy.Type = monitoringv1.OnNamespaceConfigMatcherStrategyType
	store := assets.NewStoreBuilder(nil, known)
	builder := alertmanager.NewConfigBuilder(slog.New(slog.DiscardHandler), version, store, instance)
	if err := builder.InitializeFromRawConfiguration([]byte(base)); err != nil {
		return "", fmt.Errorf("the base is no configuration: %w", err)
	}
	if err := builder.AddAlertmanagerConfigs(context.Background(), configs); err != nil {
		return "", err
	}
	text, err := builder.MarshalJSON()
	return string(text), err
}

// troubleWith gives why the operator passes an object over; nil for nothing.
func troubleWith(config *monitoringv1alpha1.AlertmanagerConfig, base string, known secrets) error {
	if err := validationv1alpha1.ValidateAlertmanagerConfig(config); err != nil {
		return err
	}
	_, err := built(base, known, map[string]*monitoringv1alpha1.AlertmanagerConfig{"": config})
	return err
}

func run() error {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return fmt.Errorf("standard input is no question: %w", err)
	}
	known := secrets{known: asked.Secrets}
	if _, err := built(asked.Base, known, nil); err != nil {
		return err
	}
	accepted, rejected := map[string]*monitoringv1alpha1.AlertmanagerConfig{}, map[string]string{}
	for _, raw := range asked.Configs {
		config, err := ofStoredVersion(raw)
		var failed errConversion
		if err != nil && !stderrors.As(err, &failed) {
			return fmt.Errorf("no AlertmanagerConfig: %w", err)
		}
		name := config.Namespace + "/" + config.Name
		if err != nil {
			rejected[name] = err.Error()
			continue
		}
		if err := troubleWith(config, asked.Base, known); err != nil {
			rejected[name] = err.Error()
			continue
		}
		accepted[name] = config
	}
	text, err := built(asked.Base, known, accepted)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answer{Config: text, Rejected: rejected})
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
