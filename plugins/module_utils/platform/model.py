# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of `platform.jsonl`: what is there of the platform, what is missing, what drifted, and why something hangs.

As in the other models an absent key is unknown. Records hold no time and no duration: two equal runs write equal bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..common.unknown import Unknown
from ..estate.fields import fact
from ..target.model import Count, CountMap, Flag, Notice, Number, Text, TextMap, Texts
from .delivery.records import KINDS as DELIVERY
from .identity.records import KINDS as IDENTITY
from .monitoring.records import KINDS as MONITORING
from .record import Record

READY, WAITING, MISSING, BROKEN, NOT_EVALUATED = "ready", "waiting", "missing", "broken", "not_evaluated"
LAYER_STATES: Final = (READY, WAITING, MISSING, BROKEN, NOT_EVALUATED)
"""A layer works; is on its way; is not there; does not work; nobody knows."""

BY_THIS, BY_OLM, BY_OLM_V1, BY_GITOPS, BY_NOBODY = "this", "olm", "olm_v1", "gitops", "nobody"
MANAGED_BY: Final = (BY_THIS, BY_OLM, BY_OLM_V1, BY_GITOPS, BY_NOBODY)
"""Who looks after an operator: this collection, somebody through OLM, OLM v1, Argo CD; nobody where it is not there."""

INSTALL, ADOPT, OBSERVE, REFUSE, REMOVE = "install", "adopt", "observe", "refuse", "remove"
STANCES: Final = (INSTALL, ADOPT, OBSERVE, REFUSE, REMOVE)
"""What is done about an operator."""

PLANNED, DONE, REFUSED = "planned", "done", "refused"
STEP_STATES: Final = (PLANNED, DONE, REFUSED)

YES, NO = "yes", "no"
MIRRORED: Final = (YES, NO, NOT_EVALUATED)


@dataclass(frozen=True, slots=True)
class Cluster(Record):
    """The cluster. The id is that of the target stage."""

    kubernetes_version: Text = fact("version of the API server")
    openshift_version: Text = fact("version of OpenShift; empty for a cluster that is none")
    next_minor: Text = fact("OpenShift minor that comes next; empty where none is known")
    olm_v0: Flag = fact("serves Subscriptions")
    olm_v1: Flag = fact("serves ClusterExtensions")


@dataclass(frozen=True, slots=True)
class Reading(Record):
    """How the list of one resource came out. The id is `resource.group`."""

    kind_name: Text = fact("kind of the objects")
    state: Text = fact("read, forbidden, absent or failed")
    count: Count = fact("objects in the list, where it was read")
    reason: Text = fact("why it was not read, in the server's words; empty when it was")
    permission: Text = fact("what the account lacks where it was forbidden")
    costs: Texts = fact("what stays unknown without it")


@dataclass(frozen=True, slots=True)
class Layer(Record):
    """One layer of the stack. The id is its name."""

    order: Count = fact("place in the stack, 1 is the ground")
    state: Text = fact("ready, waiting, missing, broken or not_evaluated")
    wanted: Flag = fact("whether the document asks for anything in it")
    counts: CountMap = fact("findings by result")
    holds: Texts = fact("what is in it, such as operator nvidia")
    reason: Text = fact("what keeps it from being ready, in one sentence; empty when it is")


@dataclass(frozen=True, slots=True)
class Operator(Record):
    """One operator of the document. The id is its name there."""

    package: Text = fact("package in the catalog")
    namespace: Text = fact("namespace of its Subscription")
    source: Text = fact("its CatalogSource")
    channel: Text = fact("channel wanted")
    pinned_csv: Text = fact("CSV that is pinned; empty when it floats")
    installed_csv: Text = fact("CSV that is installed; empty when none is")
    current_csv: Text = fact("CSV that OLM is on the way to; empty when none is")
    phase: Text = fact("phase of the CSV; empty when there is none")
    group: Text = fact("its OperatorGroup; empty when there is none")
    install_modes: Texts = fact("install modes that the bundle supports")
    install_mode_used: Text = fact("install mode that its OperatorGroup comes to")
    managed_by: Text = fact("this, olm, olm_v1, gitops or nobody")
    stance: Text = fact("install, adopt, observe, refuse or remove")
    crds: Texts = fact("CRDs that it owns, as plural.group")
    max_openshift_version: Text = fact("last OpenShift minor that its CSV allows; empty when it names none")
    blocks_minor: Flag = fact("whether it blocks the next OpenShift minor")
    hops: Texts = fact("CSVs on the way from the installed one to the pin")
    state: Text = fact("ready, waiting, missing, broken or not_evaluated")


