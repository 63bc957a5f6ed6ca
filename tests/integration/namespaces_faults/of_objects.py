# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of objects: those of contracts, and those that nobody declared. Each play does one thing and takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import STAGE_LABEL
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.gate import gate_names
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.terms import OWNER

from tests.counterparts.cluster import wait_until
from tests.integration import openshift_made
from tests.integration.namespaces_faults.stand import (
    KUEUE,
    MERGE,
    Asked,
    C,
    F,
    Json,
    S,
    Stand,
    T,
    contract,
    has_account,
    is_counted,
    named,
    pod,
    quota_path,
    secrets_of_chat,
    whom,
)

CHARGED = "requests.nvidia.com/gpu"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
KEPT = gate_names()[1]
"""Policy of the gate that keeps quotas of contracts."""

TRACKING = "argocd.argoproj.io/tracking-id"


def policy_path(namespace: str, name: str = "readiness-deny") -> str:
    return f"/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies/{name}"


def limits_path(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/limitranges/readiness-limits"


@contextmanager
def mended(stand: Stand) -> Iterator[Asked]:
    """What the next run sets right."""
    try:
        yield Asked()
    finally:
        stand.repair()


@contextmanager
def quota_raised_by_hand(stand: Stand) -> Iterator[Asked]:
    with mended(stand) as asked:
        stand.patch(quota_path(F), {"spec": {"hard": {CHARGED: "12"}}})
        wait_until("it is counted", lambda: is_counted(stand, F))
        yield asked
    wait_until("it is counted", lambda: is_counted(stand, F))


@contextmanager
def limits_deleted(stand: Stand) -> Iterator[Asked]:
    with mended(stand) as asked:
        stand.delete(limits_path(T))
        yield asked


@contextmanager
def policy_narrowed(stand: Stand) -> Iterator[Asked]:
    with mended(stand) as asked:
        stand.patch(policy_path(C), {"spec": {"podSelector": {"matchLabels": {"app": "chat"}}}})
        yield asked


@contextmanager
def rule_added_to_our_policy(stand: Stand) -> Iterator[Asked]:
    with mended(stand) as asked:
        stand.patch(policy_path(S), {"spec": {"ingress": [{}]}})
        yield asked


def own_policy(namespace: str, direction: str, rule: Json) -> Json:
    spec = {"podSelector": {}, "policyTypes": [direction], direction.lower(): [rule]}
    return named("networking.k8s.io/v1", "NetworkPolicy", "own", namespace, spec=spec)


@contextmanager
def policy_to_everywhere(stand: Stand) -> Iterator[Asked]:
    with stand.with_objects(own_policy(C, "Egress", {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]})):
        yield Asked()


@contextmanager
def neighbour_let_in(stand: Stand) -> Iterator[Asked]:
    neighbour = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": S}}}
    with stand.with_objects(own_policy(T, "Ingress", {"from": [neighbour]})):
        yield Asked()


@contextmanager
def queue_of_namespace_drained(stand: Stand) -> Iterator[Asked]:
    with mended(stand) as asked:
        stand.patch(f"{KUEUE}/namespaces/{F}/localqueues/training", {"spec": {"stopPolicy": "HoldAndDrain"}})
        yield asked


@contextmanager
def queue_of_owner_held(stand: Stand) -> Iterator[Asked]:
    with mended(stand) as asked:
        stand.patch(f"{KUEUE}/clusterqueues/groundwork-readiness-retail", {"spec": {"stopPolicy": "Hold"}})
        yield asked


@contextmanager
def owner_quota_narrowed(stand: Stand) -> Iterator[Asked]:
    path = "/apis/quota.openshift.io/v1/clusterresourcequotas/groundwork-readiness-risk"
    added = {"spec": {"selector": {"annotations": {"example.com/counted": "yes"}}}}
    with stand.changed(path, added, {"spec": {"selector": {"annotations": None}}}):
        yield Asked()


@contextmanager
def account_deleted(stand: Stand) -> Iterator[Asked]:
    with mended(stand) as asked:
        stand.delete(f"/api/v1/namespaces/{C}/serviceaccounts/delivery")
        yield asked
    openshift_made.put_into_account(stand.cluster, C, "delivery")


@contextmanager
def pull_secret_taken_out(stand: Stand) -> Iterator[Asked]:
    with mended(stand) as asked:
        path = f"/api/v1/namespaces/{C}/serviceaccounts/default"
        kept = [each for each in stand.site.live(path)["imagePullSecrets"] if each["name"] != "registry-pull"]
        stand.patch(path, {"imagePullSecrets": kept})
        yield asked


@contextmanager
def secret_deleted(stand: Stand) -> Iterator[Asked]:
    with stand.without(secrets_of_chat()[0]):
        yield Asked()


@contextmanager
def secret_without_key(stand: Stand) -> Iterator[Asked]:
    key = "AWS_S3_ENDPOINT"
    back = secrets_of_chat()[1]["data"][key]
    with stand.changed(f"/api/v1/namespaces/{C}/secrets/models-s3", {"data": {key: None}}, {"data": {key: back}}):
        yield Asked()


@contextmanager
def level_lowered_and_used(stand: Stand) -> Iterator[Asked]:
    item = pod("shell", T, hostNetwork=True)
    with mended(stand) as asked:
        assert stand.refuses(item)
        stand.patch(f"/api/v1/namespaces/{T}", {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}})
        wait_until("it is let in", lambda: not stand.refuses(item))
        with stand.with_objects(item):
            yield asked


@contextmanager
def tracked_object_differs(stand: Stand) -> Iterator[Asked]:
    with tracked_object_differs_verified(stand):
        yield Asked(mode="apply")


