# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of a plan as a whole that the controller has: references, types, hooks, templates, images."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from ...target.quantities import whole
from ..model import MULTUS, POD
from ..names import is_label
from ..network_match import DEFAULT_NAMESPACE, NADS
from ..storage_mapping import CLASSES
from .answers import NOT_APPLICABLE, PASSED, Answer, Fault, Open, few, judges, passes
from .context import HOOKS, NETWORK_MAPS, PROVIDERS, STORAGE_MAPS, Scene
from .providers import VSPHERE, account_answer, is_full_image, provider_ssh
from .templates import NETWORK_FIELDS, VOLUME_FIELDS, read_template
from .views import MapEntry, MapView, PlanView, ProviderView, Spec, VmEntry, key_of, mapping, mappings, text

STEPS: Final = ("PreHook", "PostHook")
WARM_SOURCES: Final = (VSPHERE, "ovirt")
TYPES_OF_VSPHERE: Final = ("", "cold", "warm", "conversion")
OVERLAY: Final = "ovn-k8s-cni-overlay"
CAPACITIES: Final = "csistoragecapacities.storage.k8s.io"
NO_ROUTE: Final = "none"
VOLUME_EXAMPLE: Final = {"PVCName": "test-pvc", "VolumeIndex": "0"}
NETWORK_EXAMPLE: Final = {"NetworkName": "test-network", "NetworkNamespace": "test-namespace", "NetworkType": "Multus", "NetworkIndex": "0"}
"""What the controller tries the templates with."""


@judges("NamespaceNotValid")
def namespace_valid(plan: PlanView, scene: Scene) -> Answer:
    name = plan.target_namespace
    # The controller takes a subdomain; the API makes namespaces of labels alone.
    return passes(is_label(name), f"targetNamespace {name or 'not set'}", "a valid name of a namespace", "correct plan_namespaces")


# ---- maps ------------------------------------------------------------------------------------------------------------


@judges("NetworkMapRefNotValid")
def network_map_set(plan: PlanView, scene: Scene) -> Answer:
    return _map_set(plan, plan.network_map, "network", NETWORK_MAPS, scene)


@judges("StorageRefNotValid")
def storage_map_set(plan: PlanView, scene: Scene) -> Answer:
    return NOT_APPLICABLE if plan.conversion else _map_set(plan, plan.storage_map, "storage", STORAGE_MAPS, scene)


def _map_set(plan: PlanView, found: MapView | None, which: str, resource: str, scene: Scene) -> Answer:
    key = key_of(mapping(plan.spec.get("map")).get(which))
    if not key:
        return Fault(f"map.{which} is not set", "a map by name and namespace", f"set spec.map.{which}")
    if found is not None:
        return PASSED
    if not scene.listed(resource):
        return Open(scene.why_not(resource))
    return Fault(f"{key} does not exist", "a map that exists, or a manifest of it", "make the map")


@judges("NetworkMapNotReady")
def network_map_ready(plan: PlanView, scene: Scene) -> Answer:
    return _map_ready(plan.network_map, scene)


@judges("StorageMapNotReady")
def storage_map_ready(plan: PlanView, scene: Scene) -> Answer:
    return NOT_APPLICABLE if plan.conversion else _map_ready(plan.storage_map, scene)


def _map_ready(found: MapView | None, scene: Scene) -> Answer:
    if found is None:
        return NOT_APPLICABLE
    if found.spec is None:
        ready = (found.record or {}).get("ready")
        if ready is None:
            return Open(f"{found.key}: the snapshot does not show whether it is ready")
        return passes(ready is True, f"{found.key} is not ready", "a map that is ready", "mend the map on the target")
    return answer_of(found.label, scene, "a map that is ready")


def answer_of(label: str, scene: Scene, expected: str) -> Answer:
    """Whether an object to be made will be ready, by its own conditions."""
    state = scene.states.get(label)
    if state is None:
        return Open(f"{label} was not judged")
    if state.failed:
        return Fault(f"{label}: {few(state.failed)}", expected, "see its own conditions")
    if state.open:
        return Open(f"{label}: {few(state.open)} not evaluated")
    return Open(f"{label}: {few(state.later)} shows once it exists", later=True) if state.later else PASSED


