# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory file asks for: its options checked, every fault found at once, and put into one request."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NamedTuple

from ..module_utils.common.errors import Problem
from ..module_utils.estate.records import FACTS
from ..module_utils.estate.scope import ScopeRequest, parse_scope, word_for

DERIVED: Final = ("id", "os_family", "os_type", "out_of_scope", "vcenter_name", "wave")
"""What is offered of a VM beside the facts of its record in the estate."""

ASSESSED: Final = ("verdict", "provisional", "score", "score_best", "findings", "not_applicable", "gaps")
"""What an assessment says of a VM."""

ALL: Final = "all"
KNOWN_FACTS: Final = tuple(dict.fromkeys((*FACTS["vm"], *DERIVED, *ASSESSED)))

GROUPINGS: Final[Mapping[str, str]] = {
    "application": "application",
    "cluster": "cluster",
    "criticality": "criticality",
    "datacenter": "datacenter",
    "datastores": "datastore",
    "environment": "environment",
    "findings": "finding",
    "folder": "folder",
    "host": "host",
    "networks": "network",
    "os_family": "os",
    "os_type": "os_type",
    "owner": "owner",
    "power_state": "power",
    "resource_pool": "resource_pool",
    "tags": "tag",
    "tools_status": "tools",
    "vapp": "vapp",
    "vcenter": "vcenter",
    "verdict": "verdict",
    "wave": "wave",
}
"""What VMs can be grouped by, and how the names of these groups begin."""

HOSTNAMES: Final = ("name", "guest_hostname", "ip", "id")
ADDRESSES: Final = ("ip", "guest_hostname")
SOURCES: Final = ("estate", "assessment", "run_dir", "runs_dir")
ANNOTATION: Final = "annotation"
OWNER_KINDS: Final = ("tag", "attribute")
ALIKE: Final = 0.6
"""From this likeness on, a word that is not known is taken for a misspelt one."""

LISTED_WORDS: Final = 30
"""Longer lists of words are not spelt out in an error."""

_CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "ansible_host": ADDRESSES,
    "facts": (*KNOWN_FACTS, ALL),
    "group_by": tuple(GROUPINGS),
    "hostnames": HOSTNAMES,
}
"""Options that are lists of words, and the words there are."""

_TRUTHS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "1", "0", "t", "f", "y", "n"})


class _Fault(NamedTuple):
    """What is wrong with an option, in words that name it."""

    option: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class InventoryRequest:
    """The options of an inventory file, checked. Paths are absolute; None and empty texts stand for what is not given."""

    estate: Path | None = None
    assessment: Path | None = None
    run_dir: Path | None = None
    runs_dir: Path | None = None
    hostnames: tuple[str, ...] = ("name",)
    hostvars_prefix: str = "vm_"
    facts: tuple[str, ...] = ()
    """facts that become variables; a request for all facts is spelt out"""
    vms_group: str = ""
    group_by: tuple[str, ...] = ()
    owner_from: tuple[str, ...] = (ANNOTATION,)
    templates: bool = False
    out_of_scope: bool = False
    scope: ScopeRequest = field(default_factory=ScopeRequest)
    ansible_host: tuple[str, ...] = ("ip",)
    address_networks: tuple[str, ...] = ()


def request_from(option: Callable[[str], Any]) -> InventoryRequest:
    """The request of options that were found in order."""
    paths = {name: Path(str(option(name))) if option(name) else None for name in SOURCES}
    if not any(paths.values()):
        paths["runs_dir"] = Path("runs").absolute()
    texts = {
        name: tuple(str(entry) for entry in option(name) or ())
        for name in ("hostnames", "facts", "group_by", "owner_from", "ansible_host", "address_networks")
    }
    if ALL in texts["facts"]:
        texts["facts"] = KNOWN_FACTS
    return InventoryRequest(
        estate=paths["estate"],
        assessment=paths["assessment"],
        run_dir=paths["run_dir"],
        runs_dir=paths["runs_dir"],
        hostnames=texts["hostnames"],
        facts=texts["facts"],
        group_by=texts["group_by"],
        owner_from=texts["owner_from"],
        ansible_host=texts["ansible_host"],
        address_networks=texts["address_networks"],
        hostvars_prefix=str(option("hostvars_prefix") or ""),
        vms_group=str(option("vms_group") or ""),
        templates=bool(option("templates")),
        out_of_scope=bool(option("out_of_scope")),
        scope=parse_scope(option("scope"), "scope")[0],
    )


