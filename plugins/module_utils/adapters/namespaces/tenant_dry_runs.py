# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries as tenants what they may make: creations with dryRun=All, each with the headers of whoever is meant. Nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ...namespaces.access.trials import ADMITTED, DENIED, NOT_TRIED, STOPPED, Trial, Tried
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.crew import Crew
from ..cluster.refusals import lacking_permission, words
from ..cluster.resources import Kinds

_USER, _GROUP = "Impersonate-User", "Impersonate-Group"
_CANNOT: Final = re.compile(r'cannot impersonate[\w:-]* resource "(?P<resource>[^"]*)"')
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_IMPERSONATED: Final = "the account is itself impersonated, and cannot be somebody else as well"
_NO_HEADER: Final = "the name cannot stand in a header"


def try_as_tenants(connection: ApiConnection, trials: Sequence[Trial]) -> list[Tried]:
    """What came of each trial, in their order. Never raises: a server that goes away leaves what is left untried."""
    if any(name.lower().startswith("impersonate-") for name, _value in connection.access.headers):
        return [Tried(NOT_TRIED, _IMPERSONATED) for _trial in trials]
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
        headers = _headers(trial)
        if headers is None:
            return Tried(NOT_TRIED, f"{trial.user}, {', '.join(trial.groups)}: {_NO_HEADER}")
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
        cannot = _CANNOT.search(fault.message) if fault.code == 403 else None
        if cannot is not None:
            lacks = cannot["resource"], str(fault.details.get("name") or "")
            self._lacks.add(lacks)
            return _not_allowed(lacks)
        if lacking_permission(fault):
            return Tried(DENIED, words(fault))
        if fault.code in (400, 404, 429) or fault.code >= 500:
            return Tried(NOT_TRIED, f"the server failed: {words(fault)}" if fault.code >= 429 else words(fault))
        return Tried(STOPPED, words(fault))


def _not_allowed(lacks: tuple[str, str]) -> Tried:
    right = f"impersonate {' '.join(part for part in lacks if part)}"
    return Tried(NOT_TRIED, f"the account may not {right}", right)


def _impersonates(trial: Trial) -> list[tuple[str, str]]:
    """Resources and names on which the account needs the verb impersonate, as a refusal names them."""
    account = trial.user.removeprefix("system:serviceaccount:")
    user = ("users", trial.user) if account == trial.user else ("serviceaccounts", account.partition(":")[2])
    return [user, *(("groups", name) for name in trial.groups)]


def _headers(trial: Trial) -> tuple[tuple[str, str], ...] | None:
    """The headers, names in UTF-8; None where a name would not arrive as it is."""
    pairs = [(_USER, trial.user), *((_GROUP, name) for name in trial.groups)]
    if any(not name or name != name.strip() or _CONTROLS.search(name) for _header, name in pairs):
        return None
    # http.client writes headers as Latin-1, which leaves bytes as they are.
    return tuple((header, name.encode("utf-8", "surrogatepass").decode("latin-1")) for header, name in pairs)
