# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gates on images that are written: a ValidatingAdmissionPolicy with its binding, and what it would say of the pods that run.

A gate judges pods when they are made, and when images come into them later, as with debug containers. A pod that is there already is
never held up by it: its finalizers and labels can still be changed, or nothing could end it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from ...common.findings import CheckFinding
from ...common.merges import Merge
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING, OWN, listed
from ...target.objects import labels_of, name_of
from ..admission import ActionsChange, admission_binding, admission_policy, appliable, binding_ref
from ..desired.delivery import AUDIT, BY_DIGEST, DENY, WARN, ImageGateWanted
from ..desired.rules import SYSTEM_NAMESPACES, is_of_the_system
from ..parts import CLUSTER_WIDE, WantedObject
from ..verdicts import failed
from . import check_list as checks
from .readings import ADMISSION_BINDINGS, ADMISSION_POLICIES, NAMESPACES
from .scope import MOST_EVIDENCE, Look, Verdict, absent, fails, finding_of, holds, needless, nobody_knows

DIGEST: Final = "@sha256:[0-9a-f]{64}$"
"""What the name of an image ends with that says which one is meant, as a regular expression of CEL and of Python."""

_PATH: Final = "delivery.gates.image_gates"
_ACTIONS: Final[Mapping[str, str]] = {AUDIT: "Audit", WARN: "Warn", DENY: "Deny"}
_IMAGES_OF: Final = (
    "{0}.spec.containers.map(each, each.image)"
    " + (has({0}.spec.initContainers) ? {0}.spec.initContainers.map(each, each.image) : [])"
    " + (has({0}.spec.ephemeralContainers) ? {0}.spec.ephemeralContainers.map(each, each.image) : [])"
    " + (has({0}.spec.volumes) ? {0}.spec.volumes.filter(each, has(each.image)).map(each, each.image.reference) : [])"
)
"""The images of a pod in CEL, those of volumes too; what stands for the pod is filled in."""

_RULES: Final = (
    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["pods", "pods/ephemeralcontainers"]},
)


# ---- what is written -------------------------------------------------------------------------------------------------


def gate_objects(look: Look) -> list[WantedObject]:
    """The policies and bindings of the document; none on a cluster that has no such kinds."""
    if not (look.is_served(ADMISSION_POLICIES) and look.is_served(ADMISSION_BINDINGS)):
        return []
    return [
        WantedObject(item, checks.PART, checks.LAYER, f"{_PATH}[{number}]", CLUSTER_WIDE, OWN)
        for number, wanted in enumerate(look.wanted.gates.image_gates)
        for item in (policy_object(wanted), appliable(binding_object(wanted), look.snapshot.get(ADMISSION_BINDINGS, "", wanted.name)))
    ]


def policy_object(wanted: ImageGateWanted) -> ApiObject:
    """The policy. Images that the pod had before are not judged again."""
    bad = f"!({passes_in_cel(wanted)})"
    words = "images have to be named by digest" if wanted.rule == BY_DIGEST else f"images have to come from {listed(wanted.registries)}"
    variables = (
        ("before", f"oldObject == null ? [] : {_IMAGES_OF.format('oldObject')}"),
        ("images", _IMAGES_OF.format("object")),
        ("refused", f"variables.images.filter(image, !(image in variables.before) && {bad})"),
    )
    # Whatever labels they are given later: who stops the pods of the system stops the cluster.
    conditions = (("no-system-namespace", f"!request.namespace.matches({json.dumps(f'^({SYSTEM_NAMESPACES})$')})"),)
    says = f"{json.dumps(f'{words}: ')} + variables.refused.join(', ')"
    return admission_policy(wanted.name, _RULES, variables, "variables.refused.size() == 0", says, conditions)


def binding_object(wanted: ImageGateWanted) -> ApiObject:
    """The binding, which has the policy's name."""
    return admission_binding(wanted.name, [_ACTIONS[wanted.action]], {"matchLabels": dict(wanted.namespaces_labelled)})


def passes_in_cel(wanted: ImageGateWanted) -> str:
    """The rule as an expression of CEL on `image`; names of registries have been held to characters that need no quoting."""
    if wanted.rule == BY_DIGEST:
        return f"image.matches({json.dumps(DIGEST)})"
    starts = json.dumps([start for name in wanted.registries for start in starts_of(name)])
    return f"(image in {json.dumps(list(wanted.registries))} || {starts}.exists(start, image.startsWith(start)))"


