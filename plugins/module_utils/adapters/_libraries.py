# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Third-party libraries, imported here alone, so that a missing one is reported and never a traceback."""

from __future__ import annotations

import traceback
from typing import Any

LIBRARY_ERRORS: dict[str, str] = {}
"""Import name of a library that is not there, and the traceback of the attempt."""

orjson: Any = None
try:
    import orjson
except ImportError:
    LIBRARY_ERRORS["orjson"] = traceback.format_exc()

python_calamine: Any = None
try:
    import python_calamine
except ImportError:
    LIBRARY_ERRORS["python_calamine"] = traceback.format_exc()

xlsxwriter: Any = None
try:
    import xlsxwriter
except ImportError:
    LIBRARY_ERRORS["xlsxwriter"] = traceback.format_exc()

jinja2: Any = None
try:
    import jinja2
except ImportError:
    LIBRARY_ERRORS["jinja2"] = traceback.format_exc()
