# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform stage is asked, and what it answers; between them and the module its parameters and its result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...common.artifact import ArtifactInput, ArtifactWritten
from ...common.calls import ModuleCall, Outcome
from ...common.errors import InputError, Problem, ReadinessError
from ...common.findings import CheckFinding
from ...common.owned_fields import RESPECTED_MANAGERS, ApiObject
from ...platform.catalogue import Catalogue
from ...platform.catalogue_of_checks import CHECKS_BY_ID
from ...platform.checks import PARTS
from ...platform.desired.model import PlatformDesired
from ...platform.desired.parse import VARIABLE, VERSION, Parsed, SourceText, parse
from ...platform.desired.semantics import expired_waivers, semantic_problems
from ...platform.olm.catalog import from_record
from ...platform.olm.model import RenderedCatalog
from ...platform.shipped import catalogue_from
from ..cluster_arguments import ClusterArguments, ClusterSettings
from ..directory.access import DirectoryAccess, DirectoryArguments
from ..folder_files import FolderFiles
from ..object_diff import object_diff
from ..part_files import platform_part_path
from ..paths import expanded
from ..run_directory import RunDirectory
from .modes import CHECK, PREFLIGHT, VERIFY
from .promtool import is_program
from .rollbacks import Rollback, read_rollback


@dataclass(frozen=True, slots=True)
class PlatformRequest:
    """One call of the stage, of one part or of the preflight of several, on one cluster.

    With `problems` nothing is read of the cluster and nothing is written: `work` raises them, all of them. The modes verify and
    check, and preflight in any mode, write to nothing but `dest`. With `gitops_dir` no object is written to the cluster either.
    """

    run_dir: Path
    run_id: str
    host: str
    """inventory name of the cluster"""
    part: str
    """one of checks.PARTS, or preflight"""
    parts: tuple[str, ...]
    """parts that are done in this call: `part` alone, or those that the preflight looks at"""
    dest: Path
    """artifact of this call: records of schema platform"""
    mode: str
    """apply, verify or check"""
    desired: PlatformDesired
    catalogue: Catalogue
    today: str
    """day of the run's present, as YYYY-MM-DD in UTC"""
    rendered: Mapping[str, RenderedCatalog] = field(default_factory=dict)
    """CatalogSource to its catalog as `opm render` wrote it, for Context.rendered"""
    settings: ClusterSettings = field(default_factory=ClusterSettings)
    now: str = ""
    """the run's present, RFC 3339 in UTC"""
    directories: Mapping[str, DirectoryAccess] = field(default_factory=dict)
    """who reads each directory of the document, by its name"""
    break_glass: ClusterSettings | None = None
    """the way in that depends on no identity provider; None where the document names none"""
    rollback: Rollback | None = None
    """a former write to logins that is taken back, in place of all else"""
    promtool: str = ""
    """program that judges expressions; empty where it is to be looked for"""
    prune: bool = False
    wait_minutes: float = 30.0
    """longest wait of one level of operators, or of one object"""
    lock_wait_minutes: float = 0.0
    """how long to wait for another run's Lease; 0 leaves at once with the holder's name"""
    gitops_dir: Path | None = None
    respected: Sequence[str] = RESPECTED_MANAGERS
    """field managers whose fields are left to them"""
    diff: bool = False
    inputs: tuple[ArtifactInput, ...] = ()
    """the documents that were read, for the artifact's header"""
    warnings: tuple[str, ...] = ()
    """found in the documents, to be handed on"""
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class PlatformResult:
    """What came of one call."""

    artifact: ArtifactWritten
    """what stands at `dest` now"""
    findings: tuple[CheckFinding, ...] = ()
    """waivers applied, sorted by id"""
    changed: bool = False
    """whether anything was written to the cluster or the GitOps folder; in check mode, whether it would be"""
    counts: Mapping[str, int] = field(default_factory=dict)
    """of findings by result, and of objects: created, updated, deleted; in check mode those that would be"""
    cluster: str = ""
    """id of the cluster; empty where it is not known"""
    diffs: Mapping[str, tuple[ApiObject, ApiObject]] = field(default_factory=dict)
    """object in words to what it was and what it is or would be; only where `diff` was asked for"""
    folder: FolderFiles | None = None
    """the GitOps folder, where one was asked for"""
    rollbacks: tuple[str, ...] = ()
    """files from which what was written to logins can be taken back"""
    calls: int = 0
    """requests to the cluster, each attempt counted"""
    warnings: tuple[str, ...] = ()
    failure: ReadinessError | None = None
    """what keeps the call from having succeeded although the artifact is there: checks that failed, objects that were refused"""


