# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the namespaces stage is asked, and what it answers; between them and the module its parameters and its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...common.artifact import ArtifactInput
from ...common.calls import ModuleCall, Outcome
from ...common.errors import InputError, Problem
from ...common.owned_fields import RESPECTED_MANAGERS
from ...namespaces.catalogue_of_checks import CHECKS_BY_ID as CHECKS
from ...namespaces.contract.reading import VARIABLE, Contracts, Placed, read_contracts
from ...namespaces.contract.rules import Known, contract_problems, expired_waivers
from ...platform.accelerators.classes import classes_of
from ...platform.catalogue import Catalogue
from ...platform.desired.identity import Persona
from ...platform.desired.model import PlatformDesired
from ...platform.desired.parse import VERSION, SourceText, parse
from ...platform.identity.personas import NAMESPACE, personas_of
from ...platform.shipped import catalogue_from
from ..cluster_arguments import ClusterArguments, ClusterSettings
from ..object_diff import object_diff
from ..paths import expanded
from ..run_directory import ARTIFACTS, RunDirectory
from .result import CHECK, STAGE, VERIFY, NamespacesResult

AUTO, ALWAYS, NEVER = "auto", "always", "never"


@dataclass(frozen=True, slots=True)
class NamespacesRequest:
    """One call of the stage, for all contracts of a run on one cluster.

    With `problems` nothing is read of the cluster and nothing is written: `work` raises them, all of them. The modes verify and check
    write to nothing but `dest`. With `gitops_dir` no object is written to the cluster either.
    """

    run_dir: Path
    run_id: str
    host: str
    """inventory name of the cluster"""
    dest: Path
    """artifact of this call: records of schema namespaces"""
    mode: str
    placed: tuple[Placed, ...]
    """the contracts, each with its place"""
    platform: PlatformDesired
    """the platform's document, which may bring classes of accelerators and personas; an empty one where none was given"""
    catalogue: Catalogue
    today: str
    """day of the run's present, as YYYY-MM-DD in UTC"""
    settings: ClusterSettings = field(default_factory=ClusterSettings)
    target: Path | None = None
    """a saved target that contracts are held against in place of a cluster; only in mode verify"""
    prune: bool = False
    """removes what was applied and no contract asks for any more; namespaces, and what data hangs on, are kept"""
    remove_extra: bool = False
    """removes guarded objects that no contract declares"""
    access_proof: str = AUTO
    """auto: what tenants may do is asked for after a run that wrote anything, and in mode verify; always; never"""
    proof_of_life: str = NEVER
    """always: in mode apply a Job is run as a tenant of each contract; never"""
    probe_image: str = ""
    """image of these Jobs, with a shell in it"""
    wait_minutes: float = 5.0
    """longest wait until a namespace is gone that is deleted"""
    lock_wait_minutes: float = 0.0
    gitops_dir: Path | None = None
    respected: Sequence[str] = RESPECTED_MANAGERS
    """field managers whose fields are left to them"""
    diff: bool = False
    inputs: tuple[ArtifactInput, ...] = ()
    warnings: tuple[str, ...] = ()
    problems: Sequence[Problem] = ()

    @property
    def personas(self) -> Mapping[str, Persona]:
        """All personas by name: shipped ones, and those of the platform's document."""
        return all_personas(self.platform, self.catalogue)


# ---- from parameters -------------------------------------------------------------------------------------------------


def work(call: ModuleCall, run_namespaces: Callable[[NamespacesRequest], NamespacesResult]) -> Outcome:
    """Does what the module's parameters ask for. Raises InputError with every fault of contracts, document and parameters."""
    request = namespaces_request(call.params, check=call.check_mode, diff=call.diff_mode)
    if request.problems:
        message = f"The contracts cannot be kept as they stand: {len(request.problems)} problem(s) with the input"
        hint = "Nothing was written. docs/contracts.md and docs/schemas/contract.schema.json describe a contract."
        raise InputError("namespaces_contracts", message, subject=VARIABLE, problems=request.problems, hint=hint)
    return outcome(request, run_namespaces(request))


