# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the section `delivery` cannot mean: rules that no single value breaks, and what the API takes and nodes then refuse."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Sequence
from typing import Final

from .cron import trouble_with_cron
from .delivery import (
    EXACT_REPOSITORY,
    FROM_REGISTRIES,
    REMAP,
    Delivery,
    GatesWanted,
    GitOpsWanted,
    ImageGateWanted,
    ImagePolicyWanted,
    ImagesWanted,
    SyncWindowWanted,
)
from .keys import LABEL_VALUE, NAME_LABEL
from .rules import Fault, fault, is_of_the_system, used_twice
from .shape import Path

MOST_SCOPES: Final = 256
SYSTEM_IMAGES: Final = ("quay.io/openshift-release-dev/ocp-release", "quay.io/openshift-release-dev/ocp-v4.0-art-dev")
"""Images of OpenShift itself, as its ClusterImagePolicy type names them: a node that refuses them cannot be upgraded or joined."""

_BEGIN: Final = "-----BEGIN PUBLIC KEY-----"
_HOST: Final = r"(localhost|[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)+)(:[0-9]+)?"
_PART: Final = r"/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*"
_REPOSITORY: Final = re.compile(rf"{_HOST}({_PART})*")
_SCOPE: Final = re.compile(rf"{_HOST}(({_PART})+(:\w[\w.-]{{0,127}})?(@[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{{32,}})?)?")
_WILDCARD: Final = re.compile(r"\*(\.[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)+")
_LABEL_KEY: Final = re.compile(rf"([a-z0-9]([-.a-z0-9]{{0,251}}[a-z0-9])?/)?{LABEL_VALUE}")
_LABEL_VALUE: Final = re.compile(rf"({LABEL_VALUE})?")
_SCOPE_REMEDY: Final = "write a host with a dot, host/repository, an image with its tag or digest, or *.example.com"
_IMAGES: Path = ("delivery", "images")


def delivery_faults(section: Delivery) -> Iterator[Fault]:
    """Every fault of the section."""
    if section.gitops:
        yield from _gitops(section.gitops, section.namespaces)
    names = [(("delivery", "pipelines", number, "name"), f"{each.namespace}/{each.name}") for number, each in enumerate(section.pipelines)]
    yield from used_twice(names)
    if section.images:
        yield from _images(section.images, section.namespaces)
    yield from _gates(section.gates)


def is_repository(text: str) -> bool:
    """Whether a text is a host, or host/repository, without tag and digest."""
    return _REPOSITORY.fullmatch(text) is not None


def wider_scopes(scope: str) -> Iterator[str]:
    """A scope and all that are above it, the nearest first: without digest, without tag, parents, host, wildcards of its domains.

    As nodes look for the policy of an image (containers/image, docker/policyconfiguration): a port belongs to the host, but
    wildcards leave it out.
    """
    yield scope
    name = scope.partition("@")[0]
    head, slash, last = name.rpartition("/")
    if slash and ":" in last:
        untagged = f"{head}/{last.partition(':')[0]}"
        if name != scope:
            yield name
        name = untagged
    if name != scope:
        yield name
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name
    domain = name.removeprefix("*.").partition(":")[0]
    while "." in domain:
        domain = domain.partition(".")[2]
        yield f"*.{domain}"


# ---- Argo CD, gates --------------------------------------------------------------------------------------------------


def _gitops(gitops: GitOpsWanted, namespaces: Sequence[str]) -> Iterator[Fault]:
    path: Path = ("delivery", "gitops")
    names = [((*path, "applications", number, "name"), f"{each.namespace}/{each.name}") for number, each in enumerate(gitops.applications)]
    yield from used_twice(names)
    if gitops.tracked and not namespaces:
        yield _no_namespaces((*path, "tracked"))


