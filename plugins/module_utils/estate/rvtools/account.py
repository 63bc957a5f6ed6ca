# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an export did not show, and what was odd about it: said once per source, not once per VM."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

from ...common.artifact import JsonRecord
from ..model import PARTS, Vm
from .columns import Trouble
from .dates import moment
from .export import Export, Notice
from .tabs import INFO, INVENTORY_KINDS, INVENTORY_TABS, VM_TABS, Column, Tab

FROM_PEOPLE: Final = (
    "owner",
    "application",
    "environment",
    "criticality",
    "downtime_tolerance_minutes",
    "depends_on",
    "change_window",
)
"""Facts that no source shows: people annotate them."""

DERIVED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("vInfo", "_rules"): ("cluster_rules", "host_affinity_rules"),
    ("vInfo", "_primary_ip"): ("guest_ips",),
    ("vInfo", "guest_os_config_name"): ("guest_os_config_name", "guest_os_id"),
    ("vInfo", "cluster"): ("cluster", "cluster_id"),
    ("vNetwork", "_ipv4"): ("nics.ips", "guest_ips"),
    ("vNetwork", "network"): ("nics.network", "nics.network_id"),
    ("vDisk", "path"): ("disks.path", "disks.datastore", "datastores"),
    ("vDisk", "_disk_path"): ("disks.path", "disks.datastore", "datastores"),
    ("vDisk", "controller"): ("disks.controller", "disks.bus"),
    ("vDisk", "_controller_type"): ("disks.controller", "disks.bus"),
    ("vPartition", "free_bytes"): ("partitions.free_bytes",),
    ("vPartition", "_consumed"): ("partitions.free_bytes",),
    ("vUSB", "_type"): ("usb.kind",),
    ("vHost", "cluster"): ("host.cluster", "host.cluster_id"),
    ("vHost", "evc_mode"): ("host.evc_mode", "cluster.evc_mode"),
}
"""Facts that a column shows beyond, or instead of, the one of its own name."""

KEYS: Final = ("name", "_name", "moref", "_moref", "_uuid", "_vcenter", "_server", "_product", "_vmx", "_host", "_rule_kinds", "_ipv6")
"""Columns whose absence makes no fact of its own unknown, or is said by another column."""

IDENTITY: Final = ("vcenter", "moref", "instance_uuid", "bios_uuid")


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that an export does not show, and the facts that stay unknown for that."""

    what: str
    facts: tuple[str, ...]
    reason: str


def facts_shown(tab: Tab, column: Column) -> tuple[str, ...]:
    """The facts that a column shows, as paths: `disks.thin` of a VM's part, `cluster.drs_enabled` of another kind."""
    derived = DERIVED.get((tab.name, column.fact))
    if derived is not None:
        return derived
    if column.fact in KEYS and not (tab is INFO and column.fact in IDENTITY):
        return ()
    if tab.part:
        return (f"{tab.part}.{column.fact}",)
    kind = INVENTORY_KINDS.get(tab.name)
    if kind:
        return (f"{kind}.{column.fact}",)
    return () if column.fact.startswith("_") else (column.fact,)


def gaps(export: Export) -> list[Gap]:
    """What one export does not show, in the order of the tabs; a fact that another column shows is no gap."""
    shown: set[str] = set()
    for plan in export.plans():
        for reader in plan.readers:
            shown.update(facts_shown(plan.tab, reader.column))
    found: list[Gap] = []
    for tab in (INFO, *VM_TABS, *INVENTORY_TABS):
        if tab.name not in ("vMetaData", "vFloppy", "dvSwitch"):
            found += _gaps_of(export, tab, shown)
    if not export.attributes_known:
        found.append(
            Gap("tab vInfo, column Annotation", ("custom_attributes",), "custom attributes stand between Annotation and Datacenter")
        )
    return found


