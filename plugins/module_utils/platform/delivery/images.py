# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images and who signed them: which ones a policy covers, which ones run without, and the policies that the document asks for.

A policy goes by the name that a pod asks for, wherever the image is pulled from: a scope that names the mirror covers nothing
(config.openshift.io/v1 ClusterImagePolicy, spec.scopes; containers-policy.json, section docker).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...common.findings import INFORMATION, CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import FAIL, MISSING, OWN, PASS, listed
from ...target.model import ABSENT, READ
from ...target.objects import at, id_of, name_of, namespace_of, text_at, texts_at, true_conditions
from ..desired.delivery import EXACT_REPOSITORY, REMAP, Delivery, ImagePolicyWanted, PublicKeyFrom
from ..desired.delivery_rules import wider_scopes
from ..olm.mirrors import mirrors_of
from ..parts import CLUSTER_WIDE, WantedObject
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import not_asked
from . import check_list as checks
from .readings import CLUSTER_POLICIES, MIRROR_SETS, NAMESPACES, POLICIES
from .scope import MOST_EVIDENCE, Look, Verdict, absent, fails, finding_of, holds, nobody_knows

API_VERSION: Final = "config.openshift.io/v1"
BEGIN: Final = "-----BEGIN PUBLIC KEY-----"
END: Final = "-----END PUBLIC KEY-----"
LONGEST_KEY: Final = 8192
"""Bytes of keyData in the CRD."""

_PATH: Final = "delivery.images"
_DOCKER_HOSTS: Final = ("docker.io", "index.docker.io")
_DIGEST: Final = "@sha256:"


# ---- names of images -------------------------------------------------------------------------------------------------


def full_name(image: str) -> str:
    """An image's name as policies compare it, with tag or digest; empty where it does not say from which registry it comes."""
    name, _at, digest = image.partition("@")
    host, slash, path = name.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        return ""
    repository, colon, tag = path.rpartition(":")
    repository = repository if colon else path
    if host in _DOCKER_HOSTS:
        host, repository = _DOCKER_HOSTS[0], repository if "/" in repository else f"library/{repository}"
    return f"{host}/{repository}@{digest}" if digest else f"{host}/{repository}:{tag if colon else 'latest'}"


def repository_of(name: str) -> str:
    """A full name without tag and digest."""
    name = name.partition("@")[0]
    head, _slash, last = name.rpartition("/")
    return f"{head}/{last.partition(':')[0]}"


# ---- what policies cover ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Policies:
    """Scopes of the policies that are in effect, each with the policy in words."""

    everywhere: Mapping[str, str] = field(default_factory=dict)
    by_namespace: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def covering(self, name: str, namespace: str = "") -> str:
        """The policy that covers a scope or the full name of an image; empty where none does. One of the cluster goes before."""
        for scopes in (self.everywhere, self.by_namespace.get(namespace, {})):
            for scope in wider_scopes(name):
                if scope in scopes:
                    return scopes[scope]
        return ""


def policies_of(snapshot: PlatformSnapshot) -> Policies:
    """The policies that are in effect: one that is pending is not."""
    everywhere: dict[str, str] = {}
    by_namespace: dict[str, dict[str, str]] = {}
    for item in snapshot.all(CLUSTER_POLICIES):
        if not is_pending(item):
            everywhere.update(dict.fromkeys(texts_at(item, "spec.scopes"), f"ClusterImagePolicy {name_of(item)}"))
    for item in snapshot.all(POLICIES):
        if not is_pending(item):
            found = dict.fromkeys(texts_at(item, "spec.scopes"), f"ImagePolicy {id_of(item)}")
            by_namespace.setdefault(namespace_of(item), {}).update(found)
    return Policies(everywhere, by_namespace)


def is_pending(item: ApiObject) -> bool:
    """Whether a policy says of itself that it cannot take effect."""
    return "Pending" in true_conditions(item)


# ---- findings --------------------------------------------------------------------------------------------------------


def image_findings(look: Look) -> list[CheckFinding]:
    """Everything about images and their signatures."""
    return [*_effective(look), *_signed(look), *_running(look), *_by_digest(look)]


