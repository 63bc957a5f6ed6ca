# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what in the namespaces of contracts: what is asked and how much of it, and what the answers come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access import matrix as matrix_module
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.findings import access_findings, access_records
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.matrix import access_matrix
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.people import Tenants
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.records import KINDS
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.rows import Rows
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.lockout import BINDINGS, ROLES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import role_name
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.provenance import GROUPS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.questions import Answered, Answers, Question, allowing
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import GROUP, ROLE_BINDINGS, USER, Grants, Who
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import PlatformSnapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.personas_page import shipped
from tests.unit.namespaces.access_scene import (
    PEOPLE,
    PERSONAS,
    SUBJECTS,
    TEAMS,
    answered,
    judged,
    matrix_of,
    results,
    scene,
    wrong,
)
from tests.unit.namespaces.builders import Json, contract
from tests.unit.platform.identity.rbac_objects import account, binding, group, people, role, rule, user

SECRETS = role("secrets", rule("core", "secrets", "get list"))
SHELL = role("shell", rule("core", "pods/exec", "create"))
VIEW = role("view", rule("core", "configmaps", "get list"))
EVERYTHING = role("everything", rule("*", "*", "*"))
SCIENTISTS = role_name("data_scientist")


def test_cluster_as_contracts_say_gives_no_alarm() -> None:
    found = judged(scene())
    assert results(found) == dict.fromkeys(SUBJECTS, "pass")
    assert {finding.result for finding in found} == {"pass"}
    assert {finding.part for finding in found} == {"team-a", "team-b", "team-c"}


A, B, BE = (
    "group a-people as data_scientist in team-a",
    "group b-people as data_scientist in team-b",
    "b-engineers as ml_engineer in team-b",
)


@pytest.mark.parametrize(
    ("extra", "subjects", "words"),
    [
        (
            [SECRETS, binding("x", "secrets", group("a-people"), namespace="team-a")],
            {A},
            "deny[0] does not hold: it may get, list secrets in team-a: by RoleBinding team-a/x (ClusterRole secrets)",
        ),
        (
            [EVERYTHING, binding("x", "everything", group("a-people"))],
            {A},
            "get, list secrets in team-a, and create pods, get secrets in team-b: by ClusterRoleBinding x (ClusterRole everything)",
        ),
        (
            [binding("left-over", SCIENTISTS, group("a-people"), namespace="team-b")],
            {A, "group a-people in team-b"},
            f"create pods in team-b: by RoleBinding team-b/left-over (ClusterRole {SCIENTISTS})",
        ),
        (
            [VIEW, binding("x", "view", group("a-people"), namespace="team-b")],
            {A},
            "allow[0] does not hold: it may get, list configmaps in team-b: by RoleBinding team-b/x (ClusterRole view)",
        ),
        (
            [VIEW, binding("x", "view", group("a-people"))],
            {A},
            "it may get, list configmaps on the whole cluster: by ClusterRoleBinding x (ClusterRole view)",
        ),
        (
            [SECRETS, binding("x", "secrets", group("visitors"), namespace="team-b")],
            {"group visitors in team-b"},
            "apart[0] does not hold: it may get, list secrets in team-b: by RoleBinding team-b/x (ClusterRole secrets)",
        ),
        (
            [SECRETS, binding("x", "secrets", account("team-c", "default"), namespace="team-b")],
            {"service account team-c/default in team-b"},
            "by RoleBinding team-b/x",
        ),
        (
            [SECRETS, binding("x", "secrets", user("anna"), namespace="team-a")],
            {f"user anna of {A}"},
            "it may get, list secrets in team-a: by RoleBinding team-a/x (ClusterRole secrets)",
        ),
        (
            [SECRETS, people("rescuers", "dora"), binding("x", "secrets", group("rescuers"))],
            {f"user dora of {B}"},
            "it may get, list secrets on the whole cluster: by ClusterRoleBinding x (ClusterRole secrets)",
        ),
        (
            [role("nodes", rule("core", "nodes", "patch")), binding("x", "nodes", group("b-people"))],
            {B},
            "deny[2] does not hold: it may patch nodes on the whole cluster: by ClusterRoleBinding x (ClusterRole nodes)",
        ),
    ],
)
def test_binding_that_no_contract_gives_is_named(extra: Sequence[Json], subjects: set[str], words: str) -> None:
    found = wrong(judged(scene(*extra)))
    assert set(found) == subjects
    assert any(words in message for message in found.values()), found


