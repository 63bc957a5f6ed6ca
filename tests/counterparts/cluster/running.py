# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster that runs, and what tests ask of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.counterparts.cluster import commands
from tests.counterparts.cluster.audit import Audit, AuditLog
from tests.counterparts.cluster.client import Answer, Client, Json, wait_until
from tests.counterparts.cluster.faults import FaultProxy, fault_proxy
from tests.counterparts.cluster.webhook import DenyingWebhook, denying_webhook
from tests.counterparts.meeting import is_kept
from tests.counterparts.vcenter import write_secret

ADMIN = "admin"
SELF_REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
LOGIN_SECONDS = 60.0


@dataclass(frozen=True)
class Cluster:
    """A running cluster: everything that a client needs, and the way to look behind it."""

    name: str
    folder: Path
    """its certificate, tokens, kubeconfigs, logs and data; goes with the cluster"""
    port: int
    pids: Mapping[str, int]
    """process ids by program, the keeper's included"""
    controllers: bool

    @property
    def url(self) -> str:
        """The API server."""
        return f"https://{commands.HOST}:{self.port}"

    @property
    def ca_path(self) -> Path:
        """The certificate that the server's certificate is verified with."""
        return self.folder / "ca.pem"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return commands.kubeconfig_of(self.folder, ADMIN)

    @property
    def admin_token(self) -> str:
        """The administrator's, of system:masters."""
        return self.token_for(ADMIN)

    def token_for(self, user: str) -> str:
        """The token of a user that was named at the start, or of user-0 to user-9, who have no rights (groups group-0 to group-9)."""
        return (self.folder / f"{user}.token").read_text(encoding="utf-8")

    def kubeconfig_for(self, user: str) -> Path:
        """The kubeconfig of such a user."""
        return commands.kubeconfig_of(self.folder, user)

    @cached_property
    def client(self) -> Client:
        """The administrator's client."""
        return Client(self.url, self.ca_path, self.admin_token)

    def as_user(self, user: str) -> Client:
        """The client of such a user."""
        return self.with_token(self.token_for(user))

    def with_token(self, token: str) -> Client:
        """The client of whoever has that token."""
        return Client(self.url, self.ca_path, token)

    def log_in(self, token: str) -> Client:
        """The client of whoever has that ID token of the cluster's issuer, whose keys the server asks for after its start."""
        client = self.with_token(token)
        wait_until("the server takes the token", lambda: client.request("POST", SELF_REVIEWS, {}).status == 201, LOGIN_SECONDS)
        return client

    @staticmethod
    def whoami(client: Client) -> Json:
        """`username` and `groups` of that client, as the server sees them."""
        found: Json = client.post(SELF_REVIEWS, {})["status"]["userInfo"]
        return found

    def request(self, method: str, path: str, body: object = None, content_type: str = "application/json") -> Answer:
        """One request as the administrator."""
        return self.client.request(method, path, body, content_type)

    def apply(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Applies objects as the administrator, their status included."""
        self.client.apply(objects)

    def namespace(self, prefix: str = "test", labels: Mapping[str, str] | None = None) -> str:
        """A new namespace that nobody else uses."""
        name = f"{prefix}-{secrets.token_hex(4)}"
        self.client.post("/api/v1/namespaces", {"metadata": {"name": name, "labels": dict(labels or {})}})
        if self.controllers:
            # Pods are refused until the controllers have made it.
            account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
            wait_until(f"{name} has its default service account", lambda: self.request("GET", account).status == 200)
        return name

    def delete_namespace(self, name: str) -> None:
        """Lets it go, with all that is in it; does not wait for that."""
        self.request("DELETE", f"/api/v1/namespaces/{name}")

    def service_account(self, namespace: str, name: str = "reader") -> str:
        """Makes a service account; its token, good for an hour. Its user is `system:serviceaccount:<namespace>:<name>`."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts"
        self.client.post(path, {"metadata": {"name": name}})
        made: Json = self.client.post(f"{path}/{name}/token", {"spec": {"expirationSeconds": 3600}})
        return str(made["status"]["token"])

    def write_kubeconfig(self, path: Path, token: str, url: str = "") -> Path:
        """A kubeconfig for a token of one's own, or for another way to the server, such as a proxy."""
        path.mkdir(parents=True, exist_ok=True)
        return commands.write_kubeconfig(path, "client", token, url or self.url, self.ca_path, self.name)

    @property
    def audit_log(self) -> AuditLog:
        """What was asked of the API server."""
        return AuditLog(self.folder / "audit.log")

    def mark(self) -> int:
        """A place in the audit log, for audit()."""
        return self.audit_log.mark()

    def audit(self, mark: int = 0) -> Audit:
        """What was asked since a mark, without what the cluster's own components did."""
        return self.audit_log.since(mark)

    @contextmanager
    def proxy(self) -> Iterator[FaultProxy]:
        """A way to the server on which faults can be put; its certificate is the server's own."""
        with fault_proxy(self.url, self.ca_path, self.folder / "serving.pem", self.folder / "serving.key") as proxy:
            yield proxy

    @contextmanager
    def webhook(self, message: str, **rule: Any) -> Iterator[DenyingWebhook]:
        """A validating webhook that denies what it is asked about; see denying_webhook for its rule."""
        serving = (self.folder / "serving.pem", self.folder / "serving.key")
        with denying_webhook(self.client, self.ca_path, serving, message, **rule) as webhook:
            yield webhook

    def is_kept(self) -> bool:
        """Whether its processes are there; the cluster ends as a whole when one of them does."""
        return is_kept(self.folder)

    def write(self) -> None:
        """Leaves in the folder what another process needs to use the cluster."""
        state = {"name": self.name, "port": self.port, "pids": dict(self.pids), "controllers": self.controllers}
        write_secret(self.folder / "state.json", json.dumps(state))

    @staticmethod
    def read(folder: Path) -> Cluster:
        """The cluster of that folder."""
        state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        return Cluster(folder=folder, **state)

    def close(self) -> None:
        """Closes the administrator's connection."""
        self.client.close()
