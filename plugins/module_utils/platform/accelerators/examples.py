# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Examples that an operator brings itself: the annotation `alm-examples` of its CSV.

For operators whose kinds were not read in a public source they are the one place that tells what an object has to look like.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from ...common.owned_fields import ApiObject
from ...target.objects import annotations_of, name_of
from ..snapshot import PlatformSnapshot

CSVS: Final = "clusterserviceversions.operators.coreos.com"
EXAMPLES: Final = "alm-examples"


def example_of(snapshot: PlatformSnapshot, group: str, kind: str) -> ApiObject:
    """The example of a kind, of the first CSV by name that has one; empty where none has."""
    return next(_examples(snapshot, group, kind), {})


def _examples(snapshot: PlatformSnapshot, group: str, kind: str) -> Iterator[ApiObject]:
    for csv in sorted(snapshot.all(CSVS), key=name_of):
        try:
            found = json.loads(annotations_of(csv).get(EXAMPLES, "[]"))
        except ValueError:
            continue
        for item in found if isinstance(found, list) else []:
            if isinstance(item, dict) and item.get("kind") == kind and str(item.get("apiVersion", "")).partition("/")[0] == group:
                spec = item.get("spec")
                yield {**item, "spec": spec if isinstance(spec, dict) else {}}
