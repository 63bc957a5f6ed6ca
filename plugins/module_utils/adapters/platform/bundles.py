# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bundles that OLM has unpacked into ConfigMaps, made readable: their manifests are YAML, packed with gzip and base64.

(operator-registry v1.61.0, pkg/configmap and pkg/lib/encoding; OLM v0.38.0, pkg/controller/bundle packs every bundle so.)
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...target.objects import annotations_of, labels_of, map_at
from .._libraries import is_missing, yaml

ENCODING: Final = "olm.contentEncoding"
PACKED: Final = "gzip+base64"
MANAGED_LABEL: Final = "olm.managed"
LARGEST_MANIFEST_BYTES: Final = 32 << 20
"""Most that one manifest may come to: a ConfigMap holds 1 MiB, and nothing in it is believed to be larger than that by far."""


def is_bundle(config_map: ApiObject) -> bool:
    """Whether a ConfigMap holds a bundle that OLM has unpacked."""
    return annotations_of(config_map).get(ENCODING) == PACKED or labels_of(config_map).get(MANAGED_LABEL) == "true"


def readable(config_map: ApiObject) -> ApiObject:
    """The ConfigMap with its manifests as JSON in `data`; what cannot be read is left out, and so is missed by whoever asks for it."""
    packed = annotations_of(config_map).get(ENCODING) == PACKED
    texts = {
        name: _unpacked(value) if packed else str(value) for name, value in map_at(config_map, "binaryData" if packed else "data").items()
    }
    found = {name: _as_json(text) for name, text in sorted(texts.items())}
    rest = {key: value for key, value in config_map.items() if key != "binaryData"}
    return {**rest, "data": {name: text for name, text in found.items() if text}}


def _unpacked(value: Any) -> str:
    """Bytes as the API gives them (base64), of base64, of gzip."""
    try:
        data = base64.b64decode(base64.b64decode(str(value), validate=True), validate=True)
        unpacker = zlib.decompressobj(wbits=31)
        text = unpacker.decompress(data, LARGEST_MANIFEST_BYTES)
        return "" if unpacker.unconsumed_tail or not unpacker.eof else text.decode()
    except (ValueError, binascii.Error, zlib.error):
        return ""


def _as_json(text: str) -> str:
    """One manifest as JSON; empty for what is no mapping."""
    try:
        found = json.loads(text)
    except ValueError:
        found = _from_yaml(text)
    return json.dumps(found, default=str) if isinstance(found, dict) else ""


def _from_yaml(text: str) -> Any:
    if not text or is_missing("yaml"):
        return None
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return None
