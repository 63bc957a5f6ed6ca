# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The delivery part: what is seen of industrialised delivery, held against what the document asks.

It writes image policies, image gates and sync windows that say so. Applications and pipelines it only looks at: they are the
business of whoever delivers by them, and come from their own sources.
"""

from __future__ import annotations

from ..desired.delivery import Delivery
from ..desired.model import PlatformDesired
from ..parts import Context, PartPlan
from ..snapshot import Named
from .applications import application_findings
from .gates import gate_findings
from .image_gates import action_merges, gate_objects, image_gate_findings
from .images import image_findings, key_refs, policy_objects
from .pipelines import pipeline_findings
from .recording import delivery_records
from .scope import Look, scope_findings
from .sync_windows import window_merges


def plan_delivery(context: Context) -> PartPlan:
    """What is seen of the cluster's delivery, and what is written."""
    return plan_of(Look(section_of(context.desired), context.snapshot, context.today, context.snapshot.images), prune=context.prune)


def plan_of(look: Look, *, prune: bool = False) -> PartPlan:
    """The plan for one look at a cluster; with `prune` sync windows of ours that are wanted no more go."""
    objects, keys = policy_objects(look)
    findings = (
        *scope_findings(look),
        *application_findings(look),
        *pipeline_findings(look),
        *image_findings(look),
        *keys,
        *gate_findings(look),
        *image_gate_findings(look),
    )
    lacking = "; ".join(finding.words for finding in keys if finding.failed)
    wanted = (*objects, *gate_objects(look))
    merges = (*window_merges(look, prune=prune), *action_merges(look))
    return PartPlan(wanted, findings=findings, records=delivery_records(look), merges=merges, incomplete=lacking)


def named_refs(desired: PlatformDesired) -> tuple[Named, ...]:
    """What has to be read by its name: ConfigMaps with public keys."""
    return key_refs(section_of(desired))


def section_of(desired: PlatformDesired) -> Delivery:
    """The section; one that asks for nothing where the document has none."""
    return desired.delivery or Delivery()
