# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentence at the top: it never counts a provisional VM as ready, and says first what is incomplete."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report.headline import HeadlineFigures, headline, listed
from ansible_collections.groundwork.readiness.plugins.module_utils.report.view import CauseView, StageView, VerdictCount


def counts(
    blocked: tuple[int, int] = (0, 0), none: tuple[int, int] = (0, 0), work: tuple[int, int] = (0, 0), ready: tuple[int, int] = (0, 0)
) -> tuple[VerdictCount, ...]:
    """Verdicts as (settled, provisional)."""
    return tuple(
        VerdictCount(name, *pair)
        for name, pair in (("blocked", blocked), ("not_evaluated", none), ("ready_with_work", work), ("ready", ready))
    )


def refusal(privilege: str, vms: int) -> CauseView:
    """A refusal for which that many verdicts are provisional."""
    return CauseView("no permission", privilege, True, (), (), {}, (), vms, vms, vms)


FAILED = StageView("estate", "vc-south", "failed", "it cannot be reached")


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        (
            HeadlineFigures(verdicts=counts((20, 11), (0, 0), (40, 80), (23, 38)), by_vcenter=129),
            (
                "23 of 212 VMs are ready, 38 more look ready so far, 120 need work first and 31 are blocked; "
                "129 verdicts are provisional until their vCenter is read live."
            ),
        ),
        (HeadlineFigures(verdicts=counts(ready=(1, 0))), "1 of 1 VM is ready."),
        (
            HeadlineFigures(verdicts=counts((1, 0), (1, 0), (1, 0), (0, 1)), by_vcenter=1, vcenters=("vc.example.com",)),
            (
                "0 of 4 VMs are ready, 1 more looks ready so far, 1 needs work first, 1 is blocked and 1 lacks the facts for a verdict; "
                "1 verdict is provisional until vCenter vc.example.com is read live."
            ),
        ),
        (
            HeadlineFigures(verdicts=counts(ready=(0, 9)), by_vcenter=9, vcenters=("", "a", "b")),
            ("0 of 9 VMs are ready and 9 more look ready so far; 9 verdicts are provisional until their 3 vCenters are read live."),
        ),
        (
            HeadlineFigures(verdicts=counts(ready=(2, 9)), by_vcenter=5),
            ("2 of 11 VMs are ready and 9 more look ready so far; 9 verdicts are provisional, 5 of them until their vCenter is read live."),
        ),
        (
            HeadlineFigures(verdicts=counts(ready=(2, 2))),
            "2 of 4 VMs are ready and 2 more look ready so far; 2 verdicts are provisional until the facts that are missing are known.",
        ),
        (
            HeadlineFigures(verdicts=counts(ready=(2, 9)), by_vcenter=2, cause=refusal("System.Read", 9)),
            "2 of 11 VMs are ready and 9 more look ready so far; 9 verdicts are provisional because privilege System.Read is missing.",
        ),
        (
            HeadlineFigures(verdicts=counts(ready=(2, 9)), by_vcenter=2, cause=refusal("System.Read", 5)),
            (
                "2 of 11 VMs are ready and 9 more look ready so far; "
                "9 verdicts are provisional, 5 of them because privilege System.Read is missing."
            ),
        ),
        (
            HeadlineFigures(verdicts=counts(ready=(2, 9)), by_vcenter=6, cause=refusal("System.Read", 5)),
            ("2 of 11 VMs are ready and 9 more look ready so far; 9 verdicts are provisional, 6 of them until their vCenter is read live."),
        ),
        (
            HeadlineFigures(verdicts=counts(ready=(2, 9)), cause=refusal("", 9)),
            (
                "2 of 11 VMs are ready and 9 more look ready so far; "
                "9 verdicts are provisional because the reader's account may not read what they rest on."
            ),
        ),
        (
            HeadlineFigures(verdicts=counts(ready=(2, 9)), cause=refusal("System.Read", 2)),
            "2 of 11 VMs are ready and 9 more look ready so far; 9 verdicts are provisional until the facts that are missing are known.",
        ),
        (
            HeadlineFigures(verdicts=counts(ready=(3, 0)), invisible=("vc-a", "vc-b")),
            "VMs of vc-a and vc-b may be invisible to the reader's account: 3 of 3 VMs are ready.",
        ),
        (
            HeadlineFigures(stages=(FAILED,), failed=True, verdicts=counts(ready=(3, 0)), invisible=("vc-a",)),
            ("Incomplete, because estate on vc-south failed; VMs of vc-a may be invisible to the reader's account: 3 of 3 VMs are ready."),
        ),
        (
            HeadlineFigures(verdicts=counts(), estate_vm_count=0, invisible=("vc-a",)),
            "VMs of vc-a may be invisible to the reader's account: the estate holds no VM.",
        ),
        (HeadlineFigures(verdicts=counts(ready=(12345, 0))), "12,345 of 12,345 VMs are ready."),
        (HeadlineFigures(verdicts=counts(), estate_vm_count=0), "The estate holds no VM."),
        (HeadlineFigures(verdicts=counts(), estate_vm_count=1), "The only VM of the estate is out of scope, so there is nothing to judge."),
        (HeadlineFigures(verdicts=counts(), estate_vm_count=7), "All 7 VMs of the estate are out of scope, so there is nothing to judge."),
        (HeadlineFigures(verdicts=counts()), "No VM was assessed."),
        (HeadlineFigures(), "There is no verdict: no estate was read and nothing was assessed."),
        (HeadlineFigures(stages=(FAILED,), failed=True), "There is no verdict, because estate on vc-south failed."),
        (
            HeadlineFigures(stages=(FAILED,), failed=True, estate_vm_count=1),
            "There is no verdict: 1 VM was read, but not assessed, because estate on vc-south failed.",
        ),
        (
            HeadlineFigures(stages=(FAILED,), failed=True, verdicts=counts(ready=(3, 0))),
            "Incomplete, because estate on vc-south failed: 3 of 3 VMs are ready.",
        ),
        (
            HeadlineFigures(stages=(FAILED,), failed=True, verdicts=counts(), estate_vm_count=0),
            "Incomplete, because estate on vc-south failed: the estate holds no VM.",
        ),
        (
            HeadlineFigures(stages=(StageView("assessment", "localhost", "stale"),), failed=True, verdicts=counts(ready=(1, 0))),
            "Out of date, because the input of assessment has changed since: 1 of 1 VM is ready.",
        ),
    ],
)
def test_headline_says_what_was_found_and_no_more(figures: HeadlineFigures, sentence: str) -> None:
    assert headline(figures) == sentence


def test_report_that_was_not_made_as_asked_does_not_make_its_figures_incomplete() -> None:
    stages = (StageView("report", "localhost", "failed", "not as asked"),)
    assert headline(HeadlineFigures(stages=stages, verdicts=counts(ready=(1, 0)))) == "1 of 1 VM is ready."


def test_many_failed_hosts_are_summed_up() -> None:
    stages = tuple(StageView("estate", f"vc-{number}", "failed") for number in range(5))
    assert (
        headline(HeadlineFigures(stages=stages, failed=True))
        == "There is no verdict, because estate on vc-0, estate on vc-1 and 3 more failed."
    )


@pytest.mark.parametrize(("parts", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_parts_are_listed_as_in_a_sentence(parts: list[str], text: str) -> None:
    assert listed(parts) == text
