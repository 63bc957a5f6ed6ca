# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The section `delivery` of the desired-state document: how what runs is meant to have come there.

What is not asked for here is told as it is seen, and is no failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .keys import MAY_LACK, NAME, NAMESPACE, key

_PATTERN: Final = r"[-a-z0-9*?]{1,63}"
_BASE64: Final = r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"

GITOPS_NAMESPACE: Final = "openshift-gitops"
"""Namespace of the Argo CD that the OpenShift GitOps operator sets up."""

DIGEST_OR_EXACT, SAME_REPOSITORY, EXACT_REPOSITORY, REMAP = "MatchRepoDigestOrExact", "MatchRepository", "ExactRepository", "RemapIdentity"
MATCH_POLICIES: Final = (DIGEST_OR_EXACT, SAME_REPOSITORY, EXACT_REPOSITORY, REMAP)
"""How the name in a signature is compared: the enum of config.openshift.io/v1 ClusterImagePolicy."""

ALLOW, DENY = "allow", "deny"

BY_DIGEST, FROM_REGISTRIES = "digest", "registries"
IMAGE_RULES: Final = (BY_DIGEST, FROM_REGISTRIES)

AUDIT, WARN = "audit", "warn"
GATE_ACTIONS: Final = (AUDIT, WARN, DENY)
"""What an image gate does about a pod that breaks its rule, the mildest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationWanted:
    """An Application of Argo CD that has to be there, in step and healthy."""

    name: str = key("its name", pattern=NAME)
    namespace: str = key("its namespace", GITOPS_NAMESPACE, pattern=NAMESPACE)
    max_age_days: int = key("how old its last comparison may be: Argo CD compares every few minutes while it works", 1, least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitOpsWanted:
    """Argo CD has to be there. What is asked of applications holds for those named, and those that deploy into the namespaces meant."""

    applications: tuple[ApplicationWanted, ...] = key("applications that have to be there", ())
    automated: bool = key("whether they have to be synced without somebody's hand", False)
    prune: bool = key("whether that has to remove what is gone from the source", False)
    self_heal: bool = key("whether that has to take back what was changed by hand", False)
    pinned: bool = key("whether their sources have to name a tag or a commit, not a branch", False)
    bounded_projects: bool = key("whether their projects have to name the namespaces that they may deploy into", False)
    tracked: bool = key("whether each of the namespaces meant has to hold something that an application looks after", False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineWanted:
    """A Pipeline of Tekton that has to be there, and whose last completed run has to have succeeded."""

    name: str = key("its name; for Pipelines as Code the name of the PipelineRun in the repository", pattern=NAME)
    namespace: str = key("its namespace", pattern=NAMESPACE)
    success_within_days: int | None = key("how many days ago it may have succeeded last; not given: any time", None, least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyFrom:
    """A public key in a ConfigMap, as PEM."""

    namespace: str = key("namespace of the ConfigMap", pattern=NAMESPACE)
    name: str = key("its name", pattern=NAME)
    entry: str = key("its key that holds the PEM", "cosign.pub")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePolicyWanted:
    """A ClusterImagePolicy, or the ImagePolicy of a namespace, that is written: images of its scopes have to be signed."""

    name: str = key("its name", pattern=NAME)
    namespace: str = key("namespace of an ImagePolicy; empty for a ClusterImagePolicy", "", pattern=MAY_LACK.format(NAMESPACE))
    scopes: tuple[str, ...] = key("registries, repositories or images; *.example.com for all subdomains")
    public_key: str = key("the public key's PEM in base64, on one line", "", pattern=_BASE64)
    public_key_from: PublicKeyFrom | None = key("ConfigMap with the public key, instead", None)
    rekor_key: str = key("PEM of Rekor's public key in base64, where signatures have to be logged there", "", pattern=_BASE64)
    match: str = key("how the name in the signature is compared", DIGEST_OR_EXACT, allowed=MATCH_POLICIES)
    repository: str = key("ExactRepository: the name that signatures bear", "")
    prefix: str = key("RemapIdentity: what images' names begin with", "")
    signed_prefix: str = key("RemapIdentity: what the names in their signatures begin with", "")
    system_signed_off_by: str = key("who answers for scopes that hold the images of OpenShift itself", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesWanted:
    """Which images have to be signed."""

    policies: tuple[ImagePolicyWanted, ...] = key("policies that are written", ())
    signed: tuple[str, ...] = key("registries, repositories or images that a policy has to cover, whoever wrote it", ())
    running_signed: bool = key("whether a policy has to cover every image that runs in the namespaces meant", False)
    by_digest: bool = key("whether pods in the namespaces meant have to name their images by digest", False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionGateWanted:
    """A ValidatingAdmissionPolicy that has to deny in all namespaces meant."""

    name: str = key("its name", pattern=NAME)
    resources: tuple[str, ...] = key("resources whose creation and change it judges, such as deployments.apps; empty: creation of any", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageGateWanted:
    """A ValidatingAdmissionPolicy and its binding that are written: they judge the images of pods as these are made or changed."""

    name: str = key("its name", pattern=NAME)
    rule: str = key("digest: images are named by digest; registries: they come from those that are named", allowed=IMAGE_RULES)
    registries: tuple[str, ...] = key("registries: hosts, or host/repository, such as registry.example.com/ai", ())
    namespaces_labelled: Mapping[str, str] = key("labels of the namespaces that it holds in")
    action: str = key(
        "audit: a note in the audit log; warn: a warning to whoever makes the pod; deny: the pod is refused", allowed=GATE_ACTIONS
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncWindowWanted:
    """A sync window that an AppProject has to have, over all its applications."""

    project: str = key("name of the AppProject", pattern=NAME)
    namespace: str = key("its namespace", GITOPS_NAMESPACE, pattern=NAMESPACE)
    window: str = key("allow: syncs run only then; deny: none runs then", DENY, allowed=(ALLOW, DENY))
    schedule: str = key("its schedule as five fields of cron; empty for any", "")
    duration: str = key("its duration, such as 8h; empty for any", "", pattern=r"([0-9]+(\.[0-9]+)?(h|m|s))*")
    manual: bool = key("whether people may sync nevertheless", False)
    write: bool = key("whether it is written where the project lacks it, with its schedule in UTC", False)

    @property
    def place(self) -> str:
        """The project as `namespace/name`."""
        return f"{self.namespace}/{self.project}"

    @property
    def text(self) -> str:
        """What it says, such as `deny 0 8 * * * 10h`."""
        return " ".join((self.window, *self.schedule.split(), self.duration)).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalWanted:
    """Tasks of a Pipeline that somebody has to approve first, by an ApprovalTask of OpenShift Pipelines."""

    pipeline: str = key("name of the Pipeline", pattern=NAME)
    namespace: str = key("its namespace", pattern=NAMESPACE)
    before: tuple[str, ...] = key("tasks that may only run after the approval")
    least_approvals: int = key("how many have to approve", 1, least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatesWanted:
    """What has to stand between a change and its release."""

    admission: tuple[AdmissionGateWanted, ...] = key("admission policies", ())
    image_gates: tuple[ImageGateWanted, ...] = key("admission policies on images, which are written", ())
    sync_windows: tuple[SyncWindowWanted, ...] = key("sync windows of Argo CD", ())
    approvals: tuple[ApprovalWanted, ...] = key("approvals in pipelines", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The delivery part. It looks at applications, pipelines, image policies and gates, and writes those policies and gates that say so."""

    namespaces: tuple[str, ...] = key("namespaces that are meant, as names or patterns such as ai-*", (), pattern=_PATTERN)
    gitops: GitOpsWanted | None = key("what is asked of Argo CD", None)
    pipelines: tuple[PipelineWanted, ...] = key("pipelines that have to be there", ())
    images: ImagesWanted | None = key("what is asked of images and their signatures", None)
    gates: GatesWanted = key("gates that have to be there", GatesWanted())
