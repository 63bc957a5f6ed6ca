# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault corpus on a real API server: what each scenario breaks is found, as what it is, and nothing else is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.result import NamespacesResult

from tests.integration.namespaces_faults.of_people import BOTH
from tests.integration.namespaces_faults.plays import played
from tests.integration.namespaces_faults.stand import Asked, Stand, fault_stand, told
from tests.integration.namespaces_faults.truth import STAGE, Found, Truth, truths

TRUTHS = truths()


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Nothing fails before, and nothing once all is taken back."""
    with fault_stand(tmp_path_factory) as made:
        assert found_by(made.run(Asked())) == found_by(made.run(BOTH)) == {}
        yield made
        assert found_by(made.run(Asked())) == found_by(made.run(BOTH)) == {}


def found_by(result: NamespacesResult) -> dict[Found, int]:
    """What failed, or could not be found out, and how many times."""
    return dict(Counter((each.part, each.check.removeprefix(STAGE), each.state) for each in told(result)))


@pytest.mark.parametrize("truth", TRUTHS.values(), ids=TRUTHS)
def test_what_is_broken_is_found_and_nothing_else(stand: Stand, truth: Truth) -> None:
    with played(stand, truth.parts) as asked:
        result = stand.run(asked)
        assert found_by(result) == truth.expects, [f"{each.id}: {each.state}: {each.message}" for each in told(result)]
        assert all(each.message and each.remedy for each in told(result)), truth.name
    after = stand.run(Asked())
    assert found_by(after) == {}, [f"{each.id}: {each.state}: {each.message}" for each in told(after)]
