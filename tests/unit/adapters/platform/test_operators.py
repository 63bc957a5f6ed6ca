# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators at work: in which order they are begun, what is approved, and when one is given up, told by looks that follow one another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiFault
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.looking import Place
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.operators import Installed, Work, install
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.waiting import Patience
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import FAIL, IN_STEP, PASS, Finding, Tally, key_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.model import Operator
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import WantedObject
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named, PlatformSnapshot

from tests.unit.platform.olm.builders import catalog_source, condition, crd, csv, group, manifest, operator, plan, snapshot, subscription

PIN = "alpha-operator.v1.0.0"
USUAL = (group(), catalog_source(), manifest())
PENDING = (subscription(current=PIN, plan="install-1"), plan(csv(), crd()))
DONE = (subscription(PIN, plan="install-1"), plan(csv(), crd(), phase="Complete", approved=True), csv(), crd())
HOPELESS = (subscription(conditions=[condition("ResolutionFailed", "ConstraintsNotSatisfiable", "nobody has it")]),)


@dataclass
class Scene:
    """A cluster that shows one look after the other; the last one stays."""

    looks: Sequence[Sequence[Mapping[str, Any]]]
    refuses: int = 0
    now: float = 0.0
    seen: int = 0
    patched: list[str] = field(default_factory=list)
    written: list[list[str]] = field(default_factory=list)
    broken: frozenset[str] = frozenset()
    standing: frozenset[str] = frozenset()
    last: PlatformSnapshot = field(default_factory=lambda: snapshot(*USUAL))

    def look(self, places: Collection[Place], names: Iterable[Named] = ()) -> PlatformSnapshot:
        """The next look; a look by names alone is not one of its own."""
        if places:
            self.last = snapshot(*USUAL, *self.looks[min(self.seen, len(self.looks) - 1)])
            self.seen += 1
        return self.last

    def patch(self, path: str, body: Mapping[str, object], *, uid: str, resource_version: str = "") -> object:
        """Approves, or refuses to."""
        if self.refuses:
            raise ApiFault(self.refuses, "Conflict", "it has changed", {})
        assert body == {"spec": {"approved": True}}
        self.patched.append(uid)
        return {}

    def write(self, objects: Sequence[WantedObject]) -> Tally:
        """Writes objects, or refuses some."""
        self.written.append([str(wanted.object["metadata"]["name"]) for wanted in objects])
        keys = [key_of(wanted.object) for wanted in objects]
        return Tally(tuple(Finding(key, "", IN_STEP, FAIL if key.name in self.broken else PASS) for key in keys))

    def sleep(self, seconds: float) -> None:
        """Passes the time at once."""
        self.now += seconds

    def clock(self) -> float:
        """The time."""
        return self.now

    def install(self, *operators: Operator, minutes: float = 5.0) -> Installed:
        """Installs these; the scene is session and looker alike, and every operator has a Subscription."""
        objects = [_subscription(each) for each in operators]
        work = Work(operators, objects, {each.namespace: {each.pin} for each in operators}, self.standing, self.write)
        return install(work, self, self, Patience(minutes), clock=self.clock, sleep=self.sleep)


def _subscription(wanted: Operator) -> WantedObject:
    metadata = {"name": wanted.package, "namespace": wanted.namespace}
    item = {"apiVersion": "operators.coreos.com/v1alpha1", "kind": "Subscription", "metadata": metadata}
    return WantedObject(item, "operators", "operators", wanted.path, 40)


def alpha(**more: Any) -> Operator:
    return replace(operator(), path="operators.wanted[0]", **more)


def after(*needs: str, name: str = "beta") -> Operator:
    """An operator that needs others, of the same package, so that the scene shows it installed as soon as alpha is."""
    return replace(operator(), name=name, path=f"operators.wanted[{name}]", needs=needs)


def test_a_plan_is_approved_once_and_the_operator_is_waited_for_until_it_is_installed() -> None:
    scene = Scene([PENDING, PENDING, DONE])
    found = scene.install(alpha())
    assert found.findings == ()
    assert [step.uid for step in found.steps] == scene.patched == [PENDING[1]["metadata"]["uid"]]
    assert scene.now == 4


def test_an_operator_is_begun_when_all_that_it_needs_is_installed() -> None:
    scene = Scene([PENDING, PENDING, DONE, DONE])
    found = scene.install(alpha(), after("alpha"))
    assert (found.findings, found.untouched) == ((), frozenset())
    assert len(scene.written) == 2
    assert scene.seen == 4


def test_what_an_operator_that_is_stuck_holds_up_is_not_begun_and_says_so() -> None:
    scene = Scene([HOPELESS])
    found = scene.install(alpha(), after("alpha"), after("beta", name="gamma"))
    assert scene.written == [["alpha-operator"]]
    assert found.untouched == {"beta", "gamma"}
    said = {finding.subject: finding.message for finding in found.findings}
    assert "nobody has it" in said["operator alpha"]
    assert said["operator beta"] == "it was not begun: it needs alpha"
    assert said["operator gamma"] == "it was not begun: it needs beta"
    assert found.late == ("operator alpha",)


def test_an_operator_of_others_that_does_not_work_holds_up_what_needs_it() -> None:
    scene = Scene([DONE], standing=frozenset({"theirs"}))
    found = scene.install(alpha(), after("theirs"))
    assert (found.untouched, found.late) == ({"beta"}, ("operator theirs",))
    assert [finding.message for finding in found.findings] == ["it was not begun: it needs theirs"]


def test_what_is_stuck_is_given_up_once_it_has_stood_for_its_settle_time_and_not_at_the_deadline() -> None:
    scene = Scene([HOPELESS])
    found = scene.install(alpha(), minutes=60)
    assert scene.now == 8
    assert [finding.check for finding in found.findings] == ["platform.operators.resolution"]


def test_trouble_that_passes_before_its_settle_time_is_none() -> None:
    scene = Scene([HOPELESS, HOPELESS, PENDING, HOPELESS, HOPELESS, DONE])
    assert scene.install(alpha()).findings == ()


def test_at_the_deadline_it_is_told_where_the_operator_stands() -> None:
    scene = Scene([(subscription(),)])
    (finding,) = scene.install(alpha(), minutes=1).findings
    assert finding.check == "platform.operators.ready"
    assert finding.message == "it was not installed within 1 minutes: OLM has made no InstallPlan yet"
    assert scene.now == 60


def test_an_operator_whose_objects_are_refused_is_not_waited_for() -> None:
    scene = Scene([DONE], broken=frozenset({"alpha-operator"}))
    found = scene.install(alpha())
    assert (scene.seen, found.steps, found.late) == (0, (), ("operator alpha",))


@pytest.mark.parametrize("code", [404, 409, 422])
def test_a_plan_that_has_changed_meanwhile_is_left_to_the_next_look(code: int) -> None:
    scene = Scene([PENDING, DONE], refuses=code)
    found = scene.install(alpha())
    assert (found.findings, found.steps) == ((), ())


def test_an_approval_that_the_server_forbids_ends_the_call_with_its_words() -> None:
    with pytest.raises(ReadinessError, match="could not be approved: it has changed"):
        Scene([PENDING], refuses=403).install(alpha())
