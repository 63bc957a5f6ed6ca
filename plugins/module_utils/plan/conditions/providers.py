# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of providers, of Hosts and of Hooks. Secrets are never read: what depends on one is open until the object exists."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from ..names import is_label
from .answers import NOT_APPLICABLE, PASSED, Answer, Fault, Open, few, judges, passes
from .context import PROVIDERS, Scene
from .views import HostView, MapView, ObjectView, PlanView, ProviderView, key_of, mapping, text

VSPHERE: Final = "vsphere"
TYPES: Final = ("ec2", "hyperv", "nutanix", "openshift", "openstack", "ova", "ovirt", VSPHERE)
ENDPOINTS: Final = ("vcenter", "esxi")
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {"esxiCloneMethod": ("vib", "ssh"), "useVddkAioOptimization": ("true", "false")}
"""Settings with few values; an empty one is as good as none."""

IMAGE: Final = re.compile(
    r"[a-z0-9][a-z0-9.-]*(?::[0-9]+)?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
"""A reference to an image with its registry."""

_LATER: Final = "a new provider's state shows once it exists"
_UNREAD: Final = "secrets are never read"


def is_full_image(reference: str) -> bool:
    """Whether it names its registry: a first part with a dot or a port, or localhost."""
    first, slash, _rest = reference.partition("/")
    return bool(slash) and bool(IMAGE.fullmatch(reference)) and ("." in first or ":" in first or first == "localhost")


# ---- providers -------------------------------------------------------------------------------------------------------


@judges("ProviderTypeNotSupported")
def provider_type(provider: ProviderView, scene: Scene) -> Answer:
    if not provider.type and provider.spec is None:
        return Open("the snapshot does not show the type of the provider")
    return passes(provider.type in TYPES, f"type {provider.type or 'not set'}", f"one of {', '.join(TYPES)}", "set spec.type")


@judges("UrlNotValid")
def provider_url(provider: ProviderView, scene: Scene) -> Answer:
    if provider.type == "openshift":
        return NOT_APPLICABLE
    url = provider.spec.get("url") if provider.spec is not None else (provider.record or {}).get("url")
    if url is None and provider.spec is None:
        return Open("the snapshot does not show the address of the provider")
    return passes(_is_url(text(url)), f"url {text(url) or 'not set'}", "an address such as https://vcenter.example.com/sdk", "set spec.url")


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


@judges("SecretNotValid.provider")
def provider_secret(provider: ProviderView, scene: Scene) -> Answer:
    if provider.type == "openshift" and not _url_of(provider):
        return NOT_APPLICABLE
    if provider.spec is not None and not key_of(provider.spec.get("secret")):
        return Fault("the secret's name or namespace is not set", "a secret by name and namespace", "set spec.secret")
    return _by_state(provider, "SecretNotValid", "the secret exists and has user, password and url", f"{_UNREAD}; {_LATER}")


@judges("ConnectionTestFailed.provider")
def provider_connection(provider: ProviderView, scene: Scene) -> Answer:
    return _by_state(provider, "ConnectionTestFailed", "the vCenter answers and takes the login", _LATER)


@judges("ConnectionInsecure")
def provider_insecure(provider: ProviderView, scene: Scene) -> Answer:
    return _by_state(
        provider, "ConnectionInsecure", "the vCenter's certificate is checked (insecureSkipVerify false)", f"{_UNREAD}; {_LATER}"
    )


@judges("InsufficientPrivileges")
def provider_privileges(provider: ProviderView, scene: Scene) -> Answer:
    if provider.type != VSPHERE or _endpoint(provider) == "esxi":
        return NOT_APPLICABLE
    return _by_state(provider, "InsufficientPrivileges", "the account has the privileges of the toolkit on the root folder", _LATER)


@judges("SSHNotReady.provider")
def provider_ssh(provider: ProviderView, scene: Scene) -> Answer:
    if provider.spec is None and "esxi_clone_method" not in (provider.record or {}):
        return Open("the snapshot does not show how the provider clones")
    if _clone_method(provider) != "ssh":
        return Open(scene.why_not(PROVIDERS)) if scene.may_be_there(provider) and not _clone_method(provider) else NOT_APPLICABLE
    return _by_state(provider, "SSHNotReady", "every ESXi host lets the provider in by SSH", _LATER)


def _by_state(provider: ProviderView, condition: str, expected: str, later: str) -> Answer:
    """What the target says of a provider that is there; a new one has no conditions."""
    if provider.shown is None:
        return Open(later, later=True)
    conditions = provider.shown.get("conditions")
    if conditions is None:
        return Open("the snapshot does not show the provider's conditions")
    if condition in conditions:
        return Fault(f"the provider has the condition {condition}", expected, "mend the provider on the target, and read the target again")
    if provider.shown.get("ready") is True or conditions:
        return PASSED
    return Open("the provider on the target has no conditions yet", "wait until the controller has looked at it", later=True)


def _clone_method(provider: ProviderView) -> str:
    return (
        text(provider.settings.get("esxiCloneMethod"))
        if provider.spec is not None
        else text((provider.record or {}).get("esxi_clone_method"))
    )


def _endpoint(provider: ProviderView) -> str:
    return text(provider.settings.get("sdkEndpoint")) if provider.spec is not None else text((provider.record or {}).get("sdk_endpoint"))


def _url_of(provider: ProviderView) -> str:
    return text(provider.spec.get("url")) if provider.spec is not None else text((provider.record or {}).get("url"))


@judges("SettingsNotValid")
def provider_settings(provider: ProviderView, scene: Scene) -> Answer:
    if provider.spec is None:
        return _by_state(provider, "SettingsNotValid", "settings that the toolkit knows", _LATER)
    wrong = [f"{name}: {value}" for name, known in CHOICES.items() if (value := provider.settings.get(name)) and value not in known]
    image = provider.settings.get("vddkInitImage")
    if image and not IMAGE.fullmatch(text(image)):
        wrong.append(f"vddkInitImage: {image}")
    expected = "; ".join(f"{name}: {' or '.join(known)}" for name, known in CHOICES.items()) + "; vddkInitImage: an image"
    return passes(not wrong, few(wrong), expected, "correct spec.settings")


@judges("Webhook.sdkEndpoint")
def provider_endpoint(provider: ProviderView, scene: Scene) -> Answer:
    if provider.type != VSPHERE:
        return NOT_APPLICABLE
    if provider.spec is None and "sdk_endpoint" not in (provider.record or {}):
        return Open("the snapshot does not show the settings of the provider")
    found = _endpoint(provider)
    return passes(found in ("", *ENDPOINTS), f"sdkEndpoint: {found}", "vcenter or esxi", "correct spec.settings.sdkEndpoint")


@judges("Webhook.secretConnection")
def provider_secret_connection(provider: ProviderView, scene: Scene) -> Answer:
    if provider.spec is None:
        return NOT_APPLICABLE
    return Open("secrets are never read, so that nobody can say whether the webhook lets the Secret pass", later=True)


@judges("own.provider_of_other_address")
def provider_of_other_address(provider: ProviderView, scene: Scene) -> Answer:
    if provider.spec is None:
        return NOT_APPLICABLE
    if provider.record is None:
        return PASSED if scene.listed(PROVIDERS) else Open(scene.why_not(PROVIDERS))
    there = provider.record.get("url")
    if there is None:
        return Open("the snapshot does not show the address of the provider that is there")
    url = _url_of(provider)
    return passes(there == url, f"it is there for {there or 'the cluster itself'}", url, "give the provider another name (plan_providers)")


@judges("own.provider_of_other_vcenter")
def provider_of_other_vcenter(provider: ProviderView, scene: Scene) -> Answer:
    if provider.type != VSPHERE:
        return NOT_APPLICABLE
    if provider.vcenter is None:
        return Open("nobody knows which vCenter it is to read")
    address = _url_of(provider)
    found = (urlsplit(address).hostname or "") if _is_url(address) else ""
    if not found:
        return Open("the provider has no address")
    owners = {text(record.get("vcenter")) for record in scene.given.vcenters if _same_host(text(record.get("hostname")).lower(), found)}
    if provider.vcenter in owners:
        return PASSED
    if owners:
        observed = f"{found} is vCenter {few(sorted(owners))}"
        return Fault(observed, f"the address of vCenter {provider.vcenter}", "correct the address, or name the vCenter (plan_providers)")
    return Open(f"nobody knows whose address {found} is", "give the host name by which the vCenter was read")


def _same_host(known: str, found: str) -> bool:
    """Whether two host names are one, of which one may lack its domain."""
    return bool(known) and (known == found or known.startswith(f"{found}.") or found.startswith(f"{known}."))


@judges("own.vcenter_of_two_providers")
def vcenter_of_two_providers(provider: ProviderView, scene: Scene) -> Answer:
    address = _url_of(provider)
    host = (urlsplit(address).hostname or "") if _is_url(address) else ""
    if provider.type != VSPHERE or not host:
        return NOT_APPLICABLE
    others = {record["id"] for record in scene.target.all("provider") if _host_of(record.get("url")) == host}
    others.update(other.key for other in scene.providers if other.spec is not None and _host_of(_url_of(other)) == host)
    others.discard(provider.key)
    if others:
        remedy = "take one provider for all plans of a vCenter (plan_providers)"
        return Fault(f"{few(sorted(others))} reads {host} as well", "one provider of a vCenter", remedy)
    return PASSED if scene.listed(PROVIDERS) else Open(scene.why_not(PROVIDERS))


def _host_of(url: object) -> str:
    return (urlsplit(text(url)).hostname or "") if _is_url(text(url)) else ""


# ---- Hosts -----------------------------------------------------------------------------------------------------------


@judges("RefNotValid")
def host_reference(host: HostView, scene: Scene) -> Answer:
    named = text(host.spec.get("id")) or text(host.spec.get("name"))
    if not named:
        return Fault("neither id nor name is set", "the managed object id of an ESXi host", "set spec.id")
    vcenter = host.provider.vcenter if host.provider else None
    if vcenter is None:
        return Open("nobody knows which vCenter its provider reads")
    if vcenter not in scene.sources.hosts.vcenters:
        return Open("the estate has no hosts of this vCenter")
    state = "not in the vCenter" if not host.matches else f"the name of {host.matches} hosts"
    return passes(host.matches == 1, f"{named} is {state}", "one ESXi host of the vCenter", "give the managed object id (plan_hosts)")


@judges("TypeNotValid")
def host_type(host: HostView, scene: Scene) -> Answer:
    if host.provider is None:
        return Fault("its provider is not set", "a provider for vSphere", "set spec.provider")
    if not host.provider.type:
        return Open("nobody knows the type of its provider")
    return passes(host.provider.type == VSPHERE, f"type {host.provider.type}", VSPHERE, "name the provider of the vCenter")


@judges("IpNotValid")
def host_address(host: HostView, scene: Scene) -> Answer:
    return passes(bool(host.spec.get("ipAddress")), "ipAddress is empty", "an address of the ESXi host", "set spec.ipAddress")


@judges("SecretNotValid.host")
def host_secret(host: HostView, scene: Scene) -> Answer:
    if not key_of(host.spec.get("secret")):
        return Fault("the secret's name or namespace is not set", "a secret by name and namespace", "set spec.secret")
    return _host_state(host, _UNREAD)


@judges("ConnectionTestFailed.host")
def host_connection(host: HostView, scene: Scene) -> Answer:
    state = text((host.host or {}).get("connection_state"))
    if state and state != "connected":
        return Fault(f"the ESXi host is {state}", "connected", "bring the host back, or transfer by the vCenter")
    return _host_state(host, "the connection is tested")


def _host_state(host: HostView, why: str) -> Answer:
    if host.existing is not None and host.existing.get("ready") is True and host.existing.get("address") == host.spec.get("ipAddress"):
        return PASSED
    return Open(f"{why}; a new Host's state shows once it exists", later=True)


@judges("InMaintenance")
def host_maintenance(host: HostView, scene: Scene) -> Answer:
    if host.host is None:
        return Open("the host is not in the estate")
    if "in_maintenance" not in host.host:
        return Open("nobody knows whether the host is in maintenance mode")
    return passes(host.host["in_maintenance"] is False, "the host is in maintenance mode", "a host in service", "end its maintenance")


@judges("NotHealthy")
def host_health(host: HostView, scene: Scene) -> Answer:
    state = text((host.host or {}).get("connection_state"))
    if state == "notResponding":
        return Fault("the host does not respond", "a host whose status is not red", "bring the host back, or transfer by the vCenter")
    if host.existing is not None and host.existing.get("ready") is True:
        return PASSED
    return Open("the estate does not hold the overall status of hosts", later=True)


@judges("HostStatusNotGreen")
def host_status(host: HostView, scene: Scene) -> Answer:
    return Open("the estate does not hold the overall status of hosts", later=True)


# ---- Hooks -----------------------------------------------------------------------------------------------------------


@judges("InvalidImage")
def hook_image(hook: ObjectView, scene: Scene) -> Answer:
    if "aap" in hook.spec:
        number = mapping(hook.spec["aap"]).get("jobTemplateId")
        good = isinstance(number, int) and number > 0
        return passes(good, f"jobTemplateId {number}", "the id of a job template", "correct plan_hooks[].job_template")
    image = text(hook.spec.get("image"))
    return passes(bool(IMAGE.fullmatch(image)), f"image {image or 'not set'}", "an image or a job template", "set spec.image or spec.aap")


@judges("InvalidPlaybook")
def hook_playbook(hook: ObjectView, scene: Scene) -> Answer:
    playbook = text(hook.spec.get("playbook"))
    if not playbook:
        return NOT_APPLICABLE
    try:
        base64.b64decode(playbook, validate=True)
    except (binascii.Error, ValueError):
        return Fault("spec.playbook is not base64", "a playbook in base64", "encode the playbook")
    return PASSED


# ---- pairs -----------------------------------------------------------------------------------------------------------


def provider_valid(provider: ProviderView | None, side: str, scene: Scene) -> Answer:
    """Whether a provider is set and exists, or will."""
    if provider is None:
        return Fault(f"the {side} provider is not set", "a provider by name and namespace", f"set spec.provider.{side}")
    if provider.spec is not None or provider.record is not None:
        return PASSED
    if not scene.listed(PROVIDERS):
        return Open(scene.why_not(PROVIDERS))
    return Fault(f"{provider.key} does not exist", "a provider that exists, or a manifest of it", "make the provider, or name another")


def provider_ready(provider: ProviderView | None, side: str, scene: Scene) -> Answer:
    """Whether a provider is ready, as far as it can be told."""
    if provider is None or (provider.spec is None and provider.record is None):
        return NOT_APPLICABLE
    state = scene.states.get(provider.label)
    if state is not None and state.failed:
        return Fault(f"{provider.key}: {few(state.failed)}", f"a {side} provider that is ready", "see the provider's own conditions")
    if provider.shown is None:
        return Open(f"{provider.key}: {_LATER}", later=True)
    ready = provider.shown.get("ready")
    if ready is None:
        return Open(f"{provider.key}: the snapshot does not show whether it is ready")
    return passes(ready is True, f"{provider.key} is not ready", f"a {side} provider that is ready", "mend the provider on the target")


Pair: TypeAlias = PlanView | MapView


@judges("SourceProviderNotValid")
def source_valid(subject: Pair, scene: Scene) -> Answer:
    return provider_valid(subject.source, "source", scene)


@judges("SourceProviderNotReady")
def source_ready(subject: Pair, scene: Scene) -> Answer:
    return provider_ready(subject.source, "source", scene)


@judges("DestinationProviderNotValid")
def destination_valid(subject: Pair, scene: Scene) -> Answer:
    return provider_valid(subject.destination, "destination", scene)


@judges("DestinationProviderNotReady")
def destination_ready(subject: Pair, scene: Scene) -> Answer:
    return provider_ready(subject.destination, "destination", scene)


def account_answer(name: str) -> Answer:
    """Whether a service account can be there: `default` always is; others are not read."""
    if not is_label(name):
        return Fault(f"{name} is no valid name", "the name of a service account", "correct the name")
    return PASSED if name == "default" else Open(f"service accounts are not read, so that nobody knows whether {name} exists", later=True)
