# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The read-only role that suffices, what each of its privileges is for, and what a session's privileges come to.

Properties and their privileges stand in the catalogue of what is read; the calls beside it stand here. Facts are named as
there: `vm.cpu_count`, `vm.disks.mode`, `cluster.drs_enabled`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .catalogue import LICENSES, PROPERTIES, READ, VIEW, PropertyRead
from .extras import ObjectKey
from .performance import FACTS as HISTORY_FACTS

ANONYMOUS: Final = "System.Anonymous"
POLICIES: Final = "StorageProfile.View"

ROLE_NAME: Final = "readiness-reader"
PAGE: Final = "docs/privileges.md"

_TYPES: Final = "pyVmomi 9.1.1.0, catalogue of types"
_AUTOMATION: Final = "vSphere Automation API"
_TAG_OBJECTS: Final = "vSphere Security, permissions on tag objects"
_POLICY_FACTS: Final = ("vm.storage_policy", "vm.disks.storage_policy")


@dataclass(frozen=True, slots=True)
class CallRead:
    """A call that the collection makes, beside reading properties: what for, the facts that need it, the privilege behind it.

    `since` is the version of the API that brought it where older ones are met. `often` says how often it is made.
    """

    call: str
    purpose: str
    privilege: str
    source: str
    facts: tuple[str, ...] = ()
    often: str = "once"


def _call(call: str, purpose: str, privilege: str, facts: Iterable[str] = (), often: str = "once") -> CallRead:
    return CallRead(call, purpose, privilege, f"{_TYPES}: {call} names {privilege}", tuple(facts), often)


def _tag_call(call: str, purpose: str, often: str) -> CallRead:
    return CallRead(call, purpose, READ, f"{_AUTOMATION} asks for the read privilege on the tag; {_TAG_OBJECTS}", ("vm.tags",), often)


CALLS: Final = (
    _call("ServiceInstance.RetrieveServiceContent", "finds the services", ANONYMOUS),
    _call("ServiceInstance.CurrentTime", "dates the read by the server's clock", VIEW),
    _call("SessionManager.Login", "opens the session", ANONYMOUS),
    _call("SessionManager.Logout", "ends the session", VIEW),
    _call("ViewManager.CreateContainerView", "lists the objects", VIEW),
    _call("View.DestroyView", "forgets the list", VIEW),
    _call("PropertyCollector.RetrievePropertiesEx", "reads properties, each with its own privilege", ANONYMOUS, often="once per page"),
    _call("PropertyCollector.ContinueRetrievePropertiesEx", "reads the next page", VIEW, often="once per page"),
    _call("PropertyCollector.CancelRetrievePropertiesEx", "gives up the rest of the pages", VIEW, often="after a failure"),
    _call("AuthorizationManager.HasPrivilegeOnEntities", "tells which privileges the session has", VIEW),
    CallRead(
        "AuthorizationManager.FetchUserPrivilegeOnEntities",
        "tells the same of an account that may not read the root folder",
        VIEW,
        f"{_TYPES}: its parameter entities names {VIEW}",
        often="where the call before it is refused",
    ),
    CallRead(
        "AuthorizationManager.RetrieveEntityPermissions",
        "tells whether permissions on the root folder propagate",
        READ,
        f"{_TYPES}: its parameter entity names {READ}",
    ),
    _call("LicenseAssignmentManager.QueryAssignedLicenses", "reads the editions in use", VIEW, ("vcenter.license", "host.license")),
    _call("OptionManager.QueryOptions", "learns how much history one call may ask for", VIEW, often="once, where history is asked for"),
    _call(
        "PerformanceManager.QueryPerf",
        "reads the history",
        VIEW,
        (f"vm.{fact}" for fact in HISTORY_FACTS),
        "once per page, where history is asked for",
    ),
    _call("PbmServiceInstance.PbmRetrieveServiceContent", "finds the storage policy service", ANONYMOUS),
    _call("PbmProfileProfileManager.PbmQueryProfile", "lists storage policies", POLICIES, _POLICY_FACTS),
    _call("PbmProfileProfileManager.PbmRetrieveContent", "reads their names", POLICIES, _POLICY_FACTS),
    _call("PbmProfileProfileManager.PbmQueryAssociatedEntities", "reads which VMs and disks have them", POLICIES, _POLICY_FACTS),
    _call(
        "PbmProfileProfileManager.PbmQueryAssociatedEntity",
        "the same, one policy at a time",
        POLICIES,
        _POLICY_FACTS,
        "once per policy, where the call before it is not offered",
    ),
    CallRead("POST and DELETE session", "opens and ends the REST session", ANONYMOUS, f"{_AUTOMATION}: needs an account alone"),
    _tag_call("GET tagging/tag", "lists tags", "once"),
    _tag_call("POST tagging/tag-association, list-attached-objects-on-tags", "reads which objects have them", "once per 100 tags"),
    _tag_call("GET tagging/tag/ID", "reads a tag's name", "once per tag in use"),
    _tag_call("GET tagging/category/ID", "reads a category's name", "once per category in use"),
)
"""Every call, in the order in which a read makes them."""


