# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sees to it that Chromium is there for the browser tests: installs Debian's package as root, says what is missing elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_browser() -> str | None:
    """Path of a Chromium: READINESS_CHROMIUM, else the first that is in PATH; None where there is none."""
    return os.environ.get("READINESS_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


def install_browser() -> bool:
    """Tries Debian's package; False when this user or system cannot."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode:
            return False
    return True


def main() -> int:
    """Always 0: without a browser its tests are skipped and counted."""
    if not find_browser():
        print("Installing Chromium for the browser tests", flush=True)
        if not install_browser():
            print("Chromium is not installed and cannot be installed here: the browser tests will be skipped.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
