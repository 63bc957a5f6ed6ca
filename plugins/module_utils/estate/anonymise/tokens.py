# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of an estate to tokens that tell nothing, by HMAC-SHA-256 under the key of one export.

A token depends on the text alone, never on the fact that holds it, so that the same text has the same token wherever it
stands. What is put together of texts (`[datastore] folder/name.vmdk`, `a/b/c`, `<vCenter UUID>/vm-42`) becomes what is put
together of their tokens. A token keeps those traits of its text that rules look at: whether it is empty, whether it is a
DNS name and why not, on which side of the length limit it is, and its form (address, UUID, managed object id).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from ..model import KINDS
from ..scope import AGENT_VM

KEPT: Final = frozenset(
    {
        *KINDS,
        "vm",
        "Datacenters",
        "Resources",
        "vCLS",
        "localhost",
        "localhost.localdomain",
        "ha-compute-res",
        "ha-datacenter",
        "ha-folder-datastore",
        "ha-folder-host",
        "ha-folder-network",
        "ha-folder-root",
        "ha-folder-vm",
        "ha-host",
        "ha-root-pool",
    }
)
"""Names that vSphere or the model gives by itself: they stay, because scope, rules and ids rest on them."""

EXTENSIONS: Final = frozenset(
    {"vmdk", "vmx", "vmxf", "vmsd", "vmsn", "vmem", "vmtx", "vswp", "nvram", "log", "iso", "flp", "img", "ova", "ovf"}
    | {"xlsx", "xlsm", "xls", "ods", "csv", "zip", "json", "jsonl", "gz"}
)
"""Kinds of files, which stay in a file's name."""

SHORT: Final = 48
"""Texts up to this length get tokens of one length; longer ones keep theirs, so that no length limit from here on is crossed."""
TOKEN_LENGTH: Final = 16
LONGEST: Final = 80
"""Tokens of longer texts end here; it is also the longest name that vSphere takes."""

_STRETCHED: Final = 200_000
_PURPOSE: Final = b"groundwork.readiness/anonymise"
_REMEMBERED: Final = 1 << 16

_CONSONANTS: Final = "bcdfghjklmnpqrstvwxz"
_PAIRS: Final = tuple(f"{letter}{digit}" for letter in _CONSONANTS for digit in range(10))
"""Tokens alternate consonants and digits, so that none of them holds a word of the original by chance."""

_HEX_GROUPS: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}|[0-9a-f]{8}-[0-9a-f]{4})-[0-9a-f]{12}")
_MAC: Final = re.compile(r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}")
_ADDRESS: Final = re.compile(r"(?=.*[.:].*[.:])[0-9a-fA-F:.]+(?:%[^/\s]+)?")
_PREFIXED: Final = re.compile(r"([0-9a-fA-F:.]+)/([0-9]{1,3})")
_MOREF: Final = re.compile(
    r"((?:vm|host|datastore|datacenter|network|dvportgroup|dvs|folder|resgroup|rule|snapshot)-|domain-[cs]|group-[dhnpsv]|resgroup-v)[0-9]+"
)
_DEVICE: Final = re.compile(r"(naa|eui|t10|mpx|vml)\.(.+)", re.DOTALL)
_SOURCE: Final = re.compile(r"(.+)@([0-9a-f]{8})", re.DOTALL)
_FILE: Final = re.compile(rf"(.+)\.({'|'.join(sorted(EXTENSIONS))})", re.DOTALL | re.IGNORECASE)
_STORED: Final = re.compile(r"\[([^\]]*)\](\s*)(.*)", re.DOTALL)
_PLAIN: Final = re.compile(r"[A-Za-z0-9.\-\s]*")


def made_key(secret: str) -> bytes:
    """The key of an export from what a user gave, stretched so that a short secret is slow to guess."""
    return hashlib.pbkdf2_hmac("sha256", secret.encode("utf-8", "surrogatepass"), _PURPOSE, _STRETCHED)


