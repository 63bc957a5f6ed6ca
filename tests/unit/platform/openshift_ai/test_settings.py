# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DSCInitialization, DataScienceCluster, Auth and model registry: what is written, and what is refused before."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import FIELDS, OWN, SINGLETON, STAGE_LABEL
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    AiAuth,
    AiMonitoring,
    OperatorsWanted,
    RegistryWanted,
    SecretRef,
    TrustedCa,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.apis import AUTH, DSC, DSCI
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.check_list import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import NamedRead

from tests.unit.platform.openshift_ai.builders import (
    COMPONENTS,
    DATABASE,
    DATABASE_SECRET,
    GROUPS,
    IDS,
    context_of,
    everything,
    look,
    named,
    objects,
    of,
    one,
    plan_of,
    served,
    wanted,
)

Json = dict[str, Any]


def dsc(name: str = "default-dsc", **components: Json) -> Json:
    return named(name, spec={"components": components})


def dsci(name: str = "default-dsci", applications: str = "redhat-ods-applications", monitoring: str = "redhat-ods-monitoring") -> Json:
    return named(name, spec={"applicationsNamespace": applications, "monitoring": {"namespace": monitoring}})


def test_document_without_the_section_asks_for_nothing() -> None:
    plan = plan_of(None)
    assert not plan.objects
    assert not plan.findings


def test_whole_document_is_planned_without_a_failure_and_without_an_empty_finding() -> None:
    plan = plan_of(everything(), look())
    assert [finding.message for finding in plan.findings if finding.result == "fail"] == [
        "there is no LocalQueue ai-models/default: workloads that name it wait"
    ]
    assert not any(finding.refuses for finding in plan.findings)
    assert {item.part for item in plan.objects} == {"openshift_ai"}


def test_same_inputs_make_the_same_plan_in_whatever_order_the_cluster_lists() -> None:
    live = [named(name) for name in ("b-flavor", "a-flavor")]
    forward = plan_of(everything(), look({"resourceflavors.kueue.x-k8s.io": live}))
    backward = plan_of(everything(), look({"resourceflavors.kueue.x-k8s.io": live[::-1]}))
    assert forward.objects == backward.objects
    assert sorted(forward.findings, key=lambda finding: finding.id) == sorted(backward.findings, key=lambda finding: finding.id)


def test_checks_are_unique_and_of_the_part() -> None:
    assert len(IDS) == len(CHECKS)
    assert all(check.id.startswith("platform.openshift_ai.") and check.part == "openshift_ai" for check in CHECKS)
    assert all(check.remedy and check.source and not check.title.endswith(".") for check in CHECKS)


# ---- DSCInitialization -----------------------------------------------------------------------------------------------------------


def test_dsci_is_a_singleton_whose_alerting_comes_with_storage_only() -> None:
    section = wanted(monitoring=AiMonitoring(), trusted_ca=TrustedCa())
    plain = next(item for item in plan_of(section).objects if item.object["kind"] == "DSCInitialization")
    assert plain.claim == SINGLETON
    assert plain.object["spec"]["monitoring"] == {"managementState": "Managed", "namespace": "redhat-ods-monitoring"}
    assert "customCABundle" not in plain.object["spec"]["trustedCABundle"]
    stored = objects(plan_of(wanted(monitoring=AiMonitoring(storage="20Gi", retention="30d"))), "DSCInitialization")["default-dsci"]
    assert stored["spec"]["monitoring"]["metrics"] == {"storage": {"size": "20Gi", "retention": "30d"}}
    assert stored["spec"]["monitoring"]["alerting"] == {}
    removed = objects(plan_of(wanted(monitoring=AiMonitoring(state="Removed", storage="20Gi"))), "DSCInitialization")["default-dsci"]
    assert removed["spec"]["monitoring"] == {"managementState": "Removed"}


def test_what_the_document_does_not_say_of_the_dsci_is_left_as_it_is() -> None:
    plan = plan_of(wanted(), look({DSCI.resource: [dsci(monitoring="elsewhere")]}))
    assert objects(plan, "DSCInitialization")["default-dsci"]["spec"] == {"applicationsNamespace": "redhat-ods-applications"}
    assert one(plan, "dsci.monitoring_storage").result == "not_applicable"
    assert not of(plan, "dsci.monitoring_namespace")


