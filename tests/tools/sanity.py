# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `ansible-test sanity` on a real copy of the collection, with one line of ansible-core.

ansible-test makes its environments below the home folder and drops the caller's environment, pip's settings
included. It therefore gets a home folder of its own in the cache, with the pip settings that are in force, and,
where its download of get-pip does not answer, a script in its place that uses the interpreter's own ensurepip.
Usage: sanity.py LINE [sanity test ...]
"""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from tests.tools.cores import CHECKOUT, CORES, PYTHONS, Core, cache_folder, environment, find_python, python_of
from tests.tools.real_copy import make_real_copy

IMPORT = "import"
"""The sanity test that imports every file."""

GET_PIP_URL = "https://ci-files.testing.ansible.com/ansible-test/get-pip-{version}.py"
GET_PIP = '''"""Stands in for get-pip: pip comes from the interpreter's ensurepip, then installs what it is told to."""
import subprocess
import sys

# In a process of its own, for ensurepip makes pip deaf to its settings.
subprocess.check_call([sys.executable, "-m", "ensurepip"])
wanted = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install"] + wanted))
'''


def write_pip_settings(home: Path) -> None:
    """Writes the pip settings that are in force here, from files and environment alike, into that home folder."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list", "--disable-pip-version-check"], capture_output=True, text=True, check=False
    ).stdout
    settings = configparser.RawConfigParser()
    for line in listing.splitlines():
        found = re.fullmatch(r"(.+?)\.([^.=]+)='(.*)'", line)
        if found:
            section = "global" if found[1] == ":env:" else found[1]
            if not settings.has_section(section):
                settings.add_section(section)
            settings.set(section, found[2], found[3].replace("\\n", "\n"))
    target = home / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8") as stream:
        settings.write(stream)


def pip_versions(venv: Path) -> set[str]:
    """The pip versions for which this ansible-test wants a get-pip."""
    source = next(venv.glob("lib/python*/site-packages/ansible_test/_internal/python_requirements.py"))
    return set(re.findall(r"pip=['\"]([\d.]+)['\"]", source.read_text(encoding="utf-8")))


def seed_get_pip(home: Path, venv: Path) -> None:
    """Puts a get-pip into ansible-test's cache: the real one when it can be fetched, else the stand-in."""
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in sorted(pip_versions(venv)):
        target = cache / f"get_pip_{version.replace('.', '_')}.py"
        if target.exists():
            continue
        try:
            with urllib.request.urlopen(GET_PIP_URL.format(version=version), timeout=10) as answer:
                content = answer.read()
        except OSError:
            content = GET_PIP.encode()
        target.write_bytes(content)


def sanity(core: Core, python: Path, tests: list[str]) -> tuple[int, Path]:
    """Runs the sanity tests; returns the exit code and the folder with their JUnit files."""
    venv = environment(core, python)
    # One for each line: two may run at the same time, and would make the same environments.
    home = cache_folder() / f"ansible-test-home-{core.line}"
    write_pip_settings(home)
    seed_get_pip(home, venv)
    collection = make_real_copy(CHECKOUT / "build" / "sanity" / core.line)
    results = collection / "tests" / "output" / "junit"
    for old in results.glob("*.xml"):
        old.unlink()
    pythons = dict.fromkeys(str(found.parent) for version in PYTHONS if (found := find_python(version)))
    path = [str(venv / "bin"), *pythons, os.environ.get("PATH", os.defpath)]
    # Named as the root, the copy is taken as it is; otherwise the git repository around it would hide it, for build/ is ignored.
    root = {"ANSIBLE_TEST_CONTENT_ROOT": str(collection)}
    settings = {**os.environ, **root, "HOME": str(home), "PATH": os.pathsep.join(path)}
    codes = [
        subprocess.run(
            [str(venv / "bin" / "ansible-test"), "sanity", "--junit", "--color", "no", *choice],
            cwd=collection,
            env=settings,
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode
        for choice in choices(core, tests)
    ]
    return max(codes), results


def choices(core: Core, tests: Sequence[str]) -> list[list[str]]:
    """What is run, each with a call of its own: the tests that are named, else all of them.

    All but `import` judge the same files once; that one tries every file on each Python in turn. Here it does so on one Python for
    each line, another for each, so that all of them together meet what a file may not find on one.
    """
    if tests:
        return [[word for test in tests for word in ("--test", test)]]
    imported_by = next(version for version in reversed(core.pythons) if find_python(version))
    return [["--skip-test", IMPORT], ["--test", IMPORT, "--python", imported_by]]


def main(arguments: list[str]) -> int:
    """One line of ansible-core; 0 when every test passed."""
    core = next(core for core in CORES if core.line == arguments[0])
    python = python_of(core)
    if python is None:
        print(f"ansible-core {core.line} needs Python {' or '.join(core.pythons)}, which is not installed", file=sys.stderr)
        return 1
    return sanity(core, python, arguments[1:])[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
