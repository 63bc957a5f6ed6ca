# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the weights of a model come from: an image, an object store, a volume claim, and the internet only where that is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from ...common.findings import CheckFinding
from ..desired.model import ModelWanted, SecretRef
from ..prerequisites.secrets import secret_finding
from ..snapshot import PlatformSnapshot
from ..verdicts import failed, passed
from .check_list import MODEL_SECRET, MODEL_URI
from .objects import is_name

OCI, S3, PVC, HUB = "oci", "s3", "pvc", "hf"
SCHEMES: Final = (OCI, S3, PVC, HUB)
SECRET_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_S3_BUCKET", "AWS_S3_ENDPOINT")
"""Keys of a connection to an object store, as OpenShift AI reads them (opendatahub-operator, config/connectionAPI)."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A storage URI in its parts: `place` is the registry, the bucket or the claim, `path` what is behind it."""

    scheme: str
    place: str
    path: str


def weights_of(uri: str) -> Weights:
    """The parts of a storage URI; nothing is judged."""
    scheme, _mark, rest = uri.partition("://")
    place, _slash, path = rest.partition("/")
    return Weights(scheme, place, path.strip("/"))


def weights_findings(model: ModelWanted, subject: str, snapshot: PlatformSnapshot, path: str) -> list[CheckFinding]:
    """Whether the URI can be one, and whether the Secret for it is there."""
    weights = weights_of(model.uri)
    place = f"{path}.uri"
    if trouble := _trouble(weights, model):
        return [failed(MODEL_URI, subject, trouble, place)]
    found = [passed(MODEL_URI, subject, place)]
    if weights.scheme == S3:
        found.append(_secret(model, subject, snapshot, f"{path}.storage_secret"))
    return found


def is_usable(model: ModelWanted) -> bool:
    """Whether an object can be made of the URI."""
    return not _trouble(weights_of(model.uri), model)


def _trouble(weights: Weights, model: ModelWanted) -> str:
    if weights.scheme not in SCHEMES or "://" not in model.uri:
        return f"the scheme has to be one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}"
    if any(letter.isspace() for letter in model.uri):
        return "it holds a space"
    if weights.scheme == HUB and not model.online:
        return "hf:// fetches the weights from the internet, and the model does not say online: true"
    if "@" in weights.place:
        return "it holds a user: what is secret belongs into a Secret"
    if weights.scheme == PVC:
        return "" if is_name(weights.place) else "pvc:// needs the name of a volume claim"
    if not weights.place or not weights.path:
        return f"{weights.scheme}:// needs {'a bucket' if weights.scheme == S3 else 'a host or an owner'} and a path behind it"
    return ""


def _secret(model: ModelWanted, subject: str, snapshot: PlatformSnapshot, path: str) -> CheckFinding:
    if not model.storage_secret:
        return failed(MODEL_SECRET, subject, "s3:// needs a storage_secret with the access to the object store", path, refuses=True)
    secret = SecretRef(namespace=model.namespace, name=model.storage_secret)
    return replace(secret_finding(MODEL_SECRET, snapshot, secret, SECRET_KEYS, path), subject=subject)
