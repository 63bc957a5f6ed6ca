# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML of others: entries of ours come in and go out again, and every other byte stays."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.yaml_editing import PyYamlText
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.yaml_reading import MOST_CHARACTERS
from ansible_collections.groundwork.readiness.plugins.module_utils.common.yaml_text import Entry, Listed, Setting

TEXT = PyYamlText()
ENABLED = Setting(("enableUserWorkload",), True)
READS = Setting(("main", "reads"), True)
OPEN = Listed(("open",), "team-a")
RETENTION = Setting(("prometheus", "retention"), "15d")


def edited(text: str, *entries: Entry) -> str:
    """The text with these entries. A second edit changes nothing."""
    found = TEXT.with_entries(text, entries)
    assert (found.reason, found.remedy) == ("", "")
    assert TEXT.with_entries(found.text, entries).text == found.text
    return found.text


def taken_out(text: str, *entries: Entry) -> str:
    found = TEXT.without_entries(text, entries)
    assert (found.reason, found.remedy) == ("", "")
    assert TEXT.without_entries(found.text, entries).text == found.text
    return found.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "enableUserWorkload: true\n"),
        ("\n", "\nenableUserWorkload: true\n"),
        ("# ours alone\n", "# ours alone\nenableUserWorkload: true\n"),
        ("# no line end", "# no line end\nenableUserWorkload: true"),
        ("---\n# more\n", "---\nenableUserWorkload: true\n# more\n"),
        ("--- # first\n...\n", "--- # first\nenableUserWorkload: true\n...\n"),
        ("a: 1", "a: 1\nenableUserWorkload: true"),
        ("a: 1\r\n# x\r\n", "a: 1\r\nenableUserWorkload: true\r\n# x\r\n"),
        ("  a: 1\n", "  a: 1\n  enableUserWorkload: true\n"),
        ("a: 1\n...\n", "a: 1\nenableUserWorkload: true\n...\n"),
        ("a:\n- 1\n-\n", "a:\n- 1\n-\nenableUserWorkload: true\n"),
        ("a:\n  b: 1\n  # of b\n\n# the end\n", "a:\n  b: 1\n  # of b\nenableUserWorkload: true\n\n# the end\n"),
        ("a: |\n  x\n\nb: 1\n", "a: |\n  x\n\nb: 1\nenableUserWorkload: true\n"),
        ("a: |+\n  x\n\n", "a: |+\n  x\n\nenableUserWorkload: true\n"),
        ("a: >-\n  x\n  y", "a: >-\n  x\n  y\nenableUserWorkload: true"),
        ("# c\na: |\n  no line end", "# c\nenableUserWorkload: true\na: |\n  no line end"),
        ("a: &x {b: 1}\nc: *x # shared\n", "a: &x {b: 1}\nc: *x # shared\nenableUserWorkload: true\n"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n", "a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\nenableUserWorkload: true\n"),
        ("a: .nan\nb: 2026-01-02\n", "a: .nan\nb: 2026-01-02\nenableUserWorkload: true\n"),
    ],
)
def test_new_setting_comes_behind_the_last_one_and_goes_again(before: str, after: str) -> None:
    assert edited(before, ENABLED) == after
    assert taken_out(after, ENABLED) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("enableUserWorkload: false # not yet\n", "enableUserWorkload: true # not yet\n"),
        ('"enableUserWorkload": "true"\n', '"enableUserWorkload": true\n'),
        ("enableUserWorkload:\nb: 1\n", "enableUserWorkload: true\nb: 1\n"),
        ("enableUserWorkload: # soon\n", "enableUserWorkload: true # soon\n"),
        ("enableUserWorkload: ~ # soon\n", "enableUserWorkload: true # soon\n"),
        ("enableUserWorkload: |\n  no\nb: 1\n", "enableUserWorkload: true\nb: 1\n"),
        ("enableUserWorkload:\n  false\n", "enableUserWorkload:\n  true\n"),
        ("{enableUserWorkload: no}\n", "{enableUserWorkload: true}\n"),
        ("a: {b: 1}\nenableUserWorkload: !!str false\n", "a: {b: 1}\nenableUserWorkload: true\n"),
    ],
)
def test_value_that_says_something_else_is_changed_where_it_stands(before: str, after: str) -> None:
    assert edited(before, ENABLED) == after


