# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The section: what is read of it, and each fault that no single value shows."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.plan import plan_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import Delivery
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery_rules import delivery_faults, trouble_with_cron
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import Bad, Reading, path_text, schema_of

from tests.unit.platform.delivery.builders import Json, alarms, look


def pem(word: str = "PUBLIC") -> str:
    body = base64.b64encode(secrets.token_bytes(60)).decode()
    return base64.b64encode(f"-----BEGIN {word} KEY-----\n{body}\n-----END {word} KEY-----\n".encode()).decode()


KEY = pem()
EVERYTHING: Json = {
    "namespaces": ["ai-*", "models"],
    "gitops": {"applications": [{"name": "models", "max_age_days": 2}], "automated": True, "pinned": True, "tracked": True},
    "pipelines": [{"name": "build", "namespace": "ai-ci", "success_within_days": 7}],
    "images": {
        "policies": [
            {"name": "ai", "scopes": ["registry.example.com/ai", "*.models.example.com"], "public_key": KEY},
            {
                "name": "team",
                "namespace": "ai-models",
                "scopes": ["quay.io/team/app:1"],
                "public_key_from": {"namespace": "openshift-config", "name": "cosign"},
                "match": "RemapIdentity",
                "prefix": "quay.io/team",
                "signed_prefix": "registry.example.com/team",
            },
        ],
        "signed": ["registry.example.com/ai"],
        "running_signed": True,
        "by_digest": True,
    },
    "gates": {
        "admission": [{"name": "signed", "resources": ["deployments.apps"]}],
        "image_gates": [
            {"name": "digests", "rule": "digest", "namespaces_labelled": {"tier": "prod"}, "action": "deny"},
            {
                "name": "registries",
                "rule": "registries",
                "registries": ["registry.example.com", "quay.io/team"],
                "namespaces_labelled": {"example.com/ai": ""},
                "action": "audit",
            },
        ],
        "sync_windows": [
            {"project": "ai", "schedule": "0 8 * * 1-5", "duration": "10h30m"},
            {"project": "ai", "schedule": "0 8 * * 1-5", "duration": "10h30m", "write": True},
        ],
        "approvals": [{"pipeline": "release", "namespace": "ai-ci", "before": ["deploy"], "least_approvals": 2}],
    },
}


def parsed(data: Json) -> Delivery:
    found = Reading().section(Delivery, data, ("delivery",))
    assert isinstance(found, Delivery)
    return found


def faults(data: Json) -> list[tuple[str, str]]:
    return [(path_text(path), problem.message) for path, problem in delivery_faults(parsed(data))]


def policy(**further: Any) -> Json:
    return {"images": {"policies": [{"name": "ai", "scopes": ["registry.example.com"], "public_key": KEY, **further}]}}


def test_whole_section_is_read_and_without_fault() -> None:
    assert faults(EVERYTHING) == []
    assert faults({}) == []
    schema = schema_of(Delivery, "delivery", "The section")
    assert {"GitOpsWanted", "ImagePolicyWanted", "GatesWanted"} <= set(schema["$defs"])


def test_empty_section_asks_for_nothing_and_gives_no_alarm_on_a_bare_cluster() -> None:
    seen = look(Delivery())
    assert alarms(seen) == {}
    assert plan_of(seen).objects == ()


P = "delivery.images.policies[0]"
G = "delivery.gates.image_gates[0]"
W = "delivery.gates.sync_windows[0]"
NIGHT = {"project": "a", "schedule": "0 8 * * *", "duration": "1h", "write": True}


