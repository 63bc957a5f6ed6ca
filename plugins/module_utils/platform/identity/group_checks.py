# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the identity part that are about groups and their syncing."""

from __future__ import annotations

from typing import Final

from ...common.findings import WARNING
from ..checks import Check

PART: Final = "identity"
LAYER: Final = "identity"
_GROUPS: Final = f"platform.{PART}.groups"
_SYNC: Final = f"platform.{PART}.sync"
_OPERATOR: Final = "group-sync-operator, controller and pkg/syncer"

DIRECTORY: Final = Check(
    f"{_GROUPS}.directory",
    PART,
    LAYER,
    "The directory can be read",
    "see that it runs and is reached from here, and give readiness_directories an account that may read it",
    "the directory's own answer",
)
SETTINGS: Final = Check(
    f"{_GROUPS}.settings",
    PART,
    LAYER,
    "The document says all that is needed to read the directory",
    "complete identity.directories",
    "document, identity.directories",
    refuses=True,
)
THERE: Final = Check(
    f"{_GROUPS}.there",
    PART,
    LAYER,
    "The group is there: bindings to a group that is not there are accepted and give nobody anything",
    "create the group in its directory and let it be synced, or correct its name",
    "OpenShift, user.openshift.io/v1 Group; Kubernetes, rbac.authorization.k8s.io subjects",
)
NAME: Final = Check(
    f"{_GROUPS}.name",
    PART,
    LAYER,
    "The group has the name that its directory gives it, letter by letter",
    "take the directory's present name in the document and in bindings, or give the group its name back",
    f"{_OPERATOR}; names of subjects are compared letter by letter",
)
MEMBERS: Final = Check(
    f"{_GROUPS}.members",
    PART,
    LAYER,
    "The members of the group on the cluster are those of the directory",
    "let the group be synced again, and see the cause",
    "OpenShift, user.openshift.io/v1 Group, users; the directory",
)
LEAST: Final = Check(
    f"{_GROUPS}.least_members",
    PART,
    LAYER,
    "The group has as many members as it needs: an owner without people answers for nothing",
    "put people into the group in its directory",
    "document, identity.groups.least_members",
)
LEAVERS: Final = Check(
    f"{_GROUPS}.leavers",
    PART,
    LAYER,
    "No group stays on the cluster that its directory does not have any more",
    "set prune of the GroupSync, or delete the Group after a look at who is bound to it",
    f"{_OPERATOR}; prune is false unless it is set",
)
PROVENANCE: Final = Check(
    f"{_GROUPS}.provenance",
    PART,
    LAYER,
    "The group is synced by whoever the document says",
    "delete the Group once, so that the operator makes it, or correct which GroupSync has it",
    f"{_OPERATOR}: label group-sync-operator.redhat-cop.io/sync-provider",
    severity=WARNING,
)
FRESH: Final = Check(
    f"{_GROUPS}.fresh",
    PART,
    LAYER,
    "The group was synced within two intervals of its schedule",
    "see the conditions of the GroupSync and whether its operator runs",
    f"{_OPERATOR}: annotation group-sync-operator.redhat-cop.io/sync-time",
    severity=WARNING,
)
ONE_SOURCE: Final = Check(
    f"{_GROUPS}.one_source",
    PART,
    LAYER,
    "One directory gives the group, and gives it once",
    "give the groups different names, or let each GroupSync name the groups that it syncs",
    f"{_OPERATOR}: a group that another provider made is left alone",
    severity=WARNING,
)

SYNC_EXTERNAL: Final = Check(
    f"{_SYNC}.external",
    PART,
    LAYER,
    "No GroupSync is asked for where an external issuer gives the groups",
    "leave group_syncs out: with mode oidc tokens bring the groups",
    "OpenShift, config.openshift.io/v1 Authentication: with type OIDC there is no Group API",
    refuses=True,
)
SYNC_SETTINGS: Final = Check(
    f"{_SYNC}.settings",
    PART,
    LAYER,
    "The GroupSync is one that its operator accepts",
    "correct identity.group_syncs",
    f"{_OPERATOR}: what the CRD accepts and the operator refuses",
    refuses=True,
)
SYNC_CRD: Final = Check(
    f"{_SYNC}.crd",
    PART,
    LAYER,
    "The cluster serves GroupSyncs, or an operator of the document brings them",
    "add group-sync to operators.wanted",
    "group-sync-operator, redhatcop.redhat.io/v1alpha1 GroupSync",
)
SYNC_SECRET: Final = Check(
    f"{_SYNC}.secret",
    PART,
    LAYER,
    "The Secret with the account of the GroupSync is there and has its keys",
    "create the Secret with the keys username and password",
    f"{_OPERATOR}; the values are never looked at",
)
SYNC_CA: Final = Check(
    f"{_SYNC}.ca",
    PART,
    LAYER,
    "The ConfigMap with the CA of the directory is there and has its key",
    "put the PEM certificates into the key ca.crt",
    _OPERATOR,
)
SYNC_PRUNE: Final = Check(
    f"{_SYNC}.prune",
    PART,
    LAYER,
    "The GroupSync prunes: without it groups that are gone from the directory stay, and their members keep access",
    "set prune to true",
    f"{_OPERATOR}; prune is false unless it is set",
    severity=WARNING,
)
SYNC_WORKS: Final = Check(
    f"{_SYNC}.works",
    PART,
    LAYER,
    "The last sync succeeded",
    "see what the operator says, and its log",
    "group-sync-operator, conditions ReconcileSuccess and ReconcileError",
)
SYNC_FRESH: Final = Check(
    f"{_SYNC}.fresh",
    PART,
    LAYER,
    "The last sync that succeeded is not older than two intervals of the schedule",
    "see whether the operator runs, and its log",
    "group-sync-operator, status.lastSyncSuccessTime",
    severity=WARNING,
)
SYNC_FOREIGN_SECRET: Final = Check(
    f"{_SYNC}.foreign_secret",
    PART,
    LAYER,
    "GroupSyncs take their Secrets from their own namespace",
    "keep the Secret beside the GroupSync: of other namespaces the operator reads it only where its Subscription widens WATCH_NAMESPACE",
    _OPERATOR,
    severity=WARNING,
)

GROUP_CHECKS: Final[tuple[Check, ...]] = (
    DIRECTORY,
    SETTINGS,
    THERE,
    NAME,
    MEMBERS,
    LEAST,
    LEAVERS,
    PROVENANCE,
    FRESH,
    ONE_SOURCE,
    SYNC_EXTERNAL,
    SYNC_SETTINGS,
    SYNC_CRD,
    SYNC_SECRET,
    SYNC_CA,
    SYNC_PRUNE,
    SYNC_WORKS,
    SYNC_FRESH,
    SYNC_FOREIGN_SECRET,
)
