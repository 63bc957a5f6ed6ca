# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OperatorGroup of an operator: derived from its install modes, and held against the groups that are there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.groups import (
    group_for,
    group_of,
    judged_groups,
    mode_of,
    targets_of,
    unsupported,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.model import GroupSpec, Refusal

from .builders import NS, checked, group, item, operator
from .packages import ROWS, Row

SHIPPED = Path(__file__).parents[4] / "plugins/plugin_utils/platform_catalogue/operators.yml"


@pytest.fixture(scope="module")
def shipped() -> dict[str, dict[str, object]]:
    """The operators of the shipped catalogue."""
    return dict(yaml.safe_load(SHIPPED.read_text())["operators"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_operator_gets_the_group_of_its_install_modes(row: Row, shipped: dict[str, dict[str, object]]) -> None:
    facts = shipped[row.name]
    assert (facts["package"], facts["namespace"]) == (row.package, row.namespace)
    spec = group_for(row.modes, "auto", row.namespace, str(facts["suggested_scope"]))
    assert isinstance(spec, GroupSpec)
    assert spec.spec == ({"targetNamespaces": [row.namespace]} if row.own else {})


def test_there_are_seventeen_operators() -> None:
    assert len({row.package for row in ROWS}) == 17


@pytest.mark.parametrize(
    ("modes", "scope", "suggested", "expected"),
    [
        (("AllNamespaces", "OwnNamespace"), "auto", "own", ("OwnNamespace", (NS,))),
        (("AllNamespaces", "OwnNamespace"), "auto", "all", ("AllNamespaces", None)),
        (("AllNamespaces", "OwnNamespace"), "auto", "", ("AllNamespaces", None)),
        (("AllNamespaces",), "auto", "own", ("AllNamespaces", None)),
        (("OwnNamespace",), "auto", "all", ("OwnNamespace", (NS,))),
        (("AllNamespaces", "OwnNamespace"), "own", "all", ("OwnNamespace", (NS,))),
        (("AllNamespaces", "OwnNamespace"), "all", "own", ("AllNamespaces", None)),
        (("SingleNamespace",), ("other",), "", ("SingleNamespace", ("other",))),
        (("OwnNamespace",), (NS,), "", ("OwnNamespace", (NS,))),
        (("MultiNamespace",), ("b", "a", "a"), "", ("MultiNamespace", ("a", "b"))),
        (("MultiNamespace", "OwnNamespace"), (NS, "b"), "", ("MultiNamespace", (NS, "b"))),
    ],
)
def test_modes_and_scope_make_a_group(
    modes: tuple[str, ...], scope: str | tuple[str, ...], suggested: str, expected: tuple[str, object]
) -> None:
    spec = group_for(modes, scope, NS, suggested)
    assert isinstance(spec, GroupSpec)
    assert (spec.mode, spec.target_namespaces) == expected


@pytest.mark.parametrize(
    ("modes", "scope", "said"),
    [
        ((), "auto", "no install mode"),
        (("SingleNamespace",), "auto", "which namespaces it watches has to be said"),
        (("AllNamespaces",), "own", "needs install mode OwnNamespace; it supports AllNamespaces"),
        (("OwnNamespace",), "all", "needs install mode AllNamespaces"),
        (("OwnNamespace",), ("other",), "need install mode SingleNamespace"),
        (("MultiNamespace",), (NS, "b"), "need install mode OwnNamespace"),
        (("AllNamespaces",), (), "no namespace is targeted"),
        (None, "auto", "install modes are not known"),
    ],
)
def test_a_scope_that_is_not_supported_is_refused_with_what_is(
    modes: tuple[str, ...] | None, scope: str | tuple[str, ...], said: str
) -> None:
    refusal = group_for(modes, scope, NS)
    assert isinstance(refusal, Refusal)
    assert said in refusal.message
    assert refusal.remedy


def test_auto_takes_a_group_that_is_there_and_that_the_operator_supports() -> None:
    spec = group_of(("AllNamespaces", "OwnNamespace"), operator(suggested_scope="own"), [group("global-operators")])
    assert spec == GroupSpec("AllNamespaces")


def test_auto_does_not_take_a_group_that_the_operator_does_not_support() -> None:
    spec = group_of(("OwnNamespace",), operator(), [group("global-operators")])
    assert spec == GroupSpec("OwnNamespace", (NS,))


@pytest.mark.parametrize(
    ("existing", "word", "result", "refuses"),
    [
        ([], "group.none", "not_applicable", False),
        ([group("theirs")], "group.wrong", "pass", False),
        ([group("theirs", [NS])], "group.wrong", "fail", True),
        ([group("one"), group("two")], "group.second", "fail", True),
    ],
    ids=["none", "one that fits", "one that differs", "several"],
)
def test_groups_that_are_there_are_judged(existing: list[dict[str, object]], word: str, result: str, refuses: bool) -> None:
    found = checked(judged_groups(existing, GroupSpec("AllNamespaces"), operator()))
    assert (set(found), found[word].result, found[word].refuses) == ({word}, result, refuses)


def test_our_own_group_may_be_changed() -> None:
    assert judged_groups([group(NS, [NS])], GroupSpec("AllNamespaces"), operator(), ours=True) == []


def test_of_a_selector_the_status_tells_the_targets() -> None:
    by_selector = item(
        "operators.coreos.com/v1",
        "OperatorGroup",
        "g",
        NS,
        spec={"selector": {"matchLabels": {"a": "b"}}},
        status={"namespaces": ["y", "x"]},
    )
    assert targets_of(by_selector) == ("x", "y")


@pytest.mark.parametrize(
    ("targets", "mode"), [(("",), "AllNamespaces"), ((NS,), "OwnNamespace"), (("x",), "SingleNamespace"), (("x", NS), "MultiNamespace")]
)
def test_targets_come_to_a_mode(targets: tuple[str, ...], mode: str) -> None:
    assert mode_of(NS, targets) == mode
    assert unsupported((mode, "OwnNamespace"), NS, targets) == ""
