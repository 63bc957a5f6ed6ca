# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guest operating systems: from the name that vSphere shows to the identifier of its API, and to a family for counting.

Names and identifiers are those of the vSphere API: `GuestOsDescriptor.fullName` and `.id` as
`EnvironmentBrowser.QueryConfigOption` returns them on vSphere 8.0, the identifiers of
`VirtualMachineGuestOsIdentifier`, and the names that earlier releases (5.5 to 7.0) had for the same identifiers.
A name that is not here has no identifier: two releases may use one name differently, and a guess would be a claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

_WINDOWS: Final = """
windows2022srvNext_64Guest|Microsoft Windows Server 2025 (64-bit)
windows2019srvNext_64Guest|Microsoft Windows Server 2022 (64-bit)
windows2019srv_64Guest|Microsoft Windows Server 2019 (64-bit)
windows9Server64Guest|Microsoft Windows Server 2016 (64-bit)|Microsoft Windows Server 2016 or later (64-bit)
windows8Server64Guest|Microsoft Windows Server 2012 (64-bit)|Microsoft Windows Server 2012 R2 (64-bit)|Microsoft Windows 8 Server (64-bit)
windows7Server64Guest|Microsoft Windows Server 2008 R2 (64-bit)
winLonghorn64Guest|Microsoft Windows Server 2008 (64-bit)
winLonghornGuest|Microsoft Windows Server 2008 (32-bit)
winNetEnterprise64Guest|Microsoft Windows Server 2003 (64-bit)|Microsoft Windows Server 2003 Enterprise (64-bit)
winNetEnterpriseGuest|Microsoft Windows Server 2003 (32-bit)|Microsoft Windows Server 2003 Enterprise (32-bit)
winNetDatacenter64Guest|Microsoft Windows Server 2003 Datacenter (64-bit)
winNetDatacenterGuest|Microsoft Windows Server 2003 Datacenter (32-bit)
winNetStandard64Guest|Microsoft Windows Server 2003 Standard (64-bit)
winNetStandardGuest|Microsoft Windows Server 2003 Standard (32-bit)
winNetWebGuest|Microsoft Windows Server 2003 Web Edition (32-bit)
winNetBusinessGuest|Microsoft Small Business Server 2003
windowsHyperVGuest|Microsoft Windows Hyper-V
windows12_64Guest|Microsoft Windows (64-bit)
windows11_64Guest|Microsoft Windows 11 (64-bit)
windows9_64Guest|Microsoft Windows 10 (64-bit)
windows9Guest|Microsoft Windows 10 (32-bit)
windows8_64Guest|Microsoft Windows 8.x (64-bit)|Microsoft Windows 8 (64-bit)
windows8Guest|Microsoft Windows 8.x (32-bit)|Microsoft Windows 8 (32-bit)
windows7_64Guest|Microsoft Windows 7 (64-bit)
windows7Guest|Microsoft Windows 7 (32-bit)
winVista64Guest|Microsoft Windows Vista (64-bit)
winVistaGuest|Microsoft Windows Vista (32-bit)
winXPPro64Guest|Microsoft Windows XP Professional (64-bit)
winXPProGuest|Microsoft Windows XP Professional (32-bit)
win2000AdvServGuest|Microsoft Windows 2000|Microsoft Windows 2000 Advanced Server
win2000ServGuest|Microsoft Windows 2000 Server
win2000ProGuest|Microsoft Windows 2000 Professional
winNTGuest|Microsoft Windows NT
win98Guest|Microsoft Windows 98
win95Guest|Microsoft Windows 95
win31Guest|Microsoft Windows 3.1
dosGuest|Microsoft MS-DOS
"""

