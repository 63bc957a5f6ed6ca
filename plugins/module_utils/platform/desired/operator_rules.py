# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators of a document cannot mean: rules that no single value breaks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from ..catalogue import Catalogue
from .keys import ABSENT, PRESENT
from .model import OperatorsWanted, OperatorWanted
from .rules import Fault, fault, leads_nowhere, of_the_platform, of_the_system, used_twice
from .shape import Path

_WANTED: Path = ("operators", "wanted")


def operator_faults(operators: OperatorsWanted, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of the section."""
    wanted = operators.wanted
    yield from used_twice(((*_WANTED, number, "name"), operator.name) for number, operator in enumerate(wanted))
    yield from used_twice((("operators", "catalogs", number, "name"), each.name) for number, each in enumerate(operators.catalogs))
    yield from _one_package_twice(wanted, catalogue)
    for number, operator in enumerate(wanted):
        path = (*_WANTED, number)
        yield from _where_it_comes_from(operator, path, catalogue)
        yield from _pinned(operator, path)
        yield from _needed(operator, path, wanted, catalogue)
    yield from _cycle(wanted, catalogue)


def package_of(operator: OperatorWanted, catalogue: Catalogue) -> str:
    """The package that an operator of the document means; empty where nobody says."""
    facts = catalogue.operators.get(operator.name)
    return operator.package or (facts.package if facts else "")


def _one_package_twice(wanted: Sequence[OperatorWanted], catalogue: Catalogue) -> Iterator[Fault]:
    seen: dict[str, OperatorWanted] = {}
    for number, operator in enumerate(wanted):
        package = package_of(operator, catalogue)
        first = seen.setdefault(package, operator) if package else operator
        if first is not operator and first.name != operator.name:
            message = f"means package {package}, as operator {first.name} does"
            yield fault((*_WANTED, number), message, "an operator is installed once: leave one of them out")


def _where_it_comes_from(operator: OperatorWanted, path: Path, catalogue: Catalogue) -> Iterator[Fault]:
    facts = catalogue.operators.get(operator.name)
    given = {"package": operator.package, "namespace": operator.namespace, "source": operator.source}
    lacking = [key for key, value in given.items() if not value]
    if facts is None and lacking:
        remedy = f"give {' and '.join(lacking)}, or one of the names that are shipped: {', '.join(sorted(catalogue.operators))}"
        yield fault((*path, "name"), f"is {operator.name!r}, which is not in the shipped catalogue", remedy)
    shipped = {known.namespace for known in catalogue.operators.values()}
    if operator.namespace not in shipped:
        yield from of_the_platform((*path, "namespace"), operator.namespace)
    if not isinstance(operator.scope, str):
        for number, namespace in enumerate(operator.scope):
            yield from of_the_system((*path, "scope", number), namespace, shipped)


def _pinned(operator: OperatorWanted, path: Path) -> Iterator[Fault]:
    if operator.state == ABSENT:
        return
    if not operator.channel:
        remedy = "name a channel of the package: the default one changes with the catalog"
        yield fault((*path, "channel"), "is missing", remedy)
    if operator.floating and operator.version:
        yield fault((*path, "floating"), f"is true, and version pins {operator.version}", "leave one of them out")
    if not operator.floating and not operator.version:
        remedy = "pin the CSV, such as nfd.4.21.0, or say floating: true to let OLM follow the channel"
        yield fault((*path, "version"), "is missing", remedy)
    if operator.floating and operator.upgrade.rehearsed:
        yield fault((*path, "upgrade", "rehearsed"), "names hops, and floating lets OLM take any", "pin a version, or leave the hops out")
    if operator.version and operator.version in operator.upgrade.rehearsed:
        number = operator.upgrade.rehearsed.index(operator.version)
        yield fault((*path, "upgrade", "rehearsed", number), "is the pinned version itself", "name only what lies on the way to it")


def _needed(operator: OperatorWanted, path: Path, wanted: Sequence[OperatorWanted], catalogue: Catalogue) -> Iterator[Fault]:
    states = {other.name: other.state for other in wanted}
    for number, name in enumerate(operator.needs):
        place = (*path, "needs", number)
        yield from leads_nowhere(place, name, states, "operator of the document")
        if operator.state == PRESENT and states.get(name) == ABSENT:
            yield fault(place, f"is {name!r}, which the document removes", "keep that operator, or leave the need out")
    facts = catalogue.operators.get(operator.name)
    for name in facts.needs if facts and operator.state == PRESENT else ():
        if states.get(name) == ABSENT and name not in operator.needs:
            yield fault(path, f"needs {name}, which the document removes", f"keep {name}, or remove {operator.name} too")


def needs_of(operator: OperatorWanted, wanted: Mapping[str, OperatorWanted], catalogue: Catalogue) -> tuple[str, ...]:
    """The operators of the document that have to be ready before this one: those that it names, and those that are known to be needed."""
    facts = catalogue.operators.get(operator.name)
    known = facts.needs if facts else ()
    return tuple(dict.fromkeys(name for name in (*operator.needs, *known) if name in wanted))


def _cycle(wanted: Sequence[OperatorWanted], catalogue: Catalogue) -> Iterator[Fault]:
    """A fault for each ring of needs, named in full."""
    named = {operator.name: operator for operator in wanted}
    needs = {name: needs_of(operator, named, catalogue) for name, operator in named.items()}
    found: set[frozenset[str]] = set()
    for number, operator in enumerate(wanted):
        ring = _way_back(operator.name, needs)
        if ring and frozenset(ring) not in found:
            found.add(frozenset(ring))
            words = " needs ".join((*ring, ring[0]))
            yield fault((*_WANTED, number, "needs"), f"goes round in a circle: {words}", "leave one of these needs out")


def _way_back(start: str, needs: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The shortest way along needs from an operator back to itself; empty where there is none."""
    ways: deque[tuple[str, ...]] = deque([(start,)])
    seen: set[str] = set()
    while ways:
        way = ways.popleft()
        for name in needs.get(way[-1], ()):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()