def _effective(look: Look) -> Iterator[CheckFinding]:
    for number, each in enumerate(look.wanted.images.policies if look.wanted.images else ()):
        resource, path, subject = resource_of(each), policy_path(number), policy_subject(each)
        if not look.is_served(resource):
            yield absent(checks.EFFECTIVE, subject, subject.partition(" ")[0], path)
        elif not look.snapshot.known(resource, CLUSTER_POLICIES):
            yield finding_of(checks.EFFECTIVE, subject, nobody_knows(look.snapshot.why_not(resource, CLUSTER_POLICIES)), path)
        elif (item := look.snapshot.get(resource, each.namespace, each.name)) is not None:
            yield finding_of(checks.EFFECTIVE, subject, _takes_effect(look, each, item), path)


def _takes_effect(look: Look, wanted: ImagePolicyWanted, item: ApiObject) -> Verdict:
    if is_pending(item):
        words = text_at(true_conditions(item)["Pending"], "message")
        return fails(f"it cannot take effect{f': {words}' if words else ''}", "status.conditions[Pending]", "True", "False")
    everywhere = Policies(policies_of(look.snapshot).everywhere)
    above = {scope: found for scope in wanted.scopes if wanted.namespace and (found := everywhere.covering(scope))}
    if above:
        words = listed([f"{scope} is covered by {found}" for scope, found in above.items()])
        return fails(f"the policy of the cluster goes before: {words}", "spec.scopes", ", ".join(above), "no scope of a ClusterImagePolicy")
    return holds()


def _signed(look: Look) -> Iterator[CheckFinding]:
    policies = policies_of(look.snapshot)
    for number, scope in enumerate(look.wanted.images.signed if look.wanted.images else ()):
        path, subject = f"{_PATH}.signed[{number}]", f"images of {scope}"
        if not look.is_served(CLUSTER_POLICIES) and not look.is_served(POLICIES):
            yield absent(checks.SIGNED, subject, "image policies", path)
        else:
            yield finding_of(checks.SIGNED, subject, _scope_verdict(look, policies, scope), path)


def _scope_verdict(look: Look, policies: Policies, scope: str) -> Verdict:
    if found := policies.covering(scope):
        return holds(f"{found} covers it")
    if not look.snapshot.known(CLUSTER_POLICIES, POLICIES):
        return nobody_knows(look.snapshot.why_not(CLUSTER_POLICIES, POLICIES))
    meant = [name_of(item) for item in look.namespaces()]
    bare = [name for name in meant if not policies.covering(scope, name)]
    if meant and not bare and look.snapshot.known(NAMESPACES):
        return holds(f"an ImagePolicy covers it in {listed(meant)}")
    inside = sorted(known for known in policies.everywhere if scope in wider_scopes(known))
    words = f"no policy covers it{f' in {listed(bare)}' if bare and len(bare) < len(meant) else ''}"
    if inside:
        words += f"; only {listed(inside)} of it is covered"
    comes = [policy_subject(each) for each in (look.wanted.images.policies if look.wanted.images else ()) if _writes(each, scope)]
    if comes:
        words += f"; {listed(comes)} of this document is to cover it"
    return fails(words, "spec.scopes of image policies", ", ".join(inside) or "none", scope, MISSING)


def _writes(wanted: ImagePolicyWanted, scope: str) -> bool:
    return not wanted.namespace and any(wider in wanted.scopes for wider in wider_scopes(scope))


# ---- what runs -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Running:
    """An image that pods of a namespace name."""

    namespace: str
    image: str
    pods: int


def running_images(look: Look) -> list[Running]:
    """The images that run in the namespaces meant."""
    found = look.images.pods if look.images else {}
    return sorted(
        Running(namespace, image, pods) for namespace, images in found.items() if look.means(namespace) for image, pods in images.items()
    )


def _why_no_look(look: Look, asked: bool) -> tuple[str, str]:
    """Why images that run are not looked at: that it does not apply, or that nobody knows; both empty where they are."""
    if not look.wanted.namespaces:
        return "the document means no namespaces", ""
    if not asked and not look.is_served(CLUSTER_POLICIES) and not look.is_served(POLICIES):
        return "the cluster has no image policies, and the document asks for none", ""
    return "", "" if look.images is not None else look.snapshot.why_not("pods") or "which images run is not known"


