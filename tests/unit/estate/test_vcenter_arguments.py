# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a vCenter is to be reached: defaults, environment, and every fault by its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vcenter_arguments import (
    ENVIRONMENT,
    KEYS,
    VcenterArguments,
    VcenterSettings,
)

LOGIN: dict[str, Any] = {"hostname": "vc.example.com", "username": "reader", "password": "canary"}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of whoever runs the tests must not count."""
    for name in ENVIRONMENT.values():
        monkeypatch.delenv(name, raising=False)


def settings(value: Any, base_dir: Path = Path("/base"), address: str = "") -> VcenterSettings | None:
    return VcenterArguments("vcenter", base_dir, address).settings(value)


def faults(value: Any, base_dir: Path = Path("/base")) -> list[str]:
    arguments = VcenterArguments("vcenter", base_dir)
    assert arguments.settings(value) is None
    assert all(problem.remedy for problem in arguments.problems)
    return [problem.message for problem in arguments.problems]


def test_what_is_not_given_has_its_default_and_certificates_are_verified() -> None:
    found = settings(LOGIN)
    assert found == VcenterSettings("vc.example.com", "reader", "canary")
    assert found is not None
    assert (found.port, found.validate_certs, found.performance_days) == (443, True, 0)


def test_the_environment_stands_in_for_what_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "hostname": "vc-b",
        "username": "u",
        "password": "p",
        "port": "8443",
        "validate_certs": "false",
        "proxy_host": "px",
        "proxy_port": "3128",
    }
    for key, value in given.items():
        monkeypatch.setenv(ENVIRONMENT[key], value)
    assert settings({}) == VcenterSettings("vc-b", "u", "p", 8443, False, "", "px", 3128)
    assert settings({**LOGIN, "port": 443, "validate_certs": True}) == VcenterSettings(**LOGIN, proxy_host="px", proxy_port=3128)


def test_the_inventory_names_the_host_before_the_environment_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT["hostname"], "vc-of-the-environment")
    found = settings({"username": "u", "password": "p"}, address="vc-of-the-inventory")
    assert found is not None
    assert found.hostname == "vc-of-the-inventory"


def test_the_authority_is_found_below_the_base_directory_and_has_to_be_there(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("", encoding="utf-8")
    found = settings({**LOGIN, "ca_path": "ca.pem"}, tmp_path)
    assert found is not None
    assert found.ca_path == str(tmp_path / "ca.pem")
    assert faults({**LOGIN, "ca_path": "none.pem"}, tmp_path) == ["vcenter.ca_path names none.pem, which is no file"]


@pytest.mark.parametrize(
    ("value", "messages"),
    [
        ("vc", ["vcenter is a text, not a mapping"]),
        ({**LOGIN, "hostname": "https://vc"}, ["vcenter.hostname is an address with a scheme or a path"]),
        ({**LOGIN, "password": 4711}, ["vcenter.password is not a text"]),
        ({**LOGIN, "proxy_host": "px"}, ["vcenter.proxy_host is given without proxy_port"]),
        ({**LOGIN, "proxy_port": 3128}, ["vcenter.proxy_port is given without proxy_host"]),
        ({**LOGIN, "page_size": 0}, ["vcenter.page_size is not a number from 1 to 10000"]),
        ({**LOGIN, "performance_days": True}, ["vcenter.performance_days is not a number from 0 to 365"]),
        (
            {**LOGIN, "deadline_minutes": "soon", "tags": 7},
            ["vcenter.tags is not true or false", "vcenter.deadline_minutes is not a number from 1 to 1440"],
        ),
    ],
)
def test_every_fault_is_told_with_its_place_and_without_the_value(value: Any, messages: list[str]) -> None:
    found = faults(value)
    assert found == messages
    assert "canary" not in str(found)
    assert "4711" not in str(found)


def test_every_key_is_a_setting() -> None:
    assert {*KEYS, "name"} == set(VcenterSettings.__dataclass_fields__)


def test_the_password_is_in_no_text_of_the_settings() -> None:
    assert "canary" not in repr(settings(LOGIN))
