# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module asks of an adapter, and what it gets back: neither knows Ansible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import ReadinessError


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """A module's checked parameters, and whether it was called in check and diff mode."""

    params: Mapping[str, Any]
    check_mode: bool = False
    diff_mode: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a module's work came to.

    `result` is returned to the playbook as it is. `counts`, `inputs` and `artifacts` (base name to SHA-256) go into
    run.json. With `failure` the module fails after all, but what it did is recorded, and returned with the error.
    """

    changed: bool
    result: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    diff: Mapping[str, str] | None = None
    failure: ReadinessError | None = None
