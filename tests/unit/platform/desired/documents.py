# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents for tests: a whole sound one, changed at single places."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import Problem
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue_of_checks import CHECKS_BY_ID
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import Parsed, SourceText, parse
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.semantics import semantic_problems
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.shipped import catalogue_from
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import read_facts

from tests.unit.meta.project import CHECKOUT

EXAMPLES = sorted(CHECKOUT.glob("docs/examples/platform/*.yml"))

Document = dict[str, Any]


@cache
def shipped() -> Catalogue:
    """The shipped facts, read once."""
    return catalogue_from(read_facts())


def example(name: str) -> Document:
    """One of the shipped examples."""
    data = yaml.safe_load((CHECKOUT / "docs" / "examples" / "platform" / f"{name}.yml").read_text(encoding="utf-8"))
    for waiver in data.get("waivers", ()):
        waiver["expires"] = str(waiver["expires"])
    return dict(data)


def changed(document: Mapping[str, Any], *changes: tuple[str, Any]) -> Document:
    """The document with other values at some places; `operators.wanted.0.channel` is a place, and None takes the key away."""
    data = copy.deepcopy(dict(document))
    for place, value in changes:
        *path, last = (int(part) if part.isdigit() else part for part in place.split("/" if "/" in place else "."))
        target: Any = data
        for part in path:
            target = target[part] if isinstance(part, int) else target.setdefault(part, {})
        if value is None:
            del target[last]
        elif isinstance(target, list) and last == len(target):
            target.append(value)
        else:
            target[last] = value
    return data


def parsed(document: object, rows: Mapping[str, int] | None = None) -> Parsed:
    """What comes of reading it as one file."""
    return parse([SourceText("site.yml", document, rows or {}, "0" * 64)])


def meant(document: object) -> list[Problem]:
    """What is wrong with the meaning of a document whose form is sound."""
    read = parsed(document)
    assert read.desired is not None, [problem.text() for problem in read.problems]
    return semantic_problems(read.desired, shipped(), CHECKS_BY_ID, read.places)
