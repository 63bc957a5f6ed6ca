# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any directory with any differences from its cluster: exactly the groups that differ are found, each with its cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import GroupWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.directories import DirectoryGroup, merged_groups
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.platform.identity.group_sites import Json, Site, dn, live_group, live_sync, words

LATE = "2026-11-21T06:00:00Z"


@dataclass
class Pair:
    """One group on both sides, as a change may leave it; None where it is not there."""

    name: str
    there: DirectoryGroup | None
    live: Json | None
    beside: list[DirectoryGroup] = field(default_factory=list)


def _member_missing(pair: Pair) -> None:
    assert pair.live is not None
    pair.live["users"] = pair.live["users"][1:]


def _member_extra(pair: Pair) -> None:
    assert pair.live is not None
    pair.live["users"] = [*pair.live["users"], "leaver"]


def _other_case(pair: Pair) -> None:
    assert pair.live is not None
    pair.live["users"] = [pair.live["users"][0].upper(), *pair.live["users"][1:]]


def _deleted(pair: Pair) -> None:
    pair.live = None


def _gone(pair: Pair) -> None:
    pair.there = None


def _renamed(pair: Pair) -> None:
    assert pair.there is not None
    pair.beside = [DirectoryGroup(f"{pair.name}-new", pair.there.members, pair.there.uid)]
    pair.there = None


def _moved(pair: Pair) -> None:
    """Renamed as LDAP does it, where the DN changes with the name."""
    assert pair.there is not None
    pair.beside = [DirectoryGroup(f"{pair.name}-new", pair.there.members, dn(f"{pair.name}-new"))]
    pair.there = None


def _handmade(pair: Pair) -> None:
    pair.live = live_group(pair.name, ["leaver"], provider="")


def _emptied(pair: Pair) -> None:
    assert pair.live is not None
    pair.there, pair.live = DirectoryGroup(pair.name, (), dn(pair.name)), {**pair.live, "users": []}


def _late(pair: Pair) -> None:
    assert pair.live is not None
    pair.live = live_group(pair.name, pair.live["users"], synced=LATE)


CHANGES: dict[str, tuple[Callable[[Pair], None], str, str]] = {
    "member missing": (_member_missing, "members", "the Group lacks "),
    "member extra": (_member_extra, "members", "it has leaver, whom directory corp does not give"),
    "other case": (_other_case, "members", "differ in case only"),
    "deleted": (_deleted, "there", "directory corp has it, and there is no Group"),
    "gone": (_gone, "leavers", "prune is off in GroupSync sync"),
    "renamed": (_renamed, "name", "both have the id"),
    "moved": (_moved, "name", "its members are those of the Group"),
    "handmade": (_handmade, "members", "nobody syncs it"),
    "emptied": (_emptied, "least_members", "its directory gives it no more"),
    "late": (_late, "fresh", "last synced at 2026-11-21"),
}
PEOPLE = st.lists(st.sampled_from([f"user{number}" for number in range(8)]), unique=True, max_size=6)


@st.composite
def sites(draw: st.DrawFn) -> tuple[list[Pair], dict[str, str]]:
    """Groups on both sides, and which of them were changed how."""
    pairs, changed = [], {}
    for number in range(draw(st.integers(1, 12))):
        # A member of its own: two groups with the same people could not be told apart by them.
        name, members = f"team-{number}", tuple(sorted({f"lead{number}", *draw(PEOPLE)}))
        pair = Pair(name, DirectoryGroup(name, members, dn(name)), live_group(name, members))
        if change := draw(st.sampled_from(["", *CHANGES])):
            CHANGES[change][0](pair)
            changed[name] = change
        pairs.append(pair)
    return pairs, changed


@settings(max_examples=150, deadline=None)
@given(sites())
def test_exactly_the_changed_groups_are_found_with_their_causes(drawn: tuple[list[Pair], dict[str, str]]) -> None:
    pairs, changed = drawn
    there = [group for pair in pairs for group in (pair.there, *pair.beside) if group is not None]
    site = Site(
        live=[pair.live for pair in pairs if pair.live is not None],
        syncs=[live_sync(prune=False)],
        groups=[GroupWanted(name=pair.name, directory="corp") for pair in pairs],
        read=merged_groups(there),
    )
    troubles = site.troubles()
    assert {finding.subject.removeprefix("group ") for finding in troubles} == set(changed), words(troubles)
    for name, change in changed.items():
        _do, check, said = CHANGES[change]
        of_it = [finding for finding in troubles if finding.subject == f"group {name}" and finding.check.endswith(f".{check}")]
        assert len(of_it) == 1 and said in of_it[0].message, (change, [finding.message for finding in troubles])
        assert of_it[0].result == "fail"
