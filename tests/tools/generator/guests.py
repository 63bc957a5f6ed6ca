# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guest operating systems as vSphere names them: identifier, configured name, name that VMware Tools reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GuestOs:
    """One guest OS; `efi` guests boot with EFI by default."""

    id: str
    config_name: str
    tools_name: str
    windows: bool = False
    efi: bool = False
    filesystem: str = "xfs"


def _linux(identity: str, name: str, tools_name: str = "", *, efi: bool = False, filesystem: str = "xfs") -> GuestOs:
    return GuestOs(identity, name, tools_name or name, efi=efi, filesystem=filesystem)


def _windows(identity: str, name: str, tools_name: str = "", *, efi: bool = False) -> GuestOs:
    return GuestOs(identity, name, tools_name or name, windows=True, efi=efi, filesystem="NTFS")


GUESTS: Mapping[str, GuestOs] = {
    "win2003": _windows("winNetEnterprise64Guest", "Microsoft Windows Server 2003 (64-bit)"),
    "win2008r2": _windows("windows7Server64Guest", "Microsoft Windows Server 2008 R2 (64-bit)"),
    "win2012": _windows("windows8Server64Guest", "Microsoft Windows Server 2012 (64-bit)"),
    "win2012r2": _windows("windows8Server64Guest", "Microsoft Windows Server 2012 (64-bit)", "Microsoft Windows Server 2012 R2 (64-bit)"),
    "win2016": _windows(
        "windows9Server64Guest", "Microsoft Windows Server 2016 or later (64-bit)", "Microsoft Windows Server 2016 (64-bit)", efi=True
    ),
    "win2019": _windows("windows2019srv_64Guest", "Microsoft Windows Server 2019 (64-bit)", efi=True),
    "win2022": _windows("windows2019srvNext_64Guest", "Microsoft Windows Server 2022 (64-bit)", efi=True),
    "win2025": _windows("windows2022srvNext_64Guest", "Microsoft Windows Server 2025 (64-bit)", efi=True),
    "win10": _windows("windows9_64Guest", "Microsoft Windows 10 (64-bit)", efi=True),
    "win11": _windows("windows11_64Guest", "Microsoft Windows 11 (64-bit)", efi=True),
    "rhel5": _linux("rhel5_64Guest", "Red Hat Enterprise Linux 5 (64-bit)", filesystem="ext3"),
    "rhel6": _linux("rhel6_64Guest", "Red Hat Enterprise Linux 6 (64-bit)", filesystem="ext4"),
    "rhel7": _linux("rhel7_64Guest", "Red Hat Enterprise Linux 7 (64-bit)"),
    "rhel8": _linux("rhel8_64Guest", "Red Hat Enterprise Linux 8 (64-bit)", efi=True),
    "rhel9": _linux("rhel9_64Guest", "Red Hat Enterprise Linux 9 (64-bit)", efi=True),
    "centos7": _linux("centos7_64Guest", "CentOS 7 (64-bit)"),
    "oracle7": _linux("oracleLinux7_64Guest", "Oracle Linux 7 (64-bit)"),
    "oracle8": _linux("oracleLinux8_64Guest", "Oracle Linux 8 (64-bit)", efi=True),
    "sles12": _linux("sles12_64Guest", "SUSE Linux Enterprise 12 (64-bit)", filesystem="btrfs"),
    "sles15": _linux("sles15_64Guest", "SUSE Linux Enterprise 15 (64-bit)", efi=True, filesystem="btrfs"),
    "ubuntu": _linux("ubuntu64Guest", "Ubuntu Linux (64-bit)", filesystem="ext4"),
    "debian11": _linux("debian11_64Guest", "Debian GNU/Linux 11 (64-bit)", filesystem="ext4"),
    "rocky": _linux("rockylinux_64Guest", "Rocky Linux (64-bit)", efi=True),
    "photon": _linux("vmwarePhoton64Guest", "VMware Photon OS (64-bit)", filesystem="ext4"),
    "other3x": _linux("other3xLinux64Guest", "Other 3.x or later Linux (64-bit)", filesystem="ext4"),
    "freebsd12": _linux("freebsd12_64Guest", "FreeBSD 12 (64-bit)", filesystem="ufs"),
    "solaris11": _linux("solaris11_64Guest", "Oracle Solaris 11 (64-bit)", filesystem="zfs"),
    "crx": _linux("crxPod1Guest", "CRX Pod 1 (64-bit)", filesystem="ext4"),
}
