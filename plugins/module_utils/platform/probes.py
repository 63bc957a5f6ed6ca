# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects to create as a dry run, so that the API server says whether it would admit them, and what it said."""

from __future__ import annotations

from dataclasses import dataclass

from ..common.owned_fields import ApiObject


@dataclass(frozen=True, slots=True)
class Probe:
    """An object to create as a dry run: nothing of it is kept."""

    subject: str
    """for people, and unique: `namespace ai-models, nvidia.com/gpu, runtime vllm-nvidia`"""
    object: ApiObject
    path: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What the API server said to one probe."""

    accepted: bool
    message: str = ""
    """its words where it refused"""
    warnings: tuple[str, ...] = ()
    """texts of its Warning headers"""
    reason: str = ""
    """why it could not be asked; empty where it was"""
    lacks_right: bool = False
    """whether the account may not create such objects, as one that only verifies: no fault of the cluster"""
