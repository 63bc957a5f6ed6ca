# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped examples can be planned, and what is found about them is in the catalogue of checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import FAIL
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue_of_checks import CHECKS_BY_ID
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import PARTS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Context, PartPlan
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.planning import plan_platform, with_fleet
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import snapshot_of

from tests.unit.platform.desired.documents import EXAMPLES, example, parsed, shipped

NO_OLM = "platform.operators.olm"


def planned(name: str) -> PartPlan:
    """What an example asks of a cluster of which nothing is known."""
    desired = parsed(example(name)).desired
    assert desired is not None
    return plan_platform(with_fleet(Context(desired, snapshot_of([]), shipped(), "2027-01-04")), PARTS)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_planned_and_nothing_of_it_fails_but_the_cluster_that_is_not_there(path: Path) -> None:
    plan = planned(path.stem)
    assert plan.objects
    assert {finding.check for finding in plan.findings} <= set(CHECKS_BY_ID)
    # Who is a cluster-admin is not known either, and logins are not changed then.
    expected = {NO_OLM} | ({"platform.identity.lockout.guard", "platform.identity.sync.crd"} if path.stem == "large" else set())
    assert {finding.check for finding in plan.findings if finding.result == FAIL} == expected


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_asks_for_the_same_whenever_it_is_planned(path: Path) -> None:
    assert planned(path.stem) == planned(path.stem)


def test_larger_example_asks_for_more() -> None:
    sizes = [len(planned(name).objects) for name in ("small", "medium", "large")]
    assert sizes == sorted(set(sizes))
