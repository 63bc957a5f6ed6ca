# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prerequisites: each check with a cluster where it holds, where it does not, at the edge, and where nobody knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    CaBundleWanted,
    DatabaseWanted,
    ObjectStoreWanted,
    PlatformDesired,
    Prerequisites,
    ProxyWanted,
    SecretRef,
    StorageClassWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Context
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.prerequisites.check_list import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.prerequisites.database import is_host
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.prerequisites.object_store import trouble_with_url
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.prerequisites.plan import named_refs, plan_prerequisites
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, Named, NamedRead, PlatformSnapshot

Json = dict[str, Any]
CLASSES = "storageclasses.storage.k8s.io"
REGISTRY = "configs.imageregistry.operator.openshift.io"
PROXIES = "proxies.config.openshift.io"
DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}
BUNDLE = Named("v1", "ConfigMap", "openshift-config", "user-ca-bundle")
STORE = SecretRef(namespace="ai-models", name="s3")
STORE_SECRET = Named("v1", "Secret", "ai-models", "s3")
DATABASE = SecretRef(namespace="rhoai-model-registries", name="registry-db")
DATABASE_SECRET = Named("v1", "Secret", "rhoai-model-registries", "registry-db")
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
IDS = {check.id for check in CHECKS}


def look(
    lists: Mapping[str, Sequence[Json]] | None = None, named: Mapping[Named, NamedRead] | None = None, **states: str
) -> PlatformSnapshot:
    """A cluster in which these lists were read; `forbidden` names one that could not be."""
    listed = {resource: Listed("read", tuple(items)) for resource, items in (lists or {}).items()}
    for reason, resource in states.items():
        listed[resource] = Listed("forbidden", reason=f"the account may not list {resource} ({reason})")
    return PlatformSnapshot(listed, named or {})


def found(wanted: Prerequisites | None, snapshot: PlatformSnapshot) -> dict[str, CheckFinding]:
    """Findings by the last words of their check."""
    context = Context(PlatformDesired(schema_version="1.0", prerequisites=wanted), snapshot, Catalogue("1", ""), "2026-11-22")
    plan = plan_prerequisites(context)
    assert not plan.objects
    assert {finding.check for finding in plan.findings} <= IDS
    assert len({finding.id for finding in plan.findings}) == len(plan.findings)
    return {finding.check.removeprefix("platform.prerequisites."): finding for finding in plan.findings}


def storage(*classes: tuple[str, bool]) -> list[Json]:
    return [{"metadata": {"name": name, "annotations": DEFAULT if default else {}}} for name, default in classes]


def registry(state: str = "Managed", storage: Json | None = None, **conditions: str) -> list[Json]:
    entries = [{"type": kind, "status": status, "message": f"it is {kind} {status}"} for kind, status in conditions.items()]
    spec = {"managementState": state, "storage": storage if storage is not None else {"s3": {"bucket": "images"}}}
    return [{"metadata": {"name": "cluster"}, "spec": spec, "status": {"conditions": entries}}]


def proxy(**spec: Any) -> list[Json]:
    status = {"noProxy": spec.pop("effective")} if "effective" in spec else {}
    return [{"metadata": {"name": "cluster"}, "spec": spec, "status": status}]


def bundle(**data: str) -> dict[Named, NamedRead]:
    return {BUNDLE: NamedRead("read", {"data": {key.replace("_", "."): value for key, value in data.items()}}, tuple(data))}


def test_what_the_document_does_not_ask_for_is_not_applicable() -> None:
    for wanted in (None, Prerequisites()):
        findings = found(wanted, look())
        assert {finding.result for finding in findings.values()} == {"not_applicable"}
        assert set(findings) == {check.id.removeprefix("platform.prerequisites.") for check in CHECKS}


