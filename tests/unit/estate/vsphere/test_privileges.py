# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Privileges come to facts, facts to rules, and what a session lacks is said with what it costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import _libraries
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.catalogue import LICENSES, OTHER_SOURCES, READ, VIEW
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.privileges import (
    ANONYMOUS,
    CALLS,
    POLICIES,
    PRIVILEGES,
    Permission,
    Preflight,
    Rights,
    facts_behind,
    judge,
    property_rows,
    rules_behind,
    same_account,
)

ROOT, NORTH, CLUSTER = ("Folder", "group-d1"), ("Datacenter", "datacenter-2"), ("ClusterComputeResource", "domain-c7")
ALL = frozenset(entry.id for entry in PRIVILEGES)
NAMES = {ROOT: "Datacenters", NORTH: "north", CLUSTER: "prod"}
NEEDS = {"disk.mode": ["disks.mode"], "drs": ["cluster", "cluster.drs_enabled"], "name": ["name"], "policy": ["storage_policy"]}
OWN = Permission("VSPHERE.LOCAL\\reader", True)


WHOLE = Rights(ROOT, {ROOT: ALL, NORTH: ALL, CLUSTER: ALL}, names=NAMES, permissions=(OWN,), account="reader@vsphere.local")


def judged(**changes: Any) -> Preflight:
    """A session that may do all that the role allows, everywhere, but for the changes."""
    return judge(replace(WHOLE, **changes), NEEDS)


def test_every_privilege_behind_a_property_or_call_is_in_the_role() -> None:
    behind = {entry.privilege for entry in property_rows()} | {call.privilege for call in CALLS}
    assert behind <= ALL
    assert {entry.id for entry in PRIVILEGES if not entry.system} <= behind


def test_every_row_names_its_source() -> None:
    assert [row for row in (*property_rows(), *CALLS, *PRIVILEGES) if not row.source] == []


def test_every_fact_that_no_property_feeds_but_a_call_does_has_its_call() -> None:
    fed = {fact for call in CALLS for fact in call.facts}
    assert fed == {fact for fact, source in OTHER_SOURCES.items() if "annotations" not in source and "every session" not in source}


def test_privileges_of_calls_and_properties_are_those_of_the_client_librarys_catalogue() -> None:
    catalogue = _libraries.pyVmomi.VmomiSupport
    checked = 0
    for call in CALLS:
        owner, dot, method = call.call.partition(".")
        if not dot:
            continue
        info = getattr(catalogue.GetWsdlType("urn:pbm" if owner.startswith("Pbm") else "urn:vim25", owner), method).info
        parameters = {parameter.privId for parameter in info.params}
        assert (
            info.privId == call.privilege if call.source.endswith(f"{call.call} names {call.privilege}") else call.privilege in parameters
        )
        checked += 1
    assert checked > 10
    for entry in property_rows():
        named = catalogue.GetWsdlType("urn:vim25", entry.type)._GetPropertyInfo(entry.path.partition(".")[0]).privId
        assert named == entry.privilege or (named is None and entry.privilege in (READ, LICENSES)), entry


def test_facts_behind_viewing_hold_those_behind_reading() -> None:
    assert set(facts_behind(READ)) < set(facts_behind(VIEW))
    assert "vm.disks" in facts_behind(READ) and "vm.name" in facts_behind(VIEW)
    assert facts_behind(POLICIES) == ("vm.disks.storage_policy", "vm.storage_policy")
    assert facts_behind(ANONYMOUS) == ()


def test_rule_that_reads_a_part_is_lost_with_its_list_and_a_cluster_fact_with_its_own_name() -> None:
    assert rules_behind(["vm.disks"], NEEDS) == ("disk.mode",)
    assert rules_behind(["vm.disks.mode"], NEEDS) == ("disk.mode",)
    assert rules_behind(["vm.disks.path"], NEEDS) == ()
    assert rules_behind(["cluster.drs_enabled"], NEEDS) == ("drs",)
    assert rules_behind(["vm.cluster"], NEEDS) == ("drs",)