@pytest.mark.parametrize(
    "text", ["enableUserWorkload: true\n", "enableUserWorkload: yes", "a: &x true\nenableUserWorkload: *x\n", '{"enableUserWorkload":true}']
)
def test_setting_that_is_there_already_changes_no_byte(text: str) -> None:
    assert edited(text, ENABLED) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("main:\n  logLevel: info # x\nz: 1\n", "main:\n  logLevel: info # x\n  reads: true\nz: 1\n"),
        ("? main\n: a: 1\n", "? main\n: a: 1\n  reads: true\n"),
        ("main:\n    a:\n    - 1\n", "main:\n    a:\n    - 1\n    reads: true\n"),
        ("a:\n    b: 1\n", "a:\n    b: 1\nmain:\n    reads: true\n"),
        ("main: {logLevel: info} # x\n", "main: {logLevel: info, reads: true} # x\n"),
        ("main: {a: {b: c}}\n", "main: {a: {b: c}, reads: true}\n"),
        ("main: { }\n", "main: {reads: true }\n"),
        ("main: {\n  a: 1, # one\n  b: 2 # two\n}\n", "main: {\n  a: 1, # one\n  b: 2, # two\n  reads: true\n}\n"),
        ("main: {\n  a: 1}\n", "main: {\n  a: 1,\n  reads: true}\n"),
        ("main: # none yet\n# z\n", "main: # none yet\n  reads: true\n# z\n"),
        ("main:\n  # logLevel: debug\nz: 1\n", "main:\n  reads: true\n  # logLevel: debug\nz: 1\n"),
    ],
)
def test_setting_joins_the_mapping_that_is_there(before: str, after: str) -> None:
    assert edited(before, READS) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("open: [x, y]\n", "open: [x, y, team-a]\n"),
        ("open: []\n", "open: [team-a]\n"),
        ("open: [x, ]\n", "open: [x, team-a ]\n"),
        ("open: [\n  x, # one\n  y # two\n]\n", "open: [\n  x, # one\n  y, # two\n  team-a\n]\n"),
        ("open:\n- x # one\n# z\nb: 1\n", "open:\n- x # one\n- team-a\n# z\nb: 1\n"),
        ("open:\n    - x\n    -\n", "open:\n    - x\n    -\n    - team-a\n"),
        ("open:\n  - - x\n", "open:\n  - - x\n  - team-a\n"),
        ("open:\n  -\n    k:\n    - x\n", "open:\n  -\n    k:\n    - x\n  - team-a\n"),
        ("open:\n", "open:\n  - team-a\n"),
        ("open: null # c\n", "open: [team-a] # c\n"),
        ("{open: }\n", '{open: ["team-a"] }\n'),
        ("{open}\n", '{open: ["team-a"]}\n'),
        ("a: 1\n", "a: 1\nopen:\n  - team-a\n"),
    ],
)
def test_text_joins_the_list_that_is_there(before: str, after: str) -> None:
    assert edited(before, OPEN) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a": 1}', '{"a": 1, "prometheus": {"retention": "15d"}, "open": ["team-a"]}'),
        ("{}\n", '{"prometheus": {"retention": "15d"}, "open": ["team-a"]}\n'),
        (
            '{\n  "prometheus": {\n    "retention": "24h"\n  },\n  "open": [\n    "x"\n  ]\n}\n',
            '{\n  "prometheus": {\n    "retention": "15d"\n  },\n  "open": [\n    "x",\n    "team-a"\n  ]\n}\n',
        ),
    ],
)
def test_json_stays_json(before: str, after: str) -> None:
    found = edited(before, RETENTION, OPEN)
    assert found == after
    json.loads(found)


