# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where images and weights of models come from: which hosts a node asks for an image, mirrors and their policy reckoned in.

Mirrors are asked first, and their source after them, unless one of the sets that name the nearest source says NeverContactSource
(config.openshift.io/v1 ImageDigestMirrorSet, mirrorSourcePolicy; that set wins over others of the same source, as the Machine Config
Operator merges them). Sets of digests are for references by digest, those of tags for references by tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING, listed
from ...platform.checks import Check
from ...platform.delivery.images import full_name
from ...platform.delivery.readings import MIRROR_SETS, PODS
from ...platform.olm.mirrors import covers
from ...platform.verdicts import failed, not_asked, passed, seen, unknown
from ...target.objects import id_of, map_at, maps_at, name_of, text_at, texts_at
from ..contract.model import Contract
from . import checks
from .hosts import Bounds, host_of
from .look import INFERENCE_SERVICES, LLM_SERVICES, Look

DIGEST_SETS: Final[Mapping[str, str]] = {
    "imagedigestmirrorsets.config.openshift.io": "spec.imageDigestMirrors",
    "imagecontentsourcepolicies.operator.openshift.io": "spec.repositoryDigestMirrors",
}
TAG_SETS: Final[Mapping[str, str]] = {"imagetagmirrorsets.config.openshift.io": "spec.imageTagMirrors"}
NEVER: Final = "NeverContactSource"
HUGGING_FACE: Final = "huggingface.co"
_HOSTS_OF_SCHEMES: Final[Mapping[str, str]] = {"hf": HUGGING_FACE, "gs": "storage.googleapis.com"}
"""Schemes of weights that mean one host (KServe, storage initializer)."""

_WITH_HOSTS: Final = ("http", "https", "oci", "docker")
_WITHIN: Final = ("pvc",)


@dataclass(frozen=True, slots=True)
class Mirror:
    """One source of a mirror set."""

    source: str
    mirrors: tuple[str, ...]
    never: bool
    """whether the source itself is never asked"""


@dataclass(frozen=True, slots=True)
class Mirrors:
    """All mirrors of a cluster, for references by digest and by tag."""

    by_digest: tuple[Mirror, ...] = ()
    by_tag: tuple[Mirror, ...] = ()
    unknown: str = ""
    """why they are not known; empty where they are"""

    def asked_for(self, image: str) -> list[str]:
        """The hosts that a node asks for an image, in its order; `image` is its name with registry, tag or digest."""
        found = [each for each in (self.by_digest if "@" in image else self.by_tag) if covers(each.source, image)]
        nearest = max((len(each.source) for each in found), default=0)
        chosen = [each for each in found if len(each.source) == nearest]
        hosts = [host_of(mirror) for each in chosen for mirror in each.mirrors]
        if not any(each.never for each in chosen):
            hosts.append(host_of(image))
        return list(dict.fromkeys(hosts))


def mirrors_of(look: Look) -> Mirrors:
    """The mirrors that the cluster has."""
    if not look.snapshot.known(*MIRROR_SETS):
        return Mirrors(unknown=look.snapshot.why_not(*MIRROR_SETS))
    return Mirrors(tuple(_mirrors(look, DIGEST_SETS)), tuple(_mirrors(look, TAG_SETS)))


def _mirrors(look: Look, sets: Mapping[str, str]) -> Iterator[Mirror]:
    for resource, path in sets.items():
        for item in look.snapshot.all(resource):
            for entry in maps_at(item, path):
                source = text_at(entry, "source")
                # One that only repeats its source is no mirror, and its policy has no effect.
                if real := tuple(mirror for mirror in texts_at(entry, "mirrors") if mirror != source):
                    yield Mirror(source, real, text_at(entry, "mirrorSourcePolicy") == NEVER)


# ---- images that pods run --------------------------------------------------------------------------------------------


def image_findings(contract: Contract, bounds: Bounds, look: Look, mirrors: Mirrors) -> Iterator[CheckFinding]:
    """Images that pods of the namespace run, each that leaks in a finding."""
    subject = f"images of {contract.namespace}"
    if look.snapshot.images is None:
        yield unknown(checks.IMAGES, subject, look.snapshot.why_not(PODS) or "pods could not be read")
        return
    if mirrors.unknown:
        yield unknown(checks.IMAGES, subject, f"which mirrors are asked is not known: {mirrors.unknown}")
        return
    images = look.snapshot.images.pods.get(contract.namespace, {})
    found = [each for image in sorted(images) if (each := _image(image, bounds, mirrors)) is not None]
    yield from found
    if not found:
        yield passed(checks.IMAGES, subject, message=f"{len(images)} images")


