# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes guarded objects that no contract declares, where that was asked for: each by the UID that was judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...common.findings import CheckFinding
from ...common.write_findings import DELETE, EXTRA, NOT_EVALUATED, PASS, Finding
from ...namespaces.drift import Extra
from ..cluster.client import ApiFault
from ..cluster.comparing import refusal
from ..cluster.crew import Crew
from ..cluster.pinned import PinnedWrites, deletion
from ..cluster.resources import Kinds


def remove_extras(writes: PinnedWrites, found: Sequence[Extra]) -> list[CheckFinding]:
    """What came of each, some at a time."""

    def remove(path: str, uid: str) -> None:
        writes.delete(path, uid)

    return _each(writes, found, remove)


def try_removal(writes: PinnedWrites, found: Sequence[Extra]) -> list[CheckFinding]:
    """What would come of each, by dry runs."""

    def attempt(path: str, uid: str) -> None:
        writes.connection.request("DELETE", path, {"dryRun": "All"}, deletion(uid, orphan=False, dry=True))

    return _each(writes, found, attempt)


def _each(writes: PinnedWrites, found: Sequence[Extra], act: Callable[[str, str], None]) -> list[CheckFinding]:
    kinds = Kinds(writes.connection)

    def one(extra: Extra) -> CheckFinding:
        going = Finding(extra.key, extra.finding.path, EXTRA, PASS, DELETE)
        try:
            served = kinds.find(extra.api_version, extra.key.kind)
            if served is not None:
                act(served.path(extra.key.namespace, extra.key.name), extra.uid)
        except ApiFault as fault:
            # What is gone, or another object of that name by now, is judged by the next look.
            if fault.code not in (404, 409):
                going = refusal(going, fault, writes.rights)
        message = f"{extra.finding.message}; {going.message}" if going.message else extra.finding.message
        told = replace(extra.finding, state=going.state, result=going.result, action=going.action, message=message)
        return replace(told, remedy=going.remedy or extra.finding.remedy)

    def unknown(extra: Extra, reason: str) -> CheckFinding:
        return replace(extra.finding, state=NOT_EVALUATED, result=NOT_EVALUATED, message=f"{extra.finding.message}; not removed: {reason}")

    return Crew(writes.connection).each(found, one, unknown)
