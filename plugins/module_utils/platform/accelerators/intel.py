# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Intel's GPUs: a GpuDevicePlugin for each pool. The facts were not read in a public source ([K]) but for the CRD.

Intel's plugin hands out `gpu.intel.com/i915` or `gpu.intel.com/xe` by the kernel driver of the device. KServe counts neither as
an accelerator unless the object names it in the annotation `serving.kserve.io/gpu-resource-types`.
"""

from __future__ import annotations

from typing import Final

from ...common.owned_fields import ApiObject
from ..desired.model import PoolWanted
from ..parts import PartPlan
from .examples import example_of
from .pools import selectors_of
from .resources import INTEL
from .site import Site, wait_for, wanted
from .tolerations import operand_tolerations

GROUP, KIND, RESOURCE = "deviceplugin.intel.com", "GpuDevicePlugin", "gpudeviceplugins.deviceplugin.intel.com"
_TAKEN: Final = ("image", "initImage")
"""What the operator's own example says of images."""


def plan_intel(site: Site) -> PartPlan:
    """The device plugins of all pools of Intel."""
    objects, waits = [], []
    for pool in site.pools(INTEL):
        awaits, _namespace = site.brings(RESOURCE, INTEL)
        for item in device_plugins(site, pool):
            objects.append(wanted(item, site.path(pool), awaits))
            waits.append(wait_for(item))
    return PartPlan(tuple(objects), tuple(waits))


def device_plugins(site: Site, pool: PoolWanted) -> list[ApiObject]:
    """The GpuDevicePlugins of a pool: one, unless its labels are lists of values."""
    example = example_of(site.snapshot, GROUP, KIND)
    taken = {key: value for key, value in example.get("spec", {}).items() if key in _TAKEN}
    selectors = selectors_of(pool)
    made: list[ApiObject] = []
    for number, selector in enumerate(selectors, 1):
        spec = {
            **taken,
            "sharedDevNum": 1,
            "nodeSelector": selector,
            "tolerations": operand_tolerations(site.accelerators),
        }
        name = pool.name if len(selectors) == 1 else f"{pool.name}-{number}"
        item = {"apiVersion": f"{GROUP}/v1", "kind": KIND, "metadata": {"name": name}}
        made.append({**item, "spec": {key: value for key, value in spec.items() if value not in ([], {})}})
    return made
