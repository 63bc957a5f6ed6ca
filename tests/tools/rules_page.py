# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/rules.md from the rule catalogue. Usage: python -m tests.tools.rules_page [--check]"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.tools.link_tree import make_link_tree

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "rules.md"
CATEGORIES = ("critical", "warning", "information")
MEANINGS = {
    "critical": "A VM that fails one is blocked.",
    "warning": "A VM that fails one is ready with work.",
    "information": "Something to know; the verdict stays.",
}
WORDS = {
    "is": "is",
    "is_not": "is not",
    "in": "is one of",
    "contains_any": "contains one of",
    "matches": "as a whole matches",
    "empty": "is empty",
    "lt": "is less than",
    "le": "is at most",
    "gt": "is more than",
    "ge": "is at least",
    "count_lt": "has fewer entries than",
    "count_le": "has at most as many entries as",
    "count_gt": "has more entries than",
    "count_ge": "has at least as many entries as",
    "length_lt": "has fewer characters than",
    "length_le": "has at most as many characters as",
    "length_gt": "has more characters than",
    "length_ge": "has at least as many characters as",
}
"""Every operator in words."""


def catalogue_data() -> dict[str, Any]:
    """The shipped catalogue, from this checkout."""
    collections = CHECKOUT / "build" / "collections"
    make_link_tree(collections)
    sys.path.insert(0, str(collections))
    rule_files = importlib.import_module("ansible_collections.groundwork.readiness.plugins.plugin_utils.rule_files")
    data: dict[str, Any] = rule_files.checked_catalogue()
    return data


def expression(data: Mapping[str, Any]) -> str:
    """An expression in words."""
    if "all" in data:
        return " and ".join(grouped(member) for member in data["all"])
    if "any" in data:
        return " or ".join(grouped(member) for member in data["any"])
    if "not" in data:
        return f"not ({expression(data['not'])})"
    if "any_of" in data:
        only = f" with {expression(data['only'])}" if "only" in data else ""
        return f"any of `{data['any_of']}`{only}: {expression(data['where'])}"
    if "shared_by_vms" in data:
        return f"another VM of the {data.get('within', 'vcenter')} has the same `{data['shared_by_vms']}`"
    name, operand = next((key, value) for key, value in data.items() if key in WORDS)
    if name == "empty":
        return f"`{data['fact']}` is {'empty' if operand else 'not empty'}"
    return f"`{data['fact']}` {WORDS[name]} {operand_text(operand)}"


def grouped(data: Mapping[str, Any]) -> str:
    """A member of a longer expression, in brackets where it has parts of its own."""
    simple = "fact" in data or "shared_by_vms" in data
    return expression(data) if simple else f"({expression(data)})"


def operand_text(operand: Any) -> str:
    """A value of a rule, or the parameter that holds it."""
    if isinstance(operand, Mapping):
        return f"parameter `{operand['parameter']}`"
    if isinstance(operand, bool):
        return str(operand).lower()
    if isinstance(operand, list):
        return ", ".join(f"`{entry}`" for entry in operand)
    return f"`{operand}`"


def rule_lines(rule: Mapping[str, Any]) -> Iterator[str]:
    """The section of one rule."""
    yield from (f"### {rule['title']}", "", f"`{rule['id']}`, version {rule['version']}", "", rule["rationale"].strip(), "")
    if "applies_when" in rule:
        yield f"- Applies when {expression(rule['applies_when'])}"
    yield f"- Fails when {expression(rule['fail_when'])}"
    yield f"- Remedy: {rule['remedy'].strip()}"
    yield f"- Source: {rule['source'].strip()}"
    if "deviation" in rule:
        yield f"- Differs from it: {rule['deviation'].strip()}"
    yield ""


def page(data: Mapping[str, Any]) -> str:
    """The whole page."""
    lines = [
        "# Rules",
        "",
        f"The {len(data['rules'])} rules of the shipped catalogue, version {data['version']}.",
        "This page is made from the catalogue by `tests/tools/rules_page.py`.",
        "",
        "A rule that the known facts do not decide is a gap: it is reported as not evaluated,",
        "counts as failed in `score` and as passed in `score_best`.",
        "",
        "| category | weight | rules | meaning |",
        "|---|---:|---:|---|",
    ]
    for category in CATEGORIES:
        count = sum(rule["category"] == category for rule in data["rules"])
        lines.append(f"| {category} | {data['weights'][category]} | {count} | {MEANINGS[category]} |")
    lines += ["", "Before a VM gets a verdict other than blocked, these must be known of it:", ""]
    lines += [f"- {entry['what']}: one of {', '.join(f'`{name}`' for name in entry['one_of'])}" for entry in data["minimum_facts"]]
    lines += ["", "## Parameters", "", "| name | value | meaning |", "|---|---|---|"]
    for name, entry in sorted(data["parameters"].items()):
        value = "<br>".join(entry["value"]) if isinstance(entry["value"], list) else entry["value"]
        lines.append(f"| `{name}` | {value} | {entry['meaning'].strip()} |")
    for category in CATEGORIES:
        lines += ["", f"## {category.capitalize()}", ""]
        lines += [line for rule in data["rules"] if rule["category"] == category for line in rule_lines(rule)]
        lines.pop()
    return "\n".join(lines) + "\n"


def kept(path: Path, text: str, arguments: Sequence[str]) -> int:
    """Writes a page, or with --check says whether it is current: 0 where it is."""
    if "--check" in arguments:
        return 0 if path.is_file() and path.read_text(encoding="utf-8") == text else 1
    path.write_text(text, encoding="utf-8")
    return 0


def main() -> int:
    """Writes the page, or with --check says whether it is current."""
    return kept(PAGE, page(catalogue_data()), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
