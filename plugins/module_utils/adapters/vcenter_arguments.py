# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users give to reach a live vCenter, checked: every fault is one problem, and none repeats a value, which may be a secret."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..common.errors import Problem
from ..estate.scope import not_given, unknown_keys, word_for
from .paths import expanded

FORM: Final = "{hostname: vc.example.com, username: reader, password: …}"
ENVIRONMENT: Final[Mapping[str, str]] = {
    "hostname": "VMWARE_HOST",
    "username": "VMWARE_USER",
    "password": "VMWARE_PASSWORD",
    "port": "VMWARE_PORT",
    "validate_certs": "VMWARE_VALIDATE_CERTS",
    "proxy_host": "VMWARE_PROXY_HOST",
    "proxy_port": "VMWARE_PROXY_PORT",
}
"""Key to the variable of the environment that stands in for it, as the collection vmware.vmware has them."""

_WORDS: Final[Mapping[str, bool]] = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


@dataclass(frozen=True, slots=True)
class VcenterSettings:
    """How to reach a vCenter or a standalone ESXi host, and what to read there."""

    hostname: str
    username: str
    password: str = field(repr=False)
    port: int = 443
    validate_certs: bool = True
    ca_path: str = ""
    """file of the authority that signed the server's certificate; empty for those that the system trusts"""
    proxy_host: str = ""
    proxy_port: int = 0
    tags: bool = True
    storage_policies: bool = True
    performance_days: int = 0
    """days of performance history to read; 0 for none"""
    page_size: int = 400
    """objects of one answer"""
    request_timeout_seconds: int = 60
    deadline_minutes: int = 60
    name: str = ""
    """what people call it; empty where that is its host name"""


@dataclass(frozen=True, slots=True)
class _Range:
    """The whole numbers that a key can have."""

    least: int
    most: int

    @property
    def words(self) -> str:
        return f"a number from {self.least} to {self.most}"


_TEXTS: Final = ("hostname", "username", "password", "ca_path", "proxy_host")
_FLAGS: Final = ("validate_certs", "tags", "storage_policies")
_NUMBERS: Final[Mapping[str, _Range]] = {
    "port": _Range(1, 65535),
    "proxy_port": _Range(1, 65535),
    "performance_days": _Range(0, 365),
    "page_size": _Range(1, 10_000),
    "request_timeout_seconds": _Range(1, 3600),
    "deadline_minutes": _Range(1, 1440),
}
KEYS: Final = (
    "hostname",
    "port",
    "username",
    "password",
    "validate_certs",
    "ca_path",
    "proxy_host",
    "proxy_port",
    "tags",
    "storage_policies",
    "performance_days",
    "page_size",
    "request_timeout_seconds",
    "deadline_minutes",
)


class VcenterArguments:
    """Checks one `vcenter` mapping; `problems` holds what is wrong with it.

    `place` is what the user calls the mapping; `name` the host of the inventory that it belongs to, and `address` the host
    name of that one, which counts where the mapping gives none.
    """

    def __init__(self, place: str, base_dir: Path, address: str = "", name: str = "") -> None:
        self.problems: list[Problem] = []
        self._place = place
        self._base_dir = base_dir
        self._address = address
        self._name = name

    def settings(self, value: object) -> VcenterSettings | None:
        """The settings; None when anything is wrong."""
        if not isinstance(value, Mapping):
            self._note("", f"is {word_for(value)}, not a mapping", f"write it as {FORM}")
            return None
        self.problems += unknown_keys(self._place, value, KEYS)
        given: dict[str, Any] = {}
        for key in KEYS:
            entry = self._given(key, value)
            if entry is not None and (sound := self._checked(key, entry)) is not None:
                given[key] = sound
        for key, what in (
            ("hostname", "the host name of the vCenter"),
            ("username", "the account to read with"),
            ("password", "its password"),
        ):
            if not_given(self._given(key, value)):
                self._note(key, "is missing", f"give {what}, or set {ENVIRONMENT[key]} in the environment")
        self._check_pairs(given)
        return None if self.problems else VcenterSettings(**given, name=self._name)

    def _given(self, key: str, value: Mapping[Any, Any]) -> object:
        """What is given for a key: by the user, by the inventory, or by the environment."""
        entry = value.get(key)
        if not not_given(entry):
            return entry
        if key == "hostname" and self._address:
            return self._address
        return os.environ.get(ENVIRONMENT.get(key, ""), "").strip() or None

    def _checked(self, key: str, entry: object) -> object:
        """The value in its type; None, and a problem, for what cannot be one."""
        if key in _TEXTS:
            sound: object = entry if isinstance(entry, str) and "\x00" not in entry else None
            wanted, remedy = "a text", "give a text, in quotes"
        elif key in _FLAGS:
            sound, wanted, remedy = _flag(entry), "true or false", "give true or false"
        else:
            numbers = _NUMBERS[key]
            sound, wanted, remedy = _number(entry, numbers), numbers.words, f"give {numbers.words}"
        if sound is None:
            self._note(key, f"is not {wanted}", remedy)
        elif key == "ca_path":
            return self._ca_path(str(sound))
        return sound

    def _ca_path(self, value: str) -> str | None:
        path = self._base_dir / expanded(value)
        if not path.is_file():
            self._note("ca_path", f"names {path.name}, which is no file", "give the path of the authority's certificate in PEM form")
            return None
        return str(path)

    def _check_pairs(self, given: Mapping[str, Any]) -> None:
        if "proxy_port" in given and "proxy_host" not in given:
            self._note("proxy_port", "is given without proxy_host", "give both, or neither")
        if "proxy_host" in given and "proxy_port" not in given:
            self._note("proxy_host", "is given without proxy_port", "give both, or neither")
        hostname = given.get("hostname", "")
        if "://" in hostname or "/" in hostname:
            self._note("hostname", "is an address with a scheme or a path", "give the host name alone, such as vc.example.com")

    def _note(self, key: str, message: str, remedy: str) -> None:
        place = f"{self._place}.{key}" if key else self._place
        self.problems.append(Problem(f"{place} {message}", remedy=remedy))


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else _WORDS.get(str(value).strip().lower())


def _number(value: object, numbers: _Range) -> int | None:
    """A whole number in its range; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:12])
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if numbers.least <= value <= numbers.most else None
