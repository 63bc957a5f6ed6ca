# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session with a vCenter or a standalone ESXi host: logged in on enter, logged out on exit whatever happens between.

pyVmomi brings the classes and methods of the API, writes the requests and opens the connections; the answers are decoded
by `soap`. Calls are sent again where the server is busy, the connection is lost or the session has ended.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType, SimpleNamespace, TracebackType
from typing import Any, Final, NoReturn

from ...common.errors import ReadinessError
from ...estate.vsphere.objects import Reference
from .._libraries import pyVmomi, require
from .calls import Caller
from .endpoint import Endpoint, Timing, tls_context
from .service_versions import best_version, managed_class
from .soap import Fault, SoapError, SoapFault, decode
from .transport import Answer, Message, StubTransport, Transport, Trouble

__all__ = ["Connection", "Endpoint", "Timing"]

SDK_PATH: Final = "/sdk"
LOCALE: Final = "en_US"
"""Language of the server's messages, so that the same fault reads the same from every server."""

LOGOUT_SECONDS: Final = 10
NOT_LOGGED_IN: Final = "NotAuthenticated"
SESSIONS_END: Final = "the server ends every session that it grants"
SESSIONS_HINT: Final = "Does a load balancer send the requests of one session to different servers?"
_PROXY_HINT: Final = "Check hostname and port. Does a proxy answer in its place?"
_ACCOUNT_HINT: Final = "Check username and password: an account of a domain is written user@domain, and it may be locked or expired."
_ABOUT: Final[Mapping[str, str]] = {
    "instance_uuid": "instanceUuid",
    "version": "version",
    "build": "build",
    "full_name": "fullName",
    "api_type": "apiType",
    "api_version": "apiVersion",
    "name": "name",
}


