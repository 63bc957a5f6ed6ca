# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the API server whether objects would be admitted: each is created as a dry run, and the warnings of the answer are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ...common.owned_fields import FIELD_MANAGER, metadata_of
from ...platform.probes import Probe, Tried
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.crew import Crew
from ..cluster.refusals import lacking_permission, missing_namespace, words
from ..cluster.resources import Kinds

_QUERY: Final[Mapping[str, str]] = {"dryRun": "All", "fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}


def try_probes(connection: ApiConnection, probes: Sequence[Probe], kinds: Kinds | None = None) -> dict[str, Tried]:
    """What the server says, by the probe's subject. Nothing is written; raises ReadinessError where the server cannot be asked at all."""
    known = kinds or Kinds(connection)
    answers = Crew(connection).each(
        probes, lambda probe: _try(connection, known, probe), lambda _probe, reason: Tried(False, reason=reason)
    )
    return {probe.subject: answer for probe, answer in zip(probes, answers, strict=True)}


def _try(connection: ApiConnection, kinds: Kinds, probe: Probe) -> Tried:
    warnings: list[str] = []
    api_version, kind = str(probe.object.get("apiVersion")), str(probe.object.get("kind"))
    try:
        served = kinds.find(api_version, kind)
        if served is None:
            return Tried(False, reason=f"the cluster does not serve {kind} of {api_version}")
        path = served.collection(str(metadata_of(probe.object).get("namespace") or ""))
        connection.request("POST", path, _QUERY, dict(probe.object), warned=warnings.append)
    except ApiFault as fault:
        return _refused(fault, warnings)
    return Tried(True, warnings=tuple(warnings))


def _refused(fault: ApiFault, warnings: Sequence[str]) -> Tried:
    """A right that lacks, and a namespace that is not there, are not what was asked about."""
    if lacks := lacking_permission(fault):
        return Tried(False, reason=f"the account may not {lacks}", lacks_right=True)
    if namespace := missing_namespace(fault):
        return Tried(False, reason=f"there is no namespace {namespace}")
    if fault.code == 409:
        return Tried(False, reason=words(fault))
    return Tried(False, words(fault), tuple(warnings))
