# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The write layer on a real API server, with objects of many kinds: verification by reading, claims, sessions."""

from __future__ import annotations

import copy
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiFault
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.live import Lot, Seed
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.common.owned_fields import applied_fields
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import (
    ADOPTED,
    FIELDS,
    ON_REMOVAL,
    SINGLETON,
    STAGE_LABEL,
    Finding,
    Policy,
    Tally,
    marked,
)

from tests.counterparts.cluster import Cluster
from tests.integration.applying import counted
from tests.integration.random_changes import change_by_chance
from tests.integration.writing import (
    STAGE,
    Account,
    Json,
    accounts,
    applied_by,
    as_somebody,
    many_kinds,
    path_of,
    revoke,
    stripped,
    thing,
    wanted,
)
from tests.unit.adapters.cluster.conftest import libraries_missing

CASES = int(os.environ.get("READINESS_MUTATIONS", "200"))
SEED = int(os.environ.get("READINESS_SEED", "6"))
Both = tuple[Account, Account]


@pytest.fixture
def both(api_cluster: Cluster, served_crds: tuple[str, ...], namespace: str) -> Iterator[Both]:
    """An account that may write, and one that may only read."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    yield accounts(api_cluster, namespace)
    revoke(api_cluster, namespace)


def words(tally: Tally) -> dict[str, tuple[str, str, str]]:
    """Name to (state, result, action)."""
    return {found.key.name: (found.state, found.result, found.action) for found in tally.findings}


def only(tally: Tally) -> Finding:
    (found,) = tally.findings
    return found


def settings(account: Account, name: str, **data: str) -> Json:
    return thing("ConfigMap", name, account.namespace, data=data)


def live(account: Account, item: Json) -> Json:
    return account.cluster.client.get(path_of(item))


# ---- verification by reading -----------------------------------------------------------------------------------------


def test_second_run_writes_nothing_and_an_account_that_only_reads_finds_nothing(both: Both) -> None:
    writer, reader = both
    desired = wanted(many_kinds(writer.namespace))
    missing = reader.verify(desired)
    assert {(found.state, found.result, found.action) for found in missing.findings} == {("missing", "fail", "create")}
    first = writer.apply(desired)
    assert not first.failed()
    assert first.counts()["created"] == len(desired)
    again = writer.apply(desired)
    assert again.counts()["in_step"] == len(desired)
    assert not again.changed
    assert writer.last.writes == 0
    # Quantities that the server writes in another way are all that a dry run is needed for.
    assert Counter(call.resource for call in writer.last.calls if call.dry_run) == {"deployments": 1, "resourcequotas": 1}
    assert words(reader.verify(desired)) == words(again)
    assert (reader.last.writes, reader.last.dry_runs, reader.last.reviews) == (0, 0, 0)


def test_verification_by_reading_finds_what_a_dry_run_finds(both: Both) -> None:
    writer, reader = both
    chance = random.Random(SEED)
    seen: Counter[str] = Counter()
    while sum(seen.values()) < CASES:
        item = copy.deepcopy(chance.choice(many_kinds(writer.namespace)))
        if item["kind"] != "HyperConverged":
            item["metadata"]["name"] += f"-{chance.getrandbits(40):x}"
        writer.cluster.request("DELETE", path_of(item))
        assert only(writer.apply(wanted([item]), partial=True)).result == "pass"
        change = change_by_chance(writer.cluster, marked(item, STAGE), chance)
        if change is None:
            continue
        desired = wanted([change.desired])
        predicted = only(writer.apply(desired, partial=True, check=True))
        read = only(reader.verify(desired, partial=True))
        seen[agreement(predicted, read, change.words)] += 1
    print(f"\nseed {SEED}: {dict(seen)}")
    # What only the server can know is the exception.
    assert seen["refused"] + seen["defaulted"] <= CASES / 10
    assert min(seen["update"], seen["none"], seen["create"]) > 0


def agreement(predicted: Finding, read: Finding, change: str) -> str:
    """What both found; fails where that is not the same, but for what only the server can know."""
    context = f"{change}:\n{predicted}\n{read}"
    if predicted.action == "none" and predicted.result == "fail" and read.action == "update":
        # The server refuses what is desired beside what is there: no reading tells that, but that it differs.
        assert read.result == "fail", context
        return "refused"
    if "wanted: " in change and predicted.state == "in_step" != read.state:
        # What is wanted to be empty has a default, and it is there already.
        assert read.result == "fail", context
        return "defaulted"
    assert (read.key, read.path, read.state, read.action) == (predicted.key, predicted.path, predicted.state, predicted.action), context
    if "wanted: " in change:
        # Whether what is given up has a default, and whether what is empty stays, is the server's to know.
        assert read.fields or not predicted.fields, context
        assert all(any(is_within(one, other) for other in read.fields) for one in predicted.fields), context
    else:
        assert set(read.fields) == set(predicted.fields), context
        assert read.message.startswith("left to others") == predicted.message.startswith("left to others"), context
    assert read.result == ("fail" if read.fields or read.action == "create" else predicted.result), context
    return predicted.action


def is_within(one: str, other: str) -> bool:
    """Whether one of the paths leads to the other."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def test_one_dry_run_tells_what_changes_and_a_second_one_what_is_taken_back(both: Both) -> None:
    writer, _reader = both
    item = settings(writer, "one", a="1")
    writer.apply(wanted([item]))
    assert only(writer.apply(wanted([settings(writer, "one", a="2")]), check=True)).fields == ("data.a",)
    assert writer.last.dry_runs == 1
    as_somebody(writer.cluster, item, {"data": {"a": "theirs"}}).checked()
    assert only(writer.apply(wanted([item]), check=True)).message == "taken back: kubectl-edit has .data.a"
    assert writer.last.dry_runs == 2


