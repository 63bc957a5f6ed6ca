# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The openshift_ai part: what the document asks of OpenShift AI, from its settings up to the models that it serves."""

from __future__ import annotations

from collections.abc import Sequence

from ...common.findings import CheckFinding
from ..desired.model import OpenShiftAi, PlatformDesired, SecretRef
from ..parts import Context, PartPlan, WantedObject, joined
from ..prerequisites.secrets import secret_ref
from ..snapshot import Named
from . import apis
from .dsc import plan_dsc
from .dsci import plan_dsci
from .flavors import plan_flavors
from .kueue import plan_kueue
from .models import plan_models
from .profiles import plan_profiles
from .registry import plan_registry
from .runtimes import plan_runtimes
from .serving import serving_findings
from .weights import S3, weights_of

_APIS = (
    apis.DSCI,
    apis.DSC,
    apis.AUTH,
    apis.PROFILE,
    apis.REGISTRY,
    apis.RUNTIME,
    apis.CLUSTER_RUNTIME,
    apis.INFERENCE,
    apis.LLM_INFERENCE,
    apis.KUEUE,
    apis.FLAVORS,
    apis.COHORTS,
    apis.PRIORITIES,
)


def plan_openshift_ai(context: Context) -> PartPlan:
    """Objects, what is waited for and findings; nothing where the document has no such section."""
    wanted = context.desired.openshift_ai
    if wanted is None:
        return PartPlan()
    plan = joined(
        plan_dsci(wanted, context),
        plan_dsc(wanted, context),
        plan_kueue(wanted, context),
        plan_flavors(wanted, context),
        plan_profiles(wanted, context),
        plan_runtimes(wanted, context),
        plan_registry(wanted, context),
        plan_models(wanted, context),
    )
    return joined(plan, PartPlan(findings=(*_kinds(plan.objects, context), *serving_findings(wanted, context))))


def _kinds(objects: Sequence[WantedObject], context: Context) -> list[CheckFinding]:
    """Whether the kinds of the objects are served, or come with an operator of the document."""
    paths: dict[str, str] = {}
    for item in objects:
        paths.setdefault(str(item.object["kind"]), item.path)
    return apis.crd_findings(context, [(api, paths[api.kind]) for api in _APIS if api.kind in paths])


def named_refs(desired: PlatformDesired) -> tuple[Named, ...]:
    """Secrets that models name: only the names of their keys are looked at."""
    wanted = desired.openshift_ai
    if wanted is None:
        return ()
    return tuple(sorted(_secrets(wanted)))


def _secrets(wanted: OpenShiftAi) -> set[Named]:
    return {
        secret_ref(SecretRef(namespace=model.namespace, name=model.storage_secret))
        for model in wanted.models
        if model.storage_secret and weights_of(model.uri).scheme == S3
    }