def test_binding_for_everybody_is_told_of_each_and_asked_once() -> None:
    snapshot = scene(EVERYTHING, binding("x", "everything", group("system:authenticated"), namespace="team-b"))
    found = wrong(judged(snapshot))
    assert set(found) == {*SUBJECTS, "group system:authenticated in team-b"}
    assert all("RoleBinding team-b/x (ClusterRole everything)" in message for message in found.values())


@pytest.mark.parametrize(
    ("extra", "without", "words"),
    [
        (
            [],
            [binding(SCIENTISTS, SCIENTISTS, namespace="team-a")],
            f"there is no RoleBinding team-a/{SCIENTISTS}",
        ),
        (
            [binding(SCIENTISTS, SCIENTISTS, group("others"), namespace="team-a")],
            [],
            f"RoleBinding team-a/{SCIENTISTS} does not name group a-people",
        ),
        (
            [VIEW, binding(SCIENTISTS, "view", group("a-people"), namespace="team-a")],
            [],
            f"RoleBinding team-a/{SCIENTISTS} leads to ClusterRole view and not to ClusterRole {SCIENTISTS}",
        ),
    ],
)
def test_what_is_missing_between_somebody_and_the_role_is_named(extra: Sequence[Json], without: Sequence[Json], words: str) -> None:
    found = wrong(judged(scene(*extra, without=without)))
    assert A in found
    assert "it may not create" in found[A]
    assert words in found[A]
    assert B not in found


def test_rule_that_a_role_lacks_is_named_for_everybody_who_has_it() -> None:
    less = role(SCIENTISTS, rule("core", "configmaps pods", "create get list"))
    found = wrong(judged(scene(less)))
    assert set(found) == {A, B}
    assert (
        found[A] == f"allow[1] does not hold: it may not create, list jobs of batch in team-a: ClusterRole {SCIENTISTS} has no rule for it"
    )
    assert "in team-b" in found[B]


def test_role_that_is_not_there_is_named() -> None:
    found = wrong(judged(scene(without=[role(SCIENTISTS)])))
    assert f"there is no ClusterRole {SCIENTISTS}" in found[A]


def test_role_that_somebody_widened_is_found_for_everybody_who_has_it() -> None:
    wide = role(SCIENTISTS, rule("core batch", "configmaps pods jobs secrets", "create get list"))
    found = wrong(judged(scene(wide)))
    assert {A, B} == set(found)
    assert f"it may get, list secrets in team-b: by RoleBinding team-b/{SCIENTISTS} (ClusterRole {SCIENTISTS})" in found[B]


def test_what_one_persona_may_is_not_held_against_another_of_the_same_people() -> None:
    both = [{"persona": name, "groups": ["a-people"]} for name in ("data_scientist", "ml_engineer")]
    teams = (contract(namespace="team-a", personas=both), TEAMS[1])
    found = judged(scene(teams=teams), teams)
    assert wrong(found) == {}
    assert results(found)["group a-people as data_scientist in team-a"] == "pass"


def test_member_of_two_teams_may_in_each_what_its_group_may() -> None:
    members = (people("a-people", "anna"), people("b-people", "anna"), people("b-engineers", "anna"))
    assert wrong(judged(scene(members=members))) == {}


def test_persona_of_the_cluster_may_look_and_no_more() -> None:
    looking = binding("auditors", role_name("auditor"), group("a-people"))
    assert wrong(judged(scene(looking))) == {}
    assert A in wrong(judged(scene(VIEW, binding("x", "view", group("a-people")))))


def test_namespace_that_is_not_there_yet_is_not_asked_about() -> None:
    found = judged(scene(there=["team-b", "team-c"]))
    assert results(found)[A] == "not_applicable"
    assert "team-a" not in {question.namespace for question in matrix_of(scene(there=["team-b", "team-c"])).questions}


def test_what_is_done_elsewhere_is_told_of_the_first_place_that_is_there() -> None:
    teams = (*TEAMS, contract(namespace="team-0", personas=[{"persona": "data_scientist", "groups": ["a-people"]}]))
    extra = [SECRETS, binding("x", "secrets", group("a-people"), namespace="team-b")]
    found = wrong(judged(scene(*extra, teams=teams, there=["team-a", "team-b", "team-c"]), teams))
    assert "it may get, list secrets in team-b: by RoleBinding team-b/x (ClusterRole secrets)" in found[A]


