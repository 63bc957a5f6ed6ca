# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# `make help` lists the targets. PYTHON chooses the interpreter of .venv: make env PYTHON=python3.12
PYTHON ?= python3
STAGE ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
CHECKS := $(BIN)/python -m tests.tools.run_checks
PINS := env:3.10 dev:3.10 kubernetes:3.10 peers:3.11 core-2.16:3.10 core-2.19:3.11 core-newest:3.12

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help env env-dev env-kubernetes browser demo simulator cluster test lint types unit unit-cores unit-python integration molecule sanity bench coverage format build changelog pins clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is not installed; choose another one: make env PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	  || { echo "make: $(PYTHON) is $$($(PYTHON) -V 2>&1), but 3.10 or newer is needed; choose another one: make env PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
	  || { echo "make: $(PYTHON) lacks the module venv or ensurepip (Debian and Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.env: requirements/env.txt | $(BIN)/python
	@echo "Installing ansible-core and the libraries that the collection needs into $(VENV)"
	@$(PIP) -r requirements/env.txt
	@touch $@

$(VENV)/.env-dev: requirements/dev.txt | $(VENV)/.env
	@echo "Installing the tools for lint and tests into $(VENV)"
	@$(PIP) -r requirements/dev.txt
	@touch $@

$(VENV)/.env-kubernetes: requirements/kubernetes.txt | $(VENV)/.env
	@echo "Installing the ansible distribution with kubernetes.core (about 780 MB) into $(VENV)"
	@$(PIP) -r requirements/kubernetes.txt
	@touch $@

env: $(VENV)/.env ## Prepare .venv: ansible-core, the libraries, and the collection where Ansible finds it
	@$(BIN)/python tests/tools/link_tree.py

env-dev: env $(VENV)/.env-dev ## Add the tools for lint and tests to .venv

env-kubernetes: env $(VENV)/.env-kubernetes ## Add kubernetes.core and its client to .venv, for playbooks that speak to a cluster

browser: ## Install Chromium for the browser tests, where apt-get and root make that possible
	@$(PYTHON) tests/tools/browser.py

demo: env ## Assess and plan the embedded demo estate, show the summary and where the report is
	@$(BIN)/python tests/tools/demo.py

simulator: env ## Run two vCenter simulators to try a live read, until Ctrl-C
	@$(BIN)/python -m tests.counterparts.vcenter

cluster: env ## Run a cluster with a real API server to try things on, until Ctrl-C; the first time it is built, for several minutes
	@$(BIN)/python -m tests.counterparts.cluster

test: env-dev env-kubernetes browser ## Set everything up and run every check; ends with the counts
	@$(CHECKS) all

lint: env-dev ## ruff, yamllint, ansible-lint, antsibull-changelog
	@$(CHECKS) lint

types: env-dev ## mypy, strict
	@$(CHECKS) types

unit: env-dev env-kubernetes ## Unit tests, on the ansible-core of .venv
	@$(CHECKS) unit

unit-cores: env-dev env-kubernetes ## Unit tests that reach ansible-core on its oldest and its newest line, as far as their Python is installed
	@$(CHECKS) unit-cores

unit-python: env-dev env-kubernetes ## Unit tests on the Python of the newest ansible-core; no part of `make test`
	@$(CHECKS) unit-python

integration: env-dev env-kubernetes browser ## Integration tests: the playbooks, the report in a browser
	@$(CHECKS) integration

molecule: env-dev ## The Molecule scenario that runs the demo
	@$(CHECKS) molecule

sanity: env-dev ## ansible-test sanity on the oldest, the usual and the newest ansible-core
	@$(CHECKS) sanity

bench: env-dev browser ## Benchmarks; one stage only: make bench STAGE=assessment
	@$(BIN)/python -m tests.benchmarks $(STAGE)

coverage: env-dev ## Unit tests with a report of the lines that they miss
	@$(BIN)/python -m pytest -q -n 2 --cov=plugins --cov-branch --cov-report=term-missing:skip-covered --cov-report=html:build/coverage tests/unit

format: env-dev ## Let ruff format the Python files and mend what it can
	@$(BIN)/ruff check --quiet --fix . && $(BIN)/ruff format --quiet .

build: env ## Build the collection's tarball into build/
	@$(BIN)/ansible-galaxy collection build --force --output-path build .

changelog: env-dev ## Turn the changelog fragments into the entry of the version in galaxy.yml
	@PATH="$(CURDIR)/$(BIN):$$PATH" antsibull-changelog release --update-existing --refresh-fragments without-archives --reload-plugins

pins: ## Bring the hashed pins in requirements/ up to date (needs the network)
	@$(PYTHON) -m venv build/pins
	@build/pins/bin/python -m pip install --quiet --disable-pip-version-check uv
	@cd requirements && set -e && for pin in $(PINS); do \
	  ../build/pins/bin/uv pip compile --quiet --upgrade --universal --python-version "$${pin#*:}" --generate-hashes \
	    --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$${pin%:*}.in" --output-file "$${pin%:*}.txt"; \
	done

clean: ## Remove .venv, build/ and the caches in the checkout; runs/ stays
	rm -rf $(VENV) build .ansible .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
