# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of the document, held against the cluster and against their directories. Whatever could not be read is not evaluated.

With the OAuth server the cluster has Groups, which the operator syncs. With an external issuer it has none: tokens bring the
groups, and the directory alone is looked at.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from ...common.findings import INFORMATION, CheckFinding, Evidence
from ...common.write_findings import MISSING, ORPHANED
from ...target.model import ABSENT
from ..checks import Check
from ..desired.identity import EXTERNAL_OIDC, GroupWanted, Identity
from ..snapshot import PlatformSnapshot
from ..verdicts import failed, not_asked, passed, seen, unknown
from .directories import DirectoryGroup, DirectoryRead, bounded, name_in_directory, prefix_of, read_of
from .group_causes import Scene, scene_of, why_different, why_left, why_not_there
from .group_checks import DIRECTORY, FRESH, LEAST, LEAVERS, MEMBERS, NAME, ONE_SOURCE, PROVENANCE, THERE
from .group_sync import provider_label
from .provenance import BY_LOGIN, BY_NOBODY, BY_OPERATOR, GROUPS, ClusterGroup
from .times import LATE, UNKNOWN_AGE

_PATH: Final = "identity.groups"
NEIGHBOURS: Final = 25
"""Names on each side that are compared letter by letter with one that is not there: a directory may have thousands."""

_SYSTEM: Final = "system:"
_NO_GROUPS: Final = "the cluster serves no Groups: it is no OpenShift, or an external issuer logs users in"
_OF_SYSTEM: Final = "the API server itself puts requests into it: it is no Group, and in no directory"


def group_findings(
    wanted: Identity, snapshot: PlatformSnapshot, directories: Mapping[str, DirectoryRead], now: str, *, is_day: bool = False
) -> list[CheckFinding]:
    """What is found of the groups of the document, and of groups on the cluster that nobody looks after.

    `now` is the present of the run (RFC 3339); `is_day` says that it is only the beginning of its day.
    """
    found = [_directory(name, directories) for name in sorted({each.name for each in wanted.directories})]
    named = {group.name: group for group in wanted.groups}.values()
    groups = [group for group in named if not group.name.startswith(_SYSTEM)]
    found += [not_asked(THERE, _subject(group), _OF_SYSTEM) for group in named if group.name.startswith(_SYSTEM)]
    scene = scene_of(wanted, snapshot, directories, now, is_day=is_day)
    if wanted.mode == EXTERNAL_OIDC:
        return [*found, *(finding for group in groups for finding in _external(group, scene))]
    if not snapshot.known(GROUPS):
        reason = snapshot.why_not(GROUPS)
        checks = (THERE, MEMBERS, LEAST)
        return [*found, *(unknown(check, _subject(group), reason, _place(group)) for group in groups for check in checks)]
    if snapshot.listed[GROUPS].state == ABSENT:
        return [*found, *(failed(THERE, _subject(group), _NO_GROUPS, _place(group), MISSING) for group in groups)]
    found += [finding for group in groups for finding in (_wanted(group, scene) if group.directory else _of_the_cluster(group, scene))]
    return [*found, *_left_over(scene), *_unsynced(scene)]


def _subject(group: GroupWanted) -> str:
    return f"group {group.name}"


def _place(group: GroupWanted) -> str:
    return f"{_PATH}[{group.name}]"


def _directory(name: str, directories: Mapping[str, DirectoryRead]) -> CheckFinding:
    read, subject, path = read_of(directories, name), f"directory {name}", f"identity.directories[{name}]"
    if read.known:
        return passed(DIRECTORY, subject, path)
    return unknown(DIRECTORY, subject, read.reason, path, DIRECTORY.remedy)


# ---- groups on the cluster -------------------------------------------------------------------------------------------------


def _of_the_cluster(group: GroupWanted, scene: Scene) -> list[CheckFinding]:
    """A group whose source is the cluster itself."""
    live = scene.groups.get(group.name)
    if live is None:
        return [_missing(group, f"there is no Group {group.name} on the cluster", list(scene.groups))]
    return [passed(THERE, _subject(group), _place(group)), *_least(group, len(live.members), "")]


def likeliest(name: str, names: Sequence[str]) -> list[str]:
    """The names next to one in the order of their beginnings and of their ends, sorted: comparing each letter takes much longer."""
    by_end = _next_to(name[::-1], sorted(other[::-1] for other in names))
    return sorted({*_next_to(name, sorted(names)), *(other[::-1] for other in by_end)})


def _next_to(name: str, ordered: Sequence[str]) -> Sequence[str]:
    place = bisect_left(ordered, name)
    return ordered[max(0, place - NEIGHBOURS) : place + NEIGHBOURS]


