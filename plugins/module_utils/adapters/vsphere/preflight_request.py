# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between the preflight module and the session that it looks at: parameters to settings, privileges to a result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...assessment.catalogue import load_catalogue
from ...common.calls import ModuleCall, Outcome
from ...common.errors import InputError, ReadinessError
from ...estate.scope import not_given
from ...estate.vsphere.privileges import PAGE, Lack, Preflight, cost
from ..vcenter_arguments import VcenterArguments, VcenterSettings
from .connection import Connection, Timing
from .privileges import Survey, preflight, survey
from .reader import endpoint_of
from .services import rest_session
from .soap import SoapFault
from .tags import count_tags

PLACE: Final = "vcenter_preflight"
OPTIONS: Final = ("hostname", "port", "username", "password", "validate_certs", "ca_path", "proxy_host", "proxy_port")
NO_TAGS_ON_HOST: Final = "a standalone host has no tags"


@dataclass(frozen=True, slots=True)
class VisibleTags:
    """How many tags the account may read; None with the reason where none can be."""

    count: int | None
    reason: str


def work(call: ModuleCall) -> Outcome:
    """Says what the account of the module's parameters may read. Nothing is written anywhere."""
    settings = settings_of(call.params)
    needs = needs_of(call.params["catalogue"])
    try:
        return Outcome(changed=False, result=look(settings, needs))
    except SoapFault as error:
        reason = error.fault.reason
    hint = f"Give the account at least the role Read-only on the root folder ({PAGE})."
    name = settings.name or settings.hostname
    raise ReadinessError("vcenter_fault", f"{name}: {reason}", subject=name, hint=hint)


def look(settings: VcenterSettings, needs: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What the account may read of the server. Raises SoapFault where it may not even keep a session."""
    with Connection(endpoint_of(settings), Timing(request_seconds=settings.request_timeout_seconds)) as connection:
        # An account that may not even view can log in, and is then shown nothing at all: this call says why.
        connection.invoke(connection.managed(("ServiceInstance", "ServiceInstance")), "CurrentTime")
        found = preflight(connection, _seen(connection), needs)
        return result_of(settings, connection.about, found, _tags(connection, found))


def _seen(connection: Connection) -> Survey:
    """What the session sees; nothing where it may not even list objects, which its privileges then show."""
    try:
        return survey(connection)
    except ReadinessError as error:
        if error.code != "vcenter_fault":
            raise
    return Survey()


def settings_of(params: Mapping[str, Any]) -> VcenterSettings:
    """The settings that the options make, or their mapping `vcenter`. Raises InputError with everything that is wrong with them."""
    whole, host, base_dir = params.get("vcenter"), params.get("host") or "", Path(params.get("base_dir") or ".").absolute()
    if host:
        arguments = VcenterArguments(f"readiness_vcenter of host {host}", base_dir, params.get("address") or host, host)
        whole = {} if not_given(whole) else whole
    elif whole is not None:
        arguments = VcenterArguments(f"{PLACE}.vcenter", base_dir, params.get("address") or "")
    else:
        arguments = VcenterArguments(PLACE, base_dir)
        whole = {name: params[name] for name in OPTIONS if params.get(name) is not None}
    settings = arguments.settings(whole)
    if settings is None:
        message = "it cannot be looked at: the arguments cannot be used"
        raise InputError("arguments_invalid", message, subject=host or PLACE, problems=arguments.problems)
    return settings


def needs_of(catalogue: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """Rule id to the fact paths that it reads; empty without a catalogue."""
    if not catalogue:
        return {}
    return {rule.id: rule.needs() for rule in load_catalogue(catalogue).rules}


def _tags(connection: Connection, found: Preflight) -> VisibleTags:
    if found.standalone:
        return VisibleTags(None, NO_TAGS_ON_HOST)
    return VisibleTags(*count_tags(rest_session(connection)))


def result_of(settings: VcenterSettings, about: Mapping[str, str], found: Preflight, tags: VisibleTags) -> dict[str, Any]:
    """The preflight as the module returns it."""
    return {
        "hostname": settings.hostname,
        "product": about.get("full_name", ""),
        "standalone": found.standalone,
        "suffices": found.suffices,
        "granted": list(found.granted),
        "missing": [_lack_data(lack) for lack in found.missing],
        "read_access": found.read_access,
        "evidence": found.evidence,
        "unreadable": list(found.unreadable),
        "tags": {"visible": tags.count or 0, "reason": tags.reason},
        "notices": [notice.as_record() for notice in found.notices],
        "summary": list(summary(settings.name or settings.hostname, about.get("full_name", ""), found, tags)),
    }


def _lack_data(lack: Lack) -> dict[str, Any]:
    return {
        "privilege": lack.privilege,
        "need": lack.need,
        "facts": list(lack.facts),
        "rules": list(lack.rules),
        "remedy": lack.remedy,
    }


def summary(name: str, product: str, found: Preflight, tags: VisibleTags) -> Iterator[str]:
    """The preflight in lines to read."""
    yield f"{name}: {product or 'product not told'}"
    yield f"privileges: {', '.join(found.granted) or 'not told'}"
    for lack in found.missing:
        yield f"missing ({lack.need}): {lack.privilege}; {cost(lack)}"
    yield f"read access: {found.read_access.replace('_', ' ')}; {found.evidence}"
    yield f"tags: {tags.count} can be read" if tags.count else f"tags: {tags.reason}"
    if not found.suffices:
        yield f"the account does not suffice: give it the role of {PAGE} on the root folder, propagated to children"
    elif found.notices:
        yield "the account suffices, with what is said above"
    else:
        yield "the account suffices"
