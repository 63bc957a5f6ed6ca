# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the readers of live servers could see, which limits what their lists prove.

A server leaves out of every list what an account may not see. So a VM that is in no list may exist all the same where
the source says so, and a VM's list of datastores tells nothing of a datastore that the account cannot see.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ..common.artifact import JsonRecord

LIVE: Final = "vcenter"
"""Type of the sources that were read from a server, by an account with rights of its own."""

UNSEEN_VMS: Final = ("vms_may_be_invisible", "privileges_not_known")
"""Codes of a source's notices by which it may hold VMs that are not in the estate; the last one says that nobody knows."""


class Listing(NamedTuple):
    """Where a list of datastores comes from: the source, the vCenter and the datacenter, None where those are unknown."""

    source: str
    vcenter: str | None
    datacenter: str | None


class Sight:
    """What is known of the sources. Hand it every record, in the order of the estate: what it tells of a VM, the records before say."""

    def __init__(self) -> None:
        self._live: set[str] = set()
        self._partial: set[str] = set()
        self._datastores: set[tuple[Listing, str | None]] = set()

    def add(self, record: JsonRecord) -> None:
        """Learns from a record; only those of sources and datastores tell something."""
        if record["kind"] == "source":
            if record.get("type") == LIVE:
                self._live.add(record["id"])
            if any(notice.get("code") in UNSEEN_VMS for notice in record.get("notices", ())):
                self._partial.add(record["id"])
        elif record["kind"] == "datastore":
            where = (record.get("vcenter"), record.get("datacenter"))
            self._datastores.update((Listing(source, *where), record.get("name")) for source in record.get("sources", ()))

    def may_hide_vms(self, vm: Mapping[str, Any]) -> bool:
        """True where a source of the VM may hold further VMs that nobody saw."""
        return bool(self._partial) and not self._partial.isdisjoint(vm.get("sources", ()))

    def listings(self, vm: Mapping[str, Any]) -> tuple[Listing, ...]:
        """Where the VM's lists of datastores come from, as far as they hold no more than an account may see."""
        if not self._live:
            return ()
        where = (vm.get("vcenter"), vm.get("datacenter"))
        return tuple(Listing(source, *where) for source in vm.get("sources", ()) if source in self._live)

    def showed(self, listing: Listing, datastore: str) -> bool:
        """Whether the source showed a datastore of that name in the datacenter: then it stands in every list in which it belongs."""
        return listing.datacenter is not None and (listing, datastore) in self._datastores