QUOTED = ["1e3", "yes", "y", "0x1F", "1:30", "null", "~", "é", '"', "\\", "-", "1.5", "2026-01-02", "", " x", "a: b", "a #b", "\t"]


@pytest.mark.parametrize("value", ["15d", "text", *QUOTED])
def test_text_is_quoted_where_it_would_be_taken_for_something_else(value: str) -> None:
    for text in ("a: 1\n", "{a: 1}", "a: {b: 1}\n"):
        assert yaml.safe_load(edited(text, Setting(("a2",), value), Listed(("c", "d"), value)))["a2"] == value


def test_mapping_is_set_entry_by_entry() -> None:
    entry = Setting(("prometheus",), {"retention": "15d", "resources": {"requests": {"cpu": "200m"}}})
    assert edited("prometheus:\n  resources:\n    limits: {cpu: 1}\n", entry) == (
        "prometheus:\n  resources:\n    limits: {cpu: 1}\n    requests:\n      cpu: 200m\n  retention: 15d\n"
    )
    assert edited("", Setting(("prometheus",), {})) == "prometheus: {}\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\nb: 2\na: 3\n", 'line 3: the key "a" stands there twice'),
        ("a: {b: 1, 'b': 2}\n", 'line 1: the key "b" stands there twice'),
        ("- a\n", "line 1: its top is a list, and has to be a mapping"),
        ("text\n", "line 1: its top is a single value, and has to be a mapping"),
        ("null\n", "line 1: its top is null, and has to be a mapping"),
        ("a: 1\n---\nb: 2\n", "line 2: expected a single document in the stream but found another document"),
        ("a: b: c\n", "line 1: mapping values are not allowed here"),
        ("a: !secret x\n", "line 1: could not determine a constructor for the tag '!secret'"),
        ("a: *gone\n", "line 1: found undefined alias 'gone'"),
        ("a: &x [*x]\n", "line 1: an anchor holds an alias of itself"),
        ("a: 2026-13-45\n", "a value in it is none of the type that it looks like, such as a date with a thirteenth month"),
        ("a: \x00\n", "character 3: special characters are not allowed"),
        ("a: [" * 1500, "it is nested too deep"),
        ("main: on\n", "line 1: main is a single value, and has to be a mapping"),
        ("a: 1\nmain: [1]\n", "line 2: main is a list, and has to be a mapping"),
        ("enableUserWorkload: {a: 1}\n", "line 1: enableUserWorkload is a mapping, and has to be a single value"),
        ("open: team-a\n", "line 1: open is a single value, and has to be a list"),
        ("open: {a: 1}\n", "line 1: open is a mapping, and has to be a list"),
        ("x" * (MOST_CHARACTERS + 1), f"it has {MOST_CHARACTERS + 1} characters, and no more than {MOST_CHARACTERS} are read"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_text_that_cannot_be_edited_is_refused_with_the_place_and_stays(text: str, reason: str) -> None:
    found = TEXT.with_entries(text, [ENABLED, READS, OPEN])
    assert found.reason == reason
    assert found.text == text
    assert found.remedy == ("write these settings by hand: enableUserWorkload: true; main.reads: true; open has team-a")


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {b: 1}\nmain: *x\n",
        "a: &x\n  b: 1\nmain: *x\n",
        "a: &x {main: {b: 1}}\n<<: *x\n",
        "a: &x false\nmain: {reads: *x}\n",
        "main: &x {b: 1}\nz: *x\n",
        "a: &x\nmain: *x\n",
    ],
)
def test_edit_that_would_change_something_else_is_refused(text: str) -> None:
    found = TEXT.with_entries(text, [READS])
    assert found.reason.startswith("main.reads cannot be edited without changing something else")
    assert found.text == text


def test_aliases_that_stand_for_billions_are_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}]" for number in range(1, 60))]
    found = TEXT.read("\n".join(lines))
    assert found.reason.endswith("with its aliases written out it has more than 100000 values")