@judges("NetMapDestinationNADNotValid")
def attachment_namespaces(plan: PlanView, scene: Scene) -> Answer:
    known = _destinations(plan.network_map)
    if isinstance(known, Open) or known is None:
        return known or NOT_APPLICABLE
    multus = [end for end in known if end.get("type") == MULTUS]
    if not multus:
        return NOT_APPLICABLE
    usable = (plan.target_namespace, DEFAULT_NAMESPACE)
    foreign = [f"{text(end.get('namespace'))}/{text(end.get('name'))}" for end in multus if end.get("namespace") not in usable]
    remedy = "make the attachment in the target namespace, or take a map of its own for it"
    return passes(not foreign, few(dict.fromkeys(foreign)), f"attachments of {' or '.join(dict.fromkeys(usable))}", remedy)


@judges("NetMapPreservingIPsOnPodNetwork")
def pod_network_keeps_no_addresses(plan: PlanView, scene: Scene) -> Answer:
    if not plan.keeps_addresses or (plan.source is not None and plan.source.type not in (VSPHERE, "")):
        return NOT_APPLICABLE
    known = _destinations(plan.network_map)
    if isinstance(known, Open) or known is None:
        return known or NOT_APPLICABLE
    if not any(end.get("type") == POD for end in known):
        return PASSED if known else NOT_APPLICABLE
    namespace = scene.target.get("namespace", plan.target_namespace)
    if namespace is not None and namespace.get("primary_network") is True:
        return PASSED
    if namespace is not None and "primary_network" not in namespace:
        return Open(f"nobody knows whether namespace {plan.target_namespace} has a primary network of its own")
    remedy = "set plan_preserve_static_ips to false, or map the network to an attachment"
    return Fault("preserveStaticIPs with a pair to the pod network", "no address to be kept on the pod network", remedy)


def _destinations(found: MapView | None) -> list[Spec] | Open | None:
    if found is None:
        return None
    if found.spec is None:
        return Open(f"the snapshot does not show where {found.key} leads")
    return [entry.destination for entry in found.entries]


# ---- target namespace ------------------------------------------------------------------------------------------------


@judges("UnsupportedUserDefinedNetwork")
def no_layer3(plan: PlanView, scene: Scene) -> Answer:
    own = scene.attachments_in(plan.target_namespace)
    wrong = [
        record["id"]
        for record in own
        if record.get("user_defined") is True and record.get("type") == OVERLAY and text(record.get("topology")).lower() == "layer3"
    ]
    if wrong:
        return Fault(
            f"{few(wrong)} is of layer 3", "user-defined networks of layer 2", "make it a network of layer 2, or choose another namespace"
        )
    return PASSED if scene.listed(NADS) else Open(scene.why_not(NADS))


@judges("RestrictedPodSecurity")
def toolkit_pod_security(plan: PlanView, scene: Scene) -> Answer:
    level = scene.toolkit_fact("namespace_enforces")
    if level is None:
        return Open(scene.why_no_toolkit())
    return passes(
        level != "restricted", "it enforces restricted", "baseline, privileged or none", "relax the label of the toolkit's namespace"
    )


# ---- types and images ------------------------------------------------------------------------------------------------


@judges("MigrationTypeNotValid")
def type_valid(plan: PlanView, scene: Scene) -> Answer:
    kind = text(plan.spec.get("type"))
    if plan.source is None or not plan.source.type:
        return NOT_APPLICABLE if plan.source is None else Open("nobody knows the type of the source provider")
    known = TYPES_OF_VSPHERE if plan.source.type == VSPHERE else (*TYPES_OF_VSPHERE, "live")
    return passes(kind in known, f"type {kind}", "cold, warm or conversion", "correct spec.type")


