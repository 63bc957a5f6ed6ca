# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of random estates before the separate verifier, and the verifier before plans that were tampered with.

`python -m tests.tools.verify_plan --cases 10000 --jobs 2` does the same for as many as one likes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import lru_cache

import pytest

from tests.tools.plan_verifier.checks import violations_of
from tests.tools.plan_verifier.evidence import Record
from tests.tools.plan_verifier.judge import Effort
from tests.tools.plan_verifier.planning import Planned, evidence_of, plan_of
from tests.tools.random_estates import Case, random_case
from tests.tools.verify_plan import judge_many, summary

CASES = 300
EFFORT = Effort(files_every=15, lift_every=2, small_every=3)
LOTS = 6


@pytest.mark.parametrize("lot", range(LOTS))
def test_random_estates_are_planned_without_a_violation_and_lifting_what_is_named_places(lot: int) -> None:
    size = CASES // LOTS
    tally = judge_many(range(lot * size, (lot + 1) * size), EFFORT)
    print(*summary(tally), sep="\n")
    assert not tally.failures
    assert tally.counts["VMs placed when lifted"] == tally.counts["VMs lifted"] > 0
    assert tally.counts["small schedules"] > 0 < tally.counts["small fits that are feasible"] < tally.counts["small fits"]


# ---- the verifier itself ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _sound() -> tuple[Case, Planned]:
    """A case with several waves, nodes and Plans, without a violation."""
    for seed in range(1000):
        case = random_case(seed)
        planned = plan_of(case)
        waves = [record for record in planned.records if record["kind"] == "wave"]
        states = {record["state"] for record in planned.records if record["kind"] == "vm"}
        if len(waves) > 2 and planned.manifests and {"unplaced", "blocked"} <= states and case.kind("node"):
            return case, planned
    raise AssertionError("no random case has several waves")


def _vms(planned: Planned, state: str) -> list[Record]:
    return [record for record in planned.records if record["kind"] == "vm" and record["state"] == state]


def _plan(planned: Planned) -> Record:
    return next(one for one in planned.manifests if one["kind"] == "Plan")


def _first(planned: Planned, kind: str) -> Record:
    return next(record for record in planned.records if record["kind"] == kind)


def _last_wave_first(planned: Planned) -> None:
    waves = [record for record in planned.records if record["kind"] == "wave"]
    waves[0]["start"], waves[-1]["start"] = waves[-1]["start"], waves[0]["start"]


def _place_blocked(planned: Planned) -> None:
    vm = _vms(planned, "blocked")[0]
    vm.update(state="placed", wave=1, method="cold", risk="low")


TAMPERED: dict[str, Callable[[Planned], object]] = {
    "a VM is missing": lambda planned: planned.records.remove(_vms(planned, "placed")[0]),
    "an unplaced VM names nothing": lambda planned: _vms(planned, "unplaced")[0].update(blocked_by=[]),
    "a constraint has no remedy": lambda planned: _vms(planned, "unplaced")[0]["blocked_by"][0].update(remedy=""),
    "a placed VM has no wave": lambda planned: _vms(planned, "placed")[0].pop("wave"),
    "a VM is in another wave": lambda planned: _vms(planned, "placed")[0].update(wave=_vms(planned, "placed")[0]["wave"] % 3 + 1),
    "a blocked VM is placed": _place_blocked,
    "waves are out of order": _last_wave_first,
    "a VM has no node": lambda planned: _vms(planned, "placed")[0].pop("node"),
    "a VM requests less": lambda planned: _vms(planned, "placed")[0].update(cpu_millicores=1),
    "a VM has a node that there is not": lambda planned: _vms(planned, "placed")[0].update(node="worker-99"),
    "a VM has another risk": lambda planned: _vms(planned, "placed")[0].update(risk_points=99),
    "a VM takes less time": lambda planned: _vms(planned, "placed")[0].update(elapsed_p90_minutes=1.0),
    "a VM goes to another namespace": lambda planned: _vms(planned, "placed")[0].update(namespace="elsewhere"),
    "two VMs have one name": lambda planned: [vm.update(target_name="same", namespace="vms") for vm in _vms(planned, "placed")[:2]],
    "a node holds another VM": lambda planned: _first(planned, "node").update(vm_count=99),
    "the fit counts VMs without a wave": lambda planned: _first(planned, "fit").update(fitting=99),
    "the fit is silent of what nobody knows": lambda planned: _first(planned, "fit").update(not_evaluated=[]),
    "a Plan is missing": lambda planned: planned.manifests.remove(_plan(planned)),
    "a Plan lacks a VM": lambda planned: _plan(planned)["spec"]["vms"].pop(),
    "a Plan is of another type": lambda planned: _plan(planned)["spec"].update(type="live"),
    "a Plan has a VM twice": lambda planned: _plan(planned)["spec"]["vms"].append(_plan(planned)["spec"]["vms"][0]),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_plan_that_was_tampered_with_is_found_out(what: str) -> None:
    case, planned = _sound()
    assert not violations_of(evidence_of(case, planned))
    tampered = Planned(copy.deepcopy(planned.records), copy.deepcopy(planned.manifests))
    TAMPERED[what](tampered)
    assert violations_of(evidence_of(case, tampered))


@pytest.mark.parametrize(
    ("limits", "check"), [({"vms": 1}, "limit.vms"), ({"tib": 0.000001}, "limit.bytes"), ({"waves": 1}, "limit.waves")]
)
def test_a_plan_that_breaks_a_limit_is_found_out(limits: Record, check: str) -> None:
    case, planned = _sound()
    evidence = evidence_of(case, planned)
    evidence.settings = {**case.settings, "limits": limits}
    assert check in {violation.check for violation in violations_of(evidence)}
