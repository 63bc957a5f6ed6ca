# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever an estate holds, its export is judged the same."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.estate.anonymise.rewriting import Anonymiser
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.scope import built_in_reason
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.assessment.support import judge, shipped
from tests.unit.estate.anonymise.support import KEY

Record = dict[str, Any]

NAMES = st.one_of(
    st.sampled_from(
        ["erp-db-01", "ERP_DB", "a" * 63, "a" * 64, "a." * 31 + "b", "-erp", "erp..db", "", "vCLS", "vCLS-1", "vCLS (2)", "10.0.0.5"]
    ),
    st.text(st.sampled_from("erp01-._ /[]%Ä"), max_size=70),
)
STORES = st.sampled_from(["gold", "silver 1", "a]b", "x/y", ""])
SYSTEMS = st.one_of(
    st.sampled_from(
        ["", "Red Hat Enterprise Linux 8 (64-bit)", "Microsoft Windows 10 (64-bit)", "CentOS 7", "Acme OS", "Windows for Acme"]
    ),
    st.tuples(st.sampled_from(["", "Acme ", "acme"]), st.sampled_from(["Red Hat Enterprise Linux 9", "WINDOWS server 2019", "linux"])).map(
        "".join
    ),
)
MOUNTS = st.one_of(
    st.sampled_from(["/", "/boot", "C:\\", "c:", "C:/", "D:\\", "/var", "/boot/efi", "C:\\mount\\erp", "//", "\\boot", "boot", ""]),
    st.text(st.sampled_from("/\\:Cboterp"), max_size=8),
)


@st.composite
def paths(draw: st.DrawFn) -> str:
    """A file that several VMs may have."""
    store = draw(STORES)
    return draw(
        st.sampled_from(
            [f"[{store}] erp/erp.vmdk", f"[{store}] erp/erp_1.vmdk", f"[{store}]  x", "", "/vmfs/volumes/x/erp.vmdk", "[]", "erp"]
        )
    )


DISKS = st.lists(
    st.fixed_dictionaries(
        {"label": st.sampled_from(["Hard disk 1", "Festplatte 2", "erp"])},
        optional={
            "path": paths(),
            "datastore": STORES,
            "mode": st.sampled_from(["persistent", "independent_persistent"]),
            "capacity_bytes": st.sampled_from([0, 1 << 30]),
            "change_tracking_enabled": st.booleans(),
            "rdm": st.booleans(),
            "bus": st.sampled_from(["scsi", "ide"]),
            "sharing": st.sampled_from(["sharingNone", "sharingMultiWriter"]),
            "bus_sharing": st.sampled_from(["noSharing", "physicalSharing"]),
        },
    ),
    max_size=3,
)
PARTITIONS = st.lists(
    st.fixed_dictionaries(
        {}, optional={"path": MOUNTS, "free_bytes": st.sampled_from([0, 20 << 20, 70 << 20, 1 << 30]), "disk_keys": st.just([])}
    ),
    max_size=3,
)
DEVICES = st.lists(
    st.fixed_dictionaries(
        {}, optional={"kind": st.sampled_from(["VirtualPCIPassthrough", "VirtualTPM", "AcmeDevice", "VirtualSriovEthernetCard"])}
    ),
    max_size=2,
)
VMS = st.fixed_dictionaries(
    {"kind": st.just("vm")},
    optional={
        "name": NAMES,
        "vcenter": st.sampled_from(["", "vc", "0b7c2d4e-1111-4a5b-9c8d-000000000001"]),
        "host": st.sampled_from(["esx-1", "10.0.0.1"]),
        "cluster": st.sampled_from(["", "Production"]),
        "cluster_id": st.just("vc/domain-c8"),
        "datastores": st.lists(STORES, max_size=2),
        "disks": DISKS,
        "partitions": PARTITIONS,
        "devices": DEVICES,
        "nics": st.lists(st.fixed_dictionaries({}, optional={"adapter_type": st.sampled_from(["vmxnet3", "sriov", "acme"])}), max_size=1),
        "usb": st.sampled_from([[], [{"kind": "device", "label": "Acme dongle"}]]),
        "snapshots": st.sampled_from([[], [{"name": "before release"}]]),
        "guest_hostname": st.one_of(st.sampled_from(["", "localhost.localdomain", "LOCALHOST.localdomain", "localhost"]), NAMES),
        "guest_ips": st.sampled_from([[], ["10.0.0.1", "fe80::1"], ["no address"]]),
        "guest_os_id": st.sampled_from(["", "rhel9_64Guest", "windows9_64Guest", "windows2040Guest", "acmeGuest", "otherLinux64Guest"]),
        "guest_os_config_name": SYSTEMS,
        "guest_os_tools_name": SYSTEMS,
        "host_affinity_rules": st.sampled_from([[], ["licensed hosts"]]),
        "numa_node_affinity": st.sampled_from([[], [0]]),
        "folder": st.sampled_from(["/Lab", "/Lab/vCLS", "vCLS", ""]),
        "out_of_scope": st.sampled_from(
            [
                "template",
                "inaccessible (orphaned)",
                "inaccessible since May",
                "SRM placeholder",
                "excluded by tag a/b",
                "excluded by vm *erp*",
                "sold",
            ]
        ),
        "fault_tolerance_state": st.sampled_from(["notConfigured", "running"]),
        "tpm_present": st.booleans(),
        "disk_enable_uuid": st.booleans(),
    },
)
CLUSTERS = st.fixed_dictionaries(
    {"kind": st.just("cluster"), "id": st.just("vc/domain-c8")},
    optional={"name": st.just("Production"), "dpm_enabled": st.booleans(), "drs_enabled": st.booleans()},
)


