# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of the cluster that contracts lean on and do not make: operators that work, a way to log in, Secrets, serving runtimes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ..common.findings import CheckFinding
from ..common.write_findings import MISSING, key_of, listed
from ..platform.accelerators.ready import JUDGES as OF_ACCELERATORS
from ..platform.accelerators.resources import vendor_of
from ..platform.identity.external_oidc import AUTHENTICATION, is_external
from ..platform.identity.login_readings import AUTHENTICATIONS, OAUTHS
from ..platform.openshift_ai.ready import JUDGES as OF_OPENSHIFT_AI
from ..platform.progress import READY
from ..platform.snapshot import Named, PlatformSnapshot
from ..platform.verdicts import failed, not_asked, passed, seen, unknown
from ..target.model import ABSENT, READ
from ..target.objects import maps_at, name_of, text_at
from . import check_list as checks
from .contract.model import Contract
from .judging import Scene
from .model import CLUSTER
from .objects.pull_secrets import DEFAULT

OPERANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "nvidia": ("clusterpolicies.nvidia.com",),
    "amd": ("deviceconfigs.amd.com",),
    "intel": ("gpudeviceplugins.deviceplugin.intel.com",),
    "gaudi": ("clusterpolicies.habanalabs.habana.ai", "deviceconfigs.habanalabs.habana.ai"),
}
"""Vendor to the lists whose objects say how its operator does."""

_JUDGES: Final = {**OF_ACCELERATORS, **OF_OPENSHIFT_AI}
KUEUES: Final = "kueues.kueue.openshift.io"
RUNTIMES: Final = "servingruntimes.serving.kserve.io"
CLUSTER_RUNTIMES: Final = "clusterservingruntimes.serving.kserve.io"
_PULL_KEYS: Final = (".dockerconfigjson", ".dockercfg")
_STORE_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_S3_ENDPOINT", "AWS_SECRET_ACCESS_KEY")
"""What a data connection of OpenShift AI to an object store has."""


def fact_findings(scene: Scene) -> list[CheckFinding]:
    """The findings on all of it."""
    found = [replace(each, part=CLUSTER) for each in (*_operators(scene), _login(scene.snapshot))]
    for contract in scene.kept:
        told = (*_secrets(contract, scene.snapshot), *_runtimes(contract, scene.snapshot))
        found += [replace(each, part=contract.namespace) for each in told]
    return found


# ---- the cluster -----------------------------------------------------------------------------------------------------


def _operators(scene: Scene) -> Iterator[CheckFinding]:
    """Of the vendors whose accelerators are granted, and of Kueue."""
    resources = {resource for grants in scene.plan.grants.values() for resource, _flavor in grants.by_flavor()}
    vendors = sorted({vendor_of(resource) for resource in resources} & OPERANDS.keys())
    lists = [(f"operator of {vendor}", OPERANDS[vendor]) for vendor in vendors]
    for subject, names in [*lists, ("operator of queues", (KUEUES,))]:
        yield _operator(subject, names, scene.snapshot)


def _operator(subject: str, names: Sequence[str], snapshot: PlatformSnapshot) -> CheckFinding:
    if not snapshot.known(*names):
        return unknown(checks.OPERATOR, subject, snapshot.why_not(*names))
    items = [item for name in names for item in snapshot.all(name)]
    if not items:
        return not_asked(checks.OPERATOR, subject, "nothing of it is configured by an operator of OpenShift's catalogs")
    for item in items:
        progress = _JUDGES[key_of(item).group, text_at(item, "kind")](item, snapshot)
        if progress.state != READY:
            text = f"{text_at(item, 'kind')} {name_of(item)}"
            words = ": ".join(filter(None, (f"{text} is not ready", progress.reason, progress.words)))
            return failed(checks.OPERATOR, subject, words, evidence=seen(text, progress.field, progress.reason, READY))
    return passed(checks.OPERATOR, subject)


