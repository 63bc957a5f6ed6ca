# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that are suggested for groups that are not there: of thousands of names a few are compared letter by letter."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import GroupWanted, Identity
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity import groups as groups_module
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.groups import NEIGHBOURS, group_findings, likeliest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.provenance import GROUPS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot
from hypothesis import given
from hypothesis import strategies as st

MANY = [f"ai-team-{number:04}-members" for number in range(1000)]


def suggested(name: str, names: Sequence[str]) -> str:
    items = tuple({"metadata": {"name": each}, "users": []} for each in names)
    wanted = Identity(groups=(GroupWanted(name=name),))
    found = group_findings(wanted, PlatformSnapshot({GROUPS: Listed("read", items)}, {}), {}, "2026-11-22T00:00:00Z")
    return next(finding.message for finding in found if finding.subject == f"group {name}")


def test_few_of_many_names_are_compared_for_each_group_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def counted(name: str, names: Sequence[str], count: int) -> list[str]:
        compared.append(len(names))
        return []

    monkeypatch.setattr(groups_module, "get_close_matches", counted)
    for number in range(5):
        suggested(f"ml-group-{number}", MANY)
    assert len(compared) == 5
    assert max(compared) <= 4 * NEIGHBOURS


@pytest.mark.parametrize("name", ["ai-team-0417-member", "ai-taem-0417-members", "i-team-0417-members", "ai-team-0417members"])
def test_name_with_a_slip_leads_to_the_one_that_is_meant_among_many(name: str) -> None:
    assert "did you mean ai-team-0417-members?" in suggested(name, MANY)


@given(st.text("abc-", min_size=1, max_size=8), st.lists(st.text("abc-", min_size=1, max_size=8), max_size=80, unique=True))
def test_likeliest_are_some_of_the_names_and_all_where_there_are_few(name: str, names: list[str]) -> None:
    found = likeliest(name, names)
    assert found == sorted(set(found) & set(names))
    assert len(found) >= min(len(names), NEIGHBOURS)
    assert name in found or name not in names