@pytest.mark.parametrize(
    ("monitoring", "says"),
    [
        (AiMonitoring(), ""),
        (AiMonitoring(storage="1Gi"), ""),
        (AiMonitoring(storage="20Gi", retention="30d"), ""),
        (AiMonitoring(retention="30d"), "a retention is given and no storage"),
        (AiMonitoring(storage="20 GB"), "no size of a volume"),
        (AiMonitoring(storage="0"), "no size of a volume"),
    ],
)
def test_storage_of_metrics_has_to_be_a_size_and_a_retention_needs_it(monitoring: AiMonitoring, says: str) -> None:
    finding = one(plan_of(wanted(monitoring=monitoring)), "dsci.monitoring_storage")
    assert finding.refuses == bool(says)
    assert says in finding.message


@pytest.mark.parametrize(
    ("live", "refused"),
    [
        (dsci(), False),
        (dsci(applications="elsewhere"), True),
        (named("default-dsci"), False),
    ],
)
def test_change_of_the_applications_namespace_is_refused(live: Json, refused: bool) -> None:
    finding = one(plan_of(wanted(), look({DSCI.resource: [live]})), "dsci.applications_namespace")
    assert (finding.result == "fail", finding.refuses) == (refused, refused)


def test_change_of_the_monitoring_namespace_is_refused_only_while_it_is_managed() -> None:
    live = look({DSCI.resource: [dsci(monitoring="elsewhere")]})
    assert one(plan_of(wanted(monitoring=AiMonitoring()), live), "dsci.monitoring_namespace").refuses
    assert not of(plan_of(wanted(monitoring=AiMonitoring(state="Removed")), live), "dsci.monitoring_namespace")


@pytest.mark.parametrize("kind", ["dsci", "dsc"])
def test_second_singleton_refuses_and_one_of_another_name_is_taken(kind: str) -> None:
    api, make = {"dsci": (DSCI, dsci), "dsc": (DSC, dsc)}[kind]
    several = plan_of(wanted(), look({api.resource: [make("first"), make("second")]}))
    assert one(several, f"{kind}.single").refuses
    assert "first and second" in one(several, f"{kind}.single").message
    single = plan_of(wanted(), look({api.resource: [make("first")]}))
    assert one(single, f"{kind}.single").result == "pass"
    assert list(objects(single, api.kind)) == ["first"]
    unseen = plan_of(wanted(), look(forbidden=[api.resource]))
    assert one(unseen, f"{kind}.single").result == "not_evaluated"
    assert one(unseen, f"{kind}.single").refuses


def test_namespace_of_ones_own_gets_its_label_and_the_operators_own_is_left_to_it() -> None:
    assert not objects(plan_of(wanted()), "Namespace")
    section = wanted(applications_namespace="ai-platform")
    made = next(item for item in plan_of(section).objects if item.object["kind"] == "Namespace")
    assert (made.claim, made.keep) == (OWN, True)
    assert made.object["metadata"]["labels"] == {"opendatahub.io/application-namespace": "true"}
    theirs = plan_of(section, look({"namespaces": [named("ai-platform")]}))
    assert next(item for item in theirs.objects if item.object["kind"] == "Namespace").claim == FIELDS
    ours = {"metadata": {"name": "ai-platform", "labels": {STAGE_LABEL: "platform"}}}
    kept = plan_of(section, look({"namespaces": [ours]}))
    assert next(item for item in kept.objects if item.object["kind"] == "Namespace").claim == OWN


# ---- DataScienceCluster ----------------------------------------------------------------------------------------------------------


def test_components_are_the_wanted_ones_alone_by_the_names_of_the_version_that_is_served() -> None:
    newest = objects(plan_of(wanted()), "DataScienceCluster")["default-dsc"]
    assert set(newest["spec"]["components"]) == set(COMPONENTS)
    older = plan_of(wanted(), look(kinds=served(DataScienceCluster=("v1",))))
    item = objects(older, "DataScienceCluster")["default-dsc"]
    assert item["apiVersion"].endswith("/v1")
    assert item["spec"]["components"]["datasciencepipelines"] == {"managementState": "Managed"}
    assert "aipipelines" not in item["spec"]["components"]
    back = objects(plan_of(wanted(components={"datasciencepipelines": "Managed"})), "DataScienceCluster")["default-dsc"]
    assert set(back["spec"]["components"]) == {"aipipelines"}


