# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/privileges.md from the table of privileges and the rule catalogue. Usage: python -m tests.tools.privileges_page [--check]"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.tools.rules_page import catalogue_data, kept

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "privileges.md"
PACKAGE = "ansible_collections.groundwork.readiness.plugins.module_utils"

INTRODUCTION = """\
# Privileges

What an account needs to read a vCenter or a standalone ESXi host, and what each privilege is for. This page is made from the
collection's own table (`plugins/module_utils/estate/vsphere/`) by `tests/tools/privileges_page.py`.

The role Read-only, given on the root folder of a vCenter and propagated to children, is enough for every fact but those of the
optional privileges below. Nothing is ever written to a vCenter.
"""
APPLYING = """\
## How to apply it

1. Make the role and give it to the account on the root folder, propagated to children. With govc:

   ```
   govc role.create {role} {privileges}
   govc permissions.set -principal readiness@vsphere.local -role {role} -propagate=true /
   ```

   or with PowerCLI:

   ```
   New-VIRole -Name {role} -Privilege (Get-VIPrivilege -Id {listed})
   New-VIPermission -Entity (Get-Folder -NoRecursion) -Principal 'VSPHERE.LOCAL\\readiness' -Role {role} -Propagate:$true
   ```

   The three privileges that begin with System need not be named: every role has them.

2. For tags, give the account the role Read-only as a global permission as well (vSphere Client: Administration, Global
   Permissions), propagated to children. Tags are not below the root folder; only global permissions and permissions on a tag
   itself count for them. Without that, the API answers an empty list, and the tags of VMs are unknown.

3. See that it works:

   ```
   ansible-playbook groundwork.readiness.preflight -i inventory
   ```
"""
INVISIBLE = """\
## What an account cannot see

An object on which an account has no permission is in no list: nothing tells that it is missing. That is why the preflight looks
for evidence, and why every report of a live read says what it found:

- no System.Read on the root folder: the account sees no more than what lies below a permission of its own;
- objects below the root folder that can be seen and not be read: a narrower permission holds there;
- hosts that a visible datastore names and that are in no list of hosts;
- a permission of the account on the root folder that does not propagate;
- permissions on the root folder of which some do not propagate, or that cannot be read: it stays open whether something is hidden.

When the permission propagates, one case is left that no call shows: a narrower permission further down, such as No access on a
folder. Whoever gives permissions has to know of those.
"""
HOST = """\
## Standalone ESXi hosts

A host has one inventory of its own, so nothing in it is hidden from an account with the role Read-only on the host. It has no
clusters, no distributed switches, no tags and no storage policies, and StorageProfile.View does not exist there.
"""


def module(name: str) -> Any:
    """A module of the collection, from this checkout."""
    catalogue_data()
    return importlib.import_module(f"{PACKAGE}.{name}")


def needs() -> dict[str, list[str]]:
    """Rule id to the fact paths that it reads."""
    catalogue = module("assessment.catalogue").load_catalogue(catalogue_data())
    return {rule.id: rule.needs() for rule in catalogue.rules}


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def code(names: Iterable[str]) -> str:
    """Names in code, one after the other; a dash for none."""
    return ", ".join(f"`{name}`" for name in names) or "–"


def role_lines(table: Any) -> Iterator[str]:
    """The role and how to apply it."""
    yield from ("## The role", "", row("privilege", "in the vSphere Client", "need", "what it is for", "source"), "|---|---|---|---|---|")
    for entry in table.PRIVILEGES:
        facts = len(table.facts_behind(entry.id))
        what = f"{entry.note}; {facts} facts" if entry.note else "logging in"
        yield row(f"`{entry.id}`", entry.label, entry.need, what, entry.source)
    named = [entry.id for entry in table.PRIVILEGES if not entry.system]
    yield from ("", APPLYING.format(role=table.ROLE_NAME, privileges=" ".join(named), listed=", ".join(named)))


def cost_lines(table: Any, rules: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What each privilege costs when it is missing."""
    yield from ("## What a missing privilege costs", "", row("privilege", "facts that stay unknown", "rules that may not be evaluated"))
    yield "|---|---|---|"
    for entry in table.PRIVILEGES:
        facts = table.facts_behind(entry.id)
        lost = table.rules_behind(facts, rules)
        if entry.system:
            yield row(f"`{entry.id}`", f"{len(facts)} facts", f"{len(lost)} of {len(rules)} rules" if facts else "the login itself")
        else:
            yield row(f"`{entry.id}`", code(facts), code(lost))
    yield ""


def property_lines(table: Any, rules: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Every property that is read, privilege by privilege."""
    yield from ("## Properties", "", "Facts are named as in `docs/schemas/estate.schema.json`, rules as in [rules.md](rules.md).", "")
    rows = table.property_rows()
    for privilege in [entry.id for entry in table.PRIVILEGES]:
        members = [entry for entry in rows if entry.privilege == privilege]
        if not members:
            continue
        yield from (f"### {privilege}", "", row("property", "facts", "rules", "source"), "|---|---|---|---|")
        for entry in members:
            name = f"`{entry.type}.{entry.path}`" + (f" (from API {entry.since})" if entry.since else "")
            yield row(name, code(entry.facts), code(table.rules_behind(entry.facts, rules)), entry.source)
        yield ""


def call_lines(table: Any) -> Iterator[str]:
    """Every call beside reading properties."""
    yield from ("## Calls", "", row("call", "what for", "how often", "privilege", "facts", "source"), "|---|---|---|---|---|---|")
    for call in table.CALLS:
        facts = code(call.facts) if len(call.facts) < 4 else f"`{call.facts[0]}` and {len(call.facts) - 1} more of the history"
        yield row(f"`{call.call}`", call.purpose, call.often, f"`{call.privilege}`", facts, call.source)
    yield ""


def page() -> str:
    """The whole page."""
    table, rules = module("estate.vsphere.privileges"), needs()
    lines = [
        INTRODUCTION,
        *role_lines(table),
        *cost_lines(table, rules),
        INVISIBLE,
        HOST,
        *property_lines(table, rules),
        *call_lines(table),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> int:
    """Writes the page, or with --check says whether it is current."""
    return kept(PAGE, page(), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
