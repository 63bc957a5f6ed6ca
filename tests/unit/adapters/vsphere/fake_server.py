# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vCenter in memory, behind the `Transport` interface: enough of its API for a session and for reading properties.

Requests are those that pyVmomi writes, answers those that the decoder reads, so that both are used as they are.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.connection import Connection, Endpoint, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.transport import Answer, Message, Trouble

HOST = "vc-north.example.com"
CANARY = "c4nary-0f-the-mine"
SESSION = "5e55ion-0f-the-mine"
ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    "<soapenv:Body>\n{}\n</soapenv:Body>\n</soapenv:Envelope>"
)
VERSIONS = b'<namespaces version="1.0"><namespace><name>urn:vim25</name><version>8.0.3.0</version></namespace></namespaces>'
CONTENT = (
    '<rootFolder type="Folder">group-d1</rootFolder><propertyCollector type="PropertyCollector">propertyCollector</propertyCollector>'
    '<viewManager type="ViewManager">ViewManager</viewManager><about><name>VMware vCenter Server</name>'
    "<fullName>VMware vCenter Server 8.0.3</fullName><version>8.0.3</version><build>24022515</build><apiType>VirtualCenter</apiType>"
    "<apiVersion>8.0.3.0</apiVersion><instanceUuid>0ff1ce00-0000-4000-8000-000000000001</instanceUuid></about>"
    '<sessionManager type="SessionManager">SessionManager</sessionManager>'
)
BUSY = Answer(503, (b"busy",), 4)
LOST = Trouble("the connection was lost")


def result(method: str, content: str = "") -> str:
    """A result element."""
    return f'<{method}Response xmlns="urn:vim25">{content}</{method}Response>'


def fault(name: str, message: str = "", fields: str = "") -> str:
    """A fault element."""
    detail = f'<{name}Fault xmlns="urn:vim25" xsi:type="{name}">{fields}</{name}Fault>'
    head = f"<faultcode>ServerFaultCode</faultcode><faultstring>{message}</faultstring>"
    return f"<soapenv:Fault>{head}<detail>{detail}</detail></soapenv:Fault>"


def answer(content: str, cookies: tuple[str, ...] = ()) -> Answer:
    """The HTTP answer that carries an element."""
    body = ENVELOPE.format(content).encode()
    return Answer(500 if "soapenv:Fault" in content else 200, (body,), len(body), cookies)


def text_value(text: str) -> str:
    """A property's value: a text."""
    return f'<val xsi:type="xsd:string">{escape(text)}</val>'


def missing(path: str, name: str, message: str = "", fields: str = "") -> str:
    """An entry of a missingSet."""
    inner = f'<fault xsi:type="{name}">{fields}</fault><localizedMessage>{message}</localizedMessage>'
    return f"<missingSet><path>{path}</path><fault>{inner}</fault></missingSet>"


@dataclass
class Asked:
    """What one call of the property collector asks for: paths by type, and objects in order."""

    paths: Mapping[str, tuple[str, ...]]
    objects: tuple[tuple[str, str], ...]


Judge = Callable[[Asked], "str | None"]
"""Gives the fault with which a call is answered, None where it is answered well."""


