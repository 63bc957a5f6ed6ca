# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One record of an estate at a time as an anonymised export has it.

Only what has a policy comes through: kinds and keys that this version does not know are left out and counted.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

from ...common.artifact import ArtifactInput, JsonRecord
from ..key_order import ordered
from ..records import BOOKKEEPING, FACTS, PART_FACTS
from ..scope import REASONS
from ..vocabulary import ID_BASES
from . import policies, sentences, words
from .tokens import Tokens

Rewrite: TypeAlias = Callable[[Any], Any]
"""A value to what stands for it, or to `DROPPED`."""

DROPPED: Final = object()
"""Stands for a value that cannot be part of an export."""

NOT_KNOWN_WORD: Final = "a word that this version does not know"

_REMEMBERED: Final = 1 << 12
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})((?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?)"
)
_FIGURES: Final = re.compile(r"(?:(?:pvlan|promiscuous|isolated|community):)?[0-9., :-]*", re.IGNORECASE)
_VALUE: Final = re.compile(r"|true|false|yes|no|on|off|low|normal|medium|high|-?[0-9]{1,6}(?:[.,-][0-9]{1,6})*", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r"([/,; ]+|:(?=/))")
_SLASHES: Final = re.compile(r"([\\/])")
_DRIVE: Final = re.compile(r"([A-Za-z]:)((?:[\\/].*)?)", re.DOTALL)
_PART_FACT: Final = re.compile(r"([a-z_]+)\[(.*)\]\.([a-z_]+)", re.DOTALL)
_SNAPSHOT: Final = re.compile(r"(.*) ([0-9]{4}-[0-9]{2}-[0-9]{2}T\S+)", re.DOTALL)
_NUMBERED: Final = re.compile(r"(.*)(#[0-9]+)", re.DOTALL)
_DIGITS: Final = re.compile(r"-?[0-9]{1,12}")
_EXCLUDED: Final = re.compile(r"(excluded by (?:vcenter|cluster|folder|tag|vm) )(.+)", re.DOTALL)
_LOST: Final = re.compile(r"inaccessible \((?:inaccessible|invalid|orphaned)\)")
_NO_PEER: Final = ("inaccessible", "SRM placeholder")

_SOURCE_TYPES: Final = ("rvtools", "estate", "vcenter")
_CONSTANT_REASONS: Final = ("template", "vCLS agent VM", "SRM placeholder", "not included by the scope")

USUAL_MOUNTS: Final = frozenset(
    {"boot", "efi", "grub", "var", "log", "audit", "tmp", "usr", "local", "share", "opt", "home", "root", "srv", "mnt", "media", "data"}
    | {"run", "shm", "dev", "etc", "proc", "sys", "lib", "spool", "cache", "mail", "www", "snap", "swap", "volumes", "lost+found"}
    | {"docker", "containers", "containerd", "kubelet"}
)
"""Parts of usual mount points."""