_LINUX: Final = """
vmwarePhoton64Guest|VMware Photon OS (64-bit)
crxPod1Guest|VMware CRX Pod 1 (64-bit)
crxSys1Guest|VMware Photon CRX (64-bit)
amazonlinux2_64Guest|Amazon Linux 2 (64-bit)
amazonlinux3_64Guest|Amazon Linux 3 (64-bit)
rockylinux_64Guest|Rocky Linux (64-bit)
almalinux_64Guest|AlmaLinux (64-bit)
rhel2Guest|Red Hat Enterprise Linux 2.1
sles64Guest|SUSE Linux Enterprise 8/9 (64-bit)
slesGuest|SUSE Linux Enterprise 8/9 (32-bit)
centos64Guest|CentOS 4/5 (64-bit)|CentOS 4/5/6 (64-bit)|CentOS 4/5/6/7 (64-bit)|CentOS 4/5 or later (64-bit)
centosGuest|CentOS 4/5 (32-bit)|CentOS 4/5/6 (32-bit)|CentOS 4/5 or later (32-bit)
oracleLinux64Guest|Oracle Linux 4/5 (64-bit)|Oracle Linux 4/5/6 (64-bit)|Oracle Linux 4/5/6/7 (64-bit)|Oracle Linux 4/5 or later (64-bit)
oracleLinuxGuest|Oracle Linux 4/5 (32-bit)|Oracle Linux 4/5/6 (32-bit)|Oracle Linux 4/5 or later (32-bit)
opensuse64Guest|SUSE openSUSE (64-bit)
opensuseGuest|SUSE openSUSE (32-bit)
asianux8_64Guest|MIRACLE LINUX 8 (64-bit)|Asianux 8 (64-bit)
asianux7_64Guest|Asianux 7 (64-bit)
asianux4_64Guest|Asianux 4 (64-bit)
asianux4Guest|Asianux 4 (32-bit)
asianux3_64Guest|Asianux 3 (64-bit)
asianux3Guest|Asianux 3 (32-bit)
fedora64Guest|Red Hat Fedora (64-bit)
fedoraGuest|Red Hat Fedora (32-bit)
oesGuest|Novell Open Enterprise Server
ubuntu64Guest|Ubuntu Linux (64-bit)
ubuntuGuest|Ubuntu Linux (32-bit)
coreos64Guest|CoreOS Linux (64-bit)
other6xLinux64Guest|Other 6.x or later Linux (64-bit)
other6xLinuxGuest|Other 6.x or later Linux (32-bit)
other5xLinux64Guest|Other 5.x Linux (64-bit)|Other 5.x or later Linux (64-bit)
other5xLinuxGuest|Other 5.x Linux (32-bit)|Other 5.x or later Linux (32-bit)
other4xLinux64Guest|Other 4.x Linux (64-bit)|Other 4.x or later Linux (64-bit)
other4xLinuxGuest|Other 4.x Linux (32-bit)|Other 4.x or later Linux (32-bit)
other3xLinux64Guest|Other 3.x Linux (64-bit)|Other 3.x or later Linux (64-bit)
other3xLinuxGuest|Other 3.x Linux (32-bit)|Other 3.x or later Linux (32-bit)
other26xLinux64Guest|Other 2.6.x Linux (64-bit)
other26xLinuxGuest|Other 2.6.x Linux (32-bit)
other24xLinux64Guest|Other 2.4.x Linux (64-bit)
other24xLinuxGuest|Other 2.4.x Linux (32-bit)
otherLinux64Guest|Other Linux (64-bit)
otherLinuxGuest|Other Linux (32-bit)
"""

