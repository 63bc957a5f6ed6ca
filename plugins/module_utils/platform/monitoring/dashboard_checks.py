# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether there is somebody to show the dashboards: the console of OpenShift, Perses, and the namespaces that get them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ...common.findings import INFORMATION, CheckFinding
from ...common.write_findings import MISSING
from ...target.model import ABSENT
from ..checks import Check
from ..desired.monitoring import DashboardsWanted
from ..snapshot import PlatformSnapshot
from ..verdicts import failed, not_asked, passed, unknown
from .check_list import LAYER, PART
from .dashboards import CONSOLE_NAMESPACE, PATH, PERSES_GROUP, PERSES_KIND, PERSES_VERSIONS
from .readings import NAMESPACES, PERSES, VERSION

CONSOLE: Final = Check(
    f"platform.{PART}.dashboards.console",
    PART,
    LAYER,
    "There is a console of OpenShift that shows the dashboards",
    "set monitoring.dashboards.console to false, or name namespaces for Perses",
    f"openshift/console, ConfigMaps of {CONSOLE_NAMESPACE}; config.openshift.io/v1 ClusterVersion",
    INFORMATION,
)
SERVED: Final = Check(
    f"platform.{PART}.dashboards.served",
    PART,
    LAYER,
    "The cluster serves PersesDashboards, which the document asks for",
    "install the Cluster Observability Operator, which brings Perses, and switch Perses on in its UIPlugin of type Monitoring",
    "perses/perses-operator, perses.dev/v1alpha2 PersesDashboard; rhobs/observability-operator, UIPlugin",
)
PLACE: Final = Check(
    f"platform.{PART}.dashboards.namespace",
    PART,
    LAYER,
    "The namespace that gets PersesDashboards is there",
    "create the namespace and run it again, or correct monitoring.dashboards.perses",
    "document, monitoring.dashboards.perses",
)

DASHBOARD_CHECKS: Final[tuple[Check, ...]] = (CONSOLE, SERVED, PLACE)


def dashboard_findings(wanted: DashboardsWanted, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """What keeps the dashboards from being seen."""
    return [_console(wanted, snapshot), *_perses(wanted, snapshot)]


def attainable(wanted: DashboardsWanted, snapshot: PlatformSnapshot) -> DashboardsWanted:
    """The part of it for which there is a place: without kinds and namespaces of which it is known that they are not there."""
    console = wanted.console and _console_fault(snapshot) == ""
    perses = () if _is_absent(snapshot) else tuple(name for name in wanted.perses if not _is_missing(name, snapshot))
    return replace(wanted, console=console, perses=perses)


def perses_version(snapshot: PlatformSnapshot) -> str:
    """The version of PersesDashboard to write: the preferred one that is served, and the first where that is not known."""
    return snapshot.version_of(PERSES_GROUP, PERSES_KIND, *PERSES_VERSIONS) or PERSES_VERSIONS[0]


# ---- console ---------------------------------------------------------------------------------------------------------


def _console(wanted: DashboardsWanted, snapshot: PlatformSnapshot) -> CheckFinding:
    path = f"{PATH}.console"
    if not wanted.console:
        return not_asked(CONSOLE, "console")
    if fault := _console_fault(snapshot):
        return failed(CONSOLE, "console", fault, path, MISSING)
    if not snapshot.known(VERSION, NAMESPACES):
        return unknown(CONSOLE, "console", snapshot.why_not(VERSION, NAMESPACES), path)
    return passed(CONSOLE, "console", path)


def _console_fault(snapshot: PlatformSnapshot) -> str:
    """Why the console of OpenShift shows nothing, as far as it is known; empty where nothing is known against it."""
    found = snapshot.listed.get(VERSION)
    if found is not None and found.state == ABSENT:
        return "the cluster is none of OpenShift: it serves no ClusterVersion"
    if _is_missing(CONSOLE_NAMESPACE, snapshot):
        return f"the namespace {CONSOLE_NAMESPACE}, which the console reads, is not there"
    return ""


# ---- Perses ----------------------------------------------------------------------------------------------------------


def _perses(wanted: DashboardsWanted, snapshot: PlatformSnapshot) -> Iterator[CheckFinding]:
    path = f"{PATH}.perses"
    if not wanted.perses:
        yield not_asked(SERVED, "perses")
        return
    if _is_absent(snapshot):
        yield failed(SERVED, "perses", f"the cluster does not serve {PERSES_KIND} of {PERSES_GROUP}", path, MISSING)
    elif snapshot.scope(PERSES_GROUP, PERSES_KIND):
        yield _version_finding(snapshot, path)
    else:
        yield unknown(SERVED, "perses", snapshot.why_not(PERSES) or f"the versions of {PERSES_KIND} are not known", path)
    for number, name in enumerate(wanted.perses):
        yield _place(name, f"{path}[{number}]", snapshot)


def _version_finding(snapshot: PlatformSnapshot, path: str) -> CheckFinding:
    version = snapshot.version_of(PERSES_GROUP, PERSES_KIND, *PERSES_VERSIONS)
    if version:
        return passed(SERVED, "perses", path, version)
    served = snapshot.served[PERSES_GROUP, PERSES_KIND].versions
    return failed(SERVED, "perses", f"{PERSES_KIND} is served in {', '.join(served)}; known are {', '.join(PERSES_VERSIONS)}", path)


def _place(name: str, path: str, snapshot: PlatformSnapshot) -> CheckFinding:
    subject = f"Namespace {name}"
    if not snapshot.known(NAMESPACES):
        return unknown(PLACE, subject, snapshot.why_not(NAMESPACES), path)
    if _is_missing(name, snapshot):
        return failed(PLACE, subject, f"the namespace {name} is not there", path, MISSING)
    return passed(PLACE, subject, path)


def _is_absent(snapshot: PlatformSnapshot) -> bool:
    """Whether it is known that the kind is not served."""
    found = snapshot.listed.get(PERSES)
    return found is not None and found.state == ABSENT and not snapshot.scope(PERSES_GROUP, PERSES_KIND)


def _is_missing(namespace: str, snapshot: PlatformSnapshot) -> bool:
    """Whether it is known that a namespace is not there."""
    return snapshot.known(NAMESPACES) and snapshot.get(NAMESPACES, "", namespace) is None
