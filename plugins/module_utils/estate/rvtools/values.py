# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a cell of an RVTools tab to a value of the model.

A converter takes a cell that is not blank and returns the value, or raises `CellError` with words for a person.
Cells come as calamine gives them (text, float, bool, datetime) or, from CSV, as text alone, written with the
separators and words of the machine that RVTools ran on.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias

from .. import vocabulary

Cell: TypeAlias = str | float | int | bool | datetime | date | time | timedelta
Value: TypeAlias = object
Converter: TypeAlias = Callable[[Cell], Value]

MIB: Final = 1 << 20


class CellError(ValueError):
    """A cell that is not what its column promises."""


# ---- text -----------------------------------------------------------------------------------------------------------

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _unescape(found: re.Match[str]) -> str:
    code = int(found.group(1), 16)
    return "" if code == 0x0D or 0xD800 <= code <= 0xDFFF else chr(code)


def text(cell: Cell) -> str:
    """The cell as text; a whole number has no decimal point, Office's `_x000D_` is undone."""
    if isinstance(cell, str):
        value = cell.strip()  # no-break spaces too
        if "_x" in value:
            value = _ESCAPED.sub(_unescape, value).strip()
        return value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
    if isinstance(cell, bool):
        return "True" if cell else "False"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return iso(cell)
    return str(cell)


def lower(cell: Cell) -> str:
    """Text in lower case, as UUIDs and MAC addresses are kept."""
    return text(cell).lower()


_JOINTS: Final = str.maketrans("", "", " \t\n\u00a0_-./()")


def bare(word: str) -> str:
    """A word in lower case without blanks and separators: `Independent - Persistent` is independentpersistent."""
    return word.lower().translate(_JOINTS)


def words(known: Mapping[str, str]) -> Converter:
    """One of the values of an enum of the vSphere API, whatever its case and separators; nothing else is taken for one.

    A word that the API does not have must not be compared with those it has: it would be none of the bad ones.
    """

    def convert(cell: Cell) -> str:
        value = known.get(bare(text(cell)))
        if value is None:
            raise CellError("is none of the values that vSphere has for this")
        return value

    return convert


def spelled(known: Mapping[str, str]) -> Converter:
    """A text that has usual values in a usual spelling, but may be another one: the API does not limit it."""

    def convert(cell: Cell) -> str:
        value = text(cell)
        return known.get(bare(value), value)

    return convert


def listed(words: Iterable[str], **others: str) -> dict[str, str]:
    """The values of an enum by their bare form; `others` are further bare words for some of them."""
    return {**{bare(word): word for word in words}, **others}


POWER_STATES: Final = listed(vocabulary.POWER_STATES, on="poweredOn", off="poweredOff", poweron="poweredOn", poweroff="poweredOff")
CONNECTION_STATES: Final = listed(vocabulary.CONNECTION_STATES)
TOOLS_STATES: Final = listed(
    vocabulary.TOOLS_STATES, ok="toolsOk", old="toolsOld", notrunning="toolsNotRunning", notinstalled="toolsNotInstalled"
)
FT_STATES: Final = listed(vocabulary.FAULT_TOLERANCE_STATES)
LATENCIES: Final = listed(vocabulary.LATENCY_SENSITIVITIES)
FIRMWARES: Final = listed(vocabulary.FIRMWARES, uefi="efi")
DISK_MODES: Final = listed(vocabulary.DISK_MODES, dependent="persistent")
SHARINGS: Final = listed(
    vocabulary.DISK_SHARINGS,
    false="sharingNone",
    none="sharingNone",
    nosharing="sharingNone",
    true="sharingMultiWriter",
    multiwriter="sharingMultiWriter",
)
BUS_SHARINGS: Final = listed(vocabulary.BUS_SHARINGS, none="noSharing", virtual="virtualSharing", physical="physicalSharing")
RDM_MODES: Final = listed(vocabulary.RDM_COMPATIBILITIES - {""}, physical="physicalMode", virtual="virtualMode")
MAC_TYPES: Final = listed(vocabulary.MAC_TYPES, automatic="assigned", static="manual")
DRS_BEHAVIORS: Final = listed(vocabulary.DRS_BEHAVIORS)
API_TYPES: Final = listed(("VirtualCenter", "HostAgent"))
DATASTORE_TYPES: Final = listed(("VMFS", "NFS", "NFS41", "vsan", "VVOL"), nfsv41="NFS41")


