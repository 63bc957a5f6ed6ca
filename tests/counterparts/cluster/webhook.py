# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A validating webhook that says no: a real one, which the API server asks over TLS."""

from __future__ import annotations

import json
import secrets
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.counterparts.cluster.client import Client, Json
from tests.counterparts.cluster.faults import TlsHandler, TlsServer

PATH = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


@dataclass
class DenyingWebhook:
    """A webhook in force."""

    name: str
    """of its configuration"""
    message: str
    requests: list[Json] = field(default_factory=list)
    """what the API server asked, as in AdmissionReview.request"""


class _Server(TlsServer):
    webhook: DenyingWebhook


class _Handler(TlsHandler):
    server: _Server

    def _review(self) -> None:
        asked = json.loads(self.body())["request"]
        self.server.webhook.requests.append(asked)
        response = {"uid": asked["uid"], "allowed": False, "status": {"code": 403, "message": self.server.webhook.message}}
        self.send_json(200, {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response})

    do_POST = _review


@contextmanager
def denying_webhook(
    client: Client,
    ca_path: Path,
    serving: tuple[Path, Path],
    message: str,
    *,
    namespace: str = "",
    groups: Sequence[str] = ("*",),
    resources: Sequence[str] = ("*",),
    operations: Sequence[str] = ("CREATE", "UPDATE"),
) -> Iterator[DenyingWebhook]:
    """Denies these operations on these resources, in one namespace alone where that is named, for as long as the block lasts."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*serving)
    webhook = DenyingWebhook(f"deny-{secrets.token_hex(4)}.example.com", message)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.webhook, server.tls = webhook, tls
        where = {"url": f"https://127.0.0.1:{server.server_address[1]}/", "caBundle": b64encode(ca_path.read_bytes()).decode()}
        only = {"matchLabels": {"kubernetes.io/metadata.name": namespace}} if namespace else {}
        rule = {"apiGroups": list(groups), "apiVersions": ["*"], "resources": list(resources), "operations": list(operations)}
        told: Json = {"name": webhook.name, "clientConfig": where, "rules": [rule], "namespaceSelector": only}
        told.update(admissionReviewVersions=["v1"], sideEffects="None", failurePolicy="Fail", timeoutSeconds=5)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        client.post(PATH, {"metadata": {"name": webhook.name}, "webhooks": [told]})
        try:
            yield webhook
        finally:
            client.request("DELETE", f"{PATH}/{webhook.name}")
            server.shutdown()
            thread.join()
