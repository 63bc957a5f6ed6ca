# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Lease that keeps two runs from writing to one cluster."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import Any, Final

from ...common.errors import ReadinessError
from .client import ApiConnection, ApiFault
from .refusals import RIGHTS, lacking_permission, rights_hint, words

NAME: Final = "groundwork-readiness"
DURATION_SECONDS: Final = 30
RENEWAL_SECONDS: Final = 10
OBSERVED_SECONDS: Final = 15
"""How long a Lease is watched that has expired by this machine's clock: its holder's clock may be another."""

SURELY_OVER: Final = timedelta(minutes=5)
"""What has not been renewed for so long beyond its time is not watched: clocks do not differ that much."""

WAIT_SECONDS: Final = 2.0
"""How long between two looks at a Lease that is waited for."""

_ATTEMPTS: Final = 6
_MARGIN_SECONDS: Final = 5.0

Lease = Mapping[str, Any]


def utc_now() -> datetime:
    """This machine's clock."""
    return datetime.now(timezone.utc)


class WriteLease:
    """Held while the block lasts, and renewed meanwhile. `run` is shown to those who find it held.

    One that is held by somebody else is waited for so long at most; 0 is not at all. `rights` is the file with the rights for it.
    """

    def __init__(
        self,
        connection: ApiConnection,
        namespace: str,
        run: str,
        *,
        wait_seconds: float = 0.0,
        rights: str = RIGHTS,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._connection = connection
        self._collection = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
        # Two processes of one run are two holders.
        self._holder = f"{run} ({secrets.token_hex(4)})"
        self._wait_seconds = wait_seconds
        self._rights = rights
        self._clock, self._monotonic, self._sleep = clock, monotonic, sleep
        self._lease: Lease = {}
        self._good_until = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew_until_ended, name="lease", daemon=True)
        self.is_last = False
        """set to have the Lease removed at the end, instead of kept for the next run"""

    def __enter__(self) -> WriteLease:
        self._acquire()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        # Where it fails, it expires by itself: what was written does not depend on it.
        with suppress(ApiFault, ReadinessError):
            self._release()

    def check(self) -> None:
        """Raises ReadinessError when somebody else may be writing by now."""
        if self._monotonic() > self._good_until - _MARGIN_SECONDS:
            message = "the Lease was lost, so that another run may be writing to this cluster"
            raise self._connection.error(
                message, "cluster_lease_lost", "Run it again: what was written stays, and the rest is written then."
            )

    # ---- taking it -----------------------------------------------------------------------------------------------------

    def _acquire(self) -> None:
        until = self._monotonic() + self._wait_seconds
        attempts = 0
        while attempts < _ATTEMPTS:
            found = self._read()
            if found is not None and _holder(found) == self._holder:
                self._hold(found)
                return
            if found is not None and _holder(found) and not self._is_over(found):
                self._pause(found, until)
                continue
            if self._take(found):
                return
            attempts += 1
        raise self._connection.error("the Lease could not be taken: it changes all the time", "cluster_busy", "Run it again.")

    def _pause(self, found: Lease, until: float) -> None:
        """Waits a moment for whoever holds it; raises where there is no more time for that."""
        left = min(until - self._monotonic(), self._connection.remaining() - WAIT_SECONDS)
        if left <= 0:
            raise self._busy(found)
        self._sleep(min(WAIT_SECONDS, left))

    def _read(self) -> Lease | None:
        try:
            return self._connection.get(f"{self._collection}/{NAME}")
        except ApiFault as fault:
            if fault.code == 404:
                return None
            raise self._refused(fault) from fault

    def _take(self, found: Lease | None) -> bool:
        """Whether it is held now; False where somebody was faster, or where nobody knows."""
        sent = self._monotonic()
        moment = _micro_time(self._clock())
        before = found.get("spec", {}) if found is not None else {}
        spec = {
            "holderIdentity": self._holder,
            "leaseDurationSeconds": DURATION_SECONDS,
            "acquireTime": moment,
            "renewTime": moment,
            "leaseTransitions": int(before.get("leaseTransitions") or 0) + (found is not None),
        }
        try:
            if found is None:
                body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": NAME}, "spec": spec}
                self._hold(self._connection.request("POST", self._collection, body=body), sent)
            else:
                self._hold(self._connection.request("PUT", f"{self._collection}/{NAME}", body={**found, "spec": spec}), sent)
        except ApiFault as fault:
            if fault.code != 409 and fault.code < 500:
                raise self._refused(fault) from fault
            return False
        except ReadinessError:
            # A creation whose answer was lost: the next look tells.
            if found is not None or not self._connection.reaches_the_server():
                raise
            return False
        return True

    def _hold(self, lease: Lease, since: float | None = None) -> None:
        self._lease = lease
        self._good_until = (self._monotonic() if since is None else since) + DURATION_SECONDS

    def _is_over(self, found: Lease) -> bool:
        """Whether its holder is gone. One that has only just expired is watched for a while."""
        ends = _ends(found)
        if ends is not None and ends > self._clock():
            return False
        if ends is not None and self._clock() - ends > SURELY_OVER:
            return True
        self._sleep(OBSERVED_SECONDS)
        again = self._read()
        return again is None or again.get("spec") == found.get("spec")

    # ---- keeping it and letting it go -------------------------------------------------------------------------------------

    def _renew_until_ended(self) -> None:
        while not self._ended.wait(RENEWAL_SECONDS):
            # Where it fails there are further attempts until it expires; `check` says when that is.
            with suppress(ApiFault, ReadinessError):
                self._renew()

    def _renew(self) -> None:
        sent = self._monotonic()
        renewed = {**self._lease["spec"], "renewTime": _micro_time(self._clock())}
        try:
            self._hold(self._connection.request("PUT", f"{self._collection}/{NAME}", body={**self._lease, "spec": renewed}), sent)
        except ApiFault as fault:
            if fault.code != 409:
                raise
            found = self._read()
            if found is not None and _holder(found) == self._holder:
                # It was an answer that got lost.
                self._lease = found
            else:
                self._good_until = 0.0

    def _release(self) -> None:
        path = f"{self._collection}/{NAME}"
        for _attempt in range(2):
            metadata = self._lease["metadata"]
            try:
                if self.is_last:
                    only = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
                    self._connection.request("DELETE", path, body={"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": only})
                else:
                    spec = {**self._lease["spec"], "holderIdentity": ""}
                    self._connection.request("PUT", path, body={**self._lease, "spec": spec})
                return
            except ApiFault as fault:
                found = self._read() if fault.code == 409 else None
                if found is None or _holder(found) != self._holder:
                    return
                self._lease = found

    # ---- what is said of it --------------------------------------------------------------------------------------------

    def _busy(self, found: Lease) -> ReadinessError:
        spec = found.get("spec", {})
        until = _ends(found)
        again = f" If that run is gone, the Lease ends at {until:%Y-%m-%dT%H:%M:%SZ}." if until else ""
        message = f"another run is writing to this cluster: {_holder(found)}, since {spec.get('acquireTime', 'a time that is not known')}"
        if self._wait_seconds:
            message += f"; it was waited for {self._wait_seconds:g} s"
        return self._connection.error(message, "cluster_busy", f"Wait for it to end.{again}")

    def _refused(self, fault: ApiFault) -> ReadinessError:
        lacking = lacking_permission(fault)
        if lacking:
            message = f"the account may not {lacking}, which keeps two runs from writing to one cluster"
            return self._connection.error(message, "cluster_forbidden", rights_hint(self._rights))
        return self._connection.error(f"the Lease cannot be taken: {words(fault)}", "cluster_refused", "See what the server says.")


def _holder(lease: Lease) -> str:
    return str(lease.get("spec", {}).get("holderIdentity") or "")


def _ends(lease: Lease) -> datetime | None:
    """When it expires by the clock of whoever renewed it; None where it does not say."""
    spec = lease.get("spec", {})
    try:
        renewed = datetime.strptime(str(spec.get("renewTime")), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
        return renewed + timedelta(seconds=int(spec.get("leaseDurationSeconds") or 0))
    except (ValueError, TypeError):
        return None


def _micro_time(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
