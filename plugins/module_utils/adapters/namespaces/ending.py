# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes away namespaces that are given up with all that is in them: each by the UID that was judged, and waited for until it is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from ...common.errors import ReadinessError
from ...common.findings import CheckFinding
from ...common.write_findings import DELETE, ORPHANED, PASS, Finding, ObjectKey
from ...namespaces import check_list as checks
from ...namespaces.contract.model import DELETE as DATA_GOES
from ...namespaces.judging import Scene
from ...target.objects import text_at
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.comparing import refusal
from ..cluster.pinned import PinnedWrites, deletion

PAUSE_SECONDS: Final = 1.0
_PATH: Final = "/api/v1/namespaces/{}"


def doomed(scene: Scene) -> list[tuple[str, str]]:
    """Names and UIDs of namespaces that are there and are to go with all that is in them."""
    found = []
    for name, ending in sorted(scene.endings.items()):
        live = scene.snapshot.get("namespaces", "", name)
        ends = ending.contract.offboarding
        if live is not None and ends is not None and ends.data == DATA_GOES:
            found.append((name, text_at(live, "metadata.uid")))
    return found


def try_deletion(connection: ApiConnection, going: Iterable[tuple[str, str]], rights: str) -> list[CheckFinding]:
    """What would come of each, by dry runs."""

    def attempt(path: str, uid: str) -> None:
        connection.request("DELETE", path, {"dryRun": "All"}, deletion(uid, orphan=False, dry=True))

    return list(_each(going, attempt, rights))


def delete_namespaces(
    writes: PinnedWrites, going: Sequence[tuple[str, str]], sleep: Callable[[float], object], turns: int
) -> list[CheckFinding]:
    """What came of each; `turns` is how often is looked, with a pause between, whether they are gone. Raises ReadinessError."""

    def delete(path: str, uid: str) -> None:
        writes.delete(path, uid)

    found = list(_each(going, delete, writes.rights))
    waiting = [name for name, _uid in going]
    for _turn in range(turns):
        waiting = [name for name in waiting if _is_there(writes.connection, name)]
        if not waiting:
            break
        sleep(PAUSE_SECONDS)
    return found


def _each(going: Iterable[tuple[str, str]], act: Callable[[str, str], None], rights: str) -> Iterator[CheckFinding]:
    for name, uid in going:
        told = _going(name)
        try:
            act(_PATH.format(name), uid)
        except ApiFault as fault:
            if fault.code not in (404, 409):
                told = refusal(told, fault, rights)
        yield _finding(name, told)


def _is_there(connection: ApiConnection, name: str) -> bool:
    try:
        connection.get(_PATH.format(name))
    except ApiFault as fault:
        return fault.code != 404
    except ReadinessError:
        return False
    return True


def _going(name: str) -> Finding:
    return Finding(ObjectKey("", "Namespace", "", name), "offboarding.data", ORPHANED, PASS, DELETE, "it goes with all that is in it")


def _finding(name: str, told: Finding) -> CheckFinding:
    found = checks.OBJECT.finding(told.key.text, told.state, told.result, message=told.message, remedy=told.remedy, action=told.action)
    return replace(found, part=name, path="offboarding.data", layer=checks.LIFE)
