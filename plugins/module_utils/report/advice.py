# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What would settle open rules, in words: a privilege, a vCenter to read live, a tab to export, Tools to start."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from .causes import LIVE
from .headline import counted, listed
from .reasons import OTHERS, OWN, UNSEEN_REASONS, covers, is_refusal, privilege_of
from .view import CauseView, ReasonView, ReportView, RuleView, SettleSource, SettleStep, SourceView

GUEST_FACTS: Final = ("guest_hostname", "guest_ips", "guest_os_tools_name", "nics.ips", "partitions")
"""Beginnings of fact paths that only VMware Tools, running in the guest, can report."""

SHOWN: Final = 3
"""Objects, tabs or vCenters that a sentence names; the others are counted."""

TOOLS: Final = "VMware Tools"
UNSEEN: Final = frozenset(UNSEEN_REASONS.values())
EVERY_VM: Final = "give the reader's account its role on the root folder"
VANISHED: Final = "vanished"


def some(names: Sequence[str]) -> str:
    """The first names as a list in a sentence, with the number of the others."""
    return listed([*names[:SHOWN], f"{len(names) - SHOWN:,} more"] if len(names) > SHOWN + 1 else names)


def sentence_case(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def read_live(vcenters: Sequence[str], behind: str = "") -> str:
    """To read vCenters live, named where they are known: `read vCenter vc-north.example.com live`."""
    if vcenters:
        return f"read vCenter{'' if len(vcenters) == 1 else 's'} {some(vcenters)} live"
    return f"read the vCenter behind {behind} live" if behind else "read the vCenter live"


def source_advice(step: SettleSource) -> str:
    """What to do instead of working with an export."""
    return f"{read_live(step.vcenters, step.name)} instead of {step.name}" if step.vcenters else read_live((), step.name)


def _grant(privilege: str, where: str) -> str:
    what = f"privilege {privilege}" if privilege else "read access"
    return f"give the reader's account {what} {'on' if privilege else 'to'} {where}"


def cause_advice(cause: CauseView) -> str:
    """What to do about a cause."""
    where = some(cause.objects)
    if cause.refused:
        return _grant(cause.privilege, where)
    if cause.reason in UNSEEN:
        return f"{EVERY_VM}{f' of {some(cause.vcenters)}' if cause.vcenters else ''}, propagated to children"
    if cause.reason.startswith(TOOLS):
        return f"get VMware Tools to report in {where}, and read them again"
    if VANISHED in cause.reason:
        return f"{read_live(cause.vcenters)} again" if cause.vcenters else f"read {where} again"
    return f"find out {some(cause.facts)} of {where}"


def reason_advice(reason: ReasonView, live: bool, vcenters: Sequence[str]) -> str:
    """What to do about one VM's reason, as a sentence; empty where the rule's own advice says more.

    `live` and `vcenters` describe the source that lacks the facts as a whole.
    """
    where = {OWN: "this VM", OTHERS: "the other VMs"}.get(reason.object, reason.object)
    if is_refusal(reason.reason):
        return sentence_case(f"{_grant(privilege_of(reason.reason), where)}.")
    if reason.reason in UNSEEN:
        return sentence_case(f"{EVERY_VM}, propagated to children, and read the vCenter again.")
    if reason.source and not live:
        tab = f"Add {reason.reason.partition(':')[0]} to {reason.object}, or " if reason.reason.startswith("tab ") else ""
        return f"{sentence_case(tab + read_live(vcenters, reason.object))}."
    if reason.reason.startswith(TOOLS):
        return "Get VMware Tools to report in the guest, and read the VM again."
    return "Read the vCenter again." if VANISHED in reason.reason else ""


def with_rest(count: int, waiting: int, way: str) -> str:
    """The way with how many more VMs need other facts as well."""
    more = waiting - count
    return f"{way}; {more:,} more {'needs' if more == 1 else 'need'} other facts as well" if more else way


def cause_line(cause: CauseView) -> tuple[int, str]:
    """(VMs, what to do) for a cause: the VMs that it settles, or, where it settles none by itself, those that wait for it."""
    way = cause_advice(cause)
    if not cause.refused and not cause.reason.startswith(TOOLS):
        way = f"{way} ({cause.reason})"
    if cause.settled:
        return cause.settled, with_rest(cause.settled, cause.provisional_vms, way)
    return cause.provisional_vms, f"{way}; {'it needs' if cause.provisional_vms == 1 else 'they need'} other facts as well"


def settle_lines(view: ReportView, limit: int) -> list[tuple[int, str]]:
    """(VMs, what to do) for what would settle most provisional verdicts.

    What the server refused comes first, for one grant settles many; then vCenters to read instead of exports, then other
    causes, and last the rules that are open for a reason which nobody records.
    """
    causes = [cause for cause in view.causes if cause.provisional_vms]
    lines = [cause_line(cause) for cause in causes if cause.refused]
    covered: set[str] = set()
    for step in view.settle_sources:
        covered |= set(step.rules)
        if step.settled:
            lines.append((step.settled, with_rest(step.settled, step.provisional_vms, source_advice(step))))
    lines += [cause_line(cause) for cause in causes if not cause.refused]
    titles = {rule.id: rule.title for rule in view.rules}
    lines += [_rule_line(step, titles.get(step.rule, step.rule)) for step in view.settle if _is_unexplained(step, covered)]
    return lines[:limit]


def _is_unexplained(step: SettleStep, covered: set[str]) -> bool:
    return step.rule not in covered and step.provisional_vms > step.explained


def _rule_line(step: SettleStep, title: str) -> tuple[int, str]:
    in_guest = all(need.startswith(GUEST_FACTS) for need in step.needs)
    way = "get VMware Tools running and read them again" if in_guest else f"find out {listed(list(step.needs))}"
    return step.provisional_vms - step.explained, f"{way} (open: {title})"


def rule_advice(rule: RuleView, sources: Sequence[SourceView], causes: Iterable[CauseView]) -> str:
    """What would make an open rule known, in a few sentences.

    What the server refused comes first. A workbook's missing tabs and columns are named where they hold what the rule needs;
    a vCenter that is read live shows whatever else an export leaves open.
    """
    known = [_cause_words(cause, cause.rules[rule.id]) for cause in causes if rule.id in cause.rules]
    way = _export_advice(rule, sources) if known else rule_way(rule, sources)
    return " ".join([*known[:SHOWN], way] if way else known[:SHOWN])


def rule_way(rule: RuleView, sources: Sequence[SourceView]) -> str:
    """What would make an open rule known for a VM of which nobody records why it is open."""
    return _export_advice(rule, sources) or _any_advice(rule, sources)


def _cause_words(cause: CauseView, vms: int) -> str:
    if cause.privilege:
        return f"Give the reader's account privilege {cause.privilege} where it is missing (open for {counted(vms, 'VM')})."
    return f"Open for {counted(vms, 'VM')}: {cause.reason}."


def _exports(sources: Iterable[SourceView]) -> list[SourceView]:
    return [source for source in sources if source.type != LIVE]


def _export_advice(rule: RuleView, sources: Iterable[SourceView]) -> str:
    """What the exports among the sources would have to show; empty where it is not they that leave the rule open."""
    exports = _exports(sources)
    tabs = sorted(
        {
            f"{missing.what} to {source.name}"
            for source in exports
            for missing in source.not_seen
            if missing.what.startswith("tab ") and any(covers(fact, need) for fact in missing.facts for need in rule.needs)
        }
    )
    lacking = [source for source in exports if rule.id in source.gaps]
    live = _live_way(lacking or exports)
    if tabs:
        return f"Add {some(tabs)}, or {live}."
    return f"{sentence_case(live)}: an export of this kind does not show it." if lacking else ""


def _live_way(exports: Sequence[SourceView]) -> str:
    vcenters = sorted({vcenter for source in exports for vcenter in source.vcenters})
    return read_live(vcenters) if vcenters or len(exports) == 1 else "read their vCenters live"


def _any_advice(rule: RuleView, sources: Iterable[SourceView]) -> str:
    if exports := _exports(sources):
        return f"Read the VM again once its facts are complete (guest tools running, all columns exported), or {_live_way(exports)}."
    if any(need.startswith(GUEST_FACTS) for need in rule.needs):
        return "Read the VM again once VMware Tools run in its guest."
    return "Read the VM again once its facts are complete."
