# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact that a call leaves, and findings as the problems of an error."""

from __future__ import annotations

from ...common.artifact import ArtifactHeader, ArtifactWritten
from ...common.errors import Problem, ReadinessError
from ...common.findings import CheckFinding
from ...namespaces.verify import Verified
from ..artifacts import ArtifactWriter, replace_if_changed
from ..working_folder import working_folder
from .request import STAGE, NamespacesRequest


def write_artifact(request: NamespacesRequest, cluster: str, verified: Verified) -> ArtifactWritten:
    """Puts all records into place at once; `cluster` is its id, empty where it is not known. Raises ReadinessError where it cannot."""
    extra: dict[str, object] = {"today": request.today}
    if cluster:
        extra["cluster"] = cluster
    header = ArtifactHeader(STAGE, request.inputs, request.mode, extra)
    try:
        with working_folder(request.dest.parent, request.dest.name) as folder:
            with ArtifactWriter(folder / request.dest.name, header) as writer:
                for record in verified.records:
                    writer.write(record)
                made = writer.finish()
            changed = replace_if_changed(folder / request.dest.name, request.dest, made.sha256)
    except OSError as error:
        message = f"{request.dest.name} cannot be written: {error.strerror or error}"
        hint = "Check the folder's owner and free space."
        raise ReadinessError("namespaces_unwritable", message, subject=request.dest.name, hint=hint) from error
    return ArtifactWritten(str(request.dest), made.sha256, changed, made.counts)


def problem_of(finding: CheckFinding) -> Problem:
    """A finding as a problem, with the namespace and the place in its contract."""
    words = finding.words if finding.message else f"{finding.subject}: {finding.check} failed"
    place = f"{finding.part}: {finding.path}" if finding.path else finding.part
    return Problem(words, file=place, remedy=finding.remedy)
