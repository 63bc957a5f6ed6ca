# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's LDAP server and tools, unpacked into the cache: nothing is installed, so that nobody has to be root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.counterparts.build import BuildError, Say, cache_dir, locked, quiet

PACKAGES = ("slapd", "ldap-utils")
NEEDED = (
    "the LDAP server needs Debian's or Ubuntu's packages slapd and ldap-utils: they could not be fetched here ({reason}). "
    "Install them (apt-get install slapd ldap-utils), or run `apt-get update` as root and try again"
)
LISTED = re.compile(r"^Inst (\S+)", re.MULTILINE)
RELEASE = Path("/etc/os-release")


@dataclass(frozen=True, slots=True)
class LdapPrograms:
    """Where the programs and what they load are: below a folder of the cache, or below / where they are installed."""

    root: Path

    @property
    def slapd(self) -> Path:
        """The server."""
        return self.root / "usr" / "sbin" / "slapd"

    @property
    def modules(self) -> Path:
        """Its databases."""
        return self.root / "usr" / "lib" / "ldap"

    @property
    def schemas(self) -> Path:
        """Its schemas."""
        return self.root / "etc" / "ldap" / "schema"

    def tool(self, name: str) -> Path:
        """One of the commands, such as ldapsearch."""
        return self.root / "usr" / "bin" / name

    def environment(self) -> dict[str, str]:
        """What has to be set so that the programs find their libraries."""
        if self.root == Path("/"):
            return {}
        found = sorted({str(path.parent) for path in self.root.glob("**/*.so.*") if path.parent != self.modules})
        return {"LD_LIBRARY_PATH": os.pathsep.join(found)}

    def check(self) -> str:
        """Why they cannot be run; empty when they can."""
        environment = {"PATH": os.environ.get("PATH", os.defpath), **self.environment()}
        for command in ([str(self.slapd), "-VV"], [str(self.tool("ldapsearch")), "-VV"]):
            try:
                done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
            except OSError as error:
                return str(error)
            # Their own exit codes are not 0 here; those of the loader and of the shell are.
            if "OpenLDAP" not in done.stdout + done.stderr:
                return (done.stdout + done.stderr).strip()
        return ""


def ldap_programs(say: Say = quiet) -> LdapPrograms:
    """The server and its tools: those of the cache, fetched once; else those that are installed."""
    folder = cache_dir() / f"slapd-{_system()}"
    if not folder.exists():
        with locked(cache_dir() / "slapd.lock"):
            try:
                if not folder.exists():
                    _unpack(folder, say)
            except BuildError:
                installed = LdapPrograms(Path("/"))
                if installed.check():
                    raise
                return installed
    return LdapPrograms(folder)


def _system() -> str:
    """Names what the libraries of the packages have to fit to."""
    lines = RELEASE.read_text(encoding="utf-8").splitlines() if RELEASE.exists() else []
    known = {name: text.strip('"') for name, _equals, text in (line.partition("=") for line in lines)}
    return f"{known.get('ID', 'unknown')}-{known.get('VERSION_ID', 'unknown')}-{os.uname().machine}"


def _unpack(folder: Path, say: Say) -> None:
    # One name, so that the next one clears away what a killed one left.
    work = cache_dir() / "slapd.unfinished"
    shutil.rmtree(work, ignore_errors=True)
    packages, root = work / "packages", work / "root"
    packages.mkdir(parents=True)
    try:
        if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
            raise BuildError(NEEDED.format(reason="there is no apt-get and dpkg-deb"))
        say(f"fetching slapd (once; it is kept in {cache_dir()})")
        _download(packages)
        for package in sorted(packages.glob("*.deb")):
            _run(["dpkg-deb", "--extract", str(package), str(root)], work)
        reason = LdapPrograms(root).check()
        if reason:
            raise BuildError(NEEDED.format(reason=reason))
        root.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download(folder: Path) -> None:
    """The packages, and the libraries that this machine lacks. A machine that has no lists, or old ones, gets new ones if it may."""
    try:
        _try_download(folder)
    except BuildError:
        if os.geteuid() != 0:
            raise
        _run(["apt-get", "update", "-qq"], folder)
        _try_download(folder)


def _try_download(folder: Path) -> None:
    would = _run(["apt-get", "install", "--simulate", "--no-install-recommends", *PACKAGES], folder)
    libraries = {name for name in LISTED.findall(would) if name.startswith("lib")}
    _run(["apt-get", "download", "-qq", *sorted({*PACKAGES, *libraries})], folder)


def _run(command: Sequence[str], folder: Path) -> str:
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = " ".join((done.stderr or done.stdout).split())
        raise BuildError(NEEDED.format(reason=f"{' '.join(command[:2])}: {reason[-600:]}"))
    return done.stdout
