# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets with which service accounts pull images: names that are merged into a list in which OpenShift keeps some of its own.

The list is atomic to server-side apply (Kubernetes, core/v1 ServiceAccount, imagePullSecrets): who applied it would take the place of
OpenShift's Secret for the internal registry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...common.merges import (
    ADOPTED_MARK,
    ALREADY_THERE,
    THERE_BEFORE,
    EntryFinding,
    Merge,
    Merged,
    digest_of,
    marks_of,
    orphan,
    released,
    with_marks,
)
from ...common.owned_fields import ApiObject
from ...common.write_findings import CREATE, DELETE, IN_STEP, MISSING, ORPHANED, PASS, STAGE_LABEL
from ...platform.snapshot import Named, PlatformSnapshot
from ...target.objects import labels_of, maps_at, name_of, namespace_of, text_at
from .. import check_list as checks
from ..contract.model import Contract
from ..readings import SERVICE_ACCOUNTS

WHAT: Final = "pull-secrets"
LIST: Final = "imagePullSecrets"
DEFAULT: Final = "default"
"""Service account of pods that name none."""

RANK: Final = 60
"""after the service accounts themselves"""


def pull_secret_merges(contracts: Sequence[Contract], snapshot: PlatformSnapshot, *, prune: bool) -> tuple[Merge, ...]:
    """What has to be merged, without what the lists show to be as it is wanted: that is not asked for one by one."""
    marked: dict[str, list[str]] = {}
    for item in snapshot.all(SERVICE_ACCOUNTS):
        if marks_of(item, WHAT):
            marked.setdefault(namespace_of(item), []).append(name_of(item))
    found = [merge for each in contracts for merge in _merges(each, marked.get(each.namespace, ()), prune)]
    found += _without_contract(marked, {each.namespace for each in contracts}, snapshot, prune)
    return tuple(merge for merge in found if not _is_settled(merge, snapshot))


def _without_contract(
    marked: Mapping[str, Sequence[str]], spaces: Collection[str], snapshot: PlatformSnapshot, prune: bool
) -> Iterator[Merge]:
    """Of namespaces that are kept though no contract asks for them any more: service accounts there may have been there before us."""
    for item in snapshot.all("namespaces"):
        space = name_of(item)
        if space not in spaces and labels_of(item).get(STAGE_LABEL) == checks.STAGE:
            yield from (_merge(space, name, (), "service_accounts", prune) for name in marked.get(space, ()))


def _merges(contract: Contract, marked: Iterable[str], prune: bool) -> Iterator[Merge]:
    wanted = {each.name: (each.pull_secrets, f"service_accounts[{each.name}].pull_secrets") for each in contract.service_accounts}
    wanted[DEFAULT] = (contract.images.pull_secrets, "images.pull_secrets")
    for name in sorted({*wanted, *marked}):
        secrets, path = wanted.get(name, ((), "service_accounts"))
        if secrets or name in marked:
            yield _merge(contract.namespace, name, secrets, path, prune)


def _merge(space: str, account: str, secrets: tuple[str, ...], path: str, prune: bool) -> Merge:
    change = PullSecretsChange(space, account, secrets, prune)
    return Merge(Named("v1", "ServiceAccount", space, account), space, checks.PEOPLE, path, RANK, change)


def _is_settled(merge: Merge, snapshot: PlatformSnapshot) -> bool:
    live = snapshot.get(SERVICE_ACCOUNTS, merge.ref.namespace, merge.ref.name)
    if live is None:
        return False
    merged = merge.change.of(live)
    return merged.object is None and not merged.refused and all(entry.state == IN_STEP for entry in merged.entries)


@dataclass(frozen=True, slots=True)
class PullSecretsChange:
    """The list of one service account."""

    namespace: str
    account: str
    wanted: tuple[str, ...]
    prune: bool

    def of(self, live: ApiObject | None) -> Merged:
        """What becomes of it. One that is not there is made: whoever makes service accounts of new namespaces leaves it then."""
        if live is None and not self.wanted:
            # A service account of ours that went with its contract.
            return Merged(None)
        metadata = {"name": self.account, "namespace": self.namespace}
        before: ApiObject = live if live is not None else {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
        marks, items, entries = marks_of(before, WHAT), maps_at(before, LIST), list[EntryFinding]()
        kept = dict(marks)
        for name in dict.fromkeys(self.wanted):
            entries.append(_taken(name, items, kept))
        for name in sorted(marks.keys() - set(self.wanted)):
            entries.append(self._let_go(name, items, kept))
        after = with_marks({**before, **({LIST: items} if items or LIST in before else {})}, WHAT, kept)
        return Merged(None if live is not None and after == _plain(live) else after, tuple(entries))

    def _let_go(self, name: str, items: list[dict[str, Any]], kept: dict[str, str]) -> EntryFinding:
        """A Secret that the contract names no more; what was in the list before us stays there."""
        if not self.prune:
            return orphan(name)
        if kept.pop(name).startswith(ADOPTED_MARK):
            return released(name, THERE_BEFORE)
        items[:] = [item for item in items if text_at(item, "name") != name]
        return EntryFinding(name, ORPHANED, PASS, DELETE)


def _taken(name: str, items: list[dict[str, Any]], kept: dict[str, str]) -> EntryFinding:
    """Sees to it that the list names a Secret."""
    is_there = any(text_at(item, "name") == name for item in items)
    if is_there and name in kept:
        return EntryFinding(name, IN_STEP, PASS)
    kept[name] = (ADOPTED_MARK if is_there else "") + digest_of({"name": name})
    if is_there:
        return EntryFinding(name, IN_STEP, PASS, message=ALREADY_THERE)
    items.append({"name": name})
    return EntryFinding(name, MISSING, PASS, CREATE)


def _plain(live: Mapping[str, Any]) -> dict[str, Any]:
    """The object as it would come out of a change that changes nothing."""
    return with_marks(live, WHAT, marks_of(live, WHAT))
