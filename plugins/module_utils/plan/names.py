# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that Kubernetes accepts: of VMs, namespaces and objects, the same for the same inputs.

Kubernetes reference: "Object Names and IDs" (RFC 1123 subdomains and labels). The rule for VMs is the one by which the
migration controller renames (Forklift, `ChangeVmName`); where it takes four random letters, a hash of the VM's id stands.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from .origins import Origin

LABEL_LIMIT: Final = 63
SUBDOMAIN_LIMIT: Final = 253
SUFFIX_LENGTHS: Final = (4, 8, 16, 32)
"""A name that is taken gets so many characters of the hash; the later ones are for hashes that begin alike."""

_LABEL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_CLEAN: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TO_DASH: Final = re.compile(r"[_+* /\\]")
_DROPPED: Final = re.compile(r"[^a-z0-9-]")
_DASHES: Final = re.compile(r"-+")
_SEPARATORS: Final = re.compile(r"[^a-z0-9]+")
_DIGITS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


def is_label(text: str) -> bool:
    """Whether it is an RFC 1123 label: at most 63 of a-z, 0-9 and -, with no dash at an end."""
    return len(text) <= LABEL_LIMIT and _LABEL.fullmatch(text) is not None


def is_subdomain(text: str, limit: int = SUBDOMAIN_LIMIT) -> bool:
    """Whether it is an RFC 1123 subdomain: labels joined by dots, the parts without a limit of their own."""
    return len(text) <= limit and _SUBDOMAIN.fullmatch(text) is not None


def label_of(text: str, limit: int = LABEL_LIMIT) -> str:
    """A label made of free text: what is no letter or digit becomes a dash; empty where nothing is left."""
    return _SEPARATORS.sub("-", text.lower()).strip("-")[:limit].rstrip("-")


def digest_of(text: str, length: int) -> str:
    """So many characters (at most 32) of a-z and 0-9 that depend on the text alone."""
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), "big")
    found = []
    for _place in range(length):
        number, digit = divmod(number, len(_DIGITS))
        found.append(_DIGITS[digit])
    return "".join(found)


def changed_vm_name(name: str, identity: str) -> str:
    """The name that the migration controller would give the VM on the cluster; `identity` replaces its random letters."""
    if len(name) <= LABEL_LIMIT and _CLEAN.fullmatch(name):
        return name
    parts = [_changed_part(part) for part in name.lower().strip(".-").split(".")]
    whole = ".".join(part for part in parts if part)[:LABEL_LIMIT].strip(".-")
    return whole or f"vm-{digest_of(identity, SUFFIX_LENGTHS[0])}"


def _changed_part(part: str) -> str:
    cleaned = _DROPPED.sub("", _TO_DASH.sub("-", part))
    return _DASHES.sub("-", cleaned).strip("-")[:LABEL_LIMIT].strip("-")


def with_suffix(name: str, suffix: str, limit: int = LABEL_LIMIT) -> str:
    """The name, cut as far as needed, and the suffix behind a dash; the suffix alone where nothing of the name is left."""
    head = name[: limit - len(suffix) - 1].rstrip(".-")
    return f"{head}-{suffix}" if head else suffix


@dataclass(frozen=True, slots=True)
class NameWish:
    """A VM that wants a name in a namespace. `earlier` is the name that an earlier plan gave it there; empty for none."""

    vm_id: str
    moref: str
    name: str
    namespace: str
    earlier: str = ""
    vcenter: str = ""


TakenNames = Mapping[tuple[str, str], Collection[Origin]]
"""(namespace, name) of what the cluster has, to the VMs that it came from."""


def target_names(wishes: Iterable[NameWish], taken: TakenNames) -> dict[str, str]:
    """A name for each VM, no two alike in a namespace. The order of the wishes does not matter.

    A VM keeps the name of an earlier plan. Otherwise it gets the changed name; VMs that would be called alike, or like
    something on the cluster, all get a suffix from their own id. What came of the same VM on the cluster does not count as
    taken: that it is there already is for the preflight to say, not to be hidden by another name.
    """
    found: dict[str, str] = {}
    used: set[tuple[str, str]] = set()
    open_wishes: list[tuple[str, NameWish]] = []
    for wish in sorted(wishes, key=lambda wish: wish.vm_id):
        if wish.earlier and is_subdomain(wish.earlier, LABEL_LIMIT) and _free(wish, wish.earlier, used, taken):
            found[wish.vm_id] = wish.earlier
            used.add((wish.namespace, wish.earlier))
        else:
            open_wishes.append((changed_vm_name(wish.name, wish.vm_id), wish))
    counts = Counter((wish.namespace, name) for name, wish in open_wishes)
    clashing = []
    for name, wish in open_wishes:
        if counts[wish.namespace, name] == 1 and _free(wish, name, used, taken):
            found[wish.vm_id] = name
        else:
            clashing.append((name, wish))
    used.update((wish.namespace, found[wish.vm_id]) for _name, wish in open_wishes if wish.vm_id in found)
    for name, wish in clashing:
        found[wish.vm_id] = chosen = _suffixed(name, wish, used, taken)
        used.add((wish.namespace, chosen))
    return found


def _free(wish: NameWish, name: str, used: Collection[tuple[str, str]], taken: TakenNames) -> bool:
    place = (wish.namespace, name)
    return place not in used and all(origin.is_vm(wish.vcenter, wish.moref) for origin in taken.get(place, ()))


def _suffixed(name: str, wish: NameWish, used: Collection[tuple[str, str]], taken: TakenNames) -> str:
    for length in SUFFIX_LENGTHS:
        candidate = with_suffix(name, digest_of(wish.vm_id, length))
        if _free(wish, candidate, used, taken):
            return candidate
    return with_suffix(name, digest_of(f"{wish.vm_id} {name}", SUFFIX_LENGTHS[-1]))


def object_names(keys: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """A label for each key: its parts joined by dashes, such as `vc-north`, `erp`, `w03-warm`. The last part stays in full.

    What is too long is cut and gets a hash; so do keys that would look alike once they are labels.
    """
    ordered = sorted(set(keys))
    plain = {key: "-".join(filter(None, map(label_of, key))) for key in ordered}
    alike = Counter(plain.values())
    named = {}
    for key in ordered:
        fits = alike[plain[key]] == 1 and len(plain[key]) <= LABEL_LIMIT
        named[key] = plain[key] if fits else _hashed(key)
    return named


def object_name(*parts: str) -> str:
    """The label of one object that nothing else can be confused with."""
    return object_names([parts])[parts]


def _hashed(key: tuple[str, ...]) -> str:
    tail = label_of(key[-1], 24) if len(key) > 1 else ""
    ending = "-".join(filter(None, (digest_of("\0".join(key), SUFFIX_LENGTHS[1]), tail)))
    return with_suffix("-".join(filter(None, map(label_of, key[:-1] or key))), ending)