def passes(wanted: ImageGateWanted, image: str) -> bool:
    """The same rule here."""
    if wanted.rule == BY_DIGEST:
        return re.search(DIGEST.replace("$", r"\Z"), image) is not None
    return image in wanted.registries or image.startswith(tuple(start for name in wanted.registries for start in starts_of(name)))


def starts_of(name: str) -> tuple[str, ...]:
    """What the names of images begin with that come from a registry or repository: a repository may be followed by tag or digest."""
    return (f"{name}/", f"{name}:", f"{name}@") if "/" in name else (f"{name}/",)


def action_merges(look: Look) -> Iterator[Merge]:
    """One for each gate whose binding is there with other actions than it is to have."""
    for number, wanted in enumerate(look.wanted.gates.image_gates):
        live = look.snapshot.get(ADMISSION_BINDINGS, "", wanted.name)
        change = ActionsChange((_ACTIONS[wanted.action],))
        if change.is_needed(live):
            yield Merge(binding_ref(wanted.name), checks.PART, checks.LAYER, f"{_PATH}[{number}].action", CLUSTER_WIDE, change)


# ---- what is found ---------------------------------------------------------------------------------------------------


def image_gate_findings(look: Look) -> Iterator[CheckFinding]:
    """Where each gate holds, and what of that which runs there it would refuse."""
    for number, wanted in enumerate(look.wanted.gates.image_gates):
        path, subject = f"{_PATH}[{number}]", f"image gate {wanted.name}"
        if not (look.is_served(ADMISSION_POLICIES) and look.is_served(ADMISSION_BINDINGS)):
            yield absent(checks.GATE_SCOPE, subject, "admission policies", path)
            continue
        if not look.snapshot.known(NAMESPACES):
            # A gate that is written blind may stop the platform itself.
            found = finding_of(checks.GATE_SCOPE, subject, nobody_knows(look.snapshot.why_not(NAMESPACES)), path)
            yield replace(found, refuses=True)
            continue
        held = namespaces_of(look, wanted)
        yield _scope(wanted, held, subject, path)
        yield finding_of(checks.GATE_RUNS, subject, _what_runs(look, wanted, held), path)


def namespaces_of(look: Look, wanted: ImageGateWanted) -> list[str]:
    """The namespaces that bear its labels, sorted."""
    asked = wanted.namespaces_labelled.items()
    return sorted(name_of(item) for item in look.snapshot.all(NAMESPACES) if asked <= labels_of(item).items())


def _scope(wanted: ImageGateWanted, held: list[str], subject: str, path: str) -> CheckFinding:
    labels = ", ".join(f"{key}={value}" for key, value in wanted.namespaces_labelled.items())
    of_the_system = list(filter(is_of_the_system, held))
    if of_the_system:
        words = f"{listed(of_the_system)} bears {labels}: the gate holds in no namespace of the system"
        return failed(checks.GATE_SCOPE, subject, words, path, refuses=True)
    if not held:
        return failed(checks.GATE_SCOPE, subject, f"no namespace bears {labels}", path, MISSING)
    return finding_of(checks.GATE_SCOPE, subject, holds(f"it holds in {listed(held)}"), path)


def _what_runs(look: Look, wanted: ImageGateWanted, held: list[str]) -> Verdict:
    if not held:
        return needless("it holds in no namespace")
    if look.images is None:
        return nobody_knows(look.snapshot.why_not("pods") or "which images run is not known")
    running = {name: look.images.pods.get(name, {}) for name in held}
    refused = {name: bad for name, found in running.items() if (bad := [image for image in found if not passes(wanted, image)])}
    if not refused:
        return holds(f"all {sum(map(len, running.values()))} images pass")
    many = sum(map(len, refused.values()))
    words = (
        f"{many} images would not pass in {listed(sorted(refused))}: {listed(sorted({each for bad in refused.values() for each in bad}))}"
    )
    named = [f"{name}: {image}" for name, bad in refused.items() for image in bad][:MOST_EVIDENCE]
    return fails(words, "spec of Pods", ", ".join(named), f"rule {wanted.rule}")