def option_problems(given: Mapping[str, Any], definitions: Mapping[str, Any], file: str, rows: Mapping[str, int]) -> list[Problem]:
    """Everything that is wrong with the options of a file.

    `definitions` are Ansible's own of all options of the plugin, name to a mapping with `type`; `rows` say where each option stands.
    """
    faults = [_unknown_option(str(name), definitions) for name in given if name not in definitions]
    sound: dict[str, Any] = {}
    for name, value in given.items():
        if name not in definitions or value is None:
            continue
        message = _type_fault(str(definitions[name].get("type", "str")), value)
        if message:
            faults.append(_Fault(name, f"{name} {message}"))
        else:
            sound[name] = value
    for check in _CHECKS:
        faults += check(sound)
    faults.sort(key=lambda fault: rows.get(fault.option, 0))
    return [Problem(fault.message, file=file, row=rows.get(fault.option), remedy=fault.remedy) for fault in faults]


def _unknown_option(name: str, definitions: Mapping[str, Any]) -> _Fault:
    meant = get_close_matches(name, list(definitions), n=1, cutoff=ALIKE)
    remedy = f"did you mean {meant[0]}?" if meant else "ansible-doc -t inventory groundwork.readiness.estate lists the options"
    return _Fault(name, f"there is no option {name}", remedy)


def _type_fault(kind: str, value: Any) -> str:
    """Why a value is not of an option's type; empty when it is."""
    truth = isinstance(value, bool)
    number = isinstance(value, int) and not truth
    text = isinstance(value, str)
    if kind in ("bool", "boolean"):
        fits, wanted = truth or (number and value in (0, 1)) or (text and value.lower() in _TRUTHS), "true or false"
    elif kind in ("int", "integer"):
        fits, wanted = number or (text and value.strip().lstrip("-").isdigit()), "a whole number"
    elif kind == "dict":
        fits, wanted = isinstance(value, Mapping), "a mapping"
    elif kind == "list":
        fits, wanted = isinstance(value, Sequence), "a list"
    else:
        fits, wanted = text, "a text"
    return "" if fits else f"is {word_for(value)}, not {wanted}"


def _texts(given: Mapping[str, Any], name: str) -> Iterator[tuple[str, str, str]]:
    """(entry, its place, what is wrong with it) for the entries of a list of texts; Ansible splits a single text at its commas."""
    value = given.get(name) or ()
    for position, entry in enumerate(value.split(",") if isinstance(value, str) else value):
        place = f"{name}[{position}]"
        if not isinstance(entry, str):
            yield "", place, f"{place} is {word_for(entry)}, not a text"
        elif not entry.strip():
            yield "", place, f"{place} is empty"
        else:
            yield entry.strip(), place, ""


def _source_faults(given: Mapping[str, Any]) -> Iterator[_Fault]:
    named = [name for name in SOURCES if given.get(name)]
    if len(named) > 1 and named != ["estate", "assessment"]:
        remedy = "name a run_dir, or a runs_dir, or an estate with or without its assessment"
        yield _Fault(named[-1], f"{' and '.join(named)} exclude each other", remedy)


