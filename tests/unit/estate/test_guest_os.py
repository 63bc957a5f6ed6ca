# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.guest_os import GUEST_IDS, guest_id_of, os_family


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("Red Hat Enterprise Linux 9 (64-bit)", "rhel9_64Guest"),
        ("Red Hat Enterprise Linux 10 (64-bit)", "rhel10_64Guest"),
        ("Microsoft Windows Server 2016 or later (64-bit)", "windows9Server64Guest"),
        ("Microsoft Windows Server 2025 (64-bit)", "windows2022srvNext_64Guest"),
        ("Microsoft Windows 10 (32-bit)", "windows9Guest"),
        ("CentOS 4/5/6/7 (64-bit)", "centos64Guest"),
        ("SUSE Linux Enterprise 15 (64-bit)", "sles15_64Guest"),
        ("Oracle Linux 8 (64-bit)", "oracleLinux8_64Guest"),
        ("Debian GNU/Linux 12 (64-bit)", "debian12_64Guest"),
        ("VMware Photon OS (64-bit)", "vmwarePhoton64Guest"),
        ("Apple macOS 10.15 (64-bit)", "darwin19_64Guest"),
        ("Apple Mac OS X 10.11 (64-bit)", "darwin15_64Guest"),
        ("other  (32-BIT)", "otherGuest"),
    ],
)
def test_identifier_of_a_full_name(name, identifier):
    assert guest_id_of(name) == identifier


def test_a_name_that_is_not_known_has_no_identifier():
    assert guest_id_of("TempleOS (64-bit)") is None


def test_the_table_covers_the_common_systems():
    assert len(GUEST_IDS) > 200


@pytest.mark.parametrize(
    ("config", "tools", "identifier", "family"),
    [
        ("Microsoft Windows Server 2016 (64-bit)", "", "", "Windows Server 2016"),
        ("Microsoft Windows Server 2012 (64-bit)", "Microsoft Windows Server 2012 R2 (64-bit)", "", "Windows Server 2012 R2"),
        ("", "", "rhel8_64Guest", "RHEL 8"),
        ("CentOS 4/5/6/7 (64-bit)", "CentOS 7 (64-bit)", "", "CentOS 7"),
        ("CentOS 4/5/6/7 (64-bit)", "", "", "CentOS"),
        ("Ubuntu Linux (64-bit)", "", "", "Ubuntu"),
        ("Other 3.x Linux (64-bit)", "", "", "Other Linux"),
        ("Other (32-bit)", "", "", "Other"),
        ("Microsoft Windows 8.x (64-bit)", "", "", "Windows 8"),
        ("Oracle Solaris 11 (64-bit)", "", "", "Solaris 11"),
        ("Red Hat Enterprise Linux 7 (64-bit)", "Linux 3.10.0 Red Hat Enterprise Linux Server release 7.9", "", "RHEL 7"),
        ("", "", "", "Unknown"),
    ],
)
def test_families_for_counting(config, tools, identifier, family):
    assert os_family(config, tools, identifier) == family