def test_lists_that_were_read_before_serve_as_what_is_there(both: Both) -> None:
    writer, reader = both
    items = [settings(writer, "one", a="1"), settings(writer, "two", a="1")]
    writer.apply(wanted(items))
    listed = [live(writer, items[0])]
    for each in listed:
        del each["apiVersion"], each["kind"]
    seed = Seed(Lot("v1", "ConfigMap", ""), listed, plural="configmaps")
    tally = reader.verify(wanted(items), seeds=[seed])
    # What a complete list does not have does not exist; nothing but the record is read.
    assert words(tally) == {"one": ("in_step", "pass", "none"), "two": ("missing", "fail", "create")}
    assert [(call.verb, call.resource) for call in reader.last.read_calls] == [("list", "configmaps")]
    incomplete = Seed(seed.lot, listed, complete=False)
    assert words(reader.verify(wanted(items), seeds=[incomplete])) == dict.fromkeys(("one", "two"), ("in_step", "pass", "none"))
    older = {**listed[0], "metadata": {key: value for key, value in listed[0]["metadata"].items() if key != "managedFields"}}
    assert words(reader.verify(wanted(items[:1]), seeds=[Seed(seed.lot, [older])], partial=True)) == {"one": ("in_step", "pass", "none")}


def test_verification_names_what_ought_to_go_and_what_is_of_others(both: Both) -> None:
    writer, reader = both
    items = [settings(writer, "stays", a="1"), settings(writer, "goes", a="1")]
    writer.apply(wanted(items))
    tally = reader.verify(wanted(items[:1]), prune=True)
    assert words(tally)["goes"] == ("orphaned", "fail", "delete")
    assert words(reader.verify(wanted(items[:1])))["goes"] == ("orphaned", "not_applicable", "none")
    foreign = settings(writer, "foreign", a="1")
    applied_by(writer.cluster, foreign)
    assert "is not this collection's" in only(reader.verify(wanted([foreign]), partial=True)).message


# ---- claims ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", [ADOPTED, SINGLETON])
def test_object_that_was_there_before_is_written_and_handed_back_and_never_deleted(both: Both, claim: str) -> None:
    writer, _reader = both
    item = settings(writer, "there", a="theirs", b="2")
    applied_by(writer.cluster, item)
    desired = wanted([settings(writer, "there", a="1")], claim=claim)
    predicted = writer.apply(desired, check=True)
    assert words(writer.apply(desired)) == words(predicted) == {"there": ("changed", "pass", "update")}
    now = live(writer, item)
    assert now["data"] == {"a": "1", "b": "2"}
    assert (now["metadata"]["labels"][STAGE_LABEL], now["metadata"]["annotations"][ON_REMOVAL]) == (STAGE, "release")
    assert words(writer.apply(desired)) == {"there": ("in_step", "pass", "none")}
    assert writer.last.writes == 0
    for goes in (lambda **more: writer.apply((), prune=True, **more), writer.remove):
        predicted = goes(check=True)
        assert words(predicted) == {"there": ("orphaned", "pass", "update")}
        assert words(goes()) == words(predicted)
        now = live(writer, item)
        assert now["data"] == {"a": "1", "b": "2"}
        assert STAGE_LABEL not in now["metadata"].get("labels", {})
        assert ON_REMOVAL not in now["metadata"].get("annotations", {})
        assert applied_fields(now) is None
        assert not goes().changed
        writer.apply(desired)


