# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How identity hangs together: ways in and directories, groups and people, personas, and where they hold.

Whoever follows links from left to right never reads what is not so: a persona has one node for each set of places, so that
everybody who is linked to the node has it in all of these. Where a column has more than is drawn, the rest is one node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..platform.identity.records import NO, ON_CLUSTER, YES
from ..platform.model import BROKEN, MISSING, NOT_EVALUATED, READY, WAITING
from .headline import counted
from .platform_charts import UNWANTED
from .platform_identity_texts import SOURCE_WORDS, TYPE_WORDS, WHOSE_WORDS
from .platform_texts import NOT_KNOWN, some, words
from .platform_view import GroupView, LoginView, PersonaView, PlatformView

MAX_NODES: Final = 12
"""Nodes of a column; of more the last one stands for the rest."""

COLUMNS: Final = ("Ways in and directories", "Groups and people", "Personas", "Where")
EVERYWHERE: Final = "the whole cluster"
CLUSTER_ADMIN: Final = "cluster-admin"
_FACTOR_NOTES: Final = {YES: "second factor seen", NO: "a password alone"}
_WORST: Final = (BROKEN, MISSING, NOT_EVALUATED, WAITING, READY)
_REST_NOTES: Final = ("ways in and directories", "groups and people", "personas", "places")

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """Something on the way from a login to what may be done."""

    key: Key
    title: str
    notes: tuple[str, ...]
    look: str = UNWANTED
    """state that it shows; `UNWANTED` for what has none"""


@dataclass(frozen=True, slots=True)
class Link:
    """From a node to one of the next column."""

    start: Key
    end: Key
    is_known: bool = True
    """False where it leads to what nobody knows"""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes by column, each column from top to bottom."""

    columns: tuple[tuple[Node, ...], ...]
    links: tuple[Link, ...]
    left_out: tuple[int, ...] = (0, 0, 0, 0)
    """per column, how many the last node stands for"""


@dataclass(slots=True)
class _Draft:
    """A graph while it grows: nodes of each column by key, in the order in which they are wanted most."""

    columns: tuple[dict[Key, Node], ...] = field(default_factory=lambda: ({}, {}, {}, {}))
    links: dict[Link, None] = field(default_factory=dict)

    def put(self, column: int, node: Node) -> Key:
        """Takes a node, unless one of that key is there."""
        self.columns[column].setdefault(node.key, node)
        return node.key

    def link(self, start: Key, end: Key, *, is_known: bool = True) -> None:
        """Leads from one to the other."""
        self.links[Link(start, end, is_known)] = None


def holdings(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Who or what, and the namespace where that holds; empty for the whole cluster. Of `ml_engineer in team-a`: ml_engineer, team-a."""
    for text in texts:
        if text.endswith(f" {ON_CLUSTER}"):
            yield text.removesuffix(f" {ON_CLUSTER}"), ""
        else:
            name, _in, namespace = text.rpartition(" in ")
            yield name, namespace


def identity_graph(platform: PlatformView) -> Graph:
    """The graph of what is known of identity."""
    draft = _Draft()
    _ways_in(draft, platform.logins)
    _groups(draft, platform.groups)
    held = _held(platform)
    _others(draft, held)
    _personas(draft, platform.personas, held)
    _unknown(draft, platform.groups)
    return _bounded(draft)


# ---- columns ---------------------------------------------------------------------------------------------------------


def _ways_in(draft: _Draft, logins: Sequence[LoginView]) -> None:
    for login in logins:
        start = draft.put(0, Node(("login", login.name), login.name, _login_notes(login), login.state))
        if login.cluster_admins:
            people = draft.put(1, Node(("people", login.name), some(login.cluster_admins, 3), ("cluster-admins",)))
            role = draft.put(2, Node(("role", CLUSTER_ADMIN), CLUSTER_ADMIN, ("may do everything", "not a persona")))
            draft.link(start, people)
            draft.link(people, role)
            draft.link(role, _place(draft, ""))


def _login_notes(login: LoginView) -> tuple[str, str]:
    kind = words(login.login_type, TYPE_WORDS) or NOT_KNOWN
    whose = words(login.whose, WHOSE_WORDS)
    factor = _FACTOR_NOTES.get(login.second_factor, "second factor not seen")
    return _stated(login.state, ", ".join(filter(None, (kind, whose)))), factor


def _stated(state: str, text: str) -> str:
    """A note that says the state first, where it is not that all is well."""
    return text if state == READY else f"{state.replace('_', ' ')}; {text}"


def _place(draft: _Draft, namespace: str) -> Key:
    note = "namespace" if namespace else "with every namespace"
    return draft.put(3, Node(("place", namespace), namespace or EVERYWHERE, (note,)))


def _groups(draft: _Draft, groups: Sequence[GroupView]) -> None:
    syncs: dict[Key, dict[str | None, None]] = {}
    for group in groups:
        draft.put(1, Node(("Group", group.name), group.name, _group_notes(group), group.state))
        if group.directory is not None:
            syncs.setdefault(("directory", group.directory), {})[group.synced_by] = None
    for group in groups:
        if group.directory is not None:
            start: Key = ("directory", group.directory)
            draft.put(0, Node(start, group.directory or "the cluster itself", _directory_notes(group, list(syncs[start]))))
            draft.link(start, ("Group", group.name))


def _directory_notes(group: GroupView, syncs: Sequence[str | None]) -> tuple[str, ...]:
    if not group.directory:
        return ("groups made in it",)
    named = [sync for sync in syncs if sync]
    by = f"by GroupSync {some(named, 2)}" if named else "who syncs is not known" if None in syncs else "no GroupSync brings any"
    return f"directory, {words(group.source, SOURCE_WORDS)}", by


