# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact that a call leaves, and findings as the problems of an error."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...common.artifact import ArtifactHeader, ArtifactInput, ArtifactWritten, JsonRecord
from ...common.errors import Problem, ReadinessError
from ...common.findings import CheckFinding
from ...namespaces.contract.reading import Placed, path_of
from ..artifacts import ArtifactWriter, replace_if_changed
from ..working_folder import working_folder
from .result import STAGE


def header_of(mode: str, today: str, cluster: str, inputs: tuple[ArtifactInput, ...] = ()) -> ArtifactHeader:
    """First line of the artifact; `cluster` is its id, empty where it is not known."""
    extra: dict[str, object] = {"today": today}
    if cluster:
        extra["cluster"] = cluster
    return ArtifactHeader(STAGE, inputs, mode, extra)


def write_artifact(dest: Path, header: ArtifactHeader, records: Iterable[JsonRecord]) -> ArtifactWritten:
    """Puts all records, which are in order, into place at once. Raises ReadinessError where it cannot."""
    try:
        dest.parent.mkdir(parents=True, exist_ok=True)
        with working_folder(dest.parent, dest.name) as folder:
            with ArtifactWriter(folder / dest.name, header) as writer:
                for record in records:
                    writer.write(record)
                made = writer.finish()
            changed = replace_if_changed(folder / dest.name, dest, made.sha256)
    except OSError as error:
        message = f"{dest.name} cannot be written: {error.strerror or error}"
        hint = "Check the folder's owner and free space."
        raise ReadinessError("namespaces_unwritable", message, subject=dest.name, hint=hint) from error
    return ArtifactWritten(str(dest), made.sha256, changed, made.counts)


def problem_of(finding: CheckFinding, placed: Placed | None = None) -> Problem:
    """A finding as a problem: at its place in the contract that it is about, or with the part of the cluster that it is about."""
    words = finding.words if finding.message else f"{finding.subject}: {finding.check} failed"
    if placed is None:
        place = f"{finding.part}: {finding.path}" if finding.path else finding.part
        return Problem(words, file=place, remedy=finding.remedy)
    path = finding.path or "namespace"
    told = words if finding.part in words else f"{finding.part}: {words}"
    return placed.problem(path_of(path), Problem(f"{path}: {told}", remedy=finding.remedy))


def problems_of(findings: Iterable[CheckFinding], placed: Iterable[Placed]) -> list[Problem]:
    """Findings as problems, those of a namespace with file and row of its contract."""
    by_namespace = {each.contract.namespace: each for each in placed}
    return [problem_of(finding, by_namespace.get(finding.part)) for finding in findings]