def _gates(gates: GatesWanted) -> Iterator[Fault]:
    path: Path = ("delivery", "gates")
    yield from used_twice(((*path, "admission", number, "name"), each.name) for number, each in enumerate(gates.admission))
    yield from used_twice(((*path, "image_gates", number, "name"), each.name) for number, each in enumerate(gates.image_gates))
    for number, gate in enumerate(gates.image_gates):
        yield from _image_gate((*path, "image_gates", number), gate)
    written = [each for each in gates.sync_windows if each.write]
    for number, window in enumerate(gates.sync_windows):
        yield from _sync_window((*path, "sync_windows", number), window, written)
    for number, approval in enumerate(gates.approvals):
        if not approval.before:
            yield fault((*path, "approvals", number, "before"), "is empty", "name the tasks that have to wait")


def _image_gate(path: Path, gate: ImageGateWanted) -> Iterator[Fault]:
    if gate.rule == FROM_REGISTRIES and not gate.registries:
        yield fault((*path, "registries"), "is empty: every pod would be refused", "name the registries that images come from")
    if gate.rule != FROM_REGISTRIES and gate.registries:
        yield fault((*path, "registries"), f"is given, and rule is {gate.rule}", f"leave it out, or set rule to {FROM_REGISTRIES}")
    yield from used_twice(((*path, "registries", number), each) for number, each in enumerate(gate.registries))
    for number, each in enumerate(gate.registries):
        if not is_repository(each):
            remedy = "write a host with a dot, or host/repository, without tag: registry.example.com/ai"
            yield fault((*path, "registries", number), f"is {each!r}, which is no registry or repository", remedy)
    place = (*path, "namespaces_labelled")
    if not gate.namespaces_labelled:
        yield fault(place, "is empty, which is every namespace of the cluster", "name the labels of the namespaces that it is meant for")
    for key, value in gate.namespaces_labelled.items():
        if not (_LABEL_KEY.fullmatch(key) and _LABEL_VALUE.fullmatch(value)):
            yield fault(place, f"has {key!r}: {value!r}, which is no label", "write it as the namespaces bear it")
    name = gate.namespaces_labelled.get(NAME_LABEL, "")
    if is_of_the_system(name):
        yield fault((*place, NAME_LABEL), f"is {name!r}, a namespace of the system", "name one of your own: the gate holds in no other")


def _sync_window(path: Path, window: SyncWindowWanted, written: Sequence[SyncWindowWanted]) -> Iterator[Fault]:
    if window.schedule and (trouble := trouble_with_cron(window.schedule)):
        yield fault((*path, "schedule"), trouble, "write five fields of cron, such as 0 22 * * *")
    if not window.write:
        return
    for name in ("schedule", "duration"):
        if not getattr(window, name):
            yield fault((*path, name), "is missing, and write is true", f"give the {name}")
    if window.duration and not any(digit in "123456789" for digit in window.duration):
        yield fault((*path, "duration"), f"is {window.duration!r}, which is no time at all", "give a time, such as 8h")
    same = [each for each in written if each.place == window.place and each.text == window.text]
    if same[0] is not window:
        yield fault(path, f"writes {window.text!r} into {window.place} a second time", "leave one of them out")


def _no_namespaces(path: Path) -> Fault:
    return fault(path, "is true, and delivery.namespaces is empty", "name the namespaces that are meant")


# ---- images ----------------------------------------------------------------------------------------------------------


def _images(images: ImagesWanted, namespaces: Sequence[str]) -> Iterator[Fault]:
    names = [((*_IMAGES, "policies", number, "name"), f"{each.namespace}/{each.name}") for number, each in enumerate(images.policies)]
    yield from used_twice(names)
    for name, asked in (("running_signed", images.running_signed), ("by_digest", images.by_digest)):
        if asked and not namespaces:
            yield _no_namespaces((*_IMAGES, name))
    for number, scope in enumerate(images.signed):
        yield from _scope((*_IMAGES, "signed", number), scope)
    for number, policy in enumerate(images.policies):
        path = (*_IMAGES, "policies", number)
        yield from _scopes(path, policy)
        yield from _keys(path, policy)
        yield from _identity(path, policy)
    yield from _nested(images.policies)


