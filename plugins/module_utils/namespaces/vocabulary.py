# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects and their fields in the words of the contract: which key asks for an object, and which for one of its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..common.quantities import exact
from ..common.write_findings import ObjectKey
from ..platform.identity.personas import ROLE_PREFIX
from . import check_list as checks
from .objects.core import LLM_MODELS, MODELS, NODE_SELECTOR, POD_SECURITY, STORAGE_CLASS
from .terms import (
    CLASSIFICATION,
    CONTACT,
    COST_CENTRE,
    EXPIRES,
    JURISDICTION,
    OWNER,
    OWNER_GROUP,
    OWNERS,
    PREFIX,
    SHARED_PREFIX,
    TICKET,
)

Keys = tuple[str, ...]
"""Keys that lead to a field of an object."""

_WHOLE: Final[Mapping[str, tuple[str, str]]] = {
    "Namespace": ("namespace", checks.LIFE),
    "ResourceQuota": ("quota", checks.BOUNDS),
    "LimitRange": ("containers", checks.BOUNDS),
    "NetworkPolicy": ("network", checks.BOUNDS),
    "UserDefinedNetwork": ("network.subnets", checks.BOUNDS),
    "ServiceAccount": ("service_accounts[{}]", checks.PEOPLE),
    "RoleBinding": ("personas[{}]", checks.PEOPLE),
    "LocalQueue": ("queue", checks.GRANTS),
    "ClusterQueue": ("accelerators", checks.GRANTS),
    "ClusterResourceQuota": ("accelerators", checks.GRANTS),
    "HardwareProfile": ("accelerators[{}]", checks.GRANTS),
    "PodMonitor": ("monitoring.pods[{}]", checks.SERVED),
    "ServiceMonitor": ("monitoring.services[{}]", checks.SERVED),
    "ConfigMap": ("data_sources", checks.SERVED),
}
"""Kind to the key that asks for it, and to the layer that it belongs to."""

_OF_NAMESPACE: Final[Mapping[str, str]] = {
    OWNER: "owner.name",
    COST_CENTRE: "owner.cost_centre",
    CLASSIFICATION: "classification",
    JURISDICTION: "jurisdiction.name",
    EXPIRES: "expires",
    OWNER_GROUP: "owner.group",
    CONTACT: "owner.contact",
    TICKET: "ticket",
    NODE_SELECTOR: "jurisdiction.regions",
    "openshift.io/display-name": "display_name",
    "openshift.io/description": "description",
}
_OF_QUOTA: Final[Mapping[str, str]] = {
    "requests.cpu": "quota.cpu",
    "requests.memory": "quota.memory_gib",
    "limits.cpu": "quota.cpu_limit",
    "limits.memory": "quota.memory_limit_gib",
    "requests.storage": "quota.storage_gib",
    "requests.ephemeral-storage": "quota.ephemeral_gib",
    "persistentvolumeclaims": "quota.volumes",
    "pods": "quota.pods",
    "services.loadbalancers": "quota.load_balancers",
    "services.nodeports": "quota.node_ports",
    MODELS: "quota.models",
    LLM_MODELS: "quota.models",
}
_ABSENT: Final = "nothing"
_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that says something else than the contract."""

    keys: Keys
    declared: str
    live: str

    @property
    def field(self) -> str:
        """For people, and for evidence: `spec.hard[requests.cpu]`."""
        text = ""
        for key in self.keys:
            text += f"[{key}]" if "." in key or "/" in key else f".{key}" if text else key
        return text


def layer_of(kind: str) -> str:
    """Layer of an object of that kind."""
    return _WHOLE[kind][1] if kind in _WHOLE else checks.SERVED


def path_of(key: ObjectKey) -> str:
    """The key of the contract that asks for an object, such as `personas[ml_engineer]`."""
    path = _WHOLE[key.kind][0] if key.kind in _WHOLE else ""
    name = key.name.removeprefix(ROLE_PREFIX) if key.kind == "RoleBinding" else key.name
    if key.kind == "NetworkPolicy" and name.startswith(egress := f"{PREFIX}egress-"):
        return f"network.egress[{name.removeprefix(egress)}]"
    return path.format(name)


def part_of(key: ObjectKey) -> str:
    """The namespace, or the owner, that an object belongs to."""
    if key.namespace:
        return key.namespace
    if key.kind == "Namespace":
        return key.name
    return f"{OWNERS}.{key.name.removeprefix(SHARED_PREFIX)}"


def key_for(kind: str, path: str, keys: Keys) -> str:
    """The key of the contract that says what a field has to be; `path` is that of the object."""
    if kind == "Namespace" and len(keys) > 2 and keys[0] == "metadata":
        return "pod_security" if keys[2].startswith(POD_SECURITY) else _OF_NAMESPACE.get(keys[2], path)
    if kind == "ResourceQuota" and keys[:2] == ("spec", "hard") and len(keys) > 2:
        name = keys[2]
        if name.endswith(STORAGE_CLASS):
            return f"quota.storage_classes[{name.removesuffix(STORAGE_CLASS)}]"
        return _OF_QUOTA.get(name, "accelerators")
    if kind == "LocalQueue" and keys == ("spec", "stopPolicy"):
        return "queue.stop"
    return path


def differences(declared: Mapping[str, Any], live: Mapping[str, Any], keys: Keys = ()) -> Iterator[Difference]:
    """Fields of a declared object that the live one has otherwise; what others have beside it is theirs. Lists are told as wholes."""
    for key, value in declared.items():
        here = (*keys, str(key))
        found = live.get(key)
        if isinstance(value, Mapping) and isinstance(found, Mapping):
            yield from differences(value, found, here)
        elif isinstance(value, list) and isinstance(found, list):
            if value != found:
                yield _of_lists(here, value, found)
        elif value == [] and key not in live:
            # The server leaves out a list that is empty.
            continue
        elif value != found and not _is_same_quantity(here, value, found):
            yield Difference(here, _text(value), _ABSENT if key not in live else _text(found))


def _is_same_quantity(keys: Keys, value: object, found: object) -> bool:
    """Whether two texts are one amount: the server keeps 1024Gi as 1Ti."""
    if keys[0] != "spec" or not (isinstance(value, str) and isinstance(found, str)):
        return False
    amount = exact(value)
    return amount is not None and amount == exact(found)


def _of_lists(keys: Keys, declared: Sequence[object], live: Sequence[object]) -> Difference:
    """Two lists by what one has and the other has not; where that is nothing their order differs."""
    lacking, beside = [each for each in declared if each not in live], [each for each in live if each not in declared]
    if not (lacking or beside):
        return Difference(keys, _text(list(declared)), _text(list(live)))
    return Difference(keys, _text(lacking) if lacking else "nothing more", _text(beside) if beside else f"without {_text(lacking)}")


def _text(value: object) -> str:
    """A value in short."""
    if isinstance(value, Mapping):
        text = ", ".join(f"{key}: {_text(inner)}" for key, inner in value.items())
    elif isinstance(value, list):
        text = "; ".join(_text(each) for each in value) or "an empty list"
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
