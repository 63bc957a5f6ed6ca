# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the sources say, and in whatever order they come: the merged estate is the same."""

from __future__ import annotations

import tempfile
from itertools import permutations
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from .samples import OTHER_VCENTER, VCENTER, Record, of, read, run, source, write_estate

DATES = ("2026-01-01T00:00:00Z", "2026-02-01T08:30:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
NAMES = ("a.xlsx", "b.xlsx", "c.xlsx")

flags = st.booleans()
sizes = st.sampled_from([0, 1 << 30, (1 << 30) + 5, 1 << 31])
disks = st.lists(
    st.fixed_dictionaries(
        {"key": st.integers(2000, 2003)},
        optional={"mode": st.sampled_from(["persistent", "independent_persistent"]), "capacity_bytes": sizes, "thin": flags, "rdm": flags},
    ),
    max_size=3,
    unique_by=lambda disk: disk["key"],
)
nics = st.lists(
    st.fixed_dictionaries(
        {"mac": st.sampled_from(["00:50:56:00:00:01", "00:50:56:00:00:02"])},
        optional={"connected": flags, "network": st.sampled_from("xy")},
    ),
    max_size=2,
    unique_by=lambda nic: nic["mac"],
)
facts = st.fixed_dictionaries(
    {"name": st.sampled_from(["erp", "web", "dc=1"])},
    optional={
        "cpu_count": st.integers(1, 3),
        "memory_mib": st.sampled_from([1024, 2048]),
        "template": flags,
        "guest_ips": st.permutations(["10.0.0.1", "10.0.0.2"]).map(list),
        "used_bytes": sizes,
        "cpu_usage_mhz": st.integers(0, 2),
        "custom_attributes": st.dictionaries(st.sampled_from(["Cost centre", "Team"]), st.sampled_from(["", "x"])),
        "disks": disks,
        "nics": nics,
        "cluster": st.sampled_from(["", "c1"]),
    },
)


@st.composite
def machines(draw: st.DrawFn, name: str, *, copies: bool) -> list[Record]:
    """VMs of one source, known by whatever keys; `copies` lets VMs of two vCenters share a BIOS UUID."""
    found: dict[str, Record] = {}
    for number in draw(st.lists(st.integers(1, 3), max_size=3, unique=True)):
        vcenter = draw(st.sampled_from([VCENTER, OTHER_VCENTER]))
        basis = draw(st.sampled_from(["moref", "instance_uuid", "bios_uuid"]))
        keys: Record = {"bios_uuid": f"b-{number}" if copies else f"b-{number}-{vcenter[-1]}"}
        if basis != "bios_uuid":
            keys["instance_uuid"] = f"i-{number}-{vcenter[-1]}"
        if basis == "moref":
            keys.update(vcenter=vcenter, moref=f"vm-{number}")
        identity = {"moref": f"{vcenter}/vm-{number}", "instance_uuid": keys.get("instance_uuid"), "bios_uuid": keys["bios_uuid"]}[basis]
        found[str(identity)] = of("vm", name, str(identity), **draw(facts), **keys, id_basis=basis)
    return list(found.values())


@st.composite
def estates(draw: st.DrawFn, dated: bool) -> list[list[Record]]:
    """Two or three sources, each as the records of a saved estate."""
    made = []
    dates = draw(st.permutations(DATES))
    for number, name in enumerate(NAMES[: draw(st.integers(2, 3))]):
        captured_at = dates[number] if dated else draw(st.sampled_from(["", *DATES[:2], "2026-01-01T05:00:00"]))
        records = [source(name, captured_at), *draw(machines(name, copies=not dated))]
        for place in draw(st.lists(st.sampled_from(["c1", "c2"]), unique=True)):
            moref = draw(st.sampled_from(["", f"domain-{place}"]))
            identity = f"{VCENTER}/{moref}" if moref else f"{VCENTER}/cluster/dc/{place}"
            known: dict[str, Any] = {"moref": moref} if moref else {}
            cluster = of("cluster", name, identity, name=place, datacenter="dc", vcenter=VCENTER, drs_enabled=draw(flags), **known)
            records.append(cluster)
            for record in records:
                if record["kind"] == "vm" and record.get("cluster") == place:
                    record["cluster_id"] = identity
        made.append(records)
    return made


def body(path: Path) -> list[bytes]:
    """All lines but the first, which names the inputs."""
    return path.read_bytes().splitlines()[1:]


@settings(max_examples=40, deadline=None)
@given(estates(dated=False))
def test_any_order_of_sources_gives_the_same_bytes(made: list[list[Record]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [write_estate(Path(folder) / f"{number}.jsonl", records) for number, records in enumerate(made)]
        results = {run(Path(folder) / "out.jsonl", *order).sha256 for order in permutations(paths)}
        assert len(results) == 1


@settings(max_examples=40, deadline=None)
@given(estates(dated=False))
def test_merging_an_estate_with_itself_changes_nothing(made: list[list[Record]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [write_estate(Path(folder) / f"{number}.jsonl", records) for number, records in enumerate(made)]
        merged, copy, again = (Path(folder) / name for name in ("merged.jsonl", "copy.jsonl", "again.jsonl"))
        run(merged, *paths)
        copy.write_bytes(merged.read_bytes())
        run(again, merged, copy)
        assert body(again) == body(merged)


@settings(max_examples=40, deadline=None)
@given(estates(dated=False))
def test_merging_a_source_into_an_estate_that_has_it_changes_nothing(made: list[list[Record]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [write_estate(Path(folder) / f"{number}.jsonl", records) for number, records in enumerate(made[:2])]
        merged, again = Path(folder) / "merged.jsonl", Path(folder) / "again.jsonl"
        run(merged, *paths)
        run(again, merged, paths[0])
        assert without_origins(again) == without_origins(merged)


def without_origins(path: Path) -> dict[str, dict[str, Record]]:
    """What an estate says, without where it was read."""
    kept = {kind: records for kind, records in read(path).items() if kind != "conflict"}
    return {
        kind: {
            identity: {key: value for key, value in record.items() if key not in ("origin", "fact_origins")}
            for identity, record in records.items()
        }
        for kind, records in kept.items()
    }


@settings(max_examples=40, deadline=None)
@given(estates(dated=True))
def test_merging_dated_sources_step_by_step_is_merging_them_at_once(made: list[list[Record]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [write_estate(Path(folder) / f"{number}.jsonl", records) for number, records in enumerate(made)]
        at_once = Path(folder) / "at_once.jsonl"
        run(at_once, *paths)
        for order in permutations(paths):
            step, stepwise = Path(folder) / "step.jsonl", Path(folder) / "stepwise.jsonl"
            run(step, *order[:2])
            run(stepwise, step, *order[2:])
            assert without_origins(stepwise) == without_origins(at_once)
