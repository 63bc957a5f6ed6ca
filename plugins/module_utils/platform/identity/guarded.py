# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of logins that are judged again on every object that they are made of.

Between the look that the guard judged and the write others may take out the very way in that it counted on: each of two runs
would see the other's as the one that remains. A change that is begun anew after a conflict is therefore judged anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ...common.merges import Change, Merged, Reference
from ...common.owned_fields import ApiObject
from ...common.write_findings import FAIL, NO_ACTION
from ...target.objects import map_at, text_at
from .external_oidc import AUTHENTICATION
from .lockout import AdminLogins, Danger, lookup_dangers, mode_dangers, provider_dangers
from .oauth import meaning, providers_of

REMEDY: Final = "run it again: it is judged by what is there then"

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the guard knew when it judged a change."""

    logins: AdminLogins = field(default_factory=AdminLogins)
    items: tuple[Item, ...] = ()
    """providers as they stood in the list"""
    told: frozenset[tuple[str, str]] = frozenset()
    """subject and case of each danger that it told of; where it is written all the same, they were answered for"""
    proven: bool = False
    """whether break-glass was proven, so that no change can lock everybody out"""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A change of logins that refuses where it has become dangerous since it was judged.

    What others add or change meanwhile, and what nobody relied on, is merged with. A way in is relied on only while it stands as
    it stood when it was judged. Two are equal where the changes are, whatever was known.
    """

    ref: Reference
    """OAuth/cluster or Authentication/cluster"""
    change: Change
    judged: Judgement = field(default_factory=Judgement, compare=False)

    def of(self, live: ApiObject | None) -> Merged:
        """What becomes of the object; nothing where that could lock out cluster-admins in a way that the guard did not see."""
        merged = self.change.of(live)
        if merged.object is None or self.judged.proven:
            return merged
        dangers = dangers_of(self.ref, live, merged, self._logins(live))
        fresh = [danger for danger in dangers if (danger.subject, danger.case) not in self.judged.told]
        if not fresh:
            return merged
        message = f"others changed logins since this was judged: {'; '.join(danger.message for danger in fresh)}"
        entries = (
            replace(entry, result=FAIL, action=NO_ACTION, message="it was not written: others changed logins since it was judged")
            if entry.action != NO_ACTION
            else entry
            for entry in merged.entries
        )
        return Merged(None, tuple(entries), message, REMEDY)

    def _logins(self, live: ApiObject | None) -> AdminLogins:
        """Who logs in by what, without relying on providers that are not as they were."""
        logins = self.judged.logins
        was, now = _by_name(self.judged.items), _by_name(providers_of(live))
        same = {name for name, items in was.items() if items == now.get(name)}
        return replace(logins, shaken=logins.shaken | (logins.certain.keys() - same))


def _by_name(items: Iterable[Item]) -> dict[str, list[Item]]:
    """What the items of each name mean: a name that stands there twice is no provider to rely on."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(text_at(dict(item), "name"), []).append(meaning(item))
    return found


def dangers_of(ref: Reference, live: ApiObject | None, merged: Merged, logins: AdminLogins) -> tuple[Danger, ...]:
    """What a change of OAuth/cluster or Authentication/cluster could do to cluster-admins; nothing where nothing is written."""
    if merged.object is None:
        return ()
    if ref == AUTHENTICATION:
        return mode_dangers(map_at(dict(live or {}), "spec"), map_at(dict(merged.object), "spec"))
    before, after = providers_of(live), providers_of(merged.object)
    return (*provider_dangers(before, after, logins), *lookup_dangers(before, after, logins))