@pytest.mark.parametrize(
    ("components", "version", "says"),
    [
        ({"kueue": "Unmanaged"}, "v2", ""),
        ({"kueue": "Removed"}, "v2", ""),
        ({"kueue": "Managed"}, "v2", "kueue cannot be Managed"),
        ({"dashboard": "Unmanaged"}, "v2", "dashboard cannot be Unmanaged"),
        ({"aipipeline": "Managed"}, "v2", "did you mean aipipelines?"),
        ({"codeflare": "Managed"}, "v2", "v2 has no component codeflare"),
        ({"codeflare": "Managed"}, "v1", ""),
        ({"trainer": "Managed"}, "v1", "v1 has no component trainer"),
        ({"trainingoperator": "Managed"}, "v2", "obsolete"),
        ({"trainingoperator": "Removed"}, "v2", ""),
    ],
)
def test_components_have_to_be_of_the_version_and_in_a_state_that_they_may_have(
    components: dict[str, str], version: str, says: str
) -> None:
    plan = plan_of(wanted(components=components), look(kinds=served(DataScienceCluster=(version,))))
    finding = one(plan, "dsc.component")
    assert (finding.result, finding.refuses) == (("fail", True) if says else ("pass", False))
    assert says in finding.message


def test_retired_component_that_is_managed_already_may_stay() -> None:
    live = look({DSC.resource: [dsc(trainingoperator={"managementState": "Managed"})]})
    assert one(plan_of(wanted(components={"trainingoperator": "Managed"}), live), "dsc.component").result == "pass"


def test_queues_that_openshift_ai_makes_are_found_and_switched_off_and_the_switch_is_kept() -> None:
    on: Json = {"managementState": "Unmanaged", "autoCreateQueues": True}
    plan = plan_of(wanted(), look({DSC.resource: [dsc(kueue=on)]}))
    assert one(plan, "kueue.auto_queues").result == "fail"
    assert objects(plan, "DataScienceCluster")["default-dsc"]["spec"]["components"]["kueue"]["autoCreateQueues"] is False
    ours = dsc(kueue={**on, "autoCreateQueues": False})
    fields = {"f:spec": {"f:components": {"f:kueue": {"f:autoCreateQueues": {}, "f:managementState": {}}}}}
    entry = {"manager": "groundwork-readiness", "operation": "Apply", "apiVersion": "v2", "fieldsV1": fields}
    ours["metadata"]["managedFields"] = [entry]
    again = plan_of(wanted(), look({DSC.resource: [ours]}))
    assert one(again, "kueue.auto_queues").result == "pass"
    assert objects(again, "DataScienceCluster")["default-dsc"]["spec"]["components"]["kueue"]["autoCreateQueues"] is False
    theirs = plan_of(wanted(), look({DSC.resource: [dsc(kueue={**on, "autoCreateQueues": False})]}))
    assert "autoCreateQueues" not in objects(theirs, "DataScienceCluster")["default-dsc"]["spec"]["components"]["kueue"]


@pytest.mark.parametrize(
    ("live", "refused"),
    [
        ({"managementState": "Managed", "registriesNamespace": "elsewhere"}, True),
        ({"managementState": "Managed", "registriesNamespace": "rhoai-model-registries"}, False),
        ({"managementState": "Removed", "registriesNamespace": "elsewhere"}, False),
        ({}, False),
    ],
)
def test_change_of_the_registries_namespace_is_refused_while_managed(live: Json, refused: bool) -> None:
    plan = plan_of(everything(), look({DSC.resource: [dsc(modelregistry=live)]}))
    assert one(plan, "dsc.registries_namespace").refuses == refused


def test_version_that_nobody_knows_is_refused_and_a_kind_that_nobody_brings_too() -> None:
    newer = plan_of(wanted(), look(kinds=served(DataScienceCluster=("v3",))))
    assert "served as v3 only" in one(newer, "crd", "kind DataScienceCluster").message
    assert one(newer, "crd", "kind DataScienceCluster").refuses
    alone = plan_of(wanted(), look(kinds={}), operators=None)
    assert one(alone, "crd", "kind DSCInitialization").refuses
    assert "no operator of the document brings it" in one(alone, "crd", "kind DSCInitialization").message
    assert not of(plan_of(wanted(), look(kinds={})), "crd")


def test_objects_wait_for_the_operator_of_the_document_whatever_it_is_called_there() -> None:
    renamed = type(context_of(None).desired.operators.wanted[0])(name="ai", package="opendatahub-operator", namespace="x", source="y")
    plan = plan_of(wanted(), look(kinds={}), operators=OperatorsWanted(wanted=(renamed,)))
    assert {item.awaits for item in plan.objects} == {"ai"}
    absent = type(renamed)(name="rhoai", state="absent")
    assert of(plan_of(wanted(), look(kinds={}), operators=OperatorsWanted(wanted=(absent,))), "crd")


