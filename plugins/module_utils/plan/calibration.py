# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rates from migrations that the cluster has finished: what was measured stands above what is assumed, never above what the user gave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from .model import MIB
from .settings import Rates

LEAST_SAMPLES: Final = 3
"""Fewer finished VMs tell nothing."""

LEAST_FOR_SPREAD: Final = 10
"""Fewer samples do not show a spread: the slowest tenth of them is less than one VM, and equal ones make it nothing at all."""

LEAST_FACTOR: Final = 4 / 3
"""However equal transfers were: the order in which those of a wave begin can take a third more than the least that is possible."""

LEAST_BYTES: Final = 1 << 30
"""VMs below a GiB tell of overhead, not of a rate."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the finished migrations said, and the rates with it."""

    rates: Rates
    samples: int
    measured: tuple[str, ...]
    """names of the rates that were taken from them"""
    note: str


def calibrate(rates: Rates, plans: Iterable[Mapping[str, Any]]) -> Calibration:
    """The rates, with those measured that the user did not give. `plans` are the target's `migration_plan` records.

    Of few samples the median is believed, the spread only where it is larger than what is reckoned with anyway.
    """
    found = list(_samples(plans))
    if len(found) < LEAST_SAMPLES:
        return Calibration(rates, len(found), (), f"{len(found)} finished VMs tell too little; {LEAST_SAMPLES} are needed")
    per_second = sorted(size / MIB / seconds for size, seconds, _conversion in found)
    conversions = sorted(minutes for _size, _seconds, minutes in found if minutes is not None)
    slow = sorted(1 / rate for rate in per_second)
    spread = max(LEAST_FACTOR, _quantile(slow, 0.9) / _quantile(slow, 0.5))
    measured = {"disk_mib_per_s": _quantile(per_second, 0.5)}
    doubted = len(found) < LEAST_FOR_SPREAD and spread <= rates.p90_factor
    if not doubted:
        measured["p90_factor"] = spread
    if len(conversions) >= LEAST_SAMPLES:
        measured["conversion_minutes"] = _quantile(conversions, 0.5)
    taken = {name: round(value, 3) for name, value in measured.items() if name not in rates.given}
    words = ", ".join(f"{name} {value:g}" for name, value in sorted(taken.items())) or "nothing, since all of it was given"
    note = f"{len(found)} finished VMs: {words}"
    if doubted and "p90_factor" not in rates.given:
        note += (
            f"; p90_factor stays {rates.p90_factor:g}, not the measured {spread:.3g}: "
            f"fewer than {LEAST_FOR_SPREAD} finished VMs do not show the spread"
        )
    return Calibration(_with(rates, taken), len(found), tuple(sorted(taken)), note)


def _with(rates: Rates, taken: Mapping[str, float]) -> Rates:
    return replace(
        rates,
        disk_mib_per_s=taken.get("disk_mib_per_s", rates.disk_mib_per_s),
        p90_factor=taken.get("p90_factor", rates.p90_factor),
        conversion_minutes=taken.get("conversion_minutes", rates.conversion_minutes),
    )


def _samples(plans: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, float, float | None]]:
    """(bytes, seconds, minutes of conversion) of each VM that was migrated to its end."""
    for plan in plans:
        for vm in plan.get("vms", ()):
            size, seconds = vm.get("transferred_bytes"), vm.get("transfer_seconds")
            if vm.get("succeeded") and size and seconds and size >= LEAST_BYTES:
                conversion = vm.get("conversion_seconds")
                yield size, seconds, None if conversion is None else conversion / 60


def _quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies, between neighbours linearly."""
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)
