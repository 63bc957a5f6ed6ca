# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only place that ends a module: results to `exit_json`, failures to `fail_json`, stages into run.json."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .adapters._libraries import LIBRARY_ERRORS, PACKAGES, is_missing
from .adapters.estate_arguments import environment_secrets, secrets
from .adapters.garbage import leave_garbage
from .adapters.run_directory import RunDirectory, StageRecord
from .common.calls import ModuleCall, Outcome
from .common.errors import ReadinessError


class StageModule(AnsibleModule):
    """A module whose untyped parameters may hold passwords, which Ansible cannot know of.

    They are noted as values not to be shown before the parameters are even checked: no error, result or log has them.
    """

    def _load_params(self) -> None:
        super()._load_params()
        self.no_log_values.update(environment_secrets())
        if "cluster" in self.argument_spec:
            self.no_log_values.update(_secrets_of_cluster(self.params.get("cluster")))
        if "directories" in self.argument_spec:
            self.no_log_values.update(_secrets_of_directories(self.params.get("directories")))
        self.no_log_values.update(secrets({name: value for name, value in self.params.items() if self._may_hold_secrets(name)}))

    def _may_hold_secrets(self, name: str) -> bool:
        """False for Ansible's own parameters, and for typed mappings, which are the collection's own: the rule catalogue."""
        return not name.startswith("_ansible_") and self.argument_spec.get(name, {}).get("type") != "dict"


def _secrets_of_cluster(cluster: object) -> set[str]:
    """Every secret in the parameter `cluster` and in its environment."""
    # Imported where a module reaches a cluster: Python compiles a module anew for each task that imports it.
    from .adapters.cluster_arguments import cluster_environment_secrets, cluster_secrets

    return {*cluster_environment_secrets(), *cluster_secrets(cluster)}


def _secrets_of_directories(directories: object) -> set[str]:
    """Every secret in the parameter `directories`, and what may be one under a key that is not known."""
    # Imported where a module reads directories, as above.
    from .adapters.directory.access import directory_secrets

    return set(directory_secrets(directories))


def error_record(error: ReadinessError) -> dict[str, Any]:
    """The error as data, for results and run.json."""
    record: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.subject:
        record["subject"] = error.subject
    if error.hint:
        record["hint"] = error.hint
    if error.problems:
        record["problems"] = [problem.as_dict() for problem in error.problems]
    return record


def require_libraries(module: AnsibleModule, *names: str) -> None:
    """Ends the module with Ansible's own message when a library is not installed."""
    for name in names:
        if is_missing(name):
            module.fail_json(msg=missing_required_lib(PACKAGES[name]), exception=LIBRARY_ERRORS[name])


def _call(module: AnsibleModule) -> ModuleCall:
    return ModuleCall(module.params, module.check_mode, module._diff)


def run(module: AnsibleModule, work: Callable[[ModuleCall], Outcome]) -> None:
    """Does a module's work and ends it."""
    try:
        outcome = work(_call(module))
    except ReadinessError as error:
        module.fail_json(msg=error.text(), error=error_record(error))
    else:
        _exit(module, outcome)


def run_stage(
    module: AnsibleModule, stage: str, work: Callable[[ModuleCall], Outcome], libraries: tuple[str, ...] = ("orjson",), place: str = ""
) -> None:
    """Does a stage's work, notes in run.json how it went, and ends the module. `place` beats the parameter `host` in the record."""
    require_libraries(module, *libraries)
    directory = RunDirectory(Path(module.params["run_dir"]))
    host = place or module.params["host"]
    started = time.monotonic()
    try:
        directory.read()
        outcome = work(_call(module))
        seconds = round(time.monotonic() - started, 3)
        directory.record(_stage_record(stage, host, seconds, outcome))
    except ReadinessError as error:
        seconds = round(time.monotonic() - started, 3)
        record_failure(directory, StageRecord(stage, host, "failed", seconds, error=error_record(error)))
        module.fail_json(msg=error.text(), error=error_record(error))
    else:
        _exit(module, outcome, seconds=seconds)


def _stage_record(stage: str, host: str, seconds: float, outcome: Outcome) -> StageRecord:
    failure = outcome.failure
    state, error = ("failed", error_record(failure)) if failure else ("ran", None)
    return StageRecord(stage, host, state, seconds, outcome.counts, outcome.inputs, outcome.artifacts, error)


def record_failure(directory: RunDirectory, failure: StageRecord) -> None:
    """Notes a failure; that the note itself cannot be written must not hide the failure."""
    try:
        directory.record(failure)
    except (ReadinessError, OSError):
        return


def _exit(module: AnsibleModule, outcome: Outcome, **extra: Any) -> None:
    for warning in outcome.warnings:
        module.warn(warning)
    result: dict[str, Any] = {"changed": outcome.changed, **outcome.result, **extra}
    if outcome.counts:
        result["counts"] = dict(outcome.counts)
    if module._diff and outcome.diff is not None:
        result["diff"] = dict(outcome.diff)
    if outcome.failure:
        module.fail_json(msg=outcome.failure.text(), error=error_record(outcome.failure), **result)
    leave_garbage()
    module.exit_json(**result)