def _scope(path: Path, scope: str) -> Iterator[Fault]:
    if not (_SCOPE.fullmatch(scope) or _WILDCARD.fullmatch(scope)):
        yield fault(path, f"is {scope!r}, which is no scope of an image policy", _SCOPE_REMEDY)


def _scopes(path: Path, policy: ImagePolicyWanted) -> Iterator[Fault]:
    if not 0 < len(policy.scopes) <= MOST_SCOPES:
        yield fault((*path, "scopes"), f"has {len(policy.scopes)} scopes", f"give at least one and no more than {MOST_SCOPES}")
    yield from used_twice(((*path, "scopes", number), scope) for number, scope in enumerate(policy.scopes))
    for number, scope in enumerate(policy.scopes):
        place = (*path, "scopes", number)
        yield from _scope(place, scope)
        held = [system for system in SYSTEM_IMAGES if scope in wider_scopes(system) or system in wider_scopes(scope)]
        if held and not policy.system_signed_off_by:
            message = f"is {scope!r}, which holds {held[0]}: without a signature by this key nodes refuse the images of OpenShift itself"
            yield fault(place, message, "narrow the scope, or name in system_signed_off_by who answers for it")


def _keys(path: Path, policy: ImagePolicyWanted) -> Iterator[Fault]:
    if bool(policy.public_key) == (policy.public_key_from is not None):
        words = "are both given" if policy.public_key else "are both missing"
        yield fault(path, f"public_key and public_key_from {words}", "give one of them")
    for name, text in (("public_key", policy.public_key), ("rekor_key", policy.rekor_key)):
        if text and not _is_public_key(text):
            remedy = "give a PEM that begins with -----BEGIN PUBLIC KEY-----, in base64 and on one line; never a private key"
            yield fault((*path, name), "is no public key", remedy)


def _is_public_key(text: str) -> bool:
    try:
        pem = b64decode(text, validate=True).decode("ascii").strip()
    except (NotBase64, UnicodeDecodeError):
        return False
    return pem.startswith(_BEGIN) and pem.endswith(_BEGIN.replace("BEGIN", "END")) and "PRIVATE" not in pem


def _identity(path: Path, policy: ImagePolicyWanted) -> Iterator[Fault]:
    needs = {"repository": EXACT_REPOSITORY, "prefix": REMAP, "signed_prefix": REMAP}
    for name, match in needs.items():
        value = str(getattr(policy, name))
        if policy.match == match and not (_REPOSITORY.fullmatch(value) and _has_no_port_last(value)):
            yield fault(
                (*path, name), f"is {value!r}, and {match} needs a host or repository without tag", "write it as registry.example.com/team"
            )
        if policy.match != match and value:
            yield fault((*path, name), f"is given, and match is {policy.match}", f"leave it out, or set match to {match}")


def _has_no_port_last(value: str) -> bool:
    """A port at the very end is taken for a tag by the API, but for that of localhost."""
    return ":" not in value.rpartition("/")[2] or value.startswith("localhost:")


def _nested(policies: Sequence[ImagePolicyWanted]) -> Iterator[Fault]:
    """Scopes of namespaces that a policy of the cluster covers: there the nodes take the latter alone."""
    everywhere = {scope: each.name for each in policies if not each.namespace for scope in each.scopes}
    for number, policy in enumerate(policies):
        for place, scope in enumerate(policy.scopes if policy.namespace else ()):
            above = [wider for wider in wider_scopes(scope) if wider in everywhere]
            if above:
                message = f"is {scope!r}, which ClusterImagePolicy {everywhere[above[0]]} covers: this policy would have no effect"
                yield fault((*_IMAGES, "policies", number, "scopes", place), message, "leave one of them out")