@judges("WarmMigrationNotReady")
def warm_possible(plan: PlanView, scene: Scene) -> Answer:
    if not plan.warm or plan.source is None:
        return NOT_APPLICABLE
    if not plan.source.type:
        return Open("nobody knows the type of the source provider")
    return passes(plan.source.type in WARM_SOURCES, f"provider type {plan.source.type}", "a source that can be warm", "make the plan cold")


@judges("VirtV2vImageNotValid")
def conversion_image(plan: PlanView, scene: Scene) -> Answer:
    image = text(plan.spec.get("virtV2vImage"))
    return passes(is_full_image(image), image, "registry, path and tag", "give the full reference") if image else NOT_APPLICABLE


@judges("VDDKInvalid")
def vddk_valid(plan: PlanView, scene: Scene) -> Answer:
    if plan.source is None or plan.source.type not in (VSPHERE, ""):
        return NOT_APPLICABLE
    image = scene.vddk_image(plan.source)
    if image == "":
        return NOT_APPLICABLE
    if image is None:
        return _image_unknown(plan.source, scene)
    others = [record for record in scene.target.all("migration_plan") if record.get("source_provider") == plan.source.key]
    if plan.source.shown is not None:
        bad = [record["id"] for record in others if "VDDKInvalid" in record.get("conditions", {})]
        if bad:
            return Fault(f"{few(bad)} found {image} without the library", "an image with the VDDK", "build the image anew")
        if any(record.get("ready") is True for record in others):
            return PASSED
    return Open("a pod that the plan starts tells whether the image has the library", later=True)


@judges("VDDKInitImageUnavailable")
def vddk_set(plan: PlanView, scene: Scene) -> Answer:
    raw = plan.spec.get("skipGuestConversion") is True and not _offloads(plan.storage_map)
    if plan.source is None or plan.source.type not in (VSPHERE, "") or not (plan.warm or raw):
        return NOT_APPLICABLE
    image = scene.vddk_image(plan.source)
    if image is None:
        return _image_unknown(plan.source, scene)
    why = "the plan is warm" if plan.warm else "skipGuestConversion is set"
    return passes(
        bool(image), f"{why}, and there is no VDDK image", "a VDDK image", "set vddk_image in plan_providers, or in the ForkliftController"
    )


def _image_unknown(source: ProviderView, scene: Scene) -> Open:
    reason = f": {scene.why_not(PROVIDERS)}" if scene.may_be_there(source) else ""
    return Open(f"nobody knows whether a VDDK image is set{reason}")


def _offloads(found: MapView | None) -> bool:
    return found is not None and found.offloads


# ---- transfer network ------------------------------------------------------------------------------------------------


@judges("TransferNetworkNotValid")
def transfer_network(plan: PlanView, scene: Scene) -> Answer:
    reference = mapping(plan.spec.get("transferNetwork"))
    if not reference:
        return NOT_APPLICABLE
    namespace, key = text(reference.get("namespace")), f"{text(reference.get('namespace'))}/{text(reference.get('name'))}"
    usable = (plan.target_namespace, DEFAULT_NAMESPACE)
    record = scene.target.get("network_attachment", key)
    expected, remedy = f"an attachment of {' or '.join(dict.fromkeys(usable))}", "correct spec.transferNetwork"
    if namespace not in usable:
        return Fault(f"{key} is in a foreign namespace", expected, remedy)
    if record is None:
        return Fault(f"{key} does not exist", expected, remedy) if scene.listed(NADS) else Open(scene.why_not(NADS))
    route = record.get("transfer_route")
    if route is None:
        return Open(f"nobody knows the route of {key}")
    good = route in ("", NO_ROUTE) or _is_address(text(route))
    return passes(good, f"route {route}", "an address, or none", "correct the annotation forklift.konveyor.io/route")


def _is_address(found: str) -> bool:
    try:
        return ipaddress.ip_address(found) is not None
    except ValueError:
        return False


