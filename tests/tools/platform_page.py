# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/platform.md from the document's table, the facts and the checks. Usage: python -m tests.tools.platform_page [--check]"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from tests.tools.conditions_page import row
from tests.tools.rules_page import CHECKOUT, catalogue_data, kept

PAGE = CHECKOUT / "docs" / "platform.md"
COLLECTION = "ansible_collections.groundwork.readiness.plugins"

INTRODUCTION = """\
# The platform: its document and its checks

The playbook `groundwork.readiness.platform` holds a cluster against one document, the desired state, and brings it there part by
part: {parts}. The same checks run before, after
and alone (`readiness_mode: verify`). This page is made from the collection's own tables by `tests/tools/platform_page.py`.

## The document
`readiness_platform` is a mapping, the path of a YAML or JSON file, or a list of these. Of mappings a later one adds and replaces
keys; any other value, lists too, it replaces whole. A file holds the document itself, or has it under the key `readiness_platform`.
Examples: [small](examples/platform/small.yml), [medium](examples/platform/medium.yml), [large](examples/platform/large.yml). JSON
Schema: [schemas/platform_desired.schema.json](schemas/platform_desired.schema.json).

- **Nothing is converted.** A version or a day is a text: write `"4.20"`, since YAML makes the number 4.2 of an unquoted one. Null
  is no value: leave the key out.
- **All faults at once.** A fault in the form of the document is listed with file, row, place and what is allowed, and nothing is
  written. Faults in what it means (a name that leads nowhere, needs in a circle, two modes that exclude each other, a request that
  no pool can serve) come next, all of them, and then those that only the cluster can tell (a channel that the catalog does not
  have, pools that overlap on a node). Whatever part is asked for, the whole document is checked.
- **A section that is not there** asks for nothing, and nothing of it is checked.
- **Waivers** turn a failure into `waived` until the day that they name. What was not evaluated cannot be waived. A waiver that has
  expired stops a run that writes; in mode verify it is a warning, and the failure counts again.

"""

CATALOG = """\
## Rendered catalogs
The upgrade graph of an operator is not in the PackageManifest that a cluster serves, which names channels, their heads and the
versions in them. To have the way to a pin told exactly, render the catalog (`opm render
registry.example.com/redhat-operator-index:v4.21 -o json > redhat.json`, or the folder of a file-based catalog) and name it in
`operators.catalogs`. Without it, a pin that is neither installed nor the channel's head is not evaluated.

"""

OPERATORS = """\
## Operators that are known by name
Each can be named in `operators.wanted` with channel and version alone. The OperatorGroup is never taken from this table: it is
derived from the install modes that the catalog serves, and checked again with the CSV of the install plan. *Scope* is what `scope:
auto` takes where a bundle supports both its own namespace and all. *Needs* are installed first when the document has them. Rows
marked `*` were known and not read in a source that is open to all; the catalog has to confirm them.

"""

KUEUE = """\
## Kueue
Kueue comes with its own operator (`kueue`, which needs `cert-manager`); `kueue: Managed` in a DataScienceCluster is denied by the
webhook of OpenShift AI. Objects are written in `kueue.x-k8s.io/v1beta2` where it is served, else in `v1beta1`; a cluster that
serves neither is told so. Of the frameworks, `TrainJob` needs Kueue operator 1.2, `SparkApplication` 1.4; `JobSet` and
`LeaderWorkerSet` are supported from 1.3 on. Versions whose rules are known (release notes of Red Hat build of Kueue); of a newer
one those of the last are taken:

"""

CHECKS = """\
## Checks
{total} checks. Answers are pass, fail, not evaluated, not applicable and waived; what could not be read is never a pass. *Stops*
marks those that are asked before the first write: while one fails, nothing of the whole document is written. What a server says
stands in findings word for word, and nothing is concluded from it.

"""

TRIED = """\
## What was tried, and what was not
The tests run the Operator Lifecycle Manager itself (v0.38.0, with catalogs made for them), an API server 1.34 with the CRDs of
OpenShift and of the operators, the real scheduler and garbage collector, and the shipped rights.

Not tried, since it needs hardware, images or a cloud:
- The operators themselves. Their objects are judged by their CRDs, and what their controllers would write to statuses, nodes and
  labels is played: drivers, partitioning, restarts of nodes, queues, served models.
- The package server: PackageManifests are made from what `opm` renders. Bundles that are pulled and unpacked: the failing pull is real.
- OLM v1 and Argo CD: their objects are there, they are not. The Machine Config Operator: the forecast goes by its selectors.
- Webhooks of OpenShift AI and KServe: their rules are checked before, and a dry run shows what a real one says.
- Facts that no public source has are marked in the tables: packages of Intel and Gaudi, memory of some devices.

"""

ABOUT: Mapping[str, str] = {
    "cluster": "The cluster as a whole",
    "prerequisites": "Prerequisites",
    "operators": "Operators",
    "accelerators": "Accelerators",
    "openshift_ai": "OpenShift AI",
    "identity": "Identity",
    "monitoring": "Monitoring",
    "delivery": "Delivery",
}
"""Part to its heading."""


@cache
def module(name: str) -> Any:
    """A module of the collection, as this checkout has it."""
    catalogue_data()
    return importlib.import_module(f"{COLLECTION}.{name}")


