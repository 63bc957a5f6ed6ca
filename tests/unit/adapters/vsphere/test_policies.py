# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage policies are read from the side of the policies, in a handful of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.policies import read_policies
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError

from tests.unit.adapters.vsphere.scripted import ScriptedConnection, refuse, soap

GOLD, SILVER = "aa6d5a82-0001", "aa6d5a82-0002"
CONTENT = '<returnval><profileManager type="PbmProfileProfileManager">ProfileManager</profileManager></returnval>'
IDS = f"<returnval><uniqueId>{GOLD}</uniqueId></returnval><returnval><uniqueId>{SILVER}</uniqueId></returnval>"


def profile(identity: str, name: str) -> str:
    return (
        f'<returnval xsi:type="PbmCapabilityProfile"><profileId><uniqueId>{identity}</uniqueId></profileId><name>{name}</name></returnval>'
    )


def result(kind: str, key: str, *policies: str, fault: str = "") -> str:
    ids = "".join(f"<profileId><uniqueId>{identity}</uniqueId></profileId>" for identity in policies)
    return f"<returnval><object><objectType>{kind}</objectType><key>{key}</key></object>{ids}{fault}</returnval>"


ASSOCIATIONS = (
    result("virtualMachine", "vm-1", GOLD)
    + result("virtualDiskId", "vm-1:2000", GOLD)
    + result("virtualDiskId", "vm-1:2001", SILVER, GOLD)
    + result("datastore", "datastore-3", GOLD)
)


def service(**changes: Callable[[Mapping[str, Any]], bytes]) -> ScriptedConnection:
    """A server with two policies; keyword arguments replace answers."""

    def pbm(method: str, content: str) -> Callable[[Mapping[str, Any]], bytes]:
        return lambda _arguments: soap("urn:pbm", method, content)

    scripts: dict[str, Any] = {
        "PbmRetrieveServiceContent": pbm("PbmRetrieveServiceContent", CONTENT),
        "PbmQueryProfile": pbm("PbmQueryProfile", IDS),
        "PbmRetrieveContent": pbm("PbmRetrieveContent", profile(GOLD, "Gold") + profile(SILVER, "Silver")),
        "PbmQueryAssociatedEntities": pbm("PbmQueryAssociatedEntities", ASSOCIATIONS),
    }
    return ScriptedConnection({**scripts, **changes})


def raising(error: Exception) -> Callable[[Mapping[str, Any]], bytes]:
    def script(_arguments: Mapping[str, Any]) -> bytes:
        raise error

    return script


def test_policies_of_homes_and_disks_are_told_by_name() -> None:
    found = read_policies(service())
    assert found.homes == {"vm-1": "Gold"}
    assert found.disks == {("vm-1", 2000): "Gold", ("vm-1", 2001): "Gold, Silver"}
    assert (found.unknown, found.reason, found.calls) == ({}, "", 4)


def test_requests_carry_the_session_as_the_service_asks_for_it() -> None:
    connection = service()
    read_policies(connection)
    assert all(">canary-session-1</vcSessionCookie>" in arguments["body"] for _method, arguments in connection.made)
    assert "STORAGE" in connection.made[1][1]["body"]


def test_server_without_any_policy_has_none_on_any_vm() -> None:
    found = read_policies(service(PbmQueryProfile=lambda _arguments: soap("urn:pbm", "PbmQueryProfile", "")))
    assert (found.homes, found.disks, found.calls) == ({}, {}, 2)


def test_older_service_is_asked_policy_by_policy() -> None:
    def one(arguments: Mapping[str, Any]) -> bytes:
        content = "<returnval><objectType>virtualMachine</objectType><key>vm-7</key></returnval>" if SILVER in arguments["body"] else ""
        return soap("urn:pbm", "PbmQueryAssociatedEntity", content)

    found = read_policies(service(PbmQueryAssociatedEntities=raising(refuse("MethodNotFound")), PbmQueryAssociatedEntity=one))
    assert (found.homes, found.calls) == ({"vm-7": "Silver"}, 6)


def test_object_that_the_service_could_not_answer_for_leaves_its_vm_unknown() -> None:
    fault = '<fault><fault xsi:type="PbmNonExistentHubs"/><localizedMessage>not found</localizedMessage></fault>'
    content = ASSOCIATIONS + result("virtualDiskId", "vm-1:2003", fault=fault) + result("virtualMachine", "vm-2", SILVER)
    found = read_policies(service(PbmQueryAssociatedEntities=lambda _arguments: soap("urn:pbm", "PbmQueryAssociatedEntities", content)))
    assert found.homes == {"vm-2": "Silver"} and found.disks == {}
    assert found.unknown == {"vm-1": "the server answered PbmNonExistentHubs: not found"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (refuse("NoPermission", privilegeId="StorageProfile.View"), "no permission: privilege StorageProfile.View is missing"),
        (refuse("PBMFault"), "the server answered PBMFault: PBMFault it is"),
        (ReadinessError("vcenter_unreachable", "vc.example.com: HTTP 404"), "vc.example.com: HTTP 404"),
    ],
)
def test_what_goes_wrong_is_the_reason_and_no_error(error: Exception, reason: str) -> None:
    for method in ("PbmRetrieveServiceContent", "PbmQueryProfile", "PbmRetrieveContent", "PbmQueryAssociatedEntities"):
        found = read_policies(service(**{method: raising(error)}))
        assert (found.homes, found.reason) == (None, f"storage policies could not be read: {reason}")


@pytest.mark.parametrize("method", ["PbmRetrieveServiceContent", "PbmQueryProfile", "PbmRetrieveContent", "PbmQueryAssociatedEntities"])
def test_answer_of_another_form_is_the_reason(method: str) -> None:
    found = read_policies(service(**{method: lambda _arguments: soap("urn:pbm", method, "<returnval>what</returnval>")}))
    assert found.homes is None and found.reason == "storage policies could not be read: the answer does not hold what it should"