@judges("TransferNetworkMissingDefaultRoute")
def transfer_route(plan: PlanView, scene: Scene) -> Answer:
    reference = mapping(plan.spec.get("transferNetwork"))
    record = scene.target.get("network_attachment", key_of(reference))
    if not reference or (record is None and scene.listed(NADS)):
        return NOT_APPLICABLE
    if record is None or "transfer_route" not in record:
        return Open(scene.why_not(NADS) or f"nobody knows the route of {key_of(reference)}")
    return passes(bool(record["transfer_route"]), "no route", "a route, or the word none", "set the annotation forklift.konveyor.io/route")


# ---- service accounts and hooks --------------------------------------------------------------------------------------


@judges("ServiceAccountNotValid")
def service_account(plan: PlanView, scene: Scene) -> Answer:
    name = text(plan.spec.get("serviceAccount"))
    return account_answer(name) if name else NOT_APPLICABLE


def _hooks(plan: PlanView) -> Iterable[tuple[VmEntry, Spec]]:
    for entry in plan.entries:
        for hook in mappings(entry.raw.get("hooks")):
            yield entry, hook


def _hook_keys(plan: PlanView) -> list[str]:
    return list(dict.fromkeys(key for _entry, hook in _hooks(plan) if (key := key_of(hook.get("hook")))))


@judges("HookNotValid")
def hook_valid(plan: PlanView, scene: Scene) -> Answer:
    hooks = list(_hooks(plan))
    if not hooks:
        return NOT_APPLICABLE
    bare = [entry.name for entry, hook in hooks if not key_of(hook.get("hook"))]
    if bare:
        return Fault(f"{few(bare)}: a hook without name or namespace", "name and namespace of each hook", "correct plan_hooks")
    missing = [key for key in _hook_keys(plan) if scene.index.get("Hook", key) is None and scene.target.get("hook", key) is None]
    if not missing:
        return PASSED
    if not scene.listed(HOOKS):
        return Open(scene.why_not(HOOKS))
    return Fault(
        f"{few(missing)} does not exist", "hooks that exist, or manifests of them", "make the hook, or give its job_template in plan_hooks"
    )


@judges("HookNotReady")
def hook_ready(plan: PlanView, scene: Scene) -> Answer:
    answers = [answer for key in _hook_keys(plan) if (answer := _hook_ready(key, scene)) is not NOT_APPLICABLE]
    return worst(answers)


def _hook_ready(key: str, scene: Scene) -> Answer:
    if scene.index.get("Hook", key) is not None:
        return answer_of(f"Hook {key}", scene, "a hook that is ready")
    record = scene.target.get("hook", key)
    if record is None:
        return NOT_APPLICABLE
    ready = record.get("ready")
    if ready is None:
        return Open(f"{key}: the snapshot does not show whether it is ready")
    return passes(ready is True, f"{key} is not ready", "a hook that is ready", "mend the hook on the target")


def worst(answers: Iterable[Answer]) -> Answer:
    """A fault before what is open, that before passed; not applicable for no answers."""
    listed = list(answers)
    for kind in (Fault, Open):
        for answer in listed:
            if isinstance(answer, kind):
                return answer
    return PASSED if listed else NOT_APPLICABLE


@judges("HookStepNotValid")
def hook_step(plan: PlanView, scene: Scene) -> Answer:
    hooks = list(_hooks(plan))
    if not hooks:
        return NOT_APPLICABLE
    wrong = [f"{entry.name}: {text(hook.get('step')) or 'not set'}" for entry, hook in hooks if hook.get("step") not in STEPS]
    return passes(not wrong, few(wrong), " or ".join(STEPS), "correct plan_hooks[].step")


@judges("HookServiceAccountNotValid")
def hook_account(plan: PlanView, scene: Scene) -> Answer:
    answers: list[Answer] = []
    for key in _hook_keys(plan):
        made = scene.index.get("Hook", key)
        if made is None:
            answers.append(Open(f"the snapshot does not show the service account of hook {key}"))
        elif name := text(made.spec.get("serviceAccount")):
            answers.append(account_answer(name))
    return worst(answers)


