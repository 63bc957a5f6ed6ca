# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's version, for artifacts and reports; a test holds it against galaxy.yml."""

from __future__ import annotations

from typing import Final

COLLECTION_VERSION: Final = "0.1.0"