def _missing(group: GroupWanted, message: str, names: Sequence[str]) -> CheckFinding:
    asked = group.name.casefold()
    same = sorted(name for name in names if name.casefold() == asked)
    near = same or get_close_matches(group.name, likeliest(group.name, names), 1)
    if same:
        message += f"; {same[0]} differs from it in case only, and names are compared letter by letter"
    elif near:
        message += f"; did you mean {near[0]}?"
    return failed(NAME if same else THERE, _subject(group), message, _place(group), MISSING)


def _wanted(group: GroupWanted, scene: Scene) -> list[CheckFinding]:
    """A group that a directory gives."""
    subject, path = _subject(group), _place(group)
    live, read = scene.groups.get(group.name), read_of(scene.directories, group.directory)
    if not read.known:
        return [*_without_directory(group, live, read), *_how_synced(group, live, scene)]
    name = name_in_directory(group, scene.wanted)
    there = read.groups.get(name)
    if there is None:
        return [*_not_in_directory(group, name, live, read, scene), *_how_synced(group, live, scene)]
    found = _one_source(group, name, scene)
    if live is None:
        message = f"directory {group.directory} has it, and there is no Group {group.name} on the cluster"
        same = sorted(other for other in scene.groups if other.casefold() == group.name.casefold())
        cause = f"{same[0]} differs from it in case only" if same else why_not_there(scene, group.directory, name)
        if not same and name != group.name and scene.syncs_of(group.directory):
            cause = f"syncs name groups as the directory does, and that is {name}: name it so in the document and in bindings"
        return [*found, failed(NAME if same else THERE, subject, f"{message}: {cause}", path, MISSING)]
    found += [passed(THERE, subject, path), passed(NAME, subject, path), _members(group, live, there, scene)]
    return [*found, *_least(group, len(live.members), _why_few(live, there)), *_how_synced(group, live, scene)]


def _without_directory(group: GroupWanted, live: ClusterGroup | None, read: DirectoryRead) -> list[CheckFinding]:
    subject, path = _subject(group), _place(group)
    found = [unknown(MEMBERS, subject, read.reason, path, DIRECTORY.remedy)]
    if live is None:
        message = f"there is no Group {group.name} on the cluster; whether the directory has it is not known: {read.reason}"
        return [*found, failed(THERE, subject, message, path, MISSING)]
    return [*found, passed(THERE, subject, path), *_least(group, len(live.members), "")]


def _members(group: GroupWanted, live: ClusterGroup, there: DirectoryGroup, scene: Scene) -> CheckFinding:
    subject, path = _subject(group), _place(group)
    if not there.members_known:
        return unknown(MEMBERS, subject, f"the members of {there.name} were not read in directory {group.directory}", path)
    lacking = sorted(set(there.members) - set(live.members))
    extra = sorted(set(live.members) - set(there.members))
    if not lacking and not extra:
        return passed(MEMBERS, subject, path)
    folded = {name.casefold() for name in extra}
    in_case = [name for name in lacking if name.casefold() in folded]
    parts = [f"the Group lacks {bounded(lacking)}"] if lacking else []
    parts += [f"it has {bounded(extra)}, whom directory {group.directory} does not give"] if extra else []
    if len(in_case) == len(lacking) == len(extra):
        cause = "the names differ in case only: who logs in gets the directory's spelling, and is in no such group"
    else:
        cause = why_different(scene, group.directory, live, there)
    evidence = (
        *(seen(f"Group {live.name}", "users", f"without {bounded(lacking)}", "with them") if lacking else ()),
        *(seen(f"Group {live.name}", "users", f"with {bounded(extra)}", "without them") if extra else ()),
    )
    return failed(MEMBERS, subject, f"{'; '.join(parts)}: {cause}", path, evidence=evidence, fields=("users",))


def _least(group: GroupWanted, count: int, cause: str) -> list[CheckFinding]:
    if group.least_members == 0:
        return []
    subject, path = _subject(group), f"{_place(group)}.least_members"
    if count >= group.least_members:
        return [passed(LEAST, subject, path)]
    has = "it has no members" if count == 0 else f"it has {count} of {group.least_members} members"
    evidence = seen(subject, "members", count, f"at least {group.least_members}")
    return [failed(LEAST, subject, f"{has}{f': {cause}' if cause else ''}", path, evidence=evidence)]


def _why_few(live: ClusterGroup, there: DirectoryGroup) -> str:
    if len(there.members) > len(live.members):
        return f"its directory gives it {len(there.members)}, which are not on the cluster"
    return _without_users(there)


