# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The object store of models and pipelines: its endpoint as it is written, and the Secret with its access."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from ...common.findings import CheckFinding
from ..desired.model import ObjectStoreWanted
from ..snapshot import PlatformSnapshot
from ..verdicts import failed, not_asked, passed
from .check_list import CLEARTEXT, STORE_ENDPOINT, STORE_SECRET
from .secrets import secret_finding

_PATH: Final = "prerequisites.object_store"
_SUBJECT: Final = "object store"
_SCHEMES: Final = ("https", "http")


def store_findings(wanted: ObjectStoreWanted | None, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """Whether the endpoint can be one, and whether the Secret is there."""
    if wanted is None:
        return [not_asked(check, _SUBJECT) for check in (STORE_ENDPOINT, CLEARTEXT, STORE_SECRET)]
    return [*_endpoint(wanted), secret_finding(STORE_SECRET, snapshot, wanted.secret, wanted.keys, f"{_PATH}.secret")]


def _endpoint(wanted: ObjectStoreWanted) -> list[CheckFinding]:
    path = f"{_PATH}.endpoint"
    if trouble := trouble_with_url(wanted.endpoint):
        return [failed(STORE_ENDPOINT, _SUBJECT, trouble, path), not_asked(CLEARTEXT, _SUBJECT, "the endpoint is no URL")]
    if wanted.endpoint.lower().startswith("https:"):
        return [passed(STORE_ENDPOINT, _SUBJECT, path), passed(CLEARTEXT, _SUBJECT, path)]
    message = "the object store is reached without TLS: keys and models pass in clear text"
    return [passed(STORE_ENDPOINT, _SUBJECT, path), failed(CLEARTEXT, _SUBJECT, message, path)]


def trouble_with_url(url: str) -> str:
    """What keeps a text from being the URL of a service; empty where nothing does. The text itself is not shown: it may hold a password."""
    try:
        found = urlsplit(url)
        host, port = found.hostname, found.port
    except ValueError:
        return "it is no URL"
    if found.scheme not in _SCHEMES:
        return f"the scheme is {found.scheme or 'missing'}, and has to be one of {', '.join(_SCHEMES)}"
    if not host or any(letter.isspace() for letter in url):
        return "it has no host"
    if found.username is not None or found.password is not None:
        return "it holds a user or a password"
    if port == 0:
        return "its port is 0"
    if found.query or found.fragment:
        return "it has a query or a fragment"
    return ""
