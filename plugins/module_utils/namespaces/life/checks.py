# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of what runs: a Job made as the tenant, and that nothing of it stays."""

from __future__ import annotations

from typing import Final

from ...platform.checks import Check
from ..check_list import LIFE, STAGE

PROOF: Final = Check(
    f"{STAGE}.{LIFE}.proof",
    STAGE,
    LIFE,
    "A Job made as the tenant passes queue, quota and policies, sees the devices of the grant, and reaches what it should and no more",
    "see the code: it names the layer that is broken",
    "Kubernetes, Job, Pod and Event; Kueue, Workload and LocalQueue; the result that the container leaves",
)
LEFT: Final = Check(
    f"{STAGE}.{LIFE}.left",
    STAGE,
    LIFE,
    "Nothing is left of what was run as the tenant",
    "delete the Jobs with the label readiness.groundwork.io/proof; the next proof does so too",
    "Kubernetes, Jobs by their label",
)

CHECKS: Final[tuple[Check, ...]] = (PROOF, LEFT)
