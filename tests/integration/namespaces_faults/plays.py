# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every play by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import reduce
from types import ModuleType

from tests.integration.namespaces_faults import healthy, of_clusters, of_objects, of_people
from tests.integration.namespaces_faults.stand import Asked, Play, Stand

MODULES: Sequence[ModuleType] = (of_objects, of_people, of_clusters, healthy)


def play_of(name: str) -> Play:
    """The play of that name."""
    found: Mapping[str, Play] = {key: value for module in MODULES for key, value in vars(module).items()}
    return found[name]


@contextmanager
def played(stand: Stand, names: Sequence[str]) -> Iterator[Asked]:
    """Several plays at once, taken back in the opposite order."""
    with ExitStack() as stack:
        asked = [stack.enter_context(play_of(name)(stand)) for name in names]
        yield reduce(Asked.beside, asked)