# ---- from parameters -------------------------------------------------------------------------------------------------


def work(call: ModuleCall, run_platform: Callable[[PlatformRequest], PlatformResult]) -> Outcome:
    """Does what the module's parameters ask for. Raises InputError with every fault of the document and the parameters."""
    request = platform_request(call.params, check=call.check_mode, diff=call.diff_mode)
    if request.problems:
        message = f"The platform cannot be brought to where {VARIABLE} says: {len(request.problems)} problem(s) with the input"
        hint = "Nothing was written. docs/platform.md and docs/schemas/platform_desired.schema.json describe the document."
        raise InputError("platform_document", message, subject=VARIABLE, problems=request.problems, hint=hint)
    return outcome(request, run_platform(request))


def platform_request(params: Mapping[str, Any], *, check: bool, diff: bool) -> PlatformRequest:
    """The parameters as a request; relative paths are taken from `base_dir`. What is wrong with them is handed on, all of it."""
    run_dir, part = Path(params["run_dir"]), params["part"]
    base_dir = Path(params["base_dir"] or ".").absolute()
    directory = RunDirectory(run_dir)
    run = directory.read() if directory.exists() else {}
    today = str(run.get("now", ""))[:10]
    mode = CHECK if check else params["mode"]
    loaded = params["loaded"] or {}
    problems = [Problem(**problem) for problem in loaded.get("problems", ())]
    catalogue = catalogue_from(loaded.get("catalogue", {}))
    # A file that is missing would make faults of what refers to it.
    parsed = parse([SourceText(**source) for source in loaded.get("documents", ())]) if not problems else None
    warnings: list[str] = []
    if parsed is not None:
        problems += _document_problems(parsed, catalogue, today, mode, warnings)
    arguments = ClusterArguments(f"host {params['host']}: cluster", base_dir, params["host"])
    settings = arguments.settings(params["cluster"])
    problems += arguments.problems
    problems += _bad_minutes(params)
    desired = parsed.desired if parsed and parsed.desired else _nothing_desired()
    parts = _parts(part, params["parts"])
    directories = _directories(params, desired, parts, base_dir, problems)
    return PlatformRequest(
        run_dir=run_dir,
        run_id=str(run.get("run_id", "")),
        host=params["host"],
        part=part,
        parts=parts,
        dest=platform_part_path(run_dir, part),
        mode=mode,
        desired=desired,
        catalogue=catalogue,
        today=today,
        rendered={name: from_record(record) for name, record in sorted(loaded.get("rendered", {}).items())},
        settings=settings or ClusterSettings(),
        now=str(run.get("now", "")),
        directories=directories,
        break_glass=_break_glass(desired, settings or ClusterSettings(), base_dir),
        rollback=_rollback(params, base_dir, problems),
        promtool=_promtool(params, base_dir, problems),
        prune=params["prune"],
        wait_minutes=params["wait_minutes"],
        lock_wait_minutes=params["lock_wait_minutes"],
        gitops_dir=base_dir / expanded(params["gitops_dir"]) if params["gitops_dir"] else None,
        respected=RESPECTED_MANAGERS if params["respected_managers"] is None else tuple(params["respected_managers"]),
        diff=diff,
        inputs=desired.sources,
        warnings=(*(parsed.warnings if parsed else ()), *warnings),
        problems=problems,
    )