# ---- Auth ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "says"),
    [
        (AiAuth(admin_groups=("rhoai-admins",)), ""),
        (AiAuth(admin_groups=("rhoai-admins",), allowed_groups=()), ""),
        (AiAuth(admin_groups=()), "no administrators' group"),
        (AiAuth(admin_groups=("rhoai-admins", "system:authenticated")), "everybody an administrator"),
        (AiAuth(admin_groups=("rhoai-admins", "")), "has no name"),
        (AiAuth(admin_groups=("rhoai-admins",), allowed_groups=("",)), "has no name"),
    ],
)
def test_groups_have_to_be_named_and_administrators_are_not_everybody(auth: AiAuth, says: str) -> None:
    finding = one(plan_of(wanted(auth=auth)), "auth.groups")
    assert finding.refuses == bool(says)
    assert says in finding.message


def test_groups_that_do_not_exist_are_findings_and_those_of_the_system_are_none() -> None:
    auth = AiAuth(admin_groups=("rhoai-admins", "nobody"), allowed_groups=("system:authenticated", "nobody-else"))
    findings = {finding.subject: finding for finding in of(plan_of(wanted(auth=auth)), "auth.group_exists")}
    assert {subject: finding.result for subject, finding in findings.items()} == {
        "group rhoai-admins": "pass",
        "group nobody": "fail",
        "group nobody-else": "fail",
    }
    assert findings["group nobody"].path == "openshift_ai.auth.admin_groups"
    assert findings["group nobody-else"].path == "openshift_ai.auth.allowed_groups"


def test_groups_are_not_evaluated_where_they_may_not_be_listed_and_do_not_apply_where_there_are_none() -> None:
    section = wanted(auth=AiAuth(admin_groups=("rhoai-admins",)))
    unseen = one(plan_of(section, look(forbidden=[GROUPS])), "auth.group_exists")
    assert (unseen.result, "may not list groups" in unseen.message) == ("not_evaluated", True)
    without = look({GROUPS: ()}, kinds={key: value for key, value in served().items() if key[1] != "Group"})
    assert one(plan_of(section, without), "auth.group_exists").result == "not_applicable"


def test_auth_is_the_singleton_auth() -> None:
    item = next(item for item in plan_of(wanted(auth=AiAuth(admin_groups=("a",)))).objects if item.object["kind"] == AUTH.kind)
    assert (item.claim, item.object["metadata"]["name"]) == (SINGLETON, "auth")
    assert item.object["spec"] == {"adminGroups": ["a"], "allowedGroups": ["system:authenticated"]}


# ---- model registry --------------------------------------------------------------------------------------------------------------


def test_registry_names_the_secret_and_never_its_value_and_is_kept() -> None:
    item = next(item for item in plan_of(wanted(registry=RegistryWanted())).objects if item.object["kind"] == "ModelRegistry")
    assert item.keep
    assert item.object["spec"]["mysql"]["passwordSecret"] == {"name": "registry-db", "key": "database-password"}
    assert item.object["spec"]["mysql"]["port"] == 3306


@pytest.mark.parametrize(
    ("database", "reads", "refuses", "says"),
    [
        (None, {}, True, "names no database"),
        (type(DATABASE)(host="db", secret=SecretRef(namespace="elsewhere", name="x")), {}, True, "is in elsewhere"),
        (type(DATABASE)(host="db", secret=DATABASE.secret, keys=()), {}, True, "no key"),
        (DATABASE, {DATABASE_SECRET: NamedRead("absent")}, False, "written once it is there"),
    ],
)
def test_registry_without_its_database_is_not_written(database: Any, reads: Any, refuses: bool, says: str) -> None:
    plan = plan_of(wanted(registry=RegistryWanted()), look(names=reads), database=database)
    finding = one(plan, "registry.database")
    assert (finding.result, finding.refuses) == ("fail", refuses)
    assert says in finding.message
    assert not objects(plan, "ModelRegistry")


def test_registry_is_written_where_its_secret_may_not_be_read() -> None:
    plan = plan_of(wanted(registry=RegistryWanted()), look(names={DATABASE_SECRET: NamedRead("forbidden", reason="no")}))
    assert objects(plan, "ModelRegistry")


@pytest.mark.parametrize(("state", "result"), [("Managed", "pass"), ("Removed", "fail")])
def test_registry_needs_its_component(state: str, result: str) -> None:
    plan = plan_of(wanted(registry=RegistryWanted(), components={"modelregistry": state}))
    assert one(plan, "registry.component").result == result
    by_cluster = look({DSC.resource: [dsc(modelregistry={"managementState": state})]})
    assert (
        one(plan_of(wanted(registry=RegistryWanted(), components={"dashboard": "Managed"}), by_cluster), "registry.component").result
        == result
    )