@st.composite
def estates(draw: st.DrawFn) -> list[Record]:
    """The records that rules look at."""
    vms = draw(st.lists(VMS, min_size=1, max_size=4))
    ids = draw(st.lists(st.sampled_from([f"vc/vm-{number}" for number in range(9)]), min_size=len(vms), max_size=len(vms), unique=True))
    clusters = draw(st.lists(CLUSTERS, max_size=1))
    return [*clusters, *({**vm, "id": identity} for vm, identity in zip(vms, ids, strict=True))]


def outcome(judgement: Any) -> tuple[Any, ...]:
    """What came of a VM, without the texts in the evidence."""
    findings = [(finding["rule"], len(finding["evidence"])) for finding in judgement.findings]
    return (
        judgement.verdict,
        judgement.provisional,
        judgement.score,
        judgement.score_best,
        findings,
        judgement.not_applicable,
        judgement.gap_mask,
    )


@settings(max_examples=150, deadline=None)
@given(estates())
def test_an_anonymised_estate_is_judged_as_the_original_is(estate: list[Record]) -> None:
    anonymiser = Anonymiser(KEY)
    made = [record for record in map(anonymiser.record, estate) if record is not None]
    before = {anonymiser.tokens.name(vm): outcome(judgement) for vm, judgement in judge(shipped(), estate).items()}
    assert {vm: outcome(judgement) for vm, judgement in judge(shipped(), made).items()} == before
    for one, other in zip(estate, made, strict=True):
        assert built_in_reason(one) == built_in_reason(other)
        assert {key for key in one if key != "origin"} == set(other)


@settings(max_examples=100, deadline=None)
@given(estates())
def test_an_anonymised_estate_can_be_anonymised_again_and_depends_on_nothing_but_key_and_text(estate: list[Record]) -> None:
    first = [json.dumps(Anonymiser(KEY).record(record)) for record in estate]
    shared = Anonymiser(KEY)
    assert [json.dumps(shared.record(record)) for record in reversed(estate)] == first[::-1]
    assert all(shared.record(json.loads(line)) is not None for line in first)
