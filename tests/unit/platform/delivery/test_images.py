# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: what a policy covers and what it does not, mirrors, digests, and the policies that are written."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.images import (
    full_name,
    policy_objects,
    repository_of,
    trouble_with_pem,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.plan import plan_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.readings import (
    CLUSTER_POLICIES,
    MIRROR_SETS,
    NAMESPACES,
    PODS,
    POLICIES,
    ImageFold,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import (
    Delivery,
    ImagePolicyWanted,
    ImagesWanted,
    PublicKeyFrom,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery_rules import wider_scopes
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named, NamedRead

from tests.unit.platform.delivery.builders import Json, alarms, findings, image_policy, look, namespace

DIGEST = "sha256:" + "ab" * 32
VLLM = f"registry.example.com/ai/vllm@{DIGEST}"
BOTH = (CLUSTER_POLICIES, POLICIES)
PEM = "-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(secrets.token_bytes(91)).decode() + "\n-----END PUBLIC KEY-----"
KEYS = Named("v1", "ConfigMap", "openshift-config", "cosign")
SOURCE = PublicKeyFrom(namespace="openshift-config", name="cosign")


def running(**further: Any) -> Delivery:
    return Delivery(namespaces=("ai-*",), images=ImagesWanted(**further))


def config_map(**data: str) -> dict[Named, NamedRead]:
    return {KEYS: NamedRead("read", {"data": {key.replace("_", "."): value for key, value in data.items()}}, tuple(data))}


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("registry.example.com/ai/vllm", "registry.example.com/ai/vllm:latest"),
        ("registry.example.com:5000/ai/vllm:1", "registry.example.com:5000/ai/vllm:1"),
        (f"registry.example.com/ai/vllm:1@{DIGEST}", f"registry.example.com/ai/vllm@{DIGEST}"),
        ("localhost/x", "localhost/x:latest"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("index.docker.io/team/nginx:2", "docker.io/team/nginx:2"),
        ("nginx", ""),
        ("nginx:1", ""),
        ("library/nginx", ""),
    ],
)
def test_name_of_an_image_is_spelled_out_and_a_short_one_has_no_registry(image: str, name: str) -> None:
    assert full_name(image) == name


def test_scopes_above_an_image_are_those_that_nodes_look_for() -> None:
    assert list(wider_scopes("r.example.com:8443/a/b:1")) == [
        "r.example.com:8443/a/b:1",
        "r.example.com:8443/a/b",
        "r.example.com:8443/a",
        "r.example.com:8443",
        "*.example.com",
        "*.com",
    ]
    assert list(wider_scopes("*.a.example.com")) == ["*.a.example.com", "*.example.com", "*.com"]
    assert list(wider_scopes("localhost:5000/x")) == ["localhost:5000/x", "localhost:5000"]
    assert repository_of(f"r.example.com:8443/a@{DIGEST}") == "r.example.com:8443/a"


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        ("registry.example.com", True),
        ("registry.example.com/ai", True),
        ("registry.example.com/ai/vllm", True),
        (VLLM, True),
        ("*.example.com", True),
        ("registry.example.com/ai/vll", False),
        ("registry.example.com/a", False),
        ("registry.example.com:443", False),
        ("example.com", False),
        ("*.registry.example.com", False),
        ("registry.example.com/ai/vllm:1", False),
    ],
)
def test_image_that_runs_is_covered_by_scopes_above_it_and_by_no_other(scope: str, covers: bool) -> None:
    seen = look(running(running_signed=True), {CLUSTER_POLICIES: [image_policy("p", scope)]}, images={"ai-models": {VLLM: 2}})
    found = findings(seen)["images.running", "images from registry.example.com"]
    assert found.result == ("pass" if covers else "fail")
    if not covers:
        assert "no policy covers 1 of 1: registry.example.com/ai/vllm" in found.message
        assert (found.evidence[0].object, found.evidence[0].observed) == (f"{VLLM} in ai-models", "2 pods, no policy")