@dataclass(frozen=True, slots=True)
class Privilege:
    """One privilege of the role.

    `need` is required (nothing is read without it) or optional (what it costs stands in its facts). `on_host` is false for
    a privilege that a standalone ESXi host does not have. `system` privileges are part of every role and cannot be left out.
    """

    id: str
    label: str
    need: str
    source: str
    note: str = ""
    on_host: bool = True
    system: bool = False


_EVERY_ROLE: Final = "vSphere Web Services API, AuthorizationManager: part of every role that users define"

PRIVILEGES: Final = (
    Privilege(ANONYMOUS, "none: part of every role", "required", _EVERY_ROLE, system=True),
    Privilege(VIEW, "none: part of every role", "required", _EVERY_ROLE, "lists objects and shows their names and places", system=True),
    Privilege(READ, "none: part of every role", "required", _EVERY_ROLE, "shows what objects are and do", system=True),
    Privilege(
        POLICIES,
        "VM storage policies: View VM storage policies (before vSphere 8: Profile-driven storage view)",
        "optional",
        "vSphere Security, defined privileges, required on the root vCenter Server",
        "allows nothing but viewing",
        on_host=False,
    ),
    Privilege(
        LICENSES,
        "Global: Licenses",
        "optional",
        "vSphere Security, defined privileges, required on the root vCenter Server",
        "also allows adding and removing licences; leave it out where that is too much for an account that only reads",
    ),
)
"""The role, in the order of need."""


def property_rows() -> tuple[PropertyRead, ...]:
    """Every property that is read, class by class."""
    return tuple(entry for entries in PROPERTIES.values() for entry in entries)


def facts_behind(privilege: str) -> tuple[str, ...]:
    """The facts that cannot be known without a privilege, sorted. Without System.View nothing can be read either."""
    lost = {VIEW, READ} if privilege == VIEW else {privilege}
    facts = {fact for entry in property_rows() if entry.privilege in lost for fact in entry.facts}
    facts.update(fact for call in CALLS if call.privilege in lost for fact in call.facts)
    return tuple(sorted(facts))


