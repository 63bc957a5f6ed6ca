# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of identity and monitoring for the tests of the report, by hand: in every state, known and not, some from a hostile cluster."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

HOSTILE = "<img src=x onerror=alert(1)>"
FORMULA = "=cmd|'/c calc'!A0"
NO_BINDINGS = "rolebindings.rbac.authorization.k8s.io: it was not asked for"
OURS = "groundwork-readiness-monitoring"


def _with_unknown(record: Record, unknown: dict[str, str] | None) -> Record:
    known = {fact: value for fact, value in record.items() if fact not in (unknown or {})}
    return {**known, "unknown": unknown} if unknown else known


# ---- identity --------------------------------------------------------------------------------------------------------


def login(name: str, unknown: dict[str, str] | None = None, **facts: Any) -> Record:
    """A way to log in that is as it has to be."""
    record = {
        "kind": "login",
        "id": name,
        "name": name,
        "part": "identity",
        "login_type": "OpenID",
        "whose": "ours",
        "place": "sso.example.com",
        "mapping_method": "claim",
        "second_factor": "not_evaluated",
        "cluster_admins": [],
        "state": "ready",
        "reason": "",
    }
    return _with_unknown({**record, **facts}, unknown)


def group(name: str, *personas: str, unknown: dict[str, str] | None = None, **facts: Any) -> Record:
    """A group that its directory gives, with these personas."""
    record = {
        "kind": "group",
        "id": name,
        "name": name,
        "part": "identity",
        "source": "ldap",
        "directory": "corp",
        "synced_by": "corp-groups",
        "members": 12,
        "members_of_source": 12,
        "personas": list(personas),
        "state": "ready",
        "reason": "",
    }
    return _with_unknown({**record, **facts}, unknown)


def persona(name: str, *subjects: str, unknown: dict[str, str] | None = None, **facts: Any) -> Record:
    """A persona whose role is there, and who has it."""
    record = {
        "kind": "persona",
        "id": name,
        "name": name,
        "part": "identity",
        "role": f"groundwork-readiness-persona-{name.replace('_', '-')}",
        "shipped": True,
        "allows": 42,
        "denies": 17,
        "subjects": list(subjects),
        "state": "ready",
    }
    return _with_unknown({**record, **facts}, unknown)


def identity() -> list[Record]:
    """Logins, groups and personas in every state, ours and others', with and without what leads on."""
    gone = {"state": "missing", "reason": "neither directory corp nor the cluster has a group ml-speech; did you mean ml-vision?"}
    few = {
        "state": "broken",
        "reason": "the Group lacks user-07, user-12: GroupSync corp-groups is late",
        "members": 3,
        "members_of_source": 5,
    }
    return [
        login("corp-sso", cluster_admins=["anna", "ben"]),
        login(
            "corp-ldap", login_type="LDAP", second_factor="no", place="ldap.example.com", state="missing", reason="it is not in the list"
        ),
        login(f"Staff {HOSTILE}", whose="others", login_type="HTPasswd", second_factor="no", place="", cluster_admins=["root"]),
        login("partners", {"cluster_admins": "the account may not list users.user.openshift.io"}, whose="others", second_factor="yes"),
        group("ai-platform", "platform on the cluster", synced_by="", directory="", source="cluster", members=4, members_of_source=4),
        group("ml-vision", "data_scientist in team-vision", "ml_engineer in team-vision", "ml_engineer in team-shared"),
        group("ml-speech", members=0, members_of_source=0, **gone),
        group("audit", "auditor on the cluster", **few),
        group(f"odd {FORMULA}", unknown={"personas": NO_BINDINGS, "members_of_source": "directory hr does not answer"}, directory="hr"),
        group(FORMULA, synced_by="corp-groups", state="waiting", members=0),
        persona("auditor", "Group audit on the cluster"),
        persona("data_scientist", "Group ml-vision in team-vision", f"User eve {HOSTILE} in team-vision"),
        persona("ml_engineer", "Group ml-vision in team-vision", "Group ml-vision in team-shared"),
        persona("platform", "Group ai-platform on the cluster", state="broken"),
        persona("service", "ServiceAccount build/runner in team-vision"),
        persona("own_one", shipped=False, unknown={"subjects": NO_BINDINGS}, state="missing"),
    ]