@contextmanager
def tracked_object_differs_verified(stand: Stand) -> Iterator[Asked]:
    with mended(stand) as asked:
        limits = stand.site.live(limits_path(T))["spec"]["limits"]
        notes = {"metadata": {"annotations": {TRACKING: f"teams:/LimitRange:{T}/readiness-limits"}}}
        stand.patch(limits_path(T), {**notes, "spec": {"limits": [{**limits[0], "default": {"cpu": "3", "memory": "1Gi"}}]}})
        try:
            yield asked
        finally:
            stand.patch(limits_path(T), {"metadata": {"annotations": {TRACKING: None}}})


@contextmanager
def label_of_collection_stripped(stand: Stand) -> Iterator[Asked]:
    labels = {"metadata": {"labels": {STAGE_LABEL: None}}}
    with mended(stand) as asked, stand.changed(f"/api/v1/namespaces/{T}", labels, {"metadata": {"labels": {STAGE_LABEL: "namespaces"}}}):
        yield asked


@contextmanager
def owner_label_changed(stand: Stand) -> Iterator[Asked]:
    with mended(stand) as asked:
        stand.patch(f"/api/v1/namespaces/{T}", {"metadata": {"labels": {OWNER: "retail"}}})
        yield asked


@contextmanager
def namespace_terminating(stand: Stand) -> Iterator[Asked]:
    path = f"/api/v1/namespaces/{T}"
    held = named("v1", "ConfigMap", "held", T)
    held["metadata"]["finalizers"] = ["example.com/held"]
    with anew(stand):
        stand.make(held)
        stand.delete(path)
        wait_until("only what is held is left", lambda: is_held(stand, T))
        try:
            yield Asked()
        finally:
            stand.patch(f"{path}/configmaps/held", {"metadata": {"finalizers": None}})


def is_held(stand: Stand, name: str) -> bool:
    """Whether everything is gone that can go."""
    conditions = stand.site.live(f"/api/v1/namespaces/{name}").get("status", {}).get("conditions", ())
    left = {each["type"] for each in conditions if each["status"] == "True"}
    emptied = stand.cluster.request("GET", policy_path(name)).status == stand.cluster.request("GET", quota_path(name)).status == 404
    return "NamespaceFinalizersRemaining" in left and emptied


@contextmanager
def namespace_deleted(stand: Stand) -> Iterator[Asked]:
    with anew(stand):
        stand.delete(f"/api/v1/namespaces/{T}")
        wait_until("it is gone", lambda: stand.cluster.request("GET", f"/api/v1/namespaces/{T}").status == 404)
        yield Asked()


@contextmanager
def anew(stand: Stand) -> Iterator[None]:
    """The last namespace is there again after the block, as OpenShift and its contract have it."""
    try:
        yield
    finally:
        wait_until("it is gone", lambda: stand.cluster.request("GET", f"/api/v1/namespaces/{T}").status == 404)
        stand.repair()
        wait_until("it has its account", lambda: has_account(stand, T))
        openshift_made.put_into(stand.cluster, T, 3)
        wait_until("its quota is counted", lambda: is_counted(stand, T))


@contextmanager
def born_binding_widened(stand: Stand) -> Iterator[Asked]:
    item = next(each for each in openshift_made.bindings(T) if each["metadata"]["name"] == "system:image-pullers")
    stand.make({**item, "subjects": [*item["subjects"], whom("User", "somebody")]})
    try:
        yield Asked()
    finally:
        stand.make(item)


@contextmanager
def write_refused_by_policy(stand: Stand) -> Iterator[Asked]:
    rule = {"apiGroups": [""], "apiVersions": ["*"], "operations": ["UPDATE"], "resources": ["resourcequotas"]}
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [rule]},
        "validations": [{"expression": "!('example.com/tried' in object.spec.hard) && false", "message": "quotas are frozen this week"}],
    }
    policy = named("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "frozen", spec=spec)
    where = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": T}}}
    bound = {"policyName": "frozen", "validationActions": ["Deny"], "matchResources": where}
    binds = named("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "frozen", spec=bound)
    tried = {"metadata": {"labels": {"example.com/tried": "x"}}}

    def refused() -> bool:
        return stand.cluster.request("PATCH", f"{quota_path(T)}?dryRun=All", tried, MERGE).status in (403, 422)

    with mended(stand):
        with stand.with_objects(policy, binds):
            wait_until("it is in force", refused)
            yield Asked(contract(T, quota={"cpu": 17, "memory_gib": 64, "pods": 20}), "apply")
        wait_until("it is no more", lambda: not refused())


@contextmanager
def quota_deleted(stand: Stand) -> Iterator[Asked]:
    """Only where nothing keeps it."""
    with mended(stand) as asked:
        wait_until("nothing keeps it", lambda: stand.cluster.request("DELETE", f"{quota_path(F)}?dryRun=All").status == 200)
        stand.delete(quota_path(F))
        yield asked
    wait_until("it is counted", lambda: is_counted(stand, F))


@contextmanager
def gate_warns(stand: Stand) -> Iterator[Asked]:
    path = f"{ADMISSION}/validatingadmissionpolicybindings/{gate_names()[0]}"
    with stand.changed(path, {"spec": {"validationActions": ["Warn"]}}, {"spec": {"validationActions": ["Audit", "Deny"]}}):
        yield Asked()


@contextmanager
def gate_policy_deleted(stand: Stand) -> Iterator[Asked]:
    live = stand.site.live(f"{ADMISSION}/validatingadmissionpolicies/{KEPT}")
    with stand.without({**live, "metadata": {"name": KEPT}}):
        yield Asked()
