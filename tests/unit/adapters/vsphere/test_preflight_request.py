# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight's options and its result, as a playbook sees them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.preflight_request import (
    OPTIONS,
    VisibleTags,
    needs_of,
    result_of,
    settings_of,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.reader import endpoint_of
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import InputError
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.privileges import (
    PRIVILEGES,
    Permission,
    Preflight,
    Rights,
    judge,
)
from ansible_collections.groundwork.readiness.plugins.modules import vcenter_preflight
from ansible_collections.groundwork.readiness.plugins.plugin_utils.rule_files import checked_catalogue

ROOT = ("Folder", "group-d1")
ALL = frozenset(entry.id for entry in PRIVILEGES)
ABOUT = {"full_name": "VMware vCenter Server 8.0.3 build-24022515"}
GIVEN = {
    "hostname": "vc.example.com",
    "username": "reader@vsphere.local",
    "password": "canary-password-1",
    "port": 443,
    "validate_certs": True,
}


def found(privileges: frozenset[str] = ALL, propagates: bool = True) -> Preflight:
    rights = Rights(
        ROOT, {ROOT: privileges}, permissions=(Permission("VSPHERE.LOCAL\\reader", propagates),), account="reader@vsphere.local"
    )
    return judge(rights, needs_of(checked_catalogue()))


def leaves(value: Any) -> Iterator[Any]:
    """Every plain value in a result."""
    if isinstance(value, dict):
        for child in value.values():
            yield from leaves(child)
    elif isinstance(value, list):
        for child in value:
            yield from leaves(child)
    else:
        yield value


def test_result_has_exactly_the_documented_keys_and_plain_values() -> None:
    result = result_of("vc.example.com", ABOUT, found(ALL - {"StorageProfile.View"}), VisibleTags(12, ""))
    documented = yaml.safe_load(vcenter_preflight.RETURN)
    assert set(result) == set(documented) - {"error"}
    assert set(result["missing"][0]) == set(documented["missing"]["contains"])
    assert set(result["tags"]) == set(documented["tags"]["contains"])
    assert {type(value) for value in leaves(result)} <= {str, int, bool}


def test_options_are_those_of_the_settings_and_the_catalogue() -> None:
    documented = yaml.safe_load(vcenter_preflight.DOCUMENTATION)["options"]
    assert set(documented) == {*OPTIONS, "catalogue"}


def test_summary_of_an_account_that_suffices_ends_with_that() -> None:
    lines = result_of("vc.example.com", ABOUT, found(), VisibleTags(12, ""))["summary"]
    assert lines[0] == "vc.example.com: VMware vCenter Server 8.0.3 build-24022515"
    assert "tags: 12 can be read" in lines
    assert lines[-1] == "the account suffices"


def test_summary_names_a_missing_privilege_with_its_cost() -> None:
    result = result_of("vc.example.com", ABOUT, found(ALL - {"StorageProfile.View"}), VisibleTags(0, "no tag is visible"))
    assert "missing (optional): StorageProfile.View; 2 facts (vm.disks.storage_policy, vm.storage_policy) stay unknown" in result["summary"]
    assert "tags: no tag is visible" in result["summary"]
    assert result["suffices"] and result["summary"][-1] == "the account suffices, with what is said above"


def test_account_whose_permission_does_not_propagate_does_not_suffice() -> None:
    result = result_of("vc.example.com", ABOUT, found(propagates=False), VisibleTags(1, ""))
    assert not result["suffices"]
    assert result["summary"][-1].startswith("the account does not suffice")
    assert [notice["code"] for notice in result["notices"]] == ["vms_may_be_invisible"]


def test_missing_read_privilege_names_the_rules_of_the_shipped_catalogue() -> None:
    lack = next(lack for lack in found(ALL - {"System.Read"}).missing if lack.privilege == "System.Read")
    assert "vmware.snapshot.detected" in lack.rules and "vmware.vm.name.invalid" not in lack.rules


def test_every_fault_of_the_options_is_listed_and_no_value_repeated() -> None:
    with pytest.raises(InputError) as caught:
        settings_of({**GIVEN, "hostname": "https://vc.example.com", "port": 70000, "ca_path": "/no/such/file.pem"})
    text = caught.value.text()
    assert len(caught.value.problems) == 3
    assert "canary-password-1" not in text and "file.pem" in text


def test_settings_become_the_place_and_account_to_read(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("")
    endpoint = endpoint_of(settings_of({**GIVEN, "ca_path": str(authority), "proxy_host": "proxy.example.com", "proxy_port": 3128}))
    assert (endpoint.hostname, endpoint.username, endpoint.ca_path, endpoint.proxy_host, endpoint.proxy_port) == (
        "vc.example.com",
        "reader@vsphere.local",
        str(authority),
        "proxy.example.com",
        3128,
    )
    assert "canary-password-1" not in repr(endpoint)


def test_no_catalogue_means_no_rules() -> None:
    assert needs_of(None) == {}
    assert len(needs_of(checked_catalogue())) > 20
