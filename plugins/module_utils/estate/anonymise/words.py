# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that makers of software and hardware give: what an anonymised export keeps of their texts.

A text of a maker (a guest OS, a CPU model, a version, the label of a device) keeps the words listed here and short
numbers; every other word of it is replaced. Whole words of the API that stand alone in a fact are listed by fact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..guest_os import GUEST_IDS, os_family
from ..vsphere.settings import KEPT as KEPT_SETTINGS
from .tokens import Tokens

_GUEST_OS: Final = """
aarch advanced amazon amd annual apache arm azure b beta bionic bit bookworm build bullseye buster channel christmas client cloud
cluster coast code codename community container core cosmic cumulus darwin data datacenter debian desktop distribution distro
eccentric edition education ee el eng enterprise esm essentials evaluation family fc final focal foundation free ga generic gold
guest hat home host hvm hwe i ia iot jammy jessie kernel leap lhm linux lite lts ltsb ltsc lunar maipo mantic maverick mini
minimal n nano noble noncommercial noncore ootpa or os pack patch photon plow preview pro professional r rc red rel release rhel
rolling santiago sarge se semi server service sles small sp squeeze srv srvnext stable standard starter stream stretch team thin
tikanga tumbleweed u uek ultimate update v version web wheezy windows with without workstation x xenial xp
"""

_MAKERS: Final = """
a advanced amd ampere and apple appliance arm asus athlon atom basic bay bios branch broadcom broadwell bronze build bull
bulldozer c cascadelake celeron center cisco cloud co computer cooperlake core corecount cores corp corporation cpu cpupackage
cpupackagecore cpupackagecorelimited cpus d dell desktop dual e ed edition eight embedded emc emeraldrapids enterprise
enterpriseplus epyc essentials esx esxi eval evaluation express family for foundation fujitsu gb gen generation ghz gigabyte gmbh
gold graniterapids graphics group h h3c haswell hewlett hitachi host hp hpe huawei hyperconverged hypervisor ibm icelake inc
inspur intel international ivybridge kit l lenovo licence license licensed limited llc ltd m max mb merom mhz mode n nd nec
nehalem nutanix office ondemand operations opteron oracle p packard penryn pentium perpetual piledriver platinum plus premium
processor q quad quanta r rd remote rev robo ryzen s sandybridge sapphirerapids scalable server silver six sixteen skylake socket
sockets st standard starter steamroller subscription suite sun supermicro system systems technologies term th threadripper tm to
tools trial twelve unisys unit units update v vc vcenter vcf vcs vdi version virtual vm vms vmware vsan vsphere vvf vxrail w
westmere with without x xeon xfusion xl y z zen zte
"""

_LABELS: Final = """
adapter ahci audio bus buslogic card cd cdrom client clock controller device devices disk drive dvd ehci ethernet floppy hard hd
host ide input keyboard logic lsi mouse network nvdimm nvme parallel paravirtual paravirtualscsicontroller passthrough pci pcie
pmem pointing port precision ps pvscsi rdma remote sas sata scsi serial shared sio sound sriov timer tpm uhci usb vgpu video
virtual vmci watchdog xhci
"""


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAMED: Final = frozenset(re.findall(r"[^\W\d_]+", " ".join(GUEST_IDS)))

GUEST_OS_WORDS: Final = _listed(_GUEST_OS) | _NAMED
"""Words of guest operating systems' names, in lower case."""

MAKERS_WORDS: Final = _listed(_MAKERS)
"""Words of versions, products, licences, processors and servers, in lower case."""

LABEL_WORDS: Final = _listed(_LABELS)
"""Words of devices' labels as vSphere gives them in English, in lower case."""

SETTING_WORDS: Final = frozenset(re.findall("[a-z]+", " ".join(KEPT_SETTINGS).lower())) | {"eax", "ebx", "ecx", "edx"}
"""Words of advanced settings' keys, in lower case."""

_DEVICE_CLASSES: Final = _listed(
    """
    ParaVirtualSCSIController VirtualAHCIController VirtualBusLogicController VirtualCdrom VirtualController VirtualDevice VirtualDisk
    VirtualE1000 VirtualE1000e VirtualEnsoniq1371 VirtualEthernetCard VirtualFloppy VirtualHdAudioCard VirtualIDEController VirtualKeyboard
    VirtualLsiLogicController VirtualLsiLogicSASController VirtualMachineVMCIDevice VirtualMachineVideoCard VirtualNVDIMM
    VirtualNVDIMMController VirtualNVMEController VirtualPCIController VirtualPCIPassthrough VirtualPCNet32 VirtualPS2Controller
    VirtualParallelPort VirtualPointingDevice VirtualPrecisionClock VirtualSATAController VirtualSCSIController VirtualSCSIPassthrough
    VirtualSIOController VirtualSerialPort VirtualSoundBlaster16 VirtualSoundCard VirtualSriovEthernetCard VirtualTPM VirtualUSB
    VirtualUSBController VirtualUSBXHCIController VirtualVMIROM VirtualVmxnet VirtualVmxnet2 VirtualVmxnet3 VirtualVmxnet3Vrdma VirtualWDT
    """
)