@dataclass(frozen=True, slots=True)
class CrdChange:
    """What an upgrade does to one CRD."""

    crd: Text = fact("plural.group")
    added: Texts = fact("versions that come")
    removed: Texts = fact("versions that go")
    stored: Texts = fact("versions in which objects are stored")
    refused: Flag = fact("whether a version that is stored would vanish")


@dataclass(frozen=True, slots=True)
class Upgrade(Record):
    """The rehearsal of an operator's upgrade. The id is the operator's name."""

    from_csv: Text = fact("CSV that is installed")
    to_csv: Text = fact("CSV that is wanted")
    hops: Texts = fact("CSVs on the way, the last one included")
    crd_changes: tuple[CrdChange, ...] | Unknown = fact("CRDs that change")
    related_images_added: Count = fact("images that come")
    refused: Flag = fact("whether it is refused")
    reason: Text = fact("why it is refused or not known; empty otherwise")


@dataclass(frozen=True, slots=True)
class Object(Record):
    """One object that the document asks for. The id is `Kind namespace/name`."""

    state: Text = fact("in_step, missing, changed, extra, orphaned or not_evaluated")
    result: Text = fact("pass, fail, not_applicable, waived or not_evaluated")
    action: Text = fact("none, create, update or delete")
    fields: Texts = fact("fields that differ")
    path: Text = fact("place in the document that asks for it")
    awaits: Text = fact("operator that brings its CRD, while the cluster does not serve it")
    validated: Flag = fact("whether the API server has judged it")


@dataclass(frozen=True, slots=True)
class StepRecord(Record):
    """An ordered action that is no object. The id is its number, part and subject."""

    verb: Text = fact("approve or delete")
    subject: Text = fact("what it is done to")
    state: Text = fact("planned, done or refused")
    reason: Text = fact("why; empty when it speaks for itself")


@dataclass(frozen=True, slots=True)
class AcceleratorGroup(Record):
    """Accelerators that are alike."""

    vendor: Text = fact("nvidia, amd, intel or gaudi")
    product: Text = fact("product")
    mode: Text = fact("whole, time_sliced, mig_single, mig_mixed, partition or dra")
    workload: Text = fact("container, vm_passthrough or vm_vgpu")
    resource: Text = fact("resource name that pods ask for")
    nodes: Texts = fact("nodes that have them")
    capacity: Count = fact("devices that the nodes have")
    allocatable: Count = fact("devices that pods can get; fewer than capacity are unhealthy")
    requested: Count = fact("devices that pods hold")
    memory_gib: Number = fact("memory of one unit in GiB")
    memory_source: Text = fact("where the figure comes from")
    taints: Texts = fact("taints of the nodes as key=value:Effect")


@dataclass(frozen=True, slots=True)
class ResolvedChoice:
    """One way to serve a request."""

    group: Text = fact("accelerator group")
    resource: Text = fact("resource name")
    flavor: Text = fact("ResourceFlavor")
    tolerations: Texts = fact("tolerations as key=value:Effect")
    node_selector: TextMap = fact("labels of the nodes")
    quota_keys: CountMap = fact("quota keys, zeros for the others included")
    nodes: Texts = fact("nodes on which one pod would fit")
    fits_now: Count = fact("pods that would run now beside what runs")