def test_policy_of_a_namespace_covers_there_alone_and_one_that_is_pending_nowhere() -> None:
    pods = {"ai-models": {VLLM: 1}, "ai-train": {VLLM: 1}, "web": {"quay.io/web/web:1": 9}}
    own = image_policy("p", "registry.example.com", home="ai-models")
    found = findings(look(running(running_signed=True), {POLICIES: [own]}, images=pods))[
        "images.running", "images from registry.example.com"
    ]
    assert [each.object for each in found.evidence] == [f"{VLLM} in ai-train"]
    pending = image_policy("p", "registry.example.com", home="ai-models", pending=True)
    found = findings(look(running(running_signed=True), {POLICIES: [pending]}, images=pods))[
        "images.running", "images from registry.example.com"
    ]
    assert len(found.evidence) == 2


def test_scope_that_names_the_mirror_covers_nothing_and_says_so() -> None:
    mirror = {
        "kind": "ImageDigestMirrorSet",
        "metadata": {"name": "ai"},
        "spec": {"imageDigestMirrors": [{"source": "registry.example.com/ai", "mirrors": ["mirror.example.net/ai"]}]},
    }
    lists = {CLUSTER_POLICIES: [image_policy("p", "mirror.example.net")], MIRROR_SETS[0]: [mirror]}
    found = findings(look(running(running_signed=True), lists, images={"ai-models": {VLLM: 1}}))[
        "images.running", "images from registry.example.com"
    ]
    assert found.result == "fail"
    assert f"ClusterImagePolicy p covers its mirror mirror.example.net/ai/vllm@{DIGEST} only" in found.evidence[0].observed


def test_image_without_a_registry_is_not_evaluated_and_no_pods_are_no_gap() -> None:
    told = findings(look(running(running_signed=True), images={"ai-models": {"nginx": 1}}))
    assert told["images.running", "images without a registry"].result == "not_evaluated"
    assert findings(look(running(running_signed=True), images={"web": {"nginx": 1}}))["images.running", "images that run"].result == "pass"


@pytest.mark.parametrize(
    ("wanted", "further", "result", "says"),
    [
        (running(running_signed=True), {"images": None}, "not_evaluated", "which images run is not known"),
        (running(running_signed=True), {"images": None, "forbidden": (PODS,)}, "not_evaluated", "may not list pods"),
        (running(running_signed=True), {"images": {}, "forbidden": (POLICIES,)}, "not_evaluated", "may not list imagepolicies"),
        (running(running_signed=True), {"images": {}, "absent": BOTH}, "fail", "does not serve image policies"),
        (running(), {"images": {}, "absent": BOTH}, "not_applicable", "has no image policies"),
        (Delivery(), {"images": {}}, "not_applicable", "means no namespaces"),
    ],
)
def test_images_that_run_are_judged_only_where_everything_is_known(
    wanted: Delivery, further: dict[str, Any], result: str, says: str
) -> None:
    found = findings(look(wanted, **further))["images.running", "images that run"]
    assert found.result == result
    assert says in found.message


def test_gap_that_nobody_asked_about_is_information() -> None:
    seen = look(running(), {NAMESPACES: [namespace("ai-models")]}, images={"ai-models": {"quay.io/a/b:1": 1}})
    told = findings(seen)
    assert (told["images.running", "images from quay.io"].result, told["images.running", "images from quay.io"].severity) == (
        "fail",
        "information",
    )
    assert (told["images.digest", "images that run"].result, told["images.digest", "images that run"].severity) == ("fail", "information")
    assert alarms(seen) == {}


def test_images_by_tag_are_named_where_digests_are_asked_for() -> None:
    pods = {"ai-models": {VLLM: 1, "quay.io/a/b:1": 1, f"quay.io/a/c:1@{DIGEST}": 1}}
    found = findings(look(running(by_digest=True), images=pods))["images.digest", "images that run"]
    assert (found.result, found.severity, found.evidence[0].observed) == ("fail", "warning", "quay.io/a/b:1")
    assert findings(look(running(by_digest=True), images={"ai-models": {VLLM: 1}}))["images.digest", "images that run"].result == "pass"
    assert findings(look(running(by_digest=True)))["images.digest", "images that run"].result == "not_evaluated"


# ---- scopes that the document names ----------------------------------------------------------------------------------

SPACES = [namespace("ai-models"), namespace("ai-train")]