def rules_behind(facts: Iterable[str], needs: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Ids of the rules that may not be evaluated without some facts, sorted; `needs` maps a rule's id to the fact paths it reads."""
    lost = frozenset(facts)
    return tuple(sorted(rule for rule, paths in needs.items() if any(_is_lost(path, lost) for path in paths)))


def _is_lost(path: str, lost: frozenset[str]) -> bool:
    """True where a rule's fact (`disks.mode`, `cluster.drs_enabled`) or the list that it is part of is among the lost ones."""
    name = path if path.startswith("cluster.") else f"vm.{path}"
    return name in lost or ("." in path and name.rpartition(".")[0] in lost)


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission on the root folder: whom it is for, and whether it holds for everything below."""

    principal: str
    propagates: bool


@dataclass(frozen=True, slots=True)
class Rights:
    """What a server says of a session's privileges.

    `granted` maps the root folder and the objects that were compared with it to the privileges that the session has
    there; None where the server did not tell, with the reason. `names` are the names of those objects. `permissions` are
    those on the root folder, inherited ones included; None where they could not be read. `unlisted` are the ids of hosts
    that visible datastores name and that stand in no list of hosts: the account may not see them.
    """

    root: ObjectKey
    granted: Mapping[ObjectKey, frozenset[str]] | None
    reason: str = ""
    names: Mapping[ObjectKey, str] = field(default_factory=dict)
    permissions: Sequence[Permission] | None = None
    unlisted: Sequence[str] = ()
    account: str = ""
    standalone: bool = False


@dataclass(frozen=True, slots=True)
class Lack:
    """A privilege that is missing on the root folder, and what that costs."""

    privilege: str
    need: str
    facts: tuple[str, ...]
    rules: tuple[str, ...]
    remedy: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the report says of a source."""

    code: str
    message: str
    remedy: str

    def as_record(self) -> dict[str, str]:
        """As it stands among a source's notices."""
        return {"code": self.code, "message": self.message, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a session's privileges come to.

    `read_access` is `everywhere` (the permissions propagate from the root folder), `partly` (they do not, or something is
    known to be unreadable) or `not_known`, with the evidence in words. `unreadable` are names of objects that the session
    sees and may not read.
    """

    granted: tuple[str, ...]
    missing: tuple[Lack, ...]
    read_access: str
    evidence: str
    unreadable: tuple[str, ...] = ()
    compared: int = 0
    standalone: bool = False
    notices: tuple[Notice, ...] = ()

    @property
    def suffices(self) -> bool:
        """True when no required privilege is missing and nothing says that objects are hidden."""
        return not any(lack.need == "required" for lack in self.missing) and self.read_access != "partly"


EVERYWHERE: Final = "everywhere"
"""How far read access reaches where nothing says that an object is hidden."""

GRANT_REMEDY: Final = f"give the account a role with it on the root folder, propagated to children ({PAGE})"
PROPAGATE_REMEDY: Final = (
    f"give the account its role on the root folder with 'Propagate to children', and no narrower permission below ({PAGE})"
)
_NARROWER: Final = "what a narrower permission further down hides is not shown to the account"
_SHOWN: Final = 5


def judge(rights: Rights, needs: Mapping[str, Sequence[str]]) -> Preflight:
    """What the privileges suffice for. `needs` maps a rule's id to the fact paths that it reads; empty where rules do not matter."""
    if rights.granted is None or rights.root not in rights.granted:
        return _not_told(rights)
    at_root = rights.granted[rights.root]
    wanted = [entry for entry in PRIVILEGES if entry.on_host or not rights.standalone]
    missing = tuple(_lack(entry, needs) for entry in wanted if entry.id not in at_root)
    access, evidence, unreadable = _read_access(rights)
    notices = [_lack_notice(lack) for lack in missing]
    if access != EVERYWHERE:
        notices.append(Notice("vms_may_be_invisible", f"VMs may be invisible to the account: {evidence}", PROPAGATE_REMEDY))
    granted = tuple(entry.id for entry in wanted if entry.id in at_root)
    compared = len(rights.granted) - 1
    return Preflight(granted, missing, access, evidence, unreadable, compared, rights.standalone, tuple(notices))


def _not_told(rights: Rights) -> Preflight:
    reason = rights.reason or "the server did not say which privileges the session has"
    notice = Notice("privileges_not_known", f"it is not known whether the account sees every VM: {reason}", PROPAGATE_REMEDY)
    return Preflight((), (), "not_known", reason, standalone=rights.standalone, notices=(notice,))


def _lack(entry: Privilege, needs: Mapping[str, Sequence[str]]) -> Lack:
    facts = facts_behind(entry.id)
    return Lack(entry.id, entry.need, facts, rules_behind(facts, needs), GRANT_REMEDY)


def cost(lack: Lack) -> str:
    """What a missing privilege costs, in words."""
    if not lack.facts:
        return "the server may refuse the session"
    rules = f"; {_listed(lack.rules, 'rule')} cannot be evaluated" if lack.rules else ""
    return f"{_listed(lack.facts, 'fact')} {'stays' if len(lack.facts) == 1 else 'stay'} unknown{rules}"


def _lack_notice(lack: Lack) -> Notice:
    message = f"the account lacks the privilege {lack.privilege} on the root folder: {cost(lack)}"
    return Notice("privilege_missing", message, lack.remedy)


def _listed(names: Sequence[str], what: str) -> str:
    """How many names there are, and the first of them."""
    shown = ", ".join(names[:_SHOWN])
    count = f"{len(names)} {what}{'' if len(names) == 1 else 's'}"
    return f"{count} ({shown}{', …' if len(names) > _SHOWN else ''})"


def _read_access(rights: Rights) -> tuple[str, str, tuple[str, ...]]:
    """How far read access reaches, the evidence, and the names of objects that cannot be read."""
    granted = rights.granted or {}
    if READ not in granted[rights.root]:
        return "partly", f"it has no {READ} on the root folder, so it sees no more than what lies below a permission of its own", ()
    below = [key for key in sorted(granted) if key != rights.root]
    unreadable = tuple(sorted(rights.names.get(key, key[1]) for key in below if READ not in granted[key]))
    if unreadable:
        return (
            "partly",
            f"it may not read {_listed(unreadable, 'object')} of {len(below)} that were compared with the root folder",
            unreadable,
        )
    if rights.unlisted:
        return "partly", f"datastores name {_listed(rights.unlisted, 'host')} that it does not see", ()
    return (*_propagation(rights, len(below)), ())


def _propagation(rights: Rights, compared: int) -> tuple[str, str]:
    """Whether the permission on the root folder holds below it. What an account sees cannot prove it: the rest is not listed."""
    readable = f"{compared} {'object' if compared == 1 else 'objects'} compared below the root folder can be read"
    if rights.standalone:
        return EVERYWHERE, f"a standalone host has one inventory; {readable}"
    if rights.permissions is None:
        return "not_known", f"{readable}, yet the permissions on the root folder are not shown, so others may be hidden"
    own = [one for one in rights.permissions if same_account(one.principal, rights.account)]
    if any(not one.propagates for one in own):
        return "partly", "its permission on the root folder does not propagate to children"
    if own or (rights.permissions and all(one.propagates for one in rights.permissions)):
        return EVERYWHERE, f"permissions on the root folder propagate to children; {readable}; {_NARROWER}"
    return "not_known", f"{readable}, yet not all permissions on the root folder propagate, and which of them is the account's is not shown"


def same_account(principal: str, account: str) -> bool:
    r"""True where two spellings name one account: `VSPHERE.LOCAL\reader` and `reader@vsphere.local`."""
    return bool(account) and _account(principal) == _account(account)


def _account(text: str) -> tuple[str, str]:
    domain, slash, name = text.strip().lower().partition("\\")
    if slash:
        return domain, name
    name, _at, domain = text.strip().lower().rpartition("@")
    return (domain, name) if name else ("", domain)
