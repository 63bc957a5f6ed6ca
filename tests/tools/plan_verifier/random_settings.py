# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random settings that are right by themselves: what they ask for may still be impossible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .dice import Dice
from .evidence import Record


def random_settings(dice: Dice, vms: Sequence[Record], target: Sequence[Record] | None, rules: Mapping[str, str], ample: bool) -> Record:
    """The settings of a case, by the names of the variables without plan_."""
    found: Record = {"start": "2026-11-23", "timezone": dice.pick("UTC", "UTC", "Europe/Berlin", "America/New_York")}
    found.update(_calendar(dice))
    if dice.often(0.75):
        found["limits"] = _limits(dice)
    if dice.often(0.7):
        found["pilots"] = _pilots(dice, vms)
    if dice.often(0.6):
        found["accept_unknown"] = [rule for rule in rules if dice.often(0.7)]
    if dice.often(0.3):
        found["max_vms"] = dice.pick(1, 2, 3)
    if dice.often(0.2):
        found["dependencies"] = "together"
    if dice.often(0.15):
        found["anti_affinity"] = "ignore"
    found.update(_moves(dice))
    if target is not None:
        found.update(_places(dice, vms, target, ample))
    return found


def _calendar(dice: Dice) -> Record:
    night = {"name": "night", "start": "20:00", "end": "06:00", "days": ["mon", "tue", "wed", "thu"]}
    saturday = {"name": "saturday", "start": "08:00", "end": "20:00", "days": ["sat"], "every_weeks": dice.pick(1, 1, 2)}
    special = {"name": "special", "start": "20:00", "end": "23:30", "days": "sun", "own": True}
    erp = {"name": "erp", "start": "10:00", "end": "16:00", "days": ["sun"], "match": {"applications": ["ERP"]}}
    short = {"name": "short", "start": "21:00", "end": "22:00", "days": ["fri"]}
    once = {"name": "once", "start": "18:00", "end": "08:00", "day": "2026-12-06"}
    found: Record = {}
    if dice.often(0.8):
        windows = [
            window for window, share in ((night, 0.85), (saturday, 0.6), (special, 0.3), (erp, 0.3), (short, 0.3)) if dice.often(share)
        ]
        windows = windows or [night]
        found["windows"] = [once] if dice.often(0.05) else windows
    if dice.often(0.35):
        found["freezes"] = [
            dice.pick(
                {"name": "quarter", "from": "2026-11-25", "to": "2026-12-02"},
                {"name": "first", "from": "2026-11-23"},
                {"name": "erp", "from": "2026-11-23", "to": "2026-12-20", "match": {"applications": ["erp"]}},
                {"name": "team", "from": "2026-12-01", "to": "2027-02-01", "match": {"owners": ["team-b*"]}},
            )
            for _one in range(dice.pick(1, 1, 2))
        ]
    if dice.often(0.3):
        found["last_day"] = dice.pick("2026-12-07", "2026-12-13", "2027-01-31")
    return found


def _limits(dice: Dice) -> Record:
    found: Record = {}
    for name, values in (
        ("vms", (1, 2, 3, 5)),
        ("tib", (0.2, 1, 4)),
        ("vms_per_host", (1, 2)),
        ("vms_per_datastore", (1, 2, 4)),
        ("high_risk_vms", (1, 2)),
        ("waves", (1, 2, 4)),
    ):
        if dice.often(0.3):
            found[name] = dice.choice(values)
    return found


def _pilots(dice: Dice, vms: Sequence[Record]) -> Record:
    found: Record = {"count": dice.pick(0, 0, 1, 2, 3)}
    if dice.often(0.4):
        found["match"] = dice.pick({"vms": [dice.choice(vms)["name"]]}, {"applications": ["Shop"]}, {"tags": ["Tier/*"]})
    return found


def _moves(dice: Dice) -> Record:
    found: Record = {}
    if dice.often(0.4):
        method: Record = {"prefer": dice.pick("auto", "cold", "warm")}
        if dice.often(0.4):
            method["overrides"] = [{"match": {"applications": ["ERP"]}, "method": dice.pick("cold", "warm")}]
        if dice.often(0.4):
            method["default_tolerance_minutes"] = dice.pick(30, 240)
        found["method"] = method
    if dice.often(0.3):
        rates = {
            "link_mib_per_s": dice.pick(50, 2000),
            "host_mib_per_s": dice.pick(40, 1000),
            "datastore_mib_per_s": dice.pick(30, 300),
            "disk_mib_per_s": dice.pick(20, 200),
            "target_mib_per_s": dice.pick(40, 1000),
            "p90_factor": dice.pick(1, 2),
            "conversion_minutes": 20,
            "change_percent_per_day": 40,
        }
        found["rates"] = {name: value for name, value in rates.items() if dice.often(0.6)}
    return found


def _places(dice: Dice, vms: Sequence[Record], target: Sequence[Record], ample: bool) -> Record:
    found: Record = {"namespaces": _namespaces(dice, ample)}
    fit: Record = {"spare_nodes": dice.pick(0, 0, 1)}
    for name, values in (
        ("cpu_overcommit", (1, 2.5, 8)),
        ("memory_overcommit", (1, 1.5)),
        ("basis", ("p95",)),
        ("storage_headroom_percent", (0, 20)),
        ("live_migration", (False, False)),
        ("cpu_baseline", ("ignore",)),
        ("hugepages", ("1Gi",)),
        ("node_selector", ({"node-role.kubernetes.io/worker": ""}, {"topology.kubernetes.io/zone": "a"})),
    ):
        if dice.often(0.05 if ample else 0.15):
            fit[name] = dice.choice(values)
    found["fit"] = fit
    attachments = [record for record in target if record["kind"] == "network_attachment"]
    if dice.often(0.5) and not ample:
        found["networks"] = _networks(dice, attachments)
    classes = [record["id"] for record in target if record["kind"] == "storage_class"]
    if ample:
        found["storage"] = [{"source": "*", "storage_class": "block"}]
    elif classes and dice.often(0.7):
        found["storage"] = [
            {
                "source": dice.pick("*", "datastore-1", "datastore-*"),
                "storage_class": dice.choice(classes),
                **dice.pick({}, {}, {"volume_mode": "Filesystem"}),
            }
            for _one in range(dice.pick(1, 1, 2))
        ]
    if dice.often(0.2):
        found["providers"] = [{"vcenter": "vc-south.example.com", "name": "south", "secret": "south"}]
    return found


def _namespaces(dice: Dice, ample: bool) -> list[Record]:
    found = []
    if dice.often(0.4):
        found.append({"match": {"applications": ["ERP"]}, "namespace": "erp"})
    if dice.often(0.3):
        found.append({"namespace": dice.pick("{application}", "{owner}", "vms-{environment}", "{folder}", "{tag:Tier}")})
    if ample or dice.often(0.85):
        found.append({"namespace": "vms"})
    return found


def _networks(dice: Dice, attachments: Sequence[Record]) -> list[Record]:
    found: list[Record] = []
    if attachments and dice.often(0.5):
        chosen = dice.choice(attachments)
        rule = {"source": "app-vlan-101", "type": "multus", "name": chosen["name"]}
        found.append({**rule, "namespace": chosen["namespace"]} if dice.often(0.5) else rule)
    if dice.often(0.4):
        found.append({"source": dice.pick("app-vlan-102", "*"), "type": dice.pick("pod", "ignored")})
    return found
