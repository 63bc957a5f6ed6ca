# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way that OLM takes through a channel: against an independent walk over random graphs, and case by case."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.graph import hops, ordered
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.model import (
    Channel,
    Entry,
    Hops,
    Package,
    Refusal,
    Unknowable,
    Unreachable,
)

GRAPHS = 1000


def package(*entries: Entry, edges: bool = True, head: str = "") -> Package:
    """A package with one channel."""
    return Package("p", "demo", "stable", {"stable": Channel("stable", head, tuple(entries), edges)})


def chain(*names: str) -> list[Entry]:
    """Entries that replace each other, the oldest first; `c` has version 3.0.0."""
    return [Entry(name, f"{ord(name) - 96}.0.0", names[number - 1] if number else "") for number, name in enumerate(names)]


# ---- an independent walk ---------------------------------------------------------------------------------------------


def brute_order(entries: list[Entry]) -> list[str] | None:
    """The channel's order by definition: all simple chains of `replaces` are tried; the one head's chain without skipped entries."""
    names = [entry.name for entry in entries]
    replaces = {entry.name: entry.replaces for entry in entries if entry.replaces in names}
    skipped = {name for entry in entries for name in entry.skips if name in names}
    heads = [name for name in names if name not in skipped and name not in replaces.values()]
    if len(heads) != 1:
        return None
    walk = [heads[0]]
    for _step in range(len(names) + 1):
        if walk[-1] not in replaces:
            return [name for name in walk if name not in skipped]
        walk.append(replaces[walk[-1]])
    return None


def brute_steps(entries: list[Entry], installed: str) -> Iterator[str]:
    """Where OLM goes from what is installed, step by step; ends where it stays, and after as many steps as would go round twice."""
    order = brute_order(entries)
    by_name = {entry.name: entry for entry in entries}
    current = installed
    for _step in range(2 * len(entries) + 2):
        number = int(by_name[current].version.split(".")[0])
        taken = ""
        for name in order or ():
            entry = by_name[name]
            low, high = ((int(part.lstrip("><=").split(".")[0])) for part in entry.skip_range.split()) if entry.skip_range else (1, 0)
            if entry.replaces == current or current in entry.skips or low <= number < high:
                taken = name
                break
        if not taken or taken == current:
            return
        yield taken
        current = taken


def random_entries(rng: random.Random) -> list[Entry]:
    """A channel: a chain for the most part, with skips and ranges, and now and then with a second head or a circle."""
    count = rng.randint(1, 9)
    names = [f"p.v{number}" for number in range(1, count + 1)]
    entries = []
    for number, name in enumerate(names):
        before = names[number - 1] if number else ""
        replaces = before if rng.random() < 0.85 else rng.choice([*names, "p.v0", ""])
        skips = tuple(rng.sample(names[:number], rng.randint(0, min(2, number)))) if rng.random() < 0.3 else ()
        low = rng.randint(1, count)
        reach = rng.randint(low, count + 1) if rng.random() < 0.15 else number + 1
        skip_range = f">={low}.0.0 <{reach}.0.0" if rng.random() < 0.3 and reach > low else ""
        entries.append(Entry(name, f"{number + 1}.0.0", replaces, skips, skip_range))
    rng.shuffle(entries)
    return entries


def test_hops_equal_the_independent_walk_on_random_graphs() -> None:
    rng = random.Random(20261122)
    reached = unreachable = broken = long = 0
    for _step in range(GRAPHS):
        entries = random_entries(rng)
        graph = package(*entries)
        order = ordered(graph.channels["stable"])
        expected_order = brute_order(entries)
        assert (None if isinstance(order, Refusal) else [entry.name for entry in order]) == expected_order
        broken += expected_order is None
        for installed in entries:
            steps = list(brute_steps(entries, installed.name))
            for pin in entries:
                answer = hops(graph, "stable", installed.name, pin.name)
                if pin.name == installed.name:
                    assert answer == Hops()
                elif pin.name in steps:
                    assert answer == Hops(tuple(steps[: steps.index(pin.name) + 1]))
                    reached, long = reached + 1, long + (len(answer.path) > 2)
                else:
                    assert isinstance(answer, Unreachable)
                    assert answer.channels == ("stable",)
                    unreachable += 1
    assert min(reached, unreachable, broken, long) > 100


# ---- case by case ----------------------------------------------------------------------------------------------------