def _without_users(there: DirectoryGroup) -> str:
    if there.unresolved:
        return f"of its members in the directory {len(there.unresolved)} are no users there: {bounded(there.unresolved, 3)}"
    return "its directory gives it no more"


# ---- names that the directory does not have --------------------------------------------------------------------------------


def _not_in_directory(group: GroupWanted, name: str, live: ClusterGroup | None, read: DirectoryRead, scene: Scene) -> list[CheckFinding]:
    subject, path, where = _subject(group), _place(group), f"directory {group.directory}"
    same = sorted(other for other in read.groups if other.casefold() == name.casefold())
    if same:
        message = f"{where} has it as {same[0]}: the names differ in case only, and subjects of bindings are compared letter by letter"
        found = [failed(NAME, subject, message, path, evidence=seen(where, "name of the group", same[0], name))]
        return [*found, *([_members(group, live, read.groups[same[0]], scene)] if live else [])]
    if live is None:
        return [_missing(group, f"neither {where} nor the cluster has a group {name}", sorted({*read.groups, *scene.groups}))]
    if renamed := _renamed(group, live, read, scene):
        return renamed
    message = f"{where} has no group {name} any more, and the Group on the cluster has {_people(live)}: {why_left(scene, live)}"
    evidence = seen(f"Group {live.name}", "users", bounded(live.members) or "nobody", f"no such Group, as {where} has none")
    return [failed(LEAVERS, subject, message, path, ORPHANED, evidence=evidence)]


def _people(live: ClusterGroup) -> str:
    return f"{bounded(live.members)}, who keep access" if live.members else "no members"


def _renamed(group: GroupWanted, live: ClusterGroup, read: DirectoryRead, scene: Scene) -> list[CheckFinding]:
    """Whether the directory has the group under another name: told by its id, else by its members."""
    subject, path, where = _subject(group), _place(group), f"directory {group.directory}"
    taken = {name_in_directory(other, scene.wanted) for other in scene.wanted.groups if other.directory == group.directory}
    others = [read.groups[name] for name in sorted(read.groups) if name not in taken]
    by_uid = [other for other in others if live.uid and other.uid.casefold() == live.uid.casefold()]
    if by_uid:
        basis, names = f"both have the id {live.uid}", [by_uid[0].name]
    else:
        equal = [other.name for other in others if live.members and other.members_known and other.members == live.members]
        basis, names = f"its members are those of the Group: {bounded(live.members)}", equal
    if not names:
        return []
    if len(names) > 1:
        message = (
            f"{where} has no group {live.name} any more; it may have been renamed to one of {bounded(names)}, each of which has its members"
        )
    else:
        message = f"{where} has it as {names[0]} now: {basis}"
    message = f"{message}. The Group of the former name is still there: {why_left(scene, live)}"
    evidence: tuple[Evidence, ...] = seen(where, "name of the group", bounded(names), live.name)
    return [failed(NAME, subject, message, path, ORPHANED, evidence=evidence)]


def _one_source(group: GroupWanted, name: str, scene: Scene) -> list[CheckFinding]:
    """Whether it is one directory that gives the name, and gives it once."""
    subject, path = _subject(group), _place(group)
    if name in read_of(scene.directories, group.directory).repeated:
        message = f"several groups of directory {group.directory} are named {name}: which of them is synced last is left to chance"
        return [failed(ONE_SOURCE, subject, message, path)]
    others = sorted({each.name for each in scene.wanted.directories if each.name != group.directory and scene.syncs_of(each.name, name)})
    if not others or not scene.syncs_of(group.directory, name):
        return []
    also = [other for other in others if name in read_of(scene.directories, other).groups]
    if also:
        message = f"directory {' and directory '.join(also)} has a group {name} as well, and is synced too: whose sync came first has it"
        return [failed(ONE_SOURCE, subject, message, path)]
    for other in others:
        read = read_of(scene.directories, other)
        if not read.known or not read.complete:
            reason = read.reason or f"not all groups of directory {other} were read"
            return [unknown(ONE_SOURCE, subject, reason, path, DIRECTORY.remedy)]
    return [passed(ONE_SOURCE, subject, path)]


# ---- how groups are synced -------------------------------------------------------------------------------------------------


def _how_synced(group: GroupWanted, live: ClusterGroup | None, scene: Scene) -> list[CheckFinding]:
    if live is None:
        return []
    subject, path = _subject(group), _place(group)
    found = [_provenance(group, live, scene)]
    if live.source == BY_OPERATOR:
        age = scene.age_of(live)
        if age.state == LATE:
            found.append(failed(FRESH, subject, age.words, path))
        elif age.state == UNKNOWN_AGE:
            found.append(unknown(FRESH, subject, age.words, path, FRESH.remedy))
        else:
            found.append(passed(FRESH, subject, path))
    return found


