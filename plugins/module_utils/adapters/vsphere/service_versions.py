# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version of vSphere's API a session speaks: the newest that the server and pyVmomi both know."""

from __future__ import annotations

import re
from typing import Any, Final

from .._libraries import pyVmomi

NAMESPACE: Final = "vim25"
UNTOLD: Final = "6.5"
"""Spoken where a server does not tell its versions; every server still in support serves it."""

_BLOCK: Final = re.compile(r"<namespace>(.*?)</namespace>", re.DOTALL)
_NAME: Final = re.compile(r"<name>\s*urn:vim25\s*</name>")
_VERSION: Final = re.compile(r"<version>\s*([^<\s]+)\s*</version>")
_NUMBERED: Final = re.compile(r"\d+(?:\.\d+)*")


def served_versions(document: bytes) -> list[str]:
    """The versions that a server's vimServiceVersions.xml names, such as 8.0.3.0; none where it is another document."""
    blocks = _BLOCK.findall(document.decode("utf-8", "replace"))
    return [version for block in blocks if _NAME.search(block) for version in _VERSION.findall(block)]


def best_version(document: bytes) -> str:
    """pyVmomi's name of the version to speak.

    A server that is newer than pyVmomi usually still names a version that both know. Where it names none, the newest
    that pyVmomi knows and that is no newer than the server's is spoken.
    """
    known: dict[str, str] = {}
    for name in pyVmomi.VmomiSupport.GetServiceVersions(NAMESPACE):
        known.setdefault(pyVmomi.VmomiSupport.versionIdMap[name], name)
    served = served_versions(document) or [UNTOLD]
    common = [name for identifier, name in known.items() if identifier in served]
    if common:
        return common[0]
    newest = max((_numbers(identifier) for identifier in served), default=_numbers(UNTOLD))
    older = [identifier for identifier in known if () < _numbers(identifier) <= newest]
    return known[max(older, key=_numbers)] if older else known[UNTOLD]


def managed_class(name: str) -> Any:
    """pyVmomi's class of a managed object, such as VirtualMachine. Raises KeyError for one that it does not know."""
    return pyVmomi.VmomiSupport.GetWsdlType(f"urn:{NAMESPACE}", name)


def _numbers(identifier: str) -> tuple[int, ...]:
    return tuple(int(part) for part in identifier.split(".")) if _NUMBERED.fullmatch(identifier) else ()