def test_on_an_empty_namespace_the_pin_is_reached_directly_even_where_it_is_skipped() -> None:
    entries = [*chain("a", "b"), Entry("c", "3.0.0", "a", ("b",))]
    assert hops(package(*entries), "stable", "", "b") == Hops(("b",))


def test_the_way_goes_along_the_chain() -> None:
    assert hops(package(*chain("a", "b", "c")), "stable", "a", "c") == Hops(("b", "c"))


def test_a_head_that_skips_is_taken_at_once_and_jumps_over_the_pin() -> None:
    entries = [*chain("a", "b"), Entry("c", "3.0.0", "b", ("a",))]
    answer = hops(package(*entries), "stable", "a", "b")
    assert isinstance(answer, Unreachable)
    assert answer.path == ("c",)
    assert "OLM goes on to c" in answer.reason


def test_a_skip_range_jumps_like_a_skip() -> None:
    entries = [*chain("a", "b"), Entry("c", "3.0.0", "b", (), ">=1.0.0 <3.0.0")]
    assert hops(package(*entries), "stable", "a", "c") == Hops(("c",))


def test_the_version_of_the_installed_csv_counts_for_ranges_though_the_channel_does_not_have_it() -> None:
    entries = [Entry("c", "3.0.0", "", (), ">=1.0.0 <3.0.0")]
    assert hops(package(*entries), "stable", "old", "c", "1.5.0") == Hops(("c",))
    assert isinstance(hops(package(*entries), "stable", "old", "c", "0.9.0"), Unreachable)
    assert isinstance(hops(package(*entries), "stable", "old", "c"), Unknowable)


def test_a_pin_behind_the_installed_version_is_never_reached() -> None:
    answer = hops(package(*chain("a", "b")), "stable", "b", "a")
    assert isinstance(answer, Unreachable)
    assert answer.path == ()
    assert "installs nothing further" in answer.reason


def test_a_pin_of_another_channel_is_named_with_that_channel() -> None:
    graph = Package(
        "p", "demo", "", {"stable": Channel("stable", "a", tuple(chain("a"))), "fast": Channel("fast", "b", tuple(chain("a", "b")))}
    )
    answer = hops(graph, "stable", "", "b")
    assert isinstance(answer, Unreachable)
    assert answer.channels == ("fast",)


def test_two_heads_and_a_circle_are_named() -> None:
    two = hops(package(Entry("a"), Entry("b")), "stable", "a", "b")
    assert isinstance(two, Unreachable)
    assert "2 heads: a, b" in two.reason
    circle = hops(package(Entry("a", "1.0.0", "b"), Entry("b", "2.0.0", "a"), Entry("c", "3.0.0", "b")), "stable", "a", "c")
    assert isinstance(circle, Unreachable)
    assert "cycle" in circle.reason
    none = hops(package(Entry("a", "1.0.0", "b"), Entry("b", "2.0.0", "a")), "stable", "a", "b")
    assert isinstance(none, Unreachable)
    assert "no head" in none.reason


def test_ranges_that_lead_round_in_circles_end() -> None:
    entries = [Entry("a", "1.0.0", "", (), ">=2.0.0 <3.0.0"), Entry("b", "2.0.0", "a"), Entry("c", "3.0.0", "b", ("z",))]
    answer = hops(
        package(Entry("a", "1.0.0"), Entry("b", "2.0.0", "a", (), ">=3.0.0 <4.0.0"), Entry("c", "3.0.0", "b")), "stable", "c", "a"
    )
    assert isinstance(answer, Unreachable)
    assert "circles" in answer.reason
    assert hops(package(*entries), "stable", "a", "c") == Hops(("b", "c"))


@pytest.mark.parametrize(
    ("installed", "pin", "expected"),
    [
        ("", "b", Hops(("b",))),
        ("a", "c", Hops(("c",), exact=False)),
        ("a", "a", Hops()),
        ("a", "b", Unknowable),
        ("old", "c", Unknowable),
        ("a", "z", Unreachable),
    ],
)
def test_without_edges_only_what_is_certain_is_answered(installed: str, pin: str, expected: object) -> None:
    answer = hops(package(*(Entry(name, "1.0.0") for name in "cba"), edges=False, head="c"), "stable", installed, pin)
    assert answer == expected or answer.__class__ is expected


def test_a_manifest_without_entries_tells_of_its_head_alone() -> None:
    graph = package(edges=False, head="c")
    assert hops(graph, "stable", "", "c") == Hops(("c",))
    assert isinstance(hops(graph, "stable", "", "b"), Unknowable)