_OTHER: Final = """
freebsd14_64Guest|FreeBSD 14 or later versions (64-bit)
freebsd14Guest|FreeBSD 14 or later versions (32-bit)
freebsd13_64Guest|FreeBSD 13 (64-bit)|FreeBSD 13 or later versions (64-bit)
freebsd13Guest|FreeBSD 13 (32-bit)|FreeBSD 13 or later versions (32-bit)
freebsd12_64Guest|FreeBSD 12 (64-bit)|FreeBSD 12 or later versions (64-bit)
freebsd12Guest|FreeBSD 12 (32-bit)|FreeBSD 12 or later versions (32-bit)
freebsd11_64Guest|FreeBSD 11 (64-bit)
freebsd11Guest|FreeBSD 11 (32-bit)
freebsd64Guest|FreeBSD Pre-11 versions (64-bit)|FreeBSD (64-bit)
freebsdGuest|FreeBSD Pre-11 versions (32-bit)|FreeBSD (32-bit)
solaris11_64Guest|Oracle Solaris 11 (64-bit)
solaris10_64Guest|Oracle Solaris 10 (64-bit)
solaris10Guest|Oracle Solaris 10 (32-bit)
solaris9Guest|Sun Microsystems Solaris 9
solaris8Guest|Sun Microsystems Solaris 8
os2Guest|IBM OS/2
netware6Guest|Novell NetWare 6.x
netware5Guest|Novell NetWare 5.1
openServer6Guest|SCO OpenServer 6
openServer5Guest|SCO OpenServer 5
unixWare7Guest|SCO UnixWare 7
eComStation2Guest|Serenity Systems eComStation 2
eComStationGuest|Serenity Systems eComStation 1
darwin11Guest|Apple Mac OS X 10.7 (32-bit)
darwin10Guest|Apple Mac OS X 10.6 (32-bit)
darwin64Guest|Apple Mac OS X 10.5 (64-bit)
darwinGuest|Apple Mac OS X 10.5 (32-bit)
otherGuest64|Other (64-bit)
otherGuest|Other (32-bit)
vmkernel8Guest|VMware ESXi 8.0 or later
vmkernel7Guest|VMware ESXi 7.x|VMware ESXi 7.0 or later
vmkernel65Guest|VMware ESXi 6.x|VMware ESXi 6.5 or later
vmkernel6Guest|VMware ESXi 6.0
vmkernel5Guest|VMware ESXi 5.x
vmkernelGuest|VMware ESX 4.x
"""

_SERIES: Final[tuple[tuple[str, str, Iterable[int], Iterable[int]], ...]] = (
    ("rhel{n}", "Red Hat Enterprise Linux {n}", range(3, 11), range(3, 8)),
    ("sles{n}", "SUSE Linux Enterprise {n}", (10, 11, 12, 15, 16), (10, 11, 12)),
    ("centos{n}", "CentOS {n}", range(6, 10), (6, 7)),
    ("oracleLinux{n}", "Oracle Linux {n}", range(6, 11), (6, 7)),
    ("debian{n}", "Debian GNU/Linux {n}", range(4, 14), range(4, 14)),
)
"""Identifiers and names that differ by a version alone, with the versions that exist in 64 and in 32 bits."""

_MACS: Final = range(10, 24)
"""Darwin releases 10 (Mac OS X 10.6) to 23 (macOS 14)."""


def _mac_name(darwin: int) -> str:
    if darwin >= 20:
        return f"Apple macOS {darwin - 9}"
    return f"Apple {'macOS' if darwin >= 16 else 'Mac OS X'} 10.{darwin - 4}"


def _pairs() -> Iterator[tuple[str, str]]:
    for line in (_WINDOWS + _LINUX + _OTHER).split("\n"):
        identifier, *names = line.split("|")
        yield from ((name, identifier) for name in names)
    for identifier, name, wide, narrow in _SERIES:
        yield from ((f"{name.format(n=n)} (64-bit)", f"{identifier.format(n=n)}_64Guest") for n in wide)
        yield from ((f"{name.format(n=n)} (32-bit)", f"{identifier.format(n=n)}Guest") for n in narrow)
    yield from ((f"{_mac_name(darwin)} (64-bit)", f"darwin{darwin}_64Guest") for darwin in _MACS)


def _folded(name: str) -> str:
    return " ".join(name.lower().split())


GUEST_IDS: Final = {_folded(name): identifier for name, identifier in _pairs()}
"""Identifier by full name, the name in lower case."""


def guest_id_of(name: str) -> str | None:
    """Guest identifier of a full name as the client shows it; None for a name that is not known."""
    return GUEST_IDS.get(_folded(name))


# ---- families -------------------------------------------------------------------------------------------------------

UNKNOWN_FAMILY: Final = "Unknown"
OTHER_FAMILY: Final = "Other"