def test_object_of_which_all_was_taken_over_is_handed_back_to_nobody(both: Both) -> None:
    writer, _reader = both
    applied_by(writer.cluster, settings(writer, "there", a="theirs"))
    desired = wanted([settings(writer, "there", a="1")], claim=ADOPTED)
    writer.apply(desired)
    writer.remove()
    now = live(writer, desired[0].object)
    assert now["data"] == {"a": "1"}
    assert now["metadata"].get("managedFields", []) == []
    assert words(writer.apply(desired)) == {"there": ("changed", "pass", "update")}
    assert words(writer.remove()) == {"there": ("orphaned", "pass", "update")}


@pytest.mark.parametrize("claim", [ADOPTED, SINGLETON])
def test_object_of_such_a_claim_that_we_made_is_deleted(both: Both, claim: str) -> None:
    writer, _reader = both
    desired = wanted([settings(writer, "made", a="1")], claim=claim)
    writer.apply(desired)
    assert words(writer.apply(desired)) == {"made": ("in_step", "pass", "none")}
    assert words(writer.remove()) == {"made": ("orphaned", "pass", "delete")}
    assert writer.cluster.request("GET", path_of(desired[0].object)).status == 404


def test_adopted_object_is_not_deleted_though_the_record_was_lost(both: Both) -> None:
    writer, _reader = both
    item = settings(writer, "there", a="theirs")
    applied_by(writer.cluster, item)
    writer.apply(wanted([settings(writer, "there", a="1")], claim=ADOPTED))
    writer.cluster.request("DELETE", f"/api/v1/namespaces/{writer.namespace}/configmaps/applied-{STAGE}-000").checked()
    lots = [Lot("v1", "ConfigMap", writer.namespace)]
    assert words(writer.remove(lots=lots)) == {"there": ("orphaned", "pass", "update")}
    assert live(writer, item)["data"] == {"a": "1"}
    assert not writer.remove(lots=lots).changed


def test_object_of_another_part_of_the_collection_is_not_adopted(both: Both) -> None:
    writer, _reader = both
    item = settings(writer, "there", a="1")
    applied_by(writer.cluster, marked(item, "platform-other"))
    found = only(writer.apply(wanted([settings(writer, "there", a="2")], claim=ADOPTED)))
    assert (found.result, found.action) == ("fail", "none")
    assert "as part of platform-other" in found.message


def test_fields_of_somebody_elses_object_are_set_alone_and_given_back(both: Both) -> None:
    writer, reader = both
    theirs = settings(writer, "theirs", a="1", b="2")
    applied_by(writer.cluster, theirs)
    before = stripped(live(writer, theirs))
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": writer.namespace, "labels": {"example.com/ours": "yes"}}}
    desired = wanted([settings(writer, "theirs", b="ours", c="3"), namespace], claim=FIELDS)
    assert {entry[1] for entry in words(reader.verify(desired)).values()} == {"fail"}
    assert words(writer.apply(desired)) == dict.fromkeys(("theirs", writer.namespace), ("changed", "pass", "update"))
    now = live(writer, theirs)
    assert now["data"] == {"a": "1", "b": "ours", "c": "3"}
    assert "labels" not in now["metadata"]
    assert live(writer, namespace)["metadata"]["labels"]["example.com/ours"] == "yes"
    assert not writer.apply(desired).changed
    assert (writer.last.writes, writer.last.dry_runs) == (0, 0)
    assert {entry[0] for entry in words(reader.verify(desired)).values()} == {"in_step"}
    predicted = writer.remove(check=True)
    assert words(writer.remove()) == words(predicted) == dict.fromkeys(("theirs", writer.namespace), ("orphaned", "pass", "update"))
    now = stripped(live(writer, theirs))
    # A field that was taken over is not what it was; it is gone.
    assert now == {**before, "data": {"a": "1"}}
    assert "example.com/ours" not in live(writer, namespace)["metadata"]["labels"]
    assert not writer.remove().changed


