# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way through a channel that is worked out, against the way that the real OLM takes, on random graphs."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.catalog import rendered_catalog
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.graph import hops
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.model import Hops, Unreachable

from tests.counterparts.cluster import PLATFORM, Client, cluster, crds_available, node, wait_until
from tests.counterparts.olm import OLM_USERS, OWN, Bundle, Catalog, Entry, OlmSite, Package, olm_site
from tests.counterparts.olm.objects import V1ALPHA1, approve, namespace_of, operator_group, subscription

GRAPHS = int(os.environ.get("READINESS_OLM_GRAPHS", "8"))
"""OLM asks the server five times a second at most: 30 graphs take it six minutes."""

SEEDS = 31
SECONDS = 900
CALM_SECONDS = 15
"""OLM resolves again within seconds of an install: what it has not asked for by then it does not want."""


def random_package(number: int) -> tuple[Package, str]:
    """A package with one head, and the version that is installed to begin with: skips, ranges, and entries that are only skipped."""
    rng = random.Random(number)
    name, count = f"graph-{number}", rng.randint(3, 5)
    names = [f"{name}.v{version}.0.0" for version in range(1, count + 1)]
    entries, before = [Entry(names[0])], names[0]
    for version, csv in enumerate(names[1:], 2):
        earlier = names[: version - 1]
        skips = tuple(sorted({*rng.sample(earlier, rng.randint(0, 1)), *(() if before == earlier[-1] else (earlier[-1],))}))
        low = rng.randint(1, version - 1)
        skip_range = f">={low}.0.0 <{rng.randint(low + 1, version)}.0.0" if rng.random() < 0.35 else ""
        entries.append(Entry(csv, before, skips, skip_range))
        # What comes next may leave this one aside: it skips it then.
        before = before if rng.random() < 0.2 and version < count else csv
    bundles = tuple(Bundle(csv, f"{version}.0.0", (OWN,), deployments={}) for version, csv in enumerate(names, 1))
    return Package(name, bundles, {"stable": tuple(entries)}), rng.choice(names[:2])


def is_served(package: Package) -> bool:
    """Whether opm serves it: the chain from the head, which ends at an entry that is skipped, holds all that are not."""
    entries = {entry.name: entry for entry in package.channels["stable"]}
    skipped = {name for entry in entries.values() for name in entry.skips}
    name, chain = list(entries)[-1], set()
    while name in entries and name not in skipped:
        chain.add(name)
        name = entries[name].replaces
    return not set(entries) - chain - skipped


GRAPHS_AND_STARTS = [made for made in map(random_package, reversed(range(SEEDS))) if is_served(made[0])][:GRAPHS]
CATALOG = Catalog(tuple(package for package, _start in GRAPHS_AND_STARTS))


@pytest.fixture(scope="module")
def site(shared: Path) -> Iterator[OlmSite]:
    """OLM with all graphs in one catalog."""
    if not crds_available():
        pytest.skip(f"no custom resource definitions in {shared}")
    with cluster(crds=PLATFORM, nodes=[node("worker-0")], users=OLM_USERS) as made, olm_site(made, {"demo": CATALOG}) as found:
        yield found


def walked(client: Client) -> dict[str, list[str]]:
    """Approves every plan until OLM makes no further one, and returns what each package went through, in its order."""
    paths: dict[str, list[str]] = {package.name: [] for package, _start in GRAPHS_AND_STARTS}
    calm = [time.monotonic()]

    def at_rest() -> bool:
        for plan in client.get(f"{V1ALPHA1}/installplans")["items"]:
            namespace, names = plan["metadata"]["namespace"], plan["spec"]["clusterServiceVersionNames"]
            if plan.get("status", {}).get("phase") == "RequiresApproval" and not plan["spec"]["approved"]:
                approve(client, plan)
                paths[namespace] += [name for name in names if name not in paths[namespace]]
                calm[:] = [time.monotonic()]
        subscriptions = client.get(f"{V1ALPHA1}/subscriptions")["items"]
        ended = all(each.get("status", {}).get("installedCSV") == expected_end(each["metadata"]["name"]) for each in subscriptions)
        return ended and time.monotonic() - calm[0] > CALM_SECONDS

    wait_until("every package is at its end", at_rest, SECONDS)
    return paths


def expected_end(name: str) -> str:
    """Where the way of a package ends."""
    return expected_path(name)[-1]


def expected_path(name: str) -> list[str]:
    """The way as it is worked out: the version that is installed first, and all after it."""
    package, start = next(each for each in GRAPHS_AND_STARTS if each[0].name == name)
    known = rendered_catalog("demo", RENDERED[name]).packages[name]
    ways = [hops(known, "stable", start, bundle.name) for bundle in package.bundles]
    return [start, *max((way.path for way in ways if isinstance(way, Hops)), key=len)]


RENDERED: dict[str, list[dict[str, object]]] = {}
"""Package to what `opm render` wrote of it."""


def test_olm_goes_the_way_that_is_worked_out(site: OlmSite) -> None:
    for record in site.catalog("demo").rendered():
        name = record["name"] if record["schema"] == "olm.package" else record["package"]
        RENDERED.setdefault(name, []).append(record)
    client = site.cluster.client
    for package, start in GRAPHS_AND_STARTS:
        name = package.name
        wanted = subscription(name, name, source="demo", starting_csv=start)
        client.apply([namespace_of(name), operator_group(name, [name]), wanted])
    paths = walked(client)
    assert paths == {name: expected_path(name) for name in paths}
    assert len({len(path) for path in paths.values()}) > 2
    known = {name: rendered_catalog("demo", records).packages[name] for name, records in RENDERED.items()}
    missed = [
        (package.name, bundle.name)
        for package, start in GRAPHS_AND_STARTS
        for bundle in package.bundles
        if isinstance(hops(known[package.name], "stable", start, bundle.name), Unreachable)
    ]
    assert missed, "no graph jumps over a version"
    assert all(csv not in paths[name] for name, csv in missed)
