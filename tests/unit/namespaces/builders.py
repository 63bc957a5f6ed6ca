# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contracts as teams write them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.reading import read_contracts
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.rules import Known
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText

Json = dict[str, Any]

KNOWN = Known(
    ("data_scientist", "ml_engineer", "service"), ("auditor", "platform"), ("notebook", "large-inference"), ("namespaces.objects.extra",)
)

SMALL: Json = {
    "schema_version": "1.0",
    "namespace": "team-forecast",
    "owner": {"name": "retail", "group": "retail-ai-owners", "cost_centre": "cc-4711"},
    "classification": "internal",
    "expires": "2027-06-30",
    "personas": [{"persona": "data_scientist", "groups": ["team-forecast"]}],
    "quota": {"cpu": 16, "memory_gib": 64},
}

EVERYTHING: Json = {
    **SMALL,
    "namespace": "team-chat",
    "owner": {"name": "service", "group": "service-ai-owners", "cost_centre": "cc-1200", "contact": "service-ai@example.com"},
    "display_name": "Service chat",
    "description": "Answers questions of customers",
    "classification": "confidential",
    "ticket": "CHG-1234",
    "jurisdiction": {"name": "eu", "regions": ["eu-central"], "hosts": ["*.eu.example.com"]},
    "personas": [
        {"persona": "ml_engineer", "groups": ["team-chat"], "users": ["lead@example.com"]},
        {"persona": "service", "service_accounts": ["pipeline"]},
    ],
    "service_accounts": [{"name": "pipeline"}],
    "accelerators": [{"name": "chat", "class": "large-inference", "count": 2, "replicas": 2}],
    "quota": {"cpu": 64, "memory_gib": 512, "storage_gib": 2048, "models": 4, "storage_classes": {"fast": 512}},
    "containers": {"cpu_most": 32, "memory_most_gib": 256, "volume_most_gib": 1024},
    "queue": {"name": "default", "cohort": "ai", "borrow": True},
    "network": {
        "from_namespaces": ["redhat-ods-applications"],
        "egress": [{"name": "object-store", "cidrs": ["10.20.0.0/16"], "ports": ["443", "9000/TCP"]}],
    },
    "images": {"registries": ["registry.example.com/ai"]},
    "monitoring": {"pods": [{"name": "vllm", "labels": {"app": "vllm"}, "port": "metrics"}]},
    "serving": {"runtimes": ["vllm-nvidia"], "object_store": "s3"},
    "data_sources": [
        {
            "name": "tickets",
            "uri": "s3://service-tickets",
            "owner": "service-data@example.com",
            "classification": "internal",
            "lineage": "catalogue/tickets-v3",
            "consent": "DPIA-77",
            "retention_days": 365,
        }
    ],
}


def contract(base: Mapping[str, Any] = SMALL, **changes: Any) -> Contract:
    """The contract with these keys replaced."""
    found = read_contracts([SourceText("team.yml", {**copy.deepcopy(dict(base)), **changes})])
    assert found.problems == ()
    return found.placed[0].contract
