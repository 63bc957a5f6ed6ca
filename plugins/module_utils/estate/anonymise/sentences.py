# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection itself says in an estate (reasons, notices), without what it quotes.

A sentence stays as it is when it is one of those that quote nothing but words of the API, of RVTools and of the model, and
numbers. Of one that quotes more, the part that quotes is left out. Any other sentence is replaced by one that says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..claims import UNDECIDED
from ..records import FACTS, PART_FACTS
from ..rvtools.tabs import INFO, INVENTORY_TABS, VM_TABS
from ..vsphere.catalogue import PROPERTIES

LEFT_OUT: Final = "the reason is left out of this anonymised export"
"""Stands for a reason of which nothing can be kept."""

TABS: Final = frozenset(tab.name for tab in (INFO, *VM_TABS, *INVENTORY_TABS)) | {"vMetaData", "vFloppy", "dvSwitch"}
"""Tabs of an RVTools export."""

COLUMNS: Final = frozenset(name for tab in (INFO, *VM_TABS, *INVENTORY_TABS) for column in tab.columns for name in column.names)
"""Columns of an RVTools export that are read."""

FACT_NAMES: Final = (
    frozenset(fact for facts in FACTS.values() for fact in facts)
    | frozenset(f"{kind}.{fact}" for kind, facts in FACTS.items() for fact in facts)
    | frozenset(f"{prefix}{part}.{fact}" for part, facts in PART_FACTS.items() for fact in facts for prefix in ("", "vm."))
)
"""Facts as sources name those that they do not show."""

_PRIVILEGE_GROUPS: Final = (
    "Alarm|Authorization|Cryptographer|DVPortgroup|DVSwitch|Datacenter|Datastore|EAM|Extension|Folder|Global|Host|InventoryService|Network"
    "|Performance|Profile|Resource|ScheduledTask|Sessions|StoragePod|StorageProfile|StorageViews|System|Task|VApp|VirtualMachine"
)
_FAULT: Final = (
    "(?:HostCommunication|HostNotConnected|InvalidArgument|InvalidProperty|InvalidRequest|InvalidState|InvalidType|ManagedObjectNotFound"
    "|MethodNotFound|NoPermission|NotAuthenticated|NotFound|NotImplemented|NotSupported|RequestCanceled|RuntimeFault|SecurityError"
    "|SystemError|SystemErrorFault|TaskInProgress|Timedout|UnexpectedFault)"
)
_TAB: Final = f"(?:{'|'.join(sorted(TABS))})"
_PRIVILEGE: Final = rf"(?:{_PRIVILEGE_GROUPS})(?:\.[A-Z][A-Za-z]{{2,30}}){{1,4}}"
_COUNTER: Final = r"(?:cpu|mem|disk|virtualDisk|datastore|net|sys)\.[a-z]{3,20}\.[a-z]{4,10}"
_CLASS: Final = f"(?:{'|'.join(sorted(PROPERTIES))})"
_PATH: Final = "(?:{})".format("|".join(sorted({re.escape(entry.path) for entries in PROPERTIES.values() for entry in entries})))

KEPT_REASONS: Final = (
    UNDECIDED,
    "RVTools does not export this",
    "VMware Tools does not run in the guest",
    "the export does not have this tab",
    "the export does not have this column",
    "the tab has no rows",
    "two files of the source do not agree",
    "the hosts that offer it do not agree",
    "custom attributes stand between Annotation and Datacenter",
    "none of its rows could be attributed to a VM of vInfo",
    "the server has no value for it",
    "no permission",
    "the server says a word that this version does not know",
    "the server says what is no value for it",
    "the server answered with a fault",
    LEFT_OUT,
)
"""Reasons that quote nothing."""

_KEPT_PATTERNS: Final = (
    *(re.escape(reason) for reason in KEPT_REASONS),
    rf"no row in tab {_TAB}",
    rf"no permission: privilege {_PRIVILEGE} is missing",
    rf"tab {_TAB}, rows [0-9]+ and [0-9]+ do not agree",
    rf"tab {_TAB}, row [0-9]+: the row cannot be attributed to a VM",
    r"row [0-9]+ does not name its VM, so it may be any VM's",
    rf"the server has no counter {_COUNTER}",
    rf"[0-9]+ samples? of {_COUNTER} in the history, at least [0-9]+ are needed",
    rf"no history of {_COUNTER}: it is kept from statistics level [0-9], the vCenter keeps level [0-9]",
    rf"no history of {_COUNTER} in that time",
)
_KEPT: Final = re.compile("|".join(_KEPT_PATTERNS))

