# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Third-party libraries, imported here alone, so that a missing one is reported and never a traceback."""

from __future__ import annotations

import traceback
from importlib import import_module
from typing import Any, Final

from ..common.errors import ReadinessError

LIBRARY_ERRORS: dict[str, str] = {}
"""Import name of a library that is not there, and the traceback of the attempt."""

PACKAGES: Final = {
    "jinja2": "Jinja2",
    "kubernetes": "kubernetes",
    "ldap3": "ldap3",
    "orjson": "orjson",
    "pyVmomi": "pyvmomi",
    "python_calamine": "python-calamine",
    "urllib3": "urllib3",
    "xlsxwriter": "XlsxWriter",
    "yaml": "PyYAML",
}
"""Import name of every library to the package that brings it."""


class _Deferred:
    """A library that few tasks need, imported at its first use: every task would pay for it otherwise."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


def is_missing(name: str) -> bool:
    """True for a library that cannot be imported; `LIBRARY_ERRORS` says why."""
    if name not in LIBRARY_ERRORS:
        _library(name)
    return name in LIBRARY_ERRORS


def require(name: str, purpose: str) -> None:
    """Raises `ReadinessError` when a library that only some inputs need is not there; `purpose` completes `to`."""
    if is_missing(name):
        package = PACKAGES[name]
        message = f"The Python package {package} is not installed, which is needed to {purpose}"
        raise ReadinessError(
            "library_missing", message, subject=package, hint=f"Install it for the Python that runs the module: pip install {package}"
        )


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        LIBRARY_ERRORS[name] = traceback.format_exc()
        return None


orjson = _library("orjson")
kubernetes: Any = _Deferred("kubernetes")
ldap3: Any = _Deferred("ldap3")
python_calamine: Any = _Deferred("python_calamine")
pyVmomi: Any = _Deferred("pyVmomi")
urllib3: Any = _Deferred("urllib3")
xlsxwriter: Any = _Deferred("xlsxwriter")
yaml: Any = _Deferred("yaml")
jinja2: Any = _Deferred("jinja2")
