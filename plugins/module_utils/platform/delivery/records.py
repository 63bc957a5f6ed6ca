# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of `platform.jsonl` that are of the delivery part. They hold no time but the days on which runs ended, which stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...estate.fields import fact
from ...target.model import Count, Flag, Text, Texts
from ..record import Record

STANDINGS: Final = ("asked", "meant", "seen")
"""The document names it; it is in a namespace that the document means; neither."""

STATES: Final = ("ready", "waiting", "missing", "broken", "not_evaluated")
OUTCOMES: Final = ("succeeded", "failed", "never", "undated")
COMMIT, TAG, HEAD, BRANCH, RANGE, NAME = "commit", "tag", "head", "branch", "range", "name"
"""What a targetRevision is, as far as it tells; a name may be a branch or a tag."""

ADMISSION_POLICY, SYNC_WINDOW, APPROVAL = "admission_policy", "sync_window", "approval"
GATE_TYPES: Final = (ADMISSION_POLICY, SYNC_WINDOW, APPROVAL)


@dataclass(frozen=True, slots=True)
class DeliveryRecord(Record):
    """What the records of this part have in common."""

    standing: Text = fact("asked: the document names it; meant: it is in a namespace that the document means; seen: neither")


@dataclass(frozen=True, slots=True)
class ApplicationRecord(DeliveryRecord):
    """An Application of Argo CD. The id is `namespace/name`."""

    project: Text = fact("its AppProject")
    destination: Text = fact("namespace that it deploys into; empty where its objects say")
    local: Flag = fact("whether it deploys to the cluster that it is on")
    sources: Texts = fact("hosts and paths of its sources, without users and passwords")
    revisions: Texts = fact("targetRevision of each source; empty for the head")
    revision_kinds: Texts = fact("what each of them is: commit, tag, head, branch, range, or a name that may be either")
    automated: Flag = fact("whether it is synced by itself")
    prune: Flag = fact("whether that removes what is gone from the source")
    self_heal: Flag = fact("whether that takes back what was changed by hand")
    sync: Text = fact("Synced, OutOfSync or Unknown, as Argo CD says; empty before it has compared")
    health: Text = fact("Healthy, Progressing, Degraded, Suspended, Missing or Unknown, as Argo CD says; empty before it has judged")
    operation: Text = fact("phase of the last operation; empty where none was run")
    namespaces: Texts = fact("namespaces of this cluster in which it looks after something")
    bounded: Flag = fact("whether its project names the namespaces that it may deploy into")
    state: Text = fact("ready, broken or not_evaluated")


@dataclass(frozen=True, slots=True)
class PipelineRecord(DeliveryRecord):
    """A pipeline of Tekton. The id is `namespace/name`."""

    defined: Flag = fact("whether there is a Pipeline; else its runs bring their tasks along")
    last_outcome: Text = fact("how the last completed run came out: succeeded, failed, never, or undated where none is told to be the last")
    last_run: Text = fact("that run; empty where there is none")
    last_day: Text = fact("day on which it ended, YYYY-MM-DD; empty where nobody says")
    last_success_day: Text = fact("day of the last success; empty where there is none")
    running: Text = fact("newest run that is under way; empty where none is")
    approvals: Texts = fact("tasks of it that wait for people")
    state: Text = fact("ready, missing (never run), broken or not_evaluated")


@dataclass(frozen=True, slots=True)
class ImagePolicyRecord(DeliveryRecord):
    """A policy for signatures of images. The id is `Kind namespace/name`."""

    scopes: Texts = fact("registries, repositories and images that it covers")
    policy_type: Text = fact("root of trust: PublicKey, FulcioCAWithRekor or PKI")
    match_policy: Text = fact("how the name in a signature is compared; empty for the default")
    effective: Flag = fact("whether it takes effect, as far as it says")
    images: Count = fact("images that run in the namespaces meant and that it covers; unknown where pods could not be read")


@dataclass(frozen=True, slots=True)
class GateRecord(DeliveryRecord):
    """Something that stands between a change and its release. The id is `Kind namespace/name`."""

    gate_type: Text = fact("admission_policy, sync_window or approval")
    denies: Flag = fact("admission_policy: whether a binding denies; others: whether it holds anything back")
    bindings: Texts = fact("admission_policy: bindings that deny; sync_window: its windows; approval: its tasks")
    narrowed_by: Texts = fact("what may leave things out and cannot be judged from outside")


KINDS: Final[Mapping[str, type]] = {
    "application": ApplicationRecord,
    "gate": GateRecord,
    "image_policy": ImagePolicyRecord,
    "pipeline": PipelineRecord,
}

WORDS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    **{(kind, "standing"): STANDINGS for kind in KINDS},
    ("application", "state"): STATES,
    ("pipeline", "state"): STATES,
    ("pipeline", "last_outcome"): OUTCOMES,
    ("gate", "gate_type"): GATE_TYPES,
}
"""Facts that are one of some words."""
