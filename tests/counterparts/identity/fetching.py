# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a Maven repository, fetched once into the cache and only when they are what the pin says."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.counterparts.build import BuildError, Say, cache_dir, locked, quiet

CENTRAL = "https://repo1.maven.org/maven2"
VARIABLE = "READINESS_MAVEN_REPOSITORY"
"""names another repository, such as a company's own"""
MIRRORED = frozenset({"central", "*", "external:*"})
TIMEOUT_SECONDS = 60
CHUNK = 1 << 20
FAILED = "{name} could not be fetched from {url}: {reason}. Give a way there, or name another Maven repository in {variable}"


@dataclass(frozen=True, slots=True)
class MavenFile:
    """One file of a repository, as it was when it was pinned."""

    group: str
    artifact: str
    version: str
    extension: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.artifact}-{self.version}.{self.extension}"

    @property
    def path(self) -> str:
        """Where it is in any repository."""
        return "/".join([*self.group.split("."), self.artifact, self.version, self.name])


def repository() -> str:
    """The repository to ask: that of the environment, the mirror of Maven's own settings, else Maven Central."""
    return (os.environ.get(VARIABLE) or _mirror(Path.home() / ".m2" / "settings.xml") or CENTRAL).rstrip("/")


def _mirror(settings: Path) -> str:
    """The mirror that stands for Maven Central in that file; empty where there is none."""
    if not settings.exists():
        return ""
    try:
        root = ElementTree.parse(settings).getroot()
    except ElementTree.ParseError as error:
        raise BuildError(f"{settings} cannot be read: {error}") from error
    for mirror in root.iterfind("{*}mirrors/{*}mirror"):
        of = {each.strip() for each in (mirror.findtext("{*}mirrorOf") or "").split(",")}
        if of & MIRRORED and "!central" not in of:
            return (mirror.findtext("{*}url") or "").strip()
    return ""


def maven_file(wanted: MavenFile, say: Say = quiet) -> Path:
    """The file in the cache; it is fetched when it is not there yet.

    A BuildError says why it could not be had, also where what came is not what was pinned.
    """
    kept = cache_dir() / f"{wanted.sha256[:16]}-{wanted.name}"
    if kept.exists():
        return kept
    with locked(cache_dir() / f"{wanted.artifact}.download.lock"):
        if not kept.exists():
            unfinished = cache_dir() / f"{wanted.name}.unfinished"
            try:
                _fetch(wanted, unfinished, say)
                unfinished.replace(kept)
            finally:
                unfinished.unlink(missing_ok=True)
    return kept


def _fetch(wanted: MavenFile, target: Path, say: Say) -> None:
    url = f"{repository()}/{wanted.path}"
    digest = hashlib.sha256()
    say(f"fetching {wanted.name} (once; it is kept in {cache_dir()})")
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, target.open("wb") as file:
            while chunk := answer.read(CHUNK):
                digest.update(chunk)
                file.write(chunk)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        raise BuildError(FAILED.format(name=wanted.name, url=url, reason=error, variable=VARIABLE)) from error
    if digest.hexdigest() != wanted.sha256:
        raise BuildError(f"what {url} gave has SHA-256 {digest.hexdigest()}, but {wanted.sha256} is pinned: it is not used")