# ---- templates -------------------------------------------------------------------------------------------------------


@judges("NotValid.volumeNameTemplate")
def volume_names(subject: PlanView | VmEntry, scene: Scene) -> Answer:
    return _name_template(text(_own(subject).get("volumeNameTemplate")), "volumeNameTemplate")


@judges("NotValid.networkNameTemplate")
def network_names(subject: PlanView | VmEntry, scene: Scene) -> Answer:
    return _name_template(text(_own(subject).get("networkNameTemplate")), "networkNameTemplate")


def _own(subject: PlanView | VmEntry) -> Spec:
    return subject.spec if isinstance(subject, PlanView) else subject.raw


@lru_cache(maxsize=256)
def _name_template(source: str, field: str) -> Answer:
    if not source:
        return NOT_APPLICABLE
    volumes = field == "volumeNameTemplate"
    template = read_template(source, VOLUME_FIELDS if volumes else NETWORK_FIELDS)
    if template.unsupported:
        return Open(f"{template.unsupported} is not understood here")
    if template.problem:
        return Fault(template.problem, "a template that makes a label", f"correct {field}")
    made = template.render(VOLUME_EXAMPLE if volumes else NETWORK_EXAMPLE)
    return passes(is_label(made), f"it makes {made or 'nothing'}", "a label of at most 63 characters", f"correct {field}")


@judges("NotValid.conversionTempStorage")
def conversion_space(plan: PlanView, scene: Scene) -> Answer:
    name, size = text(plan.spec.get("conversionTempStorageClass")), text(plan.spec.get("conversionTempStorageSize"))
    if not name and not size:
        return NOT_APPLICABLE
    remedy = "correct conversionTempStorageClass and conversionTempStorageSize"
    if not name or not size:
        return Fault(f"class {name or 'not set'}, size {size or 'not set'}", "both or none", remedy)
    wanted = whole(size)
    if wanted is None:
        return Fault(f"size {size}", "a quantity such as 100Gi", remedy)
    record = scene.target.get("storage_class", name)
    if record is None:
        return (
            Fault(f"class {name} does not exist", "a class that exists", remedy)
            if scene.target.known(CLASSES)
            else Open(scene.target.why_not(CLASSES))
        )
    room = record.get("largest_volume_bytes", record.get("free_bytes"))
    if room is None:
        return Open(scene.why_not(CAPACITIES) or f"the driver of {name} does not say how much space it has")
    return passes(room >= wanted, f"{name} has room for {room} bytes", f"at least {size}", "choose another class or a smaller size")


# ---- ways of copying -------------------------------------------------------------------------------------------------


@judges("NetAppShiftWarmNotSupported")
def shift_cold(plan: PlanView, scene: Scene) -> Answer:
    if not plan.warm or plan.storage_map is None:
        return NOT_APPLICABLE
    if plan.storage_map.spec is None:
        return Open(f"the snapshot does not show where {plan.storage_map.key} leads")
    shift = scene.shifts(plan.storage_map)
    if isinstance(shift, Open):
        return shift
    observed = f"{few(sorted(shift))} takes disks over in place"
    return passes(not shift, observed, "a class that copies, for a warm plan", "make the plan cold, or choose another class")


@judges("SSHNotReady")
def ssh_ready(plan: PlanView, scene: Scene) -> Answer:
    if plan.source is None or not any(
        "vsphereXcopyConfig" in mapping(entry.raw.get("offloadPlugin")) for entry in _pairs(plan.storage_map)
    ):
        return NOT_APPLICABLE
    return provider_ssh(plan.source, scene)


def _pairs(found: MapView | None) -> Iterable[MapEntry]:
    return found.entries if found is not None else ()


# ---- what only the cluster can tell ----------------------------------------------------------------------------------


@judges("ValidatingVDDK", "VDDKInitImageNotReady", "ConversionResumable", "Webhook.accessReview")
def only_the_cluster(plan: PlanView, scene: Scene) -> Answer:
    return Open("it shows once the objects exist", later=True)