# ---- yes and no -----------------------------------------------------------------------------------------------------

_YES: Final = """
true yes y 1 on enabled wahr ja vrai oui vero sì sí si verdadero verdadeiro sim waar sant sand tosi kyllä prawda tak pravda ano igaz igen
истина да 真 是 はい 참 예
"""
_NO: Final = """
false no n 0 off disabled falsch nein faux non falso não nao onwaar nee falskt falsk usand nej nei epätosi ei fałsz nie nepravda ne hamis
nem ложь нет 假 否 いいえ 거짓 아니요
"""
FLAGS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(_YES.split(), True),
    **dict.fromkeys(_NO.split(), False),
}
"""Words for true and false in the languages that Windows writes them in."""


def flag(cell: Cell) -> bool:
    """True or false, in any of the usual languages."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float) and cell in (0, 1):
        return bool(cell)
    value = FLAGS.get(text(cell).lower())
    if value is None:
        raise CellError("is neither true nor false")
    return value


# ---- numbers --------------------------------------------------------------------------------------------------------

_GROUPS = re.compile(r"[\s\u00a0\u2007\u2009\u202f'\u2019`\u00b4]")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_POINTS = re.compile(r"-?[1-9]\d{0,2}(?:\.\d{3})+")


def _point_text(value: str) -> str:
    """A number's text with a decimal point alone, whichever of comma and point it was written with.

    The last of two kinds is the decimal one. A single kind before exactly three digits separates thousands, because
    RVTools' numbers are whole: 16,384 and 16.384 are sixteen thousand; 0,5 and 12,75 are not.
    """
    comma, point = value.rfind(","), value.rfind(".")
    if comma >= 0 and point >= 0:
        thousands = "," if point > comma else "."
        value = value.replace(thousands, "")
        return value.replace(",", ".")
    if comma >= 0:
        as_points = value.replace(",", ".")
        return as_points.replace(".", "") if _POINTS.fullmatch(as_points) else as_points
    return value.replace(".", "") if point >= 0 and _POINTS.fullmatch(value) else value


def number(cell: Cell) -> float:
    """A number, from text with any usual separators."""
    if isinstance(cell, bool):
        raise CellError("is not a number")
    if isinstance(cell, int | float):
        value = float(cell)
    else:
        point = _point_text(_GROUPS.sub("", text(cell).replace("\u2212", "-")))
        if not _PLAIN.fullmatch(point):
            raise CellError("is not a number")
        value = float(point)
    if not math.isfinite(value):
        raise CellError("is not a number")
    return value


def whole(cell: Cell) -> int:
    """A whole number; fractions are rounded half up."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    value = number(cell)
    return int(value) if value.is_integer() else int(value + 0.5) if value > 0 else -int(0.5 - value)


def count(cell: Cell) -> int:
    """A whole number that cannot be negative."""
    if isinstance(cell, float) and cell >= 0 and cell.is_integer():
        return int(cell)
    value = whole(cell)
    if value < 0:
        raise CellError("is negative")
    return value


def mib_bytes(cell: Cell) -> int:
    """Bytes, from mebibytes: what RVTools calls MB before version 4 was MiB already."""
    if isinstance(cell, float) and cell >= 0 and cell.is_integer():
        return int(cell) * MIB
    value = number(cell)
    if value < 0:
        raise CellError("is negative")
    return round(value * MIB)


def memory_mib(cell: Cell) -> int:
    """Mebibytes of a host or cluster; some exports write bytes, and no host has a pebibyte."""
    value = count(cell)
    return value // MIB if value >= 1 << 30 else value


_DIGITS = re.compile(r"\d+")


def hardware_version(cell: Cell) -> int:
    """Virtual hardware version: 21, vmx-21."""
    value = text(cell).lower().removeprefix("vmx-")
    try:
        return count(value)
    except CellError as error:
        raise CellError("is not a hardware version") from error


