# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups against their directory: every kind of difference is found with its cause, and what cannot be read is never a pass."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    ExternalOidcWanted,
    GroupSyncWanted,
    GroupWanted,
    Identity,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.directories import (
    DirectoryGroup,
    DirectoryRead,
    bounded,
    merged_groups,
    name_in_directory,
    names_sought,
    troubles_with,
    unread,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.groups import group_findings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.provenance import sync_moment
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot

from tests.unit.platform.identity.group_sites import BASE, CORP, GROUPS, NOW, SYNC, SYNCED, Site, dn, live_group, live_sync, words

TEAM = GroupWanted(name="team-a", directory="corp")
THERE = {"team-a": ("anna", "ben")}
LATE = "2026-11-22T06:00:00Z"


def test_cluster_that_equals_its_directory_has_no_trouble() -> None:
    assert Site().troubles() == []
    assert {word for word, _subject, _result in words(Site().findings())} >= {
        "there",
        "name",
        "members",
        "least_members",
        "fresh",
        "provenance",
    }


CASES = {
    "a member is missing, and the sync works": (
        Site(THERE, [live_group("team-a", ["anna"])]),
        ("members", "fail"),
        ["lacks ben", "last at 2026-11-22T10:00:00Z", "the next sync puts the Group right"],
    ),
    "a member is too many, and the last sync failed": (
        Site(THERE, [live_group("team-a", ["anna", "ben", "zoe"])], [live_sync(error="LDAP Result Code 49")]),
        ("members", "fail"),
        ["has zoe, whom directory corp does not give", "the last sync of GroupSync sync failed: LDAP Result Code 49"],
    ),
    "members differ, and the sync is late": (
        Site(THERE, [live_group("team-a", ["anna"], synced=LATE)]),
        ("members", "fail"),
        ["GroupSync sync is late", "last synced at 2026-11-22T06:00:00Z", "no more than 30 minutes"],
    ),
    "members differ, and the operator did not make the Group": (
        Site(THERE, [live_group("team-a", ["anna"], provider="")]),
        ("members", "fail"),
        ["nobody syncs it", "leaves alone a Group that it did not make"],
    ),
    "members differ, and logins fill the Group": (
        Site(THERE, [live_group("team-a", ["anna"], provider="", **{"oauth.openshift.io/idp.corp": "synced"})]),
        ("members", "fail"),
        ["the OAuth server fills it at logins"],
    ),
    "members differ, and another sync has the Group": (
        Site(THERE, [live_group("team-a", ["anna"], provider="other_azure")]),
        ("members", "fail"),
        ["synced by other_azure, and not by sync_corp"],
    ),
    "members differ, and the GroupSync is gone": (
        Site(THERE, [live_group("team-a", ["anna"])], []),
        ("members", "fail"),
        ["its GroupSync sync is not on the cluster any more"],
    ),
    "members differ, and GroupSyncs may not be listed": (
        Site(THERE, [live_group("team-a", ["anna"])], None),
        ("members", "fail"),
        ["the account may not list groupsyncs"],
    ),
    "members differ in case": (
        Site(THERE, [live_group("team-a", ["Anna", "ben"])]),
        ("members", "fail"),
        ["lacks anna", "has Anna", "differ in case only"],
    ),
    "the directory has another group of that name now": (
        Site(THERE, [live_group("team-a", ["anna"], uid="cn=team-a,ou=old,dc=example,dc=com")]),
        ("members", "fail"),
        ["made from cn=team-a,ou=old,dc=example,dc=com", f"at {dn('team-a')} now"],
    ),
    "the Group is missing, and the sync works": (
        Site(THERE, []),
        ("there", "fail"),
        ["there is no Group team-a on the cluster", "the group is new, or was deleted"],
    ),
    "the Group is missing, and the last sync failed": (
        Site(THERE, [], [live_sync(error="x509: certificate signed by unknown authority")]),
        ("there", "fail"),
        ["the last sync of GroupSync sync failed: x509"],
    ),
    "the Group is missing, and its GroupSync too": (Site(THERE, [], []), ("there", "fail"), ["GroupSync sync is not on the cluster"]),
    "the Group is missing, and no sync was done": (
        Site(THERE, [], [live_sync(synced="")]),
        ("there", "fail"),
        ["GroupSync sync has not synced yet"],
    ),
    "the Group is missing, and the GroupSync names others": (
        Site(THERE, [], wanted=Identity(directories=(CORP,), group_syncs=(replace(SYNC, groups=("owners",)),))),
        ("there", "fail"),
        ["GroupSync sync names the groups that it syncs, and this one is not among them"],
    ),
    "the Group is missing, and nothing syncs its directory": (
        Site(THERE, [], wanted=Identity(directories=(CORP,))),
        ("there", "fail"),
        ["no GroupSync of the document syncs directory corp"],
    ),
    "the Group is missing, and its name is no label": (
        Site({"Team_A": ("anna",)}, []),
        ("there", "fail"),
        ["Team_A is no DNS label", "left out of the sync"],
    ),
    "the Group is missing, and GroupSyncs may not be listed": (Site(THERE, [], None), ("there", "fail"), ["may not list groupsyncs"]),
    "the Group is on the cluster in another case": (
        Site(THERE, [live_group("Team-A", ["anna", "ben"])], groups=[TEAM]),
        ("name", "fail"),
        ["Team-A differs from it in case only"],
    ),
    "the directory has it in another case": (
        Site({"Team-A": ("anna",)}, [live_group("team-a", ["anna"])], groups=[TEAM]),
        ("name", "fail"),
        ["directory corp has it as Team-A", "differ in case only"],
    ),
    "neither has it": (
        Site({"team-b": ("anna",)}, [], groups=[TEAM]),
        ("there", "fail"),
        ["neither directory corp", "did you mean team-b?"],
    ),
    "it was renamed, and the id tells": (
        Site({"team-new": ("anna", "eve")}, [live_group("team-a", ["anna"], uid=dn("TEAM-NEW"))], groups=[TEAM]),
        ("name", "fail"),
        ["has it as team-new now", f"both have the id {dn('TEAM-NEW')}", "former name is still there"],
    ),
    "it was renamed, and its members tell": (
        Site({"team-new": ("anna", "ben")}, [live_group("team-a", ["anna", "ben"])], [live_sync(prune=False)], [TEAM]),
        ("name", "fail"),
        ["has it as team-new now: its members are those of the Group: anna, ben", "prune is off in GroupSync sync"],
    ),
    "it may have been renamed to one of several": (
        Site({"team-x": ("anna",), "team-y": ("anna",)}, [live_group("team-a", ["anna"])], groups=[TEAM]),
        ("name", "fail"),
        ["may have been renamed to one of team-x, team-y"],
    ),
    "it is gone, and prune is off": (
        Site({"owners": ("carl",)}, [live_group("team-a", ["anna"])], [live_sync(prune=False)], [TEAM]),
        ("leavers", "fail"),
        ["directory corp has no group team-a any more", "anna, who keep access", "prune is off in GroupSync sync"],
    ),
    "it is gone, and the last sync failed": (
        Site({"owners": ("carl",)}, [live_group("team-a", ["anna"])], [live_sync(error="no route to host")], [TEAM]),
        ("leavers", "fail"),
        ["no route to host; nothing is pruned meanwhile"],
    ),
    "it is gone, and the next sync will see": (
        Site({"owners": ("carl",)}, [live_group("team-a", ["anna"])], groups=[TEAM]),
        ("leavers", "fail"),
        ["prune is on in GroupSync sync: the next sync deletes it"],
    ),
    "it is gone, and nobody synced it": (
        Site({"owners": ("carl",)}, [live_group("team-a", ["anna"], provider="")], groups=[TEAM]),
        ("leavers", "fail"),
        ["nobody syncs it"],
    ),
    "an owner group is empty in the directory too": (
        Site({"owners": ()}, [live_group("owners", [])]),
        ("least_members", "fail"),
        ["it has no members: its directory gives it no more"],
    ),
    "an owner group is empty on the cluster alone": (
        Site({"owners": ("carl",)}, [live_group("owners", [])]),
        ("least_members", "fail"),
        ["it has no members: its directory gives it 1, which are not on the cluster"],
    ),
    "an owner group has too few": (
        Site({"owners": ("carl",)}, groups=[GroupWanted(name="owners", directory="corp", least_members=2)]),
        ("least_members", "fail"),
        ["it has 1 of 2 members"],
    ),
    "the members of an owner group are no users": (
        Site(
            {},
            [live_group("owners", [])],
            groups=[GroupWanted(name="owners", directory="corp")],
            read=merged_groups([DirectoryGroup("owners", (), dn("owners"), ("cn=nobody,dc=example,dc=com",))]),
        ),
        ("least_members", "fail"),
        ["of its members in the directory 1 are no users there: cn=nobody,dc=example,dc=com"],
    ),
    "the sync of a group is late": (
        Site(THERE, [live_group("team-a", ["anna", "ben"], synced=LATE)]),
        ("fresh", "fail"),
        ["last synced at 2026-11-22T06:00:00Z"],
    ),
    "nobody knows how late": (Site(THERE, syncs=[live_sync(schedule="@hourly")]), ("fresh", "not_evaluated"), ["none that is understood"]),
    "a group has no sync time": (
        Site(THERE, [live_group("team-a", ["anna", "ben"], synced="soon")]),
        ("fresh", "not_evaluated"),
        ["nobody knows"],
    ),
    "nobody syncs a group": (
        Site(THERE, [live_group("team-a", ["anna", "ben"], provider="")]),
        ("provenance", "fail"),
        ["nobody syncs it"],
    ),
    "oc syncs a group": (
        Site(THERE, [live_group("team-a", ["anna", "ben"], provider="", **{"openshift.io/ldap.uid": dn("team-a")})]),
        ("provenance", "fail"),
        ["filled by oc adm groups sync, and not by sync_corp"],
    ),
    "another sync has the group": (
        Site(THERE, [live_group("team-a", ["anna", "ben"], provider="other_azure")]),
        ("provenance", "fail"),
        ["synced by other_azure"],
    ),
    "two groups of the directory have the name": (
        Site(THERE, read=merged_groups([DirectoryGroup("team-a", ("anna",), "1"), DirectoryGroup("team-a", ("ben",), "2")])),
        ("one_source", "fail"),
        ["several groups of directory corp are named team-a"],
    ),
    "the directory cannot be reached": (
        Site(THERE, read=unread("directory corp at ldap.example.com: nothing listens there")),
        ("members", "not_evaluated"),
        ["nothing listens there"],
    ),
    "the directory may not be read": (
        Site(THERE, read=unread("directory corp: no right", forbidden=True)),
        ("directory", "not_evaluated"),
        ["no right"],
    ),
    "the directory cannot be reached, and the Group is not there": (
        Site(THERE, [], read=unread("nothing listens there")),
        ("there", "fail"),
        ["whether the directory has it is not known: nothing listens there"],
    ),
    "the members were not read": (
        Site(THERE, read=DirectoryRead("read", {"team-a": DirectoryGroup("team-a", members_known=False)})),
        ("members", "not_evaluated"),
        ["were not read"],
    ),
    "a group of the cluster itself is missing": (
        Site(THERE, [live_group("Admins", ["anna"], provider="")], groups=[GroupWanted(name="admins")]),
        ("name", "fail"),
        ["Admins differs from it in case only"],
    ),
    "a group of the cluster itself is empty": (
        Site(THERE, [live_group("admins", [], provider="")], groups=[GroupWanted(name="admins")]),
        ("least_members", "fail"),
        ["it has no members"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_difference_is_found_with_its_cause(case: str) -> None:
    site, (check, result), said = CASES[case]
    troubles = [finding for finding in site.troubles() if finding.check.endswith(f".{check}")]
    assert words(troubles)[:1] and troubles[0].result == result, words(site.troubles())
    for part in said:
        assert part in troubles[0].message, troubles[0].message
    assert troubles[0].remedy and not troubles[0].message.endswith(": ")


def test_group_that_a_document_does_not_name_is_found_when_its_directory_lost_it() -> None:
    site = Site(THERE, [live_group("team-a", ["anna", "ben"]), live_group("old", ["zoe"])], [live_sync(prune=False)])
    assert words(site.troubles()) == [("leavers", "group old", "fail")]
    assert "zoe, who keep access: prune is off" in site.troubles()[0].message
    unknown = Site(THERE, read=DirectoryRead("read", {"team-a": DirectoryGroup("team-a", ("anna", "ben"))}, complete=False))
    assert ("leavers", "directory corp", "not_evaluated") in words(unknown.troubles())


def test_name_that_two_directories_give_is_told_apart_from_one_that_only_one_gives() -> None:
    second = replace(CORP, name="lab")
    wanted = Identity(
        directories=(CORP, second),
        group_syncs=(SYNC, GroupSyncWanted(name="labsync", directory="lab", credentials_secret="reader", ca="ca")),
    )
    both = Site(THERE, wanted=wanted, more={"lab": merged_groups([DirectoryGroup("team-a", ("zoe",))])})
    assert ("one_source", "group team-a", "fail") in words(both.troubles())
    assert "directory lab has a group team-a as well" in both.troubles()[0].message
    one = Site(THERE, wanted=wanted, more={"lab": merged_groups([DirectoryGroup("other", ("zoe",))])})
    assert one.troubles() == []
    down = Site(THERE, wanted=wanted, more={"lab": unread("lab is down")})
    assert ("one_source", "group team-a", "not_evaluated") in words(down.troubles())


def test_groups_that_may_not_be_listed_are_not_evaluated() -> None:
    snapshot = PlatformSnapshot({GROUPS: Listed("forbidden", reason="the account may not list groups")})
    found = group_findings(Site().identity(), snapshot, Site().directories(), NOW)
    of_groups = [finding for finding in found if finding.subject.startswith("group ")]
    assert of_groups and {finding.result for finding in of_groups} == {"not_evaluated"}


def test_cluster_without_the_group_api_has_no_group() -> None:
    found = group_findings(Site().identity(), PlatformSnapshot({GROUPS: Listed("absent")}), Site().directories(), NOW)
    of_groups = [finding for finding in found if finding.subject.startswith("group ")]
    assert words(of_groups) == [("there", "group owners", "fail"), ("there", "group team-a", "fail")]
    assert "the cluster serves no Groups" in of_groups[0].message


def test_name_that_the_operator_cannot_give_is_told() -> None:
    site = Site(
        THERE, [live_group("team-a", ["anna", "ben"])], groups=[GroupWanted(name="erp-team", directory="corp", name_there="team-a")]
    )
    assert words(site.troubles()) == [("there", "group erp-team", "fail")]
    assert "syncs name groups as the directory does, and that is team-a" in site.troubles()[0].message


def test_without_the_hour_only_what_was_late_when_the_day_began_is_called_so() -> None:
    day = "2026-11-22T00:00:00Z"
    today = Site(THERE)
    assert ("fresh", "group team-a", "not_evaluated") in words(today.findings(day, is_day=True))
    yesterday = Site(THERE, [live_group("team-a", ["anna", "ben"], synced="2026-11-21T10:00:00Z")])
    assert ("fresh", "group team-a", "fail") in words(yesterday.findings(day, is_day=True))


def test_groups_of_the_api_server_itself_are_looked_for_nowhere() -> None:
    for mode in ("integrated", "oidc"):
        site = Site({}, [], [], [GroupWanted(name="system:authenticated")], wanted=Identity(mode=mode))
        assert words(site.findings()) == [("there", "group system:authenticated", "not_applicable")]


def test_many_members_are_named_in_part_and_counted() -> None:
    many = tuple(f"user{number:02}" for number in range(30))
    site = Site({"team-a": many}, [live_group("team-a", [])], groups=[replace(TEAM, least_members=0)])
    message = site.troubles()[0].message
    assert "user00" in message and "user09 and 20 more" in message and "user10" not in message
    assert bounded(["a", "b"], 2) == "a, b"


def test_groups_of_others_that_nobody_syncs_are_told_and_fail_nothing() -> None:
    site = Site(THERE, [live_group("team-a", ["anna", "ben"]), live_group("handmade", ["zoe"], provider="")])
    assert [(finding.severity, finding.failed) for finding in site.troubles()] == [("information", False)]
    assert "handmade" in site.troubles()[0].message


@pytest.mark.parametrize(
    ("group", "prefix", "there", "expected"),
    [
        (GroupWanted(name="oidc:team-a", directory="corp"), "oidc:", {"team-a": ("anna",)}, []),
        (GroupWanted(name="oidc:Team-a", directory="corp"), "oidc:", {"team-a": ("anna",)}, [("name", "fail")]),
        (GroupWanted(name="team-a", directory="corp"), "", {"team-a": ()}, [("least_members", "fail")]),
        (GroupWanted(name="oidc:team-a", directory="corp", name_there="/team-a"), "oidc:", {"team-a": ("anna",)}, []),
        (GroupWanted(name="oidc:team-a", directory="corp"), "oidc:", {"Team-A": ("anna",)}, [("name", "fail")]),
        (GroupWanted(name="oidc:team-b", directory="corp"), "oidc:", {"team-a": ("anna",)}, [("there", "fail")]),
        (GroupWanted(name="team-a"), "", {"team-a": ("anna",)}, [("there", "not_evaluated"), ("least_members", "not_evaluated")]),
    ],
)
def test_with_an_external_issuer_the_directory_alone_is_judged(
    group: GroupWanted, prefix: str, there: dict[str, tuple[str, ...]], expected: list[tuple[str, str]]
) -> None:
    issuer = ExternalOidcWanted(name="corp", issuer="https://sso.example.com/realms/corp", audiences=("cluster",), groups_prefix=prefix)
    site = Site(there, [], [], [group], wanted=Identity(mode="oidc", external_oidc=issuer, directories=(CORP,)))
    assert [(check, result) for check, _subject, result in words(site.troubles())] == expected
    down = replace(site, read=unread("it is down"))
    assert "pass" not in {finding.result for finding in down.findings() if finding.check.endswith((".there", ".least_members"))}


def test_names_are_sought_in_the_form_that_the_directory_has() -> None:
    groups = (
        replace(TEAM, name_there="/platform/team-a"),
        GroupWanted(name="x", directory="corp", name_there="/team-x"),
        GroupWanted(name="local"),
    )
    wanted = Identity(directories=(CORP,), groups=groups, group_syncs=(replace(SYNC, groups=("more",)),))
    assert names_sought(wanted, "corp") == ("/platform/team-a", "more", "team-x")
    assert name_in_directory(groups[2], wanted) == "local"


def test_settings_that_a_directory_lacks_are_named() -> None:
    assert troubles_with(CORP) == ()
    assert len(troubles_with(replace(CORP, url="http://me:word@ldap.example.com", groups_base="", users_base=""))) == 4
    assert troubles_with(replace(CORP, kind="keycloak", url="https://sso.example.com")) == ("realm is needed for keycloak",)


@pytest.mark.parametrize(
    ("text", "moment"),
    [(SYNCED, SYNCED), ("2026-11-22T12:00:00+0200", SYNCED), ("2026-11-22T12:00:00+02:00", SYNCED), ("soon", ""), ("", ""), (None, "")],
)
def test_sync_time_is_read_in_every_form_that_the_operator_wrote(text: str | None, moment: str) -> None:
    assert sync_moment(text) == moment
    assert BASE in live_group("a", [])["metadata"]["labels"].popitem()[0]
