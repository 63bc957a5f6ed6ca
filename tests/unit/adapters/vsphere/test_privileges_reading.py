# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Privileges are asked for in bulk, in the second way where the first is refused, and never end a read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.privileges import (
    COMPARED_OBJECTS,
    Survey,
    preflight,
    read_rights,
    unlisted_hosts,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import ObjectRead, Reference
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.privileges import PRIVILEGES, Permission

from tests.unit.adapters.vsphere.scripted import ScriptedConnection, refuse, vim

ROOT, NORTH, SOUTH = Reference("Folder", "group-d1"), Reference("Datacenter", "datacenter-2"), Reference("Datacenter", "datacenter-3")
NAMES = {"datacenter-2": "north", "datacenter-3": "south"}
ALL = tuple(entry.id for entry in PRIVILEGES)
SESSION = (
    '<returnval><objects><obj type="SessionManager">SessionManager</obj><propSet><name>currentSession</name><val xsi:type="UserSession">'
    "<key>session-7</key><userName>VSPHERE.LOCAL\\reader</userName></val></propSet></objects></returnval>"
)
PERMISSIONS = (
    '<returnval><entity type="Folder">group-d1</entity><principal>VSPHERE.LOCAL\\reader</principal><group>false</group>'
    "<roleId>-2</roleId><propagate>true</propagate></returnval>"
)


