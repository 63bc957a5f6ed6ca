# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from .exports import OTHER_VCENTER, VCENTER, part_row, read, table, vm_row, vms, write_xlsx


def _by_code(source, code):
    return [notice for notice in source["notices"] if notice["code"] == code]


def _gap(source, what):
    return next(entry for entry in source["not_seen"] if entry["what"] == what)


def test_rows_are_joined_by_vm_id_whatever_their_names(tmp_path):
    path = write_xlsx(
        tmp_path / "a.xlsx",
        {
            "vInfo": table([vm_row("one", "vm-1"), vm_row("two", "vm-2")]),
            "vDisk": table([part_row("two", "vm-1", Disk="Hard disk 1", Capacity_MiB=10.0)]),
        },
    )
    found = vms(path)
    assert found["one"]["disks"] == [{"label": "Hard disk 1", "capacity_bytes": 10 << 20}]
    assert "disks" not in found["two"]
    assert found["two"]["unknown"]["disks"] == "no row in tab vDisk"


def test_a_merged_export_keeps_both_vms_of_one_moref(tmp_path):
    other = {**vm_row("one", "vm-1"), "VI SDK UUID": OTHER_VCENTER, "VI SDK Server": "vc2.example.com"}
    disk = part_row("one", "vm-1", Disk="a")
    path = write_xlsx(
        tmp_path / "a.xlsx",
        {"vInfo": table([vm_row("one", "vm-1"), other]), "vDisk": table([{**disk, "VI SDK UUID": OTHER_VCENTER, "Disk": "b"}, disk])},
    )
    found = {record["id"]: record for record in read(path)[1]["vm"]}
    assert {identity: record["disks"][0]["label"] for identity, record in found.items()} == {
        f"{VCENTER}/vm-1": "a",
        f"{OTHER_VCENTER}/vm-1": "b",
    }


def test_morefs_without_a_vcenter_that_two_vms_share_join_nothing(tmp_path):
    rows = [{"VM": "one", "Host": "h1", "VM ID": "vm-1"}, {"VM": "two", "Host": "h2", "VM ID": "vm-1"}]
    disks = [{"VM": "one", "Disk": "a", "VM ID": "vm-1", "Host": "h9"}]
    path = write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(rows), "vDisk": table(disks)})
    source, kinds = read(path)
    assert source["vm_count"] == 2
    assert all("disks" not in record for record in kinds["vm"])


def test_vm_uuid_joins_a_tab_without_vm_id(tmp_path):
    rows = [{"VM": "one", "VM UUID": "50AA", "VM ID": "vm-1"}, {"VM": "two", "VM UUID": "50bb", "VM ID": "vm-2"}]
    path = write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(rows), "vDisk": table([{"VM": "x", "Disk": "a", "VM UUID": "50bb"}])})
    assert vms(path)["two"]["disks"] == [{"label": "a"}]


def test_a_unique_name_joins_where_nothing_better_is_shown(tmp_path):
    rows = [{"VM": "one", "Powerstate": "poweredOn"}, {"VM": "two", "Powerstate": "poweredOff"}]
    disks = [{"VM": "one", "Powerstate": "poweredOn", "Disk": "a"}]
    assert vms(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(rows), "vDisk": table(disks)}))["one"]["disks"] == [{"label": "a"}]


def test_a_name_that_two_vms_have_attributes_nothing_and_makes_both_unknown(tmp_path):
    rows = [{"VM": "one", "Datacenter": "A"}, {"VM": "one", "Datacenter": "A"}, {"VM": "two", "Datacenter": "A"}]
    path = write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(rows), "vSnapshot": table([{"VM": "one", "Name": "s", "Datacenter": "A"}])})
    source, kinds = read(path)
    ones = [record for record in kinds["vm"] if record["name"] == "one"]
    assert len(ones) == 2
    assert all("snapshots" not in record and "more than one VM" in record["unknown"]["snapshots"] for record in ones)
    assert next(record for record in kinds["vm"] if record["name"] == "two")["snapshots"] == []
    assert _by_code(source, "rows_not_attributed")[0]["tab"] == "vSnapshot"


