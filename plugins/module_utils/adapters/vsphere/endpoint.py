# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a vCenter or an ESXi host is reached, and how patient a reader is with it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...common.errors import ReadinessError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and the account that reads it. The password is in no text that is made of it."""

    hostname: str
    port: int = 443
    username: str = ""
    password: str = field(repr=False, default="")
    validate_certs: bool = True
    ca_path: str = ""
    """file or folder of the authorities to trust; empty for those that the system trusts"""
    proxy_host: str = ""
    proxy_port: int = 0

    @property
    def place(self) -> str:
        """The server in messages; the port is named where it is not the usual one."""
        return self.hostname if self.port == 443 else f"{self.hostname}:{self.port}"

    @property
    def proxy(self) -> str:
        """The proxy in messages; empty where there is none."""
        return f"{self.proxy_host}:{self.proxy_port}" if self.proxy_host else ""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long is waited. A request that gives no byte for `request_seconds` is given up and sent again."""

    request_seconds: float = 60
    deadline_seconds: float = 3600
    """for the whole reading, from login to logout"""
    attempts: int = 6
    """of one call, the first one among them"""
    backoff_seconds: float = 1
    """before the second attempt; doubled before each further one"""
    longest_backoff_seconds: float = 30

    def pauses(self) -> Iterator[float]:
        """Seconds to wait before each further attempt. Always the same, so that a run can be told from its log."""
        for step in range(self.attempts - 1):
            yield min(self.backoff_seconds * 2**step, self.longest_backoff_seconds)


def tls_context(endpoint: Endpoint) -> ssl.SSLContext:
    """How the server's certificate is checked. Raises ReadinessError where `ca_path` holds no certificates."""
    if not endpoint.validate_certs:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    path = endpoint.ca_path
    if not path:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(capath=path) if Path(path).is_dir() else ssl.create_default_context(cafile=path)
    except OSError:
        raise ReadinessError(
            "vcenter_certificate",
            f"ca_path of {endpoint.hostname} cannot be read as certificates: {Path(path).name}",
            subject=endpoint.hostname,
            hint="ca_path names a file in PEM form with the certificate of the authority that signed the server's.",
        ) from None
