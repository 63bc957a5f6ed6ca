# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception family: everything that a user can mend is raised as a `ReadinessError`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the input, where it stands and how to mend it.

    `file` is a base name, or the path inside a folder or zip that was read, never an absolute path; `tab`, `row` (1 is
    the first line of the tab) and `column` are given as far as they are known.
    """

    message: str
    file: str = ""
    tab: str = ""
    row: int | None = None
    column: str = ""
    remedy: str = ""

    def place(self) -> str:
        """Where the problem stands, in words: `dc1.xlsx, tab vInfo, row 7, column CPUs`."""
        parts = [self.file] if self.file else []
        if self.tab:
            parts.append(f"tab {self.tab}")
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f"column {self.column}")
        return ", ".join(parts)

    def text(self) -> str:
        """The problem as one line: place, message, remedy."""
        place = self.place()
        line = f"{place}: {self.message}" if place else self.message
        return f"{line} ({self.remedy})" if self.remedy else line

    def as_dict(self) -> dict[str, str | int]:
        """The problem as plain data; what is not known is left out."""
        data: dict[str, str | int] = {"message": self.message}
        for name in ("file", "tab", "row", "column", "remedy"):
            value = getattr(self, name)
            if value not in ("", None):
                data[name] = value
        return data


class ReadinessError(Exception):
    """A failure that the user can act upon.

    `code` is a stable word in snake case, `subject` names the thing that failed (a base name, a stage),
    `hint` says what to do next. `problems` lists every single fault of an input.
    """

    def __init__(self, code: str, message: str, *, subject: str = "", hint: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.subject = subject
        self.hint = hint
        self.problems = tuple(problems)

    def text(self) -> str:
        """Everything that a person needs, one problem a line."""
        lines = [self.message]
        lines += [f"- {problem.text()}" for problem in self.problems]
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


class InputError(ReadinessError):
    """The input cannot be used as it is; `problems` holds all that was found wrong with it."""


class ArtifactError(ReadinessError):
    """An artifact of an earlier stage is damaged, too new, or not what it is taken for."""