# ---- storage ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("classes", "result", "state", "says"),
    [
        (storage(("fast", True), ("slow", False)), "pass", "in_step", "fast is the default"),
        (storage(("fast", False)), "fail", "missing", "no StorageClass is the default"),
        ([], "fail", "missing", "no StorageClass is the default"),
        (storage(("fast", True), ("slow", True)), "fail", "changed", "several StorageClasses are the default: fast, slow"),
    ],
)
def test_exactly_one_default_storage_class_is_demanded(classes: list[Json], result: str, state: str, says: str) -> None:
    finding = found(Prerequisites(storage_class=StorageClassWanted()), look({CLASSES: classes}))["storage_class.default"]
    assert (finding.result, finding.state) == (result, state)
    assert says in finding.message


@pytest.mark.parametrize(
    ("wanted", "classes", "result", "says"),
    [
        (StorageClassWanted(name="fast"), storage(("fast", True)), "pass", ""),
        (StorageClassWanted(name="fast"), storage(("fast", False), ("slow", True)), "fail", "fast is not the default"),
        (StorageClassWanted(name="fast"), storage(("slow", True)), "fail", "there is no StorageClass fast"),
        (StorageClassWanted(name="fast", default=False), storage(("fast", False)), "pass", ""),
        (StorageClassWanted(), storage(("fast", True)), "not_applicable", "names no StorageClass"),
    ],
)
def test_storage_class_that_is_named_has_to_be_there_and_be_the_default(
    wanted: StorageClassWanted, classes: list[Json], result: str, says: str
) -> None:
    finding = found(Prerequisites(storage_class=wanted), look({CLASSES: classes}))["storage_class.name"]
    assert finding.result == result
    assert says in finding.message


def test_storage_classes_that_cannot_be_listed_are_not_evaluated_with_the_reason() -> None:
    findings = found(Prerequisites(storage_class=StorageClassWanted(name="fast")), look(rights=CLASSES))
    for word in ("storage_class.default", "storage_class.name"):
        assert findings[word].result == "not_evaluated"
        assert "may not list storageclasses" in findings[word].message


# ---- image registry ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (registry(Available="True", Degraded="False"), {"managed": "pass", "storage": "pass", "available": "pass"}),
        (registry(Available="True"), {"managed": "pass", "storage": "pass", "available": "pass"}),
        (registry("Removed", {}, Available="True"), {"managed": "fail", "storage": "fail", "available": "pass"}),
        (registry(storage={"managementState": "Managed"}), {"managed": "pass", "storage": "fail", "available": "not_evaluated"}),
        (registry(Available="False"), {"managed": "pass", "storage": "pass", "available": "fail"}),
        (registry(Available="True", Degraded="True"), {"managed": "pass", "storage": "pass", "available": "fail"}),
        ([], {"managed": "fail", "storage": "fail", "available": "fail"}),
    ],
)
def test_registry_has_to_be_managed_stored_and_available(config: list[Json], expected: dict[str, str]) -> None:
    findings = found(Prerequisites(internal_registry="required"), look({REGISTRY: config}))
    assert {word: findings[f"registry.{word}"].result for word in expected} == expected


def test_registry_in_an_empty_directory_is_a_warning_and_its_condition_is_told_word_for_word() -> None:
    findings = found(Prerequisites(internal_registry="required"), look({REGISTRY: registry(storage={"emptyDir": {}}, Available="False")}))
    assert findings["registry.storage"].severity == "warning"
    assert findings["registry.available"].message == "it is Available False"


def test_registry_that_cannot_be_read_is_not_evaluated() -> None:
    findings = found(Prerequisites(internal_registry="required"), look(rights=REGISTRY))
    assert {findings[f"registry.{word}"].result for word in ("managed", "storage", "available")} == {"not_evaluated"}


