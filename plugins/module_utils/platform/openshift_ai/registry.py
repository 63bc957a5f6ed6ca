# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model registry: it needs its component, and a database whose Secret is in its own namespace."""

from __future__ import annotations

from typing import Final

from ...common.findings import CheckFinding
from ...target.model import ABSENT
from ..desired.model import MANAGED, DatabaseWanted, OpenShiftAi, RegistryWanted
from ..parts import QUEUES, Context, PartPlan, Wait
from ..prerequisites.secrets import secret_ref
from ..snapshot import Named
from ..verdicts import failed, passed
from .apis import REGISTRY, api_version
from .check_list import AI_PLATFORM, PART, REGISTRY_COMPONENT, REGISTRY_DATABASE
from .dsc import state_of
from .objects import metadata_of_name, wanted_object

MINUTES: Final = 15.0
RANK: Final = QUEUES + 5
_PATH: Final = "openshift_ai.registry"


def plan_registry(wanted: OpenShiftAi, context: Context) -> PartPlan:
    """The registry; without a database none is written."""
    registry = wanted.registry
    if registry is None:
        return PartPlan()
    database = context.desired.prerequisites.model_registry_database if context.desired.prerequisites else None
    about = _database(registry, database, context)
    findings = (_component(wanted, context), about)
    if database is None or about.failed:
        return PartPlan(findings=findings)
    secret = {"name": database.secret.name, "key": database.keys[0]}
    mysql = {
        "host": database.host,
        "port": database.port,
        "database": database.database,
        "username": database.username,
        "passwordSecret": secret,
    }
    # kubeRBACProxy: without it anybody who reaches the service may write to the registry.
    spec = {"rest": {}, "kubeRBACProxy": {}, "mysql": mysql}
    metadata = metadata_of_name(registry.name, registry.namespace)
    item = wanted_object(context, REGISTRY, metadata, {"spec": spec}, layer=AI_PLATFORM, path=_PATH, rank=RANK, keep=True)
    ref = Named(api_version(REGISTRY, context.snapshot), REGISTRY.kind, registry.namespace, registry.name)
    return PartPlan((item,), (Wait(ref.text, PART, AI_PLATFORM, ref, MINUTES),), findings=findings)


def _component(wanted: OpenShiftAi, context: Context) -> CheckFinding:
    state, path = state_of("modelregistry", wanted, context.snapshot), "openshift_ai.components.modelregistry"
    if state == MANAGED:
        return passed(REGISTRY_COMPONENT, "component modelregistry", path)
    message = f"a registry needs the component modelregistry, which is {state or 'not named'}"
    return failed(REGISTRY_COMPONENT, "component modelregistry", message, path)


def _database(registry: RegistryWanted, database: DatabaseWanted | None, context: Context) -> CheckFinding:
    subject = f"ModelRegistry {registry.namespace}/{registry.name}"
    if database is None:
        return failed(REGISTRY_DATABASE, subject, "the document names no database for it", _PATH, refuses=True)
    place = "prerequisites.model_registry_database.secret"
    if database.secret.namespace != registry.namespace:
        message = f"its Secret is in {database.secret.namespace}, and is looked for in {registry.namespace}"
        return failed(REGISTRY_DATABASE, subject, message, f"{place}.namespace", refuses=True)
    if not database.keys:
        return failed(REGISTRY_DATABASE, subject, "no key of its Secret is named", f"{place}.keys", refuses=True)
    ref = secret_ref(database.secret)
    if context.snapshot.named(ref).state == ABSENT:
        return failed(REGISTRY_DATABASE, subject, f"there is no {ref.text}: the registry is written once it is there", place)
    return passed(REGISTRY_DATABASE, subject, _PATH)
