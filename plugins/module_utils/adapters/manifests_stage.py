# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifests of a run brought to where they work: onto a cluster, or into a folder of a GitOps repository."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..common.errors import ArtifactError, InputError, Problem, ReadinessError
from ..common.owned_fields import RESPECTED_MANAGERS
from ..common.write_findings import NO_ACTION, STAGE_LABEL, Desired, Policy, Tally, is_ours
from ..plan.manifests.objects import ORDER, STAGE
from ..plan.model import Manifest
from ._libraries import require, yaml
from .artifacts import ArtifactReader
from .cluster_arguments import ClusterSettings
from .folder_files import FolderFiles, foreign_files, write_folder
from .manifest_files import FOLDER, manifest_files

PRESENT, ABSENT = "present", "absent"
_OURS: Final = re.compile(r"(?:wave-\d+/)?(?:\d\d-[a-z]+-[^/]+\.yaml|kustomization\.yaml)")
_LAYOUT_HINT: Final = "Name an empty folder, or the one that was written before: it is kept as a whole, and nothing else can be in it."
_POLICY: Final = Policy(STAGE)
_PLAN_HINT: Final = "Run the playbook groundwork.readiness.plan again."


@dataclass(frozen=True, slots=True)
class ManifestsRequest:
    """What to do with the manifests of a run.

    `check` only says what would be done, `verify` never writes to a cluster. With `gitops_dir` they are written there, and
    no cluster is touched.
    """

    run_dir: Path
    run_id: str
    plan: Path
    host: str = ""
    settings: ClusterSettings = field(default_factory=ClusterSettings)
    state: str = PRESENT
    prune: bool = False
    check: bool = False
    verify: bool = False
    diff: bool = False
    toolkit_namespace: str = "openshift-mtv"
    respected: Sequence[str] = RESPECTED_MANAGERS
    gitops_dir: Path | None = None
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class ManifestsResult:
    """What came of it."""

    plan_sha256: str
    tally: Tally = field(default_factory=Tally)
    cluster: str = ""
    """id of the cluster; empty where it is not known, or none was touched"""
    folder: FolderFiles | None = None
    """the GitOps folder"""
    warnings: tuple[str, ...] = ()
    failure: ReadinessError | None = None
    calls: int = 0


@dataclass(frozen=True, slots=True)
class _Planned:
    """What the plan says of its manifests."""

    sha256: str
    paths: tuple[str, ...]
    """of those that are applied, below the manifests' folder"""
    target: str
    warnings: tuple[str, ...]


def run_manifests(request: ManifestsRequest) -> ManifestsResult:
    """Does what is asked.

    Raises `InputError` with every problem of the parameters or the manifests, `ArtifactError` for a plan that cannot be used
    and `ReadinessError` for a cluster that cannot be written to; nothing is written then. What the cluster refused of single
    objects is the result's `failure`.
    """
    require("yaml", "read manifests")
    if request.problems:
        message = f"The manifests cannot be applied: {len(request.problems)} problem(s) with the input"
        raise InputError("arguments_invalid", message, subject="manifests", problems=request.problems)
    planned = _read_plan(request.plan)
    objects = _read_manifests(request.run_dir / FOLDER, planned.paths) if request.state == PRESENT else {}
    if request.gitops_dir is not None:
        return _into_folder(request, request.gitops_dir, planned, objects)
    return _onto_cluster(request, planned, objects)


# ---- what was planned ------------------------------------------------------------------------------------------------


def _read_plan(path: Path) -> _Planned:
    reader = ArtifactReader(path, "plan")
    if reader.header.get("mode") == "check":
        message = f"{path.name} was made in check mode, to see what would come of other settings"
        raise ArtifactError("plan_predicted", message, subject=path.name, hint=f"{_PLAN_HINT} Without --check.")
    paths = []
    target = ""
    for record in reader:
        if record["kind"] == "manifest" and record.get("apply"):
            paths.append(_below_folder(record, path.name))
        elif record["kind"] == "basis":
            target = str(record.get("target") or "")
    return _Planned(reader.sha256, tuple(paths), target, tuple(reader.warnings))


def _below_folder(record: JsonRecord, name: str) -> str:
    path = PurePosixPath(record["id"])
    if not path.is_relative_to(FOLDER) or ".." in path.parts:
        message = f"{name} names {record['id']} as a manifest, which is not in {FOLDER}"
        raise ArtifactError("artifact_damaged", message, subject=name, hint=_PLAN_HINT)
    return path.relative_to(FOLDER).as_posix()


