# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection whose answers a test writes: decoded results as `soap.decode` gives them, or faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.endpoint import Endpoint, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.service_versions import managed_class
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.soap import Fault, SoapFault, decode
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.transport import Message
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import Reference

Script = Callable[[Mapping[str, Any]], dict[str, Any]]

SERVICES = {
    "rootFolder": ("Folder", "group-d1"),
    "propertyCollector": ("PropertyCollector", "propertyCollector"),
    "viewManager": ("ViewManager", "ViewManager"),
    "sessionManager": ("SessionManager", "SessionManager"),
    "authorizationManager": ("AuthorizationManager", "AuthorizationManager"),
    "perfManager": ("PerformanceManager", "PerfMgr"),
    "setting": ("OptionManager", "VpxSettings"),
}


def refuse(name: str, **fields: Any) -> SoapFault:
    """A fault of the server."""
    return SoapFault(Fault(name, f"{name} it is", fields))


def soap(namespace: str, method: str, content: str) -> bytes:
    """An answer as it stands on the wire."""
    return (
        '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soapenv:Body>'
        f'<{method}Response xmlns="{namespace}">{content}</{method}Response></soapenv:Body></soapenv:Envelope>'
    ).encode()


def vim(method: str, content: str) -> dict[str, Any]:
    """A decoded answer of the inventory's API, made from its XML."""
    return decode([soap("urn:vim25", method, content)])


class ScriptedConnection:
    """Stands for a `Connection`. `scripts` maps a method to what makes its answer from its arguments; `made` notes the calls."""

    def __init__(self, scripts: Mapping[str, Script], api_type: str = "VirtualCenter") -> None:
        self.scripts = dict(scripts)
        self.made: list[tuple[str, Mapping[str, Any]]] = []
        self.about = {"api_type": api_type, "full_name": "VMware vCenter Server 8.0.3 build-24022515"}
        self.endpoint = Endpoint("vc.example.com", username="reader@vsphere.local", password="canary-password-1")
        self.timing = Timing()
        self.content = SimpleNamespace(**{name: self.managed(Reference(*value)) for name, value in SERVICES.items()})
        self.server_time = "2027-01-04T08:15:00.123456789Z"
        self.session_id = "canary-session-1"

    @property
    def calls(self) -> int:
        """Calls so far."""
        return len(self.made)

    def managed(self, reference: tuple[str, str]) -> Any:
        """As a connection has it."""
        return managed_class(reference[0])(reference[1])

    def invoke(self, managed_object: Any, method: str, **arguments: Any) -> dict[str, Any]:
        """The script's answer."""
        self.made.append((method, arguments))
        return self.scripts[method](arguments)

    def deliver(self, message: Message, _remade: object = None) -> list[bytes]:
        """The script's answer to a message of another service, by the method that its body names."""
        body = message.body.decode()
        method = body.partition("<soapenv:Body>")[2].partition("<")[2].partition(" ")[0]
        self.made.append((method, {"body": body}))
        return [self.scripts[method]({"body": body})]  # the script gives bytes here
