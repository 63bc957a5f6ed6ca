# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules of a document have in common: faults with their places, names that are used twice or lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from typing import Final, TypeAlias

from ...common.errors import Problem
from .shape import Path, path_text

Fault: TypeAlias = tuple[Path, Problem]
"""What is wrong, and where in the document."""

MOST_NAMED: Final = 24
"""Above so many names only the near one is told."""
SYSTEM_NAMESPACES: Final = "default|kube-.*|openshift|openshift-.*"
"""Namespaces of Kubernetes, of OpenShift and its operators: a regular expression of Python and of CEL."""

_SYSTEM: Final = re.compile(SYSTEM_NAMESPACES)
_OF_OPENSHIFT: Final = (
    "apiserver authentication backplane catalogd cloud cluster config console controller-manager dns etcd host-network "
    "image-registry infra ingress insights kni kube machine marketplace monitoring multus network node nutanix-infra oauth-apiserver "
    "openstack-infra operator-controller operator-lifecycle-manager ovirt-infra ovn-kubernetes route-controller-manager sdn service-ca "
    "user-workload-monitoring vsphere-infra"
)
_PLATFORM: Final = re.compile(rf"default|openshift|kube-.*|openshift-({'|'.join(_OF_OPENSHIFT.split())})(-.*)?")
"""Namespaces that an installed cluster has by itself; many an operator has a namespace beside them that begins with openshift-, too."""


def fault(path: Path, message: str, remedy: str = "") -> Fault:
    """A fault whose message begins with its place."""
    return path, Problem(f"{path_text(path)} {message}", remedy=remedy)


def used_twice(names: Iterable[tuple[Path, str]]) -> Iterator[Fault]:
    """A fault for each name that was used before; empty names are none."""
    seen: dict[str, Path] = {}
    for path, name in names:
        if name and name in seen:
            yield fault(path, f"is {name!r}, as {path_text(seen[name])} is", "give each a name of its own")
        else:
            seen[name] = path


def leads_nowhere(path: Path, name: str, known: Collection[str], what: str) -> Iterator[Fault]:
    """A fault where nothing of that name is known; empty names lead nowhere on purpose."""
    if name and name not in known:
        near = get_close_matches(name, sorted(known), n=1)
        meant = f"did you mean {near[0]}?" if near else ""
        there = f"there are {', '.join(sorted(known))}" if known else "there is none"
        remedy = meant if near and len(known) > MOST_NAMED else f"{meant} {there}".strip()
        yield fault(path, f"is {name!r}, which is no {what}", remedy)


def is_of_the_system(namespace: str) -> bool:
    """Whether that namespace belongs to Kubernetes, to OpenShift, or to an operator of it."""
    return _SYSTEM.fullmatch(namespace) is not None


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def of_the_platform(path: Path, namespace: str) -> Iterator[Fault]:
    """A fault where an operator would go into a namespace that a cluster has by itself."""
    if _PLATFORM.fullmatch(namespace):
        yield fault(
            path, f"is {namespace!r}, a namespace of the system", "name the one that the operator's documentation names, or your own"
        )


def of_the_system(path: Path, namespace: str, shipped: Collection[str]) -> Iterator[Fault]:
    """A fault where a namespace belongs to Kubernetes or OpenShift itself; `shipped` are those of operators that live there."""
    if _SYSTEM.fullmatch(namespace) and namespace not in shipped:
        yield fault(
            path, f"is {namespace!r}, a namespace of the system", "name one of your own, whose name does not begin with openshift- or kube-"
        )
