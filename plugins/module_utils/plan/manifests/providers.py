# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source providers: which one reads which vCenter, and the manifests of those that are not there yet.

A secret is only ever named: its content is nobody's business here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from ...common.artifact import JsonRecord
from ...target.view import TargetView
from ..model import Constraint, Manifest, PlanVm
from ..names import label_of, object_names
from ..patterns import fits
from ..settings import PlanSettings, ProviderRule
from ..source_rules import is_called, vcenter_names
from .objects import is_ours, manifest, reference

VSPHERE: Final = "vsphere"
SETTING: Final = "plan_providers"
NEW: Final = "named after its host name"
STANDALONE_HOST: Final = "HostAgent"
PROVIDERS: Final = "providers.forklift.konveyor.io"


@dataclass(frozen=True, slots=True)
class SourceProvider:
    """The provider of a vCenter."""

    vcenter: str
    name: str
    namespace: str
    url: str
    secret: str
    vddk_image: str
    endpoint: str
    """vcenter or esxi"""
    write: bool
    """whether a manifest is written: not for one that is there and was made by somebody else"""
    reason: str
    unread: str = ""
    """why nobody knows whether it is there already; empty where that is known"""
    called: tuple[str, ...] = ()
    """names of its vCenter"""


def source_providers(
    vcenters: Iterable[JsonRecord], used: Iterable[str], settings: PlanSettings, target: TargetView
) -> tuple[dict[str, SourceProvider], dict[str, Constraint]]:
    """The provider of each vCenter that is used (by instance UUID), and a constraint for each that has none.

    The user's rule comes first, then a provider of the target for the same address, then a new one by the vCenter's host name, unless
    the target's providers could not be listed: a new one might stand beside the one that is there, or take its name. Such a one is
    not written, and has a constraint as well; its name tells what plans of the target have moved.
    `vcenters` are the estate's records of that kind.
    """
    records = {record.get("vcenter", ""): record for record in vcenters}
    wanted = sorted(set(used))
    new_names = _new_names([records.get(vcenter, {}) for vcenter in wanted])
    found: dict[str, SourceProvider] = {}
    constraints: dict[str, Constraint] = {}
    for vcenter in wanted:
        record = records.get(vcenter, {})
        answer = _provider(vcenter, record, new_names, settings, target)
        if isinstance(answer, SourceProvider) and (other := _same(answer, found)):
            message = f"provider {answer.name} would be that of two vCenters: {other} and {vcenter}"
            answer = Constraint("provider_ambiguous", answer.name, message, f"give each its own rule in {SETTING}", SETTING)
        if isinstance(answer, Constraint):
            constraints[vcenter] = answer
            continue
        if answer.unread and answer.reason == NEW:
            constraints[vcenter] = _unread(answer, record)
            answer = replace(answer, write=False)
        found[vcenter] = answer
    return found, constraints


def vcenter_by_provider(providers: Mapping[str, SourceProvider]) -> dict[str, str]:
    """Providers by vCenter → vCenter (instance UUID) by provider (namespace/name)."""
    return {f"{provider.namespace}/{provider.name}": vcenter for vcenter, provider in providers.items()}


def provider_manifests(providers: Iterable[SourceProvider]) -> list[Manifest]:
    """The Provider objects that have to be made."""
    written: dict[str, Manifest] = {}
    for provider in providers:
        if not provider.write:
            continue
        options = {"sdkEndpoint": provider.endpoint}
        if provider.vddk_image:
            options["vddkInitImage"] = provider.vddk_image
        spec: dict[str, Any] = {
            "type": VSPHERE,
            "url": provider.url,
            "secret": reference(provider.secret, provider.namespace),
            "settings": options,
        }
        purpose = f"Provider of {provider.url}; its secret {provider.secret} has to be there"
        if provider.unread:
            purpose += f"; it may be there already: {provider.unread}"
        written[provider.name] = manifest("Provider", provider.name, spec, purpose, namespace=provider.namespace)
    return [written[name] for name in sorted(written)]


def host_manifests(providers: Mapping[str, SourceProvider], vms: Iterable[PlanVm], settings: PlanSettings) -> list[Manifest]:
    """The Host objects that the user wants, for hosts on which planned VMs run."""
    places = sorted({(vm.vcenter, vm.host, vm.host_moref) for vm in vms if vm.host_moref and vm.vcenter in providers})
    wanted: dict[tuple[str, ...], Any] = {}
    for vcenter, name, moref in places:
        provider = providers[vcenter]
        called = ("", vcenter, *names_of_provider(provider))
        rule = next((rule for rule in settings.hosts if is_called(rule.vcenter, called) and rule.host in (name, moref)), None)
        if rule is not None:
            wanted[provider.name, moref] = provider, rule
    names = object_names(wanted)
    return [
        manifest(
            "Host",
            names[key],
            {
                "id": key[1],
                "ipAddress": rule.address,
                "provider": reference(provider.name, provider.namespace),
                "secret": reference(rule.secret, provider.namespace),
            },
            f"direct way to {rule.host}",
            namespace=provider.namespace,
        )
        for key, (provider, rule) in wanted.items()
    ]


