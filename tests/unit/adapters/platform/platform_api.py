# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake API server that serves what the platform stage lists, and objects as they stand in its lists."""

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.lists import list_path
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readings import BY_ID, RESOURCES

from tests.unit.adapters.cluster.fake_api import FakeApi

Json = dict[str, Any]


def path_of(resource: str) -> str:
    """Where a resource of the platform's catalogue is listed."""
    found = BY_ID[resource]
    return list_path(found.group, found.versions[0], found.plural)


def platform_api(**objects: list[Json]) -> FakeApi:
    """A server with every kind of the catalogue; objects are given by plural."""
    by_plural = {resource.plural: resource.id for resource in reversed(RESOURCES)}
    found = {path_of(by_plural[plural]): items for plural, items in objects.items()}
    return FakeApi(found, {resource.id for resource in RESOURCES}, catalogue=BY_ID)


def named(name: str, namespace: str = "", **further: Any) -> Json:
    """An object as it stands in a list: without version and kind."""
    place = {"namespace": namespace} if namespace else {}
    return {"metadata": {"name": name, **place, "uid": f"uid-{name}"}, **further}