def image_gate(**further: Any) -> Json:
    return {"gates": {"image_gates": [{"name": "a", "rule": "digest", "namespaces_labelled": {"x": "y"}, "action": "warn", **further}]}}


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        (policy(scopes=[]), f"{P}.scopes", "has 0 scopes"),
        (policy(scopes=["a.b", "a.b"]), f"{P}.scopes[1]", "as delivery.images.policies[0].scopes[0] is"),
        (policy(scopes=["nginx"]), f"{P}.scopes[0]", "no scope of an image policy"),
        (policy(scopes=["registry.*.example.com"]), f"{P}.scopes[0]", "no scope"),
        (policy(scopes=["*.example.com/path"]), f"{P}.scopes[0]", "no scope"),
        (policy(scopes=["https://registry.example.com"]), f"{P}.scopes[0]", "no scope"),
        (policy(scopes=["registry.example.com/AI"]), f"{P}.scopes[0]", "no scope"),
        (policy(scopes=["quay.io"]), f"{P}.scopes[0]", "nodes refuse the images of OpenShift itself"),
        (policy(scopes=["*.io"]), f"{P}.scopes[0]", "nodes refuse the images of OpenShift itself"),
        (policy(scopes=["quay.io/openshift-release-dev/ocp-release:4.21.1-x86_64"]), f"{P}.scopes[0]", "OpenShift itself"),
        (policy(public_key=""), P, "are both missing"),
        (policy(public_key_from={"namespace": "a", "name": "b"}), P, "are both given"),
        (policy(public_key=pem("PRIVATE")), f"{P}.public_key", "is no public key"),
        (policy(public_key="bm9uc2Vuc2U="), f"{P}.public_key", "is no public key"),
        (policy(rekor_key="bm9uc2Vuc2U="), f"{P}.rekor_key", "is no public key"),
        (policy(match="ExactRepository"), f"{P}.repository", "ExactRepository needs"),
        (policy(match="ExactRepository", repository="a.b/c:1"), f"{P}.repository", "ExactRepository needs"),
        (policy(match="ExactRepository", repository="a.b:5000"), f"{P}.repository", "ExactRepository needs"),
        (policy(match="RemapIdentity", prefix="a.b"), f"{P}.signed_prefix", "RemapIdentity needs"),
        (policy(repository="a.b/c"), f"{P}.repository", "is given, and match is MatchRepoDigestOrExact"),
        ({"images": {"signed": ["nginx"]}}, "delivery.images.signed[0]", "no scope"),
        ({"images": {"running_signed": True}}, "delivery.images.running_signed", "delivery.namespaces is empty"),
        ({"images": {"by_digest": True}}, "delivery.images.by_digest", "delivery.namespaces is empty"),
        ({"gitops": {"tracked": True}}, "delivery.gitops.tracked", "delivery.namespaces is empty"),
        ({"gitops": {"applications": [{"name": "a"}, {"name": "a"}]}}, "delivery.gitops.applications[1].name", "as"),
        ({"pipelines": [{"name": "a", "namespace": "b"}] * 2}, "delivery.pipelines[1].name", "as"),
        ({"gates": {"admission": [{"name": "a"}] * 2}}, "delivery.gates.admission[1].name", "as"),
        ({"gates": {"sync_windows": [{"project": "a", "schedule": "nightly"}]}}, "delivery.gates.sync_windows[0].schedule", "has 1 fields"),
        ({"gates": {"sync_windows": [{**NIGHT, "duration": ""}]}}, "delivery.gates.sync_windows[0].duration", "is missing, and write"),
        ({"gates": {"sync_windows": [NIGHT, {**NIGHT, "manual": True}]}}, "delivery.gates.sync_windows[1]", "a second time"),
        (
            {"gates": {"sync_windows": [{**NIGHT, "schedule": "99 99 * * MON"}]}},
            "delivery.gates.sync_windows[0].schedule",
            "the field '99'",
        ),
        ({"gates": {"sync_windows": [{**NIGHT, "schedule": "0 8 * * 7"}]}}, "delivery.gates.sync_windows[0].schedule", "the field '7'"),
        ({"gates": {"sync_windows": [{**NIGHT, "duration": "0h"}]}}, "delivery.gates.sync_windows[0].duration", "is no time at all"),
        (image_gate(rule="registries"), f"{G}.registries", "every pod would be refused"),
        (image_gate(registries=["a.b"]), f"{G}.registries", "is given, and rule is digest"),
        (image_gate(rule="registries", registries=["a.b/c:1"]), f"{G}.registries[0]", "is no registry or repository"),
        (image_gate(rule="registries", registries=["a.b'] || true"]), f"{G}.registries[0]", "is no registry or repository"),
        (image_gate(namespaces_labelled={}), f"{G}.namespaces_labelled", "is every namespace"),
        (image_gate(namespaces_labelled={"a b": "c"}), f"{G}.namespaces_labelled", "is no label"),
        (
            image_gate(namespaces_labelled={"kubernetes.io/metadata.name": "openshift-image-registry"}),
            f"{G}.namespaces_labelled.kubernetes.io/metadata.name",
            "a namespace of the system",
        ),
        ({"gates": {"approvals": [{"pipeline": "a", "namespace": "b", "before": []}]}}, "delivery.gates.approvals[0].before", "is empty"),
    ],
)
def test_what_no_single_value_shows_is_refused_at_its_place(data: Json, place: str, says: str) -> None:
    found = faults(data)
    assert [path for path, _message in found] == [place]
    assert says in found[0][1]
    assert KEY not in found[0][1]


def test_scopes_of_the_system_need_somebody_who_answers_for_them() -> None:
    assert faults(policy(scopes=["quay.io"], system_signed_off_by="platform team")) == []


def test_policy_of_a_namespace_below_one_of_the_cluster_would_have_no_effect() -> None:
    both = policy()
    both["images"]["policies"].append({"name": "t", "namespace": "ai", "scopes": ["registry.example.com/x"], "public_key": KEY})
    assert [path for path, _message in faults(both)] == ["delivery.images.policies[1].scopes[0]"]


@pytest.mark.parametrize("data", [{"namespaces": ["AI"]}, {"images": {"policies": [{"name": "a", "scopes": ["a.b"], "public_key": "ä"}]}}])
def test_values_that_cannot_be_are_refused(data: Json) -> None:
    with pytest.raises(Bad):
        parsed(data)


@pytest.mark.parametrize(
    ("schedule", "fine"),
    [("0 8 * * *", True), ("*/5 0-6,8 1 JAN MON", True), ("@daily", False), ("0 8 * *", False), ("0 8 * * ;", False), ("", False)],
)
def test_schedule_has_five_fields_and_is_no_word(schedule: str, fine: bool) -> None:
    assert (trouble_with_cron(schedule) == "") is fine