def _gaps_of(export: Export, tab: Tab, shown: set[str]) -> Iterator[Gap]:
    joined = export.joined.get(tab.name)
    here = tab is INFO or tab.name in export.inventory or joined is not None
    if not here:
        facts = [tab.part] if tab.part else []
        facts += [
            fact for column in tab.columns for fact in facts_shown(tab, column) if fact not in shown and not fact.startswith(f"{tab.part}.")
        ]
        if tab.part == "removable_media" and tab.name == "vFloppy":
            return
        reason = export.unusable.get(tab.name, "the export does not have this tab")
        if facts:
            yield Gap(f"tab {tab.name}", tuple(dict.fromkeys(facts)), reason)
        return
    if joined is not None and (reason := _tab_trouble(export, tab)):
        facts = [tab.part] if tab.part else [fact for column in tab.columns for fact in facts_shown(tab, column) if fact not in INFO_FACTS]
        yield Gap(f"tab {tab.name}", tuple(dict.fromkeys(facts)), reason)
        return
    for column in (column for plan in export.plans() if plan.tab.name == tab.name for column in plan.absent):
        facts = [fact for fact in facts_shown(tab, column) if fact not in shown]
        if facts:
            yield Gap(f"tab {tab.name}, column {column.names[0]}", tuple(facts), "the export does not have this column")


def _tab_trouble(export: Export, tab: Tab) -> str:
    joined = export.joined[tab.name]
    if joined.result.distrusted:
        return joined.result.distrusted
    return "" if joined.row_count or tab.no_row_means_none else "the tab has no rows"


INFO_FACTS: Final = frozenset(column.fact for column in INFO.columns)


def _never() -> tuple[str, ...]:
    shown = {fact for tab in (INFO, *VM_TABS) for column in tab.columns for fact in facts_shown(tab, column)}
    shown |= {"id", "name", "custom_attributes", *FROM_PEOPLE, *(tab.part for tab in VM_TABS)}
    shown |= {"usb.kind", "removable_media.kind", "snapshots.name"}
    missing = [
        item.name for item in fields(Vm) if not item.metadata.get("bookkeeping") and item.name not in shown and item.name != "id_basis"
    ]
    for part, owner in PARTS.items():
        if part not in missing:
            missing += [f"{part}.{item.name}" for item in fields(owner) if f"{part}.{item.name}" not in shown]
    return tuple(missing)


NEVER: Final = _never()
"""Facts of a VM that no RVTools export shows."""


def not_seen(exports: Sequence[Export]) -> list[JsonRecord]:
    """`not_seen` of the source record; with several files, the reason names those that it holds for."""
    merged: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for export in exports:
        for gap in gaps(export):
            merged.setdefault((gap.what, gap.facts, gap.reason), []).append(export.file)
    entries: list[JsonRecord] = []
    for (what, facts, reason), files in merged.items():
        named = f" ({', '.join(sorted(files))})" if len(files) < len(exports) else ""
        entries.append({"what": what, "facts": list(facts), "reason": reason + named})
    entries.append({"what": "RVTools", "facts": list(NEVER), "reason": "RVTools does not export this"})
    return entries


def notice_record(file: str, notice: Notice) -> JsonRecord:
    """A notice as it stands in the source record."""
    record: JsonRecord = {"code": notice.code, "message": notice.message, "file": file}
    for key, value in (("tab", notice.tab), ("row", notice.row), ("column", notice.column), ("remedy", notice.remedy)):
        if value:
            record[key] = value
    return record


def notices(exports: Iterable[Export]) -> list[JsonRecord]:
    """`notices` of the source record."""
    found: list[JsonRecord] = []
    for export in exports:
        found += [notice_record(export.file, notice) for notice in export.notices]
        found += [notice_record(export.file, _unreadable(trouble)) for trouble in export.troubles()]
        found += [notice_record(export.file, notice) for notice in _undecided(export)]
    return found


def _unreadable(trouble: Trouble) -> Notice:
    cells = "one cell cannot be read" if trouble.count == 1 else f"{trouble.count} cells cannot be read, the first one"
    message = f"{cells}: {trouble.cell} {trouble.reason}"
    return Notice(
        "cell_unreadable",
        message,
        trouble.tab,
        trouble.row,
        trouble.column,
        "The fact stays unknown for these VMs; correct the cells if it matters.",
    )


def _undecided(export: Export) -> Iterator[Notice]:
    for plan in export.plans():
        for reader in plan.readers:
            if reader.header in export.orders.columns() and not export.orders.order(reader.header) and reader.column.convert is moment:
                message = "nothing in the file tells whether these dates begin with the day or with the month"
                yield Notice(
                    "date_order_unknown", message, plan.tab.name, column=reader.header, remedy="Export as .xlsx, which holds real dates."
                )