def test_session_with_the_whole_role_everywhere_has_nothing_to_be_told() -> None:
    found = judged()
    assert (found.missing, found.notices, found.read_access, found.suffices) == ((), (), "everywhere", True)
    assert found.granted == tuple(entry.id for entry in PRIVILEGES)
    assert found.compared == 2


@pytest.mark.parametrize("privilege", [POLICIES, LICENSES])
def test_missing_optional_privilege_is_said_with_its_cost_and_suffices(privilege: str) -> None:
    found = judged(granted={key: ALL - {privilege} for key in (ROOT, NORTH, CLUSTER)})
    assert [lack.privilege for lack in found.missing] == [privilege]
    assert found.suffices
    assert [notice.code for notice in found.notices] == ["privilege_missing"]
    assert privilege in found.notices[0].message and "docs/privileges.md" in found.notices[0].remedy


def test_missing_policy_privilege_names_facts_and_rules() -> None:
    found = judged(granted={ROOT: ALL - {POLICIES}})
    assert found.missing[0].rules == ("policy",)
    assert found.notices[0].message == (
        "the account lacks the privilege StorageProfile.View on the root folder: 2 facts (vm.disks.storage_policy, "
        "vm.storage_policy) stay unknown; 1 rule (policy) cannot be evaluated"
    )


def test_account_that_only_views_the_root_folder_sees_a_part() -> None:
    found = judged(granted={ROOT: frozenset({ANONYMOUS, VIEW}), NORTH: ALL})
    assert found.read_access == "partly" and not found.suffices
    assert [notice.code for notice in found.notices] == ["privilege_missing"] * 3 + ["vms_may_be_invisible"]


def test_object_that_is_seen_and_not_readable_is_named() -> None:
    found = judged(granted={ROOT: ALL, NORTH: frozenset({ANONYMOUS, VIEW}), CLUSTER: ALL})
    assert found.read_access == "partly" and found.unreadable == ("north",)
    assert "it may not read 1 object (north) of 2 that were compared with the root folder" in found.evidence


def test_hosts_that_datastores_name_and_no_list_has_are_hidden() -> None:
    found = judged(unlisted=("host-12", "host-9"))
    assert found.read_access == "partly" and not found.suffices
    assert found.notices[0].message == (
        "VMs may be invisible to the account: datastores name 2 hosts (host-12, host-9) that it does not see"
    )


def test_permission_of_the_account_that_does_not_propagate_means_a_part() -> None:
    found = judged(permissions=(Permission("VSPHERE.LOCAL\\Reader", False), Permission("VSPHERE.LOCAL\\Admins", True)))
    assert found.read_access == "partly" and not found.suffices


def test_permissions_that_propagate_for_everybody_hold_for_the_account() -> None:
    assert judged(permissions=(Permission("CORP\\readers", True),)).read_access == "everywhere"


@pytest.mark.parametrize("permissions", [None, (), (Permission("CORP\\a", True), Permission("CORP\\b", False))])
def test_permissions_that_do_not_tell_are_not_taken_for_access_everywhere(permissions: object) -> None:
    found = judged(permissions=permissions)
    assert found.read_access == "not_known"
    assert [notice.code for notice in found.notices] == ["vms_may_be_invisible"]
    assert found.suffices


def test_server_that_does_not_tell_privileges_leaves_all_open() -> None:
    found = judged(granted=None, reason="the server answered NotSupported")
    assert (found.granted, found.missing, found.read_access) == ((), (), "not_known")
    assert found.notices[0].code == "privileges_not_known" and "NotSupported" in found.notices[0].message


def test_standalone_host_lacks_no_privilege_that_only_a_vcenter_has() -> None:
    found = judged(granted={ROOT: ALL - {POLICIES}}, standalone=True, permissions=None)
    assert found.missing == () and found.read_access == "everywhere"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("VSPHERE.LOCAL\\Reader", "reader@vsphere.local", True),
        ("reader@vsphere.local", "READER@VSPHERE.LOCAL", True),
        ("root", "root", True),
        ("CORP\\reader", "reader@vsphere.local", False),
        ("reader", "", False),
    ],
)
def test_accounts_are_compared_whatever_their_spelling(one: str, other: str, same: bool) -> None:
    assert same_account(one, other) is same
