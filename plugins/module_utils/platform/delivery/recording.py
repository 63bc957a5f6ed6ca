# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records that are made of what was seen. A list that is not known gives none: its reading says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ...common.artifact import JsonRecord
from ...common.owned_fields import ApiObject
from ...target.objects import at, id_of, is_true, maps_at, name_of, namespace_of, text_at, texts_at
from . import applications, gates, images, pipelines
from .check_list import PART
from .readings import (
    ADMISSION_BINDINGS,
    ADMISSION_POLICIES,
    APPLICATIONS,
    CLUSTER_POLICIES,
    PIPELINES,
    POLICIES,
    PROJECTS,
    RUNNING,
    RUNS,
    SUCCEEDED,
    ended,
)
from .records import ADMISSION_POLICY, APPROVAL, SYNC_WINDOW
from .scope import ASKED, MEANT, SEEN, Look
from .windows import in_full


def delivery_records(look: Look) -> tuple[JsonRecord, ...]:
    """All records of the part."""
    return (*_applications(look), *_pipelines(look), *_policies(look), *_gates(look))


def _record(kind: str, identity: str, standing: str, facts: Mapping[str, Any]) -> JsonRecord:
    return {
        "kind": kind,
        "id": identity,
        "name": identity.rpartition("/")[2].rpartition(" ")[2],
        "part": PART,
        "standing": standing,
        **facts,
    }


def bare_url(url: str) -> str:
    """Host and path of a source: a user and a password may stand in its address."""
    if "://" not in url:
        return url.rpartition("@")[2]
    found = urlsplit(url)
    return f"{found.netloc.rpartition('@')[2]}{found.path}"


def _applications(look: Look) -> Iterator[JsonRecord]:
    for item in look.snapshot.all(APPLICATIONS):
        sources = applications.sources_of(item)
        policy = at(item, "spec.syncPolicy.automated")
        automated = isinstance(policy, Mapping) and policy.get("enabled") is not False
        facts: JsonRecord = {
            "project": text_at(item, "spec.project") or "default",
            "destination": text_at(item, "spec.destination.namespace"),
            "local": applications.is_local(item),
            "sources": [bare_url(text_at(source, "repoURL")) for source in sources],
            "revisions": [text_at(source, "targetRevision") for source in sources],
            "revision_kinds": [applications.revision_kind(source) for source in sources],
            "automated": automated,
            "prune": automated and is_true(at(policy, "prune")),
            "self_heal": automated and is_true(at(policy, "selfHeal")),
            "sync": text_at(item, "status.sync.status"),
            "health": text_at(item, "status.health.status"),
            "operation": text_at(item, "status.operationState.phase"),
            "namespaces": sorted(applications.tracked_places([item])),
            "state": applications.state_of(look, item),
        }
        project = applications.project_of(look, item) if look.snapshot.known(PROJECTS) else None
        if project is not None:
            facts["bounded"] = not applications.allows_all(project)
        yield _record("application", id_of(item), applications.standing_of(look, item), facts)


def _pipelines(look: Look) -> Iterator[JsonRecord]:
    if not look.snapshot.known(RUNS):
        return
    defined = {(namespace_of(item), name_of(item)): item for item in look.snapshot.all(PIPELINES)}
    for place, seen in pipelines.pipelines_of(look).items():
        word, run = seen.last()
        success, running = seen.runs.get(SUCCEEDED), seen.runs.get(RUNNING)
        facts: JsonRecord = {
            "last_outcome": word,
            "last_run": name_of(run) if run else "",
            "last_day": ended(run)[:10] if run else "",
            "last_success_day": ended(success)[:10] if success else "",
            "running": name_of(running) if running else "",
            "state": pipelines.state_of(seen),
        }
        if look.snapshot.known(PIPELINES):
            facts["defined"] = seen.is_defined
        if place in defined:
            facts["approvals"] = approval_tasks(defined[place])
        yield _record("pipeline", f"{seen.namespace}/{seen.name}", pipelines.standing_of(look, *place), facts)