# ---- proxy and CA bundle -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "items", "https", "no_proxy"),
    [
        (ProxyWanted(), proxy(), "pass", "not_applicable"),
        (ProxyWanted(), [], "pass", "not_applicable"),
        (ProxyWanted(), proxy(httpsProxy="http://p.example.com:3128"), "fail", "not_applicable"),
        (ProxyWanted(https="http://p.example.com:3128/"), proxy(httpsProxy="http://p.example.com:3128"), "pass", "not_applicable"),
        (ProxyWanted(https="http://p.example.com:3128"), proxy(), "fail", "not_applicable"),
        (
            ProxyWanted(https="http://p", no_proxy_contains=(".corp",)),
            proxy(httpsProxy="http://p", effective=".svc, .corp"),
            "pass",
            "pass",
        ),
        (ProxyWanted(https="http://p", no_proxy_contains=(".corp",)), proxy(httpsProxy="http://p", noProxy=".corp.other"), "pass", "fail"),
        (ProxyWanted(no_proxy_contains=(".corp",)), proxy(), "pass", "not_applicable"),
    ],
)
def test_proxy_is_compared_with_what_is_expected(wanted: ProxyWanted, items: list[Json], https: str, no_proxy: str) -> None:
    findings = found(Prerequisites(proxy=wanted), look({PROXIES: items}))
    assert (findings["proxy.https"].result, findings["proxy.no_proxy"].result) == (https, no_proxy)


def test_password_in_the_address_of_a_proxy_is_never_shown() -> None:
    secret = "http://user:hunter2@p.example.com:3128"
    for wanted in ("http://other:3128", secret):
        finding = found(Prerequisites(proxy=ProxyWanted(https=wanted)), look({PROXIES: proxy(httpsProxy=secret)}))["proxy.https"]
        assert "hunter2" not in repr(finding)


def test_proxy_that_cannot_be_read_is_not_evaluated() -> None:
    wanted = Prerequisites(proxy=ProxyWanted(no_proxy_contains=(".corp",)), ca_bundle=CaBundleWanted())
    findings = found(wanted, look(named=bundle(ca_bundle="x"), rights=PROXIES))
    assert {findings[word].result for word in ("proxy.https", "proxy.no_proxy", "ca_bundle.named")} == {"not_evaluated"}


@pytest.mark.parametrize(
    ("read", "result", "says"),
    [
        (NamedRead("read", {"data": {"ca-bundle.crt": PEM}}), "pass", ""),
        (NamedRead("read", {"data": {"ca.crt": PEM}}), "fail", "has no key ca-bundle.crt"),
        (NamedRead("read", {"data": {"ca-bundle.crt": "not a certificate"}}), "fail", "holds no PEM certificate"),
        (NamedRead("read", {}), "fail", "has no key"),
        (NamedRead("absent"), "fail", "there is no ConfigMap openshift-config/user-ca-bundle"),
        (NamedRead("forbidden", reason="may not get it"), "not_evaluated", "may not get it"),
    ],
)
def test_ca_bundle_has_to_hold_certificates_in_its_key(read: NamedRead, result: str, says: str) -> None:
    finding = found(Prerequisites(ca_bundle=CaBundleWanted()), look({PROXIES: proxy()}, {BUNDLE: read}))["ca_bundle.content"]
    assert finding.result == result
    assert says in finding.message


@pytest.mark.parametrize(("named", "result"), [({"name": "user-ca-bundle"}, "pass"), ({"name": "other"}, "fail"), ({"name": ""}, "fail")])
def test_proxy_has_to_name_the_config_map(named: Json, result: str) -> None:
    finding = found(Prerequisites(ca_bundle=CaBundleWanted()), look({PROXIES: proxy(trustedCA=named)}))["ca_bundle.named"]
    assert finding.result == result


# ---- object store and database -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://s3.example.com", ""),
        ("http://s3.example.com:9000/tenant", ""),
        ("https://[2001:db8::1]:9000", ""),
        ("s3.example.com", "scheme is missing"),
        ("ftp://s3.example.com", "scheme is ftp"),
        ("https://", "no host"),
        ("https://s3.example.com:70000", "it is no URL"),
        ("https://s3.example.com:0", "port is 0"),
        ("https://key:secret@s3.example.com", "a user or a password"),
        ("https://s3.example.com?key=1", "a query"),
        ("https://s3 .example.com", "no host"),
    ],
)
def test_endpoint_of_an_object_store_has_to_be_a_url_without_secrets(url: str, says: str) -> None:
    trouble = trouble_with_url(url)
    assert trouble == "" if not says else says in trouble
    assert "secret" not in trouble