_SPOKEN_WORDS: Final = """
a able about above access account adapter adapters add address addresses advanced affinity after again all allowed alone also an
and annotation another answer answered answers any anything api are as asked assigned at attribute attributes average be became
because before begin behind belong belongs below between binds block blocks bound bus but by bytes called came cannot capacity
capture captured cell cells certificate change changed changes check child children circle class clock closed cluster clusters
column columns come comes complete configuration configured connected connection controller controllers core cores correct counted
counter counters cpu cpus created custom data datacenter date dates day days default delta description device devices dhcp did
differ different disagree disk disks dns do does done drive drives each earlier either empty enabled enough entity entries entry
esxi every export exported fact facts failed failing fails false fault file files filesystem firmware first folder folders for
format found free from full further gateway gateways generation gives gone grants group groups guest guests hard has have header
hidden highest history hold holds home host hostname hosts how id ids image images in independent inside instance interface
interfaces interval intervals into inventory ip ips is it its keep keeps kept key keys kind kinds know known larger last late
later lay layout lead leads least leave leaves left length level levels licence licences licensed lies like limit line lines list
listed listing live log login lost lower mac machine machines make makes manager many mapping mark marked masked match matches may
measured memory merge merged message missed missing mode month months more most mount mounts move much name named names near need
needed needs network networks never newer next nic nics no node nodes none nor not noted nothing nsx number object objects occur
of off older on once one ones online only open or order orders other others outside override own owner page pages parent parents
part partition partitions parts perform performance perhaps period permission permissions place placement places plain plan please
point policies policy pool port power present previous privilege privileges product profile profiles program properties property
protection protocol provider quiesced quite range rate rather raw rdm reach reached read readable ready real reason reasons
recorded refuse refused refuses register registered related remains remove removed repeated replication reported reports requested
required reservation resource resources responsible rest restart result results return returned right room root row rows rule
rules run running runs rvtools safe said same sample samples san saved say says scan schedule scope script second seconds secure
see seems seen sees self sent serial server servers service services session set setting settings several share shared sharing
show shown shows side simply since single size sizes skipped slow small snapshot snapshots so soap software some source sources
special standalone standby start started starts state states statistics stay stays still stop stopped storage store stored such
sum support supported supports suspended switch switched sync system systems tab table tabs tag tags taken takes task tell tells
templates term test text than that the their them then there these they thin third this though three through till time times to
together told too tools top total tracked tracking transport tree true trust try turned two type types typical unable uncertain
unclear under undone unit units unknown unless unset unsupported unusable up update updated upon upper uptime usable use used user
uses usual uuid uuids valid value values vanished vapp vapps various vcenter vcpu version versions very via view virtual vlan
vlans vm vmfs vms vmware volume volumes vsan was way ways week well were what when where whether which while who whole whose why
width will window with within without word words would write written wrong year years yet your yours zero
"""

SPOKEN: Final = frozenset(_SPOKEN_WORDS.split())
"""Words of the collection's own speech. A sentence of nothing else tells nothing of an estate, whoever wrote it."""

_SHORTENED: Final = (
    (re.compile(rf"(tab {_TAB}, row [0-9]+)\b.*", re.DOTALL), r"\1: what stands there does not tell"),
    (re.compile(rf"(tab {_TAB})\b.*", re.DOTALL), r"\1: what stands there does not tell"),
    (
        re.compile(r"the server says '.*', a word that this version does not know.*", re.DOTALL),
        "the server says a word that this version does not know",
    ),
    (re.compile(r"the server says .*", re.DOTALL), "the server says what is no value for it"),
    (re.compile(rf"(the server answered {_FAULT})\b.*", re.DOTALL), r"\1"),
    (re.compile(r"the server answered .*", re.DOTALL), "the server answered with a fault"),
    (re.compile(r"no permission\b.*", re.DOTALL), "no permission"),
    (re.compile(r"(tags|storage policies|history) could not be read\b.*", re.DOTALL), r"\1 could not be read"),
)
_SENTENCE: Final = re.compile(r"[A-Za-z0-9 ,:;'()-]+")
_WORDS: Final = re.compile(r"[A-Za-z]+|[0-9]+")
_MOST_DIGITS: Final = 5
_COUNTED: Final = re.compile(r"(.+?)( \([0-9]+ (?:objects?|records?)\))", re.DOTALL)
_NAMED_FILES: Final = re.compile(r"(.+) \([^()]+\)", re.DOTALL)