def test_object_of_one_part_and_fields_of_it_for_another_do_not_undo_each_other(both: Both) -> None:
    writer, _reader = both
    desired = wanted([settings(writer, "shared", a="1", b="2")])
    fields = wanted([settings(writer, "shared", c="3")], claim=FIELDS)
    other = {"policy": Policy("platform-operators")}
    for _again in range(2):
        writer.apply(desired)
        writer.apply(fields, **other)
        assert live(writer, desired[0].object)["data"] == {"a": "1", "b": "2", "c": "3"}
    assert not writer.apply(desired).changed
    assert not writer.apply(fields, **other).changed
    writer.remove(**other)
    assert live(writer, desired[0].object)["data"] == {"a": "1", "b": "2"}


def test_fields_of_an_object_that_is_not_there_make_none(both: Both) -> None:
    writer, reader = both
    item = settings(writer, "nobodys", a="1")
    for found in (only(writer.apply(wanted([item], claim=FIELDS))), only(reader.verify(wanted([item], claim=FIELDS)))):
        assert (found.state, found.result, found.action) == ("missing", "fail", "none")
    planned = only(writer.apply(wanted([item], claim=FIELDS, awaits="operator web"), check=True))
    assert (planned.state, planned.result, planned.action) == ("missing", "not_evaluated", "update")
    assert only(writer.apply(wanted([item], claim=FIELDS, awaits="operator web"))).result == "fail"
    assert writer.last.writes == 0
    assert writer.cluster.request("GET", path_of(item)).status == 404


