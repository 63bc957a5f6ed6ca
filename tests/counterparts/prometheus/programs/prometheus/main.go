// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Command enforce rewrites PromQL expressions as the Prometheus operator does for user-workload rules: each selector gets the
// matcher namespace="<namespace>", in place of one that was there. It reads a JSON list of {"namespace", "expr"} and writes a JSON
// list of {"expr", "error"} in the same order; without a namespace an expression is parsed and written in its normal form.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus-community/prom-label-proxy/injectproxy"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

const label = "namespace"

type question struct {
	Namespace string `json:"namespace"`
	Expr      string `json:"expr"`
}

type answer struct {
	Expr  string `json:"expr"`
	Error string `json:"error"`
}

func enforced(asked question) (string, error) {
	if asked.Namespace == "" {
		expr, err := parser.ParseExpr(asked.Expr)
		if err != nil {
			return "", err
		}
		return expr.String(), nil
	}
	matcher, err := labels.NewMatcher(labels.MatchEqual, label, asked.Namespace)
	if err != nil {
		return "", err
	}
	return injectproxy.NewPromQLEnforcer(false, matcher).Enforce(asked.Expr)
}

func run() error {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		return fmt.Errorf("standard input is no list of expressions: %w", err)
	}
	answers := make([]answer, 0, len(questions))
	for _, asked := range questions {
		expr, err := enforced(asked)
		if err != nil {
			answers = append(answers, answer{Error: err.Error()})
			continue
		}
		answers = append(answers, answer{Expr: expr})
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