def test_the_place_tells_two_vms_of_one_name_apart(tmp_path):
    rows = [{"VM": "one", "Datacenter": "A"}, {"VM": "one", "Datacenter": "B"}]
    path = write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(rows), "vDisk": table([{"VM": "one", "Datacenter": "B", "Disk": "b"}])})
    assert {record["datacenter"]: record.get("disks") for record in read(path)[1]["vm"]} == {"A": None, "B": [{"label": "b"}]}


def test_names_that_do_not_agree_with_vinfo_join_nothing_at_all(tmp_path):
    rows = [{"VM": f"vm-{n}", "OS according to the configuration file": "Debian GNU/Linux 7 (64-bit)"} for n in range(4)]
    partitions = [
        {"VM": f"vm-{n}", "Disk": "/", "OS according to the configuration file": os}
        for n, os in enumerate(
            ["Debian GNU/Linux 7 (64-bit)", "Ubuntu Linux (64-bit)", "Ubuntu Linux (64-bit)", "Debian GNU/Linux 7 (64-bit)"]
        )
    ]
    source, kinds = read(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(rows), "vPartition": table(partitions)}))
    assert all("partitions" not in record for record in kinds["vm"])
    assert "agree" in _gap(source, "tab vPartition")["reason"]


def test_one_bad_name_among_many_makes_only_its_vm_unknown(tmp_path):
    rows = [{"VM": f"vm-{n}", "Powerstate": "poweredOn"} for n in range(20)]
    snapshots = [{"VM": f"vm-{n}", "Name": "s", "Powerstate": "poweredOff" if n == 3 else "poweredOn"} for n in range(15)]
    found = vms(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(rows), "vSnapshot": table(snapshots)}))
    assert "snapshots" not in found["vm-3"]
    assert found["vm-4"]["snapshots"] == [{"name": "s"}]
    assert found["vm-19"]["snapshots"] == []


def test_no_row_means_none_for_snapshots_usb_and_drives_and_unknown_for_the_rest(tmp_path):
    other = part_row("two", "vm-2", Name="s", Device_Node="n", Device_Type="t", Disk="d", Tools="toolsOk", NIC_label="n")
    tabs = {name: table([other]) for name in ("vSnapshot", "vUSB", "vCD", "vDisk", "vNetwork", "vPartition", "vTools")}
    one = vms(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table([vm_row("one", "vm-1"), vm_row("two", "vm-2")]), **tabs}))["one"]
    assert (one["snapshots"], one["usb"], one["removable_media"]) == ([], [], [])
    for fact in ("disks", "nics", "partitions", "tools_status"):
        assert fact not in one
        assert one["unknown"][fact].startswith("no row in tab ")


def test_a_tab_with_its_header_alone_says_none_or_nothing_as_it_declares(tmp_path):
    tabs = {"vSnapshot": [["VM", "Name", "VM ID", "VI SDK UUID"]], "vDisk": [["VM", "Disk", "VM ID", "VI SDK UUID"]]}
    source, kinds = read(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table([vm_row("one", "vm-1")]), **tabs}))
    assert kinds["vm"][0]["snapshots"] == []
    assert "disks" not in kinds["vm"][0]
    assert "unknown" not in kinds["vm"][0]
    assert _gap(source, "tab vDisk") == {"what": "tab vDisk", "facts": ["disks"], "reason": "the tab has no rows"}


def test_what_is_missing_is_said_once_in_the_source(tmp_path):
    source, kinds = read(write_xlsx(tmp_path / "a.xlsx", {"vInfo": [["VM"], ["one"]]}))
    assert kinds["vm"][0] == {
        "kind": "vm",
        "id": "a.xlsx///one",
        "name": "one",
        "id_basis": "path",
        "origin": {"source": source["id"], "tab": "vInfo", "row": 2},
        "sources": [source["id"]],
    }
    assert _gap(source, "tab vInfo, column CBT")["facts"] == ["change_tracking_enabled"]
    assert _gap(source, "tab vDisk")["facts"][0] == "disks"
    assert "devices" in _gap(source, "RVTools")["facts"]
    assert source["notices"] == []


def test_a_fact_that_another_tab_shows_is_no_gap(tmp_path):
    tabs = {"vInfo": table([vm_row("one", "vm-1")]), "vMemory": table([part_row("one", "vm-1", Size_MiB=2048.0)])}
    source, kinds = read(write_xlsx(tmp_path / "a.xlsx", tabs))
    assert kinds["vm"][0]["memory_mib"] == 2048
    assert all("memory_mib" not in entry["facts"] for entry in source["not_seen"])


