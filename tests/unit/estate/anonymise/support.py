# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the anonymised export share: making one, looking for what survived in it, and assessing it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.anonymise_stage import AnonymiseRequest, run_anonymise
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.assessment_stage import run_assessment
from ansible_collections.groundwork.readiness.plugins.module_utils.estate import model, vocabulary
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.anonymise import policies, sentences, tokens, words
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.anonymise.rewriting import USUAL_MOUNTS, Anonymiser
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.guest_os import GUEST_IDS
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.records import SHAPES, estate_schema
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.catalogue import PROPERTIES
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.performance import METRICS
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.privileges import PRIVILEGES

from tests.unit.assessment.support import shipped_data

Record = dict[str, Any]

KEY = tokens.made_key("a key of these tests alone")
OTHER_KEY = tokens.made_key("another key of these tests")

SHORTEST_SEARCHED = 4
SHORTEST_HEX = 9
"""Texts of hexadecimal digits alone are searched for from here on: shorter ones stand in any checksum or MAC address."""

_PARTS = re.compile(r"[\\/\[\]@\s]+")
_WORD = re.compile(r"[^\W_]+")
_SAID = ("unknown", "out_of_scope", "reason", "what", "message", "remedy")
"""Keys below which the collection's own words stand."""


def export(src: Path, dest: Path, key: bytes = KEY, **more: Any) -> Path:
    """Makes the export; its path."""
    return run_anonymise(AnonymiseRequest(src=src, dest=dest, key=key, **more)).artifact


def raw(path: Path) -> bytes:
    """The bytes of an artifact, unpacked."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def records(path: Path) -> list[Record]:
    """Every line of an artifact, header and trailer included."""
    return [json.loads(line) for line in raw(path).splitlines()]


# ---- what survived --------------------------------------------------------------------------------------------------


def _own_words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}


@cache
def vocabulary_words() -> frozenset[str]:
    """Words that may stand in an export: those of the model, of vSphere, of makers and of the collection's own sentences."""
    found = set(words.GUEST_OS_WORDS | words.MAKERS_WORDS | words.LABEL_WORDS | words.SETTING_WORDS)
    texts: list[str] = [*tokens.KEPT, *tokens.EXTENSIONS, *USUAL_MOUNTS, *sentences.TABS, *sentences.COLUMNS, *words.OPEN_WORDS_OF_ALL]
    texts += [word for facts in vocabulary.WORDS.values() for known in facts.values() for word in known]
    texts += [name for shapes in SHAPES.values() for name in shapes]
    texts += [
        *model.KINDS,
        "rvtools",
        "apply",
        "true",
        "false",
        *sentences.NOTICES,
        *sentences.NOTICES.values(),
        *sentences.FACT_NAMES,
        *GUEST_IDS.values(),
    ]
    texts += [
        name
        for kind in estate_schema()["$defs"].values()
        for name in (*kind["properties"], kind["properties"].get("kind", {}).get("const", ""))
    ]
    texts += ["inputs", "captured_at", "remedy", "reason", "facts", "what", "value"]
    for text in texts:
        found |= _own_words(text) | {text.lower()}
    return frozenset(found)


@cache
def own_words() -> frozenset[str]:
    """Words of the collection's own sentences on reasons and scope, which count only where it speaks."""
    said = [*sentences.KEPT_REASONS, "no permission: privilege is missing, no row in tab", "excluded by vcenter cluster folder tag vm"]
    said += ["template vCLS agent VM, SRM placeholder, not included by the scope, inaccessible invalid orphaned"]
    said += [metric.counter for metric in METRICS] + [entry.id for entry in PRIVILEGES]
    said += [text for name, entries in PROPERTIES.items() for text in (name, *(entry.path for entry in entries))]
    return sentences.SPOKEN | _own_words(" ".join(said))


@cache
def maker_facts() -> frozenset[str]:
    """Facts that hold texts of makers, of which every known word may stay."""
    kept = (policies.MAKER, policies.LABEL, policies.GUEST_OS, policies.GUEST_OS_ID, policies.SETTINGS)
    found = {fact for facts in policies.POLICIES.values() for fact, policy in facts.items() if policy in kept}
    return frozenset(found - {"name"} | {"tool_version", *_SAID})


