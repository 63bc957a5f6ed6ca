# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Semantic versions and ranges as OLM reads them."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.versions import in_range, minor_of, version_of


def test_versions_are_ordered_as_semver_orders_them() -> None:
    texts = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.10.0",
        "2.0.0",
    ]
    found = [version_of(text) for text in texts]
    assert None not in found
    assert sorted(found, key=lambda each: each or (0, 0, 0, ())) == found


def test_build_metadata_does_not_count() -> None:
    assert version_of("1.2.3+a") == version_of("1.2.3+b")


@pytest.mark.parametrize("text", ["", "1", "1.2", "v1.2.3", "1.2.x", "01.2.3", "a.b.c"])
def test_what_is_no_full_version_is_none(text: str) -> None:
    assert version_of(text) is None


@pytest.mark.parametrize(
    ("text", "version", "expected"),
    [
        (">=1.0.0 <1.2.0", "1.0.0", True),
        (">=1.0.0 <1.2.0", "1.2.0", False),
        (">=1.0.0 <1.2.0", "1.2.0-rc.1", True),
        (">= 1.0.0 < 1.2.0", "1.1.9", True),
        ("<1.0.0 || >=2.0.0", "1.5.0", False),
        ("<1.0.0 || >=2.0.0 !2.1.0", "2.1.0", False),
        ("<1.0.0 || >=2.0.0", "2.0.0", True),
        ("1.2.x", "1.2.9", True),
        ("1.2.x", "1.3.0", False),
        ("1.x", "1.99.0", True),
        (">1.x", "2.0.0", True),
        ("<=1.2.x", "1.2.9", True),
        ("<1.2.x", "1.2.0", False),
        ("!1.x", "3.0.0", False),
        ("1.2.3", "1.2.3", True),
        ("=1.2.3", "1.2.4", False),
        ("rubbish", "1.0.0", None),
        ("~1.2.3", "1.2.3", None),
        (">=1.0.0 ||", "1.0.0", None),
        ("", "1.0.0", None),
    ],
)
def test_a_range_holds_a_version_or_not(text: str, version: str, expected: bool | None) -> None:
    number = version_of(version)
    assert number is not None
    assert in_range(text, number) is expected


@pytest.mark.parametrize(("text", "expected"), [("4.21", (4, 21)), ("v4.9.3", (4, 9)), ("4", None), ("", None), ("four.one", None)])
def test_minors_are_read_from_short_and_full_versions(text: str, expected: tuple[int, int] | None) -> None:
    assert minor_of(text) == expected
