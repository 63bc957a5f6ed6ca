# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keycloak as it lies in the cache: unpacked, built for a quick start, and with a database that has its tables already.

Of the half minute that a first start takes, most goes into the build and the database; each is done once.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import subprocess
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.counterparts.build import BuildError, Say, cache_dir, locked, quiet
from tests.counterparts.identity.fetching import MavenFile, maven_file
from tests.counterparts.vcenter import write_secret

DISTRIBUTION = MavenFile(
    "org.keycloak", "keycloak-quarkus-dist", "26.4.7", "zip", "dd9834c023460be856f731423d86228c23b5d002194a2064642bec0cc6573eaa"
)
JAVA_RELEASE = 17
NO_JAVA = (
    f"Keycloak {DISTRIBUTION.version} needs Java {JAVA_RELEASE} or newer, but {{found}}: install it "
    "(Debian and Ubuntu: apt-get install openjdk-17-jre-headless), or name its folder in JAVA_HOME"
)
OPENED = ("java.util", "java.util.concurrent", "java.security")
# A short life and a small heap: one compiler that is quick to compile, one thread that collects garbage.
JVM = ("-Xms64m", "-Xmx256m", "-XX:MaxMetaspaceSize=256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")
SYSTEM = {
    "file.encoding": "UTF-8",
    "user.language": "en",
    "user.country": "US",
    "picocli.disable.closures": "true",
    "java.util.logging.manager": "org.jboss.logmanager.LogManager",
    "java.util.concurrent.ForkJoinPool.common.threadFactory": "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
}
BUILD = ("build", "--db=dev-file", "--health-enabled=false", "--metrics-enabled=false")
SEEDING = ("--http-enabled=true", "--http-host=127.0.0.1", "--http-port=0", "--hostname-strict=false", "--cache=local")
SEEDED = "Created temporary admin user"
STARTED = " started in "
ADMIN = "admin"
LINKED = ("bin", "conf", "lib", "providers", "themes", "version.txt")
SEED_SECONDS = 300.0
STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Distribution:
    """A prepared Keycloak."""

    java: Path
    home: Path

    @property
    def secret(self) -> str:
        """The administrator's password in the prepared database."""
        return (self.home / "admin.secret").read_text(encoding="utf-8")

    def lay_out(self, folder: Path) -> Path:
        """A home of its own for one server: its database is a copy, everything else is that of the cache."""
        home = folder / "home"
        home.mkdir()
        for name in LINKED:
            (home / name).symlink_to(self.home / name)
        shutil.copytree(self.home / "seed", home / "data")
        return home

    def command(self, home: Path, *arguments: str) -> list[str]:
        """How Keycloak is called: what its own script comes to, but without a shell between it and whoever ends it."""
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
        system = [f"-D{name}={text}" for name, text in SYSTEM.items()]
        main = ["-cp", str(home / "lib" / "quarkus-run.jar"), "io.quarkus.bootstrap.runner.QuarkusEntryPoint"]
        return [str(self.java), *JVM, *opened, *system, f"-Dkc.home.dir={home}", *main, *arguments]


def java() -> Path:
    """A Java that is new enough; a BuildError says what is needed where there is none."""
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not found:
        raise BuildError(NO_JAVA.format(found="there is no java in PATH"))
    try:
        said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    except OSError as error:
        raise BuildError(NO_JAVA.format(found=f"{found} cannot be run ({error})")) from error
    release = re.search(r'version "(\d+)', said)
    if not release or int(release[1]) < JAVA_RELEASE:
        raise BuildError(NO_JAVA.format(found=f"{found} says: {said.strip().partition(chr(10))[0] or 'nothing'}"))
    return Path(found)


def key() -> str:
    """A digest of all that makes what lies in the cache."""
    made_of = [DISTRIBUTION.sha256, *BUILD, *SEEDING]
    return hashlib.sha256("\0".join(made_of).encode()).hexdigest()[:16]


def distribution(say: Say = quiet) -> Distribution:
    """The prepared Keycloak; the first time it is fetched and prepared, which takes about a minute."""
    runtime = java()
    home = cache_dir() / f"keycloak-{DISTRIBUTION.version}-{key()}"
    if not home.exists():
        archive = maven_file(DISTRIBUTION, say)
        with locked(cache_dir() / "keycloak.lock"):
            if not home.exists():
                _prepare(runtime, archive, home, say)
        # All that is needed of it is unpacked.
        archive.unlink(missing_ok=True)
    return Distribution(runtime, home)


def _prepare(runtime: Path, archive: Path, home: Path, say: Say) -> None:
    began = time.monotonic()
    # One name, so that the next one clears away what a killed one left.
    work = cache_dir() / "keycloak.unfinished"
    shutil.rmtree(work, ignore_errors=True)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(work)
    (unpacked,) = work.iterdir()
    made = Distribution(runtime, unpacked)
    say("building Keycloak for a quick start")
    _build(made)
    say("making Keycloak's database")
    _seed(made)
    unpacked.rename(home)
    shutil.rmtree(work, ignore_errors=True)
    say(f"prepared Keycloak in {time.monotonic() - began:.0f} s")


def _build(made: Distribution) -> None:
    # As its own script does: the first run finds out that it has to build, and says so by its exit code.
    command = made.command(made.home, *BUILD)
    command.insert(1, "-Dkc.config.build-and-exit=true")
    done = subprocess.run(command, capture_output=True, text=True, env=_environment(made.home), check=False)
    if done.returncode != 0:
        raise BuildError(f"building Keycloak failed:\n{(done.stdout + done.stderr).strip()[-4000:]}")


def _seed(made: Distribution) -> None:
    """Starts it once, until the tables, the master realm and its administrator are there."""
    secret = secrets.token_hex(16)
    environment = {**_environment(made.home), "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": secret}
    log = made.home / "seed.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            made.command(made.home, "start", "--optimized", *SEEDING),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environment,
        )
        try:
            deadline = time.monotonic() + SEED_SECONDS
            while STARTED not in log.read_text(encoding="utf-8", errors="replace"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise BuildError(f"Keycloak's first start failed:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}")
                time.sleep(0.2)
            # Its files are complete when it was asked to end.
            process.terminate()
            process.wait(STOP_SECONDS)
        finally:
            process.kill()
            process.wait()
    if SEEDED not in log.read_text(encoding="utf-8", errors="replace"):
        raise BuildError("Keycloak's first start made no administrator")
    write_secret(made.home / "admin.secret", secret)
    (made.home / "data").rename(made.home / "seed")
    (made.home / "seed").chmod(0o700)


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home)}