@pytest.mark.parametrize("claim", [ADOPTED, SINGLETON, FIELDS])
def test_object_of_argo_cd_is_not_written_whatever_the_claim(both: Both, claim: str) -> None:
    writer, reader = both
    item = settings(writer, "argo", a="theirs", b="2")
    item["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "shop:/ConfigMap:x/argo"}
    applied_by(writer.cluster, item, "argocd-controller")
    before = live(writer, item)
    for value, result in (("ours", "fail"), ("theirs", "pass")):
        desired = wanted([settings(writer, "argo", a=value)], claim=claim)
        found = only(writer.apply(desired))
        assert "application shop of Argo CD" in found.message
        assert (found.result, found.action) == (result, "none")
        assert only(reader.verify(desired)) == found
    assert live(writer, item) == before


def test_object_of_ours_that_argo_cd_has_come_to_track_passes_while_it_is_as_desired(both: Both) -> None:
    writer, reader = both
    item = settings(writer, "tracked", a="1")
    assert only(writer.apply(wanted([item]))).action == "create"
    marks = {"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "shop:/ConfigMap:x/tracked"}}}
    writer.cluster.request("PATCH", path_of(item), marks, "application/merge-patch+json").checked()
    for value, result in (("1", "pass"), ("2", "fail")):
        desired = wanted([settings(writer, "tracked", a=value)])
        found = only(writer.apply(desired))
        assert "application shop of Argo CD" in found.message
        assert (found.result, found.action) == (result, "none")
        assert only(reader.verify(desired)) == found
    writer.cluster.request("DELETE", path_of(item)).checked()
    writer.apply(())


def test_what_data_hangs_on_is_kept(both: Both) -> None:
    writer, _reader = both
    item = settings(writer, "data", a="1")
    writer.apply(wanted([item], keep=True))
    assert words(writer.apply((), prune=True)) == words(writer.remove()) == {"data": ("orphaned", "not_applicable", "none")}
    assert live(writer, item)["data"] == {"a": "1"}


# ---- what is yet to come ---------------------------------------------------------------------------------------------


def test_kind_that_an_operator_brings_is_planned_and_an_error_only_when_its_turn_comes(both: Both) -> None:
    writer, reader = both
    first = settings(writer, "first", a="1")
    operand = {**settings(writer, "operand"), "apiVersion": "later.example.com/v1", "kind": "Later"}
    desired = [*wanted([first], rank=10), *wanted([operand], awaits="operator later")]
    said = "planned, not validated: operator later brings its CRD"
    for tally in (writer.apply(desired, check=True), reader.verify(desired)):
        found = next(found for found in tally.findings if found.key.name == "operand")
        assert (found.state, found.result, found.action, found.message) == ("missing", "not_evaluated", "create", said)
    tally = writer.apply(desired)
    assert words(tally) == {"first": ("missing", "pass", "create"), "operand": ("missing", "fail", "none")}
    assert "operator later was to bring it" in tally.failed()[0].message
    assert writer.apply(desired).counts()["failed"] == 1
    assert writer.last.writes == 0


def test_objects_in_a_namespace_that_the_same_request_makes_are_tried_and_written(both: Both) -> None:
    writer, _reader = both
    admin = Account(writer.cluster, writer.namespace, "admin", writer.cluster.admin_token)
    name = f"{writer.namespace}-new"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    group = thing("OperatorGroup", "group", name, spec={"targetNamespaces": [name]})
    desired = [*wanted([namespace], rank=10), *wanted([group], rank=30)]
    try:
        predicted = admin.apply(desired, check=True)
        assert predicted.counts()["created"] == 2
        assert not predicted.failed()
        assert "tried in namespace default" in next(found.message for found in predicted.findings if found.key.name == "group")
        wrong = wanted([{**group, "spec": {"nonsense": 1}}], rank=30)
        assert "nonsense" in next(iter(admin.apply([desired[0], *wrong], check=True).failed())).message
        assert words(admin.apply(desired)) == words(predicted)
        assert not admin.apply(desired).changed
        assert {found.result for found in admin.verify(desired).findings} == {"pass"}
        assert admin.remove().counts()["deleted"] == 2
    finally:
        writer.cluster.delete_namespace(name)


# ---- sessions --------------------------------------------------------------------------------------------------------


def test_session_takes_the_lease_once_for_all_that_it_writes_and_not_at_all_for_nothing(both: Both) -> None:
    writer, _reader = both
    one, two = settings(writer, "one", a="1"), settings(writer, "two", a="1")

    def levels(connection: Any) -> Tally:
        with writer.session(connection) as session:
            session.apply(writer.request(wanted([one]), partial=True))
            session.apply(writer.request(wanted([two]), partial=True))
            return session.apply(writer.request(wanted([one, two])))

    assert counted(writer, levels).counts()["in_step"] == 2
    assert Counter(call.verb for call in writer.last.write_calls if call.resource == "leases") == {"create": 1, "update": 1}
    assert not counted(writer, levels).changed
    assert writer.last.writes == 0


def test_session_changes_and_removes_just_the_object_that_was_looked_at(both: Both) -> None:
    writer, _reader = both
    item = settings(writer, "plan", approved="false")
    applied_by(writer.cluster, item)
    seen = live(writer, item)["metadata"]
    with writer.connection() as connection, writer.session(connection) as session:
        changed = session.patch(path_of(item), {"data": {"approved": "true"}}, uid=seen["uid"], resource_version=seen["resourceVersion"])
        assert changed["data"] == {"approved": "true"}
        with pytest.raises(ApiFault) as caught:
            session.patch(path_of(item), {"data": {"approved": "no"}}, uid=seen["uid"], resource_version=seen["resourceVersion"])
        assert caught.value.code == 409
        with pytest.raises(ApiFault):
            session.patch(path_of(item), {"data": {"approved": "no"}}, uid="00000000-0000-0000-0000-000000000000")
        assert not session.delete(path_of(item), "00000000-0000-0000-0000-000000000000")
        assert live(writer, item)["data"] == {"approved": "true"}
        assert session.delete(path_of(item), seen["uid"])
        assert not session.delete(path_of(item), seen["uid"])


def test_of_two_sessions_at_once_one_is_told_the_holder_or_waits(both: Both) -> None:
    writer, _reader = both
    one, two = settings(writer, "one", a="1"), settings(writer, "two", a="1")
    with writer.connection() as connection, writer.connection() as other:
        with writer.session(connection, "run-north") as session:
            session.apply(writer.request(wanted([one]), partial=True))
            with pytest.raises(ReadinessError) as caught, writer.session(other, "run-south") as late:
                late.apply(writer.request(wanted([two]), partial=True))
            assert caught.value.code == "cluster_busy"
            assert "another run is writing to this cluster: run-north (" in caught.value.message
            assert ", since 20" in caught.value.message
            found: list[Tally] = []

            def waits() -> None:
                with writer.connection() as third, writer.session(third, "run-east", lease_wait_seconds=60) as patient:
                    found.append(patient.apply(writer.request(wanted([two]), partial=True)))

            thread = threading.Thread(target=waits)
            thread.start()
            time.sleep(3)
            assert not found
        thread.join(60)
    assert words(found[0]) == {"two": ("missing", "pass", "create")}
    assert words(writer.apply(wanted([one, two]))) == dict.fromkeys(("one", "two"), ("in_step", "pass", "none"))


def test_rights_that_lack_are_named_with_the_file_of_the_stage(both: Both) -> None:
    _writer, reader = both
    found = only(reader.apply(wanted([settings(reader, "x", a="1")]), check=True))
    assert found.message == f"the account may not patch configmaps in {reader.namespace}"
    assert found.remedy.endswith("roles/operators/files/apply_rights.yml")
