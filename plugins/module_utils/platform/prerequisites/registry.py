# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The internal image registry: driver images that operators build on the nodes are pushed to it."""

from __future__ import annotations

from typing import Final

from ...common.findings import WARNING, CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING
from ...target.objects import map_at, text_at
from ..progress import condition
from ..snapshot import PlatformSnapshot
from ..verdicts import failed, not_asked, passed, seen, unknown
from .check_list import REGISTRY_AVAILABLE, REGISTRY_MANAGED, REGISTRY_STORAGE

CONFIGS: Final = "configs.imageregistry.operator.openshift.io"
_PATH: Final = "prerequisites.internal_registry"
_SUBJECT: Final = "internal image registry"
_OBJECT: Final = "Config cluster"
_CHECKS: Final = (REGISTRY_MANAGED, REGISTRY_STORAGE, REGISTRY_AVAILABLE)
_NOT_STORAGE: Final = ("managementState",)


def registry_findings(wanted: str, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """Whether the registry is managed, has storage and works."""
    if wanted != "required":
        return [not_asked(check, _SUBJECT) for check in _CHECKS]
    if not snapshot.known(CONFIGS):
        return [unknown(check, _SUBJECT, snapshot.why_not(CONFIGS), _PATH) for check in _CHECKS]
    config = snapshot.get(CONFIGS, "", "cluster")
    if config is None:
        message = "the cluster has no Config/cluster of the image registry: its operator is not there"
        return [failed(check, _SUBJECT, message, _PATH, MISSING) for check in _CHECKS]
    return [_managed(config), _storage(config), _available(config)]


def _managed(config: ApiObject) -> CheckFinding:
    state = text_at(config, "spec.managementState")
    if state == "Managed":
        return passed(REGISTRY_MANAGED, _SUBJECT, _PATH)
    evidence = seen(_OBJECT, "spec.managementState", state or "(empty)", "Managed")
    return failed(REGISTRY_MANAGED, _SUBJECT, f"the image registry is {state or 'without a managementState'}", _PATH, evidence=evidence)


def _storage(config: ApiObject) -> CheckFinding:
    kinds = sorted(key for key in map_at(config, "spec.storage") if key not in _NOT_STORAGE)
    evidence = seen(_OBJECT, "spec.storage", ", ".join(kinds) or "none", "an object store or a volume claim")
    if not kinds:
        return failed(REGISTRY_STORAGE, _SUBJECT, "the image registry has no storage", _PATH, MISSING, evidence=evidence)
    if kinds == ["emptyDir"]:
        message = "the image registry keeps its images in an emptyDir: they are gone with its pod"
        return failed(REGISTRY_STORAGE, _SUBJECT, message, _PATH, severity=WARNING, evidence=evidence)
    return passed(REGISTRY_STORAGE, _SUBJECT, _PATH, f"it is kept in {' and '.join(kinds)}")


def _available(config: ApiObject) -> CheckFinding:
    for kind, expected in (("Available", "True"), ("Degraded", "False")):
        entry = condition(config, kind)
        if entry is None:
            if kind == "Degraded":
                continue
            return unknown(REGISTRY_AVAILABLE, _SUBJECT, "the image registry has no condition Available yet", _PATH)
        status = str(entry.get("status"))
        if status != expected:
            words = str(entry.get("message") or entry.get("reason") or f"{kind} is {status}")
            evidence = seen(_OBJECT, f"status.conditions[{kind}]", status, expected)
            return failed(REGISTRY_AVAILABLE, _SUBJECT, words, _PATH, evidence=evidence)
    return passed(REGISTRY_AVAILABLE, _SUBJECT, _PATH)
