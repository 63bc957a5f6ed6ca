# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import date, datetime

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.rvtools import values
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.rvtools.dates import DateOrders, SlashDate, moment


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (4.0, 4),
        ("4", 4),
        ("16,384", 16384),
        ("16.384", 16384),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("1.234,56", 1235),
        ("1,234.56", 1235),
        ("16\u00a0384", 16384),
        ("16\u202f384", 16384),
        ("16 384", 16384),
        ("16'384", 16384),
        ("16\u2019384", 16384),
        ("512,5", 513),
        ("0,5", 1),
        ("-1", -1),
        ("\u22121", -1),
        ("1e3", 1000),
    ],
)
def test_a_number_is_read_whatever_its_separators(cell, expected):
    assert values.whole(cell) == expected


@pytest.mark.parametrize("cell", ["n/a", "12 GB", "1,2,3.4.5", True, float("nan"), "--"])
def test_what_is_no_number_is_refused(cell):
    with pytest.raises(values.CellError):
        values.number(cell)


def test_a_negative_count_is_refused_and_a_negative_limit_is_not():
    with pytest.raises(values.CellError):
        values.count("-4")
    assert values.whole(-1.0) == -1


def test_mebibytes_become_bytes():
    assert values.mib_bytes("102.400") == 102400 << 20
    assert values.mib_bytes(0.5) == 1 << 19


@pytest.mark.parametrize("word", ["True", "VRAI", "Wahr", "Ja", "Yes", "Sí", "Oui", "Vero", "Verdadero", "TRUE", "1", 1.0, True, " ja "])
def test_yes_in_many_languages(word):
    assert values.flag(word) is True


@pytest.mark.parametrize("word", ["False", "FAUX", "Falsch", "Nein", "No", "Non", "Falso", "0", 0.0, False])
def test_no_in_many_languages(word):
    assert values.flag(word) is False


def test_a_flag_that_is_neither_is_refused():
    with pytest.raises(values.CellError):
        values.flag("maybe")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Vmxnet3", "vmxnet3"),
        ("VirtualVmxnet3", "vmxnet3"),
        ("E1000e", "e1000e"),
        ("Flexible", "pcnet32"),
        ("VirtualSriovEthernetCard", "sriov"),
        ("SR-IOV passthrough", "sriov"),
        ("Enhanced vmxnet", "vmxnet2"),
        ("PVRDMA", "pvrdma"),
        ("VirtualVmxnet3Vrdma", "pvrdma"),
    ],
)
def test_adapters_have_the_spelling_of_the_model(cell, expected):
    assert values.adapter(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (100.0, "100"),
        ("0", ""),
        ("4095", "0-4094"),
        ("1-20,30", "1-20,30"),
        ("0 - 4094", "0-4094"),
        ("pvlan 200", "pvlan:200"),
        ("none", ""),
    ],
)
def test_vlans(cell, expected):
    assert values.vlan(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("ISO [iso-01] tools/linux.iso", "[iso-01] tools/linux.iso"), ("[iso-01] a.iso", "[iso-01] a.iso"), ("Remote ATAPI", ""), ("", "")],
)
def test_the_medium_in_a_drive_is_a_file_or_none(cell, expected):
    assert values.medium(cell) == expected


def test_datastore_of_a_path():
    assert values.datastore_of("[ds 1] vm/vm.vmdk") == "ds 1"
    assert values.datastore_of("vm/vm.vmdk") == ""


def test_guest_mount_points_are_no_path_of_a_disk():
    assert values.backing_path("/sysroot, /, /etc") == ""


def test_a_carriage_return_of_office_is_undone():
    assert values.text("one_x000D_\ntwo") == "one\ntwo"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (datetime.fromisoformat("2024-02-03T04:05:06"), "2024-02-03T04:05:06"),
        (date(2024, 2, 3), "2024-02-03T00:00:00"),
        (45325.5, "2024-02-03T12:00:00"),
        ("45325,5", "2024-02-03T12:00:00"),
        ("2024-02-03 04:05", "2024-02-03T04:05:00"),
        ("2024/02/03 04:05:06", "2024-02-03T04:05:06"),
        ("2017-11-28T19:32:21.560802Z", "2017-11-28T19:32:21Z"),
        ("2017-11-28T19:32:21+02:00", "2017-11-28T19:32:21+02:00"),
        ("03.02.2024 04:05", "2024-02-03T04:05:00"),
    ],
)
def test_dates_that_speak_for_themselves(cell, expected):
    assert moment(cell) == expected


