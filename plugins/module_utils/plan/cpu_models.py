# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CPU baselines of vSphere (EVC) and the CPU models that OpenShift Virtualization's nodes offer.

Sources: the keys and the order of the baselines are those of Broadcom's article 313545 (formerly 1003212); the models are
those of QEMU and libvirt, as KubeVirt's node labeller writes them (`cpu-model.node.kubevirt.io/Haswell-noTSX-IBRS`).
A node meets a baseline when it offers a model of the same vendor and of that generation or a later one. A label may carry
a suffix of the same model (-noTSX, -IBRS, -IBPB, -v4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

INTEL, AMD = "Intel", "AMD"
"""As the labels cpu-vendor.node.kubevirt.io/… have them."""

BASELINES: Final[Mapping[str, str]] = {
    "intel-merom": "Conroe",
    "intel-penryn": "Penryn",
    "intel-nehalem": "Nehalem",
    "intel-westmere": "Westmere",
    "intel-sandybridge": "SandyBridge",
    "intel-ivybridge": "IvyBridge",
    "intel-haswell": "Haswell",
    "intel-broadwell": "Broadwell",
    "intel-skylake": "Skylake-Server",
    "intel-cascadelake": "Cascadelake-Server",
    "intel-icelake": "Icelake-Server",
    "intel-sapphirerapids": "SapphireRapids",
    "amd-rev-e": "Opteron_G1",
    "amd-rev-f": "Opteron_G2",
    "amd-greyhound-no3dnow": "Opteron_G3",
    "amd-greyhound": "Opteron_G3",
    "amd-bulldozer": "Opteron_G4",
    "amd-piledriver": "Opteron_G5",
    "amd-steamroller": "Opteron_G5",
    "amd-zen": "EPYC",
    "amd-zen2": "EPYC-Rome",
    "amd-zen3": "EPYC-Milan",
    "amd-zen4": "EPYC-Genoa",
    "amd-zen5": "EPYC-Turin",
}
"""Key of an EVC baseline to the CPU model that stands for it. There is no model for Steamroller: the one before it stands in."""

GENERATIONS: Final[Mapping[str, tuple[str, int]]] = {
    "Conroe": (INTEL, 0),
    "Penryn": (INTEL, 1),
    "Nehalem": (INTEL, 2),
    "Westmere": (INTEL, 3),
    "SandyBridge": (INTEL, 4),
    "IvyBridge": (INTEL, 5),
    "Haswell": (INTEL, 6),
    "Broadwell": (INTEL, 7),
    "Skylake-Client": (INTEL, 7),
    "Icelake-Client": (INTEL, 7),
    "SierraForest": (INTEL, 7),
    "Skylake-Server": (INTEL, 8),
    "Cascadelake-Server": (INTEL, 9),
    "Cooperlake": (INTEL, 9),
    "Icelake-Server": (INTEL, 10),
    "SapphireRapids": (INTEL, 11),
    "GraniteRapids": (INTEL, 12),
    "Opteron_G1": (AMD, 0),
    "Opteron_G2": (AMD, 1),
    "Opteron_G3": (AMD, 2),
    "Opteron_G4": (AMD, 3),
    "Opteron_G5": (AMD, 4),
    "EPYC": (AMD, 5),
    "EPYC-Rome": (AMD, 6),
    "EPYC-Milan": (AMD, 7),
    "EPYC-Genoa": (AMD, 8),
    "EPYC-Turin": (AMD, 9),
}
"""Model to vendor and generation. Models without AVX-512 count as Broadwell, whatever their year."""


def requirement_of(evc_mode: str) -> tuple[str, str]:
    """Vendor and model that a baseline asks for; an unknown key gives the vendor of its prefix alone, and empty is nothing."""
    key = evc_mode.strip().lower()
    model = BASELINES.get(key, "")
    if model:
        return GENERATIONS[model][0], model
    vendor, _dash, _rest = key.partition("-")
    return {"intel": INTEL, "amd": AMD}.get(vendor, ""), ""


def base_model(label: str) -> str:
    """The model of a label without its suffixes; empty where the table does not have it."""
    name = label
    while name:
        if name in GENERATIONS:
            return name
        name = name.rpartition("-")[0]
    return ""


def offers(labels: Iterable[str], model: str) -> bool:
    """Whether models that a node offers meet the model: one of its vendor and of its generation or a later one."""
    vendor, generation = GENERATIONS[model]
    for label in labels:
        found = GENERATIONS.get(base_model(label))
        if found is not None and found[0] == vendor and found[1] >= generation:
            return True
    return False
