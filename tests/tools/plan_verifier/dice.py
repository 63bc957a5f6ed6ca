# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random numbers for cases."""

from __future__ import annotations

import random
from typing import Any


class Dice(random.Random):
    """Random numbers with words for what cases need. `mess` scales how often something odd comes up."""

    mess = 1.0

    def often(self, share: float) -> bool:
        """True in that share of the cases."""
        return self.random() < share

    def pick(self, *choices: Any) -> Any:
        """One of them."""
        return self.choice(choices)

    def odd(self, share: float) -> bool:
        """True in that share of the messy cases, less often in tidy ones."""
        return self.random() < share * self.mess
