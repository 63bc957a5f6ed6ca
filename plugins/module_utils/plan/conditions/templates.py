# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of names as plans have them: the part of Go's templates that names are made with.

Fields (`{{.DiskIndex}}`) and the functions trunc, lower, upper and trim are understood, in front of their argument or after
a bar. What uses more cannot be told here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

PVC_FIELDS: Final = frozenset(("VmName", "TargetVmName", "PlanName", "DiskIndex", "RootDiskIndex", "Shared", "FileName", "WinDriveLetter"))
VOLUME_FIELDS: Final = frozenset(("PVCName", "VolumeIndex"))
NETWORK_FIELDS: Final = frozenset(("NetworkName", "NetworkNamespace", "NetworkType", "NetworkIndex"))

_ACTION: Final = re.compile(r"\{\{(-?)(.*?)(-?)\}\}", re.DOTALL)
_FIELD: Final = re.compile(r"\.([A-Za-z][A-Za-z0-9]*)")
_NUMBER: Final = re.compile(r"-?\d+")

Step: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was read. `problem` says what is wrong with it, `unsupported` what is not understood; then it has no parts."""

    parts: tuple[str | tuple[str, tuple[Step, ...]], ...] = ()
    problem: str = ""
    unsupported: str = ""
    fields: frozenset[str] = frozenset()

    def render(self, values: Mapping[str, str]) -> str:
        """The text with these values."""
        found = []
        for part in self.parts:
            if isinstance(part, str):
                found.append(part)
                continue
            text = values.get(part[0], "")
            for step in part[1]:
                text = step(text)
            found.append(text)
        return "".join(found).strip()


@lru_cache(maxsize=1024)
def read_template(text: str, fields: frozenset[str]) -> Template:
    """The template; `fields` are those that it may use."""
    rest = _ACTION.sub("", text)
    if "{{" in rest or "}}" in rest:
        return Template(problem="a brace has no counterpart")
    parts: list[str | tuple[str, tuple[Step, ...]]] = []
    used = set()
    end = 0
    trim_next = False
    for action in _ACTION.finditer(text):
        literal = text[end : action.start()]
        parts.append(_trimmed(literal, trim_next, bool(action[1])))
        read = _action(action[2].strip())
        if isinstance(read, Template):
            return read
        if read[0] not in fields:
            return Template(problem=f"there is no field {read[0]}")
        used.add(read[0])
        parts.append(read)
        end, trim_next = action.end(), bool(action[3])
    parts.append(_trimmed(text[end:], trim_next, False))
    return Template(tuple(parts), fields=frozenset(used))


def _trimmed(text: str, left: bool, right: bool) -> str:
    text = text.lstrip() if left else text
    return text.rstrip() if right else text


def _action(text: str) -> tuple[str, tuple[Step, ...]] | Template:
    if not text:
        return Template(problem="an action is empty")
    stages = [stage.split() for stage in text.split("|")]
    field = ""
    steps: list[Step] = []
    for number, words in enumerate(stages):
        first = number == 0
        if first and words and (match := _FIELD.fullmatch(words[-1])):
            field, words = match[1], words[:-1]
            if not words:
                continue
        if not words or not field:
            return Template(unsupported=f"{{{{{text}}}}}")
        step = _step(words)
        if step is None:
            return Template(unsupported=f"{{{{{text}}}}}")
        steps.append(step)
    return field, tuple(steps)


def _step(words: list[str]) -> Step | None:
    name, arguments = words[0], words[1:]
    if name == "trunc" and len(arguments) == 1 and _NUMBER.fullmatch(arguments[0]):
        return _truncation(int(arguments[0]))
    plain: dict[str, Step] = {"lower": str.lower, "upper": str.upper, "trim": str.strip}
    return plain.get(name) if not arguments else None


def _truncation(length: int) -> Step:
    if length < 0:
        return lambda text: text[length:]
    return lambda text: text[:length]