def namespaces_request(params: Mapping[str, Any], *, check: bool, diff: bool) -> NamespacesRequest:
    """The parameters as a request; relative paths are taken from `base_dir`. What is wrong with them is handed on, all of it."""
    run_dir = Path(params["run_dir"])
    base_dir = Path(params["base_dir"] or ".").absolute()
    run = RunDirectory(run_dir).read()
    mode = VERIFY if params["target"] else CHECK if check else params["mode"]
    loaded = params["loaded"] or {}
    problems = [Problem(**problem) for problem in loaded.get("problems", ())]
    catalogue = catalogue_from(loaded.get("catalogue", {}))
    platform = _platform(loaded, problems)
    sources = [SourceText(**source) for source in loaded.get("sources", ())]
    # A file that is missing would make faults of contracts that lean on it.
    contracts = read_contracts(sources) if not problems else Contracts()
    problems += contracts.problems
    problems += contract_problems(contracts.placed, known(platform, catalogue))
    today = str(run["now"])[:10]
    expired = expired_waivers(contracts.placed, today)
    warnings = [*contracts.warnings, *([problem.text() for problem in expired] if mode == VERIFY else ())]
    problems += [] if mode == VERIFY else expired
    arguments = ClusterArguments(f"host {params['host']}: cluster", base_dir, params["host"])
    target = base_dir / expanded(params["target"]) if params["target"] else None
    settings = arguments.settings(params["cluster"]) if target is None else None
    problems += arguments.problems
    if target is not None and params["cluster"]:
        problems.append(Problem("both a cluster and a saved target are given", remedy="give one of them"))
    problems += [*_bad_minutes(params), *_bad_proof(params)]
    return NamespacesRequest(
        run_dir=run_dir,
        run_id=str(run["run_id"]),
        host=params["host"],
        dest=run_dir / ARTIFACTS[STAGE],
        mode=mode,
        placed=contracts.placed,
        platform=platform,
        catalogue=catalogue,
        today=today,
        settings=settings or ClusterSettings(),
        target=target,
        prune=params["prune"],
        remove_extra=params["remove_extra"],
        access_proof=params["access_proof"],
        proof_of_life=params["proof_of_life"],
        probe_image=params["probe_image"],
        wait_minutes=params["wait_minutes"],
        lock_wait_minutes=params["lock_wait_minutes"],
        gitops_dir=base_dir / expanded(params["gitops_dir"]) if params["gitops_dir"] else None,
        respected=RESPECTED_MANAGERS if params["respected_managers"] is None else tuple(params["respected_managers"]),
        diff=diff,
        inputs=tuple(ArtifactInput(source.name, source.sha256) for source in sources) + platform.sources,
        warnings=tuple(warnings),
        problems=problems,
    )


def known(platform: PlatformDesired, catalogue: Catalogue) -> Known:
    """Names that contracts may use beside this document of the platform."""
    personas = all_personas(platform, catalogue)
    return Known(
        [name for name, persona in personas.items() if persona.scope == NAMESPACE],
        [name for name, persona in personas.items() if persona.scope != NAMESPACE],
        sorted(classes_of(platform, catalogue)),
        list(CHECKS),
    )


def all_personas(platform: PlatformDesired, catalogue: Catalogue) -> Mapping[str, Persona]:
    """Personas by name."""
    return personas_of(platform.identity.personas if platform.identity else {}, catalogue.personas)


def _platform(loaded: Mapping[str, Any], problems: list[Problem]) -> PlatformDesired:
    """The platform's document; an empty one where there is none, or where it cannot be read, which is added to the problems.

    What it cannot mean is for the playbook of the platform to say: here it gives classes of accelerators and personas.
    """
    nothing = PlatformDesired(schema_version=f"{VERSION[0]}.{VERSION[1]}")
    documents = [SourceText(**source) for source in loaded.get("documents", ())]
    if problems or not documents:
        return nothing
    parsed = parse(documents)
    problems += parsed.problems
    if parsed.desired is None:
        return nothing
    return parsed.desired


def _bad_minutes(params: Mapping[str, Any]) -> Iterator[Problem]:
    for name in ("wait_minutes", "lock_wait_minutes"):
        if not 0 <= params[name] <= 24 * 60:
            yield Problem(f"{name} is {params[name]:g}", remedy=f"give minutes, from 0 to {24 * 60}")


def _bad_proof(params: Mapping[str, Any]) -> Iterator[Problem]:
    if params["proof_of_life"] == ALWAYS and not params["probe_image"].strip():
        remedy = "give probe_image: an image with a shell, from a registry that the contracts allow"
        yield Problem("proof_of_life runs Jobs, and no image is given for them", remedy=remedy)


# ---- to an outcome ---------------------------------------------------------------------------------------------------


def outcome(request: NamespacesRequest, result: NamespacesResult) -> Outcome:
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
            "calls": result.calls,
        },
        counts=result.counts,
        inputs={source.name: source.sha256 for source in request.inputs},
        artifacts={Path(result.artifact.path).name: result.artifact.sha256},
        warnings=(*request.warnings, *result.warnings),
        diff=object_diff(request.host, result.diffs, result.folder) if request.diff else None,
        failure=result.failure,
    )
