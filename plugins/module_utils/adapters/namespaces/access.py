# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof of access: what tenants may and must not do, asked of the API server, and tried as them by dry runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...namespaces.access.findings import Proof, access_proof
from ...namespaces.access.matrix import access_matrix
from ...namespaces.access.trials import trial_findings, trial_plan
from ...namespaces.contract.model import Contract
from ...platform.desired.identity import Persona
from ...platform.snapshot import PlatformSnapshot
from ..cluster.client import ApiConnection
from ..platform.access_reviews import ask_access
from .tenant_dry_runs import try_as_tenants


def prove_access(
    connection: ApiConnection, contracts: Sequence[Contract], personas: Mapping[str, Persona], snapshot: PlatformSnapshot
) -> Proof:
    """Findings and records on everybody whom a contract gives a persona. Nothing is written."""
    matrix = access_matrix(contracts, personas, snapshot)
    proof = access_proof(matrix, ask_access(connection, matrix.questions))
    plan = trial_plan(matrix, personas)
    tried = trial_findings(matrix, plan, try_as_tenants(connection, plan.trials))
    return replace(proof, findings=(*proof.findings, *tried))