_FILESYSTEMS: Final = _listed(
    """
    NTFS ReFS FAT FAT32 exFAT CDFS UDF ext2 ext3 ext4 xfs btrfs zfs ufs jfs reiserfs vfat msdos ntfs tmpfs nfs nfs4 cifs vxfs hfs
    apfs swap iso9660 squashfs overlay gfs2 ocfs2 f2fs vmfs hpfs
    """
)

_TOOLS_VERSIONS: Final = _listed(
    """
    guestToolsBlacklisted guestToolsCurrent guestToolsNeedUpgrade guestToolsNotInstalled guestToolsSupportedNew
    guestToolsSupportedOld guestToolsTooNew guestToolsTooOld guestToolsUnmanaged
    """
)

OPEN_WORDS: Final[Mapping[tuple[str, str], frozenset[str]]] = MappingProxyType(
    {
        ("cluster", "dpm_behavior"): frozenset({"manual", "automated"}),
        ("cluster", "ha_host_monitoring"): frozenset({"enabled", "disabled"}),
        ("cluster", "ha_restart_priority"): frozenset({"disabled", "lowest", "low", "medium", "high", "highest", "clusterRestartPriority"}),
        ("cluster", "ha_vm_monitoring"): frozenset({"vmMonitoringDisabled", "vmMonitoringOnly", "vmAndAppMonitoring"}),
        ("controllers", "type"): _DEVICE_CLASSES,
        ("datastore", "maintenance_mode"): frozenset({"normal", "enteringMaintenance", "inMaintenance"}),
        ("datastore", "type"): frozenset({"CIFS", "NFS", "NFS41", "OTHER", "PMEM", "VFFS", "VMFS", "VVOL", "vsan", "vsanD"}),
        ("devices", "kind"): _DEVICE_CLASSES,
        ("nics", "adapter_type"): frozenset({"e1000", "e1000e", "pcnet32", "pvrdma", "sriov", "vlance", "vmxnet", "vmxnet2", "vmxnet3"}),
        ("partitions", "filesystem"): _FILESYSTEMS,
        ("vcenter", "api_type"): frozenset({"VirtualCenter", "HostAgent"}),
        ("vm", "drs_behavior"): frozenset({"manual", "partiallyAutomated", "fullyAutomated", "disabled"}),
        ("vm", "ha_restart_priority"): frozenset({"disabled", "lowest", "low", "medium", "high", "highest", "clusterRestartPriority"}),
        ("vm", "tools_running_status"): frozenset({"guestToolsRunning", "guestToolsNotRunning", "guestToolsExecutingScripts"}),
        ("vm", "tools_version_status"): _TOOLS_VERSIONS,
    }
)
"""(kind or list of parts, fact) to the words that the API or the model has for it, although no closed set is promised."""

OPEN_WORDS_OF_ALL: Final = frozenset(word for known in OPEN_WORDS.values() for word in known)
"""All words of `OPEN_WORDS`."""

_WORD: Final = re.compile(r"build-[0-9]{4,9}|[^\W_]+")
_RUN: Final = re.compile(r"[0-9]+|[^\W\d]+|\d+")
_MOST_RUNS: Final = 4
_MOST_DIGITS: Final = 5

_WINDOWS: Final = "windows"
NEEDLES: Final = tuple(sorted({re.sub(r" \((?:64|32)-bit\)$", "", name).removeprefix("microsoft ") for name in GUEST_IDS} | {_WINDOWS}))
"""What rules may look for in the name of a guest OS, in lower case: every name that vSphere has, and Windows."""

_IDENTIFIERS: Final = frozenset(GUEST_IDS.values())


def is_known(word: str, words: frozenset[str]) -> bool:
    """True for a short number, a word of the list, or the two together (`v4`, `10GHz`, `el9`)."""
    if word.startswith("build-"):
        return True
    runs = _RUN.findall(word)
    return len(runs) <= _MOST_RUNS and all(len(run) <= _MOST_DIGITS if run.isdigit() else run.lower() in words for run in runs)


def phrase(tokens: Tokens, text: str, words: frozenset[str]) -> str:
    """A maker's text with every word replaced that is not one of these."""
    return _WORD.sub(lambda found: found[0] if is_known(found[0], words) else tokens.letters(found[0]), text)


def guest_os_name(tokens: Tokens, text: str) -> str:
    """The name of a guest OS with the words that are known; rules and the families for counting see the same as before."""
    wanted = _traits(text, "")
    candidate = phrase(tokens, text, GUEST_OS_WORDS)
    if _traits(candidate, "") == wanted:
        return candidate
    return ", ".join((tokens.letters(text), *sorted(wanted[0])))


def guest_os_id(tokens: Tokens, text: str) -> str:
    """The identifier of a guest OS, as it is where vSphere has it; one that it has not keeps its known words in the same way."""
    if text in _IDENTIFIERS:
        return text
    wanted = _traits("", text)
    candidate = phrase(tokens, text, GUEST_OS_WORDS)
    if _traits("", candidate) == wanted:
        return candidate
    return tokens.letters(text) + "".join(sorted(wanted[0]))


def _traits(name: str, identifier: str) -> tuple[frozenset[str], str]:
    lowered = (name or identifier).lower()
    return frozenset(needle for needle in NEEDLES if needle in lowered), os_family("", name, identifier)
