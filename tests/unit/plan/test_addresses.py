# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a VM's addresses and adapters where its networks lead."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.addresses import (
    Addresses,
    attachment_of,
    choices_by_network,
    network_constraints,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import (
    IGNORED,
    MULTUS,
    POD,
    Destination,
    NetworkChoice,
    PlanVm,
)

from tests.unit.plan.builders import VCENTER, make_nic, make_vm
from tests.unit.plan.mapping_builders import nad, target_of

APPS = Destination("apps", "a", "", False)


def choice(
    number: int = 1, kind: str = MULTUS, vlan: str = "100", name: str = "n", space: str = "default", **more: object
) -> NetworkChoice:
    key = f"{VCENTER}/dvportgroup-{number}"
    values = {"type": kind, "namespace": space if kind == MULTUS else "", "name": name if kind == MULTUS else "", "vlan": vlan}
    return NetworkChoice(f"dvportgroup-{number}", f"net-{number}", VCENTER, confidence=90, reason="", record_id=key, **{**values, **more})


def vm_on(*numbers: int, cidrs: tuple[str, ...] = ("192.0.2.10/24",), ips: tuple[str, ...] | None = None) -> PlanVm:
    nics = tuple(
        make_nic(network_id=f"{VCENTER}/dvportgroup-{number}", mac=f"00:50:56:00:00:{number:02d}", cidrs=cidrs, ips=ips)
        for number in numbers
    )
    return make_vm("a", nics=nics)


@pytest.mark.parametrize(
    ("attachment", "vlan", "state"),
    [
        (nad("n", subnets=["192.0.2.0/24"]), "100", "reachable"),
        (nad("n", subnets=["198.51.100.0/24", "192.0.2.0/28"]), "100", "reachable"),
        (nad("n", subnets=["192.0.2.128/25"]), "100", "unreachable"),
        (nad("n", 100), "100", "reachable"),
        (nad("n", 101), "100", "unknown"),
        (nad("n", 0), "", "unknown"),
        (nad("other", 100), "100", "unknown"),
    ],
)
def test_address_can_stay_where_the_destination_has_its_subnet_or_vlan(attachment: dict[str, object], vlan: str, state: str) -> None:
    (check,) = Addresses([choice(vlan=vlan)], target_of(attachment)).checks(vm_on(1), APPS)
    assert (check.state, check.address, check.destination) == (state, "192.0.2.10/24", "default/n")
    assert check.reason


def test_pod_network_loses_every_address() -> None:
    checks = Addresses([choice(kind=POD)], target_of()).checks(vm_on(1, cidrs=("192.0.2.10/24", "2001:db8::1/64")), APPS)
    assert [check.state for check in checks] == ["lost", "lost"]


def test_link_local_addresses_are_left_out() -> None:
    assert (
        Addresses([choice()], target_of(nad("n", 100))).checks(vm_on(1, cidrs=("fe80::1/64", "169.254.1.1/16"), ips=("fe80::1",)), APPS)
        == ()
    )


def test_adapter_whose_addresses_nobody_knows_is_unknown_and_one_without_any_is_nothing() -> None:
    addresses = Addresses([choice()], target_of(nad("n", 100)))
    assert [check.state for check in addresses.checks(vm_on(1, cidrs=(), ips=None), APPS)] == ["unknown"]
    assert addresses.checks(vm_on(1, cidrs=(), ips=()), APPS) == ()


@pytest.mark.parametrize("kind", [IGNORED, ""])
def test_network_that_is_left_out_or_unmapped_is_not_checked(kind: str) -> None:
    assert Addresses([choice(kind=kind)], target_of()).checks(vm_on(1), APPS) == ()


def test_plan_takes_the_attachment_of_its_own_namespace() -> None:
    several = choice(space="db", namespaces=("apps", "db"))
    assert attachment_of(several, "apps") == ("apps", "n")
    assert attachment_of(several, "other") == ("db", "n")
    assert attachment_of(choice(space=""), "apps") == ("apps", "n")
    assert attachment_of(choice(kind=POD), "apps") == ("", "")


@pytest.mark.parametrize(
    ("choices", "codes"),
    [
        ([choice(1), choice(2, POD)], []),
        ([choice(1), choice(2, IGNORED)], []),
        ([choice(1, POD), choice(2, POD)], ["multiple_pod_networks"]),
        ([choice(1), choice(2, "")], ["network_unmapped"]),
        ([choice(1)], ["network_unmapped"]),
        ([choice(1), choice(2, space="db")], ["network_namespace"]),
        ([choice(1), choice(2, space="apps")], []),
    ],
)
def test_networks_that_keep_a_vm_out_are_named(choices: list[NetworkChoice], codes: list[str]) -> None:
    found = network_constraints(vm_on(1, 2), APPS, choices_by_network(choices))
    assert [constraint.code for constraint in found] == codes
    assert all(constraint.message and constraint.remedy and constraint.setting == "plan_networks" for constraint in found)


def test_two_adapters_on_one_pod_network_are_too_many() -> None:
    (found,) = network_constraints(vm_on(1, 1), APPS, choices_by_network([choice(1, POD)]))
    assert found.code == "multiple_pod_networks"


def test_adapter_without_a_network_keeps_nothing_out() -> None:
    assert network_constraints(make_vm("a", nics=(make_nic(network="", network_id=""),)), APPS, {}) == []