class Anonymiser:
    """Rewrites the records of one estate; `left_out` counts kinds and keys that were not known.

    With `shift_dates`, every date is moved by the same number of days, which depends on the key.
    """

    def __init__(self, key: bytes, *, shift_dates: bool = False) -> None:
        self.tokens = Tokens(key)
        self.left_out: Counter[str] = Counter()
        self._days = timedelta(days=self.tokens.days()) if shift_dates else timedelta()
        self._name = self.tokens.name
        by_policy = self._by_policy()
        self._facts: dict[str, dict[str, Rewrite]] = {
            owner: {fact: self._rewrite_of(owner, fact, policy, by_policy) for fact, policy in facts.items()}
            for owner, facts in policies.POLICIES.items()
        }

    def _by_policy(self) -> dict[str, Rewrite]:
        tokens = self.tokens

        def of_words(known: frozenset[str]) -> Rewrite:
            return _texts(lru_cache(_REMEMBERED)(lambda text: words.phrase(tokens, text, known)))

        return {
            policies.KEEP: _kept,
            policies.MOMENT: _texts(self._moment),
            policies.MAKER: of_words(words.MAKERS_WORDS),
            policies.LABEL: of_words(words.LABEL_WORDS),
            policies.GUEST_OS: _texts(lru_cache(_REMEMBERED)(partial(words.guest_os_name, tokens))),
            policies.GUEST_OS_ID: _texts(lru_cache(_REMEMBERED)(partial(words.guest_os_id, tokens))),
            policies.FIGURES: _texts(lambda text: text if _FIGURES.fullmatch(text) else tokens.name(text)),
            policies.NAME: _texts(tokens.name),
            policies.NOTE: _texts(tokens.note),
            policies.ADDRESS: _texts(self._address),
            policies.MOUNT: _texts(self._mount),
            policies.LABELLED: self._labelled,
            policies.SETTINGS: self._settings,
        }

    def _rewrite_of(self, owner: str, fact: str, policy: str, by_policy: Mapping[str, Rewrite]) -> Rewrite:
        if policy == policies.PARTS:
            return partial(self._parts, fact)
        if policy == policies.CLOSED:
            return partial(_closed, policies.CLOSED_WORDS[owner][fact])
        if policy == policies.OPEN:
            known = words.OPEN_WORDS[owner, fact]
            return _texts(lambda text: text if text in known else self._name(text))
        return by_policy[policy]

    # ---- texts --------------------------------------------------------------------------------------------------

    def _moment(self, text: str) -> str:
        found = _MOMENT.fullmatch(text)
        if found is None:
            return self._name(text)
        if not self._days:
            return text
        try:
            return (date.fromisoformat(found[1]) + self._days).isoformat() + found[2]
        except (ValueError, OverflowError):
            return self._name(text)

    def _address(self, text: str) -> str:
        # The parts stand at even places, what separates them between.
        parts = _SEPARATOR.split(text)
        return "".join(part if place % 2 else self._name(part) for place, part in enumerate(parts))

    def _mount(self, text: str) -> str:
        drive = _DRIVE.fullmatch(text)
        start, rest = (drive[1], drive[2]) if drive else ("", text)
        parts = _SLASHES.split(rest)
        return start + "".join(part if place % 2 or part in USUAL_MOUNTS else self._name(part) for place, part in enumerate(parts))

    def _labelled(self, value: Any) -> Any:
        return {self._name(key): self._name(entry) for key, entry in value.items()}

    def _settings(self, value: Any) -> Any:
        return {
            words.phrase(self.tokens, key, words.SETTING_WORDS): entry if _VALUE.fullmatch(entry) else self._name(entry)
            for key, entry in value.items()
        }

    # ---- parts and paths of facts -------------------------------------------------------------------------------

    def _parts(self, name: str, value: Any) -> Any:
        return [self._known_facts(name, part)[0] for part in value]

    def _known_facts(self, owner: str, record: Mapping[str, Any]) -> tuple[JsonRecord, list[str]]:
        """The facts that have a policy, and the names of those that have to be left unknown."""
        rewrites = self._facts[owner]
        made: JsonRecord = {}
        dropped: list[str] = []
        for fact, value in record.items():
            rewrite = rewrites.get(fact)
            if rewrite is None:
                if fact not in BOOKKEEPING:
                    self.left_out[f"{owner}.{fact}"] += 1
                continue
            stands = rewrite(value)
            if stands is DROPPED:
                dropped.append(fact)
            else:
                made[fact] = stands
        return made, dropped

    def fact_path(self, kind: str, path: str) -> str:
        """The path of a fact, as `unknown`, `fact_origins` and conflicts have it: `disks[2000].mode` names a part by a key."""
        if path in FACTS.get(kind, ()) or path in sentences.FACT_NAMES:
            return path
        found = _PART_FACT.fullmatch(path)
        if found is None or found[1] not in PART_FACTS or found[3] not in PART_FACTS[found[1]]:
            return self._name(path)
        return f"{found[1]}[{self.part_identity(found[1], found[2])}].{found[3]}"

    def part_identity(self, part: str, identity: str) -> str:
        """What a part goes by in paths: the value of one of its keys."""
        numbered = _NUMBERED.fullmatch(identity)
        if numbered is not None:
            return self.part_identity(part, numbered[1]) + numbered[2]
        if _DIGITS.fullmatch(identity) or identity == "?":
            return identity
        if part == "partitions":
            return self._mount(identity)
        if part == "snapshots":
            found = _SNAPSHOT.fullmatch(identity)
            return f"{self._name(found[1])} {self._moment(found[2])}" if found else self._name(identity)
        if part in ("disks", "nics") and (identity.startswith("[") or "/" in identity or " " not in identity):
            return self._name(identity)
        kind, _blank, label = identity.partition(" ")
        if part == "devices" or kind in policies.CLOSED_WORDS.get(part, {}).get("kind", ()):
            return f"{self._facts[part]['kind'](kind)} {self._label(label)}"
        return self._label(identity)

    def _label(self, text: str) -> str:
        return words.phrase(self.tokens, text, words.LABEL_WORDS)

    # ---- records ------------------------------------------------------------------------------------------------

    def record(self, record: Mapping[str, Any]) -> JsonRecord | None:
        """The record as it is exported; None for a kind that is not known."""
        kind = record["kind"]
        if kind in FACTS:
            return self._object(kind, record)
        special = {"source": self._source, "conflict": self._conflict, "notice": self._notice}.get(kind)
        made = special(record) if special is not None else None
        if made is None:
            self.left_out[kind] += 1
        return made

    def _object(self, kind: str, record: Mapping[str, Any]) -> JsonRecord:
        facts, dropped = self._known_facts(kind, record)
        made: JsonRecord = {"kind": kind, "id": self._name(record["id"]), **facts}
        unknown = {self.fact_path(kind, path): sentences.reason(text) for path, text in record.get("unknown", {}).items()}
        unknown |= dict.fromkeys(dropped, NOT_KNOWN_WORD)
        if unknown:
            made["unknown"] = dict(sorted(unknown.items()))
        if record.get("id_basis") in ID_BASES:
            made["id_basis"] = record["id_basis"]
        if "origin" in record:
            made["origin"] = self._origin(record["origin"])
        if "fact_origins" in record:
            origins = {self.fact_path(kind, path): self._origin(origin) for path, origin in record["fact_origins"].items()}
            made["fact_origins"] = dict(sorted(origins.items()))
        if "sources" in record:
            made["sources"] = sorted(map(self._name, record["sources"]))
        if "out_of_scope" in record:
            made["out_of_scope"] = self.scope_reason(record["out_of_scope"])
        return ordered(made)

    def scope_reason(self, text: str) -> str:
        """Why a VM is out of scope. It begins as before wherever that tells what kind of reason it is."""
        if text in _CONSTANT_REASONS or _LOST.fullmatch(text):
            return text
        excluded = _EXCLUDED.fullmatch(text)
        if excluded is not None:
            wild = any(sign in excluded[2] for sign in "*?[")
            return excluded[1] + (self.tokens.note(excluded[2]) if wild else self._name(excluded[2]))
        start = max((start for start in (*REASONS, *_NO_PEER) if text.startswith(start)), key=len, default="")
        return f"{start.rstrip()} {self.tokens.note(text)}" if start else self.tokens.note(text)

    def _origin(self, origin: Mapping[str, Any]) -> JsonRecord:
        return {"source": self._name(origin["source"]), **self._place(origin)}

    def _place(self, entry: Mapping[str, Any]) -> JsonRecord:
        """Where something was read: file, tab, row, column, object."""
        made: JsonRecord = {}
        for key, known in (
            ("file", frozenset[str]()),
            ("tab", sentences.TABS),
            ("column", sentences.COLUMNS),
            ("object", frozenset[str]()),
        ):
            if key in entry:
                made[key] = entry[key] if entry[key] in known else self._name(entry[key])
        return made | ({"row": entry["row"]} if isinstance(entry.get("row"), int) else {})

    def inputs(self, entries: Iterable[Mapping[str, Any]]) -> tuple[ArtifactInput, ...]:
        """The inputs that a header names."""
        return tuple(
            ArtifactInput(self._name(entry["name"]), self.tokens.sha256(entry["sha256"]), self._moment(entry.get("captured_at", "")))
            for entry in entries
        )

    def _source(self, record: Mapping[str, Any]) -> JsonRecord:
        made: JsonRecord = {
            "kind": "source",
            "id": self._name(record["id"]),
            "name": self._name(record["name"]),
            "type": record["type"] if record["type"] in _SOURCE_TYPES else self._name(record["type"]),
            "sha256": self.tokens.sha256(record["sha256"]),
        }
        if "captured_at" in record:
            made["captured_at"] = self._moment(record["captured_at"])
        if "tool_version" in record:
            made["tool_version"] = words.phrase(self.tokens, record["tool_version"], words.MAKERS_WORDS)
        if "files" in record:
            made["files"] = [entry.as_record() for entry in self.inputs(record["files"])]
        made["vm_count"] = record["vm_count"]
        made["not_seen"] = [
            {
                "what": sentences.what_is_not_seen(entry["what"]),
                "facts": [fact for fact in entry["facts"] if fact in sentences.FACT_NAMES],
                "reason": sentences.reason(entry["reason"]),
            }
            for entry in record["not_seen"]
        ]
        made["notices"] = [self._finding(entry) for entry in record["notices"]]
        return made

    def _finding(self, entry: Mapping[str, Any]) -> JsonRecord:
        code, message = sentences.notice(entry["code"], entry["message"])
        return {"code": code, "message": message, **self._place(entry)}

    def _notice(self, record: Mapping[str, Any]) -> JsonRecord:
        finding = self._finding(record)
        about = record["id"].removeprefix(f"{record['code']}/")
        return {"kind": "notice", "id": f"{finding['code']}/{self._name(about)}", **finding}

    def _conflict(self, record: Mapping[str, Any]) -> JsonRecord | None:
        kind = record["object_kind"]
        if kind not in FACTS:
            return None
        identity, path = self._name(record["object"]), self.fact_path(kind, record["field"])
        values = []
        for claim in record["values"]:
            value = self._claimed(kind, record["field"], claim["value"])
            if value is DROPPED:
                continue
            captured = {"captured_at": self._moment(claim["captured_at"])} if "captured_at" in claim else {}
            values.append({"source": self._name(claim["source"]), **captured, "value": value})
        return {
            "kind": "conflict",
            "id": f"{kind}/{identity}/{path}",
            "object_kind": kind,
            "object": identity,
            "object_name": self._name(record.get("object_name", "")),
            "field": path,
            "values": sorted(values, key=lambda claim: (claim["source"], json.dumps(claim["value"], sort_keys=True))),
            "resolution": record["resolution"] if record.get("resolution") == "newest" else "unknown",
        }

    def _claimed(self, kind: str, field: str, value: Any) -> Any:
        """What one source claims of a fact; of a list of parts, which parts there are."""
        part = _PART_FACT.fullmatch(field)
        owner, fact = (part[1], part[3]) if part else (kind, field)
        if fact in PART_FACTS and kind == "vm" and not part:
            return [self.part_identity(fact, entry) if isinstance(entry, str) else self._known_facts(fact, entry)[0] for entry in value]
        rewrite = self._facts.get(owner, {}).get(fact)
        return DROPPED if rewrite is None else rewrite(value)


def _texts(rewrite: Callable[[str], str]) -> Rewrite:
    """For a text, or every text of a list."""

    def rewritten(value: Any) -> Any:
        if isinstance(value, str):
            return rewrite(value)
        return [rewrite(entry) for entry in value] if isinstance(value, list) else DROPPED

    return rewritten


def _kept(value: Any) -> Any:
    if isinstance(value, list):
        return value if all(isinstance(entry, int) for entry in value) else DROPPED
    return value if isinstance(value, (int, float)) else DROPPED


def _closed(known: frozenset[str], value: Any) -> Any:
    return value if value in known else DROPPED