def _read_manifests(folder: Path, paths: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Objects by path. Raises InputError with every manifest that is none."""
    found: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in paths:
        item, problem = _read_manifest(folder / path, path, loader)
        if problem is not None:
            problems.append(problem)
        else:
            found[path] = item
    if problems:
        message = f"{len(problems)} of {len(paths)} manifests cannot be used"
        raise InputError("manifests_invalid", message, subject=str(FOLDER), problems=problems, hint=_PLAN_HINT)
    return found


def _read_manifest(file: Path, path: str, loader: Any) -> tuple[dict[str, Any], Problem | None]:
    try:
        item = yaml.load(file.read_bytes(), loader)
    except OSError as error:
        return {}, Problem(f"it cannot be read: {(error.strerror or 'the system refused').lower()}", file=path)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return {}, Problem("it is not YAML", file=path, row=mark.line + 1 if mark is not None else None)
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(metadata, dict) or not all(isinstance(each, str) and each for each in (item.get("apiVersion"), metadata.get("name"))):
        return {}, Problem("it is no object of Kubernetes: apiVersion, kind or metadata.name lacks", file=path)
    if item.get("kind") not in ORDER or item["kind"] == "Migration":
        what = f"it is a {item.get('kind')}, which is not applied from here"
        return {}, Problem(what, file=path, remedy="make it by hand when it is time")
    if not is_ours(item, _POLICY):
        # Without it the object would be a stranger to the next run.
        return {}, Problem(f"it lacks the label {STAGE_LABEL}: {STAGE}", file=path, remedy="leave the labels of the manifests as they are")
    return item, None


# ---- onto a cluster --------------------------------------------------------------------------------------------------


def _onto_cluster(request: ManifestsRequest, planned: _Planned, objects: Mapping[str, dict[str, Any]]) -> ManifestsResult:
    # Only who writes to a cluster needs the libraries for it.
    from .cluster.identity import cluster_identity
    from .cluster.migrations import migration_guard, plan_lots
    from .cluster.reader import connect, notices
    from .cluster.writer import WriteRequest, apply, remove

    with connect(request.settings) as connection:
        warnings = [*planned.warnings, *(str(notice["message"]) for notice in notices(connection))]
        cluster = cluster_identity(connection)
        warnings += _checked_identity(planned.target, cluster, connection.access.place)
        given = WriteRequest(
            policy=replace(_POLICY, respected=tuple(request.respected)),
            run=request.run_id,
            desired=[Desired(item, path, ORDER[item["kind"]]) for path, item in objects.items()],
            lots=plan_lots(request.toolkit_namespace),
            prune=request.prune,
            check=request.check or request.verify,
            diff=request.diff,
            guard=migration_guard,
            page_size=request.settings.page_size,
        )
        tally = (apply if request.state == PRESENT else remove)(connection, given)
        place, calls = connection.access.place, connection.calls.all
    if request.verify:
        warnings += list(_drift(tally))
        tally = replace(tally, record_differs=False)
    failure = _failure(request, tally, place)
    return ManifestsResult(planned.sha256, tally, cluster, warnings=tuple(warnings), failure=failure, calls=calls)


def _checked_identity(planned: str, found: str, place: str) -> Iterator[str]:
    """Warns where nobody knows whether it is the cluster that was planned for; raises InputError where it is another one."""
    if planned and found and planned != found:
        problem = Problem(f"the plan is for {planned}, and this is {found}", file=place, remedy="apply it there, or plan for this cluster")
        raise InputError("target_other_cluster", f"{place} is not the cluster that was planned for", subject=place, problems=(problem,))
    if planned and not found:
        yield f"{place}: nobody knows whether it is {planned}: the account may see neither clusterversions nor namespace kube-system"


def _drift(tally: Tally) -> Iterator[str]:
    for finding in tally.findings:
        if finding.action != NO_ACTION:
            words = f": {finding.message}" if finding.message else ""
            yield f"{finding.key.text} is {finding.state}{words}; nothing is written in mode verify"


def _failure(request: ManifestsRequest, tally: Tally, place: str) -> ReadinessError | None:
    failed = tally.failed()
    if not failed and not tally.interrupted:
        return None
    problems = [Problem(f"{entry.key.text}: {entry.message}", file=entry.path, remedy=entry.remedy) for entry in failed]
    what = "as the plan has them" if request.state == PRESENT else "removed"
    message = f"{place}: {len(failed)} of {len(tally.findings)} objects are not {what}"
    if tally.interrupted:
        message = f"{message}; it ended early: {tally.interrupted}"
    hint = "What was done stands. Mend the causes and run it again: it goes on where it stopped."
    return ReadinessError("manifests_not_applied", message, subject=request.host or place, problems=problems, hint=hint)


# ---- into a folder ---------------------------------------------------------------------------------------------------


def _into_folder(request: ManifestsRequest, folder: Path, planned: _Planned, objects: Mapping[str, dict[str, Any]]) -> ManifestsResult:
    files = manifest_files(Manifest(path, item, None, "") for path, item in objects.items())
    foreign = sorted(foreign_files(folder, _OURS))
    if foreign:
        problems = [Problem("it was not written from here", file=name) for name in foreign[:50]]
        message = f"{folder.name} holds {len(foreign)} other file(s), which replacing it would remove"
        raise InputError("gitops_dir_in_use", message, subject=folder.name, problems=problems, hint=_LAYOUT_HINT)
    written = write_folder(folder, files, write=not request.check)
    return ManifestsResult(planned.sha256, folder=written, warnings=planned.warnings)
