# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a document cannot mean is refused before any write: for each rule a wrong, a boundary and a right case."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.modes import contradictions
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import Places
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.semantics import expired_waivers

from tests.unit.platform.desired.documents import EXAMPLES, changed, example, meant, parsed

OWN = {"name": "own", "package": "own", "namespace": "own-ns", "source": "own", "channel": "stable", "version": "own.v1"}
BASE: dict[str, Any] = {"schema_version": "1.0"}
H100 = {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}
BOUNDS = {"min": 1, "default": 2, "max": 3}


def operators(*wanted: dict[str, Any], **section: Any) -> dict[str, Any]:
    """A document of operators, each made of OWN."""
    return {**BASE, "operators": {**section, "wanted": [{**OWN, **one} for one in wanted]}}


def named(name: str, **more: Any) -> dict[str, Any]:
    """An operator of that name, package and namespace."""
    return {"name": name, "package": name, "namespace": f"{name}-ns", **more}


def pools(*given: dict[str, Any], **section: Any) -> dict[str, Any]:
    """A document of pools, each of NVIDIA's unless it says otherwise."""
    made = [{"name": f"p{number}", "nodes": {"pool": str(number)}, "vendor": "nvidia", **pool} for number, pool in enumerate(given)]
    return {**BASE, "accelerators": {**section, "pools": made}}


def asking(sharing: str, *given: dict[str, Any], **asked: Any) -> dict[str, Any]:
    """A document with pools and one request of a class."""
    section = {"classes": {"x": {"memory_gib": 70, "sharing": sharing, **asked}}, "requests": [{"name": "r", "class": "x"}]}
    return pools(*given, **section)


def ai(**section: Any) -> dict[str, Any]:
    """A document of OpenShift AI."""
    return {**BASE, "openshift_ai": section}


def profile(**more: Any) -> dict[str, Any]:
    """A hardware profile."""
    return {"name": "p", "cpu": BOUNDS, "memory_gib": BOUNDS, **more}


def model(**more: Any) -> dict[str, Any]:
    """A document with one model, and the runtime that serves it."""
    runtime = {"name": "rt", "image": f"registry.example.com/x@sha256:{'0' * 64}"}
    return ai(
        runtimes=[runtime], models=[{"name": "m", "namespace": "ai-models", "uri": "oci://r.example.com/m:1", "runtime": "rt", **more}]
    )


