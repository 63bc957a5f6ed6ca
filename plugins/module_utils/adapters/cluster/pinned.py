# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes under the Lease, each pinned to the very object that was looked at."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final

from ...common.artifact import JsonRecord
from ...common.owned_fields import FIELD_MANAGER
from .client import ApiConnection, ApiFault
from .lease import WriteLease
from .ownership import HOME, ensure_home
from .refusals import RIGHTS

MERGE: Final = "application/merge-patch+json"


class PinnedWrites:
    """Takes the Lease at the first write and gives it back at the end of the block: who has nothing to write leaves no trace.

    A Lease that another run holds is waited for so many seconds. Writes raise ApiFault where the server refuses them, and
    ReadinessError where the Lease is held by another run or was lost.
    """

    def __init__(
        self,
        connection: ApiConnection,
        run: str,
        home: str = HOME,
        *,
        lease_wait_seconds: float = 0.0,
        rights: str = RIGHTS,
    ) -> None:
        """`run` is shown to those who find the Lease held; `home` is the collection's namespace, `rights` the file that hints name."""
        self.connection = connection
        self.run = run
        self.home = home
        self.rights = rights
        self._wait_seconds = lease_wait_seconds
        self._lease: WriteLease | None = None
        self._lock = threading.Lock()
        self.is_last = False
        """set to have the Lease removed at the end, instead of kept for the next run"""

    def __enter__(self) -> PinnedWrites:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._lease is not None:
            self._lease.is_last = self.is_last
            self._lease.__exit__(kind, error, trace)
            self._lease = None

    @property
    def holds(self) -> bool:
        """Whether the Lease is held."""
        return self._lease is not None

    def hold(self) -> None:
        """Takes the Lease, unless it is held already; makes the collection's namespace where it is missing."""
        with self._lock:
            if self._lease is None:
                ensure_home(self.connection, self.home, self.rights)
                lease = WriteLease(self.connection, self.home, self.run, wait_seconds=self._wait_seconds, rights=self.rights)
                self._lease = lease.__enter__()

    def check(self) -> None:
        """Takes the Lease where that was not done yet; raises ReadinessError when somebody else may be writing by now."""
        self.hold()
        if self._lease is not None:
            self._lease.check()

    def patch(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        uid: str,
        resource_version: str = "",
        content_type: str = MERGE,
        query: Mapping[str, str] | None = None,
    ) -> JsonRecord:
        """Changes the object of that UID, and of that version where one is given; what it is then.

        Another object of that name, and another version, are refused with 409 or 422, without any effect.
        """
        self.check()
        return self.connection.request(
            "PATCH", path, {"fieldManager": FIELD_MANAGER, **(query or {})}, pinned(body, uid, resource_version), content_type
        )

    def delete(self, path: str, uid: str, *, orphan: bool = False) -> bool:
        """Removes the object of that UID; False where it was gone, or is another one by now. With `orphan`, what belongs to it stays."""
        self.check()
        try:
            self.connection.request("DELETE", path, None, deletion(uid, orphan=orphan))
        except ApiFault as fault:
            if fault.code in (404, 409):
                return False
            raise
        return True


def pinned(body: Mapping[str, Any], uid: str, resource_version: str = "") -> dict[str, Any]:
    """The body of a change that holds for one object alone, in one version where that is given."""
    only = {"uid": uid, **({"resourceVersion": resource_version} if resource_version else {})}
    return {**body, "metadata": {**(body.get("metadata") or {}), **only}}


def deletion(uid: str, *, orphan: bool, dry: bool = False) -> dict[str, Any]:
    """The body of a deletion of one object alone; with `orphan`, what belongs to it stays.

    A server that finds options in the body looks for none in the address: a dry run has to be in both.
    """
    return {
        **({"dryRun": ["All"]} if dry else {}),
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": uid},
        "propagationPolicy": "Orphan" if orphan else "Background",
    }
