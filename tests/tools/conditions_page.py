# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/conditions.md from the catalogue of the preflight. Usage: python -m tests.tools.conditions_page [--check]"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from tests.tools.rules_page import CHECKOUT, catalogue_data, kept

PAGE = CHECKOUT / "docs" / "conditions.md"
PACKAGE = "ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions"

INTRODUCTION = """\
# Conditions of the preflight

Before anything is created, the preflight asks {total} conditions about what is to be created: {toolkit} of the migration toolkit's own
controller and webhooks, and {own} that the controller passes over in silence. It judges the manifests against the estate and a
snapshot of the target, reads no secret and writes nothing. This page is made from the collection's own catalogue
(`plugins/module_utils/plan/conditions/`) by `tests/tools/conditions_page.py`.

- **Answers** are pass, fail, not evaluated and not applicable. A fact that is missing is never a pass. What fails has the object, what
  was found, what should be and the way out; what is not evaluated says which fact is missing.
- **Categories** are the controller's: Critical and Error keep a plan from being ready, Warn and Advisory do not.
- **Names** are those of the controller where it has one. An ending (`SecretNotValid.host`) tells apart what shares a name,
  `Run.` is what fails when the migration runs, `Webhook.` what an admission webhook refuses, `own.` what nobody else asks.
- **A plan** is refused when something Critical or Error fails, open when nothing does and something of that weight was not evaluated,
  else accepted. What only the cluster can tell once the objects exist does not leave a plan open; it is listed as such.
- **Sources** are files of Forklift at commit `{commit}` unless they say otherwise.
"""

ABOUT: Mapping[str, str] = {
    "Provider": "providers, to be made or on the target",
    "Host": "Hosts to be made",
    "Hook": "Hooks to be made",
    "NetworkMap": "network maps",
    "StorageMap": "storage maps",
    "Plan": "plans",
    "VM": "VMs of plans",
    "Migration": "Migrations",
    "object": "every manifest",
}
"""Scope to its heading, in the order of judging."""


def catalogue() -> Any:
    """The module of the catalogue, as this checkout has it."""
    catalogue_data()
    return importlib.import_module(f"{PACKAGE}.catalogue")


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def scope_lines(scope: str, conditions: list[Any]) -> Iterator[str]:
    """The table of the conditions whose first scope it is."""
    yield from (f"## About {ABOUT[scope]}", "", row("condition", "category", "origin", "fails when", "facts needed", "source"))
    yield "|---|---|---|---|---|---|"
    for condition in conditions:
        also = [f"`{other}`" for other in condition.scopes if other != scope]
        title = condition.title + (f" (asked of {', '.join(also)} as well)" if also else "")
        yield row(f"`{condition.id}`", condition.category, condition.origin, title, condition.needs, condition.source)
    yield ""


def later_lines(conditions: list[Any]) -> Iterator[str]:
    """What nothing can answer beforehand, and why."""
    yield from ("## What only the cluster can tell", "", row("condition", "why"), "|---|---|")
    for condition in conditions:
        yield row(f"`{condition.id}`", condition.never_evaluated)


def page() -> str:
    """The whole page."""
    module = catalogue()
    conditions = list(module.CONDITIONS.values())
    own = sum(condition.origin == "own" for condition in conditions)
    counts = {"total": len(conditions), "own": own, "toolkit": len(conditions) - own, "commit": module.COMMIT}
    lines = [INTRODUCTION.format(**counts)]
    for scope in ABOUT:
        lines += scope_lines(scope, [condition for condition in conditions if condition.scopes[0] == scope])
    lines += later_lines([condition for condition in conditions if condition.never_evaluated])
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> int:
    """Writes the page, or with --check says whether it is current."""
    return kept(PAGE, page(), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