class Server(ScriptedConnection):
    """Grants everything everywhere but what `lacking` says of an object."""

    def __init__(self, lacking: Mapping[Reference, tuple[str, ...]] | None = None, api_type: str = "VirtualCenter") -> None:
        self.lacking = dict(lacking or {})
        scripts = {
            "RetrievePropertiesEx": self._properties,
            "HasPrivilegeOnEntities": self._has,
            "FetchUserPrivilegeOnEntities": self._fetch,
            "RetrieveEntityPermissions": lambda _arguments: vim("RetrieveEntityPermissions", PERMISSIONS),
        }
        super().__init__(scripts, api_type)

    def granted(self, entity: Any) -> list[str]:
        return [privilege for privilege in ALL if privilege not in self.lacking.get(Reference(entity._wsdlName, entity._moId), ())]

    def _has(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        rows = ""
        for entity in arguments["entity"]:
            held = self.granted(entity)
            cells = "".join(
                f"<privAvailability><privId>{name}</privId><isGranted>{str(name in held).lower()}</isGranted></privAvailability>"
                for name in arguments["privId"]
            )
            rows += f'<returnval><entity type="{entity._wsdlName}">{entity._moId}</entity>{cells}</returnval>'
        return vim("HasPrivilegeOnEntities", rows)

    def _fetch(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        rows = ""
        for entity in arguments["entities"]:
            cells = "".join(f"<privileges>{name}</privileges>" for name in self.granted(entity))
            rows += f'<returnval><entity type="{entity._wsdlName}">{entity._moId}</entity>{cells}</returnval>'
        return vim("FetchUserPrivilegeOnEntities", rows)

    def _properties(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        spec = arguments["specSet"][0]
        if spec.propSet[0].pathSet == ["currentSession"]:
            return vim("RetrievePropertiesEx", SESSION)
        objects = ""
        for entry in spec.objectSet:
            value = f'<val xsi:type="xsd:string">{NAMES[entry.obj._moId]}</val>'
            objects += f'<objects><obj type="Datacenter">{entry.obj._moId}</obj><propSet><name>name</name>{value}</propSet></objects>'
        return vim("RetrievePropertiesEx", f"<returnval>{objects}</returnval>")

    def refusing(self, *methods: str, error: Exception | None = None) -> Server:
        def denied(_arguments: Mapping[str, Any]) -> dict[str, Any]:
            raise error or refuse("NoPermission", privilegeId="System.Read")

        self.scripts.update(dict.fromkeys(methods, denied))
        return self


def methods(server: ScriptedConnection) -> list[str]:
    return [method for method, _arguments in server.made]


def test_privileges_of_many_objects_cost_three_calls() -> None:
    server = Server()
    rights = read_rights(server, [NORTH, SOUTH, ROOT, ("VirtualMachine", "vm-1")])
    assert rights.granted == {key: frozenset(ALL) for key in (ROOT, NORTH, SOUTH)}
    assert rights.permissions == (Permission("VSPHERE.LOCAL\\reader", True),)
    assert rights.account == "VSPHERE.LOCAL\\reader"
    assert methods(server) == ["RetrievePropertiesEx", "HasPrivilegeOnEntities", "RetrieveEntityPermissions"]
    assert server.made[1][1]["sessionId"] == "session-7"


def test_no_more_objects_are_compared_than_one_call_should_have() -> None:
    server = Server()
    rights = read_rights(server, [Reference("Folder", f"group-v{number}") for number in range(2 * COMPARED_OBJECTS)])
    assert rights.granted is not None and len(rights.granted) == COMPARED_OBJECTS
    assert ROOT in rights.granted


def test_account_that_may_not_be_asked_by_session_is_asked_by_name() -> None:
    server = Server({ROOT: ("System.Read",)}).refusing("HasPrivilegeOnEntities", "RetrieveEntityPermissions")
    found = preflight(server, Survey((NORTH,)), {})
    assert found.read_access == "partly" and [lack.privilege for lack in found.missing] == ["System.Read"]
    fetch = next(arguments for method, arguments in server.made if method == "FetchUserPrivilegeOnEntities")
    assert fetch["userName"] == "VSPHERE.LOCAL\\reader"


def test_unreadable_objects_are_named_by_class_and_name() -> None:
    server = Server({SOUTH: ("System.Read",), NORTH: ("System.Read",)})
    assert preflight(
        server,
        Survey(
            (
                NORTH,
                SOUTH,
            )
        ),
        {},
    ).unreadable == ("Datacenter north", "Datacenter south")
    assert methods(server).count("RetrievePropertiesEx") == 2


def test_server_that_tells_in_neither_way_leaves_all_open_with_the_reason() -> None:
    server = Server().refusing("HasPrivilegeOnEntities").refusing("FetchUserPrivilegeOnEntities", error=refuse("NotSupported"))
    found = preflight(server, Survey((NORTH,)), {})
    assert found.read_access == "not_known"
    assert found.evidence == "no permission: privilege System.Read is missing; the server answered NotSupported: NotSupported it is"


@pytest.mark.parametrize(
    "error", [refuse("NoPermission"), ReadinessError("vcenter_unreachable", "vc.example.com: the connection was lost")]
)
def test_nothing_that_goes_wrong_is_an_error(error: Exception) -> None:
    for method in ("RetrievePropertiesEx", "HasPrivilegeOnEntities"):
        found = preflight(Server().refusing(method, "FetchUserPrivilegeOnEntities", error=error), Survey((NORTH,)), {})
        assert (found.read_access, found.notices[0].code) == ("not_known", "privileges_not_known")


def test_answer_of_another_form_is_no_error() -> None:
    server = Server()
    server.scripts["HasPrivilegeOnEntities"] = lambda _arguments: vim("HasPrivilegeOnEntities", "<returnval>what</returnval>")
    assert preflight(server, Survey((NORTH,)), {}).evidence == "the answer does not hold what it should"


def test_standalone_host_is_known_by_its_kind_of_api() -> None:
    assert preflight(Server({ROOT: ("StorageProfile.View",)}, "HostAgent"), Survey(), {}).missing == ()


def test_hosts_that_datastores_name_and_nobody_listed_are_found() -> None:
    mounts = [{"key": Reference("HostSystem", "host-1")}, {"key": Reference("HostSystem", "host-7")}]
    stores = [
        ObjectRead("Datastore", "datastore-1", {"host": mounts}, {}),
        ObjectRead("Datastore", "datastore-2", {}, {"host": "no permission"}),
    ]
    assert unlisted_hosts(["host-1", "host-2"], stores) == ("host-7",)
    assert preflight(Server(), Survey((NORTH,), ("host-7",)), {}).read_access == "partly"
