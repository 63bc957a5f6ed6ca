# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the project's checks, each as far as it goes, and ends with one line: N passed, N failed, N skipped.

A tool without counts of its own is one check; pytest and ansible-test count their tests. What each check printed is in
build/checks/. Usage: python -m tests.tools.run_checks all|GROUP|CHECK ...
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

from tests.counterparts.cluster.crds import crds_available, shared_folder
from tests.tools.core_tests import TESTS, core_tests
from tests.tools.cores import CHECKOUT, CORES, Core, environment, python_of

OUTPUT = CHECKOUT / "build" / "checks"
BIN = Path(sys.executable).parent
NO_TARGET = "No tests applicable."
SHOWN_LINES = 60
OF_CHECKOUT = ("__pycache__", "meta", "tools")
"""Folders of unit tests on the checkout's own files and tools, which are the same on every Python."""

AT_WILL = ("unit-python",)
"""Groups that are run when they are named: what they find beside the others is worth minutes now and then, not in every run."""

AT_ONCE = {"sanity": 3}
"""How many checks of a group run at a time: each of these keeps one core busy."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many checks passed, failed, were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def text(self) -> str:
        """The closing line."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `run` gets the file for what it prints."""

    name: str
    group: str
    run: Callable[[Path], Tally]


def execute(command: Sequence[str | Path], log: Path, **variables: str) -> int:
    """Runs a program from the checkout's root, its output into the log; returns its exit code."""
    settings = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}", "NO_COLOR": "1", **variables}
    words = [str(word) for word in command]
    with log.open("ab") as stream:
        stream.write(f"$ {' '.join(words)}\n".encode())
        stream.flush()
        done = subprocess.run(words, cwd=CHECKOUT, env=settings, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, check=False)
    return done.returncode


def tool(name: str, *arguments: str, **variables: str) -> Callable[[Path], Tally]:
    """A program of .venv that passes or fails as a whole."""
    return lambda log: Tally(failed=1) if execute([BIN / name, *arguments], log, **variables) else Tally(passed=1)


def junit_tally(files: Iterable[Path]) -> Tally:
    """The counts of JUnit files; a test that had nothing to look at counts for nothing."""
    total = Tally()
    for file in files:
        for case in ElementTree.parse(file).iter("testcase"):
            skipped = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                total += Tally(failed=1)
            elif skipped is None:
                total += Tally(passed=1)
            elif (skipped.text or "").strip() != NO_TARGET:
                total += Tally(skipped=1)
    return total


def settled(tally: Tally, code: int) -> Tally:
    """An exit code that says failure always shows in the counts, and so does a run without a single test."""
    return tally if tally.failed or (code == 0 and tally.passed + tally.skipped) else tally + Tally(failed=1)


def run_pytest(log: Path, places: Sequence[str | Path], python: Path, workers: int = 2) -> Tally:
    """The tests of these folders and files, some files at a time."""
    results = log.with_suffix(".xml")
    results.unlink(missing_ok=True)
    code = execute([python, "-m", "pytest", "-q", "-n", str(workers), "--dist", "loadfile", "-rfEs", f"--junitxml={results}", *places], log)
    return settled(junit_tally([results] if results.exists() else []), code)


def pytest(folder: str, workers: int = 2) -> Callable[[Path], Tally]:
    """The tests of one folder, on the ansible-core of .venv."""
    return lambda log: run_pytest(log, [folder], BIN / "python", workers)


def on_core(core: Core, check: Callable[[Path, Core, Path], Tally]) -> Callable[[Path], Tally]:
    """A check with another line of ansible-core; one skipped check where no Python for it is installed."""

    def run(log: Path) -> Tally:
        python = python_of(core)
        if python:
            return check(log, core, python)
        log.write_text(f"ansible-core {core.line} needs Python {' or '.join(core.pythons)}, which is not installed\n", encoding="utf-8")
        return Tally(skipped=1)

    return run


def unit_tests_of_core(log: Path, core: Core, python: Path) -> Tally:
    """On that line of ansible-core, the unit tests that reach it."""
    return run_pytest(log, core_tests(), environment(core, python) / "bin" / "python")


def unit_tests_of_python(log: Path, core: Core, python: Path) -> Tally:
    """On the Python of that line of ansible-core, all unit tests that do not judge the checkout's own files and tools."""
    folders = [folder for folder in sorted(TESTS.iterdir()) if folder.is_dir() and folder.name not in OF_CHECKOUT]
    return run_pytest(log, folders, environment(core, python) / "bin" / "python")


