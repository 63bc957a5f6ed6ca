# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Order of operators, the next OpenShift minor, and mirrors of images."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.minor import blocks, blocks_minor
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.mirrors import (
    covers,
    image_records,
    images_missing,
    mirror_findings,
    mirrors_of,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.model import Refusal
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.order import circle_finding, order_of, unmet_needs

from .builders import checked, csv, item, operator

DIGEST = "registry.example.com/team/image@sha256:" + "0" * 64
TAGGED = "registry.example.com/team/image:1.2"


# ---- order -----------------------------------------------------------------------------------------------------------


def named(name: str, *needs: str) -> Any:
    """An operator that needs others."""
    return operator(name=name, needs=needs)


def test_levels_hold_what_may_be_installed_at_one_time() -> None:
    operators = [
        named("rhoai", "kueue", "nfd"),
        named("kueue", "cert-manager"),
        named("nvidia", "nfd"),
        named("nfd"),
        named("cert-manager"),
    ]
    assert order_of(operators) == (("cert-manager", "nfd"), ("kueue", "nvidia"), ("rhoai",))


def test_needs_outside_the_document_do_not_count_for_the_order() -> None:
    assert order_of([named("nvidia", "nfd")]) == (("nvidia",),)


def test_a_circle_is_named_in_full_without_those_that_only_wait_for_it() -> None:
    refusal = order_of([named("a", "b"), named("b", "c"), named("c", "a"), named("d", "a"), named("e")])
    assert isinstance(refusal, Refusal)
    assert refusal.message.endswith("a needs b needs c needs a")
    assert circle_finding(refusal).refuses


def test_an_operator_that_needs_itself_is_a_circle() -> None:
    refusal = order_of([named("a", "a")])
    assert isinstance(refusal, Refusal)
    assert refusal.message.endswith("a needs a")


@pytest.mark.parametrize(("there", "result"), [(True, None), (False, "fail"), (None, "not_evaluated")])
def test_needs_that_the_document_does_not_have_are_looked_for_on_the_cluster(there: bool | None, result: str | None) -> None:
    found = unmet_needs([named("nvidia", "nfd")], {"nfd": there})
    assert [finding.result for finding in found] == ([result] if result else [])
    assert not any(finding.refuses for finding in found)


# ---- minor -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "next_minor", "expected"),
    [
        ("", "4.22", False),
        ("4.21", "4.22", True),
        ("4.22", "4.22", False),
        ("4.23", "4.22", False),
        ("4.9", "4.22", True),
        ("5.0", "4.22", False),
        ("rubbish", "4.22", True),
        ("4.22 and 4.23", "4.22", True),
        ("4.21", "", None),
        ("", "", False),
    ],
)
def test_an_operator_blocks_minors_beyond_the_last_that_it_allows(allowed: str, next_minor: str, expected: bool | None) -> None:
    assert blocks(allowed, next_minor) is expected


@pytest.mark.parametrize(
    ("given", "result"), [("4.21", "fail"), ('"4.21"', "fail"), ("4.22", "pass"), ("4.22.0", "pass"), ("4.22.5", "fail"), ("", "fail")]
)
def test_the_property_of_the_csv_is_read_with_and_without_quotes(given: str, result: str) -> None:
    finding = blocks_minor(csv(max_openshift=given), "4.22", "operator alpha")
    assert finding is not None
    assert finding.result == result


def test_a_csv_without_the_property_passes_and_a_copied_one_says_nothing() -> None:
    passed = blocks_minor(csv(), "4.22", "operator alpha")
    assert passed is not None
    assert passed.result == "pass"
    assert blocks_minor(csv(reason="Copied", max_openshift="4.1"), "4.22", "operator alpha") is None


def test_without_a_next_minor_it_is_not_evaluated() -> None:
    finding = blocks_minor(csv(max_openshift="4.21"), "", "operator alpha")
    assert finding is not None
    assert finding.result == "not_evaluated"


