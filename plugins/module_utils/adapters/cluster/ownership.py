# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what was applied, in ConfigMaps of the collection's own namespace: tenants cannot write there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ...common.applied import AppliedObject, parts, read_part
from ...common.errors import ReadinessError
from ...common.owned_fields import FIELD_MANAGER
from ...common.write_findings import LABEL_PREFIX, STAGE_LABEL, ObjectKey
from .client import ApiConnection, ApiFault
from .lists import pages
from .live import afresh
from .refusals import RIGHTS, lacking_permission, rights_hint, words
from .resources import APPLY

HOME: Final = "groundwork-readiness"
"""Namespace of the collection."""

RECORD_LABEL: Final = f"{LABEL_PREFIX}record"
_KEY: Final = "objects"
_PAGE: Final = 100


class AppliedRecord:
    """What one stage has applied to one cluster."""

    def __init__(self, connection: ApiConnection, stage: str, home: str = HOME, rights: str = RIGHTS) -> None:
        """`rights` is the file that hints name where the account lacks some."""
        self._connection = connection
        self._stage = stage
        self._home = home
        self._rights = rights
        self._standing: dict[str, str] = {}

    def read(self) -> dict[ObjectKey, AppliedObject]:
        """What was applied, by key. Raises ReadinessError where it cannot be read."""
        query = {"labelSelector": f"{STAGE_LABEL}={self._stage},{RECORD_LABEL}=applied"}
        try:
            found = afresh(lambda: [item for page in pages(self._connection, self._collection, query, _PAGE) for item in page])
        except ApiFault as fault:
            raise self._refused(fault, "read") from fault
        self._standing = {str(item["metadata"]["name"]): str(_data(item).get(_KEY, "")) for item in found}
        entries = (entry for name, text in sorted(self._standing.items()) for entry in read_part(text, name))
        return {entry.key: entry for entry in entries}

    def write(self, entries: Iterable[AppliedObject]) -> bool:
        """Makes the record say this; what it says already is not written again. True when anything was."""
        wanted = {self._name(number): text for number, text in enumerate(parts(entries))}
        changed = False
        try:
            for name, text in wanted.items():
                if self._standing.get(name) != text:
                    self._put(name, text)
                    changed = True
            for name in sorted(set(self._standing) - set(wanted)):
                self._drop(name)
                changed = True
        except ApiFault as fault:
            raise self._refused(fault, "written") from fault
        return changed

    def differs(self, entries: Iterable[AppliedObject]) -> bool:
        """Whether the record says anything else."""
        return {self._name(number): text for number, text in enumerate(parts(entries))} != self._standing

    @property
    def _collection(self) -> str:
        return f"/api/v1/namespaces/{self._home}/configmaps"

    def _name(self, number: int) -> str:
        return f"applied-{self._stage}-{number:03d}"

    def _put(self, name: str, text: str) -> None:
        labels = {STAGE_LABEL: self._stage, RECORD_LABEL: "applied"}
        metadata = {"name": name, "namespace": self._home, "labels": labels}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {_KEY: text}}
        query = {"fieldManager": FIELD_MANAGER, "force": "true"}
        self._connection.request("PATCH", f"{self._collection}/{name}", query, body, APPLY)
        self._standing[name] = text

    def _drop(self, name: str) -> None:
        try:
            self._connection.request("DELETE", f"{self._collection}/{name}")
        except ApiFault as fault:
            if fault.code != 404:
                raise
        self._standing.pop(name)

    def _refused(self, fault: ApiFault, what: str) -> ReadinessError:
        lacking = lacking_permission(fault)
        if lacking:
            message = f"the account may not {lacking}, where the record of what was applied is kept"
            return self._connection.error(message, "cluster_forbidden", rights_hint(self._rights))
        return self._connection.error(
            f"the record of what was applied cannot be {what}: {words(fault)}", "cluster_refused", "Run it again."
        )


def ensure_home(connection: ApiConnection, home: str = HOME, rights: str = RIGHTS) -> bool:
    """Makes the collection's namespace where it is missing; True when it did. Raises ReadinessError where it may not."""
    path = f"/api/v1/namespaces/{home}"
    try:
        try:
            connection.get(path)
            return False
        except ApiFault as fault:
            if fault.code == 403:
                # Who may not look may still write there: that tells whether it exists.
                return False
            if fault.code != 404:
                raise
        labels = {f"{LABEL_PREFIX}purpose": "record"}
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home, "labels": labels}}
        connection.request("PATCH", path, {"fieldManager": FIELD_MANAGER}, body, APPLY)
        return True
    except ApiFault as fault:
        reason = f"the account may not {lacking_permission(fault)}" if lacking_permission(fault) else words(fault)
        message = f"namespace {home}, where the record of what was applied is kept, does not exist and cannot be made: {reason}"
        hint = f"Have it made: oc create namespace {home}. {rights_hint(rights)}"
        raise connection.error(message, "cluster_forbidden" if fault.code == 403 else "cluster_refused", hint) from fault


def _data(item: Mapping[str, Any]) -> Mapping[str, Any]:
    found = item.get("data")
    return found if isinstance(found, dict) else {}