def sanity_tests(log: Path, core: Core, python: Path) -> Tally:
    """ansible-test sanity of that line of ansible-core."""
    results = CHECKOUT / "build" / "sanity" / core.line / "ansible_collections" / "groundwork" / "readiness" / "tests" / "output" / "junit"
    code = execute([sys.executable, "-m", "tests.tools.sanity", core.line], log)
    return settled(junit_tally(sorted(results.glob("*.xml"))), code)


def scenarios(log: Path) -> Tally:
    """All scenarios of Molecule, as if for the first time: it notes that a scenario was prepared, and starts no servers the next time.

    One whose needs are not there is one skipped check.
    """
    for kept in (OUTPUT / "ansible-home" / "tmp").glob("molecule.*"):
        shutil.rmtree(kept, ignore_errors=True)
    left_out = {name: lacking for name, needs in NEEDS.items() if (lacking := needs())}
    said = [f"scenario {name} is left out, for there is no {' and no '.join(lacking)}\n" for name, lacking in left_out.items()]
    log.write_text("".join(said), encoding="utf-8")
    excluded = [word for name in left_out for word in ("--exclude", name)]
    return tool("molecule", "test", "--all", *excluded, **OFFLINE)(log) + Tally(skipped=len(left_out))


def cluster_lacks() -> list[str]:
    """What a cluster with kinds of others, and a playbook that speaks to it, need and do not find here."""
    found = [] if crds_available() else [f"custom resource definition in {shared_folder()}"]
    return [*found, *(name for name in ("kubernetes", "ansible_collections.kubernetes") if find_spec(name) is None)]


NEEDS: Mapping[str, Callable[[], list[str]]] = {"namespaces": cluster_lacks}
"""Scenario to what tells what it needs and does not find."""


OFFLINE = {"ANSIBLE_HOME": str(OUTPUT / "ansible-home"), "MOLECULE_GLOB": "molecule/*/molecule.yml"}
CHECKS = (
    Check("ruff-check", "lint", tool("ruff", "check", ".")),
    Check("ruff-format", "lint", tool("ruff", "format", "--check", ".")),
    Check("yamllint", "lint", tool("yamllint", "--strict", ".")),
    Check("ansible-lint", "lint", tool("ansible-lint", "--offline", "--strict", **OFFLINE)),
    Check("changelog", "lint", tool("antsibull-changelog", "lint")),
    Check("mypy", "types", tool("mypy")),
    Check("unit", "unit", pytest("tests/unit")),
    *(Check(f"unit-{core.line}", "unit-cores", on_core(core, unit_tests_of_core)) for core in CORES if core.line != "2.19"),
    Check("unit-python", "unit-python", on_core(CORES[-1], unit_tests_of_python)),
    # Much of their time real servers are waited for.
    Check("integration", "integration", pytest("tests/integration", workers=3)),
    Check("molecule", "molecule", scenarios),
    *(Check(f"sanity-{core.line}", "sanity", on_core(core, sanity_tests)) for core in CORES),
)


def chosen(names: Sequence[str]) -> list[Check]:
    """The checks of those names and groups, in the order in which they are run."""
    known = {"all"} | {check.name for check in CHECKS} | {check.group for check in CHECKS}
    unknown = sorted(set(names) - known)
    if unknown or not names:
        sys.exit(f"run_checks: no such check: {', '.join(unknown) or '(none named)'}; there are {', '.join(sorted(known))}")
    return [check for check in CHECKS if {check.group, check.name} & set(names) or ("all" in names and check.group not in AT_WILL)]


def run_check(check: Check) -> Tally:
    """Runs one check and says how it went; the end of its output is shown when it failed."""
    log = OUTPUT / f"{check.name}.log"
    log.write_bytes(b"")
    started = time.monotonic()
    print(f"{check.name:<14} begun", flush=True)
    tally = check.run(log)
    said = [f"{check.name:<14} {time.monotonic() - started:7.1f} s  {tally.text()}"]
    if tally.failed:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        said += [*(f"    {line}" for line in lines[-SHOWN_LINES:]), f"    all of it: {log.relative_to(CHECKOUT)}"]
    # In one piece: another check may be talking too.
    print("\n".join(said), flush=True)
    return tally


def run_group(checks: Sequence[Check], at_once: int) -> Tally:
    """Runs the checks of a group, so many at a time."""
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        return sum(pool.map(run_check, checks), Tally())


def main(names: Sequence[str]) -> int:
    """Runs what is asked for; 0 when nothing failed."""
    checks = chosen(names)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    total = Tally()
    for group, its in groupby(checks, key=lambda check: check.group):
        total += run_group(list(its), AT_ONCE.get(group, 1))
    print(f"{'together':<14} {time.monotonic() - started:7.1f} s")
    print(total.text(), flush=True)
    (OUTPUT / "summary.txt").write_text(total.text() + "\n", encoding="utf-8")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
