# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a call of the platform stage may go, and the part of it that only looks."""

from __future__ import annotations

from typing import Final

PREFLIGHT: Final = "preflight"
APPLY, VERIFY, CHECK = "apply", "verify", "check"
