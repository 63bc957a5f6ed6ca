# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts Keycloak, and takes hold of one that runs already."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.counterparts.build import Say, quiet
from tests.counterparts.cluster.certificates import make_certificates
from tests.counterparts.cluster.commands import HOST, free_ports
from tests.counterparts.identity.distribution import ADMIN, Distribution, distribution
from tests.counterparts.identity.keeper import LOG
from tests.counterparts.identity.realm import Keycloak, Realm, representation
from tests.counterparts.identity.web import IdentityError, Reply, ask, post_form
from tests.counterparts.meeting import KEEPER_LOG, is_kept, keeper, meet
from tests.counterparts.vcenter import write_secret

START_SECONDS = 180.0
ATTEMPTS = 3
TAKEN = re.compile("already (bound|in use)", re.IGNORECASE)
MASTER = "master"


@dataclass(frozen=True)
class KeycloakServer:
    """A running Keycloak, and its administrator's way in."""

    folder: Path
    """its certificate, database and log; goes with the server"""
    port: int
    pid: int
    secret: str = field(repr=False)
    """the administrator's password"""
    username: str = ADMIN
    _tokens: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"https://{HOST}:{self.port}"

    @property
    def ca_path(self) -> Path:
        """The certificate that its certificate is verified with."""
        return self.folder / "ca.pem"

    def request(self, method: str, path: str, body: object = None) -> Reply:
        """One request of the administrator to a path below /admin, whatever is answered."""
        reply = self._try(method, path, body)
        if reply.status == 401:
            # Its tokens last for a minute.
            self._tokens.clear()
            reply = self._try(method, path, body)
        return reply

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """The same, but an error when the server refuses; gives the JSON value that was answered."""
        reply = self.request(method, path, body)
        if reply.status >= 400:
            raise IdentityError(f"Keycloak answered {reply.status} to {method} {path}: {reply.body}")
        return reply.body

    def _try(self, method: str, path: str, body: object) -> Reply:
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"}
        payload = None if body is None else json.dumps(body).encode()
        return ask(self.ca_path, method, f"{self.url}/admin{path}", payload, headers)

    def _token(self) -> str:
        if ADMIN not in self._tokens:
            url = f"{self.url}/realms/{MASTER}/protocol/openid-connect/token"
            grant = {"grant_type": "password", "client_id": "admin-cli", "username": self.username, "password": self.secret}
            reply = post_form(self.ca_path, url, **grant)
            if reply.status != 200:
                raise IdentityError(f"Keycloak let its administrator not in: {reply.status}: {reply.body}")
            self._tokens[ADMIN] = str(reply.body["access_token"])
        return self._tokens[ADMIN]

    @contextmanager
    def realm(self, wanted: Realm) -> Iterator[Keycloak]:
        """A realm that nobody else uses, for as long as the block lasts."""
        name = wanted.name or f"realm-{secrets.token_hex(4)}"
        made = Keycloak(self.url, name, self.ca_path, wanted, self.admin)
        self.admin("POST", "/realms", representation(made))
        try:
            yield made
        finally:
            self.admin("DELETE", f"/realms/{name}")

    def is_kept(self) -> bool:
        """Whether it runs."""
        return is_kept(self.folder)

    def write(self) -> None:
        """Leaves in the folder what another process needs to use the server."""
        write_secret(self.folder / "state.json", json.dumps({"port": self.port, "pid": self.pid, "secret": self.secret}))

    @staticmethod
    def read(folder: Path) -> KeycloakServer:
        """The server of that folder."""
        return KeycloakServer(folder=folder, **json.loads((folder / "state.json").read_text(encoding="utf-8")))


@contextmanager
def keycloak(say: Say = quiet) -> Iterator[KeycloakServer]:
    """Runs a Keycloak for as long as the block lasts."""
    with ExitStack() as stack:
        meeting = Path(tempfile.mkdtemp(prefix="keycloak-"))
        stack.callback(shutil.rmtree, meeting, ignore_errors=True)
        folder = meeting / "server"
        folder.mkdir()
        yield stack.enter_context(_kept(distribution(say), folder, meeting / "lock"))


@contextmanager
def shared_keycloak(meeting: Path, say: Say = quiet) -> Iterator[KeycloakServer]:
    """The Keycloak of everybody who meets in that folder: the first one starts it, and it ends with the last one."""

    def start(folder: Path, lock: Path) -> AbstractContextManager[KeycloakServer]:
        return _kept(distribution(say), folder, lock, shared=True)

    with meet(meeting, "keycloak-", KeycloakServer.read, start) as found:
        yield found


@contextmanager
def _kept(prepared: Distribution, folder: Path, lock: Path, *, shared: bool = False) -> Iterator[KeycloakServer]:
    """Starts it; another time when somebody else took its port in between."""
    with ExitStack() as stack:
        for attempt in range(1, ATTEMPTS + 1):
            for entry in folder.iterdir():
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
            try:
                found = stack.enter_context(_keeper(prepared, folder, lock, shared=shared))
            except IdentityError as error:
                if attempt == ATTEMPTS or not TAKEN.search(str(error)):
                    raise
            else:
                found.write()
                yield found
                return


def _command(prepared: Distribution, folder: Path, port: int) -> list[str]:
    files = make_certificates(folder)
    options = [f"--https-certificate-file={files.serving}", f"--https-certificate-key-file={files.serving_key}"]
    options += ["--http-enabled=false", f"--http-host={HOST}", f"--https-port={port}", f"--hostname=https://{HOST}:{port}"]
    return prepared.command(prepared.lay_out(folder), "start", "--optimized", "--cache=local", *options)


@contextmanager
def _keeper(prepared: Distribution, folder: Path, lock: Path, *, shared: bool) -> Iterator[KeycloakServer]:
    """Lets the keeper run, and waits for the server. At the end lets go, and waits unless others may hold on."""
    (port,) = free_ports(1)
    command = _command(prepared, folder, port)

    def arguments(reader: int) -> list[str]:
        return [str(folder), str(lock), str(reader), *command]

    with keeper("tests.counterparts.identity.keeper", folder, arguments, shared=shared) as (process, line):
        found = KeycloakServer(folder, port, int(line or 0), prepared.secret)
        _wait_for(found, process)
        yield found


def _wait_for(server: KeycloakServer, process: subprocess.Popen[bytes]) -> None:
    """Returns when it answers; an error with its last words when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server):
        if process.poll() is not None or time.monotonic() > deadline:
            logs = [server.folder / name for name in (KEEPER_LOG, LOG)]
            said = [log.read_text(encoding="utf-8", errors="replace")[-3000:] for log in logs if log.exists()]
            raise IdentityError("Keycloak did not start:\n" + "\n".join(said))
        time.sleep(0.1)


def _answers(server: KeycloakServer) -> bool:
    try:
        return ask(server.ca_path, "GET", f"{server.url}/realms/{MASTER}", None, {}, 5).status == 200
    except OSError:
        return False
