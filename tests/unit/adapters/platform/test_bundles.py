# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bundles that OLM has unpacked into ConfigMaps."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform import bundles

CSV = "apiVersion: operators.coreos.com/v1alpha1\nkind: ClusterServiceVersion\nmetadata: {name: a.v1, date: 2026-11-22}\n"


def packed(text: str | bytes) -> str:
    """A manifest as OLM packs it, in the form in which the API gives bytes."""
    data = gzip.compress(text.encode() if isinstance(text, str) else text)
    return base64.b64encode(base64.b64encode(data)).decode()


def config_map(**content: Any) -> dict[str, Any]:
    """A ConfigMap of OLM."""
    annotations = {bundles.ENCODING: bundles.PACKED} if "binaryData" in content else {}
    return {"metadata": {"name": "abc", "labels": {"olm.managed": "true"}, "annotations": annotations}, **content}


@pytest.mark.parametrize("content", [{"binaryData": {"csv.yaml": packed(CSV)}}, {"data": {"csv.yaml": CSV}}], ids=["packed", "plain"])
def test_manifests_become_json(content: dict[str, Any]) -> None:
    found = bundles.readable(config_map(**content))
    assert json.loads(found["data"]["csv.yaml"])["metadata"] == {"name": "a.v1", "date": "2026-11-22"}
    assert "binaryData" not in found


@pytest.mark.parametrize(
    "value",
    [
        "!!",
        base64.b64encode(b"!").decode(),
        base64.b64encode(base64.b64encode(b"\x1f\x8bxx")).decode(),
        packed(b"\xff\xfe"),
        packed("- a"),
        packed("{: "),
    ],
    ids=["no base64", "no base64 within", "no gzip", "no text", "no mapping", "no YAML"],
)
def test_what_cannot_be_read_is_left_out(value: str) -> None:
    found = bundles.readable(config_map(binaryData={"broken.yaml": value, "csv.yaml": packed(CSV)}))
    assert list(found["data"]) == ["csv.yaml"]


def test_what_unpacks_to_more_than_a_manifest_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "LARGEST_MANIFEST_BYTES", 100)
    assert bundles.readable(config_map(binaryData={"csv.yaml": packed("a: " + "x" * 1000)}))["data"] == {}
    assert bundles.readable(config_map(binaryData={"csv.yaml": packed("a: b")}))["data"] == {"csv.yaml": '{"a": "b"}'}


def test_only_config_maps_of_olm_are_bundles() -> None:
    assert bundles.is_bundle(config_map(data={}))
    assert bundles.is_bundle(config_map(binaryData={}))
    assert not bundles.is_bundle({"metadata": {"name": "user-ca-bundle"}, "data": {}})