def test_what_another_authorizer_says_is_told_in_the_servers_words() -> None:
    snapshot = scene()
    matrix = matrix_of(snapshot)
    answers = answered(snapshot, matrix.questions)
    odd = next(each for each in matrix.questions if each.act.resource == "secrets" and each.namespace == "team-a")
    changed = {**answers.by_question, odd: Answered(True, "allowed by a webhook")}
    found = wrong(judged(snapshot, answers=Answers(changed)))
    assert any("no binding of the lists allows it; the server says: allowed by a webhook" in message for message in found.values())


def test_what_lists_allow_and_the_server_denies_is_told() -> None:
    snapshot = scene()
    matrix = matrix_of(snapshot)
    answers = answered(snapshot, matrix.questions)
    odd = next(each for each in matrix.questions if each.act.resource == "configmaps" and each.namespace == "team-a")
    found = wrong(judged(snapshot, answers=Answers({**answers.by_question, odd: Answered(False)})))
    assert any("allows it by the lists, and the server denies it" in message for message in found.values())


# ---- what is not known -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", [ROLE_BINDINGS, BINDINGS, ROLES])
def test_where_bindings_are_not_known_nothing_passes(hidden: str) -> None:
    snapshot = scene(unknown=[hidden])
    matrix = matrix_of(snapshot)
    found = judged(snapshot, answers=answered(scene(), matrix.questions))
    assert {finding.result for finding in found} == {"not_evaluated"}


def test_where_bindings_are_not_known_what_is_wrong_is_found_by_asking() -> None:
    snapshot = scene(unknown=[ROLE_BINDINGS])
    truth = scene(SECRETS, binding("x", "secrets", group("a-people"), namespace="team-a"))
    matrix = matrix_of(snapshot)
    found = judged(snapshot, answers=answered(truth, matrix.questions))
    assert set(wrong(found)) == {A}
    assert "it may get, list secrets in team-a: no binding of the lists allows it; the server says: by RBAC" in wrong(found)[A]


def test_where_groups_are_not_known_members_and_people_are_open() -> None:
    found = judged(scene(unknown=[GROUPS]))
    open_ones = {finding.subject for finding in found if finding.result == "not_evaluated"}
    assert open_ones == {
        "user carl as ml_engineer in team-c",
        *(f"members of groups of {name}" for name in ("team-a", "team-b", "team-c")),
    }


def test_account_that_may_not_ask_leaves_everything_open_with_the_right_that_it_needs() -> None:
    snapshot = scene()
    found = judged(snapshot, answers=Answers({}, "the account may not create subjectaccessreviews.authorization.k8s.io"))
    assert {finding.result for finding in found} == {"not_evaluated"}
    assert {"create subjectaccessreviews.authorization.k8s.io" in finding.remedy for finding in found} == {True}


def test_questions_without_an_answer_are_no_pass() -> None:
    snapshot = scene()
    matrix = matrix_of(snapshot)
    found = judged(snapshot, answers=Answers({each: Answered(None, "the server failed") for each in matrix.questions}))
    assert set(results(found).values()) == {"not_evaluated"}
    assert all("have no answer: the server failed" in each.message for each in found if each.check.endswith("rows"))


def test_questions_beyond_the_limit_are_told_and_those_that_lists_suspect_are_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix_module, "MOST_QUESTIONS", 25)
    snapshot = scene(SECRETS, binding("x", "secrets", group("b-people"), namespace="team-b"))
    matrix = matrix_of(snapshot)
    found = judged(snapshot)
    assert len(matrix.questions) == 25
    assert set(wrong(found)) == {B}
    assert {result for subject, result in results(found).items() if subject != B} == {"not_evaluated"}
    assert any("were not asked: one call asks 25 at most" in each.message for each in found)


# ---- records ---------------------------------------------------------------------------------------------------------