def _login(snapshot: PlatformSnapshot) -> CheckFinding:
    subject = "identity providers"
    if not snapshot.known(OAUTHS, AUTHENTICATIONS):
        return unknown(checks.LOGIN, subject, snapshot.why_not(OAUTHS, AUTHENTICATIONS))
    if is_external(snapshot.get(AUTHENTICATIONS, "", AUTHENTICATION.name)):
        return passed(checks.LOGIN, subject, message="an external issuer logs people in")
    if all(snapshot.listed[name].state == ABSENT for name in (OAUTHS, AUTHENTICATIONS)):
        return not_asked(checks.LOGIN, subject, "the cluster has neither: how people log in is not for it to say")
    names = [text_at(each, "name") for item in snapshot.all(OAUTHS) for each in maps_at(item, "spec.identityProviders")]
    if names:
        return passed(checks.LOGIN, subject, message=listed(names))
    return failed(checks.LOGIN, subject, "no identity provider is configured: nobody of the contracts can log in", state=MISSING)


# ---- one namespace ---------------------------------------------------------------------------------------------------


def secrets_to_read(contracts: Sequence[Contract], snapshot: PlatformSnapshot) -> list[Named]:
    """Secrets that contracts name, in namespaces that are there: each is read by its name, for the names of its keys."""
    there = {name_of(item) for item in snapshot.all("namespaces")}
    return [_ref(each, name) for each in contracts if each.namespace in there for name, _path, _keys in _named(each)]


def _ref(contract: Contract, name: str) -> Named:
    return Named("v1", "Secret", contract.namespace, name)


def _named(contract: Contract) -> list[tuple[str, str, tuple[str, ...]]]:
    """Secrets with their places, and the keys of which a pull secret has one and an object store all."""
    found: list[tuple[str, str, tuple[str, ...]]] = [(name, "images.pull_secrets", _PULL_KEYS) for name in contract.images.pull_secrets]
    for account in contract.service_accounts:
        if account.name != DEFAULT:
            found += [(name, f"service_accounts[{account.name}].pull_secrets", _PULL_KEYS) for name in account.pull_secrets]
    if contract.serving is not None and contract.serving.object_store:
        found.append((contract.serving.object_store, "serving.object_store", _STORE_KEYS))
    return list({name: (name, path, keys) for name, path, keys in reversed(found)}.values())


def _secrets(contract: Contract, snapshot: PlatformSnapshot) -> Iterator[CheckFinding]:
    if snapshot.known("namespaces") and snapshot.get("namespaces", "", contract.namespace) is None:
        return
    for name, path, keys in sorted(_named(contract)):
        subject = f"Secret {contract.namespace}/{name}"
        read = snapshot.named(_ref(contract, name))
        has = [key for key in keys if key in read.keys]
        if read.state == ABSENT:
            yield failed(checks.SECRET, subject, "it is not there", path, MISSING)
        elif read.state != READ:
            yield unknown(checks.SECRET, subject, read.reason, path)
        elif not has or (keys is _STORE_KEYS and len(has) < len(keys)):
            lacks = "has none of the keys" if not has else "lacks"
            words = listed([key for key in keys if key not in has])
            yield failed(
                checks.SECRET, subject, f"it {lacks} {words}", path, evidence=seen(subject, "keys", listed(read.keys), listed(keys))
            )
        else:
            yield passed(checks.SECRET, subject, path)


def _runtimes(contract: Contract, snapshot: PlatformSnapshot) -> Iterator[CheckFinding]:
    for number, name in enumerate(contract.serving.runtimes if contract.serving is not None else ()):
        subject, path = f"serving runtime {name} of {contract.namespace}", f"serving.runtimes[{number}]"
        if not snapshot.known(RUNTIMES, CLUSTER_RUNTIMES):
            yield unknown(checks.RUNTIME, subject, snapshot.why_not(RUNTIMES, CLUSTER_RUNTIMES), path)
        elif snapshot.get(RUNTIMES, contract.namespace, name) is None and snapshot.get(CLUSTER_RUNTIMES, "", name) is None:
            words = f"there is neither a ServingRuntime {name} in the namespace nor a ClusterServingRuntime"
            yield failed(checks.RUNTIME, subject, words, path, MISSING)
        else:
            yield passed(checks.RUNTIME, subject, path)
