# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users give as sources and annotations, checked: every fault is one problem, in the words of their variables."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ..common.errors import Problem
from ..estate.scope import not_given, unknown_keys, word_for
from .paths import expanded
from .vcenter_arguments import ENVIRONMENT, VcenterArguments, VcenterSettings

PATH_KEYS: Final = ("rvtools", "estate")
SOURCE_KEYS: Final = (*PATH_KEYS, "vcenter")
SOURCES_FORM: Final = "[{rvtools: dc1.xlsx}, {estate: lab.jsonl.gz}]"
LOCAL_HOST: Final = "localhost"

_SECRET_KEY: Final = re.compile(r"pas|pwd|secret|token", re.IGNORECASE)
_SECRET_TEXT: Final = re.compile(r"(?:pass|pwd|secret|token)\w*[\"']?\s*[:=]", re.IGNORECASE)


def secrets(value: object, *, secret: bool = False) -> Iterator[str]:
    """Everything in a parameter that may be a password, whatever its form: values under such a key, and texts that hold one."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from secrets(entry, secret=secret or bool(_SECRET_KEY.search(str(key))))
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from secrets(entry, secret=secret)
    elif isinstance(value, str):
        if value and (secret or _SECRET_TEXT.search(value)):
            yield value
    elif secret and value is not None and not isinstance(value, bool):
        yield str(value)


def environment_secrets() -> Iterator[str]:
    """What the environment gives as a password."""
    password = os.environ.get(ENVIRONMENT["password"], "").strip()
    if password:
        yield password


class EstateArguments:
    """Checks the variables; `problems` holds what is wrong with them. No problem repeats a value, which may be a secret."""

    def __init__(self, base_dir: Path, host: str, address: str = "") -> None:
        self.problems: list[Problem] = []
        self._base_dir = base_dir
        self._host = host
        self._address = address or host

    def _note(self, message: str, remedy: str) -> None:
        self.problems.append(Problem(message, remedy=remedy))

    def _path(self, place: str, value: object, what: str) -> Path | None:
        """A path with `~` and environment variables filled in, as Ansible does for paths."""
        if not isinstance(value, str):
            self._note(f"{place} is {word_for(value)}, not a path", f"give the path of {what}, in quotes if it looks like a number")
        elif not value.strip():
            self._note(f"{place} is empty", f"give the path of {what}, or take the entry out")
        elif "\x00" in value:
            self._note(f"{place} holds a character that no path can have", f"give the path of {what}")
        else:
            return self._base_dir / expanded(value)
        return None

    def annotations(self, value: object) -> list[Path]:
        """Paths of annotation files: a list, or the text of one path."""
        name = "readiness_annotations"
        if not_given(value):
            return []
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            self._note(f"{name} is {word_for(value)}, not a list of paths", "write it as [owners.csv]")
            return []
        paths = [self._path(f"{name}[{position}]", entry, "a CSV file or workbook") for position, entry in enumerate(value)]
        return [path for path in paths if path is not None]

    def sources(self, value: object) -> list[dict[str, Any]]:
        """Mappings with one of `rvtools` and `estate` (a path) or `vcenter` (a mapping); those at fault are left out."""
        name = "readiness_sources"
        if not_given(value):
            return []
        if not isinstance(value, list):
            self._note(f"{name} is {word_for(value)}, not a list", f"write it as a list with one entry per source: {SOURCES_FORM}")
            return []
        if self._host != LOCAL_HOST and len(value) == 1 and isinstance(value[0], Mapping) and value[0].keys() == {"vcenter"}:
            return self._host_vcenter(value[0]["vcenter"])
        sources = [self._source(f"{name}[{position}]", entry) for position, entry in enumerate(value)]
        return [source for source in sources if source is not None]

    def _host_vcenter(self, value: object) -> list[dict[str, Any]]:
        """The vCenter that a host of the inventory stands for: its name is that of the host where none is given."""
        vcenter = self._vcenter(f"readiness_vcenter of host {self._host}", {} if not_given(value) else value, self._address, self._host)
        return [] if vcenter is None else [{"vcenter": vcenter}]

    def _source(self, place: str, entry: object) -> dict[str, Any] | None:
        if not isinstance(entry, Mapping):
            remedy = f"say what it is: {SOURCES_FORM}"
            self._note(f"{place} is {word_for(entry)}, not a mapping", remedy)
            return None
        before = len(self.problems)
        self.problems += unknown_keys(place, entry, SOURCE_KEYS)
        given = {key: entry[key] for key in SOURCE_KEYS if entry.get(key) is not None}
        if len(given) > 1:
            self._note(f"{place} has {' and '.join(given)}", "make each of them an entry of its own")
        elif not given and len(self.problems) == before:
            self._note(f"{place} names nothing to read", f"give it one of {', '.join(SOURCE_KEYS)}")
        read: dict[str, Any] = {}
        for key, value in given.items():
            where = f"{place}.{key}"
            read[key] = self._vcenter(where, value) if key == "vcenter" else self._path(where, value, "a file or folder")
        return read if len(self.problems) == before else None

    def _vcenter(self, place: str, value: object, address: str = "", name: str = "") -> VcenterSettings | None:
        arguments = VcenterArguments(place, self._base_dir, address, name)
        settings = arguments.settings(value)
        self.problems += arguments.problems
        return settings
