# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Third-party libraries, imported here alone, so that a missing one is reported and never a traceback."""

from __future__ import annotations

import traceback
from importlib import import_module
from typing import Any

LIBRARY_ERRORS: dict[str, str] = {}
"""Import name of a library that is not there, and the traceback of the attempt."""


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        LIBRARY_ERRORS[name] = traceback.format_exc()
        return None


orjson = _library("orjson")
python_calamine = _library("python_calamine")
xlsxwriter = _library("xlsxwriter")
jinja2 = _library("jinja2")