class Tokens:
    """The tokens under one key, as `made_key` returns it. One text has one token."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.name: Callable[[str], str] = lru_cache(maxsize=_REMEMBERED)(self._name)

    def _digest(self, purpose: str, text: str) -> int:
        message = f"{purpose}\0{text}".encode("utf-8", "surrogatepass")
        return int.from_bytes(hmac.digest(self._key, message, "sha256"), "big")

    def _digits(self, purpose: str, text: str, count: int) -> str:
        return f"{self._digest(purpose, text) % 10**count:0{count}d}"

    # ---- whole texts --------------------------------------------------------------------------------------------

    def note(self, text: str) -> str:
        """Token of a free text as a whole, whatever it is put together of."""
        return text if text in KEPT or not text else self._formed(text) or self._word(text)

    def days(self) -> int:
        """By how many days this key moves dates: 30 to 760, into the past."""
        return -30 - self._digest("days", "") % 731

    def sha256(self, text: str) -> str:
        """64 digits in place of a SHA-256; the first eight depend on its first eight alone, as a source's id does."""
        return self._digits("sha8", text[:8], 8) + self._digits("sha256", text, 56)

    def letters(self, word: str) -> str:
        """Eight letters in place of one word of a vendor's text: neither numbers nor words arise by chance."""
        number = self._digest("word", word)
        found = ""
        for _place in range(8):
            number, place = divmod(number, len(_CONSONANTS))
            found += _CONSONANTS[place]
        return found

    # ---- names and what is put together of them -----------------------------------------------------------------

    def _name(self, text: str) -> str:
        """Token of a name, a path, an id, an address, …: by the form of the text alone (see `name`)."""
        if text in KEPT or not text:
            return text
        stored = _STORED.fullmatch(text)
        if stored is not None:
            return f"[{self.name(stored[1])}]{stored[2]}{self.name(stored[3])}"
        if "/" in text:
            network = _PREFIXED.fullmatch(text)
            address = self._address(network[1]) if network else None
            if network is not None and address is not None:
                return f"{address}/{network[2]}"
            return "/".join([self.name(part) for part in text.split("/")])
        return self._formed(text) or self._word(text)

    def _formed(self, text: str) -> str | None:
        """The token of a text that has a form of its own; None for any other."""
        if _HEX_GROUPS.fullmatch(text):
            digits = iter(self._digits("uuid", text, 32))
            return "".join(sign if sign == "-" else next(digits, "0") for sign in text)
        moref = _MOREF.fullmatch(text)
        if moref is not None:
            return f"{moref[1]}x{self._core(text, TOKEN_LENGTH)}"
        if _MAC.fullmatch(text):
            return self._mac(text)
        if _ADDRESS.fullmatch(text):
            return self._address(text)
        if AGENT_VM.match(text):
            return f"vCLS-{self._digits('agent', text, 16)}" if text.startswith("vCLS-") else text
        return self._composed(text)

    def _composed(self, text: str) -> str | None:
        device = _DEVICE.fullmatch(text)
        if device is not None:
            return f"{device[1]}.{self.name(device[2])}"
        source = _SOURCE.fullmatch(text)
        if source is not None:
            return f"{self.name(source[1])}@{self.sha256(source[2])[:8]}"
        file = _FILE.fullmatch(text)
        return f"{self.name(file[1])}.{file[2]}" if file is not None else None

    def _mac(self, text: str) -> str:
        """A locally administered address of one adapter in place of a MAC address."""
        digits = f"{self._digest('mac', text.lower()) % (1 << 40):010x}"
        return ":".join(("02", *(digits[place : place + 2] for place in range(0, 10, 2))))

    def _address(self, text: str) -> str | None:
        """An address that nobody has in place of an IP address: of 240.0.0.0/4, of fe80::/64 or of 2001:db8::/32."""
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            return None
        if address.is_loopback or address.is_unspecified:
            return str(address)
        if isinstance(address, IPv4Address):
            return str(IPv4Address(0xF0000000 + self._digest("ip", str(address)) % 0x0FFFFFFE))
        groups = 4 if address.is_link_local else 6
        digits = self._digits("ip", str(address), 4 * groups)
        parts = (digits[place : place + 4] for place in range(0, 4 * groups, 4))
        return str(IPv6Address(":".join(("fe80:" if address.is_link_local else "2001:db8", *parts))))

    def _word(self, text: str) -> str:
        """Token of any other text. It offends against the rules for DNS names exactly where its text does."""
        lead = text[0] if text[0] in "-." else ""
        tail = text[-1] if text[-1] in "-." else ""
        offence = next((pair for pair in ("..", "-.", ".-") if pair in text), "")
        offence += " " if re.search(r"\s", text) else ""
        offence += "" if _PLAIN.fullmatch(text) else "_"
        size = TOKEN_LENGTH if len(text) <= SHORT else min(len(text), LONGEST) - len(lead + offence + tail)
        core = self._core(text, size)
        if re.search("[A-Z]", text):
            core = core.capitalize()
        return f"{lead}{core[:8]}{offence}{core[8:]}{tail}"

    def _core(self, text: str, size: int) -> str:
        number = self._digest("text", text)
        pairs = []
        for _place in range(0, size, 2):
            number, place = divmod(number, len(_PAIRS))
            pairs.append(_PAIRS[place])
        return "".join(pairs)[:size]