_WHAT: Final = re.compile(
    rf"RVTools|tab {_TAB}|{_CLASS}: {_PATH}(?:, {_PATH})*(?: and [0-9]+ more)?|every record of kind (?:{'|'.join(sorted(FACTS))})"
)
_TAB_COLUMN: Final = re.compile(rf"(tab {_TAB}), column (.+)", re.DOTALL)

NOTICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "annotation_ambiguous": "an annotation fits several VMs",
        "annotation_conflict": "two annotations of one VM do not agree",
        "annotation_unmatched": "an annotation fits no VM",
        "captures_differ": "the files were captured at different times; the first date counts for all",
        "certificate_not_checked": "the certificate of the cluster was not verified",
        "certificate_not_verified": "the certificate of the server was not verified",
        "cell_unreadable": "cells cannot be read; what they say stays unknown",
        "class_unknown": "objects of a class that this version does not know were left out",
        "connection_not_encrypted": "the cluster was read over a connection that is not encrypted",
        "date_order_unknown": "nothing in the file tells whether these dates begin with the day or with the month",
        "duplicate_rows": "further rows of VMs that an earlier row shows: merged with it",
        "duplicate_vms": "VMs found in a further file: merged",
        "objects_not_read": "objects could not be read",
        "objects_vanished": "objects vanished between the listing and the reading",
        "part_missing": "a part of the stage has left nothing",
        "privilege_missing": "the account lacks a privilege on the root folder",
        "privileges_not_known": "it is not known whether the account sees every VM",
        "property_not_read": "properties of some objects could not be read",
        "row_without_vm": "rows without a VM: left out",
        "rows_not_attributed": "rows could not be attributed to a VM of vInfo",
        "scope_undecided": "VMs stay in scope because what the scope asks for is unknown for them",
        "scope_unmatched": "an entry of the scope matches no VM",
        "source_left_out": "a source was left out by --limit: what runs there is not in this estate",
        "source_missing": "a source left no estate: what runs there is not in this one",
        "vms_may_be_invisible": "VMs may be invisible to the account",
        "word_unknown": "the server says a word that this version does not know",
    }
)
"""Code of a notice to what it says without what it quotes."""

OTHER_NOTICE: Final = "the text of this notice is left out of this anonymised export"
_ONE_RUN: Final = ("annotation_", "scope_")
_NAMED_PRIVILEGE: Final = re.compile(rf"privilege ({_PRIVILEGE})\b")


def reason(text: str) -> str:
    """Why something is unknown, without what it quotes."""
    return "; ".join(dict.fromkeys(_one_reason(part) for part in text.split("; ")))


def _one_reason(text: str) -> str:
    if _KEPT.fullmatch(text) or _is_spoken(text):
        return text
    if counted := _COUNTED.fullmatch(text):
        return _one_reason(counted[1]) + counted[2]
    if (named := _NAMED_FILES.fullmatch(text)) and _KEPT.fullmatch(named[1]):
        return f"{named[1]} (some of its files)"
    for pattern, shortened in _SHORTENED:
        if found := pattern.fullmatch(text):
            return found.expand(shortened)
    return LEFT_OUT


def _is_spoken(text: str) -> bool:
    """True for a sentence of nothing but words of the collection's own speech and short numbers."""
    if not _SENTENCE.fullmatch(text):
        return False
    return all(len(word) <= _MOST_DIGITS if word.isdigit() else word.lower() in SPOKEN for word in _WORDS.findall(text))


def what_is_not_seen(text: str) -> str:
    """What a source does not show: a tab, a column, properties."""
    if _WHAT.fullmatch(text) or _is_spoken(text):
        return text
    if found := _TAB_COLUMN.fullmatch(text):
        return f"{found[1]}, column {found[2]}" if found[2] in COLUMNS else f"{found[1]}, a column"
    return "a part of the source"


def notice(code: str, message: str) -> tuple[str, str]:
    """(code, message) of a notice; of the message no more than the privilege that it names is kept."""
    said = NOTICES.get(code)
    if said is None:
        return next((f"{start}other" for start in _ONE_RUN if code.startswith(start)), "other"), OTHER_NOTICE
    found = _NAMED_PRIVILEGE.search(message)
    return code, f"{said}: {found[1]}" if found else said