def with_twin(document: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The document with its model a second time, changed."""
    (first,) = document["openshift_ai"]["models"]
    return changed(document, ("openshift_ai.models.1", {**first, **other}))


DATABASE = {"model_registry_database": {"host": "db.example.com", "secret": {"namespace": "n", "name": "s"}}}

# Each rule: what is wrong and where; then what is on the safe side of it by the least, and what is plainly right.
RULES: dict[str, tuple[list[tuple[dict[str, Any], str]], list[dict[str, Any]]]] = {
    "names are unique": (
        [
            (operators({}, {"package": "other"}), "operators.wanted[1].name is 'own', as operators.wanted[0].name is"),
            (pools({"name": "a"}, {"name": "a"}), "accelerators.pools[1].name is 'a'"),
            (ai(hardware_profiles=[profile(), profile()]), "openshift_ai.hardware_profiles[1].name is 'p'"),
            (ai(queues={"priorities": [{"name": "a", "value": 1}] * 2}), "openshift_ai.queues.priorities[1].name is 'a'"),
        ],
        [operators({}, named("other")), pools({"name": "a"}, {"name": "b"})],
    ),
    "models are unique by namespace and name": (
        [(with_twin(model(), {}), "openshift_ai.models[1].name is 'ai-models/m'")],
        [with_twin(model(), {"namespace": "other"})],
    ),
    "operators that are not shipped say where they come from": (
        [
            (operators({"name": "nvidai", "package": ""}), "operators.wanted[0].name is 'nvidai', which is not in the shipped catalogue"),
            (operators({"namespace": "", "source": ""}), "operators.wanted[0].name is 'own', which is not in the shipped catalogue"),
        ],
        [operators({}), {**BASE, "operators": {"wanted": [{"name": "nfd", "channel": "stable", "version": "nfd.4.21.0"}]}}],
    ),
    "a package is installed once": (
        [
            (operators({}, {"name": "twin"}), "operators.wanted[1] means package own, as operator own does"),
            (operators({"package": "nfd"}, {"name": "nfd", "package": ""}), "operators.wanted[1] means package nfd"),
        ],
        [operators({}, named("twin"))],
    ),
    "a channel is never defaulted": (
        [(operators({"channel": ""}), "operators.wanted[0].channel is missing")],
        [operators({"channel": "", "state": "absent"}), operators({"channel": "stable"})],
    ),
    "a version is pinned, or floats": (
        [
            (operators({"version": ""}), "operators.wanted[0].version is missing"),
            (operators({"floating": True}), "operators.wanted[0].floating is true, and version pins own.v1"),
        ],
        [operators({"version": "", "floating": True}), operators({"version": "", "state": "absent"})],
    ),
    "rehearsed hops are on the way to a pin": (
        [
            (
                operators({"version": "", "floating": True, "upgrade": {"rehearsed": ["own.v0"]}}),
                "operators.wanted[0].upgrade.rehearsed names hops",
            ),
            (operators({"upgrade": {"rehearsed": ["own.v0", "own.v1"]}}), "operators.wanted[0].upgrade.rehearsed[1] is the pinned version"),
        ],
        [operators({"upgrade": {"rehearsed": ["own.v0"]}}), operators({"upgrade": {"rehearsed": []}})],
    ),
    "needs lead somewhere": (
        [
            (operators({"needs": ["nfd"]}), "operators.wanted[0].needs[0] is 'nfd', which is no operator of the document"),
            (
                operators({"needs": ["other"]}, named("other", state="absent")),
                "operators.wanted[0].needs[0] is 'other', which the document removes",
            ),
        ],
        [
            operators({"needs": ["other"]}, named("other")),
            operators({"needs": ["other"], "state": "absent"}, named("other", state="absent")),
        ],
    ),
    "needs do not go round in a circle": (
        [
            (operators({"needs": ["own"]}), "operators.wanted[0].needs goes round in a circle: own needs own"),
            (
                operators(named("a", needs=["b"]), named("b", needs=["c"]), named("c", needs=["a"])),
                "operators.wanted[0].needs goes round in a circle: a needs b needs c needs a",
            ),
            (
                changed(
                    operators(named("x")),
                    ("operators.wanted.0", {"name": "nvidia", "channel": "c", "version": "v"}),
                    ("operators.wanted.1", {"name": "nfd", "channel": "c", "version": "v", "needs": ["nvidia"]}),
                ),
                "operators.wanted[0].needs goes round in a circle: nvidia needs nfd needs nvidia",
            ),
        ],
        [operators(named("a", needs=["b", "c"]), named("b", needs=["c"]), named("c"))],
    ),
    "namespaces of the system belong to the system": (
        [
            (
                operators({"namespace": "openshift-config"}),
                "operators.wanted[0].namespace is 'openshift-config', a namespace of the system",
            ),
            (operators({"namespace": "openshift-machine-api"}), "operators.wanted[0].namespace is 'openshift-machine-api'"),
            (operators({"namespace": "default"}), "operators.wanted[0].namespace is 'default'"),
            (operators({"scope": ["team", "kube-system"]}), "operators.wanted[0].scope[1] is 'kube-system'"),
            (pools(nfd={"namespace": "openshift-monitoring"}), "accelerators.nfd.namespace is 'openshift-monitoring'"),
            (model(namespace="openshift-ai"), "openshift_ai.models[0].namespace is 'openshift-ai'"),
            (ai(applications_namespace="kube-public"), "openshift_ai.applications_namespace is 'kube-public'"),
        ],
        [operators({"namespace": "openshift-nfd"}), operators({"namespace": "openshiftly"}), operators({"namespace": "defaults"})],
    ),
    "modes belong to vendors": (
        [
            (pools({"vendor": "amd", "mode": "mig_mixed", "mig_profile": "all-1g.5gb"}), "accelerators.pools[0].mode is mig_mixed"),
            (
                pools({"mode": "partition", "partition_profile": "cpx"}),
                "accelerators.pools[0].mode is partition, which nvidia does not have",
            ),
            (pools({"vendor": "gaudi", "mode": "dra"}), "accelerators.pools[0].mode is dra, which gaudi does not have"),
            (
                pools({"vendor": "gaudi", "workload": "vm_vgpu", "host_devices": [{"selector": "x", "resource": "y"}]}),
                "accelerators.pools[0].workload is vm_vgpu",
            ),
        ],
        [pools({"vendor": "amd", "mode": "partition", "partition_profile": "cpx"}), pools({"mode": "dra"}), pools({"vendor": "intel"})],
    ),
    "profiles and replicas go with their mode": (
        [
            (pools({"mig_profile": "all-balanced"}), "accelerators.pools[0].mig_profile is given, and mode is whole"),
            (pools({"mode": "mig_single"}), "accelerators.pools[0].mig_profile is missing"),
            (pools({"mode": "time_sliced"}), "accelerators.pools[0].replicas is missing"),
            (pools({"replicas": 2}), "accelerators.pools[0].replicas is given, and mode is whole"),
            (pools({"vendor": "amd", "mode": "partition"}), "accelerators.pools[0].partition_profile is missing"),
            (pools({"partition_profile": "cpx"}), "accelerators.pools[0].partition_profile is given, and mode is whole"),
        ],
        [pools({"mode": "time_sliced", "replicas": 2}), pools({"mode": "mig_mixed", "mig_profile": "all-balanced"}), pools({})],
    ),
    "VMs get whole devices that are named": (
        [
            (pools({"workload": "vm_passthrough"}), "accelerators.pools[0].host_devices is missing"),
            (pools({"host_devices": [{"selector": "x", "resource": "y"}]}), "accelerators.pools[0].host_devices is given, and workload"),
            (
                pools({"workload": "vm_vgpu", "mode": "time_sliced", "replicas": 2, "host_devices": [{"selector": "x", "resource": "y"}]}),
                "accelerators.pools[0].mode is time_sliced, and workload is vm_vgpu",
            ),
        ],
        [pools({"workload": "vm_passthrough", "host_devices": [{"selector": "10DE:26B9", "resource": "nvidia.com/X"}]})],
    ),
    "pools name their nodes, and leave some to others": (
        [
            (pools({"nodes": {}}), "accelerators.pools[0].nodes is empty, which is every node"),
            (pools({"nodes": H100}, {"nodes": H100}), "accelerators.pools[1].nodes are all nodes of pool p0 as well"),
            (pools({"nodes": {"a": ["1", "2"]}}, {"nodes": {"a": "2", "b": "3"}}), "accelerators.pools[1].nodes are all nodes of pool p0"),
        ],
        [
            pools({"nodes": {"a": "2", "b": "3"}}, {"nodes": {"a": ["1", "2"]}}),
            pools({"nodes": {"a": "1"}}, {"nodes": {"a": ["1", "2"]}}),
            pools({"nodes": {"a": "1"}}, {"nodes": {"b": "1"}}),
        ],
    ),
    "a driver that is not managed has no version": (
        [(pools({"driver": {"managed": False, "version": "1"}}), "accelerators.pools[0].driver.version is given")],
        [pools({"driver": {"managed": False}}), pools({"driver": {"version": "1"}})],
    ),
    "a device is told by its nodes' labels": (
        [(pools(devices=[{"match": {}, "product": "p", "memory_gib": 1, "source": "s"}]), "accelerators.devices[0].match is empty")],
        [pools(devices=[{"match": {"a": "b"}, "product": "p", "memory_gib": 1, "source": "s"}])],
    ),
    "classes of requests are known": (
        [(pools(requests=[{"name": "r", "class": "large"}]), "accelerators.requests[0].class is 'large', which is no class")],
        [
            {**BASE, "accelerators": {"requests": [{"name": "r", "class": "large-inference"}]}},
            {**BASE, "accelerators": {"classes": {"own": {"memory_gib": 1}}, "requests": [{"name": "r", "class": "own"}]}},
        ],
    ),
    "a class's vendors are those that a request prefers": (
        [
            (
                changed(asking("none", {"nodes": H100}, vendors=["nvidia"]), ("accelerators.requests.0.prefer", ["amd"])),
                "accelerators.requests[0].prefer[0] is amd, and class x takes nvidia alone",
            )
        ],
        [changed(asking("none", {"nodes": H100}, vendors=["nvidia"]), ("accelerators.requests.0.prefer", ["nvidia"]))],
    ),
    "a request fits a pool": (
        [
            (
                asking("none", {"mode": "time_sliced", "replicas": 2}),
                "accelerators.requests[0] (request r, class x) fits no pool: pool p0 is time_sliced, and the class takes sharing none",
            ),
            (asking("isolated", {"mode": "time_sliced", "replicas": 2}), "accelerators.requests[0] (request r, class x) fits no pool"),
            (
                asking("none", {"mode": "mig_mixed", "mig_profile": "all-1g.5gb"}),
                "accelerators.requests[0] (request r, class x) fits no pool",
            ),
            (
                asking("none", {"nodes": H100}, memory_gib=83),
                "accelerators.requests[0] (request r, class x) fits no pool: pool p0 has devices of 80 GiB, and the class takes 83 GiB",
            ),
            (asking("none", {"vendor": "amd"}, vendors=["nvidia"]), "accelerators.requests[0] (request r, class x) fits no pool"),
            (
                asking("none", {"workload": "vm_passthrough", "host_devices": [{"selector": "a", "resource": "b"}]}),
                "accelerators.requests[0] (request r, class x) fits no pool: pool p0 is for vm_passthrough",
            ),
        ],
        [
            asking("none", {"nodes": H100}, memory_gib=82.4),
            asking("any", {"mode": "time_sliced", "replicas": 2}),
            asking("isolated", {"mode": "mig_mixed", "mig_profile": "all-1g.5gb"}),
            asking("none", {"mode": "time_sliced", "replicas": 2}, {}),
            asking("none", {"nodes": {"unknown": "hardware"}}, memory_gib=500),
        ],
    ),
    "Kueue comes with its own operator": (
        [
            (ai(components={"kueue": "Managed"}), "openshift_ai.components.kueue is Managed, which the webhook of OpenShift AI denies"),
            (ai(components={"kueue": "Removed"}, queues={}), "openshift_ai.queues are given, and component kueue is Removed"),
        ],
        [ai(components={"kueue": "Unmanaged"}, queues={}), ai(components={"kueue": "Removed"}), ai(queues={})],
    ),
    "components are known, and Kueue alone is Unmanaged": (
        [
            (ai(components={"kserv": "Managed"}), "openshift_ai.components.kserv is 'kserv', which is no component"),
            (ai(components={"kserve": "Unmanaged"}), "openshift_ai.components.kserve is Unmanaged, which kueue alone can be"),
        ],
        [ai(components={"kserve": "Managed", "codeflare": "Removed"}), ai(components={})],
    ),
    "administrators are a group of some people": (
        [
            (ai(auth={"admin_groups": []}), "openshift_ai.auth.admin_groups is empty"),
            (
                ai(auth={"admin_groups": ["a", "system:authenticated"]}),
                "openshift_ai.auth.admin_groups[1] makes everybody an administrator",
            ),
        ],
        [ai(auth={"admin_groups": ["a"]}), ai(auth={"admin_groups": ["a"], "allowed_groups": ["system:authenticated"]})],
    ),
    "a model registry has a database and runs": (
        [
            (ai(registry={}, components={"modelregistry": "Managed"}), "openshift_ai.registry has no database"),
            ({**ai(registry={}), "prerequisites": DATABASE}, "openshift_ai.registry is given, and component modelregistry is not Managed"),
        ],
        [
            {**ai(registry={}, components={"modelregistry": "Managed"}), "prerequisites": DATABASE},
            ai(components={"modelregistry": "Managed"}),
        ],
    ),
    "bounds of a hardware profile are in order": (
        [
            (ai(hardware_profiles=[profile(cpu={"min": 3, "default": 2, "max": 4})]), "openshift_ai.hardware_profiles[0].cpu has min 3"),
            (
                ai(hardware_profiles=[profile(memory_gib={"min": 1, "default": 5, "max": 4})]),
                "openshift_ai.hardware_profiles[0].memory_gib has min 1, default 5, max 4",
            ),
        ],
        [ai(hardware_profiles=[profile(cpu={"min": 2, "default": 2, "max": 2})]), ai(hardware_profiles=[profile()])],
    ),
    "requests of profiles and models are known": (
        [
            (ai(hardware_profiles=[profile(request="chat")]), "openshift_ai.hardware_profiles[0].request is 'chat', which is no request"),
            (model(request="chat"), "openshift_ai.models[0].request is 'chat', which is no request"),
        ],
        [ai(hardware_profiles=[profile(request="")]), model(request="")],
    ),
    "priorities go with queues and are known": (
        [
            (ai(hardware_profiles=[profile(priority="high")]), "openshift_ai.hardware_profiles[0].priority is given without queue"),
            (
                ai(queues={"priorities": []}, hardware_profiles=[profile(queue="q", priority="high")]),
                "openshift_ai.hardware_profiles[0].priority is 'high', which is no priority",
            ),
        ],
        [
            ai(hardware_profiles=[profile(queue="q", priority="high")]),
            ai(queues={"priorities": [{"name": "high", "value": 1}]}, hardware_profiles=[profile(queue="q", priority="high")]),
        ],
    ),
    "a model is served by what its kind needs": (
        [
            (model(runtime="vllm"), "openshift_ai.models[0].runtime is 'vllm', which is no runtime"),
            (model(runtime=""), "openshift_ai.models[0].runtime is missing"),
        ],
        [model(), model(kind="LLMInferenceService", runtime=""), model(kind="LLMInferenceService")],
    ),
    "weights come from within": (
        [
            (model(uri="hf://org/model"), "openshift_ai.models[0].uri takes weights from the internet"),
            (model(uri="https://x.example.com/m"), "openshift_ai.models[0].uri is 'https://x.example.com/m'"),
            (model(uri="oci://"), "openshift_ai.models[0].uri is 'oci://'"),
            (model(uri="s3://bucket/m"), "openshift_ai.models[0].storage_secret is missing"),
        ],
        [model(uri="hf://org/model", online=True), model(uri="s3://bucket/m", storage_secret="s3"), model(uri="pvc://claim/m")],
    ),
    "weights fit into the devices": (
        [
            (
                changed(
                    model(name="qwen2-5-32b-instruct", request="r"),
                    ("accelerators.requests", [{"name": "r", "class": "medium-inference"}]),
                ),
                "openshift_ai.models[0].request is r, at least 40 GiB on 1 device(s), and the weights of qwen2-5-32b-instruct take 61 GiB",
            )
        ],
        [
            changed(
                model(name="qwen2-5-32b-instruct", request="r"),
                ("accelerators.requests", [{"name": "r", "class": "medium-inference", "count": 2}]),
            ),
            changed(model(name="unknown-70b", request="r"), ("accelerators.requests", [{"name": "r", "class": "medium-inference"}])),
        ],
    ),
    "waivers are of checks, and end": (
        [
            (
                {**BASE, "waivers": [{"check": "platform.x", "owner": "o", "reason": "r", "expires": "2027-01-01"}]},
                "waivers[0].check is 'platform.x', which is no check",
            ),
            (
                {**BASE, "waivers": [{"check": "platform.cluster.rights", "owner": "o", "reason": "r", "expires": "2027-02-29"}]},
                "waivers[0].expires is '2027-02-29', which is no day",
            ),
        ],
        [{**BASE, "waivers": [{"check": "platform.cluster.rights", "owner": "o", "reason": "r", "expires": "2028-02-29"}]}],
    ),
    "the next minor comes next": (
        [
            (
                {**BASE, "cluster": {"openshift": "4.21", "next_minor": "4.21"}},
                "cluster.next_minor is 4.21, which does not come after 4.21",
            ),
            ({**BASE, "cluster": {"openshift": "4.10", "next_minor": "4.9"}}, "cluster.next_minor is 4.9"),
        ],
        [{**BASE, "cluster": {"openshift": "4.9", "next_minor": "4.10"}}, {**BASE, "cluster": {"next_minor": "4.10"}}],
    ),
}


@pytest.mark.parametrize(("document", "message"), [case for wrong, _right in RULES.values() for case in wrong])
def test_document_that_breaks_a_rule_is_refused_by_name(document: dict[str, Any], message: str) -> None:
    problems = meant(document)
    assert [problem for problem in problems if problem.message.startswith(message)], [problem.text() for problem in problems]
    assert all(problem.remedy and problem.file == "site.yml" for problem in problems)


@pytest.mark.parametrize("document", [case for _wrong, right in RULES.values() for case in right])
def test_document_that_keeps_to_the_rules_is_taken(document: dict[str, Any]) -> None:
    assert [problem.text() for problem in meant(document)] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_means_something_possible(path: Any) -> None:
    document = example(path.stem)
    assert [problem.text() for problem in meant(document)] == []
    desired = parsed(document).desired
    assert desired is not None and desired.accelerators is not None
    assert [reason for pool in desired.accelerators.pools for reason in contradictions(pool)] == []


def test_waiver_holds_on_its_last_day_and_has_expired_on_the_next() -> None:
    waiver = {"check": "platform.cluster.rights", "owner": "o", "reason": "r", "expires": "2027-01-04"}
    read = parsed({**BASE, "waivers": [waiver]})
    assert read.desired is not None
    assert expired_waivers(read.desired, "2027-01-04", read.places) == []
    (problem,) = expired_waivers(read.desired, "2027-01-05", read.places)
    assert problem.message == "waivers[0].expires is 2027-01-04: the waiver has expired"


def test_every_fault_of_meaning_is_listed_at_once() -> None:
    document = changed(
        example("large"),
        ("operators.wanted.0.channel", ""),
        ("accelerators.pools.1.replicas", None),
        ("openshift_ai.components.kueue", "Managed"),
        ("waivers.0.check", "platform.x"),
    )
    assert len(meant(document)) == 4


def test_places_of_nothing_name_the_variable() -> None:
    read = parsed({**BASE, "cluster": {"openshift": "4.21", "next_minor": "4.20"}})
    assert read.desired is not None
    assert Places().source_of(("cluster",)) is None


def test_the_guard_against_locking_everybody_out_cannot_be_waived() -> None:
    waiver = {"check": "platform.identity.lockout.guard", "owner": "a@example.com", "reason": "hurry", "expires": "2027-01-01"}
    (problem,) = meant({**BASE, "waivers": [waiver]})
    assert "cannot be waived" in problem.message