def crowd(groups: int) -> list[Record]:
    """Many groups of two directories, each with a persona in a namespace that it shares with three others."""
    names = ("data_scientist", "ml_engineer")
    found = [
        group(f"team-{number:04d}", f"{names[number % 2]} in place-{number // 4:03d}", directory="hr" if number % 3 else "corp")
        for number in range(groups)
    ]
    return [*found, *(login(f"sso-{number}", cluster_admins=[f"admin-{number}"]) for number in range(4))]


# ---- monitoring ------------------------------------------------------------------------------------------------------


def alert(name: str, namespace: str = OURS, unknown: dict[str, str] | None = None, **facts: Any) -> Record:
    """An alert that is in place and reaches whom it is for."""
    record = {
        "kind": "alert",
        "id": f"{namespace}/{name}",
        "name": name,
        "part": "monitoring",
        "group": "accelerators",
        "severity": "critical",
        "evaluator": "user_workload_open",
        "namespace": namespace,
        "owner": "platform",
        "receivers": ["platform by mail", "platform by PagerDuty"],
        "untold": [],
        "state": "in_place",
    }
    return _with_unknown({**record, **facts}, unknown)


def watch(watch_type: str, name: str, unknown: dict[str, str] | None = None, **facts: Any) -> Record:
    """Something that is watched."""
    record = {
        "kind": "watch",
        "id": f"{watch_type} {name}",
        "name": name,
        "part": "monitoring",
        "watch_type": watch_type,
        "owner": "platform",
        "monitors": ["ServiceMonitor nvidia-gpu-operator/nvidia-dcgm-exporter"],
        "alerts": 6,
        "told": True,
        "state": "watched",
        "reason": "",
    }
    return _with_unknown({**record, **facts}, unknown)


def monitoring() -> list[Record]:
    """Alerts in every state and of every severity, and things that are watched, not watched, and not known."""
    tenants = {"owner": "namespace", "receivers": ["vision by webhook"], "untold": ["speech", f"odd {HOSTILE}"]}
    serving = {"group": "serving", "evaluator": "user_workload_enforced"}
    why = {"receivers": "nobody knows which routes the alert takes", "untold": "nobody knows which routes the alert takes"}
    lacks = {"state": "unwatched", "monitors": [], "alerts": 0, "told": False}
    return [
        alert("AcceleratorLost"),
        alert("AcceleratorHot", severity="warning", state="missing"),
        alert("AcceleratorIdle", severity="info", state="left_out", receivers=[], untold=[]),
        alert("QuotaUnused", severity="warning", group="queues", **tenants),
        alert("QueueFull", severity="warning", group="queues", state="not_evaluated"),
        alert("ModelSlow", "team-vision", severity="critical", owner="vision", receivers=["vision by webhook"], **serving),
        alert("ModelSlow", "team-speech", severity="critical", owner="speech", receivers=[], untold=["speech"], **serving),
        alert("OperatorDown", "openshift-monitoring", why, group=FORMULA, evaluator="platform"),
        watch("accelerators", "nvidia"),
        watch("accelerators", "amd", {"monitors": "the account may not list servicemonitors"}, state="not_evaluated", reason="not read"),
        watch("model", "InferenceService team-speech/asr", owner="speech", reason="nothing scrapes the pods of asr", **lacks),
        watch("model", f"InferenceService odd/{HOSTILE}", owner="", reason="nothing scrapes it", **lacks),
        watch("model", "InferenceService team-vision/detect", owner="vision", told=True),
        watch(
            "namespace",
            "team-x",
            owner="",
            monitors=[],
            alerts=3,
            told=False,
            state="unwatched",
            reason="nobody is named who answers for it",
        ),
        watch("queue", FORMULA, monitors=["ServiceMonitor openshift-kueue-operator/kueue-metrics"]),
    ]