def test_each_bearer_has_a_record_that_counts_what_was_asked() -> None:
    snapshot = scene(SECRETS, binding("x", "secrets", group("a-people"), namespace="team-a"))
    matrix = matrix_of(snapshot)
    records = access_records(matrix, answered(snapshot, matrix.questions))
    names = {field.name for field in fields(KINDS["access"])}
    assert {key for record in records for key in record} <= {"kind", *names}
    by_name = {record["name"]: record for record in records}
    assert set(by_name) == SUBJECTS
    assert by_name[A]["wrong"] == ["it may get, list secrets in team-a: by RoleBinding team-a/x (ClusterRole secrets)"]
    assert by_name[B]["wrong"] == []
    # One row of three is about a kind that the cluster does not serve.
    assert (by_name[A]["allowed_rows"], by_name[A]["denied_rows"]) == (2, 3 + 9)
    assert by_name[B]["part"] == by_name[B]["namespace"] == "team-b"
    assert len({record["id"] for record in records}) == len(records)


def test_of_what_is_not_known_a_record_says_why() -> None:
    snapshot = scene(unknown=[ROLE_BINDINGS])
    records = access_records(matrix_of(snapshot), Answers({}, "the account may not ask"))
    assert {record["unknown"]["wrong"] for record in records} == {"the account may not ask"}
    assert not any("wrong" in record for record in records)


# ---- how much is asked -----------------------------------------------------------------------------------------------

NAMES = ("data_scientist", "ml_engineer", "service")


def many(number: int) -> list[Contract]:
    return [
        contract(namespace=f"team-{place}", personas=[{"persona": name, "groups": [f"{place}-{name}"]} for name in NAMES])
        for place in range(number)
    ]


def test_hundred_namespaces_with_three_personas_take_less_than_five_thousand_questions() -> None:
    personas = shipped()
    teams = many(100)
    snapshot = PlatformSnapshot(scene(teams=teams, personas=personas, members=()).listed)
    matrix = access_matrix(teams, personas, snapshot)
    assert len(matrix.entries) == 300
    assert len(matrix.questions) < 5000
    assert wrong(access_findings(matrix, answered(snapshot, matrix.questions))) == {}


def test_questions_grow_with_the_bearers_and_not_with_their_square() -> None:
    personas = shipped()

    def asked(number: int) -> int:
        teams = many(number)
        extra = [EVERYTHING, *(binding("x", "everything", group("0-service"), namespace=each.namespace) for each in teams[1:])]
        return len(access_matrix(teams, personas, scene(*extra, teams=teams, personas=personas, members=())).questions)

    once, twice, thrice = asked(10), asked(20), asked(30)
    assert thrice - twice <= (twice - once) * 1.05


# ---- against asking everything ---------------------------------------------------------------------------------------

ROLES_DRAWN = (
    SECRETS,
    SHELL,
    VIEW,
    EVERYTHING,
    role("pods", rule("core", "pods", "create list")),
    role("quotas", rule("core", "resourcequotas", "create")),
    role("nodes", rule("core", "nodes", "patch")),
    role("nothing", rule("example.com", "widgets", "get")),
    role(SCIENTISTS),
)
SUBJECTS_DRAWN = (
    group("a-people"),
    group("b-people"),
    group("b-engineers"),
    user("carl"),
    account("team-c", "runner"),
    group("system:authenticated"),
    group("system:serviceaccounts:team-c"),
)
PLACES = ("", "team-a", "team-b", "team-c", "elsewhere")

Drawn = tuple[int, int, int]
drawn_bindings = st.lists(
    st.tuples(st.integers(0, len(ROLES_DRAWN) - 1), st.integers(0, len(SUBJECTS_DRAWN) - 1), st.integers(0, len(PLACES) - 1)),
    max_size=4,
)


def objects_drawn(drawn: Sequence[Drawn], subjects: Sequence[Json] = SUBJECTS_DRAWN) -> list[Json]:
    found = list(ROLES_DRAWN[:-1])
    for number, (which, whom, where) in enumerate(drawn):
        name = ROLES_DRAWN[which]["metadata"]["name"]
        found.append(binding(f"drawn-{number}", name, subjects[whom], namespace=PLACES[where]))
    return found


