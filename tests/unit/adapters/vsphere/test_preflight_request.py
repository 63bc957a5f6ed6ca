# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight's options and its result, as a playbook sees them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vcenter_arguments import ENVIRONMENT, VcenterSettings
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

from tests.unit.meta.project import CHECKOUT

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
SETTINGS = VcenterSettings("vc.example.com", "reader@vsphere.local", "canary-password-1")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of whoever runs the tests must not count."""
    for name in ENVIRONMENT.values():
        monkeypatch.delenv(name, raising=False)


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
    result = result_of(SETTINGS, ABOUT, found(ALL - {"StorageProfile.View"}), VisibleTags(12, ""))
    documented = yaml.safe_load(vcenter_preflight.RETURN)
    assert set(result) == set(documented) - {"error"}
    assert set(result["missing"][0]) == set(documented["missing"]["contains"])
    assert set(result["tags"]) == set(documented["tags"]["contains"])
    assert {type(value) for value in leaves(result)} <= {str, int, bool}


def test_options_are_those_of_the_settings_and_the_catalogue() -> None:
    documented = yaml.safe_load(vcenter_preflight.DOCUMENTATION)["options"]
    assert set(documented) == {*OPTIONS, "vcenter", "host", "address", "base_dir", "catalogue"}


def test_summary_of_an_account_that_suffices_ends_with_that() -> None:
    lines = result_of(SETTINGS, ABOUT, found(), VisibleTags(12, ""))["summary"]
    assert lines[0] == "vc.example.com: VMware vCenter Server 8.0.3 build-24022515"
    assert "tags: 12 can be read" in lines
    assert lines[-1] == "the account suffices"


def test_summary_names_a_missing_privilege_with_its_cost() -> None:
    result = result_of(SETTINGS, ABOUT, found(ALL - {"StorageProfile.View"}), VisibleTags(0, "no tag is visible"))
    assert "missing (optional): StorageProfile.View; 2 facts (vm.disks.storage_policy, vm.storage_policy) stay unknown" in result["summary"]
    assert "tags: no tag is visible" in result["summary"]
    assert result["suffices"] and result["summary"][-1] == "the account suffices, with what is said above"


def test_account_whose_permission_does_not_propagate_does_not_suffice() -> None:
    result = result_of(SETTINGS, ABOUT, found(propagates=False), VisibleTags(1, ""))
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


def test_mapping_is_refused_as_the_reading_refuses_it_and_no_value_repeated() -> None:
    given = {"usernme": "reader", "password": 4711, "page_size": 0, "validate_certs": "perhaps"}
    with pytest.raises(InputError) as caught:
        settings_of({"vcenter": given, "host": "vc-north", "address": "vc-north.example.com"})
    place = "readiness_vcenter of host vc-north"
    assert {problem.message for problem in caught.value.problems} == {
        f"{place}.usernme is not known",
        f"{place}.username is missing",
        f"{place}.password is not a text",
        f"{place}.page_size is not a number from 1 to 10000",
        f"{place}.validate_certs is not true or false",
    }
    assert "4711" not in caught.value.text() and "perhaps" not in caught.value.text()


@pytest.mark.parametrize(("given", "word"), [([{"hostname": "a"}], "a list"), ("user=a", "a text"), (5, "a number")])
def test_what_is_no_mapping_is_one_problem(given: object, word: str) -> None:
    with pytest.raises(InputError) as caught:
        settings_of({"vcenter": given, "host": "vc-north"})
    assert [problem.message for problem in caught.value.problems] == [f"readiness_vcenter of host vc-north is {word}, not a mapping"]


@pytest.mark.parametrize("given", [None, "", {}])
def test_host_without_a_mapping_is_reached_by_its_address_with_the_account_of_the_environment(
    given: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VMWARE_USER", "reader")
    monkeypatch.setenv("VMWARE_PASSWORD", "canary-password-1")
    settings = settings_of({"vcenter": given, "host": "vc-north", "address": "192.0.2.7"})
    assert (settings.hostname, settings.username, settings.name) == ("192.0.2.7", "reader", "vc-north")


def test_mapping_without_a_host_is_called_by_the_option(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    settings = settings_of({"vcenter": {**GIVEN, "ca_path": "ca.pem", "page_size": 5}, "base_dir": str(tmp_path)})
    assert (settings.ca_path, settings.page_size) == (str(tmp_path / "ca.pem"), 5)
    with pytest.raises(InputError) as caught:
        settings_of({"vcenter": {**GIVEN, "port": 0}})
    assert [problem.message for problem in caught.value.problems] == ["vcenter_preflight.vcenter.port is not a number from 1 to 65535"]


def test_summary_calls_a_server_by_its_name_in_the_inventory() -> None:
    result = result_of(replace(SETTINGS, name="vc-north"), ABOUT, found(), VisibleTags(12, ""))
    assert result["hostname"] == "vc.example.com"
    assert result["summary"][0] == "vc-north: VMware vCenter Server 8.0.3 build-24022515"


def run_module(**params: Any) -> subprocess.CompletedProcess[str]:
    """The module as Ansible runs it, with all its words."""
    arguments = {"ANSIBLE_MODULE_ARGS": {**params, "_ansible_verbosity": 3}}
    name = "ansible_collections.groundwork.readiness.plugins.modules.vcenter_preflight"
    return subprocess.run(
        [sys.executable, "-m", name],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT / "build" / "collections",
    )


@pytest.mark.parametrize(
    "given",
    [
        {**GIVEN, "hostname": "127.0.0.1", "port": 1},
        {**GIVEN, "pasword": "canary-password-2"},
        "hostname=vc.example.com password=canary-password-1",
        [{"password": "canary-password-1"}],
    ],
    ids=["nobody listens", "misspelt key", "a text", "a list"],
)
def test_module_never_shows_a_password_of_the_mapping(given: object) -> None:
    done = run_module(vcenter=given, host="vc-north", catalogue=checked_catalogue())
    assert json.loads(done.stdout)["failed"]
    assert "canary-password" not in done.stdout + done.stderr


def test_catalogue_is_not_taken_for_a_secret() -> None:
    catalogue = {"rules": [{"id": "vmware.passthrough", "tokens": ["vc-north"]}]}
    done = run_module(vcenter=5, host="vc-north", catalogue=catalogue)
    assert "readiness_vcenter of host vc-north is a number" in json.loads(done.stdout)["msg"]


def test_module_takes_the_mapping_or_the_options_but_not_both() -> None:
    done = run_module(vcenter={}, hostname="vc.example.com")
    assert "mutually exclusive" in json.loads(done.stdout)["msg"]


def test_no_catalogue_means_no_rules() -> None:
    assert needs_of(None) == {}
    assert len(needs_of(checked_catalogue())) > 20
