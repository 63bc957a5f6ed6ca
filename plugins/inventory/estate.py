# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory plugin groundwork.readiness.estate."""

from __future__ import annotations

DOCUMENTATION = r"""
name: estate
short_description: The VMs of an estate or an assessment as inventory hosts
version_added: 0.1.0
description:
  - Offers the VMs of a saved estate, of an assessment, or of a run as hosts, grouped by verdict, cluster, operating system, owner and more.
  - It reads files only, and speaks to no vCenter. The file that configures it ends in C(estate.yml), C(estate.yaml), C(readiness.yml) or
    C(readiness.yaml), as C(vms.estate.yml) does.
  - What is unknown of a VM makes no variable and no group. Test with C(is defined), and give C(default) where a value is needed.
  - A VM whose verdict is provisional is in a group of its own, such as C(verdict_ready_provisional), never in C(verdict_ready).
  - Names, notes and whatever else people can write in vSphere are data. They are never read as a template, and in the name of
    a host every character that means something to Ansible, a shell, a file system or a terminal becomes C(_).
    The variable C(vm_name) has the name as it is.
  - Two VMs of one name both get a suffix made from their id, and a warning tells so.
notes:
  - Relative paths are taken from the folder in which Ansible was started, as everywhere in this collection.
  - A host that another inventory source names as well is one host, with the groups and variables of both.
requirements:
  - orjson
extends_documentation_fragment:
  - constructed
  - inventory_cache
options:
  plugin:
    description: Says that the file is meant for this plugin.
    type: str
    required: true
    choices: [groundwork.readiness.estate]
  run_dir:
    description:
      - Directory of a run, as M(groundwork.readiness.run) made it. Its estate, its assessment and its plan are read, as far as it has them.
      - What the run did not make itself is not used, because it may rest on other sources.
    type: path
  runs_dir:
    description:
      - Folder with one directory per run. The newest run that has an assessment is read, else the newest that has an estate.
      - V(runs) when none of O(estate), O(assessment), O(run_dir) and O(runs_dir) is given.
    type: path
  estate:
    description: A saved estate, C(.jsonl) or C(.jsonl.gz). Without O(assessment), its VMs have no verdict.
    type: path
  assessment:
    description:
      - An assessment, C(assessment.jsonl). Without O(estate), its VMs have little but name and verdict.
      - With O(estate) it has to be the assessment of that very file.
    type: path
  hostnames:
    description:
      - What names a host, by preference. The first that is known of a VM counts, and its id when none is.
      - V(name) is the VM's name, V(guest_hostname) what VMware Tools reports, V(ip) the address that O(address_networks) chooses,
        V(id) the id in the estate.
    type: list
    elements: str
    choices: [name, guest_hostname, ip, id]
    default: [name]
  hostvars_prefix:
    description: Begins the name of every variable. Without one, facts such as C(tags) would be keywords of Ansible.
    type: str
    default: vm_
  facts:
    description:
      - Facts that become variables of their host. Only these can be used in O(compose), O(groups), O(keyed_groups) and O(filters).
      - Any fact of a VM as C(docs/schemas/estate.schema.json) describes it, and C(id), C(vcenter_name), C(os_family), C(os_type)
        (C(windows), C(linux) or C(other)), C(wave), C(out_of_scope), which is the reason.
      - Of an assessment C(verdict), C(provisional), C(score), C(score_best), C(findings), C(gaps) and C(not_applicable),
        the last three as lists of rule ids.
      - V(all) stands for all of them, disks and snapshots included. That is much for a large estate.
    type: list
    elements: str
    default:
      - id
      - name
      - verdict
      - provisional
      - score
      - score_best
      - findings
      - wave
      - vcenter_name
      - datacenter
      - cluster
      - folder
      - power_state
      - guest_hostname
      - guest_ips
      - os_family
      - os_type
      - cpu_count
      - memory_mib
      - provisioned_bytes
      - tools_status
      - owner
      - application
      - environment
      - criticality
      - tags
      - out_of_scope
  vms_group:
    description: Group that holds all of these hosts. An empty text makes none.
    type: str
    default: readiness_vms
  group_by:
    description:
      - What VMs are grouped by. The groups are named C(verdict_ready), C(wave_2), C(cluster_prod_01), C(os_RHEL_8), C(owner_team_erp),
        C(power_poweredOn), C(os_type_linux), C(datastore_gold_01), C(tag_Tier_gold), C(network_app_110), C(tools_toolsOk),
        C(finding_vmware_cbt_disabled) and so on, and are made of the facts of that name.
      - V(findings) makes one group for every rule that VMs fail.
      - V(wave) makes groups where the run has a plan.
    type: list
    elements: str
    choices:
      - application
      - cluster
      - criticality
      - datacenter
      - datastores
      - environment
      - findings
      - folder
      - host
      - networks
      - os_family
      - os_type
      - owner
      - power_state
      - resource_pool
      - tags
      - tools_status
      - vapp
      - vcenter
      - verdict
      - wave
    default: [verdict, wave, cluster, os_family, owner, power_state]
  owner_from:
    description:
      - Where the owner of a VM stands, by preference. The first place that names one counts, for groups and for the variable C(vm_owner).
      - V(annotation) is what the annotations of the estate say, C(tag:CATEGORY) the tags of that category, C(attribute:NAME)
        that custom attribute. Case does not matter.
      - A VM with several owners is in the group of each.
    type: list
    elements: str
    default: [annotation, "tag:owner", "attribute:owner"]
  templates:
    description: Offers templates too.
    type: bool
    default: false
  out_of_scope:
    description: Offers VMs that are out of the estate's scope too, except templates.
    type: bool
    default: false
  scope:
    description:
      - Narrows the VMs that are offered, a mapping with C(include) and C(exclude) as in the variable C(readiness_scope).
      - Each of them is a mapping of lists, C(vcenters), C(clusters), C(folders), C(tags) and C(vms). C(*) and C(?) are wildcards.
      - A VM stays where a fact that the scope asks for is unknown, and a warning tells so.
    type: dict
    default: {}
  filters:
    description:
      - Jinja2 conditions. Only hosts that meet all of them are offered.
      - A host for which a condition cannot be evaluated is not offered. With O(strict) that is an error, else a warning tells
        how many there are.
    type: list
    elements: str
    default: []
  ansible_host:
    description:
      - What C(ansible_host) is set to, by preference. V(ip) is the address that O(address_networks) chooses, V(guest_hostname)
        what VMware Tools reports.
      - An empty list sets nothing, and neither does a VM of which neither is known.
    type: list
    elements: str
    choices: [ip, guest_hostname]
    default: [ip]
  address_networks:
    description:
      - Networks in which the address of a VM has to lie, by preference.
      - Without them it is the first IPv4 address that VMware Tools reports, else the first IPv6 one. Loopback and link-local
        addresses never count.
    type: list
    elements: str
    default: []
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
# vms.estate.yml: the VMs of the newest run below ./runs
plugin: groundwork.readiness.estate

## One run, with groups of its own
# plugin: groundwork.readiness.estate
# run_dir: /srv/readiness/runs/20270104T081500Z-7f3a
# strict: true
# group_by: [verdict, cluster, findings]
# groups:
#   large: vm_memory_mib | default(0) >= 65536
#   without_owner: vm_owner is not defined
# keyed_groups:
#   - key: vm_environment | default('unknown')
#     prefix: env
# compose:
#   ansible_user: "'Administrator' if vm_os_type | default('') == 'windows' else 'ansible'"

## A saved estate and its assessment: the running Linux VMs of two clusters, reached through the management network
# plugin: groundwork.readiness.estate
# estate: exports/estate.jsonl.gz
# assessment: exports/assessment.jsonl
# scope:
#   include: {clusters: [prod-*]}
#   exclude: {folders: [/Lab]}
# filters:
#   - vm_power_state == 'poweredOn' and vm_os_type == 'linux'
# hostnames: [guest_hostname, name]
# address_networks: [192.0.2.0/24]
# facts: [id, name, os_type, power_state, verdict, findings, tags]
# cache: true
# cache_plugin: ansible.builtin.jsonfile
# cache_connection: /var/cache/readiness
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible import constants as C
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ..module_utils.adapters._libraries import LIBRARY_ERRORS
from ..module_utils.adapters.artifacts import decode, encode
from ..module_utils.common.errors import InputError, ReadinessError
from ..module_utils.common.version import COLLECTION_VERSION
from ..plugin_utils.inventory_artifacts import Located, locate, read_vms
from ..plugin_utils.inventory_expressions import Memory
from ..plugin_utils.inventory_hosts import Offer, OfferedHost, offer_of
from ..plugin_utils.inventory_request import InventoryRequest, option_problems, request_from

SUFFIXES = ("estate.yml", "estate.yaml", "readiness.yml", "readiness.yaml")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Reads artifacts and offers their VMs; everything is read and checked before the first host is added."""

    NAME = "groundwork.readiness.estate"
    _source = Path()

    def verify_file(self, path: str) -> bool:
        """True for a readable file with one of the plugin's endings."""
        return bool(super().verify_file(path)) and path.endswith(SUFFIXES)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Adds the hosts that the file at `path` asks for."""
        super().parse(inventory, loader, path)
        self._source = Path(path)
        if "orjson" in LIBRARY_ERRORS:
            raise AnsibleParserError(missing_required_lib("orjson"))
        try:
            self._read_options(path)
            request = request_from(self.get_option)
            located = locate(request)
            offer = self._cached(request, located, path, cache)
        except ReadinessError as error:
            raise AnsibleParserError(error.text()) from None  # newer versions show a cause as well, which says the same
        for warning in offer.warnings:
            self.display.warning(f"{self._source.name}: {warning}")
        added = self._add(offer)
        self.display.v(f"{self._source.name}: {added} of {len(offer.hosts)} VMs of {located.label}")

    def _read_options(self, path: str) -> None:
        try:
            self._read_config_data(path)
        except AttributeError as error:  # Ansible asks for the key `plugin` before it looks whether there are keys.
            raise InputError("inventory_options", f"{self._source.name} needs a mapping at the top") from error

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Refuses a file with every fault of its options at once, before Ansible stops at the first."""
        if isinstance(direct, Mapping):
            definitions = C.config.get_configuration_definitions("inventory", self._load_name)
            rows = _rows(self._source)
            problems = option_problems(direct, definitions, self._source.name, rows)
            if problems:
                raise InputError("inventory_options", f"{self._source.name} cannot be used as it is", problems=problems)
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def _cached(self, request: InventoryRequest, located: Located, path: str, cache: bool) -> Offer:
        """The offer from the cache, when it was made for the same request from the same files; else made anew."""
        if not self.get_option("cache"):
            return self._made(request, located)
        key = self.get_cache_key(path)
        wanted = repr((COLLECTION_VERSION, request, located.identity())).encode("utf-8", "surrogatepass")
        signature = hashlib.sha256(wanted).hexdigest()
        kept = self._kept(key, signature) if cache else None
        if kept:
            return kept
        offer = self._made(request, located)
        hosts = [[host.name, host.groups, host.variables] for host in offer.hosts]
        # One text: cache plugins copy and compare what they hold, which is slow for what has many parts.
        self._cache[key] = {"signature": signature, "offer": encode({"hosts": hosts, "warnings": offer.warnings}).decode()}
        return offer

    def _kept(self, key: str, signature: str) -> Offer | None:
        """What the cache holds under that signature; None for anything else."""
        try:
            kept = self._cache[key]
            if kept["signature"] != signature:
                return None
            content = decode(kept["offer"].encode())
            hosts = [OfferedHost(name, tuple(groups), variables) for name, groups, variables in content["hosts"]]
            return Offer(hosts, content["warnings"])
        except (AttributeError, LookupError, TypeError, ValueError):  # not there, or not what this plugin has put there
            return None

    def _made(self, request: InventoryRequest, located: Located) -> Offer:
        vms, warnings = read_vms(located, request)
        offer = offer_of(vms, request, self._sanitize_group_name)
        return Offer(offer.hosts, [*warnings, *offer.warnings])

    # ---- adding hosts ------------------------------------------------------------------------------------------------

    def _add(self, offer: Offer) -> int:
        """Adds the hosts that meet the filters; returns how many."""
        strict = self.get_option("strict")
        filters = self.get_option("filters")
        composed, grouped, keyed = self.get_option("compose"), self.get_option("groups"), self.get_option("keyed_groups")
        added = 0
        self._undecided: list[str] = []
        self._memory = Memory()
        for host in offer.hosts:
            variables = {name: _marked(value) for name, value in host.variables.items()}
            if filters and not self._passes(host.name, variables, filters, strict):
                continue
            added += 1
            self._add_host(host, variables)
            if composed:
                self._set_composite_vars(composed, {**variables, "inventory_hostname": host.name}, host.name, strict=strict)
            if grouped or keyed:
                known = self.inventory.get_host(host.name).get_vars()
                self._add_host_to_composed_groups(grouped, known, host.name, strict=strict, fetch_hostvars=False)
                self._add_host_to_keyed_groups(keyed, known, host.name, strict=strict, fetch_hostvars=False)
        self._warn_of_undecided()
        return added

    def _add_host(self, host: OfferedHost, variables: Mapping[str, Any]) -> None:
        self.inventory.add_host(host.name)
        # Not by set_variable, which looks into each value for what may be a template: ten times as slow, and nothing here may be one.
        self.inventory.hosts[host.name].vars.update(variables)
        for group in host.groups:
            if group not in self.inventory.groups:
                self.inventory.add_group(group)
            self.inventory.add_child(group, host.name)

    def _passes(self, name: str, variables: Mapping[str, Any], filters: list[str], strict: bool) -> bool:
        known = {**variables, "inventory_hostname": name}
        condition = ""
        try:
            for condition in filters:
                if not boolean(self._compose(condition, known), strict=False):
                    return False
        except AnsibleError as error:
            if strict:
                raise AnsibleParserError(f"the filter {condition!r} cannot be evaluated for host {name}: {error}") from error
            self._undecided.append(f"{name} ({condition})")
            return False
        return True

    # ---- expressions, remembered -------------------------------------------------------------------------------------

    def _compose(self, template: Any, variables: Mapping[str, Any], *more: Any, **named: Any) -> Any:
        """Ansible's own evaluation of an expression, once for all hosts that are alike in what it asks for."""
        expression = str(template)
        key = None if self.get_option("use_extra_vars") else self._memory.key(expression, variables)
        result = self._memory.recall(expression, key)
        if result is self._memory.MISSING:
            result = super()._compose(template, variables, *more, **named)
            self._memory.keep(expression, key, result)
        return result

    def _add_host_to_composed_groups(
        self, groups: Any, variables: Mapping[str, Any], host: str, strict: bool = False, fetch_hostvars: bool = True
    ) -> None:
        """Ansible's own groups by condition, each condition asked once for all hosts that are alike in what it asks for."""
        for name, condition in (groups or {}).items():
            group = self._sanitize_group_name(name)
            expression = f"if {condition}"
            key = self._memory.key(str(condition), variables)
            belongs = self._memory.recall(expression, key)
            if belongs is self._memory.MISSING:
                super()._add_host_to_composed_groups({name: condition}, variables, host, strict=strict, fetch_hostvars=fetch_hostvars)
                belongs = group in self.inventory.groups and host in self.inventory.groups[group].host_names
                self._memory.keep(expression, key, belongs)
            elif belongs:
                self.inventory.add_child(group, host)

    def _warn_of_undecided(self) -> None:
        if self._undecided:
            count = len(self._undecided)
            hosts = "1 VM is" if count == 1 else f"{count} VMs are"
            self.display.warning(
                f"{self._source.name}: {hosts} not offered because a filter cannot be evaluated, {self._undecided[0]} for one: "
                "a fact that it asks for is unknown, or not among facts"
            )


def _marked(value: Any) -> Any:
    """The value with every text that could be taken for a template marked as data, which newer versions of Ansible take it for anyway."""
    if isinstance(value, str):
        return wrap_var(value) if "{" in value or "}" in value else value
    if isinstance(value, list):
        return [_marked(entry) for entry in value]
    if isinstance(value, dict):
        return {_marked(name): _marked(entry) for name, entry in value.items()}
    return value


def _rows(path: Path) -> dict[str, int]:
    """The line on which each option of a file stands; empty when that cannot be said, as of a vault."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return dict(_positions(root)) if isinstance(root, yaml.MappingNode) else {}


def _positions(root: yaml.MappingNode) -> Iterator[tuple[str, int]]:
    for name, _value in root.value:
        yield str(name.value), name.start_mark.line + 1