def test_a_cell_that_cannot_be_read_costs_one_fact_and_one_notice_a_column(tmp_path):
    rows = [
        vm_row("one", "vm-1", CPUs="many", Memory=4.0),
        vm_row("two", "vm-2", CPUs="few", Memory=8.0),
        vm_row("three", "vm-3", CPUs=2.0),
    ]
    source, kinds = read(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(rows)}))
    found = {record["name"]: record for record in kinds["vm"]}
    assert "cpu_count" not in found["one"]
    assert found["one"]["memory_mib"] == 4
    assert found["one"]["unknown"] == {"cpu_count": "tab vInfo, row 2, column CPUs: 'many' is not a number"}
    assert found["three"]["cpu_count"] == 2
    (notice,) = _by_code(source, "cell_unreadable")
    assert (notice["file"], notice["tab"], notice["row"], notice["column"]) == ("a.xlsx", "vInfo", 2, "CPUs")
    assert notice["message"].startswith("2 cells cannot be read, the first one: 'many'")


def test_rows_of_one_vm_are_merged_with_a_notice_and_contradictions_are_unknown(tmp_path):
    first, second = vm_row("one", "vm-1", CPUs=2.0, Memory=4.0), vm_row("one", "vm-1", CPUs=4.0, Memory=4.0)
    disk = part_row("one", "vm-1", Disk="a")
    source, kinds = read(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table([first, second]), "vDisk": table([disk, disk])}))
    (vm,) = kinds["vm"]
    assert "cpu_count" not in vm
    assert vm["memory_mib"] == 4
    assert vm["disks"] == [{"label": "a"}]
    assert _by_code(source, "duplicate_rows")[0]["row"] == 3
    assert source["vm_count"] == 1


def test_ids_fall_back_step_by_step(tmp_path):
    rows = [
        {"VM": "a", "VM UUID": "50AA", "VM ID": "vm-1"},
        {"VM": "b", "SMBIOS UUID": "42BB"},
        {"VM": "c", "SMBIOS UUID": "42CC", "Datacenter": "D", "Folder": "/f"},
        {"VM": "d", "SMBIOS UUID": "42CC", "Datacenter": "D", "Folder": "/f"},
        {"VM": "d", "Datacenter": "D", "Folder": "/f"},
    ]
    found = read(write_xlsx(tmp_path / "x.xlsx", {"vInfo": table(rows)}))[1]["vm"]
    assert [(record["id"], record["id_basis"]) for record in found] == [
        ("50aa", "instance_uuid"),
        ("42bb", "bios_uuid"),
        ("x.xlsx/D//f/c", "path"),
        ("x.xlsx/D//f/d", "path"),
        ("x.xlsx/D//f/d#2", "path"),
    ]


def test_blank_cells_are_empty_where_the_column_says_so_and_unknown_elsewhere(tmp_path):
    columns = ["DNS Name", "OS according to the VMware Tools", "EnableUUID", "CBT", "Primary IP Address", "Cluster", "PowerOn", "vApp"]
    row = {**vm_row("one", "vm-1"), **dict.fromkeys(columns, ""), "Cluster rule(s)": "", "Cluster rule name(s)": ""}
    tabs = {"vInfo": table([row]), "vNetwork": table([part_row("one", "vm-1", NIC_label="n", IPv4_Address="", Network="")])}
    vm = vms(write_xlsx(tmp_path / "a.xlsx", tabs))["one"]
    for fact in ("guest_hostname", "guest_os_tools_name", "cluster", "powered_on_at", "vapp"):
        assert vm[fact] == ""
    assert (vm["guest_ips"], vm["cluster_rules"], vm["host_affinity_rules"]) == ([], [], [])
    assert "disk_enable_uuid" not in vm
    assert "change_tracking_enabled" not in vm


def test_names_of_rules_are_kept_but_do_not_tell_which_bind_to_hosts(tmp_path):
    row = vm_row("one", "vm-1", **{"Cluster rule(s)": "AntiAffinity", "Cluster rule name(s)": "keep apart, must run here"})
    vm = vms(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table([row])}))["one"]
    assert vm["cluster_rules"] == ["keep apart", "must run here"]
    assert "host_affinity_rules" not in vm


