# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closure of taints and tolerations: the document knows every taint, and whatever has to run on the nodes tolerates all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, IN_STEP, PASS, key_of, listed
from ...target.objects import at, maps_at, name_of, text_at
from .check_list import check
from .model import Taint
from .site import PATH, Site
from .tolerations import BUILT_IN, HARD, LISTS, declared_taints, is_declared, is_of_condition, taint_text, untolerated


def taints_of(node: ApiObject) -> list[Taint]:
    """The taints of a node that keep pods away, those of its own condition left out."""
    found = [Taint(text_at(entry, "key"), text_at(entry, "value"), text_at(entry, "effect")) for entry in maps_at(node, "spec.taints")]
    return sorted(taint for taint in found if taint.effect in HARD and not is_of_condition(taint))


def closure_findings(site: Site, objects: Iterable[ApiObject]) -> Iterator[CheckFinding]:
    """Both halves of the closure for the nodes of the pools, and the objects that bring operands to them."""
    yield from _declared(site)
    taints = _all_taints(site)
    for item in objects:
        yield from _tolerated(item, taints)


def _all_taints(site: Site) -> list[Taint]:
    """What is declared, and what vendors' own taints the nodes of the pools bear."""
    seen = {taint for nodes in site.members.values() for node in nodes for taint in taints_of(node)}
    own = {taint for taint in seen if is_declared(taint, site.accelerators.taints)}
    return sorted({*declared_taints(site.accelerators), *own})


def _declared(site: Site) -> Iterator[CheckFinding]:
    for pool in site.accelerators.pools:
        found: dict[str, list[str]] = {}
        for node in site.members[pool.name]:
            for taint in taints_of(node):
                if not is_declared(taint, site.accelerators.taints):
                    found.setdefault(taint_text(taint), []).append(name_of(node))
        subject = f"pool {pool.name}"
        if found:
            evidence = tuple(
                Evidence(f"Node {names[0]}", "spec.taints", text, "declared in accelerators.taints")
                for text, names in sorted(found.items())
            )
            words = "; ".join(f"{text} on {listed(sorted(names))}" for text, names in sorted(found.items()))
            yield check("taints.declared").finding(subject, CHANGED, FAIL, message=words, evidence=evidence, path=f"{PATH}.taints")
        elif site.members[pool.name]:
            yield check("taints.declared").finding(subject, IN_STEP, PASS, path=f"{PATH}.taints")


def lacking(item: ApiObject, taints: Iterable[Taint]) -> dict[str, list[Taint]]:
    """Lists of tolerations in an object's spec that do not cover all taints, and the taints that they leave out."""
    group, kind = str(item.get("apiVersion", "")).partition("/")[0], str(item.get("kind", ""))
    wanted = list(taints)
    found = {}
    for path in LISTS.get((group, kind), ()):
        tolerations = [*maps_at(item, f"spec.{path}"), *BUILT_IN.get(kind, ())]
        if left := untolerated(tolerations, wanted):
            found[path] = left
    return found


def _tolerated(item: ApiObject, taints: list[Taint]) -> Iterator[CheckFinding]:
    group, kind = str(item.get("apiVersion", "")).partition("/")[0], str(item.get("kind", ""))
    if (group, kind) not in LISTS:
        return
    found = lacking(item, taints)
    subject = key_of(item).text
    if not found:
        yield check("taints.tolerated").finding(subject, IN_STEP, PASS)
        return
    evidence = tuple(
        Evidence(subject, f"spec.{path}", str(len(at(item, f"spec.{path}") or [])), listed([taint_text(taint) for taint in left]))
        for path, left in sorted(found.items())
    )
    words = "; ".join(f"{path} leaves out {listed([taint_text(taint) for taint in left])}" for path, left in sorted(found.items()))
    yield check("taints.tolerated").finding(subject, CHANGED, FAIL, message=words, evidence=evidence)