def test_text_is_read_as_data_and_one_of_comments_as_none() -> None:
    assert TEXT.read("a: &x {b: [1, yes]}\nc: *x\n").data == {"a": {"b": [1, True]}, "c": {"b": [1, True]}}
    assert TEXT.read("# nothing\n") == TEXT.read("") == TEXT.read("---\n")
    assert TEXT.read("").data == {}
    assert TEXT.read("a: 1\na: 2\n").reason == 'line 2: the key "a" stands there twice'


@pytest.mark.parametrize(
    ("before", "entry", "after"),
    [
        ("enableUserWorkload: false # why\na: 1\n", ENABLED, "a: 1\n"),
        ("# c\nenableUserWorkload: true\n", ENABLED, "# c\n"),
        ("{enableUserWorkload: true}", ENABLED, "{}"),
        ("{a: 1, enableUserWorkload: true, b: 2}", ENABLED, "{a: 1, b: 2}"),
        ("{ enableUserWorkload: true, b: 2 }", ENABLED, "{ b: 2 }"),
        ('{\n  "a": 1, # x\n  "enableUserWorkload": true\n}\n', ENABLED, '{\n  "a": 1 # x\n}\n'),
        ('{\n  "enableUserWorkload": true, # x\n  "a": 1\n}\n', ENABLED, '{\n  "a": 1\n}\n'),
        ("{a: 1, # x\n enableUserWorkload: true}\n", ENABLED, "{a: 1 # x\n}\n"),
        ("enableUserWorkload: |\n  x\n\na: 1\n", ENABLED, "a: 1\n"),
        ("main:\n  # why\n  reads: true\nz: 1\n", READS, "  # why\nz: 1\n"),
        ("main: # why\n  reads: true\nz: 1\n", READS, "main: # why\nz: 1\n"),
        ("main:\n  reads: true\n  # z\n  a: 1\n", READS, "main:\n  # z\n  a: 1\n"),
        ("open: [x, team-a]\n", OPEN, "open: [x]\n"),
        ("open: [team-a, x]\n", OPEN, "open: [x]\n"),
        ("open: [team-a, x, team-a]\n", OPEN, "open: [x]\n"),
        ("open:\n- 'team-a' # ours\n- x\n", OPEN, "open:\n- x\n"),
        ("a: 1\nopen:\n  - team-a\n", OPEN, "a: 1\n"),
        ("a: 1\nopen: # ours\n  - team-a", OPEN, "a: 1\nopen: # ours"),
        ("open: team-a\n", OPEN, "open: team-a\n"),
        ("a: 1\n", OPEN, "a: 1\n"),
        ("prometheus:\n  retention: 15d\n  resources: {}\n", RETENTION, "prometheus:\n  resources: {}\n"),
        ("prometheus:\n  retention:\n", RETENTION, ""),
        ("prometheus: &x {retention: 15d}\na: 1\n", RETENTION, "prometheus: &x {}\na: 1\n"),
    ],
)
def test_entry_goes_with_its_line_and_the_rest_stays(before: str, entry: Entry, after: str) -> None:
    assert taken_out(before, entry) == after


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("a: &x {b: 1}\nprometheus: &y {retention: 15d}\nc: *y\n", RETENTION),
        ("a: &x {retention: 15d}\nprometheus:\n  <<: *x\n", RETENTION),
        ("open: &x [team-a]\nb: *x\n", OPEN),
        ("a: &x team-a\nopen: [*x]\n", OPEN),
        ("? prometheus\n: retention: 15d\n", RETENTION),
    ],
)
def test_removal_that_would_change_something_else_is_refused(text: str, entry: Entry) -> None:
    found = TEXT.without_entries(text, [entry])
    assert found.reason
    assert found.text == text
    assert found.remedy == f"take these settings out by hand: {entry.name}"


def test_one_entry_that_is_refused_refuses_all() -> None:
    text = "a: 1\nopen: {b: 1}\n"
    assert TEXT.with_entries(text, [ENABLED, OPEN]).text == text
    mixed = "enableUserWorkload: true\nb: &x [team-a]\nopen: *x\n"
    assert TEXT.without_entries(mixed, [ENABLED, OPEN]).text == mixed
