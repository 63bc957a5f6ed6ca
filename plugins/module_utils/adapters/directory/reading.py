# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All directories of the document, each read with its own account. What cannot be read is said, and never ends the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeAlias

from ...platform.desired.identity import DirectoryWanted, Identity
from ...platform.identity.directories import KEYCLOAK, LDAP, NOT_ASKED, DirectoryRead, names_sought, troubles_with, unread
from .._libraries import PACKAGES, is_missing
from . import keycloak, ldap
from .access import DirectoryAccess
from .deadline import within

AT_A_TIME: Final = 4
_GRACE_SECONDS: Final = 1.0
"""For the reader's own words on what was late, which say more."""

_Read: TypeAlias = Callable[[DirectoryWanted, DirectoryAccess, Sequence[str]], DirectoryRead]
_READERS: Final[Mapping[str, tuple[str, _Read]]] = {LDAP: ("ldap3", ldap.read_directory), KEYCLOAK: ("urllib3", keycloak.read_directory)}
"""Kind of directory to the library that it needs, and what reads it."""


def read_directories(wanted: Identity, accesses: Mapping[str, DirectoryAccess]) -> dict[str, DirectoryRead]:
    """Every directory of the document by its name, in one read each, some at a time. None of them holds the run up for ever."""

    def one(directory: DirectoryWanted) -> DirectoryRead:
        return _read(directory, accesses.get(directory.name), names_sought(wanted, directory.name))

    with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="directory") as pool:
        found = list(pool.map(one, wanted.directories))
    return {directory.name: read for directory, read in zip(wanted.directories, found, strict=True)}


def _read(directory: DirectoryWanted, access: DirectoryAccess | None, names: Sequence[str]) -> DirectoryRead:
    if troubles := troubles_with(directory):
        return unread(f"directory {directory.name}: {'; '.join(troubles)}")
    if access is None:
        return unread(f"directory {directory.name}: {NOT_ASKED}")
    library, read = _READERS[directory.kind]
    if is_missing(library):
        package = PACKAGES[library]
        return unread(f"directory {directory.name}: the Python package {package} is not installed where it is read: pip install {package}")
    late = unread(f"directory {directory.name}: it was not read to the end within {access.total_seconds:g} s")
    return within(access.total_seconds + _GRACE_SECONDS, lambda: read(directory, access, names), late)
