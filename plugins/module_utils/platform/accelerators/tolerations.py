# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taints and tolerations, by the rules of the scheduler; and whether all that has to run on accelerator nodes tolerates their taints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..desired.model import Accelerators, TaintWanted
from .model import Taint
from .resources import NVIDIA_GPU, OWN_TAINTS

HARD: Final = ("NoSchedule", "NoExecute")
"""Effects that keep pods away."""
CONDITION: Final = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")
"""Taints of a node's own condition: they come and go, and nobody declares them."""


def taint_of(text: str) -> Taint:
    """A taint as the target names it: `key=value:Effect` or `key:Effect`."""
    head, _colon, effect = text.rpartition(":")
    key, _equals, value = head.partition("=")
    return Taint(key, value, effect)


def taint_text(taint: Taint) -> str:
    """The taint as `key=value:Effect`."""
    return f"{taint.key}{'=' if taint.value else ''}{taint.value}:{taint.effect}"


def tolerates(toleration: Mapping[str, Any], taint: Taint) -> bool:
    """Whether a toleration covers a taint. An empty key with Exists covers all, an empty effect every effect."""
    if toleration.get("effect") not in (None, "", taint.effect):
        return False
    key, operator = str(toleration.get("key") or ""), str(toleration.get("operator") or "Equal")
    if not key:
        return operator == "Exists"
    return key == taint.key and (operator == "Exists" or str(toleration.get("value") or "") == taint.value)


def untolerated(tolerations: Sequence[Mapping[str, Any]], taints: Iterable[Taint]) -> list[Taint]:
    """The taints that keep a pod with these tolerations away."""
    return [taint for taint in taints if taint.effect in HARD and not any(tolerates(entry, taint) for entry in tolerations)]


def is_of_condition(taint: Taint) -> bool:
    """Whether the taint tells the node's condition."""
    return taint.key.startswith(CONDITION)


def is_declared(taint: Taint, declared: Mapping[str, TaintWanted]) -> bool:
    """Whether the document knows the taint, or it is one that vendors use for their accelerators.

    A declaration decides over its key alone: another value or effect of that key is not declared then.
    """
    wanted = declared.get(taint.key)
    if wanted is None:
        return taint.key in OWN_TAINTS
    return wanted.value in ("", taint.value) and wanted.effect == taint.effect


def toleration_of(taint: Taint, declared: Mapping[str, TaintWanted]) -> dict[str, str]:
    """The toleration for a taint of a node: of the value where the document names one, of any else."""
    wanted = declared.get(taint.key)
    return _toleration(taint.key, wanted.value if wanted else "", taint.effect)


def operand_tolerations(accelerators: Accelerators, *keys: str) -> list[dict[str, str]]:
    """What every operand of a vendor tolerates: all declared taints, and those of its own key with NoSchedule."""
    wanted = [_toleration(key, taint.value, taint.effect) for key, taint in sorted(accelerators.taints.items())]
    own = [_toleration(key, "", "NoSchedule") for key in keys if key not in accelerators.taints]
    return sorted([*wanted, *own], key=lambda entry: sorted(entry.items()))


def declared_taints(accelerators: Accelerators) -> list[Taint]:
    """The taints that the document declares."""
    return [Taint(key, taint.value, taint.effect) for key, taint in sorted(accelerators.taints.items())]


def _toleration(key: str, value: str, effect: str) -> dict[str, str]:
    if value:
        return {"key": key, "operator": "Equal", "value": value, "effect": effect}
    return {"key": key, "operator": "Exists", "effect": effect}


# ---- where objects keep their operands' tolerations ------------------------------------------------------------------

LISTS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("nvidia.com", "ClusterPolicy"): ("daemonsets.tolerations",),
    ("amd.com", "DeviceConfig"): (
        "driver.tolerations",
        "devicePlugin.devicePluginTolerations",
        "devicePlugin.nodeLabellerTolerations",
        "metricsExporter.tolerations",
        "configManager.configManagerTolerations",
        "testRunner.tolerations",
        "draDriver.tolerations",
    ),
    ("deviceplugin.intel.com", "GpuDevicePlugin"): ("tolerations",),
    ("nfd.openshift.io", "NodeFeatureDiscovery"): ("operand.workerTolerations",),
    ("nfd.kubernetes.io", "NodeFeatureDiscovery"): ("operand.workerTolerations",),
}
"""Kinds to the lists of tolerations in their spec: one for each thing that runs on accelerator nodes."""

BUILT_IN: Final[Mapping[str, tuple[Mapping[str, str], ...]]] = {
    "ClusterPolicy": ({"key": NVIDIA_GPU, "operator": "Exists", "effect": "NoSchedule"},),
    "NodeFeatureDiscovery": ({"operator": "Exists", "effect": "NoSchedule"},),
}
"""What operands tolerate by themselves: NVIDIA's their own key, the workers of Node Feature Discovery every NoSchedule. AMD's and
Intel's tolerate nothing."""
