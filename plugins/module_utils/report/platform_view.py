# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report shows of the platform stage; `view.py` has the rest of the report.

What nobody knows is None, or an empty text where there is no text. Where an empty text is an answer (no CSV is
installed), the field says so and None is the unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .plan_view import UnreadView


@dataclass(frozen=True, slots=True)
class EvidencePart:
    """What was seen, and where."""

    object: str
    field: str
    observed: str
    expected: str


@dataclass(frozen=True, slots=True)
class CheckFindingView:
    """What one check found out about one subject."""

    check: str
    part: str
    subject: str
    state: str
    result: str
    severity: str
    action: str = "none"
    layer: str = ""
    path: str = ""
    """place in the document that asks for it"""
    message: str = ""
    """in the server's words where a server said so"""
    remedy: str = ""
    fields: tuple[str, ...] = ()
    evidence: tuple[EvidencePart, ...] = ()
    refuses: bool = False
    """while it fails, nothing of the whole document is written"""


@dataclass(frozen=True, slots=True)
class LayerView:
    """One layer of the stack; those of which the artifact says nothing are not evaluated."""

    name: str
    order: int
    """1 is the ground"""
    state: str
    wanted: bool = True
    """whether the document asks for anything in it; where nobody knows it counts as asked for"""
    counts: Mapping[str, int] = field(default_factory=dict)
    """findings by result; `hint` are those that did not pass and are only good to know"""
    holds: tuple[str, ...] = ()
    reason: str = ""
    """what keeps it from being ready"""
    worst: CheckFindingView | None = None
    """its gravest finding that did not pass"""


