# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why rules are open for a VM: what the records of the VM, its cluster, its host and its sources say of the missing facts.

Most VMs of an estate lack the same facts for the same reasons, so an answer is worked out once and shared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..estate.scope import undecided
from .texts import KIND_LABELS
from .view import ReasonView, RuleView

OWN: Final = "VM"
"""How a reason names the VM itself."""

OTHERS: Final = "other VMs"
"""How a reason names VMs with which the VM is compared."""

OTHERS_REASON: Final = "facts of other VMs, with which this one is compared, are not known"
UNSEEN_REASONS: Final[Mapping[str, str]] = {
    "vms_may_be_invisible": "VMs may be invisible to the reader's account, and one of them may hold the same",
    "privileges_not_known": "it is not known whether the reader's account sees every VM, and one that it does not see may hold the same",
}
"""Code of a source's notice to the reason why a comparison with other VMs is open: those that nobody saw could decide it."""

CLUSTER: Final = "cluster."
_PLACE: Final = re.compile(r", rows? \d+( and \d+)?")
_PART: Final = re.compile(r"\[[^\]]*\]")
_COUNT: Final = re.compile(r" \([\d,]+ (objects|records)\)$")
_PRIVILEGE: Final = re.compile(r"(?:^|: )no permission(?:: privilege ([A-Za-z0-9_.]*[A-Za-z0-9_]) is missing|(?= \()|$)")
_FAULT: Final = re.compile(r"(the server answered \w+):.*", re.DOTALL)
_NO_PEER: Final = ("inaccessible", "SRM placeholder")
_CLUSTER_FACTS: Final = ("cluster", "cluster_id")

Unknown = tuple[tuple[str, str], ...]
"""(fact, reason) as a record's `unknown` holds them."""


def covers(fact: str, need: str) -> bool:
    """True when one of the two fact paths is, or lies within, the other; `disks[2000].path` is a path of `disks`."""
    one, other = (_PART.sub("", text).removeprefix("vm.") for text in (fact, need))
    return _kind_of(one) == _kind_of(other) and (one == other or one.startswith(other + ".") or other.startswith(one + "."))


def _kind_of(path: str) -> str:
    """The kind of record that a path such as `cluster.drs_enabled` leads to; empty for the VM's own facts, `cluster` among them."""
    head, dot, _fact = path.partition(".")
    return head if dot and head in KIND_LABELS else ""


def facts_for(reason: ReasonView, needs: Iterable[str]) -> tuple[str, ...]:
    """The facts of a reason that one rule needs."""
    wanted = tuple(needs)
    return tuple(fact for fact in reason.facts if any(covers(fact, need) for need in wanted)) or reason.facts


def is_refusal(reason: str) -> bool:
    """True when the reader's account was not allowed to know."""
    return _PRIVILEGE.search(reason) is not None


def privilege_of(reason: str) -> str:
    """The privilege that a refusal names; empty for any other reason."""
    found = _PRIVILEGE.search(reason)
    return (found.group(1) or "") if found else ""


def general(reason: str) -> str:
    """The reason without what is true of one object or source alone, so that equal troubles are counted together."""
    if is_refusal(reason):
        privilege = privilege_of(reason)
        return f"no permission: privilege {privilege} is missing" if privilege else "no permission"
    return _COUNT.sub("", _FAULT.sub(r"\1", _PLACE.sub("", reason)))


@dataclass(frozen=True, slots=True)
class _Missing:
    """What a source lacks as a whole."""

    source: str
    name: str
    facts: tuple[str, ...]
    reason: str


def _missing(record: JsonRecord) -> Iterator[_Missing]:
    for entry in record.get("not_seen", ()):
        what, reason = str(entry.get("what", "")), str(entry.get("reason", ""))
        # A refusal begins with the same words wherever it stands, and a reason that names what is missing needs no second name.
        text = reason if not what or what in reason or is_refusal(reason) else f"{what}: {reason}"
        yield _Missing(record["id"], str(record.get("name", record["id"])), tuple(entry.get("facts", ())), text)


class Elsewhere:
    """What is unknown of clusters and hosts, which the rules on their VMs need."""

    def __init__(self) -> None:
        self._clusters: dict[str, tuple[str, Unknown]] = {}
        self._hosts: dict[tuple[str, str], tuple[str, Unknown]] = {}

    def add(self, record: JsonRecord) -> None:
        """Learns from a record of any kind."""
        unknown = record.get("unknown")
        if not unknown:
            return
        name = str(record.get("name") or record["id"])
        if record["kind"] == "cluster":
            self._clusters[record["id"]] = (f"cluster {name}", _items((f"{CLUSTER}{fact}", why) for fact, why in unknown.items()))
        elif record["kind"] == "host":
            found = _items((fact, why) for fact, why in unknown.items() if fact in _CLUSTER_FACTS)
            if found:
                self._hosts[(str(record.get("vcenter", "")), name)] = (f"host {name}", found)

    def of(self, vm: Mapping[str, Any]) -> tuple[tuple[str, Unknown], ...]:
        """(object, what is unknown of it) for what the VM lies on."""
        found = []
        if self._clusters and (cluster := self._clusters.get(vm.get("cluster_id", ""))):
            found.append(cluster)
        if self._hosts and "cluster" not in vm and (host := self._hosts.get((vm.get("vcenter", ""), vm.get("host", "")))):
            found.append(host)
        return tuple(found)


