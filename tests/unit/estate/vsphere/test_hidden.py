# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that the account may not see: the server leaves them out of its lists, and no such list counts as whole."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import ObjectRead

from .machine_reads import machine
from .reads import NFS, REFUSED, STORE, data, inventory, live_estate, without

EVIDENCE = "datastores name 1 host (host-9) that it does not see"
COUNTS = {("host", "vm_count"), ("network", "host_count"), ("datastore", "host_count"), ("datastore", "hosts")}


def files(*names: str) -> list[dict[str, Any]]:
    return [data("VirtualMachineFileLayoutExFileInfo", key=str(key), name=name, size="1") for key, name in enumerate(names)]


def record_of(read: ObjectRead, evidence: str = "") -> dict[str, Any]:
    live = live_estate([entry for entry in inventory() if entry.moref != NFS.moref])
    live.hide(evidence)
    return live.vm(read)


# The server lists one datastore of two, for the account may not see the other one.
UNREADABLE = without(machine(datastore=[STORE]), "config.hardware.device", REFUSED)
LISTED = without(UNREADABLE, "config.files.vmPathName", REFUSED)
NOT_LISTED = "its files lie on a datastore that the server does not list; the user may have no access to it"


def test_files_of_a_vm_name_the_datastores_that_the_server_does_not_list() -> None:
    shown = [disk["datastore"] for disk in record_of(machine())["disks"] if disk.get("datastore")]
    assert set(record_of(machine(datastore=[STORE]))["datastores"]) == {"ds-1", *shown}
    assert record_of(machine(datastore=[STORE], config__files__vmPathName="[far] a/a.vmx"))["datastores"] == sorted({"ds-1", "far", *shown})


def test_layout_names_them_where_the_devices_are_refused() -> None:
    read = machine(datastore=[STORE], layoutEx__file=files("[ds-1] a/a.vmx", "[far] a/a_1.vmdk"))
    assert record_of(without(read, "config.hardware.device", REFUSED))["datastores"] == ["ds-1", "far"]


def test_vm_whose_devices_and_files_are_refused_is_known_by_the_list_alone_while_nothing_is_known_to_be_hidden() -> None:
    assert record_of(UNREADABLE)["datastores"] == ["ds-1"]
    assert record_of(LISTED)["datastores"] == ["ds-1"]


@pytest.mark.parametrize("read", [UNREADABLE, LISTED], ids=["files", "nothing"])
def test_its_list_is_not_trusted_where_objects_are_hidden(read: ObjectRead) -> None:
    found = record_of(read, EVIDENCE)
    assert "datastores" not in found
    assert found["unknown"]["datastores"].endswith(EVIDENCE)


def test_its_list_is_not_trusted_where_its_own_files_lie_elsewhere() -> None:
    read = machine(datastore=[STORE], config__files__vmPathName="[far] a/a.vmx")
    found = record_of(without(read, "config.hardware.device", REFUSED))
    assert (found.get("datastores"), found["unknown"]["datastores"]) == (None, NOT_LISTED)


def test_counts_of_listed_objects_are_unknown_where_objects_are_hidden() -> None:
    live = live_estate()
    live.hide(EVIDENCE)
    seen = set()
    for record in live.objects():
        for kind, fact in COUNTS:
            if record["kind"] == kind:
                assert fact not in record
                assert EVIDENCE in record["unknown"][fact]
                seen.add((kind, fact))
    assert seen == COUNTS
