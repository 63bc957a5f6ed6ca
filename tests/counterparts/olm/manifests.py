# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PackageManifests as OLM's package server would show them, made from what `opm` renders of a catalog."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.counterparts.cluster.client import ClusterError, Json

MARKETPLACE = "openshift-marketplace"
CSV_FIELDS = {
    # field of the description -> field of the ClusterServiceVersion's specification
    "displayName": "displayName",
    "version": "version",
    "description": "description",
    "installModes": "installModes",
    "customresourcedefinitions": "customresourcedefinitions",
    "minKubeVersion": "minKubeVersion",
}


def render(opm: Path, folder: Path) -> list[Json]:
    """What `opm render` says of that folder, one blob after the other."""
    command = [str(opm), "render", str(folder), "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"HOME": str(folder.parent)})
    if done.returncode != 0:
        raise ClusterError(f"opm cannot render {folder.name}: {done.stderr.strip()}")
    return list(_decoded(done.stdout))


def _decoded(text: str) -> Iterator[Json]:
    decoder, at = json.JSONDecoder(), 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        blob, at = decoder.raw_decode(text, at)
        yield blob


def manifests_of(catalog: str, rendered: Sequence[Json], namespace: str = MARKETPLACE) -> list[Json]:
    """The PackageManifests of that catalog source: one a package, entries without edges, and no icons."""
    return [_manifest(catalog, namespace, blob, rendered) for blob in rendered if blob["schema"] == "olm.package"]


def _manifest(catalog: str, namespace: str, package: Json, rendered: Sequence[Json]) -> Json:
    name = package["name"]
    of_package = [blob for blob in rendered if blob.get("package") == name]
    bundles = {blob["name"]: blob for blob in of_package if blob["schema"] == "olm.bundle"}
    deprecated = {
        (entry["reference"]["schema"], entry["reference"].get("name", "")): entry["message"]
        for blob in of_package
        if blob["schema"] == "olm.deprecations"
        for entry in blob["entries"]
    }
    channels = [_channel(blob, bundles, deprecated) for blob in of_package if blob["schema"] == "olm.channel"]
    return {
        "apiVersion": "packages.operators.coreos.com/v1",
        "kind": "PackageManifest",
        "metadata": {
            # Two catalogs may have a package of one name. The server would show both under it, a stored object has its name alone.
            "name": name,
            "namespace": namespace,
            "labels": {"catalog": catalog, "catalog-namespace": namespace, "provider": "", "provider-url": ""},
        },
        "status": {
            "catalogSource": catalog,
            "catalogSourceDisplayName": catalog,
            "catalogSourcePublisher": "",
            "catalogSourceNamespace": namespace,
            "packageName": name,
            "channels": sorted(channels, key=lambda each: str(each["name"])),
            "defaultChannel": package.get("defaultChannel", ""),
            **_deprecation(deprecated, "olm.package", ""),
        },
    }


def _deprecation(deprecated: Mapping[tuple[str, str], str], schema: str, name: str) -> Json:
    message = deprecated.get((schema, name))
    return {"deprecation": {"message": message}} if message else {}


def _channel(channel: Json, bundles: Mapping[str, Json], deprecated: Mapping[tuple[str, str], str]) -> Json:
    entries: list[Json] = channel["entries"]
    passed = {entry.get("replaces", "") for entry in entries} | {skipped for entry in entries for skipped in entry.get("skips", ())}
    head = next(entry["name"] for entry in entries if entry["name"] not in passed)
    shown = sorted((_entry(bundles[entry["name"]], deprecated) for entry in entries), key=_newest_first)
    return {
        "name": channel["name"],
        "currentCSV": head,
        "currentCSVDesc": _description(bundles[head]),
        "entries": shown,
        **_deprecation(deprecated, "olm.channel", channel["name"]),
    }


def _entry(bundle: Json, deprecated: Mapping[tuple[str, str], str]) -> Json:
    return {"name": bundle["name"], "version": _version(bundle), **_deprecation(deprecated, "olm.bundle", bundle["name"])}


def _version(bundle: Json) -> str:
    return next(str(each["value"]["version"]) for each in bundle["properties"] if each["type"] == "olm.package")


def _newest_first(entry: Json) -> tuple[int, ...]:
    plain = str(entry["version"]).partition("-")[0].partition("+")[0]
    return tuple(-int(number) for number in plain.split("."))


def _description(bundle: Json) -> Json:
    inline = [each["value"]["data"] for each in bundle["properties"] if each["type"] == "olm.bundle.object"]
    csv = next(each for each in map(json.loads, map(base64.b64decode, inline)) if each["kind"] == "ClusterServiceVersion")
    spec = csv["spec"]
    pods = [each["spec"]["template"]["spec"] for each in spec["install"]["spec"]["deployments"]]
    images = {container["image"] for pod in pods for container in pod["containers"]}
    images |= {each["image"] for each in spec.get("relatedImages", ())}
    return {
        **{shown: spec[key] for shown, key in CSV_FIELDS.items() if key in spec},
        "provider": {},
        "annotations": csv["metadata"].get("annotations", {}),
        "relatedImages": sorted(images),
    }