def _running(look: Look) -> Iterator[CheckFinding]:
    wanted = look.wanted.images is not None and look.wanted.images.running_signed
    path, severity = (f"{_PATH}.running_signed", checks.RUNNING.severity) if wanted else ("", INFORMATION)
    subject = "images that run"
    needless, reason = _why_no_look(look, wanted)
    if needless:
        yield not_asked(checks.RUNNING, subject, needless)
        return
    if not look.is_served(CLUSTER_POLICIES) and not look.is_served(POLICIES):
        yield absent(checks.RUNNING, subject, "image policies", path)
        return
    reason = reason or look.snapshot.why_not(CLUSTER_POLICIES, POLICIES)
    if reason:
        yield finding_of(checks.RUNNING, subject, nobody_knows(reason), path, severity)
        return
    yield from _by_registry(look, path, severity)


def _by_registry(look: Look, path: str, severity: str) -> Iterator[CheckFinding]:
    """One finding for each registry that images come from, and one for images that do not say which."""
    policies = policies_of(look.snapshot)
    by_host: dict[str, list[Running]] = {}
    for each in running_images(look):
        by_host.setdefault(full_name(each.image).partition("/")[0], []).append(each)
    if not by_host:
        yield finding_of(checks.RUNNING, "images that run", holds("no pod runs in the namespaces meant"), path, severity)
    for host, found in sorted(by_host.items()):
        if not host:
            reason = f"{listed(sorted({each.image for each in found}))} do not say from which registry they come"
            yield finding_of(checks.RUNNING, "images without a registry", nobody_knows(reason), path, severity)
            continue
        gaps = [each for each in found if not policies.covering(full_name(each.image), each.namespace)]
        subject = f"images from {host}"
        if not gaps:
            yield finding_of(checks.RUNNING, subject, holds(f"a policy covers all {len(found)} of them"), path, severity)
            continue
        repositories = sorted({repository_of(full_name(each.image)) for each in gaps})
        message = f"no policy covers {len(gaps)} of {len(found)}: {listed(repositories)}"
        evidence = tuple(_gap(look, policies, each) for each in gaps[:MOST_EVIDENCE])
        yield checks.RUNNING.finding(subject, "missing", FAIL, message=message, path=path, severity=severity, evidence=evidence)


def _gap(look: Look, policies: Policies, each: Running) -> Evidence:
    name = full_name(each.image)
    observed = f"{each.pods} pods, no policy"
    sets = [item for resource in MIRROR_SETS for item in look.snapshot.all(resource)]
    for mirrored in mirrors_of([name], sets):
        if mirrored.mirror and (by := policies.covering(mirrored.mirror, each.namespace)):
            observed += f"; {by} covers its mirror {mirrored.mirror} only"
    return Evidence(f"{each.image} in {each.namespace}", "spec.scopes of image policies", observed, repository_of(name))


def _by_digest(look: Look) -> Iterator[CheckFinding]:
    wanted = look.wanted.images is not None and look.wanted.images.by_digest
    path, severity = (f"{_PATH}.by_digest", checks.DIGEST.severity) if wanted else ("", INFORMATION)
    subject = "images that run"
    if not look.wanted.namespaces:
        yield not_asked(checks.DIGEST, subject, "the document means no namespaces")
        return
    if look.images is None:
        reason = look.snapshot.why_not("pods") or "which images run is not known"
        yield finding_of(checks.DIGEST, subject, nobody_knows(reason), path, severity)
        return
    found = running_images(look)
    tagged = sorted({each.image for each in found if _DIGEST not in each.image})
    verdict = holds(f"{len(found)} images")
    if tagged:
        verdict = fails(
            f"{len(tagged)} images are named by tag: {listed(tagged)}", "spec of Pods", ", ".join(tagged[:MOST_EVIDENCE]), "a digest"
        )
    yield finding_of(checks.DIGEST, subject, verdict, path, severity)


# ---- the policies that are written -----------------------------------------------------------------------------------


def key_refs(wanted: Delivery) -> tuple[Named, ...]:
    """ConfigMaps with public keys, to be read by name."""
    found = [each.public_key_from for each in (wanted.images.policies if wanted.images else ())]
    return tuple(sorted({_config_map(each) for each in found if each is not None}))