def test_addresses_come_from_adapters_and_vinfo(tmp_path):
    nics = [
        part_row("one", "vm-1", NIC_label="a", IPv4_Address="10.0.0.1, 10.0.0.2", IPv6_Address="FE80::1", Mac_Address="00-50-56-AA-BB-CC")
    ]
    tabs = {"vInfo": table([vm_row("one", "vm-1", **{"Primary IP Address": "10.0.0.2"})]), "vNetwork": table(nics)}
    vm = vms(write_xlsx(tmp_path / "a.xlsx", tabs))["one"]
    assert vm["guest_ips"] == ["10.0.0.2", "10.0.0.1", "fe80::1"]
    assert vm["nics"] == [{"label": "a", "mac": "00:50:56:aa:bb:cc", "ips": ["10.0.0.1", "10.0.0.2", "fe80::1"]}]


def test_a_blank_primary_address_alone_does_not_say_that_there_is_none(tmp_path):
    row = {**vm_row("one", "vm-1"), "Primary IP Address": ""}
    assert "guest_ips" not in vms(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table([row])}))["one"]


def test_a_disk_has_its_datastore_and_a_blank_path_leaves_both_unknown(tmp_path):
    disks = [
        part_row("one", "vm-1", Disk="1", Path="[ds 1] one/one.vmdk", Label="SCSI controller 0", **{"Unit #": 0.0}),
        part_row("one", "vm-1", Disk="2", Path="", Disk_Path="/boot, /", Controller="AHCI"),
        part_row("one", "vm-1", Disk="3", Path="", Disk_Path="[ds2] one/two.vmdk", Label="NVME controller 0"),
    ]
    vm = vms(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table([vm_row("one", "vm-1")]), "vDisk": table(disks)}))["one"]
    first, second, third = vm["disks"]
    assert (first["path"], first["datastore"], first["bus"], first["unit_number"]) == ("[ds 1] one/one.vmdk", "ds 1", "scsi", 0)
    assert (second.get("path"), second.get("datastore"), second["bus"], second["controller"]) == (None, None, "sata", "AHCI")
    assert (third["datastore"], third["bus"]) == ("ds2", "nvme")
    assert "datastores" not in vm


def test_custom_attributes_stand_between_annotation_and_datacenter_whatever_they_are_called(tmp_path):
    header = ["VM", "Annotation", "Owner", "Host", "Folder", "Datacenter", "Cluster", "Host", "Folder"]
    path = write_xlsx(tmp_path / "a.xlsx", {"vInfo": [header, ["one", "note", "team-a", "spare", "", "DC", "C", "esx1", "/f"]]})
    vm = vms(path)["one"]
    assert vm["custom_attributes"] == {"Owner": "team-a", "Host": "spare"}
    assert (vm["host"], vm["folder"], vm["notes"]) == ("esx1", "/f", "note")


def test_annotation_beside_datacenter_means_no_custom_attributes(tmp_path):
    vm = vms(write_xlsx(tmp_path / "a.xlsx", {"vInfo": [["VM", "Annotation", "Datacenter"], ["one", "", "DC"]]}))["one"]
    assert vm["custom_attributes"] == {}


def test_headers_are_read_whatever_their_case_blanks_and_unit(tmp_path):
    header = [" vm ", "PROVISIONED\u00a0MB", "In  use mb", "disk.EnableUUID", "hw Version"]
    vm = vms(write_xlsx(tmp_path / "a.xlsx", {"VINFO": [header, ["one", 10.0, 5.0, "VRAI", "vmx-19"]]}))["one"]
    assert (vm["provisioned_bytes"], vm["used_bytes"], vm["disk_enable_uuid"], vm["hardware_version"]) == (10 << 20, 5 << 20, True, 19)


def test_column_names_of_the_database_option_are_known(tmp_path):
    header = ["vInfoVMName", "vInfoPowerstate", "vInfoCPUs", "vInfoOS", "vInfoDataCenter", "vInfoGuestHostName", "vInfoProvisioned"]
    row = ["one", "poweredOn", 2.0, "Ubuntu Linux (64-bit)", "DC", "one.example.com", 7.0]
    vm = vms(write_xlsx(tmp_path / "a.xlsx", {"vInfo": [header, row]}))["one"]
    assert (vm["cpu_count"], vm["guest_os_id"], vm["datacenter"], vm["provisioned_bytes"]) == (2, "ubuntu64Guest", "DC", 7 << 20)