@pytest.mark.parametrize(
    ("lists", "further", "result", "says"),
    [
        ({CLUSTER_POLICIES: [image_policy("p", "registry.example.com")]}, {}, "pass", "ClusterImagePolicy p covers it"),
        (
            {CLUSTER_POLICIES: [image_policy("p", "registry.example.com/ai/x")]},
            {},
            "fail",
            "only registry.example.com/ai/x of it is covered",
        ),
        ({}, {}, "fail", "no policy covers it"),
        (
            {POLICIES: [image_policy("p", "registry.example.com", home=each) for each in ("ai-models", "ai-train")]},
            {},
            "pass",
            "an ImagePolicy covers it in ai-models and ai-train",
        ),
        ({POLICIES: [image_policy("p", "registry.example.com", home="ai-models")]}, {}, "fail", "no policy covers it in ai-train"),
        ({}, {"forbidden": (CLUSTER_POLICIES,)}, "not_evaluated", "may not list clusterimagepolicies"),
        ({CLUSTER_POLICIES: [image_policy("p", "*.example.com")]}, {"forbidden": (POLICIES,)}, "pass", "covers it"),
        ({}, {"absent": BOTH}, "fail", "does not serve image policies"),
    ],
)
def test_scope_that_has_to_be_signed_is_covered_or_named_as_a_gap(
    lists: dict[str, list[Json]], further: Any, result: str, says: str
) -> None:
    wanted = running(signed=("registry.example.com/ai",))
    found = findings(look(wanted, {NAMESPACES: SPACES, **lists}, **further))["images.signed", "images of registry.example.com/ai"]
    assert (found.result, found.path) == (result, "delivery.images.signed[0]")
    assert says in found.message


def test_gap_says_which_policy_of_the_document_is_to_cover_it() -> None:
    own = ImagePolicyWanted(name="ai", scopes=("registry.example.com",), public_key="a2V5")
    found = findings(look(running(signed=("registry.example.com/ai",), policies=(own,))))[
        "images.signed", "images of registry.example.com/ai"
    ]
    assert found.result == "fail"
    assert "ClusterImagePolicy ai of this document is to cover it" in found.message


# ---- policies that are written ---------------------------------------------------------------------------------------


def test_policy_is_made_of_an_inline_key_and_of_one_in_a_config_map() -> None:
    inline = ImagePolicyWanted(
        name="ai",
        scopes=("registry.example.com",),
        public_key="a2V5",
        rekor_key="cmVrb3I=",
        match="ExactRepository",
        repository="signed.example.com/ai",
    )
    named = ImagePolicyWanted(
        name="team",
        namespace="ai-models",
        scopes=("quay.io/team",),
        public_key_from=SOURCE,
        match="RemapIdentity",
        prefix="a.b/c",
        signed_prefix="d.e/f",
    )
    objects, found = policy_objects(look(running(policies=(inline, named)), named=config_map(cosign_pub=f"{PEM}\n\n")))
    assert [finding.result for finding in found] == ["pass"]
    first, second = (wanted.object for wanted in objects)
    assert (first["kind"], first["metadata"]) == ("ClusterImagePolicy", {"name": "ai"})
    assert first["spec"]["policy"]["rootOfTrust"]["publicKey"] == {"keyData": "a2V5", "rekorKeyData": "cmVrb3I="}
    assert first["spec"]["policy"]["signedIdentity"]["exactRepository"] == {"repository": "signed.example.com/ai"}
    assert (second["kind"], second["metadata"]) == ("ImagePolicy", {"name": "team", "namespace": "ai-models"})
    assert base64.b64decode(second["spec"]["policy"]["rootOfTrust"]["publicKey"]["keyData"]).decode() == f"{PEM}\n"
    assert second["spec"]["policy"]["signedIdentity"]["remapIdentity"] == {"prefix": "a.b/c", "signedPrefix": "d.e/f"}
    assert {(wanted.claim, wanted.part, wanted.layer) for wanted in objects} == {("own", "delivery", "delivery")}


