# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the parts of the stage name what is listed for them: a resource, its kind and versions, and what stays unknown without it."""

from __future__ import annotations

from ..target.readings import Resource


def of_cluster(name: str, kind: str, versions: str, costs: str) -> Resource:
    """A resource without namespaces. `name` is `plural.group`, `versions` are divided by spaces, the preferred one first."""
    plural, _dot, group = name.partition(".")
    return Resource(group, tuple(versions.split()), plural, kind, False, (), (costs,))


def of_namespaces(name: str, kind: str, versions: str, costs: str, *, labels: str = "", fields: str = "") -> Resource:
    """A resource of namespaces, all of which are listed at once; `labels` and `fields` are selectors. See `of_cluster`."""
    plural, _dot, group = name.partition(".")
    return Resource(group, tuple(versions.split()), plural, kind, True, (), (costs,), labels, fields)
