# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups as a directory gives them: LDAP or Keycloak, which the cluster is held against. Directories are only ever read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from ...target.model import FAILED, FORBIDDEN, READ
from ..desired.identity import EXTERNAL_OIDC, DirectoryWanted, GroupWanted, Identity

LDAP, KEYCLOAK = "ldap", "keycloak"
NOT_ASKED: Final = "it was not asked: no account for it is in readiness_directories"
MOST_LISTED: Final = 10
"""Members and groups that a message names; of more it gives the number."""


@dataclass(frozen=True, slots=True)
class DirectoryGroup:
    """A group of a directory."""

    name: str
    members: tuple[str, ...] = ()
    """names of users as the cluster knows them, sorted, each once"""
    uid: str = ""
    """what stays when it is renamed: Keycloak's id, which LDAP has not: there it is the DN"""
    unresolved: tuple[str, ...] = ()
    """members that are no user: outside of the users' base, gone, or without the attribute that has the name"""
    members_known: bool = True
    """False where only its name was asked for"""


@dataclass(frozen=True, slots=True)
class DirectoryRead:
    """What came of reading a directory. Only `read` says anything about groups."""

    state: str
    """read, failed or forbidden"""
    groups: Mapping[str, DirectoryGroup] = field(default_factory=dict)
    """by name; those that were asked for are in it or are not there"""
    reason: str = ""
    """why it was not read, in words and without anything secret; empty where it was"""
    repeated: tuple[str, ...] = ()
    """names that several of its groups have, sorted"""
    complete: bool = True
    """whether all groups of the directory are in `groups`, and not only those that were asked for"""

    @property
    def known(self) -> bool:
        """Whether it was read."""
        return self.state == READ


def unread(reason: str, *, forbidden: bool = False) -> DirectoryRead:
    """A directory that could not be read, and why."""
    return DirectoryRead(FORBIDDEN if forbidden else FAILED, reason=reason)


def read_of(directories: Mapping[str, DirectoryRead], name: str) -> DirectoryRead:
    """What came of reading one directory; of one that nobody asked, that nobody did."""
    return directories.get(name) or unread(f"directory {name}: {NOT_ASKED}")


def merged_groups(found: Iterable[DirectoryGroup], *, complete: bool = True) -> DirectoryRead:
    """A read of these groups. Of a name that comes twice the members of all are taken, as far as they are known."""
    groups: dict[str, DirectoryGroup] = {}
    repeated: set[str] = set()
    for group in sorted(found, key=lambda each: (each.name, each.uid)):
        first = groups.get(group.name)
        if first is None:
            groups[group.name] = group
            continue
        repeated.add(group.name)
        groups[group.name] = DirectoryGroup(
            group.name,
            tuple(sorted({*first.members, *group.members})),
            first.uid,
            tuple(sorted({*first.unresolved, *group.unresolved})),
            first.members_known and group.members_known,
        )
    return DirectoryRead(READ, groups, repeated=tuple(sorted(repeated)), complete=complete)


def name_in_directory(group: GroupWanted, wanted: Identity) -> str:
    """The name that a group of the document has in its directory, without the prefix of an external issuer."""
    if group.name_there:
        return _top_level(group.name_there)
    return group.name.removeprefix(prefix_of(wanted))


def prefix_of(wanted: Identity) -> str:
    """What stands before every group's name on the cluster: only an external issuer has such a prefix."""
    return wanted.external_oidc.groups_prefix if wanted.mode == EXTERNAL_OIDC and wanted.external_oidc else ""


def names_sought(wanted: Identity, directory: str) -> tuple[str, ...]:
    """The names by which groups of the document are asked for in a directory, sorted."""
    groups = {name_in_directory(group, wanted) for group in wanted.groups if group.directory == directory}
    synced = {_top_level(name) for sync in wanted.group_syncs if sync.directory == directory for name in sync.groups}
    return tuple(sorted(filter(None, groups | synced)))


def _top_level(name: str) -> str:
    """Keycloak's tokens may name groups by path: that of a group which is in no other is its name."""
    return name[1:] if name.startswith("/") and "/" not in name[1:] else name


def troubles_with(directory: DirectoryWanted) -> tuple[str, ...]:
    """What the document lacks for this kind of directory, or has of no use, in words."""
    found = []
    schemes = ("ldaps://", "ldap://") if directory.kind == LDAP else ("https://",)
    if not directory.url.lower().startswith(schemes):
        found.append(f"url does not begin with {' or '.join(schemes)}")
    elif trouble := _trouble_with_place(directory.url):
        found.append(trouble)
    if "@" in directory.url.partition("://")[2].partition("/")[0]:
        found.append("url holds a user name or password, which belong into readiness_directories")
    needed = ("groups_base", "users_base") if directory.kind == LDAP else ("realm",)
    found += [f"{name} is needed for {directory.kind}" for name in needed if not getattr(directory, name)]
    return tuple(found)


def _trouble_with_place(url: str) -> str:
    """Why nobody could be asked at that URL; empty where somebody could. It repeats nothing of it, for it may hold a password."""
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return "url has no host and port that can be"
    return "" if parts.hostname and has_port and not any(map(str.isspace, url)) else "url has no host and port that can be"


def bounded(names: Sequence[str], most: int = MOST_LISTED) -> str:
    """Names in a row; of many the first ones and how many more there are."""
    more = len(names) - most
    return f"{', '.join(names[:most])} and {more} more" if more > 0 else ", ".join(names)