def _items(pairs: Iterable[tuple[str, str]]) -> Unknown:
    return tuple((str(fact), str(reason)) for fact, reason in pairs)


class Reasons:
    """The reasons of VMs, each answer kept once."""

    def __init__(self, rules: Mapping[str, RuleView], sources: Mapping[str, JsonRecord], elsewhere: Elsewhere) -> None:
        self._needs = {rule.id: rule.needs for rule in rules.values()}
        self._missing = {name: tuple(_missing(record)) for name, record in sources.items()}
        self._elsewhere = elsewhere
        self._answers: dict[Any, tuple[tuple[ReasonView, ...], tuple[str, ...]]] = {}
        self._shared: dict[Any, ReasonView] = {}
        self._peers: dict[Any, tuple[ReasonView, ...]] = {}
        self._doubtful: dict[Any, tuple[str, ...]] = {}

    def of(self, vm: Mapping[str, Any], gaps: tuple[str, ...], sources: tuple[str, ...]) -> tuple[ReasonView, ...]:
        """Why the rules in `gaps` are open for the VM with that estate record; a reason that lies with other VMs comes last."""
        if not gaps or not vm:
            return ()
        unknown = _items(vm["unknown"].items()) if "unknown" in vm else ()
        elsewhere = self._elsewhere.of(vm)
        absent = self._absent(vm, gaps, sources) if len(sources) > 1 else None
        key = (gaps, sources, unknown, elsewhere, absent)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._work_out(gaps, sources, ((OWN, unknown), *elsewhere), absent)
        reasons, silent = answer
        if silent and (peers := tuple(rule for rule in silent if self._all_known(vm, rule))):
            return self._with_peers(reasons, peers)
        return reasons

    def _absent(self, vm: Mapping[str, Any], gaps: tuple[str, ...], sources: tuple[str, ...]) -> tuple[str, ...]:
        """The facts that one of several sources lacks and no other one has shown."""
        key = (gaps, sources)
        doubtful = self._doubtful.get(key)
        if doubtful is None:
            lacking = [fact for source in sources for entry in self._missing.get(source, ()) for fact in entry.facts]
            needs = {need for rule in gaps for need in self._needs.get(rule, ())}
            doubtful = tuple(sorted(need for need in needs if any(covers(fact, need) for fact in lacking)))
            self._doubtful[key] = doubtful
        return tuple(need for need in doubtful if not _is_known(vm, need))

    def _work_out(
        self, gaps: tuple[str, ...], sources: tuple[str, ...], records: Sequence[tuple[str, Unknown]], absent: tuple[str, ...] | None
    ) -> tuple[tuple[ReasonView, ...], tuple[str, ...]]:
        """The reasons, and the rules for which there is none."""
        found: dict[tuple[str, str, str], tuple[set[str], set[str]]] = {}
        silent = []
        for rule in gaps:
            hits = [hit for need in self._needs.get(rule, ()) for hit in self._explain(need, sources, records, absent)]
            for key, fact in hits:
                facts, rules = found.setdefault(key, (set(), set()))
                facts.add(fact)
                rules.add(rule)
            if not hits:
                silent.append(rule)
        reasons = tuple(self._reason(key, *found[key]) for key in sorted(found, key=lambda key: (key[2], key[0] != OWN, key[0], key[1])))
        return reasons, tuple(silent)

    def _explain(
        self, need: str, sources: tuple[str, ...], records: Sequence[tuple[str, Unknown]], absent: tuple[str, ...] | None
    ) -> list[tuple[tuple[str, str, str], str]]:
        """((object, reason, source), fact) for a fact that a rule needs: what a record says of it goes before what its source says."""
        found = [((name, reason, ""), fact) for name, unknown in records for fact, reason in unknown if covers(fact, need)]
        if not found and need.startswith(CLUSTER):
            # Whose facts would be looked up is not known either.
            found = [((name, reason, ""), fact) for name, unknown in records for fact, reason in unknown if fact in _CLUSTER_FACTS]
        if found or (absent is not None and need not in absent):
            return found
        return [
            ((entry.name, entry.reason, entry.source), fact)
            for source in sources
            for entry in self._missing.get(source, ())
            for fact in entry.facts
            if covers(fact, need)
        ]

    def _reason(self, key: tuple[str, str, str], facts: Iterable[str], rules: Iterable[str]) -> ReasonView:
        name, reason, source = key
        whole = (name, tuple(sorted(facts)), reason, tuple(sorted(rules)), source)
        found = self._shared.get(whole)
        if found is None:
            found = self._shared[whole] = ReasonView(*whole)
        return found

    def _all_known(self, vm: Mapping[str, Any], rule: str) -> bool:
        """True when the VM itself lacks nothing that the rule needs, so that what is open lies with other VMs."""
        needs = self._needs.get(rule, ())
        return bool(needs) and all(_is_known(vm, need) for need in needs)

    def _with_peers(self, reasons: tuple[ReasonView, ...], rules: tuple[str, ...]) -> tuple[ReasonView, ...]:
        key = (reasons, rules)
        found = self._peers.get(key)
        if found is None:
            facts = {need for rule in rules for need in self._needs[rule]}
            found = self._peers[key] = (*reasons, self._reason((OTHERS, OTHERS_REASON, ""), facts, rules))
        return found

    def with_scope(self, vm: Mapping[str, Any], reasons: tuple[ReasonView, ...]) -> tuple[ReasonView, ...]:
        """The reasons, after those for which nobody knows whether the VM is to be judged at all; these keep no rule open."""
        found: dict[str, list[str]] = {}
        for fact in undecided(vm):
            found.setdefault(str(vm["unknown"][fact]), []).append(fact)
        return (*(self._reason((OWN, reason, ""), found[reason], ()) for reason in sorted(found)), *reasons) if found else reasons

    def from_peers(
        self, reasons: tuple[ReasonView, ...], troubles: Mapping[str, frozenset[str]], unseen: str = ""
    ) -> tuple[ReasonView, ...]:
        """The reasons with that which lies with other VMs in plain words.

        `troubles` maps a reason to the facts that it keeps unknown; `unseen` is why there may be VMs that nobody saw, if so.
        """
        *own, peers = reasons
        found: dict[str, tuple[set[str], set[str]]] = {}
        if unseen:
            found[unseen] = ({need for rule in peers.rules for need in self._needs[rule]}, set(peers.rules))
        for rule in peers.rules:
            for reason, unknown in troubles.items():
                hits = {fact for fact in unknown if any(covers(fact, need) for need in self._needs[rule])}
                if hits:
                    facts, rules = found.setdefault(reason, (set(), set()))
                    facts |= hits
                    rules.add(rule)
        if not found:
            return reasons
        return (*own, *(self._reason((OTHERS, reason, ""), *found[reason]) for reason in sorted(found)))