def _word_faults(given: Mapping[str, Any]) -> Iterator[_Fault]:
    for name, words in _CHOICES.items():
        for entry, place, fault in _texts(given, name):
            if fault:
                yield _Fault(name, fault)
            elif entry not in words:
                meant = get_close_matches(entry, words, n=1, cutoff=ALIKE)
                listed = f"there are {', '.join(words)}"
                if len(words) > LISTED_WORDS:
                    listed = "docs/schemas/estate.schema.json lists the facts of a VM"
                yield _Fault(name, f"{place} is {entry!r}, which is not known", f"did you mean {meant[0]}?" if meant else listed)
    if given.get("hostnames") in ([], ""):
        yield _Fault("hostnames", "hostnames is empty", f"name one of {', '.join(HOSTNAMES)}")


def _owner_faults(given: Mapping[str, Any]) -> Iterator[_Fault]:
    for entry, place, fault in _texts(given, "owner_from"):
        kind, _colon, name = entry.partition(":")
        if fault:
            yield _Fault("owner_from", fault)
        elif entry != ANNOTATION and not (kind in OWNER_KINDS and name.strip()):
            message = f"{place} is {entry!r}, which does not say where the owner stands"
            yield _Fault("owner_from", message, "write annotation, tag:CATEGORY or attribute:NAME")


def _network_faults(given: Mapping[str, Any]) -> Iterator[_Fault]:
    for entry, place, fault in _texts(given, "address_networks"):
        if fault:
            yield _Fault("address_networks", fault)
            continue
        try:
            ipaddress.ip_network(entry)
        except ValueError as error:
            yield _Fault("address_networks", f"{place} is no network: {error}", "write it as 192.0.2.0/24 or 2001:db8::/64")


def _prefix_faults(given: Mapping[str, Any]) -> Iterator[_Fault]:
    prefix = given.get("hostvars_prefix", "vm_")
    name = "hostvars_prefix"
    if not prefix:
        remedy = "without a prefix, name, tags and environment would be keywords of Ansible; choose one such as vm_"
        yield _Fault(name, f"{name} is empty", remedy)
    elif not (prefix.isidentifier() and prefix.isascii()):
        remedy = "use letters, digits and underscores, and begin with a letter"
        yield _Fault(name, f"{name} is {prefix!r}, which cannot begin the name of a variable", remedy)
    elif prefix.startswith("ansible"):
        yield _Fault(name, f"{name} is {prefix!r}, which would set variables that steer Ansible", "choose another one, such as vm_")


def _scope_faults(given: Mapping[str, Any]) -> Iterator[_Fault]:
    for problem in parse_scope(given.get("scope"), "scope")[1]:
        yield _Fault("scope", problem.message, problem.remedy)


def _constructed_faults(given: Mapping[str, Any]) -> Iterator[_Fault]:
    """What is wrong with conditions and expressions, as far as it can be seen without a VM."""
    filters = given.get("filters") or ()
    if isinstance(filters, str):
        yield _Fault("filters", "filters is a text, not a list", "put a dash before the condition: it may hold commas")
    else:
        for _entry, _place, fault in _texts(given, "filters"):
            if fault:
                yield _Fault("filters", fault)
    for name in ("compose", "groups"):
        for key, expression in (given.get(name) or {}).items():
            if not isinstance(expression, (str, bool)):
                yield _Fault(name, f"{name}.{key} is {word_for(expression)}, not an expression")
    for position, entry in enumerate(given.get("keyed_groups") or ()):
        place = f"keyed_groups[{position}]"
        if not isinstance(entry, Mapping):
            yield _Fault("keyed_groups", f"{place} is {word_for(entry)}, not a mapping", "give it a key, such as vm_cluster")
        elif not isinstance(entry.get("key"), str):
            yield _Fault("keyed_groups", f"{place} has no key", "name a variable or an expression, such as vm_cluster")


_CHECKS: Final[Sequence[Callable[[Mapping[str, Any]], Iterator[_Fault]]]] = (
    _source_faults,
    _word_faults,
    _owner_faults,
    _network_faults,
    _prefix_faults,
    _scope_faults,
    _constructed_faults,
)