@dataclass(frozen=True, slots=True)
class OperatorView:
    """One operator of the document."""

    name: str
    state: str
    package: str = ""
    namespace: str = ""
    source: str = ""
    channel: str = ""
    pinned_csv: str | None = None
    """empty when it floats"""
    installed_csv: str | None = None
    """empty when none is installed"""
    current_csv: str | None = None
    """CSV that OLM is on the way to; empty when none is"""
    phase: str | None = None
    group: str | None = None
    """empty when there is no OperatorGroup"""
    install_modes: tuple[str, ...] | None = None
    install_mode_used: str = ""
    managed_by: str = ""
    stance: str = ""
    crds: tuple[str, ...] = ()
    max_openshift_version: str | None = None
    """last OpenShift minor that its CSV allows; empty when it names none"""
    blocks_minor: bool | None = None
    """whether it blocks the next OpenShift minor"""
    hops: tuple[str, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    """fact to the reason why it is not known"""


@dataclass(frozen=True, slots=True)
class CrdChangeView:
    """What an upgrade does to one CRD."""

    crd: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()
    """versions in which objects are stored"""
    refused: bool = False
    """a version that is stored would vanish"""


@dataclass(frozen=True, slots=True)
class UpgradeView:
    """The rehearsal of an operator's upgrade."""

    operator: str
    from_csv: str = ""
    to_csv: str = ""
    hops: tuple[str, ...] | None = None
    crd_changes: tuple[CrdChangeView, ...] | None = None
    related_images_added: int | None = None
    refused: bool | None = None
    reason: str = ""
    """why it is refused or not known"""


@dataclass(frozen=True, slots=True)
class ObjectView:
    """One object that the document asks for."""

    name: str
    """such as `Subscription openshift-nfd/nfd`"""
    part: str
    state: str
    result: str
    action: str
    fields: tuple[str, ...] = ()
    path: str = ""
    awaits: str = ""
    """operator that brings its CRD, while the cluster does not serve it"""
    validated: bool | None = None
    """whether the API server has judged it"""


@dataclass(frozen=True, slots=True)
class StepView:
    """An ordered action that is no object."""

    part: str
    verb: str
    subject: str
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AcceleratorView:
    """Accelerators that are alike."""

    name: str
    vendor: str = ""
    product: str = ""
    mode: str = ""
    workload: str = ""
    resource: str = ""
    nodes: tuple[str, ...] | None = None
    capacity: int | None = None
    allocatable: int | None = None
    """fewer than capacity are unhealthy"""
    requested: int | None = None
    memory_gib: float | None = None
    """of one unit"""
    memory_source: str = ""
    taints: tuple[str, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One way to serve a request."""

    group: str
    resource: str
    flavor: str = ""
    tolerations: tuple[str, ...] = ()
    node_selector: Mapping[str, str] = field(default_factory=dict)
    quota_keys: Mapping[str, int] = field(default_factory=dict)
    nodes: tuple[str, ...] = ()
    fits_now: int | None = None
    """pods that would run now beside what runs"""


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request for accelerators, and what became of it."""

    name: str
    state: str
    device_class: str = ""
    count: int | None = None
    """devices of one pod"""
    replicas: int | None = None
    memory_gib: float | None = None
    """least memory of one device"""
    sharing: str = ""
    choices: tuple[ChoiceView, ...] = ()
    """the preferred one first"""
    refused_reason: str = ""
    not_evaluated_reason: str = ""
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class ForecastView:
    """A MachineConfigPool whose nodes a change would restart."""

    pool: str
    nodes: tuple[str, ...] | None = None
    reasons: tuple[str, ...] = ()
    paused: bool | None = None
    accelerator_pods: tuple[str, ...] | None = None
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImageView:
    """An image of an operator."""

    reference: str
    operator: str
    mirrored: str
    mirror: str = ""


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model that is served."""

    name: str
    state: str
    serving_kind: str = ""
    request: str = ""
    """empty for CPU"""
    runtime: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LoginView:
    """One way to log in."""

    name: str
    state: str
    whose: str = ""
    """ours: the document names it; others: it is somebody else's; empty: not known"""
    login_type: str = ""
    """such as OpenID; external_issuer for an issuer of Authentication/cluster"""
    place: str | None = None
    """host of its server; empty where it has none"""
    mapping_method: str | None = None
    """how identities become users; empty for an external issuer"""
    second_factor: str = ""
    """yes, no or not_evaluated: whether one is seen to be asked for"""
    cluster_admins: tuple[str, ...] | None = None
    """cluster-admins who have an identity of it"""
    reason: str = ""
    """what keeps it from being ready"""
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group that the document names."""

    name: str
    state: str
    source: str = ""
    """cluster, ldap or keycloak"""
    directory: str | None = None
    """empty for the cluster itself"""
    synced_by: str | None = None
    """GroupSync that brings it; empty for none"""
    members: int | None = None
    """on the cluster"""
    members_of_source: int | None = None
    """in its directory"""
    personas: tuple[str, ...] | None = None
    """as `persona in namespace`, or `persona on the cluster`"""
    reason: str = ""
    """what differs"""
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonaView:
    """What people or services of one kind may do."""

    name: str
    state: str
    role: str = ""
    """its ClusterRole"""
    shipped: bool | None = None
    """whether it is the collection's own, unchanged"""
    allows: int | None = None
    """rows of its table that allow"""
    denies: int | None = None
    """rows of its table that deny"""
    subjects: tuple[str, ...] | None = None
    """who has it, as `Group name in namespace`, or `Group name on the cluster`"""
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert of the collection in one place."""

    name: str
    """such as `groundwork-readiness-monitoring/AcceleratorLost`"""
    state: str
    """in_place, missing, left_out or not_evaluated"""
    group: str = ""
    severity: str = ""
    """critical, warning or info"""
    evaluator: str = ""
    """user_workload_open, user_workload_enforced or platform: who evaluates it"""
    namespace: str = ""
    """of its object"""
    owner: str = ""
    """team that it is for; namespace where that is the owner of the namespace that it is about"""
    receivers: tuple[str, ...] | None = None
    """who is told, as `owner by way`"""
    untold: tuple[str, ...] | None = None
    """owners whom it does not reach"""
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WatchView:
    """Something that people rely on, and whether anybody would notice if it broke."""

    name: str
    state: str
    """watched, unwatched or not_evaluated"""
    watch_type: str = ""
    """accelerators, model, namespace or queue"""
    owner: str | None = None
    """team that answers for it; empty where none is named"""
    monitors: tuple[str, ...] | None = None
    """what scrapes it, as `Kind namespace/name`"""
    alerts: int | None = None
    """alerts of the collection that are wanted for it"""
    told: bool | None = None
    """whether its owner is told"""
    reason: str = ""
    """what lacks, or why nobody knows"""
    remedy: str = ""
    """what to do, where the run says so"""
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An Application of Argo CD."""

    name: str
    """such as `openshift-gitops/platform`"""
    state: str
    standing: str = ""
    """asked: the document names it; meant: it is in a namespace that the document means; seen: neither; empty: not known"""
    project: str = ""
    destination: str | None = None
    """namespace that it deploys into; empty where its objects say"""
    local: bool | None = None
    """whether it deploys to the cluster that it is on"""
    sources: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    """one of each source; empty for the head"""
    revision_kinds: tuple[str, ...] = ()
    """commit, tag, head, branch, range or name"""
    automated: bool | None = None
    prune: bool | None = None
    self_heal: bool | None = None
    sync: str | None = None
    """empty before Argo CD has compared"""
    health: str | None = None
    """empty before Argo CD has judged"""
    operation: str | None = None
    """phase of the last operation; empty where none was run"""
    namespaces: tuple[str, ...] | None = None
    """of this cluster, in which it looks after something"""
    bounded: bool | None = None
    """whether its project names the namespaces that it may deploy into"""
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PipelineView:
    """A pipeline of Tekton."""

    name: str
    """such as `ai-build/train`"""
    state: str
    standing: str = ""
    """asked, meant or seen, as of an application"""
    defined: bool | None = None
    """whether there is a Pipeline; else its runs bring their tasks along"""
    last_outcome: str = ""
    """of the last completed run: succeeded, failed, never or undated"""
    last_run: str | None = None
    """empty when there is none"""
    last_day: str | None = None
    """day on which that run ended; empty when nobody says"""
    last_success_day: str | None = None
    """empty when no success is there, or nobody says when it was"""
    running: str | None = None
    """run that is under way; empty when none is"""
    approvals: tuple[str, ...] | None = None
    """tasks that wait for people"""
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImagePolicyView:
    """A policy for signatures of images."""

    name: str
    """such as `ClusterImagePolicy release`"""
    standing: str = ""
    """asked, meant or seen, as of an application"""
    scopes: tuple[str, ...] | None = None
    policy_type: str = ""
    """root of trust"""
    match_policy: str | None = None
    """how the name in a signature is compared; empty for the default"""
    effective: bool | None = None
    """whether it takes effect, as far as it says"""
    images: int | None = None
    """images that run in the namespaces meant and that it covers"""
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GateView:
    """Something that stands between a change and its release."""

    name: str
    """such as `ValidatingAdmissionPolicy digests`"""
    standing: str = ""
    """asked, meant or seen, as of an application"""
    gate_type: str = ""
    """admission_policy, sync_window or approval"""
    denies: bool | None = None
    """admission_policy: whether a binding denies; others: whether it holds anything back"""
    bindings: tuple[str, ...] | None = None
    """bindings that deny, windows, or tasks that wait for people"""
    narrowed_by: tuple[str, ...] | None = None
    """what may leave things out and cannot be judged from outside"""
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlatformClusterView:
    """The cluster."""

    id: str = ""
    name: str = ""
    kubernetes_version: str = ""
    openshift_version: str | None = None
    """empty for a cluster that is no OpenShift"""
    next_minor: str = ""
    olm_v0: bool | None = None
    olm_v1: bool | None = None


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A file of the desired state."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PlatformView:
    """The platform as a whole: what is there, what is missing, what drifted, and what hangs."""

    headline: str
    mode: str
    """apply, verify or check: that of the artifact"""
    cluster: PlatformClusterView
    captured_at: str = ""
    parts: tuple[str, ...] = ()
    """parts of the stage that ran"""
    documents: tuple[DocumentView, ...] = ()
    catalogue_version: str = ""
    catalogue_sha256: str = ""
    layers: tuple[LayerView, ...] = ()
    """from the ground up"""
    operators: tuple[OperatorView, ...] = ()
    upgrades: tuple[UpgradeView, ...] = ()
    objects: tuple[ObjectView, ...] = ()
    steps: tuple[StepView, ...] = ()
    accelerators: tuple[AcceleratorView, ...] = ()
    requests: tuple[RequestView, ...] = ()
    forecasts: tuple[ForecastView, ...] = ()
    images: tuple[ImageView, ...] = ()
    models: tuple[ModelView, ...] = ()
    logins: tuple[LoginView, ...] = ()
    """the document's first"""
    groups: tuple[GroupView, ...] = ()
    """what calls for attention first"""
    personas: tuple[PersonaView, ...] = ()
    alerts: tuple[AlertView, ...] = ()
    """those that are not in place first, the gravest of them before the others"""
    watched: tuple[WatchView, ...] = ()
    """what nobody watches first, by owner"""
    applications: tuple[ApplicationView, ...] = ()
    """what the document asks for first, then what it means, what is only seen last; so are the next three"""
    pipelines: tuple[PipelineView, ...] = ()
    image_policies: tuple[ImagePolicyView, ...] = ()
    gates: tuple[GateView, ...] = ()
    findings: tuple[CheckFindingView, ...] = ()
    """the gravest first, those that passed last"""
    counts: Mapping[str, int] = field(default_factory=dict)
    """resources that were read to how many objects there are"""
    unread: tuple[UnreadView, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    """(message, remedy)"""
