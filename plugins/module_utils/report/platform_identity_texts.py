# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Identity in a few sentences: who logs in how, which groups are as they have to be, who has the personas, and what nobody knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from ..common.write_findings import listed as named
from ..platform.identity.check_list import PART
from ..platform.identity.login_readings import AUTHENTICATIONS, OAUTHS
from ..platform.identity.records import EXTERNAL_ISSUER, NO, OTHERS, OURS, READY, STATES, YES
from ..target.model import ABSENT
from .headline import counted, listed
from .platform_view import GroupView, LoginView, PersonaView, PlatformView

Entry: TypeAlias = LoginView | GroupView | PersonaView

WHOSE_WORDS: Final = {OURS: "the document's", OTHERS: "somebody else's"}
FACTOR_WORDS: Final = {YES: "asked for, as the cluster sees", NO: "not asked for: a password alone"}
"""Whether a second factor is asked for, in words; of anything else nobody can see it."""

FACTOR_NOT_SEEN: Final = "cannot be seen from the cluster"
TYPE_WORDS: Final = {EXTERNAL_ISSUER: "external issuer"}
SOURCE_WORDS: Final = {"cluster": "the cluster itself", "ldap": "LDAP", "keycloak": "Keycloak"}
"""Where groups live, in words."""

NOT_ASKED: Final = "The document asks for nothing of identity: nobody looked at who logs in, at groups or at who has which persona."
NOT_LOOKED_AT: Final = "Nothing is known of identity: this run did not come to look at it."


def is_looked_at(platform: PlatformView) -> bool:
    """Whether the run was to look at identity."""
    return PART in platform.parts or _is_known(platform)


def _is_known(platform: PlatformView) -> bool:
    return bool(platform.logins or platform.groups or platform.personas)


def identity_line(platform: PlatformView) -> str:
    """Who comes in, which groups there are and who has the personas; empty where the run was not to look."""
    return " ".join(identity_sentences(platform))


def identity_sentences(platform: PlatformView) -> tuple[str, ...]:
    """The same sentence by sentence."""
    if not is_looked_at(platform):
        return ()
    if not _is_known(platform):
        wanted = any(layer.name == PART and layer.wanted for layer in platform.layers)
        return (NOT_LOOKED_AT if wanted else NOT_ASKED,)
    return tuple(f"{sentence}." for sentence in (*_logins(platform), _groups(platform), _personas(platform)))


def identity_brief(platform: PlatformView) -> str:
    """The same in one short line: how many there are, and how many of them are not ready."""
    if not is_looked_at(platform) or not _is_known(platform):
        return ""
    parts = (
        _brief(platform.logins, "way to log in", "ways to log in"),
        _brief(platform.groups, "group"),
        _brief(platform.personas, "persona"),
    )
    return f"Identity: {listed(list(parts))}."


def _brief(entries: Sequence[Entry], noun: str, plural: str = "") -> str:
    troubled = _states(entries)
    return counted(len(entries), noun, plural or f"{noun}s") + (f" ({', '.join(troubled)})" if troubled else "")


def _states(entries: Sequence[Entry]) -> list[str]:
    """How many are in each state other than ready: `1 missing`."""
    counts = Counter(entry.state for entry in entries)
    return [f"{counts[state]:,} {state.replace('_', ' ')}" for state in STATES if counts[state] and state != READY]


# ---- ways to log in --------------------------------------------------------------------------------------------------


def lists_refused(platform: PlatformView) -> bool:
    """Whether a list was refused that tells which ways to log in there are."""
    return any(entry.resource in (OAUTHS, AUTHENTICATIONS) and entry.state != ABSENT for entry in platform.unread)


def _logins(platform: PlatformView) -> Iterator[str]:
    found, refused = platform.logins, lists_refused(platform)
    if not found:
        yield "Which ways to log in there are, nobody knows" if refused else "No way to log in is seen, and the document names none"
        return
    counts = Counter(entry.whose for entry in found)
    whose = [f"{counts[word]:,} of {text}" for word, text in ((OURS, "the document"), (OTHERS, "others")) if counts[word]]
    told = f": {listed(whose)}" if whose else ""
    more = "; whether there are others, nobody knows" if refused else ""
    troubled = _states(found)
    states = f"; {listed(troubled)}" if troubled else ""
    yield f"{counted(len(found), 'way to log in', 'ways to log in')}{told}{states}{more}"
    yield _factors(found)
    yield admins_text(found)


def _factors(found: Sequence[LoginView]) -> str:
    counts = Counter(entry.second_factor for entry in found)
    open_ones = len(found) - counts[YES] - counts[NO]
    parts = [f"{counts[YES]:,} {'asks' if counts[YES] == 1 else 'ask'} for one"] if counts[YES] else []
    parts += [f"{counts[NO]:,} {'takes' if counts[NO] == 1 else 'take'} a password alone"] if counts[NO] else []
    parts += [f"of {open_ones:,} the cluster cannot see it"] if open_ones else []
    return f"Second factor: {listed(parts)}"


def admins_text(found: Sequence[LoginView]) -> str:
    """Which ways in cluster-admins have, as far as anybody knows."""
    ways = [entry.name for entry in found if entry.cluster_admins]
    unknown = [entry.name for entry in found if entry.cluster_admins is None]
    if not ways:
        if unknown:
            return f"Whether a cluster-admin comes in by {named(unknown)}, nobody knows"
        return "No cluster-admin is known to have an identity of any of them"
    people = len({name for entry in found for name in entry.cluster_admins or ()})
    text = f"{counted(people, 'cluster-admin')} {'has' if people == 1 else 'have'} an identity of {named(ways)}"
    return f"{text}; of {named(unknown)} nobody knows" if unknown else text


# ---- groups and personas ---------------------------------------------------------------------------------------------


def _groups(platform: PlatformView) -> str:
    found = platform.groups
    if not found:
        return "The document names no group"
    ready = sum(entry.state == READY for entry in found)
    parts = [f"{ready:,} {'is' if ready == 1 else 'are'} ready", *_states(found)]
    return f"{counted(len(found), 'group')} that the document names: {listed(parts)}"


def _personas(platform: PlatformView) -> str:
    found = platform.personas
    if not found:
        return "There is no persona"
    unknown = sum(entry.subjects is None for entry in found)
    held, unheld = (sum(entry.subjects is not None and bool(entry.subjects) is wanted for entry in found) for wanted in (True, False))
    if unknown == len(found):
        return f"{counted(len(found), 'persona')}: who has them, nobody knows"
    parts = [f"{held:,} {'has' if held == 1 else 'have'} bearers"] if held else []
    parts += [f"{unheld:,} {'has' if unheld == 1 else 'have'} none"] if unheld else []
    parts += [f"of {unknown:,} nobody knows who has {'it' if unknown == 1 else 'them'}"] if unknown else []
    troubled = _states(found)
    states = f"; of their roles {listed(troubled)}" if troubled else ""
    return f"{counted(len(found), 'persona')}: {listed(parts)}{states}"
