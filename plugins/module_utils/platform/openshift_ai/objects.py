# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that the part wants, and the names that they may have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from ...common.write_findings import OWN
from ..parts import Context, WantedObject
from .apis import Api, api_version, brought_by
from .check_list import PART

_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LONGEST_NAME: Final = 253
NAME_RULE: Final = "lower-case letters, digits and hyphens, a letter or digit first and last"


def is_label(name: str) -> bool:
    """Whether it is a DNS label, as namespaces and services have to be named."""
    return bool(_LABEL.fullmatch(name))


def is_name(name: str) -> bool:
    """Whether an object may be named so: DNS labels with dots between them, 253 characters at most."""
    return len(name) <= _LONGEST_NAME and all(_LABEL.fullmatch(part) for part in name.split("."))


def meant(word: str, allowed: Iterable[str]) -> str:
    """`; did you mean aipipelines?` where a word that is allowed comes near; else empty."""
    near = get_close_matches(word, sorted(allowed), 1)
    return f"; did you mean {near[0]}?" if near else ""


def repeated(names: Sequence[str]) -> Iterator[str]:
    """Names that stand more than once, each once and in their order."""
    seen: set[str] = set()
    told: set[str] = set()
    for name in names:
        if name in seen and name not in told:
            told.add(name)
            yield name
        seen.add(name)


def metadata_of_name(
    name: str, namespace: str = "", labels: Mapping[str, str] | None = None, annotations: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """An object's metadata; what is empty is left out, since an empty mapping would be owned as well."""
    given: dict[str, Any] = {"name": name, "namespace": namespace, "labels": dict(labels or {}), "annotations": dict(annotations or {})}
    return {key: value for key, value in given.items() if value}


def wanted_object(
    context: Context,
    api: Api,
    metadata: Mapping[str, Any],
    body: Mapping[str, Any],
    *,
    layer: str,
    path: str,
    rank: int,
    claim: str = OWN,
    keep: bool = False,
    version: str = "",
) -> WantedObject:
    """An object of a kind, in the version that is served; `version` is taken where none is yet."""
    item = {"apiVersion": api_version(api, context.snapshot, version), "kind": api.kind, "metadata": dict(metadata), **body}
    awaits = brought_by(api, context.desired, context.catalogue)
    return WantedObject(item, PART, layer, path, rank, claim, awaits, keep)