@dataclass(frozen=True, slots=True)
class RequestRecord(Record):
    """One request for accelerators, and what became of it. The id is its name."""

    device_class: Text = fact("class that it names")
    count: Count = fact("devices of one pod")
    replicas: Count = fact("pods")
    memory_gib: Number = fact("least memory of one device in GiB")
    sharing: Text = fact("none, isolated or any")
    choices: tuple[ResolvedChoice, ...] | Unknown = fact("ways to serve it, the preferred one first")
    state: Text = fact("ready, missing (refused) or not_evaluated")
    refused_reason: Text = fact("why it is refused; empty when it is not")
    not_evaluated_reason: Text = fact("why nobody knows; empty when it is known")
    nearest: Text = fact("what comes nearest, and what it lacks; empty when it is served")


@dataclass(frozen=True, slots=True)
class Forecast(Record):
    """A MachineConfigPool whose nodes a change would restart. The id is its name."""

    nodes: Texts = fact("nodes that would restart")
    reasons: Texts = fact("objects that make them restart")
    paused: Flag = fact("whether the pool is paused, so that nothing restarts until it is not")
    accelerator_pods: Texts = fact("pods that hold accelerators on these nodes, as namespace/name")


@dataclass(frozen=True, slots=True)
class Image(Record):
    """An image of an operator. The id is its reference."""

    operator: Text = fact("operator whose CSV names it")
    mirrored: Text = fact("yes, no or not_evaluated")
    mirror: Text = fact("mirror that holds it; empty when none does")


@dataclass(frozen=True, slots=True)
class ServedModel(Record):
    """A model that is served. The id is `namespace/name`."""

    serving_kind: Text = fact("InferenceService or LLMInferenceService")
    request: Text = fact("request for its accelerators; empty for CPU")
    runtime: Text = fact("serving runtime; empty for an LLMInferenceService")
    state: Text = fact("ready, waiting, missing, broken or not_evaluated")
    reason: Text = fact("why it is not ready, in the server's words; empty when it is")


@dataclass(frozen=True, slots=True)
class EvidencePart:
    """What was seen, and where."""

    object: Text = fact("object that was looked at")
    field: Text = fact("path of the field")
    observed: Text = fact("what was there")
    expected: Text = fact("what has to be there")


@dataclass(frozen=True, slots=True)
class FindingRecord(Record):
    """What one check found out. The id is part, check and subject."""

    check: Text = fact("the check, such as platform.operators.group.second")
    subject: Text = fact("what was checked")
    state: Text = fact("in_step, missing, changed, extra, orphaned or not_evaluated")
    result: Text = fact("pass, fail, not_applicable, waived or not_evaluated")
    severity: Text = fact("critical, warning or information")
    action: Text = fact("none, create, update or delete")
    layer: Text = fact("layer of the stack")
    path: Text = fact("place in the document")
    message: Text = fact("what was found, in the server's words where a server said so")
    remedy: Text = fact("what to do")
    fields: Texts = fact("fields that differ")
    evidence: tuple[EvidencePart, ...] | Unknown = fact("what it was concluded from")
    refuses: Flag = fact("whether nothing is written while it fails")


@dataclass(frozen=True, slots=True)
class PlatformNotice(Notice):
    """Something that whoever uses the artifact has to know of how it was made."""


KINDS: Mapping[str, type] = {
    "accelerator_group": AcceleratorGroup,
    "cluster": Cluster,
    "finding": FindingRecord,
    "forecast": Forecast,
    "image": Image,
    "layer": Layer,
    "model": ServedModel,
    "notice": PlatformNotice,
    "object": Object,
    "operator": Operator,
    "reading": Reading,
    "request": RequestRecord,
    "step": StepRecord,
    "upgrade": Upgrade,
    **IDENTITY,
    **MONITORING,
    **DELIVERY,
}

PARTS: Mapping[str, type] = {"choices": ResolvedChoice, "crd_changes": CrdChange, "evidence": EvidencePart}
"""Facts that are lists of parts, and the class of the parts."""
