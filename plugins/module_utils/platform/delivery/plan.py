# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The delivery part: what is seen of industrialised delivery, held against what the document asks; it writes image policies alone."""

from __future__ import annotations

from ..desired.delivery import Delivery
from ..desired.model import PlatformDesired
from ..parts import Context, PartPlan
from ..snapshot import Named
from .applications import application_findings
from .gates import gate_findings
from .images import image_findings, key_refs, policy_objects
from .pipelines import pipeline_findings
from .recording import delivery_records
from .scope import Look, scope_findings


def plan_delivery(context: Context) -> PartPlan:
    """What is seen of the cluster's delivery, and the image policies that are written."""
    return plan_of(Look(section_of(context.desired), context.snapshot, context.today, context.snapshot.images))


def plan_of(look: Look) -> PartPlan:
    """The plan for one look at a cluster."""
    objects, keys = policy_objects(look)
    findings = (
        *scope_findings(look),
        *application_findings(look),
        *pipeline_findings(look),
        *image_findings(look),
        *keys,
        *gate_findings(look),
    )
    lacking = "; ".join(finding.words for finding in keys if finding.failed)
    return PartPlan(objects=tuple(objects), findings=findings, records=delivery_records(look), incomplete=lacking)


def named_refs(desired: PlatformDesired) -> tuple[Named, ...]:
    """What has to be read by its name: ConfigMaps with public keys."""
    return key_refs(section_of(desired))


def section_of(desired: PlatformDesired) -> Delivery:
    """The section; one that asks for nothing where the document has none."""
    return desired.delivery or Delivery()
