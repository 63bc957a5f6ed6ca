# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks plans from what they left behind: artifacts, manifests, and the settings. Nothing here knows how a plan is made.

Only `lifting` and `planning` call the planner; the checks of the other modules read records and have rules of their own.
"""

from __future__ import annotations
