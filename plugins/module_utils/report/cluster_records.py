# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records that platform and namespaces tell alike, as a report shows them: findings, objects, the cluster, what was not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..common.artifact import JsonRecord
from ..common.write_findings import NOT_EVALUATED
from ..target.model import ABSENT
from .plan_build import texts
from .plan_view import UnreadView
from .platform_view import CheckFindingView, EvidencePart, ObjectView, PlatformClusterView


def text_of(record: Mapping[str, Any], name: str) -> str:
    """A text; empty where there is none."""
    return str(record.get(name, ""))


def known_text(record: Mapping[str, Any], name: str) -> str | None:
    """A text for which empty is an answer; None is unknown."""
    value = record.get(name)
    return None if value is None else str(value)


def known_texts(record: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """Texts of which there may be none; None is unknown."""
    return texts(record[name]) if name in record else None


def unknown_facts(record: Mapping[str, Any]) -> dict[str, str]:
    """Fact to the reason why it is not known."""
    return {str(fact): str(reason) for fact, reason in sorted(record.get("unknown", {}).items())}


def name_of(record: Mapping[str, Any]) -> str:
    """Its name, or its id where it has none."""
    return str(record.get("name") or record["id"])


def cluster_view(record: JsonRecord) -> PlatformClusterView:
    """The cluster."""
    return PlatformClusterView(
        id=record["id"],
        name=text_of(record, "name"),
        kubernetes_version=text_of(record, "kubernetes_version"),
        openshift_version=known_text(record, "openshift_version"),
        next_minor=text_of(record, "next_minor"),
        olm_v0=record.get("olm_v0"),
        olm_v1=record.get("olm_v1"),
    )


def object_view(record: JsonRecord) -> ObjectView:
    """An object that was compared."""
    return ObjectView(
        name=record["id"],
        part=text_of(record, "part"),
        state=str(record.get("state", NOT_EVALUATED)),
        result=str(record.get("result", NOT_EVALUATED)),
        action=str(record.get("action", "none")),
        fields=texts(record.get("fields")),
        path=text_of(record, "path"),
        awaits=text_of(record, "awaits"),
        validated=record.get("validated"),
    )


def finding_view(record: JsonRecord) -> CheckFindingView:
    """What a check found."""
    return CheckFindingView(
        check=text_of(record, "check"),
        part=text_of(record, "part"),
        subject=text_of(record, "subject"),
        state=str(record.get("state", NOT_EVALUATED)),
        result=str(record.get("result", NOT_EVALUATED)),
        severity=text_of(record, "severity"),
        action=str(record.get("action", "none")),
        layer=text_of(record, "layer"),
        path=text_of(record, "path"),
        message=text_of(record, "message"),
        remedy=text_of(record, "remedy"),
        fields=texts(record.get("fields")),
        evidence=tuple(
            EvidencePart(*(text_of(piece, name) for name in ("object", "field", "observed", "expected")))
            for piece in record.get("evidence", ())
        ),
        refuses=bool(record.get("refuses")),
    )


def unread_view(record: JsonRecord) -> UnreadView:
    """A list that was not read."""
    return UnreadView(
        resource=record["id"],
        kind=text_of(record, "kind_name"),
        state=text_of(record, "state"),
        reason=text_of(record, "reason") or ("the cluster does not serve it" if record.get("state") == ABSENT else ""),
        permission=text_of(record, "permission"),
        costs=texts(record.get("costs")),
    )
