# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CustomResourceDefinitions of the shared test data: which there are, and how they get into a cluster."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tests.counterparts.cluster.client import Client, ClusterError, Json, condition, wait_until

CHECKOUT = Path(__file__).resolve().parents[3]
FOLDERS = ("crds", "crds-standins")
STANDINS = CHECKOUT / "tests" / "counterparts" / "olm" / "standins"
"""Definitions that the shared test data lacks: names, scope and versions only. `*` is without them."""
EVERY = "*"
VIRTUALIZATION = (
    "cdi.kubevirt.io",
    "config.openshift.io",
    "forklift.cdi.kubevirt.io",
    "forklift.konveyor.io",
    "hco.kubevirt.io",
    "instancetype.kubevirt.io",
    "k8s.cni.cncf.io",
    "k8s.ovn.org",
    "kubevirt.io",
    "nmstate.io",
    "operators.coreos.com",
    "project.openshift.io",
    "quota.openshift.io",
    "snapshot.storage.k8s.io",
)
"""What a cluster with OpenShift Virtualization and the migration toolkit serves, as far as target and plan read it."""
PLATFORM = (
    "amd.com",
    "argoproj.io",
    "config.openshift.io",
    "datasciencecluster.opendatahub.io",
    "deviceplugin.intel.com",
    "dscinitialization.opendatahub.io",
    "groups.user.openshift.io",
    "habanalabs.habana.ai",
    "hco.kubevirt.io",
    "imagecontentsourcepolicies.operator.openshift.io",
    "imageregistry.operator.openshift.io",
    "infrastructure.opendatahub.io",
    "kmm.sigs.x-k8s.io",
    "kueue.openshift.io",
    "kueue.x-k8s.io",
    "kubevirts.kubevirt.io",
    "machineconfiguration.openshift.io",
    "modelregistry.opendatahub.io",
    "nfd.k8s-sigs.io",
    "nfd.kubernetes.io",
    "nfd.openshift.io",
    "nvidia.com",
    "olm.operatorframework.io",
    "operators.coreos.com",
    "packages.operators.coreos.com",
    "podmonitors.monitoring.coreos.com",
    "prometheusrules.monitoring.coreos.com",
    "route.openshift.io",
    "services.platform.opendatahub.io",
    "servicemonitors.monitoring.coreos.com",
    "serving.kserve.io",
)
"""What a cluster with operators, accelerators and OpenShift AI serves, as far as the platform stage reads and writes it."""
PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
LOAD_SECONDS = 180.0


def shared_folder() -> Path:
    """Where the shared test data lies, whether it does or not."""
    return Path(os.environ.get("READINESS_SHARED", CHECKOUT.parent / "shared"))


def crds_available() -> bool:
    """Whether there are definitions to load."""
    return any((shared_folder() / folder).is_dir() for folder in FOLDERS)


def crd_files(groups: Sequence[str] = (EVERY,)) -> tuple[Path, ...]:
    """The files of these API groups, sorted; a single definition is named as itself (`plans.forklift.konveyor.io`), `*` is all.

    A name without a file is an error: a test that asked for it would test nothing.
    """
    found: dict[str, list[Path]] = {}
    for folder in (*(shared_folder() / each for each in FOLDERS), STANDINS):
        for path in sorted(folder.glob("*_*.yaml")):
            group, _underscore, plural = path.stem.partition("_")
            for name in (group, f"{plural}.{group}", *([] if folder == STANDINS else [EVERY])):
                found.setdefault(name, []).append(path)
    absent = [name for name in groups if name not in found]
    if absent:
        raise ClusterError(f"no definitions of {', '.join(absent)} in {shared_folder()}")
    return tuple(sorted({path for name in groups for path in found[name]}))


def load_crds(client: Client, files: Sequence[Path]) -> None:
    """Creates these definitions and waits until the server serves each of them."""
    for path in files:
        answer = client.request("POST", PATH, path.read_bytes(), "application/yaml")
        if answer.status >= 400:
            raise ClusterError(f"{path.name}: the API server answered {answer.status}: {answer.message}")
    wait_until(f"{len(files)} definitions are served", lambda: are_served(client, len(files)), LOAD_SECONDS)


def are_served(client: Client, count: int) -> bool:
    """Whether there are so many definitions, each one established and found by discovery in each of its versions."""
    found = established(client)
    if len(found) < count:
        return False
    wanted: dict[str, set[str]] = {}
    for each in found:
        spec = each["spec"]
        for version in spec["versions"]:
            if version["served"]:
                wanted.setdefault(f"/apis/{spec['group']}/{version['name']}", set()).add(spec["names"]["plural"])
    return all(plurals <= _discovered(client, path) for path, plurals in wanted.items())


def established(client: Client) -> list[Json]:
    """The definitions that the server has accepted in full."""
    return [each for each in client.get(PATH)["items"] if condition(each, "Established") == "True"]


def _discovered(client: Client, path: str) -> set[str]:
    answer = client.request("GET", path)
    return {each["name"] for each in answer.body.get("resources") or ()}
