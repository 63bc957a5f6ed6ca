# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries as tenants what they may make: creations with dryRun=All, each with the headers of whoever is meant. Nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence

from ...namespaces.access.trials import ADMITTED, DENIED, NOT_TRIED, STOPPED, Trial, Tried
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.crew import Crew
from ..cluster.refusals import lacking_permission, words
from ..cluster.resources import Kinds
from .as_tenant import IMPERSONATED, NO_HEADER, headers_of, is_impersonated, may_not_be, right_to_be


def try_as_tenants(connection: ApiConnection, trials: Sequence[Trial]) -> list[Tried]:
    """What came of each trial, in their order. Never raises: a server that goes away leaves what is left untried."""
    if is_impersonated(connection):
        return [Tried(NOT_TRIED, IMPERSONATED) for _trial in trials]
    trying = _Trying(connection)
    return Crew(connection).each(trials, trying.tried, lambda _trial, reason: Tried(NOT_TRIED, reason))


class _Trying:
    """Tries one after the other, in several threads. As whom the account may not act is asked once."""

    def __init__(self, connection: ApiConnection) -> None:
        self._connection = connection
        self._kinds = Kinds(connection)
        self._lacks: set[tuple[str, str]] = set()

    def tried(self, trial: Trial) -> Tried:
        """What came of one trial."""
        headers = headers_of(trial.user, trial.groups)
        if headers is None:
            return Tried(NOT_TRIED, f"{trial.user}, {', '.join(trial.groups)}: {NO_HEADER}")
        lacks = [each for each in _impersonates(trial) if each in self._lacks]
        if lacks:
            return _not_allowed(lacks[0])
        try:
            self._connection.request("POST", self._path(trial), {"dryRun": "All"}, trial.object, headers=headers)
        except ApiFault as fault:
            return self._judged(fault)
        return Tried(ADMITTED)

    def _path(self, trial: Trial) -> str:
        version, kind = str(trial.object["apiVersion"]), str(trial.object["kind"])
        self._kinds.know(version, kind, trial.act.resource, is_namespaced=True)
        found = self._kinds.find(version, kind)
        # What was just told is known.
        return found.collection(trial.namespace) if found else ""

    def _judged(self, fault: ApiFault) -> Tried:
        """A refusal of the tenant for want of rights is an answer, one of the account itself is none."""
        lacks = may_not_be(fault)
        if lacks is not None:
            self._lacks.add(lacks)
            return _not_allowed(lacks)
        if lacking_permission(fault):
            return Tried(DENIED, words(fault))
        if fault.code in (400, 404, 429) or fault.code >= 500:
            return Tried(NOT_TRIED, f"the server failed: {words(fault)}" if fault.code >= 429 else words(fault))
        return Tried(STOPPED, words(fault))


def _not_allowed(lacks: tuple[str, str]) -> Tried:
    right = right_to_be(lacks)
    return Tried(NOT_TRIED, f"the account may not {right}", right)


def _impersonates(trial: Trial) -> list[tuple[str, str]]:
    """Resources and names on which the account needs the verb impersonate, as a refusal names them."""
    account = trial.user.removeprefix("system:serviceaccount:")
    user = ("users", trial.user) if account == trial.user else ("serviceaccounts", account.partition(":")[2])
    return [user, *(("groups", name) for name in trial.groups)]
