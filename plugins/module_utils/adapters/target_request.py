# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between the target module and its stage: parameters to a request, result to an outcome."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ..common.calls import ModuleCall, Outcome
from ..common.errors import Problem
from ..estate.scope import not_given
from ..target.model import ABSENT, READ
from .artifacts import trailer_counts
from .cluster_arguments import ClusterArguments, ClusterSettings
from .paths import expanded
from .run_directory import ARTIFACTS, RunDirectory
from .target_stage import PREDICTED, Gist, TargetRequest, TargetResult, run_target

ARTIFACT: Final = "target.jsonl"
LOCAL_HOST: Final = "localhost"


def work(call: ModuleCall) -> Outcome:
    """Reads the target that the module's parameters ask for."""
    request = target_request(call.params, "check" if call.check_mode else "apply")
    before = trailer_counts(request.dest) if call.diff_mode else {}
    return outcome(run_target(request), before)


def target_request(params: Mapping[str, Any], mode: str) -> TargetRequest:
    """The parameters as a request; relative paths are taken from `base_dir`. What is wrong with them is handed on, all of it."""
    run_dir = Path(params["run_dir"])
    base_dir = Path(params["base_dir"] or ".").absolute()
    host = params["host"]
    name = "" if host == LOCAL_HOST else host
    dest = Path(params["dest"] or run_dir / ARTIFACT)
    problems: list[Problem] = []
    settings: ClusterSettings | None = ClusterSettings()
    saved = base_dir / expanded(params["saved"]) if params["saved"] else None
    if saved is not None and params["cluster"]:
        problems.append(Problem("both a cluster and a saved target are given", remedy="give one of them"))
    if saved is None:
        arguments = ClusterArguments(f"host {name}: cluster" if name else "cluster", base_dir, name)
        settings = arguments.settings(params["cluster"])
        problems += arguments.problems
    # In check mode only the run directory may be written.
    predict = mode == "check" and not dest.resolve().is_relative_to(run_dir.resolve())
    directory = RunDirectory(run_dir)
    return TargetRequest(
        dest=dest,
        settings=settings or ClusterSettings(),
        saved=saved,
        expected_cluster="" if not_given(params["expected_cluster"]) else params["expected_cluster"].strip(),
        mode=mode,
        now=str(directory.read().get("now", "")) if directory.exists() else "",
        problems=problems,
        predict_in=run_dir if predict else None,
        plan=run_dir / ARTIFACTS["plan"] if mode == "check" else None,
    )


def outcome(result: TargetResult, before: Mapping[str, int]) -> Outcome:
    """The result as the module returns and records it; the diff shows the artifact's counts.

    Where the target of the run stands, counts, inputs and SHA-256 are its own, and those of what was read now are `predicted`.
    """
    name = result.artifact.name
    cluster = result.gist.cluster
    standing = result.standing
    read_now = _counts(result.kinds, result.gist)
    artifacts = {name: standing.sha256 if standing else result.sha256}
    if standing and result.changed:
        artifacts[PREDICTED] = result.sha256
    return Outcome(
        changed=result.changed,
        result={
            "artifact": str(result.artifact),
            "sha256": artifacts[name],
            "cluster": {key: cluster.get(key, "") for key in ("id", "kubernetes_version", "openshift_version")},
            "lacking": result.gist.lacking(),
            "calls": result.calls,
            **({"predicted": {"counts": read_now}} if standing else {}),
        },
        counts=_counts(standing.kinds, standing.gist) if standing else read_now,
        inputs=standing.inputs if standing else result.inputs,
        artifacts=artifacts,
        warnings=result.warnings,
        diff={
            "before": json.dumps(before, indent=2) + "\n",
            "after": json.dumps(dict(result.kinds), indent=2) + "\n",
            "before_header": name,
            "after_header": name,
        },
    )


_COUNTED: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "nodes": ("node", ("nodes",)),
    "storage_classes": ("storage_class", ("storageclasses.storage.k8s.io",)),
    "network_attachments": ("network_attachment", ("network-attachment-definitions.k8s.cni.cncf.io",)),
    "user_networks": ("user_network", ("userdefinednetworks.k8s.ovn.org", "clusteruserdefinednetworks.k8s.ovn.org")),
    "namespaces": ("namespace", ("namespaces",)),
    "virtual_machines": ("virtual_machine", ("virtualmachines.kubevirt.io",)),
    "providers": ("provider", ("providers.forklift.konveyor.io",)),
    "migration_plans": ("migration_plan", ("plans.forklift.konveyor.io",)),
}
"""Figure to the kind that it counts, and the resources that make it known."""


def _counts(kinds: Mapping[str, int], gist: Gist) -> dict[str, int]:
    """How many there are of what people ask for first, and of the resources; what is not known is left out."""
    known = {reading["id"] for reading in gist.readings if reading.get("state") in (READ, ABSENT)}
    figures = {word: kinds.get(kind, 0) for word, (kind, resources) in _COUNTED.items() if known.issuperset(resources)}
    return {**figures, **gist.states()}