# ---- mirrors ---------------------------------------------------------------------------------------------------------


def digest_set(source: str, *mirrors: str, name: str = "set") -> dict[str, Any]:
    """An ImageDigestMirrorSet."""
    spec = {"imageDigestMirrors": [{"source": source, "mirrors": list(mirrors)}]}
    return item("config.openshift.io/v1", "ImageDigestMirrorSet", name, spec=spec)


def tag_set(source: str, *mirrors: str) -> dict[str, Any]:
    """An ImageTagMirrorSet."""
    return item(
        "config.openshift.io/v1", "ImageTagMirrorSet", "tags", spec={"imageTagMirrors": [{"source": source, "mirrors": list(mirrors)}]}
    )


@pytest.mark.parametrize(
    ("source", "image", "expected"),
    [
        ("registry.example.com", DIGEST, True),
        ("registry.example.com/team", DIGEST, True),
        ("registry.example.com/team/image", DIGEST, True),
        ("registry.example.com/tea", DIGEST, False),
        ("registry.example.com/team/image/deeper", DIGEST, False),
        ("registry.example", DIGEST, False),
        ("*.example.com", DIGEST, True),
        ("*.example.com", "example.com/team/image:1", False),
        ("registry.example.com", "registry.example.com:5000/image:1", True),
        ("", DIGEST, False),
    ],
)
def test_a_source_covers_whole_parts_of_a_reference(source: str, image: str, expected: bool) -> None:
    assert covers(source, image) is expected


def test_digest_sets_are_for_digests_and_tag_sets_for_tags() -> None:
    sets = [digest_set("registry.example.com", "mirror.local/d"), tag_set("registry.example.com", "mirror.local/t")]
    found = {each.image: each.mirror for each in mirrors_of([DIGEST, TAGGED], sets)}
    assert found == {DIGEST: f"mirror.local/d/team/image@sha256:{'0' * 64}", TAGGED: "mirror.local/t/team/image:1.2"}
    assert {each.mirrored for each in mirrors_of([DIGEST], sets[1:])} == {"no"}


def test_the_nearest_source_alone_counts() -> None:
    sets = [digest_set("registry.example.com", "mirror.local"), digest_set("registry.example.com/team", name="near")]
    assert [each.mirrored for each in mirrors_of([DIGEST], sets)] == ["no"]


def test_a_wildcard_replaces_the_host() -> None:
    (found,) = mirrors_of([DIGEST], [digest_set("*.example.com", "mirror.local/all")])
    assert found.mirror == f"mirror.local/all/team/image@sha256:{'0' * 64}"


def test_what_the_document_names_is_mirrored() -> None:
    assert [each.mirrored for each in mirrors_of([DIGEST, TAGGED], [], [TAGGED, "registry.example.com/team/*"])] == ["yes", "yes"]


def test_missing_mirrors_are_named_each() -> None:
    finding = checked(images_missing(operator(), [DIGEST, TAGGED], [digest_set("registry.example.com", "mirror.local")]))["mirror"]
    assert finding.result == "fail"
    assert TAGGED in finding.message
    assert [each.object for each in finding.evidence] == [TAGGED]


def test_unread_mirror_sets_and_unknown_images_are_never_a_pass() -> None:
    unread = checked(mirror_findings(operator(), (DIGEST,), mirrors_of([DIGEST], None), True))
    assert unread["mirror"].result == "not_evaluated"
    unknown = checked(mirror_findings(operator(), None, (), True))
    assert unknown["mirror.unknown"].result == "not_evaluated"
    assert mirror_findings(operator(), None, (), False) == []


def test_an_image_of_two_operators_is_one_record() -> None:
    found = mirrors_of([DIGEST], [])
    (record,) = image_records({"b": found, "a": found})
    assert (record["operator"], record["mirrored"], record["mirror"]) == ("a, b", "no", "")
