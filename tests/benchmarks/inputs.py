# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated inputs, kept between runs outside the checkout and made anew when the generator changes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tests.tools.cores import cache_folder
from tests.tools.link_tree import CHECKOUT

SEED = 1
SOURCES = ("tests/tools/generate_estate.py", "tests/tools/generator", "plugins/module_utils/common/artifact.py")


def generator_key() -> str:
    """Changes when the code does that the inputs are made with."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = CHECKOUT / source
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def inputs_folder() -> Path:
    """The folder of the inputs of this generator; those of others are removed."""
    base = cache_folder() / "benchmarks"
    folder = base / generator_key()
    folder.mkdir(parents=True, exist_ok=True)
    for other in base.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def generated(form: str, vms: int) -> Path:
    """A generated estate: form `estate` (estate.jsonl) or `xlsx`."""
    path = inputs_folder() / f"{form}-{vms}{'.jsonl' if form == 'estate' else '.xlsx'}"
    if not path.exists():
        print(f"  making {path.name}", file=sys.stderr, flush=True)
        unfinished = path.with_name(f"unfinished-{path.name}")
        command = ["--vms", str(vms), "--seed", str(SEED), "--form", form, "--out", str(unfinished)]
        subprocess.run([sys.executable, "-m", "tests.tools.generate_estate", *command], cwd=CHECKOUT, check=True)
        unfinished.rename(path)
    warm(path)
    return path


def warm(path: Path) -> None:
    """Reads a file once, so that no measurement pays for the disk."""
    with path.open("rb") as stream:
        while stream.read(1 << 20):
            pass
