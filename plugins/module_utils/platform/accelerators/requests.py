# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of every request of the document, on the devices there are and with the pools that are to have some."""

from __future__ import annotations

from dataclasses import replace

from ...common.write_findings import listed
from ..desired.model import CONTAINER, DeviceClass
from .classes import classes_of
from .model import Fleet, Resolution
from .nfd import vendors_on
from .resolve import resolve
from .site import Site


def resolved_requests(site: Site, fleet: Fleet) -> dict[str, Resolution]:
    """Every request by its name: as the context has it, or resolved here.

    What no device there is could serve is not evaluated while a pool that could has none yet: its operators do not run so far.
    """
    classes, known = classes_of(site.context.desired, site.context.catalogue), site.context.resolved
    found = {}
    for request in site.accelerators.requests:
        answer = known[request.name] if request.name in known else resolve(request, classes, fleet)
        waiting = _without_devices(site, classes.get(request.device_class)) if answer.refused else []
        if waiting:
            reason = f"{answer.refused}; pools that have no devices yet: {listed(waiting)}"
            answer = replace(answer, refused="", not_evaluated=reason, coming=tuple(waiting))
        found[request.name] = answer
    return found


def _without_devices(site: Site, wanted: DeviceClass | None) -> list[str]:
    """Pools that could serve such a request once their operators run: none of their nodes shows a device of the vendor."""
    return [
        pool.name
        for pool in site.accelerators.pools
        if wanted is not None
        and pool.workload == CONTAINER
        and (not wanted.vendors or pool.vendor in wanted.vendors)
        and not any(pool.vendor in vendors_on(node) for node in site.members[pool.name])
    ]
