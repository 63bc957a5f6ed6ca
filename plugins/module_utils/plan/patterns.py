# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The patterns by which a user names things of the estate."""

from __future__ import annotations

from fnmatch import fnmatchcase


def fits(pattern: str, name: str) -> bool:
    """Whether a name is meant, without regard to case. `*` and `?` are wildcards; all else, `[` and `]` too, is as it is written.

    Nothing means an empty name.
    """
    return bool(name) and fnmatchcase(name.casefold(), pattern.casefold().replace("[", "[[]"))
