# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that the tests and the demo are made of are such as a real API server would hold: held against the CRDs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from .samples import BY_RESOURCE, VERSIONS
from .support import BY_ID, NOT_SERVED, demo

BUILT_IN = {"", "storage.k8s.io"}
CUSTOM = [identity for identity, resource in BY_ID.items() if resource.group not in BUILT_IN and identity not in NOT_SERVED]


def definition(shared: Path, identity: str) -> Any:
    resource = BY_ID[identity]
    path = shared / "crds" / f"{resource.group}_{resource.plural}.yaml"
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def schema_of(crd: Any, version: str) -> Any:
    found = [entry for entry in crd["spec"]["versions"] if entry["name"] == version and entry["served"]]
    return found[0]["schema"]["openAPIV3Schema"]


def unknown_keys(schema: Any, value: Any, place: str = "") -> list[str]:
    """Keys that the API server would prune: those that no schema names."""
    if isinstance(value, list):
        return [key for item in value for key in unknown_keys(schema.get("items", {}), item, f"{place}[]")]
    properties = schema.get("properties")
    if not isinstance(value, dict) or properties is None or schema.get("x-kubernetes-preserve-unknown-fields"):
        return []
    own = [f"{place}.{key}" for key in value if key not in properties and place]
    return own + [key for name in value if name in properties for key in unknown_keys(properties[name], value[name], f"{place}.{name}")]


@pytest.mark.parametrize("identity", CUSTOM)
def test_objects_of_tests_and_demo_are_what_the_crd_accepts(shared: Path, identity: str) -> None:
    crd = definition(shared, identity)
    assert crd["spec"]["names"]["kind"] == BY_ID[identity].kind
    assert (crd["spec"]["scope"] == "Namespaced") is BY_ID[identity].namespaced
    samples = [(VERSIONS.get(identity, BY_ID[identity].versions[0]), item) for item in BY_RESOURCE.get(identity, [])]
    for version, item in [*samples, *((BY_ID[identity].versions[0], item) for item in demo()[identity])]:
        schema = schema_of(crd, version)
        whole = {"apiVersion": f"{BY_ID[identity].group}/{version}", "kind": BY_ID[identity].kind, **item}
        assert [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(whole)] == []
        for part in ("spec", "status"):
            assert unknown_keys(schema["properties"].get(part, {}), item.get(part, {}), part) == []


@pytest.mark.parametrize("identity", CUSTOM)
def test_a_version_that_the_mapping_understands_is_served(shared: Path, identity: str) -> None:
    served = {entry["name"] for entry in definition(shared, identity)["spec"]["versions"] if entry["served"]}
    assert served & {*BY_ID[identity].versions}