def test_a_slash_date_waits_for_its_column():
    assert moment("2/3/2024 1:05:06 PM") == SlashDate(2, 3, 2024, "13:05:06", True)


@pytest.mark.parametrize("cell", ["soon", "99/99/2024", "2024-13-01", "1/1/0001 00:00:00", "1970-01-01", 3.0, "13.13.2024"])
def test_what_is_no_date_is_refused(cell):
    with pytest.raises(values.CellError):
        moment(cell)


def _orders(**columns):
    orders = DateOrders()
    for column, cells in columns.items():
        for cell in cells:
            orders.note(column, moment(cell))
    return orders


def test_one_date_of_a_column_decides_for_all_of_them():
    orders = _orders(PowerOn=["03/04/2024", "23/04/2024"])
    assert moment("03/04/2024").resolved(orders.order("PowerOn")) == "2024-04-03T00:00:00"


def test_another_column_of_the_file_decides_where_the_own_one_cannot():
    orders = _orders(PowerOn=["03/04/2024"], Created=["04/23/2024"])
    assert moment("03/04/2024").resolved(orders.order("PowerOn")) == "2024-03-04T00:00:00"


def test_am_and_pm_tell_the_month_comes_first():
    orders = _orders(PowerOn=["03/04/2024 1:00 PM"])
    assert moment("03/04/2024").resolved(orders.order("PowerOn")) == "2024-03-04T00:00:00"


def test_a_date_that_nothing_decides_stays_unknown_unless_day_and_month_are_the_same():
    orders = _orders(PowerOn=["03/04/2024", "05/05/2024"])
    assert moment("03/04/2024").resolved(orders.order("PowerOn")) is None
    assert moment("05/05/2024").resolved(orders.order("PowerOn")) == "2024-05-05T00:00:00"


def test_a_column_that_contradicts_itself_decides_nothing():
    assert _orders(PowerOn=["13/04/2024", "04/13/2024"]).order("PowerOn") == ""


@pytest.mark.parametrize(
    ("known", "cell", "expected"),
    [
        (values.DISK_MODES, "Independent - Persistent", "independent_persistent"),
        (values.DISK_MODES, "independent_nonpersistent", "independent_nonpersistent"),
        (values.DISK_MODES, "Dependent", "persistent"),
        (values.SHARINGS, "Multi-writer", "sharingMultiWriter"),
        (values.SHARINGS, "SHARINGMULTIWRITER", "sharingMultiWriter"),
        (values.SHARINGS, "No sharing", "sharingNone"),
        (values.SHARINGS, False, "sharingNone"),
        (values.BUS_SHARINGS, "Physical", "physicalSharing"),
        (values.BUS_SHARINGS, "virtualSharing", "virtualSharing"),
        (values.RDM_MODES, "physical mode", "physicalMode"),
        (values.POWER_STATES, "Powered On", "poweredOn"),
        (values.TOOLS_STATES, "tools not running", "toolsNotRunning"),
        (values.FT_STATES, "Not configured", "notConfigured"),
        (values.FIRMWARES, "UEFI", "efi"),
        (values.MAC_TYPES, "Manual", "manual"),
        (values.DRS_BEHAVIORS, "Fully Automated", "fullyAutomated"),
    ],
)
def test_words_of_the_api_are_known_in_any_usual_spelling(known, cell, expected):
    assert values.words(known)(cell) == expected


CLOSED = (
    "DISK_MODES",
    "SHARINGS",
    "BUS_SHARINGS",
    "RDM_MODES",
    "POWER_STATES",
    "CONNECTION_STATES",
    "TOOLS_STATES",
    "FT_STATES",
    "LATENCIES",
)


@pytest.mark.parametrize("name", [*CLOSED, "FIRMWARES", "MAC_TYPES", "DRS_BEHAVIORS"])
@pytest.mark.parametrize("cell", ["n/a", "?", "unknown", "persistant", "-"])
def test_a_word_that_the_api_does_not_have_is_refused(name, cell):
    with pytest.raises(values.CellError):
        values.words(getattr(values, name))(cell)


def test_an_adapter_that_vsphere_does_not_have_is_refused():
    with pytest.raises(values.CellError):
        values.adapter("?")


def test_a_type_of_datastore_is_free_text_with_usual_spellings():
    assert [values.spelled(values.DATASTORE_TYPES)(cell) for cell in ("vmfs", "NFS 4.1", "PMEM")] == ["VMFS", "NFS41", "PMEM"]
