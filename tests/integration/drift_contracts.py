# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contracts of eight namespaces that between them ask for every kind of object; half of the namespaces were there before."""

from __future__ import annotations

import copy
from typing import Any

from tests.integration.namespaces_site import CHAT, FRAUD, SEARCH

Json = dict[str, Any]


def small(name: str, owner: str, **more: Any) -> Json:
    return {
        "schema_version": "1.0",
        "namespace": name,
        "owner": {"name": owner, "group": "retail-ai-owners", "cost_centre": "cc-1"},
        "classification": "internal",
        "expires": "2027-06-30",
        "personas": [{"persona": "data_scientist", "groups": ["risk-scientists", "retail-ai-engineers"]}],
        "quota": {"cpu": 16, "memory_gib": 64, "storage_gib": 128},
        "images": {"pull_secrets": ["registry-pull"]},
        **more,
    }


CONTRACTS: tuple[Json, ...] = (
    CHAT,
    SEARCH,
    {**FRAUD, "adopt": True, "queue": {"name": "training"}},
    small(
        "labs-vision",
        "labs",
        adopt=True,
        accelerators=[{"name": "work", "class": "training", "count": 1}],
        network={"from_namespaces": ["labs-speech", "retail-chat"], "egress": [{"name": "lake", "namespaces": ["risk-fraud"]}]},
        monitoring={"services": [{"name": "api", "labels": {"app": "api"}, "port": "web"}]},
    ),
    small(
        "ops-tickets",
        "ops",
        personas=[
            {"persona": "service", "service_accounts": ["pipeline", "delivery"]},
            {"persona": "ml_engineer", "users": ["lead@example.com"], "groups": ["retail-ai-engineers"]},
        ],
        service_accounts=[{"name": "pipeline", "pull_secrets": ["registry-pull", "second-pull"]}, {"name": "delivery"}],
        network={"egress": [{"name": "mail", "cidrs": ["10.9.0.0/24", "10.9.2.0/24"], "ports": ["25", "587/TCP"]}]},
    ),
    small(
        "legal-search",
        "legal",
        adopt=True,
        accelerators=[{"name": "answers", "class": "large-inference", "count": 1}],
        pod_security="baseline",
        containers={"volume_most_gib": 64},
        network={"from_router": False, "egress": [{"name": "archive", "cidrs": ["10.30.0.0/16"], "ports": ["443", "9000"]}]},
        data_sources=copy.deepcopy(FRAUD["data_sources"]),
        classification="restricted",
    ),
    small(
        "labs-speech",
        "speech",
        adopt=True,
        queue={"name": "batch", "stop": "hold", "cohort": "labs"},
        network={"isolation": "policies", "to_api": False},
        monitoring={"pods": [{"name": "asr", "labels": {"app": "asr", "tier": "gpu"}, "port": "metrics"}]},
    ),
    small("hr-letters", "hr", network={"egress": [{"name": "printer", "cidrs": ["10.40.1.0/24"]}]}, ticket="CHG-7", display_name="Letters"),
)
SPACES = tuple(str(each["namespace"]) for each in CONTRACTS)
