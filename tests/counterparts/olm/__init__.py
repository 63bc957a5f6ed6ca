# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Operator Lifecycle Manager on the cluster of tests/counterparts/cluster, with catalogs that tests describe.

`opm`, `olm` and `catalog` are the released programs. Not real are the package server, whose PackageManifests are written from
what `opm` renders, and the operators themselves: their pods run nothing.
"""

from __future__ import annotations

from tests.counterparts.olm.catalogs import ALL, MULTI, OWN, SINGLE, UNREACHABLE, Bundle, Catalog, Entry, OwnedCrd, Package, chain, package
from tests.counterparts.olm.manifests import MARKETPLACE, manifests_of
from tests.counterparts.olm.site import OLM_USERS, OlmSite, RunningCatalog, catalog_source, olm_site

__all__ = [
    "ALL",
    "MARKETPLACE",
    "MULTI",
    "OLM_USERS",
    "OWN",
    "SINGLE",
    "UNREACHABLE",
    "Bundle",
    "Catalog",
    "Entry",
    "OlmSite",
    "OwnedCrd",
    "Package",
    "RunningCatalog",
    "catalog_source",
    "chain",
    "manifests_of",
    "olm_site",
    "package",
]
