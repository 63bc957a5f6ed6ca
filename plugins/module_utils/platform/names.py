# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read by name, after the lists: package manifests of the operators wanted, and what the document itself names."""

from __future__ import annotations

from collections.abc import Iterator

from .catalogue import Catalogue
from .delivery import plan as delivery
from .desired.model import PlatformDesired
from .identity import plan as identity
from .monitoring import plan as monitoring
from .olm.seen import manifest_ref, operators_of, unpacked_named
from .openshift_ai import plan as openshift_ai
from .prerequisites import plan as prerequisites
from .snapshot import Named, PlatformSnapshot


def names_to_read(desired: PlatformDesired, catalogue: Catalogue, first: PlatformSnapshot) -> tuple[Named, ...]:
    """Everything that the parts want to see by name, sorted."""
    of_parts = (part.named_refs(desired) for part in (prerequisites, openshift_ai, identity, delivery))
    of_first = (*_operators(desired, catalogue, first), *monitoring.named_refs(desired, first))
    return tuple(sorted({*of_first, *(ref for refs in of_parts for ref in refs)}))


def _operators(desired: PlatformDesired, catalogue: Catalogue, first: PlatformSnapshot) -> Iterator[Named]:
    if desired.operators is None:
        return
    operators = [found for found in operators_of(desired.operators, catalogue) if not found.absent]
    yield from map(manifest_ref, operators)
    yield from unpacked_named(first, operators)
