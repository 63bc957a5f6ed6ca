# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to check: the artifacts as records, the manifests, and the settings as the user wrote them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Record: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that a plan must not do: which check, of what, and what was found."""

    check: str
    subject: str
    text: str

    def line(self) -> str:
        """One line about it."""
        return f"{self.check}: {self.subject}: {self.text}"


class Records:
    """The records of an artifact by kind and id."""

    def __init__(self, records: Iterable[Mapping[str, Any]]) -> None:
        self._kinds: dict[str, dict[str, Record]] = {}
        self.twice: list[str] = []
        for record in records:
            if record["kind"] in ("header", "trailer"):
                continue
            found = self._kinds.setdefault(record["kind"], {})
            if record["id"] in found:
                self.twice.append(f"{record['kind']} {record['id']}")
            found[record["id"]] = dict(record)

    def kind(self, name: str) -> dict[str, Record]:
        """The records of a kind by id."""
        return self._kinds.get(name, {})

    def one(self, name: str) -> Record:
        """The first record of a kind; an empty one where there is none."""
        return next(iter(self.kind(name).values()), {})

    def everything(self) -> list[Record]:
        """All records."""
        return [record for records in self._kinds.values() for record in records.values()]

    def read(self, resource: str) -> bool:
        """Whether a target has this list in full."""
        return self.kind("reading").get(resource, {}).get("state") == "read"

    def absent(self, resource: str) -> bool:
        """Whether a target does not serve this resource at all."""
        return self.kind("reading").get(resource, {}).get("state") == "absent"


@dataclass(slots=True)
class Evidence:
    """Everything about one plan. `target` and `previous` are None where there was none."""

    estate: Records
    assessment: Records
    target: Records | None
    plan: Records
    settings: Mapping[str, Any]
    manifests: list[Record] = field(default_factory=list)
    previous: Records | None = None


def read_artifact(path: Path) -> Records:
    """The records of an artifact; raises ValueError for one without its trailer, or with other counts than that says."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    lines = [json.loads(line) for line in content.splitlines() if line.strip()]
    if not lines or lines[0]["kind"] != "header" or lines[-1]["kind"] != "trailer":
        raise ValueError(f"{path.name} is not complete")
    counts: dict[str, int] = {}
    for record in lines[1:-1]:
        counts[record["kind"]] = counts.get(record["kind"], 0) + 1
    if counts != lines[-1]["counts"]:
        raise ValueError(f"{path.name} has other records than its trailer says")
    return Records(lines)


def read_settings(path: Path | None) -> dict[str, Any]:
    """The settings of a YAML or JSON file, by the names of the variables with or without plan_."""
    if path is None:
        return {}
    given = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
    return {str(key).removeprefix("plan_"): value for key, value in given.items()}


def read_manifests(folder: Path) -> list[Record]:
    """The objects below a folder; kustomizations and proposals are passed over."""
    paths = [path for path in sorted(folder.rglob("*.yaml")) if path.name != "kustomization.yaml"]
    wanted = [path for path in paths if "proposals" not in path.relative_to(folder).parts]
    return [yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) for path in wanted]


def read_evidence(run: Path, settings: Path | None, previous: Path | None = None) -> Evidence:
    """The evidence of a run directory."""
    found = {name: _artifact(run, name) for name in ("estate", "assessment", "target", "plan")}
    for name in ("estate", "assessment", "plan"):
        if found[name] is None:
            raise ValueError(f"{run} holds no {name}.jsonl")
    target = found["target"] if found["plan"] is not None and "target" in found["plan"].one("basis") else None
    return Evidence(
        estate=found["estate"] or Records(()),
        assessment=found["assessment"] or Records(()),
        target=target,
        plan=found["plan"] or Records(()),
        settings=read_settings(settings),
        manifests=read_manifests(run / "manifests" / "mtv"),
        previous=read_artifact(previous) if previous else None,
    )


def _artifact(run: Path, name: str) -> Records | None:
    path = next((path for path in (run / f"{name}.jsonl", run / f"{name}.jsonl.gz") if path.is_file()), None)
    return read_artifact(path) if path else None
