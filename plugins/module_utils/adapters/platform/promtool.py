# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has promtool judge rules: it comes with Prometheus, and runs without a server."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

from ...platform.desired.monitoring import RulesWanted
from ...platform.monitoring.own_rules import subject_of
from ...platform.monitoring.promql import PromqlSeen

PROGRAM: Final = "promtool"
_SECONDS: Final = 60.0
_UNKNOWN_TO_IT: Final = "partial_response_strategy"
"""Key of a group that Thanos alone knows."""

_FILE: Final = "rules.yml"


class _Unusable(Exception):
    """Why the program judged nothing."""


def judge_rules(rules: Sequence[RulesWanted], program: str = "") -> PromqlSeen | None:
    """What promtool says of these rules; None where it is not at hand. `program` is its path; else PATH is searched."""
    found = shutil.which(program or PROGRAM)
    if found is None or not rules:
        return None
    with tempfile.TemporaryDirectory(prefix="readiness-rules-") as folder:
        try:
            return PromqlSeen({subject_of(each): _checked(found, each, Path(folder) / _FILE) for each in rules})
        except _Unusable as error:
            return PromqlSeen(reason=str(error))


def _checked(program: str, rules: RulesWanted, path: Path) -> tuple[str, ...]:
    """What is wrong with the rules. Raises `_Unusable` where the program did not come to judge them."""
    groups = [{key: value for key, value in group.items() if key != _UNKNOWN_TO_IT} for group in rules.groups]
    path.write_text(json.dumps({"groups": groups}), encoding="utf-8")
    command = [program, "check", "rules", "--lint=none", str(path)]
    try:
        # A thread of its own: whoever calls may have an event loop that runs already.
        with ThreadPoolExecutor(max_workers=1) as crew:
            code, said = crew.submit(asyncio.run, _ran(command)).result()
    except asyncio.TimeoutError:
        raise _Unusable(f"it did not end within {_SECONDS:g} seconds") from None
    except (OSError, UnicodeError) as error:
        raise _Unusable(f"it cannot be run: {getattr(error, 'strerror', '') or type(error).__name__}") from None
    if code == 0:
        return ()
    if trouble := _trouble(said.splitlines(), program):
        raise _Unusable(trouble)
    if faults := tuple(_faults(said.splitlines(), str(path))):
        return faults
    raise _Unusable(f"it ended with {code} and said nothing")


async def _ran(command: Sequence[str]) -> tuple[int, str]:
    """Exit code of a program, and what it said on standard error. Raises asyncio.TimeoutError where it does not end in time.

    Ansible's own run_command waits without end, and an adapter knows no module.
    """
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)
    try:
        _out, said = await asyncio.wait_for(process.communicate(), _SECONDS)
    finally:
        if process.returncode is None:
            # It may have ended since.
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode or 0, said.decode()


def _trouble(lines: Sequence[str], program: str) -> str:
    """What it says of its own use, such as an option that an old one does not know; empty for nothing. It names itself by its file."""
    for line in lines:
        name, _colon, rest = line.partition(": error: ")
        if name in (PROGRAM, Path(program).name) and rest:
            return rest.strip()
    return ""


def _faults(lines: Sequence[str], path: str) -> Iterator[str]:
    """The lines that say what is wrong, without the file, whose place and rows are of no use to anybody."""
    for line in lines:
        text = line.strip().removeprefix(path).strip(": ")
        place, _colon, rest = text.partition(": ")
        if all(part.isdigit() for part in place.split(":")) and rest:
            text = rest
        if text and text != "FAILED":
            yield text


def is_program(path: str) -> bool:
    """Whether there is a program at that path, or of that name."""
    return shutil.which(path) is not None