def test_a_header_below_a_title_is_found_and_rows_keep_their_numbers(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"vInfo": [["Export of today"], [], ["VM", "CPUs"], ["one", 2.0]]})
    assert vms(path)["one"]["origin"]["row"] == 4


def test_other_kinds_and_the_references_to_them(tmp_path):
    key = {"VI SDK Server": "vc.example.com", "VI SDK UUID": VCENTER}
    info = vm_row("one", "vm-1", Datacenter="DC", Cluster="C1", Host="esx1")
    nic = {**part_row("one", "vm-1", NIC_label="n", Network="pg-a", Switch="dvs"), "Datacenter": "DC"}
    path = write_xlsx(
        tmp_path / "a.xlsx",
        {
            "vInfo": table([info]),
            "vNetwork": table([nic]),
            "vSource": table([{"Name": "vc", "Version": "8.0.3", "Build": "24262322", "API type": "VirtualCenter", **key}]),
            "vCluster": table(
                [{"Name": "C1", "DRS enabled": "True", "HA enabled": "False", "NumHosts": 1.0, "Object ID": "domain-c1", **key}]
            ),
            "vHost": table(
                [{"Host": "esx1", "Datacenter": "DC", "Cluster": "C1", "# CPU": 2.0, "# Memory": 1024.0, "Object ID": "host-1", **key}]
            ),
            "vDatastore": table([{"Name": "ds", "Type": "VMFS", "Capacity MiB": 5.0, "Hosts": "esx1, esx2", **key}]),
            "dvPort": table([{"Port": "pg-a", "Switch": "dvs", "VLAN": "0", "Object ID": "dvportgroup-1", **key}]),
            "vPort": table(
                [
                    {"Host": "esx1", "Datacenter": "DC", "Port Group": "std", "Switch": "vSwitch0", "VLAN": 5.0, **key},
                    {"Host": "esx2", "Datacenter": "DC", "Port Group": "std", "Switch": "vSwitch0", "VLAN": 6.0, **key},
                ]
            ),
            "vRP": table([{"Resource Pool name": "Resources", "Resource Pool path": "/DC/C1/Resources", "Mem limit": -1.0, **key}]),
        },
    )
    _source, kinds = read(path)
    (vm,) = kinds["vm"]
    assert vm["cluster_id"] == f"{VCENTER}/domain-c1"
    assert vm["nics"][0]["network_id"] == f"{VCENTER}/dvportgroup-1"
    (cluster,) = kinds["cluster"]
    assert (cluster["datacenter"], cluster["drs_enabled"], cluster["ha_enabled"], cluster["host_count"]) == ("DC", True, False, 1)
    assert kinds["host"][0]["cluster_id"] == cluster["id"]
    assert kinds["datastore"][0]["hosts"] == ["esx1", "esx2"]
    networks = {record["name"]: record for record in kinds["network"]}
    assert networks["pg-a"]["vlan"] == ""
    assert (networks["std"]["host_count"], networks["std"]["type"]) == (2, "standard")
    assert "vlan" not in networks["std"]
    assert "vlan" in networks["std"]["unknown"]
    assert kinds["vcenter"][0] == {
        "kind": "vcenter",
        "id": VCENTER,
        "name": "vc.example.com",
        "vcenter": VCENTER,
        "hostname": "vc.example.com",
        "version": "8.0.3",
        "build": "24262322",
        "api_type": "VirtualCenter",
        "origin": kinds["vcenter"][0]["origin"],
        "sources": vm["sources"],
    }
    assert kinds["datacenter"][0]["id"] == f"{VCENTER}/datacenter/DC"
    assert kinds["resource_pool"][0]["memory_limit_mib"] == -1


def test_clusters_that_only_vinfo_names_get_a_record(tmp_path):
    row = vm_row("one", "vm-1", Datacenter="DC", Cluster="C1")
    _source, kinds = read(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table([row])}))
    assert kinds["vm"][0]["cluster_id"] == kinds["cluster"][0]["id"] == f"{VCENTER}/cluster/DC/C1"
    assert kinds["cluster"][0]["name"] == "C1"