@pytest.mark.parametrize(
    ("named", "result", "says"),
    [
        ({KEYS: NamedRead("absent")}, "fail", "there is no ConfigMap openshift-config/cosign"),
        ({KEYS: NamedRead("forbidden", reason="the account may not get it")}, "not_evaluated", "may not get it"),
        (config_map(other=PEM), "fail", "has no cosign.pub"),
        (config_map(cosign_pub="nonsense"), "fail", "is no PEM"),
        (config_map(cosign_pub=PEM.replace("PUBLIC", "PRIVATE")), "fail", "holds a private key"),
        (config_map(cosign_pub=PEM.replace("\n", "\n*", 1)), "fail", "not base64"),
        (config_map(cosign_pub=PEM), "pass", ""),
    ],
)
def test_while_a_key_is_not_there_the_plan_says_that_a_policy_is_missing_in_it(named: Any, result: str, says: str) -> None:
    wanted = ImagePolicyWanted(name="ai", scopes=("registry.example.com",), public_key_from=SOURCE)
    plan = plan_of(look(running(policies=(wanted,)), named=named))
    (found,) = [finding for finding in plan.findings if finding.check == "platform.delivery.images.key"]
    assert (found.result, found.refuses) == (result, False)
    assert says in found.message
    assert (len(plan.objects), bool(plan.incomplete)) == ((1, False) if result == "pass" else (0, True))
    assert PEM.splitlines()[1] not in found.message + repr(found.evidence)


def test_key_that_is_too_long_for_the_api_is_refused() -> None:
    body = base64.b64encode(secrets.token_bytes(5000)).decode()
    assert trouble_with_pem(f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----") == "is too long"


@pytest.mark.parametrize(
    ("policy", "lists", "further", "result", "says"),
    [
        ("", {CLUSTER_POLICIES: [image_policy("ai", "a.b")]}, {}, "pass", ""),
        ("", {CLUSTER_POLICIES: [image_policy("ai", "a.b", pending=True)]}, {}, "fail", "a global policy goes before"),
        ("ai-models", {POLICIES: [image_policy("ai", "a.b", home="ai-models")]}, {}, "pass", ""),
        (
            "ai-models",
            {POLICIES: [image_policy("ai", "a.b", home="ai-models")], CLUSTER_POLICIES: [image_policy("all", "*.b")]},
            {},
            "fail",
            "a.b is covered by ClusterImagePolicy all",
        ),
        ("", {}, {"absent": BOTH}, "fail", "does not serve ClusterImagePolicy"),
        ("", {}, {"forbidden": (CLUSTER_POLICIES,)}, "not_evaluated", "may not list"),
    ],
)
def test_policy_of_the_document_has_to_take_effect(policy: str, lists: Any, further: Any, result: str, says: str) -> None:
    wanted = ImagePolicyWanted(name="ai", namespace=policy, scopes=("a.b",), public_key="a2V5")
    seen = look(running(policies=(wanted,)), lists, **further)
    (found,) = [finding for finding in findings(seen).values() if finding.check == "platform.delivery.images.effective"]
    assert found.result == result
    assert says in found.message
    assert bool(plan_of(seen).objects) == ("absent" not in further)


# ---- what is kept of pods ----------------------------------------------------------------------------------------------


def test_pods_are_counted_by_namespace_and_image_and_none_is_kept() -> None:
    fold = ImageFold()
    pod = {
        "metadata": {"namespace": "ai-models", "name": "p"},
        "spec": {
            "containers": [{"image": "a.b/x"}, {"image": "a.b/x"}, {"name": "none"}],
            "initContainers": [{"image": "a.b/y"}],
            "ephemeralContainers": [{"image": "a.b/z"}],
            "volumes": [{"name": "weights", "image": {"reference": "a.b/model:1"}}, {"name": "tmp", "emptyDir": {}}],
        },
    }
    fold.add(pod)
    fold.add(pod)
    fold.add({"metadata": {"namespace": "web"}, "spec": {}})
    assert fold.use().pods == {"ai-models": {"a.b/model:1": 2, "a.b/x": 2, "a.b/y": 2, "a.b/z": 2}}


def test_record_of_a_policy_counts_the_images_that_it_covers() -> None:
    lists = {CLUSTER_POLICIES: [image_policy("all", "*.example.com")], POLICIES: [image_policy("p", "quay.io", home="ai-models")]}
    pods = {"ai-models": {VLLM: 1, "quay.io/a/b:1": 1}, "ai-train": {"quay.io/a/b:1": 1}}
    records = {each["id"]: each for each in plan_of(look(running(), lists, images=pods)).records}
    assert records["ClusterImagePolicy all"]["images"] == 1
    assert (records["ImagePolicy ai-models/p"]["images"], records["ImagePolicy ai-models/p"]["standing"]) == (1, "meant")
