# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who scrapes what: which ServiceMonitors and PodMonitors select it, and whether a Prometheus of OpenShift reads them.

Judged are objects: network policies, the rights of a Prometheus' account and whether pods are there are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from ...common.owned_fields import ApiObject
from ...common.write_findings import listed
from ...target.model import READ
from ...target.objects import labels_of, map_at, maps_at, name_of, namespace_of, text_at, text_map, texts_at
from ..accelerators.pools import has_labels, selects
from ..snapshot import PlatformSnapshot
from .monitors import CLUSTER_LABEL, POD_MONITOR, SCRAPERS, SERVICE_MONITOR, USER_LABEL, Monitor, Scraper, left_out, monitor_of, scraper_of
from .readings import NAMESPACES, POD_MONITORS, PROMETHEUSES, SERVICE_MONITORS, SERVICES

_ANY_PORT: Final = ("",)


# ---- what has to be scraped ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PodsLabelled:
    """Pods of one namespace by the labels that their controller gives them: a monitor has to select one of the sets of labels.

    Labels that nobody knows of count as not there.
    """

    words: str
    namespace: str
    labels: tuple[Mapping[str, str], ...]

    def is_behind(self, service: ApiObject) -> bool:
        """Whether a Service leads to them."""
        wanted = text_map(map_at(service, "spec.selector"))
        return bool(wanted) and namespace_of(service) == self.namespace and any(has_labels(labels, wanted) for labels in self.labels)

    def is_asked_for_by(self, monitor: Monitor) -> bool:
        """Whether a PodMonitor selects them."""
        return monitor.reaches(self.namespace) and any(selects(monitor.selector, labels) for labels in self.labels)


@dataclass(frozen=True, slots=True)
class Mark:
    """How something is known wherever it runs: labels of its Service or pods, and the form of its Service's name."""

    labels: Mapping[str, str]
    service: str = ".*"


@dataclass(frozen=True, slots=True)
class PodsMarked:
    """Pods that are known by any of some marks, in whichever namespace they are.

    Nobody knows their further labels, so a PodMonitor selects them when it asks for a mark; whether pods are there is not looked at.
    """

    words: str
    marks: tuple[Mark, ...]

    def is_behind(self, service: ApiObject) -> bool:
        """Whether a Service leads to them."""
        known = (labels_of(service), text_map(map_at(service, "spec.selector")))
        return any(
            any(has_labels(labels, mark.labels) for labels in known) and re.fullmatch(mark.service, name_of(service)) is not None
            for mark in self.marks
        )

    def is_asked_for_by(self, monitor: Monitor) -> bool:
        """Whether a PodMonitor asks for them."""
        wanted = _required(monitor.selector)
        return any(has_labels(wanted, mark.labels) for mark in self.marks)


Target: TypeAlias = PodsLabelled | PodsMarked


def _required(selector: Mapping[str, Any]) -> dict[str, str]:
    """Labels without which a LabelSelector takes nothing."""
    required = text_map(map_at(selector, "matchLabels"))
    for term in maps_at(selector, "matchExpressions"):
        values = texts_at(term, "values")
        if text_at(term, "operator") == "In" and len(values) == 1:
            required[text_at(term, "key")] = values[0]
    return required


def _aims_at(monitor: Monitor, target: Target, services: Sequence[ApiObject]) -> bool:
    """Whether a monitor selects the target; `services` are those that lead to it."""
    if not monitor.ports:
        return False
    if monitor.kind == POD_MONITOR:
        return target.is_asked_for_by(monitor)
    return any(
        monitor.reaches(namespace_of(service)) and selects(monitor.selector, labels_of(service)) and _has_port(monitor, service)
        for service in services
    )


def _has_port(monitor: Monitor, service: ApiObject) -> bool:
    names = {text_at(entry, "name") for entry in maps_at(service, "spec.ports")}
    return any(not port or port in names for port in monitor.ports)


# ---- who scrapes it --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scraping:
    """All that tells who scrapes what."""

    monitors: tuple[Monitor, ...] = ()
    services: Mapping[str, tuple[ApiObject, ...]] = field(default_factory=dict)
    """Services by namespace"""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """namespace to its labels"""
    running: tuple[Scraper, ...] = ()
    unknown: str = ""
    """why nobody knows; empty where it is known"""