def _group_notes(group: GroupView) -> tuple[str, str]:
    by = f"by {group.synced_by}" if group.synced_by else ""
    return _stated(group.state, _members(group)), by if group.personas != () else "no persona"


def _members(group: GroupView) -> str:
    here, there = group.members, group.members_of_source
    if here is None:
        return "members not known" if there is None else f"{counted(there, 'member')} in the directory"
    if there is None or there == here:
        return counted(here, "member")
    return f"{here:,} of {counted(there, 'member')}" if there > here else f"{counted(here, 'member')}, {there:,} at the source"


def _held(platform: PlatformView) -> dict[str, dict[Key, set[str]]]:
    """Persona to who has it, and in which namespaces."""
    found: dict[str, dict[Key, set[str]]] = {}
    for group in platform.groups:
        for persona, namespace in holdings(group.personas or ()):
            found.setdefault(persona, {}).setdefault(("Group", group.name), set()).add(namespace)
    for entry in platform.personas:
        for subject, namespace in holdings(entry.subjects or ()):
            kind, _space, name = subject.partition(" ")
            found.setdefault(entry.name, {}).setdefault((kind, name), set()).add(namespace)
    return found


def _others(draft: _Draft, held: Mapping[str, Mapping[Key, set[str]]]) -> None:
    """Who has a persona and is not in the document."""
    for kind, name in sorted({key for holders in held.values() for key in holders} - set(draft.columns[1])):
        draft.put(1, Node((kind, name), name, (kind, "not in the document")))


def _personas(draft: _Draft, personas: Sequence[PersonaView], held: Mapping[str, Mapping[Key, set[str]]]) -> None:
    """One node for each persona and set of places in which it is held; one without links for a persona that nobody has."""
    for persona in personas:
        bundles: dict[tuple[str, ...], list[Key]] = {}
        for holder, namespaces in held.get(persona.name, {}).items():
            bundles.setdefault(tuple(sorted(namespaces)), []).append(holder)
        for places, holders in bundles.items():
            end = draft.put(2, Node(("persona", persona.name, *places), persona.name, _persona_notes(persona, ""), persona.state))
            for holder in holders:
                draft.link(holder, end)
            for namespace in places:
                draft.link(end, _place(draft, namespace))
        if not bundles:
            who = "who has it: not known" if persona.subjects is None else "nobody has it"
            draft.put(2, Node(("persona", persona.name), persona.name, _persona_notes(persona, who), persona.state))


def _persona_notes(persona: PersonaView, who: str) -> tuple[str, str]:
    rows = "" if persona.allows is None or persona.denies is None else f"{persona.allows:,} rows allow, {persona.denies:,} deny"
    return (_stated(persona.state, who or rows), rows if who else "")


def _unknown(draft: _Draft, groups: Sequence[GroupView]) -> None:
    """Groups of which nobody knows what they may do."""
    for group in groups:
        if group.personas is None:
            end = draft.put(2, Node(("unknown",), "Not known", ("which personas these", "groups have"), NOT_EVALUATED))
            draft.link(("Group", group.name), end, is_known=False)


# ---- what is drawn ---------------------------------------------------------------------------------------------------


def _bounded(draft: _Draft) -> Graph:
    """The graph with so many nodes a column at most, each column ordered by what leads to it."""
    ranked = list(draft.columns[0].values())
    columns: list[tuple[Node, ...]] = []
    left_out: list[int] = []
    links = list(draft.links)
    for number in range(len(COLUMNS)):
        if number:
            ranked = _by_what_leads_there(draft.columns[number], columns[-1], links, keep_rank=number == 1)
        kept, rest = (ranked, []) if len(ranked) <= MAX_NODES else (ranked[: MAX_NODES - 1], ranked[MAX_NODES - 1 :])
        summed = _rest(number, rest)
        links = _relinked(links, {node.key for node in rest}, summed)
        shown = _by_what_leads_there({node.key: node for node in kept}, columns[-1], links) if number == 1 else kept
        columns.append((*shown, *([summed] if summed else [])))
        left_out.append(len(rest))
    return Graph(tuple(columns), tuple(dict.fromkeys(links)), tuple(left_out))


def _by_what_leads_there(
    nodes: Mapping[Key, Node], before: Sequence[Node], links: Iterable[Link], *, keep_rank: bool = False
) -> list[Node]:
    """Nodes in the order of what leads to them, so that few links cross; what nothing leads to comes last.

    Groups and people are chosen by how much they call for attention, which is the order in which they came.
    """
    if keep_rank:
        return list(nodes.values())
    places = {node.key: place for place, node in enumerate(before)}
    first: dict[Key, int] = {}
    for link in links:
        if link.end in nodes and link.start in places:
            first[link.end] = min(first.get(link.end, len(before)), places[link.start])
    ranks = {key: rank for rank, key in enumerate(nodes)}
    return sorted(nodes.values(), key=lambda node: (first.get(node.key, len(before)), ranks[node.key]))


def _rest(column: int, nodes: Sequence[Node]) -> Node | None:
    """One node for all that are not drawn: it shows the worst of their states."""
    if not nodes:
        return None
    looks = {node.look for node in nodes}
    troubled = sum(node.look not in (READY, UNWANTED) for node in nodes)
    look = next((state for state in _WORST if state in looks), UNWANTED)
    notes = (_REST_NOTES[column], f"{troubled:,} of them not ready" if troubled else "in the tables")
    return Node(("rest", str(column)), f"{len(nodes):,} more", notes, look)


def _relinked(links: Iterable[Link], gone: set[Key], summed: Node | None) -> list[Link]:
    if summed is None:
        return list(links)

    def kept(key: Key) -> Key:
        return summed.key if key in gone else key

    return [Link(kept(link.start), kept(link.end), link.is_known) for link in links]