def local(element: ET.Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def asked_for(call: ET.Element) -> Asked:
    """The specification of a RetrievePropertiesEx."""
    paths: dict[str, tuple[str, ...]] = {}
    objects = []
    for part in call.iter():
        if local(part) == "propSet":
            names = {local(child): child.text or "" for child in part}
            paths[names["type"]] = tuple(child.text or "" for child in part if local(child) == "pathSet")
        if local(part) == "obj":
            objects.append((part.attrib["type"], part.text or ""))
    return Asked(paths, tuple(objects))


@dataclass
class FakeServer:
    """Objects by (type, id) with their properties as XML values; what is to go wrong is put into the other fields."""

    objects: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    troubles: dict[str, list[Answer | Trouble | str]] = field(default_factory=dict)
    """what the next calls of a method are answered with instead: an HTTP answer, a trouble, or the content of a body"""
    judges: list[Judge] = field(default_factory=list)
    largest_page: int = 0
    """objects of one page; more are given by token"""
    refused: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """(type, id, path) to its entry of the missingSet"""
    expired_calls: int = 0
    """calls that the session lasts, once this is more than zero"""
    sent: list[tuple[str, str]] = field(default_factory=list)
    """method and cookie of each request"""
    bodies: list[str] = field(default_factory=list)
    vanished: set[str] = field(default_factory=set)
    aborted: int = 0
    closed: int = 0
    sessions: int = 0
    clock: float = 0.0
    seconds_per_call: float = 0.0
    _tokens: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    _session: str = ""

    def count(self) -> Counter[str]:
        """Calls so far by method."""
        return Counter(method for method, _cookie in self.sent)

    def abort(self) -> None:
        """See `Transport`."""
        self.aborted += 1

    def close(self) -> None:
        """See `Transport`."""
        self.closed += 1

    def send(self, message: Message, silence_seconds: float, total_seconds: float) -> Answer | Trouble:
        """See `Transport`."""
        self.clock += self.seconds_per_call
        if message.method == "GET":
            self.sent.append(("GET", ""))
            return self._planned("GET") or Answer(200, (VERSIONS,), len(VERSIONS))
        self.bodies.append(message.body.decode())
        call = next(iter(ET.fromstring(message.body)[0]))
        method = local(call)
        cookie = message.headers.get("Cookie", "")
        self.sent.append((method, cookie))
        planned = self._planned(method)
        return planned if planned is not None else self._answered(method, call, cookie)

    def _planned(self, method: str) -> Answer | Trouble | None:
        planned = self.troubles.get(method)
        if not planned:
            return None
        outcome = planned.pop(0)
        return answer(outcome) if isinstance(outcome, str) else outcome

    def _answered(self, method: str, call: ET.Element, cookie: str) -> Answer:
        if method == "RetrieveServiceContent":
            return answer(result(method, f"<returnval>{CONTENT}</returnval>"))
        if method == "Login":
            return self._login(call)
        if not self._is_session(cookie):
            return answer(fault("NotAuthenticated", "The session is not authenticated."))
        if method == "Logout":
            self._session = ""
            return answer(result(method))
        if method == "CurrentTime":
            return answer(result(method, "<returnval>2026-11-21T12:00:00Z</returnval>"))
        if method == "CreateContainerView":
            return answer(result(method, '<returnval type="ContainerView">session[1]view-1</returnval>'))
        if method == "DestroyView":
            return answer(result(method))
        return self._page(method, call)

    def _login(self, call: ET.Element) -> Answer:
        given = {local(part): part.text for part in call}
        if given["password"] != CANARY:
            return answer(fault("InvalidLogin", f"Cannot complete login of {given['password']}."))
        self.sessions += 1
        self._session = f"{SESSION}-{self.sessions}"
        return answer(result("Login", "<returnval><key>1</key></returnval>"), (f'vmware_soap_session="{self._session}"; Path=/; HttpOnly',))

    def _is_session(self, cookie: str) -> bool:
        if self.expired_calls:
            self.expired_calls -= 1
            if not self.expired_calls:
                self._session = ""
        return bool(self._session) and self._session in cookie

    def _page(self, method: str, call: ET.Element) -> Answer:
        if method == "ContinueRetrievePropertiesEx":
            key = next(part.text or "" for part in call if local(part) == "token")
            session, objects = self._tokens.pop(key, ("", []))
            if session != self._session:
                return answer(fault("InvalidProperty", "The token is not known.", "<name>token</name>"))
            return self._answer_page(method, objects)
        asked = asked_for(call)
        for judge in self.judges:
            judged = judge(asked)
            if judged:
                return answer(judged)
        return self._answer_page(method, [self._object(asked, *key) for key in asked.objects if key[1] not in self.vanished])

    def _answer_page(self, method: str, objects: list[str]) -> Answer:
        size = self.largest_page or len(objects)
        here, later = objects[:size], objects[size:]
        head = ""
        if later:
            key = f"page-{len(self.sent)}"
            self._tokens[key] = (self._session, later)
            head = f"<token>{key}</token>"
        return answer(result(method, f"<returnval>{head}{''.join(here)}</returnval>"))

    def _object(self, asked: Asked, type_name: str, moref: str) -> str:
        if type_name == "ContainerView":
            listed = "".join(f'<ManagedObjectReference type="{kind}">{one}</ManagedObjectReference>' for kind, one in self.objects)
            values = {"view": f'<val xsi:type="ArrayOfManagedObjectReference">{listed}</val>'}
        else:
            values = self.objects.get((type_name, moref), {})
        paths = asked.paths.get(type_name) or next(iter(asked.paths.values()))
        refused = [self.refused[type_name, moref, path] for path in paths if (type_name, moref, path) in self.refused]
        given = [
            f"<propSet><name>{path}</name>{values[path]}</propSet>"
            for path in paths
            if path in values and (type_name, moref, path) not in self.refused
        ]
        return f'<objects><obj type="{type_name}">{moref}</obj>{"".join(given)}{"".join(refused)}</objects>'


def virtual_machines(count: int, paths: Iterable[str] = ("name", "config.version")) -> dict[tuple[str, str], dict[str, str]]:
    """VMs whose properties say which VM they are of."""
    return {
        ("VirtualMachine", f"vm-{number}"): {path: text_value(f"{path} of vm-{number}") for path in paths} for number in range(1, count + 1)
    }


def connection_to(server: FakeServer, **timing: float) -> Connection:
    """A connection to the server in memory, whose clock it uses; waiting moves that clock on and takes no time."""

    def sleep(seconds: float) -> None:
        server.clock += seconds

    endpoint = Endpoint(HOST, username="reader@vsphere.local", password=CANARY, validate_certs=False)
    settings = {"attempts": int(timing.pop("attempts", 6)), **timing}
    return Connection(endpoint, Timing(**settings), transport=server, clock=lambda: server.clock, sleep=sleep)
