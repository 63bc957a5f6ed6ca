# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpreters and virtual environments for the other versions of ansible-core that the collection supports."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True, slots=True)
class Core:
    """A line of ansible-core, and the Python versions that it runs on, the best known first."""

    line: str
    pythons: tuple[str, ...]

    @property
    def pins(self) -> Path:
        """The hashed requirements of its environment."""
        return CHECKOUT / "requirements" / f"core-{self.line}.txt"


CORES = (
    Core("2.16", ("3.11", "3.12", "3.10")),
    Core("2.19", ("3.11", "3.12", "3.13")),
    Core("newest", ("3.13", "3.12", "3.14")),
)


def cache_folder() -> Path:
    """Where environments are kept between runs, outside the checkout, so that a new clone uses them again."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "groundwork-readiness"


def find_python(version: str) -> Path | None:
    """A working interpreter of that version: on the PATH, or one that pyenv keeps. A shim that cannot start is passed over."""
    folders = [Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    folders += sorted((found.parent for found in pyenv.glob(f"{version}.*/bin/python")), reverse=True)
    for folder in folders:
        candidate = folder / f"python{version}"
        real = _real_executable(candidate, version) if os.access(candidate, os.X_OK) else None
        if real:
            return real
    return None


def _real_executable(candidate: Path, version: str) -> Path | None:
    """The interpreter behind a candidate, when it starts, is what its name says, and can make environments."""
    probe = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2], sys.executable, sys.prefix == sys.base_prefix)"
    try:
        answer = subprocess.run([str(candidate), "-c", probe], capture_output=True, text=True, check=True, timeout=30).stdout.split()
    except (OSError, subprocess.SubprocessError):
        return None
    return Path(answer[1]) if answer[0] == version and answer[2] == "True" else None


def python_of(core: Core) -> Path | None:
    """The interpreter that this line of ansible-core is tested with here; None where none is installed."""
    return next((python for version in core.pythons if (python := find_python(version))), None)


def environment(core: Core, python: Path) -> Path:
    """The environment of that line: made when it is not there yet; its name holds the hash of pins and interpreter."""
    key = hashlib.sha256(core.pins.read_bytes() + bytes(python)).hexdigest()[:12]
    folder = cache_folder() / f"core-{core.line}-{key}"
    complete = folder / "complete"
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([str(python), "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "-r", str(core.pins)], check=True)
        complete.touch()
    return folder
