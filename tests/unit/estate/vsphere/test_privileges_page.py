# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about privileges is made from the table and always current."""

from __future__ import annotations

import re

from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.privileges import CALLS, PRIVILEGES, property_rows

from tests.tools.privileges_page import PAGE, page


def test_page_of_privileges_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.tools.privileges_page"


def test_page_has_a_row_with_a_source_for_every_property_and_call() -> None:
    rows = [line.strip("| ").split(" | ") for line in page().splitlines() if line.startswith("| `")]
    first = [cells[0].partition(" (")[0].strip("`") for cells in rows]
    names = [f"{entry.type}.{entry.path}" for entry in property_rows()] + [call.call for call in CALLS]
    assert sorted(name for name in first if name in names) == sorted(names)
    assert [cells for cells in rows if not cells[-1].strip()] == []


def test_commands_on_the_page_make_the_role_of_the_table() -> None:
    named = [entry.id for entry in PRIVILEGES if not entry.system]
    made = re.search(r"govc role\.create \S+ (.+)", page())
    listed = re.search(r"Get-VIPrivilege -Id ([^)]+)", page())
    assert made is not None and made.group(1).split() == named
    assert listed is not None and listed.group(1).split(", ") == named
