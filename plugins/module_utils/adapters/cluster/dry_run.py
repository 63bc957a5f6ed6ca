# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries manifests on an API server without writing: server-side apply, with dryRun and strict validation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ...common.owned_fields import FIELD_MANAGER
from ...plan.model import Manifest
from ..cluster_arguments import ClusterSettings
from .client import ApiConnection, ApiFault
from .crew import Crew
from .reader import connect
from .refusals import is_of_schema, lacking_permission, missing_namespace, words
from .resources import APPLY, Kinds, ServedKind

ACCEPTED, REFUSED, NOT_TRIED = "accepted", "refused", "not_tried"
USUAL_NAMESPACE: Final = "default"
"""Exists on every cluster."""

Tried = tuple[str, str]


def dry_run(settings: ClusterSettings, manifests: Sequence[Manifest]) -> Mapping[str, Tried]:
    """Path of each manifest to (state, message): accepted, refused or not_tried, and why, or where it was tried instead.

    Nothing is written. Where the server cannot be asked any more, what is left is not tried, for that reason. Raises
    ReadinessError where the settings lead to no cluster at all.
    """
    with connect(settings) as connection:
        return try_manifests(connection, manifests)


def try_manifests(connection: ApiConnection, manifests: Sequence[Manifest]) -> dict[str, Tried]:
    """See `dry_run`."""
    trial = _Trial(connection, _scratch_namespaces(manifests))
    outcomes = Crew(connection).each(manifests, trial.outcome, lambda _manifest, reason: (NOT_TRIED, reason))
    return {manifest.path: outcome for manifest, outcome in zip(manifests, outcomes, strict=True)}


def _scratch_namespaces(manifests: Iterable[Manifest]) -> tuple[str, ...]:
    """Where objects are tried whose namespace does not exist: where most of the manifests belong, else `default`."""
    used = Counter(namespace_of(manifest.object) for manifest in manifests)
    used.pop("", None)
    most = min(used, key=lambda name: (-used[name], name)) if used else USUAL_NAMESPACE
    return tuple(dict.fromkeys((most, USUAL_NAMESPACE)))


def namespace_of(item: Mapping[str, Any]) -> str:
    """Empty for an object that names none."""
    return str(item["metadata"].get("namespace") or "")


class _Trial:
    """Tries one manifest after the other, in several threads."""

    def __init__(self, connection: ApiConnection, scratch: Sequence[str]) -> None:
        self._connection = connection
        self._kinds = Kinds(connection)
        self._scratch = scratch
        self._missing: set[str] = set()

    def outcome(self, manifest: Manifest) -> Tried:
        """State and message of one manifest."""
        item = manifest.object
        try:
            kind = self._kinds.find(str(item["apiVersion"]), str(item["kind"]))
            if kind is None:
                return REFUSED, f"the cluster does not serve {item['kind']} of {item['apiVersion']}"
            return self._tried(kind, item)
        except ApiFault as fault:
            return _judged(fault)

    def _tried(self, kind: ServedKind, item: Mapping[str, Any]) -> Tried:
        own = namespace_of(item) or USUAL_NAMESPACE
        if not kind.is_namespaced:
            self._apply(kind, item, "")
            return ACCEPTED, ""
        if own not in self._missing:
            try:
                self._apply(kind, item, own)
            except ApiFault as fault:
                if missing_namespace(fault) != own:
                    raise
                self._missing.add(own)
            else:
                return ACCEPTED, ""
        return self._elsewhere(kind, item, own)

    def _elsewhere(self, kind: ServedKind, item: Mapping[str, Any], own: str) -> Tried:
        """Tries an object where it does not belong, because its namespace is not there."""
        refused: Tried = NOT_TRIED, f"namespace {own} does not exist, and no other can be used for trying"
        for scratch in self._scratch:
            if scratch in self._missing:
                continue
            said = f"namespace {own} does not exist yet; tried in namespace {scratch}"
            try:
                self._apply(kind, item, scratch)
            except ApiFault as fault:
                if missing_namespace(fault) == scratch:
                    self._missing.add(scratch)
                    continue
                state, reason = _judged(fault)
                refused = state, f"{said}: {reason}"
                if state == REFUSED:
                    break
            else:
                return ACCEPTED, said
        return refused

    def _apply(self, kind: ServedKind, item: Mapping[str, Any], namespace: str) -> None:
        metadata = {**item["metadata"], "namespace": namespace} if namespace else item["metadata"]
        query = {"dryRun": "All", "fieldManager": FIELD_MANAGER, "fieldValidation": "Strict", "force": "true"}
        path = kind.path(namespace, str(metadata["name"]))
        self._connection.request("PATCH", path, query, {**item, "metadata": metadata}, APPLY)


def _judged(fault: ApiFault) -> Tried:
    """What a refusal says of the manifest. One for lack of rights says nothing, and neither does a server that fails."""
    lacking = lacking_permission(fault)
    if lacking:
        return NOT_TRIED, f"the account may not {lacking}"
    if fault.code == 429 or (fault.code >= 500 and not is_of_schema(fault)):
        return NOT_TRIED, f"the server failed: {words(fault)}"
    return REFUSED, words(fault)