def test_malformed_endpoint_refuses_the_document_and_clear_text_is_a_warning() -> None:
    bad = found(Prerequisites(object_store=ObjectStoreWanted(endpoint="s3.example.com", secret=STORE)), look())
    assert bad["object_store.endpoint"].refuses
    assert bad["object_store.encrypted"].result == "not_applicable"
    plain = found(Prerequisites(object_store=ObjectStoreWanted(endpoint="http://s3.example.com", secret=STORE)), look())
    assert not plain["object_store.endpoint"].refuses
    assert (plain["object_store.encrypted"].result, plain["object_store.encrypted"].severity) == ("fail", "warning")


@pytest.mark.parametrize(
    ("read", "result", "says"),
    [
        (NamedRead("read", keys=("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "more")), "pass", ""),
        (NamedRead("read", keys=("AWS_ACCESS_KEY_ID",)), "fail", "lacks AWS_SECRET_ACCESS_KEY"),
        (NamedRead("read"), "fail", "lacks AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        (NamedRead("absent"), "fail", "there is no Secret ai-models/s3"),
        (NamedRead("forbidden", reason="may not get secrets"), "not_evaluated", "may not get secrets"),
        (None, "not_evaluated", "was not asked for"),
    ],
)
def test_secret_of_the_object_store_is_judged_by_its_keys(read: NamedRead | None, result: str, says: str) -> None:
    wanted = Prerequisites(object_store=ObjectStoreWanted(endpoint="https://s3.example.com", secret=STORE))
    finding = found(wanted, look(named={STORE_SECRET: read} if read else {}))["object_store.secret"]
    assert finding.result == result
    assert says in finding.message


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("db.example.com", True),
        ("db", True),
        ("192.0.2.7", True),
        ("2001:db8::7", True),
        ("db.example.com.", True),
        ("mysql://db.example.com", False),
        ("db.example.com:3306", False),
        ("192.0.2.700", False),
        ("-db", False),
        ("", False),
        (f"{'a' * 64}.example.com", False),
        (f"{'a' * 63}.example.com", True),
    ],
)
def test_host_of_a_database_is_a_name_or_an_address_alone(host: str, expected: bool) -> None:
    assert is_host(host) is expected


@pytest.mark.parametrize(
    ("changes", "result"),
    [({}, "pass"), ({"port": 65535}, "pass"), ({"port": 65536}, "fail"), ({"host": "mysql://db"}, "fail"), ({"keys": ()}, "fail")],
)
def test_place_of_the_database_is_judged_as_it_is_written(changes: Json, result: str) -> None:
    wanted = DatabaseWanted(**{"host": "db.example.com", "secret": DATABASE, **changes})
    finding = found(Prerequisites(model_registry_database=wanted), look())["database.host"]
    assert (finding.result, finding.refuses) == (result, result == "fail")


def test_named_refs_are_the_secrets_and_the_bundle_that_the_document_names() -> None:
    wanted = Prerequisites(
        ca_bundle=CaBundleWanted(),
        object_store=ObjectStoreWanted(endpoint="https://s3.example.com", secret=STORE),
        model_registry_database=DatabaseWanted(host="db", secret=DATABASE),
    )
    assert named_refs(PlatformDesired(schema_version="1.0", prerequisites=wanted)) == (BUNDLE, STORE_SECRET, DATABASE_SECRET)
    assert named_refs(PlatformDesired(schema_version="1.0", prerequisites=Prerequisites())) == ()
    assert named_refs(PlatformDesired(schema_version="1.0")) == ()


def test_check_ids_are_unique_and_of_the_part() -> None:
    assert len(IDS) == len(CHECKS)
    assert all(check.id.startswith("platform.prerequisites.") and check.part == "prerequisites" for check in CHECKS)