def test_capture_date_and_version_come_from_vmetadata(tmp_path):
    meta = [
        ["RVTools major version", "RVTools version", "xlsx creation datetime", "Server"],
        ["4.7", "4.7.1.4", "2026-04-30 14:00:00", "vc"],
    ]
    source, _kinds = read(write_xlsx(tmp_path / "a.xlsx", {"vInfo": [["VM"], ["one"]], "vMetaData": meta}))
    assert (source["captured_at"], source["tool_version"]) == ("2026-04-30T14:00:00", "4.7.1.4")


def test_dates_whose_order_nothing_tells_are_unknown_with_a_notice(tmp_path):
    rows = [vm_row("one", "vm-1", PowerOn="03/04/2024"), vm_row("two", "vm-2", PowerOn="05/05/2024")]
    source, kinds = read(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(rows)}))
    found = {record["name"]: record for record in kinds["vm"]}
    assert "powered_on_at" not in found["one"]
    assert "day from month" in found["one"]["unknown"]["powered_on_at"]
    assert found["two"]["powered_on_at"] == "2024-05-05T00:00:00"
    assert _by_code(source, "date_order_unknown")[0]["column"] == "PowerOn"


def test_fourteen_columns_and_four_tabs_are_read(tmp_path):
    row = vm_row(
        "one",
        "vm-1",
        CPUs=2.0,
        Memory=4096.0,
        Disks=1.0,
        Datacenter="DC",
        Cluster="C",
        Host="h",
        Template="False",
        Firmware="efi",
    )
    row["OS according to the configuration file"] = "Red Hat Enterprise Linux 9 (64-bit)"
    assert len(row) == 14
    tabs = {
        "vInfo": table([row]),
        "vDisk": table([part_row("one", "vm-1", Disk="Hard disk 1", Capacity_MiB=1.0)]),
        "vSnapshot": table([part_row("one", "vm-1", Name="s", **{"Date / time": "2024-01-02 03:04:05", "Size MiB (total)": 3.0})]),
        "vHost": table([{"Host": "h", "Datacenter": "DC", "Cluster": "C"}]),
    }
    vm = vms(write_xlsx(tmp_path / "a.xlsx", tabs))["one"]
    assert (vm["guest_os_id"], vm["firmware"], vm["template"]) == ("rhel9_64Guest", "efi", False)
    assert vm["snapshots"] == [{"name": "s", "created_at": "2024-01-02T03:04:05", "size_bytes": 3 << 20}]


def test_a_formula_or_markup_in_a_name_is_plain_text(tmp_path):
    names = ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "+1", "-x", "@y"]
    assert set(vms(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table([vm_row(name, f"vm-{n}") for n, name in enumerate(names)])}))) == set(
        names
    )


def test_vapps_know_their_vms(tmp_path):
    rows = [
        vm_row("one", "vm-1", vApp="shop", Datacenter="DC"),
        vm_row("two", "vm-2", vApp="shop", Datacenter="DC"),
        vm_row("three", "vm-3", vApp=""),
    ]
    (vapp,) = read(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(rows)}))[1]["vapp"]
    assert (vapp["name"], vapp["datacenter"], vapp["vm_ids"]) == ("shop", "DC", [f"{VCENTER}/vm-1", f"{VCENTER}/vm-2"])


def test_an_unrecognised_word_makes_the_fact_unknown_with_one_notice_a_column(tmp_path):
    rows = [vm_row(f"v{n}", f"vm-{n}", **{"FT State": "n/a", "Connection state": "?" if n else "connected"}) for n in range(3)]
    disks = [
        part_row(f"v{n}", f"vm-{n}", Disk="d", Disk_Mode="weird", Sharing_mode="Multi-writer", Shared_Bus="Physical") for n in range(3)
    ]
    source, kinds = read(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(rows), "vDisk": table(disks)}))
    for vm in kinds["vm"]:
        assert "fault_tolerance_state" not in vm
        assert "'n/a' is none of the values" in vm["unknown"]["fault_tolerance_state"]
        assert "'weird' is none of the values" in vm["unknown"]["disks.mode"]
        assert vm["disks"] == [{"label": "d", "sharing": "sharingMultiWriter", "bus_sharing": "physicalSharing"}]
    found = {notice["column"]: notice["message"].partition(" ")[0] for notice in _by_code(source, "cell_unreadable")}
    assert found == {"Connection state": "2", "FT State": "3", "Disk Mode": "3"}


