# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what in the namespaces of contracts, asked of a real API server.

Each fault that is put in is found with its cause, and without that the server answers otherwise; a cluster as contracts say is left alone.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.access_reviews import ask_access
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.access.trials import TENANT
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.judging import Scene as Judged
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.judging import findings_of
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.plan import plan_namespaces
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import cluster_role
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.questions import Question, allowing
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import Act, Grants, Who

from tests.counterparts.cluster import cluster, crds_available, wait_until
from tests.integration.access_faults import AGGREGATED, FAULTS, Fault, bound_to
from tests.integration.access_site import (
    ANNAS,
    ASKER,
    BENS,
    CARL,
    CRDS,
    DATA_SCIENTIST,
    EVERYBODY,
    HOME,
    IMPERSONATE,
    IN,
    LOOK,
    MEMBERS,
    OF_B,
    OF_E,
    PERSONAS,
    RBAC,
    RUNNER,
    SERVED,
    TEAMS,
    A,
    B,
    C,
    E,
    Json,
    Site,
    place_of,
    team,
)
from tests.tools.personas_page import shipped
from tests.unit.adapters.cluster.conftest import libraries_missing
from tests.unit.namespaces.test_plan import FLEET
from tests.unit.platform.accelerators.support import CLASSES
from tests.unit.platform.identity.rbac_objects import account, binding, group, people, role, rule, user


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A cluster that is as three contracts say, and an account with the rights that are needed and no others."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not crds_available():
        pytest.skip("no custom resource definitions")
    # Without controllers nobody would add up the rules of aggregated roles.
    with cluster(name="tenants", crds=CRDS, kwok=False, scheduler=False, controllers=True) as found:
        found.client.create([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}])
        made = Site(found, found.service_account(HOME, ASKER))
        found.apply([role("system:image-puller", rule("image.openshift.io", "imagestreams/layers", "get")), *MEMBERS])
        found.apply([role("look", *LOOK), role("impersonate", *IMPERSONATE)])
        found.apply([binding(name, name, account(HOME, ASKER)) for name in ("look", "impersonate")])
        made.write(TEAMS, PERSONAS)
        made.settle()
        yield made


def alarms(found: Iterable[CheckFinding]) -> dict[str, str]:
    """Subject to message, of all that does not pass."""
    return {each.subject: f"{each.result}: {each.message}" for each in found if each.result != "pass"}


# ---- clean clusters --------------------------------------------------------------------------------------------------


def test_three_teams_of_shipped_personas_do_what_their_contracts_say_and_nothing_else(site: Site) -> None:
    personas = shipped()
    site.cluster.apply(cluster_role(name, persona) for name, persona in personas.items())
    site.settle()
    mark = site.cluster.mark()
    try:
        began = time.monotonic()
        found = site.findings(personas=personas)
        seconds = time.monotonic() - began
    finally:
        site.cluster.apply(cluster_role(name, persona) for name, persona in PERSONAS.items())
        site.settle()
    asked = site.cluster.audit(mark).by(f"system:serviceaccount:{HOME}:{ASKER}")
    print(f"{asked.reviews} questions in {seconds:.1f} s")
    assert alarms(found) == {}
    assert {each.subject for each in found if each.check.endswith(".rows")} == set(EVERYBODY)
    assert 1000 < asked.reviews < 5000
    assert asked.writes == 0


def drawn_teams(draw: random.Random, number: int) -> tuple[list[Contract], list[Json]]:
    """Contracts of some teams, and the groups of people in them: some have several personas, some are in several teams."""
    names = [f"draw-{number}-{place}" for place in range(draw.randint(2, 5))]
    groups = [f"people-{number}-{place}" for place in range(6)]
    teams = []
    for name in names:
        chosen = draw.sample(["data_scientist", "ml_engineer"], draw.randint(1, 2))
        personas: list[Json] = [
            {"persona": persona, "groups": draw.sample(groups, draw.randint(1, 2)), "users": draw.choice([[], ["carl"]])}
            for persona in chosen
        ]
        personas.append({"persona": "service", "service_accounts": ["runner"]})
        teams.append(team(name, f"owner-{number}", personas, service_accounts=[{"name": "runner"}]))
    everybody = [f"user-{number}-{place}" for place in range(8)]
    return teams, [people(name, *draw.sample(everybody, draw.randint(1, 4))) for name in groups]


@pytest.mark.parametrize("number", range(5))
def test_cluster_as_drawn_contracts_say_gives_no_alarm(site: Site, number: int) -> None:
    teams, groups = drawn_teams(random.Random(number), number)
    site.cluster.apply(groups)
    site.write(teams, PERSONAS)
    site.settle()
    assert alarms(site.findings(teams)) == {}
    assert alarms(site.tried(teams)) == {}


# ---- faults ----------------------------------------------------------------------------------------------------------