def _may_stay(part: str, fact: str) -> bool:
    known = vocabulary_words() | (own_words() if fact in _SAID else frozenset())
    if part.lower() in known or re.fullmatch(r"[0-9TZ:.,+()_-]+|build-[0-9]+|(pvlan|promiscuous|isolated|community):[0-9:]+", part):
        return True
    if fact in _SAID and _own_words(part) <= known:
        return True
    if _WORD.fullmatch(part) and words.is_known(part, words.GUEST_OS_WORDS):
        return True
    return fact in maker_facts() and part.isascii() and all(words.is_known(word, known) for word in _WORD.findall(part))


def leaves(value: Any, fact: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a record, keys of mappings included, and the fact it belongs to."""
    if isinstance(value, str):
        yield value, fact
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield key, fact if fact == "advanced_settings" else ""
            yield from leaves(entry, fact if fact in _SAID or fact == "advanced_settings" else key)
    elif isinstance(value, list):
        for entry in value:
            yield from leaves(entry, fact)


def _is_searched(part: str, fact: str) -> bool:
    hexadecimal = re.fullmatch(r"[0-9a-fA-F]+", part) is not None
    if len(part) < (SHORTEST_HEX if hexadecimal else SHORTEST_SEARCHED) or part.isdigit():
        return False
    return not all(_may_stay(one, fact) for one in _PARTS.split(part) if one)


def searched_parts(path: Path) -> set[str]:
    """Every part of every text of an estate that must not be found in its export."""
    header, *body, _trailer = records(path)
    texts = {leaf for record in ({"inputs": header["inputs"]}, *body) for leaf in leaves(record)}
    return {part.lower() for text, fact in texts for part in (text, *_PARTS.split(text)) if _is_searched(part, fact)}


def survivors(src: Path, made: Path) -> list[str]:
    """Texts of the original that stand somewhere in the export, whatever is upper and lower case."""
    whole = raw(made).decode("utf-8").lower()
    known = vocabulary_words() | own_words()
    vocabulary = " ".join(known)
    unknown = " ".join(word for word in _WORD.findall(whole) if word not in known)
    # What is a piece of a word of the vocabulary (`ende` of `independent`) is looked for in all other words.
    return sorted(
        part
        for part in searched_parts(src)
        if (part in whole or json.dumps(part)[1:-1] in whole) and (part not in vocabulary or part in unknown)
    )


# ---- what was judged ------------------------------------------------------------------------------------------------


def kinds(path: Path) -> dict[str, int]:
    """Records of an estate by kind."""
    counts: dict[str, int] = records(path)[-1]["counts"]
    return counts


def judged(estate: Path, folder: Path, anonymiser: Anonymiser | None = None) -> dict[str, Any]:
    """What the assessment comes to by VM, source and rule; with an anonymiser, under the ids that its export has."""
    name = anonymiser.tokens.name if anonymiser else str
    reason = anonymiser.scope_reason if anonymiser else str
    dest = folder / f"{estate.name}.assessment.jsonl"
    run_assessment(estate, shipped_data(), dest, "apply")
    found: dict[str, Any] = {}
    for record in records(dest):
        key = f"{record['kind']}/{name(record.get('id', ''))}"
        if record["kind"] == "vm":
            found[key] = {fact: record[fact] for fact in ("verdict", "provisional", "score", "score_best", "not_applicable", "gaps")}
            found[key]["findings"] = [
                (finding["rule"], [(entry["field"], entry["expected"]) for entry in finding["evidence"]]) for finding in record["findings"]
            ]
            found[key]["sources"] = sorted(map(name, record["sources"]))
        elif record["kind"] == "source":
            found[key] = (record["vm_count"], record["gaps"])
        elif record["kind"] == "excluded":
            found[key] = reason(record["reason"])
        elif record["kind"] == "trailer":
            found["counts"] = record["counts"]
    return found