def _with_disks(tmp_path, infos, *disks, tab="vDisk"):
    source, kinds = read(write_xlsx(tmp_path / "a.xlsx", {"vInfo": table(infos), tab: table(disks)}))
    return source, {record["name"]: record for record in kinds["vm"]}


THREE = [vm_row(f"v{n}", f"vm-{n}") for n in range(3)]


def test_a_row_that_names_no_vm_makes_the_part_unknown_for_every_vm(tmp_path):
    disks = [part_row("v0", "vm-0", Disk="a"), part_row("", "", Disk="b"), part_row("v1", "vm-1", Disk="a")]
    source, found = _with_disks(tmp_path, THREE, *disks)
    assert all("disks" not in vm for vm in found.values())
    assert _gap(source, "tab vDisk") == {
        "what": "tab vDisk",
        "facts": ["disks"],
        "reason": "row 3 does not name its VM, so it may be any VM's",
    }
    assert "every VM" in _by_code(source, "rows_not_attributed")[0]["message"]


def test_a_row_that_names_no_vm_leaves_no_vm_without_snapshots(tmp_path):
    source, found = _with_disks(tmp_path, THREE, part_row("", "", Name="s"), tab="vSnapshot")
    assert all("snapshots" not in vm for vm in found.values())
    assert _gap(source, "tab vSnapshot")["facts"] == ["snapshots"]


def test_an_empty_row_or_one_of_blanks_is_no_row(tmp_path):
    disks = [part_row("v0", "vm-0", Disk="a"), {"VM": "  ", "Disk": " "}, {}, part_row("v1", "vm-1", Disk="b")]
    source, found = _with_disks(tmp_path, THREE, *disks)
    assert (found["v0"]["disks"], found["v1"]["disks"]) == ([{"label": "a"}], [{"label": "b"}])
    assert source["notices"] == []


def test_a_row_that_names_no_vm_takes_nothing_from_vms_that_have_their_one_row(tmp_path):
    rows = [part_row("v0", "vm-0", Tools="toolsOk"), part_row("", "", Tools="toolsOld")]
    _source, found = _with_disks(tmp_path, THREE, *rows, tab="vTools")
    assert found["v0"]["tools_status"] == "toolsOk"
    assert found["v1"]["unknown"]["tools_status"] == "no row in tab vTools"


def test_a_row_of_a_vm_outside_vinfo_makes_nothing_unknown(tmp_path):
    _source, found = _with_disks(tmp_path, THREE, part_row("v0", "vm-0", Name="s"), part_row("other", "vm-9", Name="s"), tab="vSnapshot")
    assert found["v0"]["snapshots"] == [{"name": "s"}]
    assert found["v1"]["snapshots"] == []


def test_a_row_with_a_vm_id_alone_may_be_of_any_vm_whose_id_is_not_shown(tmp_path):
    infos = [vm_row("v0", "vm-0"), vm_row("v1", ""), vm_row("v2", "vm-2")]
    _source, found = _with_disks(tmp_path, infos, part_row("v0", "vm-0", Name="s"), part_row("", "vm-7", Name="s"), tab="vSnapshot")
    assert found["v0"]["snapshots"] == [{"name": "s"}]
    assert "cannot be attributed" in found["v1"]["unknown"]["snapshots"]
    assert found["v2"]["snapshots"] == []


def test_a_row_with_the_vm_id_that_two_vms_share_may_be_of_both(tmp_path):
    infos = [{"VM": "v0", "VM ID": "vm-1"}, {"VM": "v1", "VM ID": "vm-1"}, {"VM": "v2", "VM ID": "vm-2"}]
    _source, found = _with_disks(tmp_path, infos, {"VM": "renamed", "VM ID": "vm-1", "Name": "s"}, tab="vSnapshot")
    assert ["snapshots" in found[name] for name in ("v0", "v1", "v2")] == [False, False, True]


def test_names_of_which_none_is_in_vinfo_tell_of_no_vm_that_it_has_none(tmp_path):
    source, found = _with_disks(
        tmp_path, [{"VM": "v0"}, {"VM": "v1"}], {"VM": "x0", "Name": "s"}, {"VM": "x1", "Name": "s"}, tab="vSnapshot"
    )
    assert all("snapshots" not in vm for vm in found.values())
    assert "none of its rows" in _gap(source, "tab vSnapshot")["reason"]