def key_lines(owner: type, place: str) -> Iterator[str]:
    """Rows of the keys of a section and of all below it."""
    shape = module("module_utils.platform.desired.shape")
    for key in shape.keys_of(owner):
        path = f"{place}.{key.name}" if place else key.name
        section, suffix = _section_in(key.node)
        yield row(f"`{path}{suffix}`", _form(key.node, section), _default(key), key.meaning)
        if section is not None:
            yield from key_lines(section, f"{path}{suffix}")


def _section_in(node: Any) -> tuple[type | None, str]:
    """The section that a key holds, in a list or under free names, and how that is shown."""
    inner, suffix = node, ""
    while inner.item is not None:
        suffix += {1: "[]", 2: ".NAME"}.get(inner.what, "")
        inner = inner.item
    return (inner.owner, suffix) if inner.what == 0 else (None, "")


WORDS: Mapping[int, str] = {
    1: "list",
    2: "mapping",
    3: "text or list",
    4: "text",
    5: "number",
    6: "whole number",
    7: "true or false",
    8: "free mapping",
}
"""What a place holds, by shape's words for it; sections are mappings of their keys."""


def _form(node: Any, section: type | None) -> str:
    if section is not None:
        return "mapping" if node.what == 0 else WORDS[node.what]
    words = f"{WORDS[node.what]}{_bound(node)}"
    if node.what in (1, 2) and node.item.what != 4:
        words = f"{words} of {WORDS[node.item.what]}s" if node.item.what != 3 else f"{words} of texts or lists"
    allowed = node.allowed or (node.item.allowed if node.item is not None else ())
    return f"{words}: {', '.join(f'`{word}`' for word in allowed if word)}" if allowed else words


def _bound(node: Any) -> str:
    """The least that a number may be."""
    if node.above is not None:
        return f", above {node.above:g}"
    return f", at least {node.least:g}" if node.least is not None else ""


def _default(key: Any) -> str:
    if key.required:
        return "**required**"
    if key.default in (None, "", (), {}):
        return ""
    if isinstance(key.default, bool):
        return f"`{str(key.default).lower()}`"
    if isinstance(key.default, tuple):
        return ", ".join(f"`{entry}`" for entry in key.default)
    if isinstance(key.default, float):
        return f"`{key.default:g}`"
    return f"`{key.default}`" if isinstance(key.default, (str, int)) else ""


def document_lines(owner: type) -> Iterator[str]:
    """The tables of keys of a document, one for each of its sections."""
    shape = module("module_utils.platform.desired.shape")
    head = (row("key", "what", "default", "meaning"), "|---|---|---|---|")
    simple = [key for key in shape.keys_of(owner) if key.node.what not in (0, 1)]
    yield from head
    for key in simple:
        yield row(f"`{key.name}`", _form(key.node, None), _default(key), key.meaning)
    for key in shape.keys_of(owner):
        section, suffix = _section_in(key.node)
        if section is not None:
            yield from ("", f"### `{key.name}`: {key.meaning}", "", *head, *key_lines(section, f"{key.name}{suffix}"))
    yield ""


def operator_lines() -> Iterator[str]:
    """The table of the operators that are shipped."""
    facts = module("plugin_utils.platform_files").read_facts()
    catalogue = module("module_utils.platform.shipped").catalogue_from(facts)
    yield from (row("name", "package", "namespace", "source", "scope", "needs"), "|---|---|---|---|---|---|")
    for name, known in sorted(catalogue.operators.items()):
        mark = "" if known.confirmed else " *"
        needs = ", ".join(f"`{need}`" for need in known.needs)
        yield row(f"`{name}`{mark}", f"`{known.package}`", f"`{known.namespace}`", f"`{known.source}`", known.suggested_scope, needs)
    yield ""


def kueue_lines() -> Iterator[str]:
    """The table of the versions of the Kueue operator that are supported."""
    yield from (row("operator", "Kueue", "API of the queues", "OpenShift"), "|---|---|---|---|")
    for version in module("module_utils.platform.openshift_ai.kueue").supported_versions():
        yield row(*version)
    yield ""


def check_lines(checks: tuple[Any, ...]) -> Iterator[str]:
    """The tables of the checks, part by part."""
    for part, heading in ABOUT.items():
        yield from check_table(heading, [check for check in checks if check.part == part])


def check_table(heading: str, checks: Iterable[Any]) -> Iterator[str]:
    """The table of some checks under its heading, sorted by their ids."""
    yield from (f"### {heading}", "", row("check", "severity", "stops", "passes when", "otherwise", "source"), "|---|---|---|---|---|---|")
    for check in sorted(checks, key=lambda check: str(check.id)):
        yield row(f"`{check.id}`", check.severity, "yes" if check.refuses else "", check.title, check.remedy, check.source)
    yield ""


def part_words() -> str:
    """The parts in their order, as a sentence names them."""
    names = [ABOUT[part] for part in module("module_utils.platform.checks").PARTS]
    *others, last = [name if "AI" in name else name.lower() for name in names]
    return f"{', '.join(others)} and {last}"


def page() -> str:
    """The whole page."""
    checks = module("module_utils.platform.catalogue_of_checks").ALL_CHECKS
    desired = module("module_utils.platform.desired.model").PlatformDesired
    lines = [INTRODUCTION.format(parts=part_words()) + "\n".join(document_lines(desired))]
    lines += [CATALOG + OPERATORS + "\n".join(operator_lines()), KUEUE + "\n".join(kueue_lines())]
    lines.append(CHECKS.format(total=len(checks)) + "\n".join(check_lines(checks)))
    lines.append(TRIED)
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> int:
    """Writes the page, or with --check says whether it is current."""
    return kept(PAGE, page(), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