def _provenance(group: GroupWanted, live: ClusterGroup, scene: Scene) -> CheckFinding:
    subject, path = _subject(group), _place(group)
    labels = sorted(provider_label(sync) for sync in scene.syncs_of(group.directory))
    if live.source == BY_OPERATOR and (not labels or live.provider in labels):
        return passed(PROVENANCE, subject, path, f"synced by {live.provider}")
    if live.source == BY_LOGIN and not labels:
        return passed(PROVENANCE, subject, path, "filled at logins")
    expected = " or ".join(labels) or "a GroupSync"
    if live.source == BY_OPERATOR:
        message = f"it is synced by {live.provider}, and not by {expected}"
    elif live.source == BY_NOBODY:
        message = "nobody syncs it: it has no label of the operator, so that what changes in the directory never comes here"
    else:
        message = f"it is filled by {'logins' if live.source == BY_LOGIN else 'oc adm groups sync'}, and not by {expected}"
    evidence = seen(
        f"Group {live.name}", "metadata.labels[group-sync-operator.redhat-cop.io/sync-provider]", live.provider or "none", expected
    )
    return failed(PROVENANCE, subject, message, path, evidence=evidence)


def _left_over(scene: Scene) -> list[CheckFinding]:
    """Groups that were synced and are in no directory any more, of those that the document does not name."""
    named = {group.name for group in scene.wanted.groups if group.directory}
    found = []
    for directory in sorted({sync.directory for sync in scene.wanted.group_syncs}):
        read, subject, path = read_of(scene.directories, directory), f"directory {directory}", "identity.group_syncs"
        if not read.known or not read.complete:
            reason = read.reason or f"not all groups of directory {directory} were read"
            found.append(unknown(LEAVERS, subject, reason, path, DIRECTORY.remedy))
            continue
        labels = {provider_label(sync) for sync in scene.syncs_of(directory)}
        synced = [group for group in scene.groups.values() if group.provider in labels and group.name not in named]
        left = [group for group in synced if group.name not in read.groups]
        found += [_left(group, directory, scene) for group in left] or [passed(LEAVERS, subject, path)]
    return found


def _left(group: ClusterGroup, directory: str, scene: Scene) -> CheckFinding:
    message = f"directory {directory} has no group {group.name} any more, and the Group on the cluster has {_people(group)}: "
    evidence = seen(f"Group {group.name}", "users", bounded(group.members) or "nobody", f"no such Group, as directory {directory} has none")
    return failed(LEAVERS, f"group {group.name}", message + why_left(scene, group), "", ORPHANED, evidence=evidence)


def _unsynced(scene: Scene) -> list[CheckFinding]:
    """Groups that nobody syncs and the document does not name."""
    named = {group.name for group in scene.wanted.groups}
    names = [group.name for group in scene.groups.values() if group.source == BY_NOBODY and group.name not in named]
    if not names:
        return []
    message = f"{len(names)} groups that the document does not name are synced by nobody: {bounded(names)}"
    return [failed(PROVENANCE, "other groups", message, _PATH, severity=INFORMATION, remedy="see who looks after them, or delete them")]


# ---- an external issuer ----------------------------------------------------------------------------------------------------


def _external(group: GroupWanted, scene: Scene) -> list[CheckFinding]:
    """A group that tokens bring: there is nothing on the cluster to look at."""
    subject, path = _subject(group), _place(group)
    if not group.directory:
        reason = "the document names no directory for it, and with an external issuer the cluster has no Groups"
        return _unknowns(subject, reason, path, "name the directory in which the group lives")
    read = read_of(scene.directories, group.directory)
    if not read.known:
        return _unknowns(subject, read.reason, path, DIRECTORY.remedy)
    name = name_in_directory(group, scene.wanted)
    there = read.groups.get(name)
    if there is None:
        message = f"directory {group.directory} has no group {name}"
        return [_missing(group, message, [f"{prefix_of(scene.wanted)}{other}" for other in sorted(read.groups)])]
    found = [passed(THERE, subject, path)]
    if not there.members_known:
        return [*found, unknown(LEAST, subject, f"the members of {name} were not read in directory {group.directory}", path)]
    return [*found, *_least(group, len(there.members), _without_users(there))]


def _unknowns(subject: str, reason: str, path: str, remedy: str) -> list[CheckFinding]:
    checks: tuple[Check, ...] = (THERE, LEAST)
    return [unknown(check, subject, reason, path, remedy) for check in checks]