def of_words(text: str) -> tuple[str, str, str]:
    """Kind, namespace and name of a binding or role as evidence names it."""
    kind, _space, name = text.partition(" ")
    namespace, slash, rest = name.rpartition("/")
    return kind, namespace if slash else "", rest


def mend(site: Site, sound: Sequence[Json], named: str) -> None:
    """Brings what is named to what contracts say of it: as they write it, or away."""
    ours = {place_of(dict(item)): dict(item) for item in sound}
    place = of_words(named)
    # Where a binding leads to cannot be changed.
    if place[0] != "ClusterRole":
        site.remove(*place)
    if place in ours:
        site.cluster.apply([ours[place]])


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_is_found_and_without_its_cause_the_server_answers_otherwise(site: Site, fault: Fault) -> None:
    sound = [cluster_role(name, persona) for name, persona in PERSONAS.items()]
    sound += [dict(each.object) for each in plan_namespaces(TEAMS, CLASSES, FLEET, SERVED).objects]
    for item in fault.takes:
        site.remove(*place_of(item))
    site.cluster.apply(fault.objects)
    if AGGREGATED in fault.objects:
        wait_until("the rules are added up", lambda: site.cluster.client.get(f"/apis/{RBAC}/v1/clusterroles/sum").get("rules"))
    site.settle()
    try:
        found = [each for each in site.findings() if each.result != "pass"]
        before = site.allowed(fault.question)
        named = {evidence.object for each in found for evidence in each.evidence}
        # Of a persona's own role that somebody widened each binding is named, and it is the role that is mended.
        causes = {f"ClusterRole {DATA_SCIENTIST}"} if fault.name == "role of the persona widened" else named
        for each in sorted(causes):
            mend(site, sound, each)
        site.settle()
        after = site.allowed(fault.question)
    finally:
        ours = {place_of(item) for item in sound}
        for item in (*fault.objects, *fault.takes):
            if place_of(item) not in ours:
                site.remove(*place_of(item))
        site.cluster.apply(item for item in sound if place_of(item) in {place_of(each) for each in (*fault.objects, *fault.takes)})
    assert {each.subject for each in found} == fault.subjects
    assert {each.result for each in found} == {"fail"}
    assert fault.named in named
    assert before is not after


def test_there_are_more_than_twenty_faults_and_no_two_alike() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) > 20


def test_group_without_members_is_found_and_a_member_mends_it(site: Site) -> None:
    def of_groups() -> dict[str, str]:
        with site.connection() as connection:
            snapshot = site.look(connection)
        plan = plan_namespaces(TEAMS, CLASSES, FLEET, SERVED)
        found = findings_of(Judged(TEAMS, plan, FLEET, snapshot, "2026-11-22"))
        return {each.subject: each.message for each in found if each.check.endswith("people.group") and each.result == "fail"}

    site.cluster.apply([people("a-people")])
    try:
        empty = of_groups()
    finally:
        site.cluster.apply([people("a-people", "anna", "ben")])
    assert empty == {"group a-people of team-a": "Group a-people has no members"}
    assert of_groups() == {}


def test_after_all_faults_the_cluster_is_as_contracts_say(site: Site) -> None:
    site.settle()
    assert alarms(site.findings()) == {}


# ---- dry runs --------------------------------------------------------------------------------------------------------


def test_tenants_are_tried_as_themselves_and_nothing_is_written(site: Site) -> None:
    mark = site.cluster.mark()
    found = site.tried()
    audit = site.cluster.audit(mark)
    tried = [call for call in audit.calls if call.dry_run]
    assert alarms(found) == {}
    assert {each.subject for each in found} == set(EVERYBODY)
    assert {call.user for call in tried} == {TENANT, "carl", "system:serviceaccount:team-c:runner"}
    assert sorted({call.status for call in tried}) == [201, 403]
    assert audit.writes == 0
    # Whatever is asked beside, the account asks as itself.
    assert {call.user for call in audit.calls if not call.dry_run} == {f"system:serviceaccount:{HOME}:{ASKER}"}


def test_what_is_let_through_is_told_with_the_binding_and_refused_without_it(site: Site) -> None:
    extra = bound_to("quotas", group("a-people"), "team-a", rule("core", "resourcequotas", "create"))
    site.cluster.apply(extra)
    site.settle()
    try:
        found = alarms(site.tried())
    finally:
        for item in extra:
            site.remove(*place_of(item))
        site.settle()
    assert set(found) == {A}
    assert "by RoleBinding team-a/quotas (ClusterRole quotas)" in found[A]
    assert alarms(site.tried()) == {}


