# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User-workload monitoring in its two ConfigMaps: what is written, what stays with others, and what is seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.yaml_editing import PyYamlText
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import Merge, Merged, annotation_for, merge_patch, standing
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import Monitoring, UserWorkloadWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.config_maps import (
    CLUSTER_CONFIG,
    CONFIG_KEY,
    USER_WORKLOAD_CONFIG,
    WHAT,
    ConfigSeen,
    cluster_change,
    seen_of,
    text_of,
    user_workload_change,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import MONITORING_NAMESPACE
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named, NamedRead

Json = dict[str, Any]
YAML = PyYamlText()
OURS = f"namespacesWithoutLabelEnforcement[{MONITORING_NAMESPACE}]"
READS = "alertmanagerMain.enableUserAlertmanagerConfig"


def wanted(**settings: Any) -> Monitoring:
    return Monitoring(user_workload=UserWorkloadWanted(**settings))


def live(ref: Named, text: str | None, marks: Mapping[str, str] | None = None, **more: Any) -> Json:
    metadata: Json = {"name": ref.name, "namespace": ref.namespace, "uid": "u1"}
    if marks:
        metadata["annotations"] = {annotation_for(WHAT): json.dumps(marks)}
    data = {} if text is None else {"data": {CONFIG_KEY: text}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **data, **more}


def cluster(text: str | None, marks: Mapping[str, str] | None = None, **more: Any) -> Json:
    return live(CLUSTER_CONFIG, text, marks, **more)


def own(text: str | None, marks: Mapping[str, str] | None = None, **more: Any) -> Json:
    return live(USER_WORKLOAD_CONFIG, text, marks, **more)


def written(merge: Merge, item: Json | None) -> Json:
    """The ConfigMap after the merge, which a second one leaves as it is."""
    merged = merge.change.of(item)
    assert merged.refused == ""
    assert merged.object is not None
    again = merge.change.of(merged.object)
    assert (again.object, again.refused) == (None, "")
    return dict(merged.object)


def told(merged: Merged) -> dict[str, tuple[str, str, str]]:
    return {entry.name: (entry.state, entry.result, entry.action) for entry in merged.entries}


def marks_in(item: Mapping[str, Any]) -> dict[str, str]:
    return json.loads(item["metadata"].get("annotations", {}).get(annotation_for(WHAT), "{}"))


def test_config_maps_that_are_absent_are_created_with_our_settings_alone() -> None:
    change = cluster_change(wanted(), YAML, False)
    found = written(change, None)
    assert text_of(found) == "enableUserWorkload: true\nalertmanagerMain:\n  enableUserAlertmanagerConfig: true\n"
    assert (found["metadata"]["name"], found["metadata"]["namespace"]) == ("cluster-monitoring-config", "openshift-monitoring")
    assert told(change.change.of(None)) == {"enableUserWorkload": ("missing", "pass", "create"), READS: ("missing", "pass", "create")}
    assert standing(change, None, change.change.of(None)).action == "create"
    other = written(user_workload_change(wanted(alertmanager="user_workload", retention="15d"), YAML, False), None)
    assert text_of(other) == (
        f"namespacesWithoutLabelEnforcement:\n  - {MONITORING_NAMESPACE}\n"
        "alertmanager:\n  enabled: true\n  enableAlertmanagerConfig: true\nprometheus:\n  retention: 15d\n"
    )
    assert other["metadata"]["namespace"] == "openshift-user-workload-monitoring"


def test_merge_says_whose_part_it_is_and_comes_with_what_is_cluster_wide() -> None:
    for merge, ref in (
        (cluster_change(wanted(), YAML, False), CLUSTER_CONFIG),
        (user_workload_change(wanted(), YAML, True), USER_WORKLOAD_CONFIG),
    ):
        assert (merge.ref, merge.part, merge.layer, merge.path, merge.rank) == (
            ref,
            "monitoring",
            "monitoring",
            "monitoring.user_workload",
            50,
        )


@pytest.mark.parametrize(
    ("settings", "of_cluster", "of_workload"),
    [
        ({}, {"enableUserWorkload", READS}, {OURS}),
        ({"alertmanager": "as_it_is"}, {"enableUserWorkload"}, {OURS}),
        (
            {"alertmanager": "user_workload"},
            {"enableUserWorkload"},
            {OURS, "alertmanager.enabled", "alertmanager.enableAlertmanagerConfig"},
        ),
        ({"alertmanager": "as_it_is", "retention": "7d"}, {"enableUserWorkload"}, {OURS, "prometheus.retention"}),
        ({"enabled": False, "retention": "7d"}, set(), set()),
    ],
)
def test_document_says_which_settings_are_wanted(settings: Json, of_cluster: set[str], of_workload: set[str]) -> None:
    assert set(told(cluster_change(wanted(**settings), YAML, False).change.of(None))) == of_cluster
    assert set(told(user_workload_change(wanted(**settings), YAML, False).change.of(None))) == of_workload


def test_settings_of_others_stay_byte_for_byte_and_only_what_differs_is_sent() -> None:
    text = '# agreed with operations\nprometheusK8s:\n    retention: "24h" # short\n    tolerations: [{key: infra}]\n'
    before = cluster(text, binaryData={"x": "eA=="})
    after = written(cluster_change(wanted(), YAML, False), before)
    assert text_of(after) == f"{text}enableUserWorkload: true\nalertmanagerMain:\n    enableUserAlertmanagerConfig: true\n"
    patch = merge_patch(before, after)
    assert patch.keys() == {"data", "metadata"}
    assert patch["data"] == {CONFIG_KEY: text_of(after)}
    assert patch["metadata"].keys() == {"annotations"}


def test_value_of_others_that_contradicts_is_changed_and_told_and_counts_as_adopted() -> None:
    text = "enableUserWorkload: false # not yet\nalertmanagerMain: {logLevel: info}\n"
    change = cluster_change(wanted(), YAML, False)
    merged = change.change.of(cluster(text))
    after = written(change, cluster(text))
    assert text_of(after) == "enableUserWorkload: true # not yet\nalertmanagerMain: {logLevel: info, enableUserAlertmanagerConfig: true}\n"
    assert told(merged) == {"enableUserWorkload": ("changed", "pass", "update"), READS: ("missing", "pass", "create")}
    assert merged.entries[0].message == "it was false; it is looked after from here from now on"
    assert {name: mark.startswith("adopted:") for name, mark in marks_in(after).items()} == {"enableUserWorkload": True, READS: False}


def test_setting_that_is_there_already_is_adopted_and_only_the_annotation_is_written() -> None:
    text = "enableUserWorkload: yes\nalertmanagerMain: {enableUserAlertmanagerConfig: true}\n"
    merged = cluster_change(wanted(), YAML, False).change.of(cluster(text))
    assert told(merged) == {"enableUserWorkload": ("in_step", "pass", "none"), READS: ("in_step", "pass", "none")}
    assert merged.object is not None
    assert merge_patch(cluster(text), merged.object).keys() == {"metadata"}
    assert all(mark.startswith("adopted:") for mark in marks_in(merged.object).values())


def test_what_others_did_to_our_settings_since_is_told() -> None:
    change = user_workload_change(wanted(alertmanager="as_it_is", retention="15d"), YAML, False)
    first = written(change, None)
    changed = {**first, "data": {CONFIG_KEY: "prometheus:\n  retention: 30d\n"}}
    merged = change.change.of(changed)
    assert told(merged) == {OURS: ("missing", "pass", "create"), "prometheus.retention": ("changed", "pass", "update")}
    assert [entry.message for entry in merged.entries] == [
        "it was taken out since it was written",
        'it was "30d"; somebody changed it since it was written',
    ]
    later = user_workload_change(wanted(alertmanager="as_it_is", retention="7d"), YAML, False).change.of(first)
    assert [entry.message for entry in later.entries] == ["", 'it was "15d"']


def test_config_that_is_no_yaml_is_refused_with_its_place_and_nothing_is_written() -> None:
    for text, place in (("a: 1\nb: c: d\n", "line 2"), ("a: 1\na: 2\n", "line 2"), ("- a\n", "line 1"), ("a: 1\n---\nb: 1\n", "line 2")):
        merged = cluster_change(wanted(), YAML, False).change.of(cluster(text))
        assert merged.object is None
        assert merged.refused.startswith(f"config.yaml cannot be read: {place}: ")
        assert merged.remedy == f"mend it, and then write: enableUserWorkload: true; {READS}: true"


def test_text_that_cannot_be_edited_refuses_all_settings() -> None:
    change = cluster_change(wanted(), YAML, False)
    merged = change.change.of(cluster("x: &x {logLevel: info}\nalertmanagerMain: *x\n"))
    assert merged.object is None
    assert merged.refused.startswith(f"config.yaml: {READS} cannot be edited without changing something else")
    assert merged.remedy == f"write these settings by hand: enableUserWorkload: true; {READS}: true"
    assert {(entry.result, entry.action) for entry in merged.entries} == {("fail", "none")}
    found = standing(change, cluster(""), merged)
    assert (found.result, found.action, found.remedy) == ("fail", "none", merged.remedy)


def test_immutable_config_map_is_refused_unless_it_says_already_what_is_wanted() -> None:
    change = cluster_change(wanted(alertmanager="as_it_is"), YAML, False).change
    refused = change.of(cluster("a: 1\n", immutable=True))
    assert refused.object is None
    assert refused.refused == "it is immutable, and lacks what is wanted"
    assert refused.remedy == "replace it by a ConfigMap that is not immutable"
    adopted = change.of(cluster("enableUserWorkload: true\n", immutable=True))
    assert adopted.refused == ""
    assert adopted.object is not None


def test_settings_under_binary_data_are_refused() -> None:
    merged = cluster_change(wanted(), YAML, False).change.of(cluster(None, binaryData={CONFIG_KEY: "eA=="}))
    assert merged.refused == "config.yaml stands under binaryData"


def test_config_map_of_others_is_left_alone_where_nothing_is_wanted_and_nothing_is_ours() -> None:
    for item in (None, cluster("enableUserWorkload: true\n"), cluster("a: [\n"), cluster(None)):
        for prune in (False, True):
            assert cluster_change(wanted(enabled=False), YAML, prune).change.of(item) == Merged(None)


def test_switched_off_without_prune_leaves_our_settings_and_tells_them() -> None:
    first = written(cluster_change(wanted(), YAML, False), cluster("prometheusK8s: {}\n"))
    merged = cluster_change(wanted(enabled=False), YAML, False).change.of(first)
    assert merged.object is None
    assert told(merged) == dict.fromkeys(("enableUserWorkload", READS), ("orphaned", "not_applicable", "none"))
    assert {entry.remedy for entry in merged.entries} == {"have it removed with prune"}


def test_prune_takes_out_what_we_added_and_gives_the_text_of_before() -> None:
    text = "# c\nprometheusK8s: {} # x\n"
    first = written(cluster_change(wanted(), YAML, False), cluster(text))
    merged = cluster_change(wanted(enabled=False), YAML, True).change.of(first)
    assert told(merged) == dict.fromkeys(("enableUserWorkload", READS), ("orphaned", "pass", "delete"))
    assert merged.object == cluster(text)
    assert cluster_change(wanted(enabled=False), YAML, True).change.of(merged.object) == Merged(None)


def test_prune_never_takes_out_what_was_there_before_us_or_what_somebody_made_another() -> None:
    text = f"namespacesWithoutLabelEnforcement: [{MONITORING_NAMESPACE}]\n"
    first = written(user_workload_change(wanted(alertmanager="as_it_is", retention="15d"), YAML, False), own(text))
    changed = {**first, "data": {CONFIG_KEY: text_of(first).replace("15d", "30d")}}
    merged = user_workload_change(wanted(enabled=False), YAML, True).change.of(changed)
    assert merged.object == own(text_of(changed))
    assert told(merged) == dict.fromkeys((OURS, "prometheus.retention"), ("orphaned", "pass", "update"))
    assert [entry.message for entry in merged.entries] == [
        "it was there before this collection came: it stays, and is looked after from here no more",
        'somebody made it "30d" since it was written: it stays, and is looked after from here no more',
    ]


def test_setting_of_ours_that_is_gone_already_loses_its_mark() -> None:
    first = written(cluster_change(wanted(), YAML, False), None)
    merged = cluster_change(wanted(enabled=False), YAML, False).change.of({**first, "data": {CONFIG_KEY: "a: 1\n"}})
    assert merged.entries == ()
    assert merged.object is not None
    assert marks_in(merged.object) == {}
    assert text_of(merged.object) == "a: 1\n"


def test_annotation_cannot_have_settings_taken_out_that_we_never_write() -> None:
    item = cluster("prometheusK8s: {retention: 15d}\n", {"prometheusK8s.retention": "0" * 64})
    merged = cluster_change(wanted(enabled=False), YAML, True).change.of(item)
    assert merged.object is None
    assert told(merged) == {"prometheusK8s.retention": ("orphaned", "not_applicable", "none")}


def test_change_of_mode_takes_our_former_settings_out_with_prune() -> None:
    first = written(user_workload_change(wanted(alertmanager="user_workload"), YAML, False), own("# c\n"))
    after = written(user_workload_change(wanted(), YAML, True), first)
    assert text_of(after) == f"# c\nnamespacesWithoutLabelEnforcement:\n  - {MONITORING_NAMESPACE}\n"
    kept = user_workload_change(wanted(), YAML, False).change.of(first)
    entries = {entry.name: entry for entry in kept.entries}
    assert (entries["alertmanager.enabled"].result, entries["alertmanager.enabled"].action) == ("fail", "none")
    assert entries["alertmanager.enabled"].remedy.startswith("have it removed with prune; or have monitoring.user_workload.alertmanager")
    assert entries["alertmanager.enableAlertmanagerConfig"].result == "not_applicable"


@pytest.mark.parametrize(
    ("text", "settings", "name"),
    [
        ("userWorkload: {rulesWithoutLabelEnforcementAllowed: false}\n", {}, "userWorkload.rulesWithoutLabelEnforcementAllowed"),
        ("userWorkload: {rulesWithoutLabelEnforcementAllowed: true}\n", {}, ""),
        ("alertmanagerMain: {enabled: false}\n", {}, "alertmanagerMain.enabled"),
        ("alertmanagerMain: {enabled: false}\n", {"alertmanager": "user_workload"}, ""),
        ("alertmanagerMain: {enabled: false}\n", {"enabled": False}, ""),
    ],
)
def test_setting_that_keeps_ours_from_working_stays_and_fails(text: str, settings: Json, name: str) -> None:
    change = cluster_change(wanted(**settings), YAML, False)
    merged = change.change.of(cluster(text))
    failed = [entry for entry in merged.entries if entry.result == "fail"]
    assert [entry.name for entry in failed] == ([name] if name else [])
    assert all(entry.message.startswith("it is false") and entry.remedy and entry.action == "none" for entry in failed)
    if merged.object is not None:
        after = YAML.read(text_of(merged.object)).data
        assert after.items() >= {key: value for key, value in YAML.read(text).data.items() if key != "alertmanagerMain"}.items()
        assert standing(change, cluster(text), merged).result == ("fail" if name else "pass")


def test_alertmanager_of_user_workloads_that_others_run_is_not_stopped() -> None:
    text = "alertmanager:\n  enabled: true\n"
    merged = user_workload_change(wanted(), YAML, False).change.of(own(text))
    assert told(merged) == {OURS: ("missing", "pass", "create"), "alertmanager.enabled": ("changed", "fail", "none")}
    assert merged.object is not None
    assert text_of(merged.object).startswith(text)


# ---- what is seen ----------------------------------------------------------------------------------------------------


def read(item: Json) -> NamedRead:
    return NamedRead("read", item, (CONFIG_KEY,))


GONE = NamedRead("absent", reason="it does not exist")


@pytest.mark.parametrize(
    ("of_cluster", "of_workload", "expected"),
    [
        ("", "", ConfigSeen(False, "", frozenset())),
        ("enableUserWorkload: true\n", "", ConfigSeen(True, "", frozenset())),
        (
            "enableUserWorkload: true\nalertmanagerMain: {enableUserAlertmanagerConfig: true}\n",
            "",
            ConfigSeen(True, "platform", frozenset()),
        ),
        (
            "alertmanagerMain: {enableUserAlertmanagerConfig: true}\n",
            "alertmanager: {enabled: true}\n",
            ConfigSeen(False, "platform", frozenset()),
        ),
        ("alertmanagerMain: {enableUserAlertmanagerConfig: true, enabled: false}\n", "", ConfigSeen(False, "", frozenset())),
        (
            "enableUserWorkload: true\nalertmanagerMain: {enableUserAlertmanagerConfig: true}\n",
            "alertmanager: {enabled: true, enableAlertmanagerConfig: true}\nnamespacesWithoutLabelEnforcement: [a, b]\n",
            ConfigSeen(True, "user_workload", frozenset({"a", "b"})),
        ),
        (
            "enableUserWorkload: true\nalertmanagerMain: {enableUserAlertmanagerConfig: true}\n",
            "alertmanager: {enabled: true}\n",
            ConfigSeen(True, "", frozenset()),
        ),
        (
            "enableUserWorkload: true\nuserWorkload: {rulesWithoutLabelEnforcementAllowed: false}\n",
            "namespacesWithoutLabelEnforcement: [a]\n",
            ConfigSeen(True, "", frozenset()),
        ),
    ],
)
def test_config_maps_say_what_is_on_who_reads_routes_and_which_rules_see_all(
    of_cluster: str, of_workload: str, expected: ConfigSeen
) -> None:
    assert seen_of(read(cluster(of_cluster)), read(own(of_workload)), YAML) == expected


def test_config_maps_that_are_absent_say_what_is_default() -> None:
    assert seen_of(GONE, GONE, YAML) == ConfigSeen(False, "", frozenset())
    assert seen_of(read(cluster("enableUserWorkload: true\n")), GONE, YAML) == ConfigSeen(True, "", frozenset())
    assert seen_of(read(cluster(None)), read(own(None)), YAML) == ConfigSeen(False, "", frozenset())


def test_what_cannot_be_read_is_unknown_with_the_reason() -> None:
    forbidden = NamedRead("forbidden", reason="ConfigMap x: forbidden")
    assert seen_of(forbidden, GONE, YAML) == ConfigSeen(None, None, None, "ConfigMap x: forbidden")
    found = seen_of(read(cluster("enableUserWorkload: true\n")), forbidden, YAML)
    assert (found.enabled, found.alertmanager, found.open_namespaces) == (True, None, None)
    assert found.reason == "ConfigMap x: forbidden"
    off = seen_of(GONE, forbidden, YAML)
    assert (off.enabled, off.alertmanager, off.open_namespaces) == (False, "", None)
    broken = seen_of(read(cluster("a: b: c\n")), read(own("")), YAML)
    assert (broken.enabled, broken.alertmanager, broken.open_namespaces) == (None, None, None)
    place = "config.yaml cannot be read: line 1: mapping values are not allowed here"
    assert broken.reason == f"ConfigMap openshift-monitoring/cluster-monitoring-config: {place}"
    hidden = seen_of(read(cluster(None, binaryData={CONFIG_KEY: "eA=="})), GONE, YAML)
    assert hidden.enabled is None
    assert hidden.reason.endswith("config.yaml stands under binaryData")


@pytest.mark.parametrize(
    ("of_cluster", "of_workload", "unknown", "reason"),
    [
        ('enableUserWorkload: "true"\n', "", ("enabled", "alertmanager"), 'enableUserWorkload is "true", and has to be true or false'),
        (
            "enableUserWorkload: true\n",
            "alertmanager: {enabled: maybe}\n",
            ("alertmanager",),
            'alertmanager.enabled is "maybe", and has to be true or false',
        ),
        (
            "",
            "namespacesWithoutLabelEnforcement: a\n",
            ("open_namespaces",),
            'namespacesWithoutLabelEnforcement is "a", and has to be a list',
        ),
        (
            "alertmanagerMain: {enableUserAlertmanagerConfig: true, enabled: 1}\n",
            "",
            ("alertmanager",),
            "alertmanagerMain.enabled is 1, and has to be true or false",
        ),
    ],
)
def test_value_that_says_neither_true_nor_false_is_unknown(
    of_cluster: str, of_workload: str, unknown: tuple[str, ...], reason: str
) -> None:
    found = seen_of(read(cluster(of_cluster)), read(own(of_workload)), YAML)
    assert {name for name in ("enabled", "alertmanager", "open_namespaces") if getattr(found, name) is None} == set(unknown)
    assert found.reason.endswith(reason)
