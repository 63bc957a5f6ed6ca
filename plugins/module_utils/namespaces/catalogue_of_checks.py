# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of checks that the stage makes: each package lists its own, and docs/contracts.md shows them all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..platform.checks import Check, by_id
from . import capacity_checks, check_list
from .access import checks as access_checks
from .life import checks as life_checks
from .sovereignty import checks as sovereignty_checks

CHECKS: Final[tuple[Check, ...]] = (
    *check_list.CHECKS,
    *access_checks.CHECKS,
    *capacity_checks.CHECKS,
    *life_checks.CHECKS,
    *sovereignty_checks.CHECKS,
)

CHECKS_BY_ID: Final[Mapping[str, Check]] = MappingProxyType(by_id(CHECKS))
