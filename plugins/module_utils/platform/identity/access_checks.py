# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of what personas must not be able to do."""

from __future__ import annotations

from typing import Final

from ..checks import Check
from .check_list import LAYER, PART

_ACCESS: Final = f"platform.{PART}.access"
_SOURCE: Final = "Kubernetes, authorization.k8s.io/v1 SubjectAccessReview: the API server's own word; rows deny of the persona"

DENIED: Final = Check(
    f"{_ACCESS}.denied",
    PART,
    LAYER,
    "Who has a persona can do nothing that the persona must not, by whatever binding",
    "take the binding away, or the persona from who has both",
    _SOURCE,
)
MEMBERS: Final = Check(
    f"{_ACCESS}.members",
    PART,
    LAYER,
    "Nobody in a group that has a persona can do what the persona must not, by a binding or a group of their own",
    "take the binding away, or let them leave one of the groups",
    _SOURCE,
)

ACCESS_CHECKS: Final = (DENIED, MEMBERS)