def broken_by_asking_everything(snapshot: PlatformSnapshot) -> set[str]:
    """Bearers for whom anything at all is answered otherwise than the contracts say."""
    everybody = [grant for grant in Grants(snapshot).of(Who("", ("system:authenticated",))) if not grant.namespace]
    tenants, rows = Tenants(TEAMS, PERSONAS, snapshot), Rows(PERSONAS, snapshot, everybody)
    broken = set()
    for holder in tenants.holders:
        who = tenants.who((holder.kind, holder.name))
        entitled = tenants.personas_in(who, holder.namespace)
        asked = {
            Question(who, each.act, holder.namespace if each.is_within else ""): each.granted for each in rows.own(holder.persona, entitled)
        }
        asked |= {Question(who, each.act): False for each in rows.apart()}
        for name in tenants.namespaces:
            if not tenants.personas_in(who, name):
                asked |= {Question(who, each.act, name): False for each in rows.elsewhere(holder.persona)}
        answers = answered(snapshot, asked).by_question
        if any(answers[question].allowed != granted for question, granted in asked.items()):
            broken.add(holder.subject)
    return broken


@settings(max_examples=120, deadline=None)
@given(drawn_bindings, st.booleans())
def test_few_questions_find_what_all_of_them_would(drawn: Sequence[Drawn], lost: bool) -> None:
    without = [binding(SCIENTISTS, SCIENTISTS, namespace="team-b")] if lost else []
    snapshot = scene(*objects_drawn(drawn), without=without, members=PEOPLE)
    found = {subject for subject, result in results(judged(snapshot)).items() if result == "fail"}
    assert found == broken_by_asking_everything(snapshot)


@settings(max_examples=60, deadline=None)
@given(drawn_bindings)
def test_each_binding_that_is_named_is_one_that_allows_what_is_wrong(drawn: Sequence[Drawn]) -> None:
    """Without all that are named, nothing is wrong any more but what one of them gave to everybody, which is named next."""
    extra = objects_drawn(drawn)
    for _each in range(len(drawn) + 1):
        found = [finding for finding in judged(scene(*extra)) if finding.result == "fail"]
        named = {evidence.object for finding in found for evidence in finding.evidence}
        kept = [item for item in extra if item["kind"] == "ClusterRole" or _words(item) not in named]
        assert bool(found) == (len(kept) < len(extra))
        extra = kept
    assert found == []


def _words(item: Json) -> str:
    metadata = item["metadata"]
    return (
        f"RoleBinding {metadata['namespace']}/{metadata['name']}" if "namespace" in metadata else f"ClusterRoleBinding {metadata['name']}"
    )


MEMBERS_DRAWN = (user("anna"), user("dora"), user("carl"), group("rescuers"), group("a-people"), group("b-people"))
IN_GROUPS = (
    people("a-people", "anna", "ben"),
    people("b-people", "dora", "anna"),
    people("b-engineers", "emil"),
    people("rescuers", "dora"),
)


def members_who_reach_further(snapshot: PlatformSnapshot) -> set[str]:
    """Members to whom a binding that reaches none of their groups allows what contracts do not give."""
    tenants, rows, grants = Tenants(TEAMS, PERSONAS, snapshot), Rows(PERSONAS, snapshot), Grants(snapshot)
    found = set()
    for member, groups in tenants.members():
        who = tenants.who((USER, member))
        asked: list[Question] = []
        mine = [holder for name in groups for holder in tenants.of((GROUP, name))]
        for holder in mine:
            entitled = tenants.personas_in(who, holder.namespace)
            asked += [Question(who, each.act, holder.namespace if each.is_within else "") for each in rows.denied(holder.persona, entitled)]
        asked += [Question(who, each.act) for each in rows.apart()]
        for name in tenants.namespaces:
            if not tenants.personas_in(who, name):
                asked += [Question(who, each.act, name) for each in rows.elsewhere(mine[0].persona)]
        of_groups = [grant for name in groups for grant in grants.of(tenants.who((GROUP, name)))]
        extra = [grant for grant in grants.of(who) if grant not in of_groups]
        if any(allowing(extra, each) for each in asked):
            found.add(member)
    return found


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(ROLES_DRAWN) - 1), st.integers(0, len(MEMBERS_DRAWN) - 1), st.integers(0, len(PLACES) - 1)), max_size=4
    )
)
def test_members_who_reach_further_are_those_whom_asking_everything_finds(drawn: Sequence[Drawn]) -> None:
    snapshot = scene(*objects_drawn(drawn, MEMBERS_DRAWN), members=IN_GROUPS)
    found = {each.subject for each in judged(snapshot) if each.check.endswith(".members") and each.result == "fail"}
    assert {subject.split()[1] for subject in found} == members_who_reach_further(snapshot)
