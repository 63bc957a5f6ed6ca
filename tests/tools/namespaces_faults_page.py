# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes docs/namespaces_faults.md from the ground truth of the fault corpus: python -m tests.tools.namespaces_faults_page [--check]"""

from __future__ import annotations

import sys
from collections import Counter

from tests.integration.namespaces_faults.truth import HEALTHY, KINDS, STAGE, Truth, truths
from tests.tools.conditions_page import row
from tests.tools.link_tree import CHECKOUT

PAGE = CHECKOUT / "docs" / "namespaces_faults.md"
HEAD = """# What is found of broken namespaces

Each row is one scenario of `tests/integration/test_namespaces_faults.py`, which plays it on a real API server with real controllers and
admission, and takes it back. What has to be found is written down apart, in `tests/integration/namespaces_faults/truth.yml`, from what the
contracts say and what is done; this page is made from that file by `python -m tests.tools.namespaces_faults_page`. A scenario passes only
if just these findings fail or could not be evaluated, critical ones and warnings, and none besides.

`real`: the API server, a controller, admission, a node or an object on them is broken. `played`: so is an object whose controller does not
run in the test. `contract`: a contract, or the day, does not fit a sound cluster. `healthy`: much goes on, and nothing may be found. Checks
are those of [contracts.md](contracts.md), without `namespaces.` before them.
"""


def page() -> str:
    """The page."""
    found = list(truths().values())
    numbers = Counter(each.kind for each in found)
    two = sum(len(each.parts) > 1 for each in found)
    told = ", ".join(f"{numbers[kind]} {kind}" for kind in KINDS)
    head = f"{HEAD}\n{len(found)} scenarios: {told}; {two} of them have two faults at once.\n\n"
    lines = [row("scenario", "what is done", "kind", "what is found"), row("---", "---", "---", "---")]
    lines += [row(f"`{each.name}`", each.does, each.kind, _found(each)) for each in found]
    return head + "\n".join(lines) + "\n"


def _found(truth: Truth) -> str:
    if truth.kind == HEALTHY:
        return "nothing"
    by_check: dict[tuple[str, str], list[str]] = {}
    for (part, check, state), times in truth.expects.items():
        by_check.setdefault((check, state), []).append(f"{part} ({times})" if times > 1 else part)
    return "<br>".join(f"`{check}` {state}: {', '.join(parts)}" for (check, state), parts in by_check.items())


def checks_named() -> set[str]:
    """Every check that some scenario is about, in full."""
    return {f"{STAGE}{check}" for each in truths().values() for _part, check, _state in each.expects}


def main(arguments: list[str]) -> int:
    """Writes the page, or says with --check whether it is current."""
    if "--check" in arguments:
        return int(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