class Connection:
    """One session. Its calls may be made from several threads.

    `content` holds the managed objects of the ServiceContent by name, None for those that the server lacks; `about` its
    AboutInfo, with empty texts for what is not told; `server_time` its clock at the login, in ISO 8601.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        timing: Timing | None = None,
        *,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        require("pyVmomi", "read a vCenter")
        self.endpoint = endpoint
        self.timing = timing or Timing()
        self.context = tls_context(endpoint)
        self.content = SimpleNamespace()
        self.about: Mapping[str, str] = dict.fromkeys(_ABOUT, "")
        self.server_time = ""
        self._stub = _stub(endpoint, self.context, self.timing.request_seconds)
        self.transport: Transport = transport or StubTransport(self._stub, endpoint.proxy)
        self._caller = Caller(endpoint, self.timing, self.transport, clock, sleep)
        self._logins = 0
        self._login_lock = threading.Lock()
        self._former_handler: Any = None

    def __enter__(self) -> Connection:
        self._caller.start()
        self._end_on_termination()
        is_open = False
        try:
            self._open()
            is_open = True
        finally:
            if not is_open:
                self._close()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    @property
    def calls(self) -> int:
        """SOAP calls so far, each attempt counted."""
        return self._caller.calls

    @property
    def received_bytes(self) -> int:
        """Bytes of the answers so far, as they came over the wire."""
        return self._caller.received_bytes

    def remaining(self) -> float:
        """Seconds until the deadline; below zero once it is over."""
        return self._caller.remaining()

    def sleep(self, seconds: float) -> None:
        """Waits between attempts, no longer than until `stop`."""
        self._caller.wait(seconds)

    def managed(self, reference: tuple[str, str]) -> Any:
        """The managed object of a reference, to call its methods. Raises KeyError for a class that pyVmomi does not know."""
        type_name, moref = reference
        return managed_class(type_name)(moref)

    def invoke(self, managed_object: Any, method: str, **arguments: Any) -> dict[str, Any]:
        """Calls a method, named as in the API's WSDL or by pyVmomi, and gives the decoded result element: see `soap.decode`.

        Raises SoapFault for a fault of the server, ReadinessError where there is no answer that can be used.
        """
        body = self.fetch(managed_object, method, **arguments)
        try:
            return decode(body)
        except SoapError as error:
            reason = str(error)
        raise self.error(reason)

    def fetch(self, managed_object: Any, method: str, **arguments: Any) -> Sequence[bytes]:
        """Calls a method and gives the complete body of its answer: see `deliver`."""
        return self.deliver(self._message(managed_object, method, arguments))

    def deliver(self, message: Message, remade: Callable[[], Message] | None = None) -> Sequence[bytes]:
        """The complete body of the answer to a message, which is no fault. A session that has ended is renewed on the way.

        `remade` makes the message anew for a new session, where the message itself names the session.
        Raises SoapFault for a fault of the server, ReadinessError where there is no answer that can be used.
        """
        for _attempt in range(self.timing.attempts):
            login = self._logins
            answer = self._caller.send(message)
            fault = self._fault_in(answer)
            if fault is None:
                return answer.chunks
            if fault.name != NOT_LOGGED_IN or not login:
                raise SoapFault(fault)
            self.renew(login)
            message = remade() if remade is not None else message
        raise self.error(SESSIONS_END, "vcenter_session", SESSIONS_HINT)

    def renew(self, login: int) -> None:
        """A new session, unless another thread made one after that login. Raises ReadinessError where it is refused."""
        with self._login_lock:
            if self._logins == login:
                self._log_in()

    @property
    def session_id(self) -> str:
        """The id of the session, which other services of the server ask for. A secret."""
        return self._caller.session_id

    @property
    def login(self) -> int:
        """Number of the present login, for `renew`."""
        return self._logins

    def stop(self) -> None:
        """Ends the calls that other threads are making; they fail and are not made again until `resume`."""
        self._caller.stop()
        self.transport.abort()

    def resume(self) -> None:
        """Lets calls be made again."""
        self._caller.resume()

    def error(self, reason: str, code: str = "vcenter_protocol", hint: str = _PROXY_HINT) -> ReadinessError:
        """A ReadinessError that names this server and holds no secret."""
        return self._caller.error(Trouble(reason, False, code, hint))

    def scrubbed(self, text: str) -> str:
        """A text of the server without the password and the session, should it repeat them."""
        return self._caller.scrubbed(text)

    def _open(self) -> None:
        versions = self._caller.send(Message("GET", f"{SDK_PATH}/vimServiceVersions.xml"))
        self._stub.ComputeVersionInfo(best_version(b"".join(versions.chunks) if versions.status == 200 else b""))
        service = self.managed(("ServiceInstance", "ServiceInstance"))
        self._learn(self.invoke(service, "RetrieveServiceContent").get("returnval"))
        self._log_in()
        self.server_time = self._time(service)

    def _time(self, service: Any) -> str:
        """The server's clock; empty where the account may not even ask for it."""
        try:
            return str(self.invoke(service, "CurrentTime").get("returnval", ""))
        except SoapFault:
            return ""

    def _learn(self, content: Any) -> None:
        if not isinstance(content, dict) or not isinstance(content.get("about"), dict):
            raise self.error("the server does not say what it offers", hint="Does a vCenter or an ESXi host listen there?")
        names = [info.name for info in pyVmomi.vim.ServiceInstanceContent._GetPropertyList()]
        services = {name: self.managed(value) for name, value in content.items() if isinstance(value, Reference) and name in names}
        self.content = SimpleNamespace(**{name: services.get(name) for name in names})
        self.about = {key: str(content["about"].get(name, "")) for key, name in _ABOUT.items()}

    def _log_in(self) -> None:
        """One attempt to log in: with more of them an account would be locked."""
        is_first = not self._logins
        if not is_first:
            self._caller.cookie = ""
        fault = self._login_fault()
        if fault is not None:
            refusal = "the server does not accept the user name and the password" if fault.name == "InvalidLogin" else fault.reason
            reason = refusal if is_first else f"the session ended, and no new one was granted: {refusal}"
            raise self.error(reason, "vcenter_login" if is_first else "vcenter_session", _ACCOUNT_HINT)
        if not self._caller.cookie:
            raise self.error("the server accepted the login, yet gave no session", "vcenter_session", "Does a proxy remove cookies?")
        self._logins += 1

    def _login_fault(self) -> Fault | None:
        account = {"userName": self.endpoint.username, "password": self.endpoint.password, "locale": LOCALE}
        message = self._message(self.content.sessionManager, "Login", account)
        del account
        answer = self._caller.send(message)
        return self._fault_in(answer)

    def _close(self) -> None:
        """Logs out and closes the connections. Whatever goes wrong here does not hide why the reading ends."""
        self.stop()
        try:
            if self._logins and self._caller.cookie:
                self._caller.send_once(self._message(self.content.sessionManager, "Logout", {}), LOGOUT_SECONDS)
        finally:
            self._caller.cookie = ""
            self.transport.close()
            if self._former_handler is not None:
                signal.signal(signal.SIGTERM, self._former_handler)
                self._former_handler = None

    def _end_on_termination(self) -> None:
        """Lets SIGTERM end the program as an error does, so that it logs out on the way."""
        in_main_thread = threading.current_thread() is threading.main_thread()
        if in_main_thread and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._former_handler = signal.signal(signal.SIGTERM, _terminate)

    def _message(self, managed_object: Any, method: str, arguments: Mapping[str, Any]) -> Message:
        info = _method_info(managed_object, method)
        names = [parameter.name for parameter in info.params]
        if unknown := sorted(set(arguments) - set(names)):
            raise TypeError(f"{method} has no parameter {', '.join(unknown)}")
        try:
            body = self._stub.SerializeRequest(managed_object, info, [arguments.get(name) for name in names])
        except pyVmomi.vmodl.fault.MethodNotFound:
            body = b""
        if not body:
            raise SoapFault(Fault("MethodNotFound", f"the version of the API that it speaks has no {method}"))
        return Message("POST", SDK_PATH, {"SOAPAction": self._stub.versionId}, body)

    def _fault_in(self, answer: Answer) -> Fault | None:
        """The fault that an answer is, None for a result, which is decoded by whoever asked for it."""
        if answer.status == 200:
            return None
        try:
            decode(answer.chunks)
            reason = "a result where a fault was announced"
        except SoapFault as error:
            return error.fault
        except SoapError as error:
            reason = str(error)
        raise self.error(f"HTTP {answer.status}: {reason}")


def _stub(endpoint: Endpoint, context: Any, request_seconds: float) -> Any:
    proxy = {"httpProxyHost": endpoint.proxy_host, "httpProxyPort": endpoint.proxy_port or 80} if endpoint.proxy_host else {}
    stub = pyVmomi.SoapStubAdapter(
        endpoint.hostname, endpoint.port, path=SDK_PATH, sslContext=context, httpConnectionTimeout=request_seconds, **proxy
    )
    if hasattr(stub.scheme, "proxyPath"):
        # pyVmomi 8 does not name the port that its own connection to a proxy asks for; it stands in the host already.
        stub.schemeArgs["port"] = None
    return stub


def _method_info(managed_object: Any, method: str) -> Any:
    """pyVmomi names some methods otherwise than the API does: RetrieveContent is RetrieveServiceContent on the wire."""
    for info in type(managed_object)._GetMethodList():
        if method in (info.wsdlName, info.name):
            return info
    raise TypeError(f"{type(managed_object).__name__} has no method {method}")


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