def test_quota_that_is_used_up_stops_what_the_persona_may_make(site: Site) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "full", "namespace": "team-a"},
        "spec": {"hard": {"count/configmaps": "0"}},
    }
    path = "/api/v1/namespaces/team-a/resourcequotas/full"
    site.cluster.apply([quota])
    wait_until("it counts", lambda: (site.cluster.client.get(path).get("status") or {}).get("hard"))
    try:
        found = alarms(site.tried())
    finally:
        site.cluster.request("DELETE", path)
    assert set(found) == {A}
    assert "a ConfigMap in team-a that it may make is not admitted" in found[A]
    assert "exceeded quota: full" in found[A]


def test_account_that_may_not_impersonate_is_told_the_right_and_one_that_may_be_some_tries_as_these(site: Site) -> None:
    names = ("a-people", "b-people", "b-engineers", "carl", TENANT)
    some = role("impersonate", rule("core", "users groups", "impersonate", *names))
    site.cluster.apply([some])
    site.settle()
    try:
        partly = site.tried()
        site.remove("ClusterRoleBinding", "", "impersonate")
        site.settle()
        mark = site.cluster.mark()
        none = site.tried()
        refused = [call for call in site.cluster.audit(mark).calls if call.dry_run]
    finally:
        site.cluster.apply([role("impersonate", *IMPERSONATE), binding("impersonate", "impersonate", account(HOME, ASKER))])
        site.settle()
    assert {each.subject for each in partly if each.result == "pass"} == {A, B, E, C}
    (open_one,) = (each for each in partly if each.result != "pass")
    assert (open_one.subject, open_one.result) == ("dry runs as tenants of team-c", "not_evaluated")
    assert open_one.message == "the account may not impersonate serviceaccounts runner"
    assert {each.result for each in none} == {"not_evaluated"}
    assert {"verb impersonate" in each.remedy for each in none} == {True}
    # Of each that it may not be it asks once, or a few times where several are asked at a time.
    assert len(refused) < 20


# ---- random tuples ---------------------------------------------------------------------------------------------------

VERBS = ("get", "list", "create", "delete", "impersonate")
SPACES = ("team-a", "team-b", "team-c")
WHATS: Mapping[str, Sequence[str]] = {
    "": ("pods", "secrets", "configmaps", "nodes", "serviceaccounts"),
    "batch": ("jobs",),
    RBAC: ("rolebindings",),
    "kueue.x-k8s.io": ("clusterqueues", "localqueues"),
}
WHOS = (ANNAS, BENS, OF_B, OF_E, CARL, RUNNER, Who("zoe", IN), Who("", ("visitors",)))
SUBJECTS = (group("a-people"), group("b-people"), user("carl"), user("anna"), account("team-c", "runner"), group("visitors"))


def random_rule(draw: random.Random) -> Json:
    groups = draw.choice(["core", "batch", "core batch", RBAC, "kueue.x-k8s.io", "*"])
    resources = draw.choice(
        ["pods", "pods/exec", "*/exec", "secrets", "*", "localqueues", "pods secrets jobs", "pods/*", "configmaps nodes"]
    )
    return rule(groups, resources, draw.choice(["get", "get list", "*", "create delete"]), *draw.choice([(), (), ("one",)]))


def random_objects(draw: random.Random) -> list[Json]:
    found: list[Json] = []
    for number in range(40):
        namespace = draw.choice(["", *SPACES, *SPACES])
        local = bool(namespace) and draw.random() < 0.4
        found.append(role(f"r{number}", random_rule(draw), namespace=namespace if local else ""))
        whom = draw.sample(SUBJECTS, draw.randint(1, 2))
        found.append(binding(f"r{number}", f"r{number}", *whom, namespace=namespace, local=local))
    return found


def test_ten_thousand_random_tuples_are_answered_as_the_collection_reads_them(site: Site) -> None:
    draw = random.Random(8)
    objects = random_objects(draw)
    asked: dict[Question, None] = {}
    while len(asked) < 10_000:
        kind = draw.choice(sorted(WHATS))
        act = Act(
            draw.choice(VERBS), kind, draw.choice(WHATS[kind]), draw.choice(["", "", "exec", "log"]), draw.choice(["", "", "one", "two"])
        )
        asked[Question(draw.choice(WHOS), act, draw.choice(["", *SPACES]))] = None
    site.cluster.apply(objects)
    site.settle()
    try:
        with site.connection() as connection:
            grants = Grants(site.look(connection))
            began = time.monotonic()
            answers = ask_access(connection, list(asked)).by_question
            seconds = time.monotonic() - began
    finally:
        for item in objects:
            site.remove(*place_of(item))
    ours = {question: bool(allowing(grants.of(question.who), question)) for question in asked}
    differing = [question for question, allowed in ours.items() if answers[question].allowed is not allowed]
    print(f"{len(ours)} tuples, {sum(ours.values())} allowed, {len(differing)} differ, {seconds:.1f} s")
    assert differing == []
    assert 500 < sum(ours.values()) < len(ours) - 500