def _is_known(vm: Mapping[str, Any], need: str) -> bool:
    """True when the VM's record holds the fact, in every part of a list; facts of other records are not looked up."""
    head, dot, tail = need.partition(".")
    value = vm.get(head)
    if value is None or (dot and head == "cluster"):
        return False
    return not dot or (isinstance(value, list) and all(tail in part for part in value))


class Troubles:
    """What is unknown of all objects of the estate, VMs out of scope included."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, tuple[str, ...], bool, Unknown]] = Counter()

    def add(self, record: JsonRecord) -> None:
        """Counts one object; one of which nothing is unknown costs nothing."""
        unknown = record.get("unknown")
        if unknown:
            peer = record["kind"] == "vm" and not str(record.get("out_of_scope", "")).startswith(_NO_PEER)
            key = (record["kind"], str(record.get("vcenter", "")), tuple(record.get("sources", ())), peer, _items(unknown.items()))
            self._counts[key] += 1

    def of_vms(self) -> dict[str, dict[str, frozenset[str]]]:
        """vCenter to reasons in general words and the facts of its VMs that they keep unknown; VMs that hold no file open do not count."""
        found: dict[str, dict[str, set[str]]] = {}
        for _kind, vcenter, _sources, peer, unknown in self._counts:
            if peer:
                for fact, reason in unknown:
                    found.setdefault(vcenter, {}).setdefault(general(reason), set()).add(fact)
        return {vcenter: {reason: frozenset(facts) for reason, facts in reasons.items()} for vcenter, reasons in found.items()}

    def by_source(self, live: Iterable[str]) -> dict[str, dict[tuple[str, str], tuple[int, set[str]]]]:
        """Source to (kind, reason in general words) and how many objects lack which facts; only `live` sources can refuse."""
        servers = frozenset(live)
        found: dict[str, dict[tuple[str, str], tuple[int, set[str]]]] = {}
        for (kind, _vcenter, sources, _peer, unknown), count in self._counts.items():
            reasons: dict[str, set[str]] = {}
            for fact, reason in unknown:
                reasons.setdefault(general(reason), set()).add(fact)
            for source in sources:
                for reason, facts in reasons.items():
                    if len(sources) > 1 and is_refusal(reason) and source not in servers:
                        continue
                    entries = found.setdefault(source, {})
                    total, known = entries.get((kind, reason), (0, set()))
                    entries[(kind, reason)] = (total + count, known | facts)
        return found
