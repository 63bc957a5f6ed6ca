# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Amounts of a contract that are worked out where it does not give them."""

from __future__ import annotations

from typing import Final

from .model import Contract, QuotaWanted

_TWICE: Final = 2.0
_HALF_MORE: Final = 1.5


def limit_of_cpu(quota: QuotaWanted) -> float:
    """CPUs that limits may come to."""
    return quota.cpu * _TWICE if quota.cpu_limit is None else quota.cpu_limit


def limit_of_memory_gib(quota: QuotaWanted) -> float:
    """Memory that limits may come to."""
    return quota.memory_gib * _HALF_MORE if quota.memory_limit_gib is None else quota.memory_limit_gib


def most_cpu(contract: Contract) -> float:
    """The highest limit of CPUs that a container may have."""
    most = contract.containers.cpu_most
    return limit_of_cpu(contract.quota) if most is None else most


def most_memory_gib(contract: Contract) -> float:
    """The highest limit of memory that a container may have."""
    most = contract.containers.memory_most_gib
    return limit_of_memory_gib(contract.quota) if most is None else most
