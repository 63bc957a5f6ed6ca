# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the rights that roles ship, `operators` for the whole platform stage: `python -m tests.tools.platform_rights`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.tools.link_tree import make_link_tree
from tests.tools.target_role import Indented

CHECKOUT = Path(__file__).resolve().parents[2]
ROLES = CHECKOUT / "roles"
MODULE_UTILS = "ansible_collections.groundwork.readiness.plugins.module_utils"
LICENSE = """\
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
ORIGIN = "# Made from plugins/module_utils/{}/rights.py by tests/tools/platform_rights.py.\n---\n"
HEADS: Mapping[str, str] = {
    "operators/files/verify_role.yml": """\
# What an account needs for readiness_mode verify: it reads no secrets and changes nothing. A SubjectAccessReview is a question, and
# nothing is kept of it. Name your own account under subjects.
""",
    "operators/files/apply_rights.yml": """\
# What an account needs for applying the platform's document, beside verify_role.yml: it reads no secrets, approves install plans and
# neither makes nor removes them, and removes nothing but what the collection made. The namespace keeps the record of what was applied.
# Name your own account, user or group under subjects. Accelerators need nodes_rights.yml too, logins and personas identity_rights.yml,
# monitoring monitoring_rights.yml, image policies and gates delivery_rights.yml, removing operators removal_rights.yml.
""",
    "operators/files/nodes_rights.yml": """\
# What the accelerators part needs beside apply_rights.yml. Whoever may write these objects decides which drivers and settings the nodes
# run, which amounts to root on them: bind it for the time of the run only.
""",
    "operators/files/removal_rights.yml": """\
# What operators with state absent need beside apply_rights.yml. Nothing is removed while objects of an operator's kinds are there, or
# while the account may not list them: name the API groups of operators of your own beside those that are known. Bind it for the time
# of the run only: whoever may delete CRDs and namespaces deletes all that is in them.
""",
    "operators/files/identity_rights.yml": """\
# What the identity part needs beside apply_rights.yml. Whoever may write the cluster's logins, or the roles of personas, can become
# anybody: guard the account as a cluster-admin is guarded, and bind it for the time of the run only.
""",
    "operators/files/monitoring_rights.yml": """\
# What the monitoring part needs beside apply_rights.yml: rules, routes and dashboards in all namespaces, and ConfigMaps in those of the
# cluster's monitoring and of its console. Whoever may write rules and routes decides who hears of what: bind it for the time of the run
# only.
""",
    "operators/files/delivery_rights.yml": """\
# What the delivery part needs beside apply_rights.yml where it writes: policies on images, admission policies, and sync windows of Argo
# CD's projects. Whoever may write these can stop every pod, and widen where projects deploy to: bind it for the time of the run only.
""",
    "operators/files/secret_rights.yml": """\
# How an account may read the Secrets that a document names: in each namespace, by name. Of what it reads only the names of keys are
# kept. Write your own namespace and names of Secrets.
""",
    "namespaces/files/verify_role.yml": """\
# What an account needs for holding namespaces against their contracts: it reads no secrets and changes nothing. A SubjectAccessReview
# is a question, and nothing is kept of it. Name your own account under subjects.
""",
    "namespaces/files/apply_rights.yml": """\
# What an account needs for provisioning namespaces by their contracts, beside verify_role.yml. It hands out the shipped personas alone:
# add the names of your own under bind. It makes namespaces and never removes one. Name your own account, user or group under subjects.
""",
    "namespaces/files/removal_rights.yml": """\
# What contracts need beside apply_rights.yml that are off-boarded with data: delete: their namespaces go with all that is in them. Bind
# it for the time of the run only.
""",
    "namespaces/files/life_rights.yml": """\
# What the proof of life needs beside verify_role.yml, apply_rights.yml and tenant_rights.yml: it makes Jobs as tenants, looks at what
# becomes of them, and removes them. Whoever may delete Jobs can end the work of any team: bind it for the time of the run only.
""",
    "governance_gate/files/gate_rights.yml": """\
# What an account needs for the governance gate, beside verify_role.yml of role namespaces: whoever may write admission policies can stop
# every pod. Bind it for the time of the run only, and name your own account, user or group under subjects.
""",
    "namespaces/files/tenant_rights.yml": """\
# What an account needs for trying as tenants what they may do, by dry runs that write nothing: without it these are not evaluated. Name
# the groups, users and service accounts of your contracts; without names it would be the right to be anybody. Name your own account under
# subjects.
""",
}


def texts() -> dict[str, str]:
    """Every file by its path below `roles`."""
    platform, namespaces = (importlib.import_module(f"{MODULE_UTILS}.{stage}.rights") for stage in ("platform", "namespaces"))
    made: Mapping[str, Mapping[str, Sequence[Any]]] = {
        "platform": {
            "operators/files/verify_role.yml": platform.verify_rights(),
            "operators/files/apply_rights.yml": platform.apply_rights(),
            "operators/files/nodes_rights.yml": platform.nodes_rights(),
            "operators/files/identity_rights.yml": platform.identity_rights(),
            "operators/files/monitoring_rights.yml": platform.monitoring_rights(),
            "operators/files/delivery_rights.yml": platform.delivery_rights(),
            "operators/files/removal_rights.yml": platform.removal_rights(),
            "operators/files/secret_rights.yml": platform.secret_rights("ai-models", ["s3"]),
        },
        "namespaces": {
            "namespaces/files/verify_role.yml": namespaces.verify_rights(),
            "namespaces/files/apply_rights.yml": namespaces.apply_rights(),
            "governance_gate/files/gate_rights.yml": namespaces.gate_rights(),
            "namespaces/files/removal_rights.yml": namespaces.removal_rights(),
            "namespaces/files/life_rights.yml": namespaces.life_rights(),
            "namespaces/files/tenant_rights.yml": namespaces.tenant_rights(
                (), ("retail-ai-engineers", "fraud-data-scientists", "fraud-ai-engineers"), ("delivery",)
            ),
        },
    }
    return {
        path: f"{LICENSE}{HEADS[path]}{ORIGIN.format(stage)}{_text(items)}"
        for stage, files in made.items()
        for path, items in files.items()
    }


def _text(items: Sequence[Any]) -> str:
    whole = {"apiVersion": "v1", "kind": "List", "items": list(items)}
    return yaml.dump(whole, Dumper=Indented, sort_keys=False, width=140)


def main() -> None:
    """Entry point."""
    collections = CHECKOUT / "build" / "collections"
    make_link_tree(collections)
    sys.path.insert(0, str(collections))
    for path, text in texts().items():
        (ROLES / path).parent.mkdir(parents=True, exist_ok=True)
        (ROLES / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
