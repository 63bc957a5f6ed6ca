# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of OLM, and what it says: the objects of an installation, made and read by hand."""

from __future__ import annotations

from collections.abc import Sequence

from tests.counterparts.cluster import Client, ClusterError, wait_until
from tests.counterparts.cluster.client import Json
from tests.counterparts.olm.manifests import MARKETPLACE

V1 = "/apis/operators.coreos.com/v1"
V1ALPHA1 = "/apis/operators.coreos.com/v1alpha1"
MERGE = "application/merge-patch+json"
SECONDS = 60.0


def operator_group(namespace: str, targets: Sequence[str] | None = None, name: str = "group") -> Json:
    """A group that targets these namespaces; None is all of the cluster."""
    spec = {} if targets is None else {"targetNamespaces": list(targets)}
    return {
        "apiVersion": "operators.coreos.com/v1",
        "kind": "OperatorGroup",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def subscription(
    namespace: str,
    package: str,
    *,
    source: str,
    channel: str = "stable",
    starting_csv: str = "",
    approval: str = "Manual",
    name: str = "",
) -> Json:
    """A subscription to a package of a catalog, called as the package unless it is given a name."""
    spec = {"name": package, "channel": channel, "source": source, "sourceNamespace": MARKETPLACE, "installPlanApproval": approval}
    spec |= {"startingCSV": starting_csv} if starting_csv else {}
    metadata = {"name": name or package, "namespace": namespace}
    return {"apiVersion": "operators.coreos.com/v1alpha1", "kind": "Subscription", "metadata": metadata, "spec": spec}


def namespace_of(name: str) -> Json:
    """A namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def subscription_in(client: Client, namespace: str, name: str) -> Json:
    """A subscription as it is now."""
    return client.get(f"{V1ALPHA1}/namespaces/{namespace}/subscriptions/{name}")


def csv_in(client: Client, namespace: str, name: str) -> Json:
    """A ClusterServiceVersion as it is now; empty when there is none."""
    answer = client.request("GET", f"{V1ALPHA1}/namespaces/{namespace}/clusterserviceversions/{name}")
    return answer.body if answer.status == 200 else {}


def plan_of(client: Client, namespace: str, name: str, *, beyond: str = "", seconds: float = SECONDS) -> Json:
    """The install plan that a subscription points to, once there is one; with `beyond` another one than that."""
    found: list[Json] = []

    def there() -> bool:
        reference = (subscription_in(client, namespace, name).get("status") or {}).get("installPlanRef")
        if not reference or reference["name"] == beyond:
            return False
        found[:] = [client.get(f"{V1ALPHA1}/namespaces/{namespace}/installplans/{reference['name']}")]
        return bool((found[0].get("status") or {}).get("phase"))

    wait_until(f"{namespace}/{name} has an install plan", there, seconds)
    return found[0]


def approve(client: Client, plan: Json) -> None:
    """Lets OLM carry out a plan."""
    metadata = plan["metadata"]
    path = f"{V1ALPHA1}/namespaces/{metadata['namespace']}/installplans/{metadata['name']}"
    client.request("PATCH", path, {"spec": {"approved": True}}, MERGE).checked()


def phase_of(csv: Json) -> tuple[str, str]:
    """Phase and reason of a ClusterServiceVersion; both empty while it has none."""
    status = csv.get("status") or {}
    return str(status.get("phase", "")), str(status.get("reason", ""))


def wait_for_csv(client: Client, namespace: str, name: str, phase: str = "Succeeded", reason: str = "", seconds: float = SECONDS) -> Json:
    """The ClusterServiceVersion once it is in that phase, for that reason if one is given."""
    found: Json = {}

    def there() -> bool:
        nonlocal found
        found = csv_in(client, namespace, name)
        now = phase_of(found)
        return now[0] == phase and reason in {"", now[1]}

    try:
        wait_until(f"{namespace}/{name} is {phase} {reason}".rstrip(), there, seconds)
    except ClusterError as error:
        status = found.get("status") or {}
        raise ClusterError(
            f"{error}; it is {status.get('phase', 'absent')} {status.get('reason', '')}: {status.get('message', '')}"
        ) from None
    return found


def said_of(item: Json, kind: str) -> Json:
    """A condition of an object as a whole; empty when it has none of that type."""
    conditions: Sequence[Json] = (item.get("status") or {}).get("conditions") or ()
    return next((each for each in conditions if each["type"] == kind), {})


def install(client: Client, namespace: str, package: str, csv: str, *, source: str, targets: Sequence[str] | None = None) -> Json:
    """Has OLM install a version in a namespace of its own, as a person would; the ClusterServiceVersion, Succeeded."""
    wanted = subscription(namespace, package, source=source, starting_csv=csv)
    client.apply([namespace_of(namespace), operator_group(namespace, targets), wanted])
    approve(client, plan_of(client, namespace, package))
    return wait_for_csv(client, namespace, csv)
