# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of Prometheus and Alertmanager that judge rules and routes: promtool, amtool, and the label enforcement of the operator."""

from __future__ import annotations