def approval_tasks(pipeline: ApiObject) -> list[str]:
    """The tasks of a Pipeline that wait for people."""
    return sorted(text_at(task, "name") for task in maps_at(pipeline, "spec.tasks") if gates.is_approval(task))


def _policies(look: Look) -> Iterator[JsonRecord]:
    wanted = {images.policy_subject(each) for each in (look.wanted.images.policies if look.wanted.images else ())}
    in_effect, running = images.policies_of(look.snapshot), images.running_images(look)
    covering = [in_effect.covering(images.full_name(each.image), each.namespace) for each in running]
    for kind, resource in (("ClusterImagePolicy", CLUSTER_POLICIES), ("ImagePolicy", POLICIES)):
        for item in look.snapshot.all(resource):
            identity, namespace = f"{kind} {id_of(item)}", namespace_of(item)
            facts: JsonRecord = {
                "scopes": sorted(texts_at(item, "spec.scopes")),
                "policy_type": text_at(item, "spec.policy.rootOfTrust.policyType"),
                "match_policy": text_at(item, "spec.policy.signedIdentity.matchPolicy"),
                "effective": not images.is_pending(item),
            }
            if look.images is not None:
                facts["images"] = covering.count(identity)
            standing = ASKED if identity in wanted else MEANT if namespace and look.means(namespace) else SEEN
            yield _record("image_policy", identity, standing, facts)


def _gates(look: Look) -> Iterator[JsonRecord]:
    wanted = look.wanted.gates
    named = {f"ValidatingAdmissionPolicy {each.name}" for each in wanted.admission}
    named |= {f"ValidatingAdmissionPolicy {each.name}" for each in wanted.image_gates}
    named |= {f"AppProject {each.namespace}/{each.project}" for each in wanted.sync_windows}
    named |= {f"Pipeline {each.namespace}/{each.pipeline}" for each in wanted.approvals}
    for identity, namespace, facts in (*_admission_gates(look), *_window_gates(look), *_approval_gates(look)):
        standing = ASKED if identity in named else MEANT if namespace and look.means(namespace) else SEEN
        yield _record("gate", identity, standing, facts)


def _admission_gates(look: Look) -> Iterator[tuple[str, str, JsonRecord]]:
    if not look.snapshot.known(ADMISSION_POLICIES, ADMISSION_BINDINGS):
        return
    for item in look.snapshot.all(ADMISSION_POLICIES):
        bindings = gates.denying(look.snapshot.all(ADMISSION_BINDINGS), name_of(item))
        facts = {
            "gate_type": ADMISSION_POLICY,
            "denies": bool(bindings) and gates.denies(item),
            "bindings": sorted(map(name_of, bindings)),
            "narrowed_by": sorted(gates.narrowing(item, bindings)),
        }
        yield f"ValidatingAdmissionPolicy {name_of(item)}", "", facts


def _window_gates(look: Look) -> Iterator[tuple[str, str, JsonRecord]]:
    for item in look.snapshot.all(PROJECTS):
        windows = [in_full(entry) for entry in gates.windows_of(item)]
        if windows:
            held = any(text_at(entry, "kind") == "deny" or not is_true(entry.get("manualSync")) for entry in gates.windows_of(item))
            facts = {"gate_type": SYNC_WINDOW, "denies": held, "bindings": windows, "narrowed_by": []}
            yield f"AppProject {id_of(item)}", namespace_of(item), facts


def _approval_gates(look: Look) -> Iterator[tuple[str, str, JsonRecord]]:
    for item in look.snapshot.all(PIPELINES):
        if tasks := approval_tasks(item):
            narrowed = ["who the approvers are"]
            facts = {"gate_type": APPROVAL, "denies": True, "bindings": tasks, "narrowed_by": narrowed}
            yield f"Pipeline {id_of(item)}", namespace_of(item), facts
