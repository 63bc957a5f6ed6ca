# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collections that the live reading is measured against, in an environment of their own outside the checkout."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tests.tools.cores import CHECKOUT, cache_folder

PINS = CHECKOUT / "requirements" / "peers.txt"


class PeersError(RuntimeError):
    """The environment cannot be made here."""


def peers_environment() -> Path:
    """The environment: made when it is not there yet (about 900 MB); its name holds the hash of pins and interpreter."""
    key = hashlib.sha256(PINS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = cache_folder() / f"peers-{key}"
    complete = folder / "complete"
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
            subprocess.run([*pip, "-r", str(PINS)], check=True)
        except subprocess.CalledProcessError as error:
            raise PeersError("the other collections could not be installed") from error
        complete.touch()
    return folder