_FAMILIES: Final[tuple[tuple[str, str], ...]] = (
    (r"windows server (2003|2008 r2|2008|2012 r2|2012|2016|2019|2022|2025)\b", "Windows Server {}"),
    (r"small business server (2003)\b", "Windows Server {}"),
    (r"windows (2000|nt)\b", "Windows {}"),
    (r"windows 8 server\b", "Windows Server 2012"),
    (r"windows (xp|vista|7|10|11|12)\b", "Windows {}"),
    (r"windows 8(?:\.[1x])?\b", "Windows 8"),
    (r"windows", "Windows"),
    (r"(?:red hat enterprise linux|rhel)[^0-9]*(\d+)", "RHEL {}"),
    (r"red hat enterprise|rhel", "RHEL"),
    (r"centos stream[^0-9]*(\d+)", "CentOS Stream {}"),
    (r"centos (\d+)(?![\d/])(?! or later)", "CentOS {}"),
    (r"centos", "CentOS"),
    (r"rocky linux[^0-9(]*(\d+)", "Rocky Linux {}"),
    (r"rocky", "Rocky Linux"),
    (r"almalinux[^0-9(]*(\d+)", "AlmaLinux {}"),
    (r"almalinux", "AlmaLinux"),
    (r"oracle (?:enterprise )?linux[^0-9(]*(\d+)(?![\d/])(?! or later)", "Oracle Linux {}"),
    (r"oracle (?:enterprise )?linux", "Oracle Linux"),
    (r"suse linux enterprise[^0-9(]*(\d+)(?![\d/])", "SLES {}"),
    (r"suse linux enterprise|\bsles\b", "SLES"),
    (r"opensuse", "openSUSE"),
    (r"ubuntu", "Ubuntu"),
    (r"debian[^0-9(]*(\d+)", "Debian {}"),
    (r"debian", "Debian"),
    (r"fedora", "Fedora"),
    (r"photon", "Photon OS"),
    (r"amazon linux[^0-9(]*(\d+)", "Amazon Linux {}"),
    (r"amazon linux", "Amazon Linux"),
    (r"freebsd", "FreeBSD"),
    (r"solaris[^0-9(]*(\d+)", "Solaris {}"),
    (r"solaris", "Solaris"),
    (r"esxi?\b|vmkernel", "ESXi"),
    (r"mac ?os|darwin", "macOS"),
    (r"coreos", "CoreOS"),
    (r"netware|open enterprise server", "NetWare"),
    (r"linux", "Other Linux"),
)
_COMPILED: Final = tuple((re.compile(pattern), family) for pattern, family in _FAMILIES)
_UPPER: Final = {"xp": "XP", "nt": "NT", "vista": "Vista", "2008 r2": "2008 R2", "2012 r2": "2012 R2"}

_NAME_OF: Final = {identifier.lower(): name for name, identifier in reversed(list(GUEST_IDS.items()))}


def _family(name: str) -> str:
    lowered = _folded(name)
    for pattern, family in _COMPILED:
        if found := pattern.search(lowered):
            version = found.group(1) if found.groups() else ""
            return family.format(_UPPER.get(version, version))
    return ""


@lru_cache(maxsize=4096)
def os_family(config_name: str, tools_name: str, guest_id: str) -> str:
    """Family to count a VM under: `Windows Server 2016`, `RHEL 8`, `Ubuntu`, `Other`, or `Unknown` when nothing is given.

    What VMware Tools reports comes first, because the configured name is often left at what it was at creation; a
    family without a version gives way to the same family with one.
    """
    names = (tools_name, config_name, _NAME_OF.get(guest_id.lower(), guest_id))
    families = [family for family in (_family(name) for name in names if name) if family]
    if not families:
        return OTHER_FAMILY if any(names) else UNKNOWN_FAMILY
    first = families[0]
    if first == "Other Linux":
        return next((family for family in families if family not in ("Other Linux", "Windows")), first)
    return next((family for family in families if family.startswith(f"{first} ")), first)