def policy_objects(look: Look) -> tuple[list[WantedObject], list[CheckFinding]]:
    """The policies of the document, and what is found about their keys.

    A policy whose key is not there is left out, and the plan says so: it is not one that is wanted no more.
    """
    objects: list[WantedObject] = []
    findings: list[CheckFinding] = []
    for number, each in enumerate(look.wanted.images.policies if look.wanted.images else ()):
        if not look.is_served(resource_of(each)):
            continue
        data, verdict = _key_data(look, each)
        if each.public_key_from is not None:
            findings.append(finding_of(checks.POLICY_KEY, policy_subject(each), verdict, policy_path(number)))
        if verdict.result == PASS:
            objects.append(WantedObject(policy_object(each, data), checks.PART, checks.LAYER, policy_path(number), CLUSTER_WIDE, OWN))
    return objects, findings


def policy_object(wanted: ImagePolicyWanted, key_data: str) -> ApiObject:
    """The ClusterImagePolicy or ImagePolicy; `key_data` is the PEM in base64."""
    key: dict[str, Any] = {"keyData": key_data, **({"rekorKeyData": wanted.rekor_key} if wanted.rekor_key else {})}
    identity: dict[str, Any] = {"matchPolicy": wanted.match}
    if wanted.match == EXACT_REPOSITORY:
        identity["exactRepository"] = {"repository": wanted.repository}
    if wanted.match == REMAP:
        identity["remapIdentity"] = {"prefix": wanted.prefix, "signedPrefix": wanted.signed_prefix}
    policy = {"rootOfTrust": {"policyType": "PublicKey", "publicKey": key}, "signedIdentity": identity}
    place = {"namespace": wanted.namespace} if wanted.namespace else {}
    return {
        "apiVersion": API_VERSION,
        "kind": policy_subject(wanted).partition(" ")[0],
        "metadata": {"name": wanted.name, **place},
        "spec": {"scopes": list(wanted.scopes), "policy": policy},
    }


def _key_data(look: Look, wanted: ImagePolicyWanted) -> tuple[str, Verdict]:
    source = wanted.public_key_from
    if source is None:
        return wanted.public_key, holds()
    ref = _config_map(source)
    read = look.snapshot.named(ref)
    if read.state == ABSENT:
        return "", fails(f"there is no {ref.text}", ref.text, "it is not there", f"the key {source.entry}", MISSING)
    if read.state != READ:
        return "", nobody_knows(read.reason)
    data = at(read.object, "data") or {}
    pem = data.get(source.entry)
    if not isinstance(pem, str):
        return "", fails(f"{ref.text} has no {source.entry}", "data", ", ".join(sorted(data)) or "no keys", source.entry, MISSING)
    pem = pem.strip()
    if trouble := trouble_with_pem(pem):
        return "", fails(f"{source.entry} of {ref.text} {trouble}", "data", "something else", BEGIN)
    return b64encode(f"{pem}\n".encode()).decode("ascii"), holds()


def trouble_with_pem(pem: str) -> str:
    """What keeps a text from being a public key, without the text; empty for nothing."""
    if "PRIVATE KEY" in pem:
        return "holds a private key: take it out, and make a new pair"
    if not (pem.startswith(BEGIN) and pem.endswith(END)):
        return f"is no PEM of one public key: it has to begin with {BEGIN} and to end with {END}"
    try:
        b64decode("".join(pem[len(BEGIN) : -len(END)].split()), validate=True)
    except NotBase64:
        return "is no PEM of one public key: what it holds is not base64"
    return "is too long" if len(pem) + 1 > LONGEST_KEY * 3 // 4 else ""


def resource_of(wanted: ImagePolicyWanted) -> str:
    """The list that the policy is in."""
    return POLICIES if wanted.namespace else CLUSTER_POLICIES


def policy_subject(wanted: ImagePolicyWanted) -> str:
    """The policy for people."""
    return f"ImagePolicy {wanted.namespace}/{wanted.name}" if wanted.namespace else f"ClusterImagePolicy {wanted.name}"


def policy_path(number: int) -> str:
    """Its place in the document."""
    return f"{_PATH}.policies[{number}]"


def _config_map(source: PublicKeyFrom) -> Named:
    return Named("v1", "ConfigMap", source.namespace, source.name)