@dataclass(frozen=True, slots=True)
class Sight:
    """Who scrapes something, or why nobody does."""

    monitors: tuple[str, ...] = ()
    """monitors by which it is scraped, as Kind namespace/name"""
    reason: str = ""
    """why nobody scrapes it; empty where somebody does"""
    unknown: str = ""
    """why nobody knows"""


_NEEDED: Final = (SERVICE_MONITORS, POD_MONITORS, SERVICES, NAMESPACES, PROMETHEUSES)


def scraping_of(snapshot: PlatformSnapshot) -> Scraping:
    """Who scrapes what on this cluster. Without one of the lists nobody knows."""
    if not snapshot.known(*_NEEDED):
        return Scraping(unknown=snapshot.why_not(*_NEEDED))
    if snapshot.listed[PROMETHEUSES].state != READ:
        return Scraping(unknown=f"the cluster does not serve {PROMETHEUSES}")
    services: dict[str, list[ApiObject]] = {}
    for item in snapshot.all(SERVICES):
        services.setdefault(namespace_of(item), []).append(item)
    kinds = ((SERVICE_MONITORS, SERVICE_MONITOR), (POD_MONITORS, POD_MONITOR))
    return Scraping(
        tuple(monitor_of(item, kind) for resource, kind in kinds for item in snapshot.all(resource)),
        {namespace: tuple(found) for namespace, found in services.items()},
        {name_of(item): labels_of(item) for item in snapshot.all(NAMESPACES)},
        tuple(scraper for scraper in SCRAPERS if snapshot.get(PROMETHEUSES, *scraper.prometheus) is not None),
    )


def sight_of(target: Target, scraping: Scraping) -> Sight:
    """Who scrapes a target."""
    if scraping.unknown:
        return Sight(unknown=scraping.unknown)
    services = [service for service in _near(target, scraping) if target.is_behind(service)]
    judged = {monitor.text: _obstacle(monitor, target, services, scraping) for monitor in scraping.monitors}
    seen = sorted(text for text, obstacle in judged.items() if obstacle == "")
    if seen:
        return Sight(tuple(seen))
    obstacles = sorted(f"{text}: {obstacle}" for text, obstacle in judged.items() if obstacle)
    return Sight(reason=f"nobody scrapes {target.words}: {listed(obstacles) if obstacles else _lack(target, services)}")


def _near(target: Target, scraping: Scraping) -> Iterable[ApiObject]:
    if isinstance(target, PodsLabelled):
        return scraping.services.get(target.namespace, ())
    return (service for found in scraping.services.values() for service in found)


def _lack(target: Target, services: Sequence[ApiObject]) -> str:
    if services:
        names = sorted(f"{namespace_of(service)}/{name_of(service)}" for service in services)
        return f"no ServiceMonitor selects the Service {listed(names)}, and no PodMonitor its pods"
    return "no PodMonitor selects its pods, and no Service leads to them"


def _obstacle(monitor: Monitor, target: Target, services: Sequence[ApiObject], scraping: Scraping) -> str | None:
    """Why a monitor that means the target does not get it scraped, empty where it does; None where it does not mean the target."""
    scraper = scraper_of(scraping.labels.get(monitor.namespace, {}))
    if scraper is not None and _aims_at(monitor.as_read_by(scraper), target, services):
        return next(_refusals(monitor, scraper, scraping), "")
    if not _aims_at(replace(monitor, ports=_ANY_PORT), target, services):
        return None
    if not _aims_at(monitor, target, services):
        return "it names no port that the Service has" if monitor.ports else "it has no endpoint"
    if scraper is None:
        return f"namespace {monitor.namespace} is left out: {left_out(scraping.labels.get(monitor.namespace, {}))}"
    return f"{scraper.words} looks into {monitor.namespace} only, whatever the namespaceSelector says"


def _refusals(monitor: Monitor, scraper: Scraper, scraping: Scraping) -> Iterator[str]:
    """Why a Prometheus whose namespace it is in does not take it."""
    if not selects(scraper.monitors, monitor.labels):
        yield f"its label {USER_LABEL}=false takes it out of {scraper.words}"
    if scraper.refuses_files and monitor.reads_files:
        yield f"it names files of Prometheus, which {scraper.words} refuses; the namespace lacks the label {CLUSTER_LABEL}=true"
    if scraper not in scraping.running:
        yield f"{scraper.words} does not run: there is no Prometheus {'/'.join(scraper.prometheus)}"
