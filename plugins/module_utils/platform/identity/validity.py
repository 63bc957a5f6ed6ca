# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of a list of providers as they are on a cluster: what OpenShift's admission refuses, though the CRD let it in.

It judges the whole list at every write, so that one wrong item of somebody else's keeps ours from being written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ...target.objects import map_at, text_at
from ..desired.identity import MAPPING_METHODS
from ..desired.identity_rules import trouble_with_issuer, trouble_with_ldap_url, trouble_with_name

_SETTINGS: Final[Mapping[str, str]] = {
    "BasicAuth": "basicAuth",
    "GitHub": "github",
    "GitLab": "gitlab",
    "Google": "google",
    "HTPasswd": "htpasswd",
    "Keystone": "keystone",
    "LDAP": "ldap",
    "OpenID": "openID",
    "RequestHeader": "requestHeader",
}
"""Types of providers and the field with the settings of each."""


def list_troubles(items: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Name of a provider, and what is wrong with it, for each that is wrong."""
    counts = Counter(text_at(dict(item), "name") for item in items)
    told = set()
    for item in items:
        name = text_at(dict(item), "name")
        if counts[name] > 1 and name not in told:
            told.add(name)
            yield name, f"its name stands in the list {counts[name]} times"
        yield from ((name, trouble) for trouble in _troubles(dict(item)))


def _troubles(item: dict[str, Any]) -> Iterator[str]:
    name, kind, method = (text_at(item, key) for key in ("name", "type", "mappingMethod"))
    # Spaces are no fault to OpenShift; they are one in the document alone.
    if (trouble := trouble_with_name(name)) and "spaces" not in trouble:
        yield f"its name {trouble}"
    if method and method not in MAPPING_METHODS:
        yield f"its mappingMethod is {method}"
    wanted = _SETTINGS.get(kind)
    if wanted is None:
        yield f"its type is {kind}" if kind else "it has no type"
        return
    if not map_at(item, wanted):
        yield f"type {kind} has no {wanted}"
    others = [other for other in _SETTINGS.values() if other != wanted and map_at(item, other)]
    if others:
        yield f"type {kind} has {' and '.join(others)}"
    if kind == "OpenID" and (trouble := trouble_with_issuer(text_at(item, "openID.issuer"), slash=False)):
        yield f"its issuer {trouble}"
    if kind == "LDAP" and (trouble := trouble_with_ldap_url(text_at(item, "ldap.url"))) and "several" not in trouble:
        yield f"its url {trouble}"