def _directories(
    params: Mapping[str, Any], desired: PlatformDesired, parts: Sequence[str], base_dir: Path, problems: list[Problem]
) -> Mapping[str, DirectoryAccess]:
    """Who reads each directory; what is wrong with the parameter is added to the problems."""
    if desired.identity is None or "identity" not in parts:
        return {}
    arguments = DirectoryArguments("readiness_directories", base_dir)
    found = arguments.settings(params["directories"], [directory.name for directory in desired.identity.directories])
    problems += arguments.problems
    return found


def _break_glass(desired: PlatformDesired, settings: ClusterSettings, base_dir: Path) -> ClusterSettings | None:
    """The way in that depends on no identity provider: a kubeconfig alone, without anything that the environment adds."""
    if desired.identity is None or not desired.identity.break_glass.kubeconfig:
        return None
    return replace(settings, options={"kubeconfig": str(base_dir / expanded(desired.identity.break_glass.kubeconfig))}, name="break-glass")


def _rollback(params: Mapping[str, Any], base_dir: Path, problems: list[Problem]) -> Rollback | None:
    if not params["rollback"] or params["part"] != "identity":
        return None
    found = read_rollback(base_dir / expanded(params["rollback"]))
    if isinstance(found, Problem):
        problems.append(found)
        return None
    return found


def _promtool(params: Mapping[str, Any], base_dir: Path, problems: list[Problem]) -> str:
    """The program as it is called; one that was named has to be there."""
    if not params["promtool"]:
        return ""
    path = str(base_dir / expanded(params["promtool"]))
    if not is_program(path):
        remedy = "name the program promtool, or leave it out to have it looked for"
        problems.append(Problem(f"promtool: {params['promtool']} is no program", remedy=remedy))
    return path


def _nothing_desired() -> PlatformDesired:
    return PlatformDesired(schema_version=f"{VERSION[0]}.{VERSION[1]}")


def _document_problems(parsed: Parsed, catalogue: Catalogue, today: str, mode: str, warnings: list[str]) -> list[Problem]:
    """What is wrong with the document; a waiver that has expired is no reason not to look at the cluster, and a warning then."""
    if parsed.desired is None:
        return list(parsed.problems)
    problems = semantic_problems(parsed.desired, catalogue, CHECKS_BY_ID, parsed.places)
    expired = expired_waivers(parsed.desired, today, parsed.places) if today else []
    if mode == VERIFY:
        warnings += [problem.text() for problem in expired]
        return problems
    return [*problems, *expired]


def _parts(part: str, wanted: Iterable[str] | None) -> tuple[str, ...]:
    """The parts of a call, in the order in which they run."""
    if part != PREFLIGHT:
        return (part,)
    chosen = tuple(wanted or PARTS)
    return tuple(name for name in PARTS if name in chosen)


def _bad_minutes(params: Mapping[str, Any]) -> Iterator[Problem]:
    for name, least in (("wait_minutes", 0.1), ("lock_wait_minutes", 0.0)):
        if not least <= params[name] <= 24 * 60:
            yield Problem(f"{name} is {params[name]:g}", remedy=f"give minutes, from {least:g} to {24 * 60}")


# ---- to an outcome ---------------------------------------------------------------------------------------------------


def outcome(request: PlatformRequest, result: PlatformResult) -> Outcome:
    """The result as the module returns and records it; the diff shows every object, or file, that changes."""
    folder = result.folder
    return Outcome(
        changed=result.changed,
        result={
            "artifact": result.artifact.path,
            "sha256": result.artifact.sha256,
            "cluster_id": result.cluster,
            "findings": [finding.as_record() for finding in result.findings if finding.failed or finding.action != "none"],
            "gitops": {"path": folder.folder, "sha256": folder.sha256, "count": folder.count} if folder is not None else {},
            "rollbacks": list(result.rollbacks),
            "calls": result.calls,
        },
        counts=result.counts,
        inputs={source.name: source.sha256 for source in request.inputs},
        artifacts={Path(result.artifact.path).name: result.artifact.sha256},
        warnings=(*request.warnings, *result.warnings),
        diff=object_diff(request.host, result.diffs, result.folder) if request.diff else None,
        failure=result.failure,
    )
