# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of `platform.jsonl` that are of the identity part: who logs in how, which groups there are, what personas may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...estate.fields import fact
from ...target.model import Count, Flag, Text, Texts
from ..record import Record

OURS, OTHERS = "ours", "others"
WHOSE: Final = (OURS, OTHERS)
YES, NO, NOT_EVALUATED = "yes", "no", "not_evaluated"
FACTORS: Final = (YES, NO, NOT_EVALUATED)
READY, WAITING, MISSING, BROKEN = "ready", "waiting", "missing", "broken"
STATES: Final = (READY, WAITING, MISSING, BROKEN, NOT_EVALUATED)


EXTERNAL_ISSUER: Final = "external_issuer"
"""Type of a login that no provider of the OAuth server is for."""

ON_CLUSTER: Final = "on the cluster"
"""Where somebody has a persona who has it by a ClusterRoleBinding; else `in` and the namespace."""


@dataclass(frozen=True, slots=True)
class LoginRecord(Record):
    """One way to log in: a provider of OAuth/cluster, or an external issuer. The id is its name."""

    login_type: Text = fact("type of the provider, such as OpenID; external_issuer for one of Authentication/cluster")
    whose: Text = fact("ours: the document names it; others: it is somebody else's")
    place: Text = fact("host of its server; empty for htpasswd")
    mapping_method: Text = fact("how identities become users; empty for an external issuer")
    second_factor: Text = fact("whether a second factor is seen to be asked for: yes, no or not_evaluated")
    cluster_admins: Texts = fact("cluster-admins who have an identity of it")
    state: Text = fact("ready, waiting, missing, broken or not_evaluated")
    reason: Text = fact("what keeps it from being ready; empty when it is")


@dataclass(frozen=True, slots=True)
class GroupRecord(Record):
    """A group that the document names. The id is its name."""

    source: Text = fact("where it lives: cluster, ldap or keycloak")
    directory: Text = fact("directory of the document; empty for the cluster")
    synced_by: Text = fact("GroupSync that brings it; empty for none")
    members: Count = fact("members on the cluster")
    members_of_source: Count = fact("members in its directory")
    personas: Texts = fact("personas that it has, as persona in namespace, or persona on the cluster")
    state: Text = fact("ready, waiting, missing, broken or not_evaluated")
    reason: Text = fact("what differs; empty where nothing does")


@dataclass(frozen=True, slots=True)
class PersonaRecord(Record):
    """A persona. The id is its name."""

    role: Text = fact("ClusterRole that is made of it")
    shipped: Flag = fact("whether it is the collection's, and not the document's own or changed by it")
    allows: Count = fact("rows of its table that allow")
    denies: Count = fact("rows of its table that deny")
    subjects: Texts = fact("who has it, as Group name in namespace, or Group name on the cluster")
    state: Text = fact("ready, waiting, missing, broken or not_evaluated")


KINDS: Final[Mapping[str, type]] = {"group": GroupRecord, "login": LoginRecord, "persona": PersonaRecord}

WORDS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("login", "whose"): WHOSE,
    ("login", "second_factor"): FACTORS,
    ("login", "state"): STATES,
    ("group", "state"): STATES,
    ("persona", "state"): STATES,
}
"""Facts that are one of some words."""