def names_of_provider(provider: SourceProvider) -> tuple[str, ...]:
    """What rules for hosts may call the vCenter of a provider."""
    return tuple(filter(None, (provider.name, urlsplit(provider.url).hostname, *provider.called)))


def hook_manifests(settings: PlanSettings) -> list[Manifest]:
    """The Hook objects that run a job template; others are taken to be there."""
    written: dict[tuple[str, str], Manifest] = {}
    for rule in settings.hooks:
        if rule.job_template is None:
            continue
        spec: dict[str, Any] = {"aap": {"jobTemplateId": rule.job_template}}
        if rule.deadline_seconds is not None:
            spec["deadline"] = rule.deadline_seconds
        namespace = rule.namespace or settings.toolkit_namespace
        purpose = f"runs job template {rule.job_template}"
        written.setdefault((namespace, rule.name), manifest("Hook", rule.name, spec, purpose, namespace=namespace))
    return [written[key] for key in sorted(written)]


def _provider(
    vcenter: str, record: JsonRecord, new_names: Mapping[str, str], settings: PlanSettings, target: TargetView
) -> SourceProvider | Constraint:
    hostname, namespace = record.get("hostname") or record.get("name", ""), settings.toolkit_namespace
    endpoint = "esxi" if record.get("api_type") == STANDALONE_HOST else "vcenter"
    rule = _rule(settings, (vcenter, record.get("name", ""), hostname))
    there = [other for other in target.all("provider") if other.get("type") == VSPHERE and other.get("namespace") == namespace]
    alike = [other for other in there if hostname and urlsplit(other.get("url", "")).hostname == hostname.lower()]
    if rule is None and len(alike) > 1:
        names = ", ".join(other.get("name", "") for other in alike)
        message = f"{hostname} has {len(alike)} providers on the target ({names})"
        return Constraint("provider_ambiguous", hostname, message, f"name one of them in {SETTING}", SETTING)
    if rule is None and not alike and not hostname:
        shown = vcenter or "a source without a vCenter"
        message = f"{shown}: its host name is not known, so that no provider can be made for it"
        return Constraint("provider_unmapped", shown, message, f"name one in {SETTING}", SETTING)
    name = rule.name if rule else alike[0].get("name", "") if alike else new_names.get(hostname, "")
    known = target.get("provider", f"{namespace}/{name}") or {}
    url = (rule.url if rule else "") or known.get("url") or (f"https://{hostname}/sdk" if hostname else "")
    reason = f"your rule for {rule.vcenter}" if rule else "it is on the target with the same address" if alike else NEW
    return SourceProvider(
        vcenter=vcenter,
        name=name,
        namespace=namespace,
        url=url,
        secret=(rule.secret if rule else "") or known.get("secret", "").rpartition("/")[2] or name,
        vddk_image=(rule.vddk_image if rule else "") or known.get("vddk_image", ""),
        endpoint=known.get("sdk_endpoint") or endpoint,
        write=not known or is_ours(known),
        reason=reason,
        unread="" if known else _why_unread(target),
        called=vcenter_names(record),
    )


def _unread(provider: SourceProvider, record: JsonRecord) -> Constraint:
    shown = record.get("hostname") or record.get("name", "")
    message = f"{shown}: nobody knows whether the target has a provider for it: {provider.unread}"
    return Constraint("provider_unmapped", shown, message, f"let the account list providers, or name one in {SETTING}", SETTING)


def _why_unread(target: TargetView) -> str:
    """Why the target's providers are not known; empty where they are, or where it serves none."""
    return "" if target.known(PROVIDERS) or target.none_there(PROVIDERS) else target.why_not(PROVIDERS)


def _same(provider: SourceProvider, found: Mapping[str, SourceProvider]) -> str:
    """The vCenter that has a provider of this name already; empty for none."""
    return next((vcenter for vcenter, other in found.items() if other.name == provider.name), "")


def _rule(settings: PlanSettings, names: Iterable[str]) -> ProviderRule | None:
    known = list(names)
    # A source without any name of a vCenter is meant by a rule for all.
    return next((rule for rule in settings.providers if rule.vcenter == "*" or any(fits(rule.vcenter, name) for name in known)), None)


def _new_names(records: Iterable[JsonRecord]) -> dict[str, str]:
    """Host name to the name of a new provider: its first part, unless two would be called alike."""
    hostnames = sorted({hostname for record in records if (hostname := record.get("hostname") or record.get("name", ""))})
    short = [label_of(hostname.partition(".")[0]) for hostname in hostnames]
    whole = object_names((hostname,) for hostname in hostnames)
    return {
        hostname: name if name and not name.isdigit() and short.count(name) == 1 else whole[hostname,]
        for hostname, name in zip(hostnames, short, strict=True)
    }