def _image(image: str, bounds: Bounds, mirrors: Mirrors) -> CheckFinding | None:
    subject, name = f"image {image}", full_name(image)
    if not name:
        reason = f"{image} names no registry: each node decides which one is asked"
        return unknown(checks.IMAGES, subject, reason, remedy="name the registry in the pod")
    outside = [host for host in mirrors.asked_for(name) if not bounds.holds(host)]
    return _asked_outside(checks.IMAGES, subject, image, outside, bounds, "") if outside else None


def _asked_outside(check: Check, subject: str, what: str, outside: Sequence[str], bounds: Bounds, path: str) -> CheckFinding:
    evidence = seen(what, "hosts that are asked", ", ".join(outside), bounds.hosts_in_words)
    return failed(check, subject, f"{listed(outside)}, outside {bounds.name}, is asked for {what}", path, evidence=evidence)


# ---- registries of the contract --------------------------------------------------------------------------------------


def registry_findings(contract: Contract, bounds: Bounds, mirrors: Mirrors) -> Iterator[CheckFinding]:
    """Registries that the contract names, whether something runs from there or not."""
    path = "images.registries"
    if not contract.images.registries:
        subject = f"registries of {contract.namespace}"
        message = f"images of {contract.namespace} may come from any registry, and its work has to stay in {bounds.name}"
        yield failed(checks.ANY_REGISTRY, subject, message, path, MISSING)
        return
    yield passed(checks.ANY_REGISTRY, f"registries of {contract.namespace}", path)
    for number, registry in enumerate(contract.images.registries):
        subject, place = f"registry {registry}", f"{path}[{number}]"
        if mirrors.unknown:
            yield unknown(checks.REGISTRIES, subject, f"which mirrors are asked is not known: {mirrors.unknown}", place)
            continue
        asked = dict.fromkeys((*mirrors.asked_for(f"{registry}@sha256"), *mirrors.asked_for(f"{registry}:tag")))
        outside = [host for host in asked if not bounds.holds(host)]
        if outside:
            yield _asked_outside(checks.REGISTRIES, subject, registry, outside, bounds, place)
        else:
            yield passed(checks.REGISTRIES, subject, place)


# ---- weights of models -----------------------------------------------------------------------------------------------


def model_findings(contract: Contract, bounds: Bounds, look: Look) -> Iterator[CheckFinding]:
    """Where models that are served in the namespace load their weights from."""
    subject, needed = f"models of {contract.namespace}", (INFERENCE_SERVICES, LLM_SERVICES)
    if not look.snapshot.known(*needed):
        yield unknown(checks.MODELS, subject, look.snapshot.why_not(*needed))
        return
    models = sorted(look.models.get(contract.namespace, ()), key=id_of)
    found = [each for item in models for uri in weights_of(item) if (each := _weights(item, uri, bounds)) is not None]
    yield from found
    if not found:
        yield (
            passed(checks.MODELS, subject, message=f"{len(models)} models")
            if models
            else not_asked(checks.MODELS, subject, "none is served")
        )


def weights_of(item: ApiObject) -> list[str]:
    """The URIs of the weights that a model loads."""
    parts = [map_at(item, "spec.model"), *(part for part in map_at(item, "spec.predictor").values() if part.__class__ is dict)]
    uris = [text_at(part, key) for part in parts for key in ("uri", "storageUri")]
    adapters = maps_at(item, "spec.model.lora.adapters")
    nested = maps_at(item, "spec.predictor.model.storageUris")
    return _texts([*uris, *(text_at(each, "uri") for each in (*adapters, *nested))])


def _texts(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, texts)))


def _weights(item: ApiObject, uri: str, bounds: Bounds) -> CheckFinding | None:
    scheme, _mark, rest = uri.partition("://")
    subject = f"weights {uri} of {text_at(item, 'kind')} {id_of(item)}"
    if scheme in _WITHIN:
        return None
    host = _HOSTS_OF_SCHEMES.get(scheme) or (host_of(rest) if scheme in _WITH_HOSTS else "")
    if not host:
        reason = f"{uri} does not say which host it is loaded from"
        return unknown(checks.MODELS, subject, reason, remedy="see the Secret of its object store for the endpoint")
    if bounds.holds(host):
        return None
    evidence = seen(f"{text_at(item, 'kind')} {id_of(item)}", "URI of its weights", uri, bounds.hosts_in_words)
    return failed(checks.MODELS, subject, f"{name_of(item)} loads its weights from {host}, outside {bounds.name}", evidence=evidence)
