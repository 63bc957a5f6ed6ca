# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All directories of the document, each read with its own account. What cannot be read is said, and never ends the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from ...platform.desired.identity import DirectoryWanted, Identity
from ...platform.identity.directories import KEYCLOAK, LDAP, NOT_ASKED, DirectoryRead, names_sought, troubles_with, unread
from .._libraries import PACKAGES, is_missing
from . import keycloak, ldap
from .access import DirectoryAccess

_Read: TypeAlias = Callable[[DirectoryWanted, DirectoryAccess, Sequence[str]], DirectoryRead]
_READERS: Final[Mapping[str, tuple[str, _Read]]] = {LDAP: ("ldap3", ldap.read_directory), KEYCLOAK: ("urllib3", keycloak.read_directory)}
"""Kind of directory to the library that it needs, and what reads it."""


def read_directories(wanted: Identity, accesses: Mapping[str, DirectoryAccess]) -> dict[str, DirectoryRead]:
    """Every directory of the document by its name, in one read each."""
    return {each.name: _read(each, accesses.get(each.name), names_sought(wanted, each.name)) for each in wanted.directories}


def _read(directory: DirectoryWanted, access: DirectoryAccess | None, names: Sequence[str]) -> DirectoryRead:
    if troubles := troubles_with(directory):
        return unread(f"directory {directory.name}: {'; '.join(troubles)}")
    if access is None:
        return unread(f"directory {directory.name}: {NOT_ASKED}")
    library, read = _READERS[directory.kind]
    if is_missing(library):
        package = PACKAGES[library]
        return unread(f"directory {directory.name}: the Python package {package} is not installed where it is read: pip install {package}")
    return read(directory, access, names)
