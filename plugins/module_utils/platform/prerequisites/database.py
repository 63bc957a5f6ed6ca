# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of the model registry: where it is, as it is written, and the Secret with its password."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

from ...common.findings import CheckFinding
from ..desired.model import DatabaseWanted
from ..snapshot import PlatformSnapshot
from ..verdicts import failed, not_asked, passed
from .check_list import DATABASE_HOST, DATABASE_SECRET
from .secrets import secret_finding

_PATH: Final = "prerequisites.model_registry_database"
_SUBJECT: Final = "model registry database"
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_LONGEST_NAME: Final = 253
_LAST_PORT: Final = 65535


def database_findings(wanted: DatabaseWanted | None, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """Whether host and port can be those of a database, and whether the Secret is there."""
    if wanted is None:
        return [not_asked(DATABASE_HOST, _SUBJECT), not_asked(DATABASE_SECRET, _SUBJECT)]
    return [_host(wanted), secret_finding(DATABASE_SECRET, snapshot, wanted.secret, wanted.keys, f"{_PATH}.secret")]


def _host(wanted: DatabaseWanted) -> CheckFinding:
    if not is_host(wanted.host):
        return failed(DATABASE_HOST, _SUBJECT, "the host is no host name and no address", f"{_PATH}.host")
    if not 1 <= wanted.port <= _LAST_PORT:
        return failed(DATABASE_HOST, _SUBJECT, f"{wanted.port} is no port", f"{_PATH}.port")
    if not wanted.keys:
        return failed(DATABASE_HOST, _SUBJECT, "no key of the Secret is named: the first one is the password's", f"{_PATH}.keys")
    return passed(DATABASE_HOST, _SUBJECT, f"{_PATH}.host")


def is_host(text: str) -> bool:
    """Whether a text can be a host name or an IP address."""
    try:
        ip_address(text)
    except ValueError:
        labels = text.removesuffix(".").split(".")
        return 0 < len(text) <= _LONGEST_NAME and not labels[-1].isdigit() and all(_LABEL.fullmatch(label) for label in labels)
    return True