def device_keys(cell: Cell) -> tuple[int, ...]:
    """Keys of devices, separated by commas, semicolons or blanks."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return (whole(cell),)
    value = text(cell)
    if _DIGITS.sub("", value).strip(",;| \n"):
        raise CellError("is not a list of device keys")
    return tuple(int(key) for key in _DIGITS.findall(value))


# ---- lists and names ------------------------------------------------------------------------------------------------

_SEPARATORS = re.compile(r"[,;|\n]")


def names(cell: Cell) -> tuple[str, ...]:
    """Texts separated by commas, semicolons or line feeds, without doubles."""
    parts = (part.strip() for part in _SEPARATORS.split(text(cell)))
    return tuple(dict.fromkeys(part for part in parts if part))


_ADDRESS = re.compile(r"[0-9a-f.:]+")


def addresses(cell: Cell) -> tuple[str, ...]:
    """IP addresses separated by commas, semicolons or blanks, in lower case, without a prefix length."""
    value = text(cell).lower()
    if _ADDRESS.fullmatch(value):
        return (value,)
    parts = re.split(r"[\s,;|]+", value)
    return tuple(dict.fromkeys(part.partition("/")[0] for part in parts if part.partition("/")[0]))


_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")


def mac(cell: Cell) -> str:
    """MAC address in lower case with colons."""
    value = text(cell).lower()
    if _MAC.fullmatch(value):
        return value
    value = value.replace("-", ":")
    bare = value.replace(":", "").replace(".", "")
    if len(bare) == 12 and all(digit in "0123456789abcdef" for digit in bare):
        return ":".join(bare[place : place + 2] for place in range(0, 12, 2))
    return value


ADAPTERS: Final[Mapping[str, str]] = {
    "flexible": "pcnet32",
    "pcnet32": "pcnet32",
    "vlance": "vlance",
    "vmxnet": "vmxnet",
    "vmxnet2": "vmxnet2",
    "enhancedvmxnet": "vmxnet2",
    "vmxnet2enhanced": "vmxnet2",
    "vmxnet3": "vmxnet3",
    "e1000": "e1000",
    "e1000e": "e1000e",
    "pvrdma": "pvrdma",
    "vmxnet3vrdma": "pvrdma",
    "sriov": "sriov",
}
"""Network adapters as clients and class names (VirtualVmxnet3, VirtualSriovEthernetCard, …) call them, in bare words."""


def adapter(cell: Cell) -> str:
    """Type of a network adapter in the model's spelling."""
    kind = bare(text(cell)).removeprefix("virtual").removesuffix("ethernetcard").removesuffix("adapter")
    found = ADAPTERS.get(kind, "sriov" if kind.startswith("sriov") else "")
    if not found:
        raise CellError("is no network adapter that vSphere has")
    return found


_STORE = re.compile(r"\[([^\]]*)\]")


def datastore_of(path: str) -> str:
    """Name of the datastore in `[name] folder/file`; empty where the path names none."""
    found = _STORE.match(path)
    return found.group(1).strip() if found else ""


def backing_path(cell: Cell) -> str:
    """Path of a disk's file; empty for anything else: RVTools 4 lists the guest's mount points under Disk Path."""
    value = text(cell)
    return value if value.startswith("[") else ""


_VLAN = re.compile(r"\d+(?:\s*-\s*\d+)?")


def medium(cell: Cell) -> str:
    """The file in a drive: `ISO [store] tools.iso` names one, `Client Device` and `Remote ATAPI` say that there is none on a datastore."""
    value = text(cell)
    path = value.removeprefix("ISO ").strip()
    return path if path != value or value.startswith("[") else ""


def vlan(cell: Cell) -> str:
    """VLAN id, ranges of a trunk, or `pvlan:id`; empty when untagged."""
    value = text(cell)
    found = [re.sub(r"\s", "", part) for part in _VLAN.findall(value)]
    if re.search(r"pvlan|private", value, re.IGNORECASE) and found:
        return f"pvlan:{found[-1]}"
    if not found:
        if value.lower() in ("none", "untagged"):
            return ""
        raise CellError("is not a VLAN")
    if found == ["0"]:
        return ""
    return "0-4094" if found == ["4095"] else ",".join(found)


def iso(moment: datetime | date) -> str:
    """A moment in ISO 8601 to the second."""
    if not isinstance(moment, datetime):
        return f"{moment.isoformat()}T00:00:00"
    rounded = moment + timedelta(seconds=1) if moment.microsecond >= 500_000 else moment
    written = rounded.replace(microsecond=0).isoformat()
    return written.replace("+00:00", "Z")
