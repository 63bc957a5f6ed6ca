# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the HTML page's chapter on the target cluster needs beyond the view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..target.model import ABSENT
from .headline import counted, listed
from .plan_texts import cores
from .plan_view import TargetClassView, TargetNodeView, TargetReportView, UnreadView
from .texts import size
from .view import ReportView

MAX_NODES: Final = 300


@dataclass(frozen=True, slots=True)
class TargetPage:
    """Rows and sentences of the chapter."""

    nodes_line: str
    nodes: tuple[tuple[str, ...], ...]
    nodes_rest: int
    classes: tuple[tuple[str, ...], ...]
    unread: tuple[UnreadView, ...]
    """what was refused or failed"""
    absent: tuple[str, ...]
    """what the cluster does not serve"""


def build_target_page(view: ReportView) -> TargetPage | None:
    """The chapter for that view; None when it has no target."""
    target = view.target
    if target is None:
        return None
    return TargetPage(
        nodes_line=_nodes_line(target),
        nodes=tuple(_node(node) for node in target.nodes[:MAX_NODES]),
        nodes_rest=max(0, len(target.nodes) - MAX_NODES),
        classes=tuple(_class(entry) for entry in target.classes),
        unread=tuple(entry for entry in target.unread if entry.state != ABSENT),
        absent=tuple(entry.resource for entry in target.unread if entry.state == ABSENT),
    )


def _nodes_line(target: TargetReportView) -> str:
    if not target.nodes:
        return "0" if "nodes" in target.counts else "not known"
    parts = [counted(len(target.nodes), "node")]
    for words, flag in (("run VMs", True), ("do not run VMs", False), ("of which nobody knows whether they run VMs", None)):
        if found := sum(node.runs_vms is flag for node in target.nodes):
            parts.append(f"{found:,} {words}")
    return f"{parts[0]}: {listed(parts[1:])}"


def _known(value: bool | None) -> str:
    return "not known" if value is None else "yes" if value else "no"


def _node(node: TargetNodeView) -> tuple[str, ...]:
    states = ("not known" if node.ready is None else "ready" if node.ready else "not ready", "cordoned" if node.unschedulable else "")
    return (
        node.name,
        ", ".join(node.roles),
        node.zone,
        ", ".join(filter(None, states)),
        _known(node.runs_vms),
        *("not known" if value is None else cores(value) for value in (node.cpu_millicores, node.requested_cpu_millicores)),
        *("not known" if value is None else size(value) for value in (node.memory_bytes, node.requested_memory_bytes)),
        node.cpu_model,
    )


def _class(entry: TargetClassView) -> tuple[str, ...]:
    defaults = ("for VMs" if entry.default_virtualization else "", "of the cluster" if entry.default else "")
    return (
        entry.name,
        entry.provisioner,
        ", ".join(filter(None, defaults)),
        "not known" if entry.claim_sets is None else ", ".join(entry.claim_sets),
        "not known" if entry.snapshot_class is None else entry.snapshot_class or "none",
        _known(entry.expandable),
        "not known" if entry.free_bytes is None else size(entry.free_bytes),
    )
