# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services beside the inventory, reached through a connection that is logged in: single objects, the REST API, storage policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from ...common.errors import ReadinessError
from ...estate.vsphere.objects import ObjectRead, many
from .._libraries import pyVmomi
from .connection import Connection
from .rest import RestSession
from .soap import SoapError, SoapFault, decode, object_read
from .transport import Message

POLICY_PATH: Final = "/pbm"
POLICY_VERSION: Final = "pbm.version.version11"
"""vSphere 6.5, the first one that tells all associations in one call; later versions understand it."""

_SESSION_FAULTS: Final = frozenset({"NotAuthenticated", "SecurityError", "InvalidLogin"})


TROUBLES: Final = (SoapFault, SoapError, ReadinessError)
"""All that a call can end in without an answer: where a reading can do without, its reason takes the answer's place."""


def reason_of(trouble: SoapFault | SoapError | ReadinessError) -> str:
    """Why there is no answer, in words."""
    if isinstance(trouble, SoapFault):
        return trouble.fault.reason
    return trouble.message if isinstance(trouble, ReadinessError) else str(trouble)


@contextmanager
def understood() -> Iterator[None]:
    """Turns what an answer of another form does to the code that reads it into a SoapError, which says so."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError):
        raise SoapError("the answer does not hold what it should") from None


def read_object(connection: Connection, managed_object: Any, paths: Sequence[str]) -> ObjectRead:
    """Some properties of one object.

    Raises SoapFault where the server refuses the call as a whole, SoapError for an answer of another form."""
    for read in read_objects(connection, [managed_object], type(managed_object), paths):
        return read
    return ObjectRead(managed_object._wsdlName, managed_object._moId, {}, dict.fromkeys(paths, "the server did not answer for this object"))


def read_objects(connection: Connection, managed_objects: Sequence[Any], kind: Any, paths: Sequence[str]) -> Iterator[ObjectRead]:
    """Some properties that all of the objects have as one class, in one call. Raises as `read_object` does."""
    if not managed_objects:
        return
    kinds = pyVmomi.vmodl.query.PropertyCollector
    spec = kinds.FilterSpec(
        objectSet=[kinds.ObjectSpec(obj=one, skip=False) for one in managed_objects],
        propSet=[kinds.PropertySpec(type=kind, pathSet=list(paths), all=False)],
    )
    collector = connection.content.propertyCollector
    answer = connection.invoke(collector, "RetrievePropertiesEx", specSet=[spec], options=kinds.RetrieveOptions())
    for node in many(answer.get("returnval"), "objects"):
        yield object_read(node).read


def rest_session(connection: Connection) -> RestSession:
    """A session of the Automation API with the account, the TLS settings and the deadline of the connection."""
    return RestSession(connection.transport, connection.endpoint, connection.timing, connection.remaining, connection.sleep)


class PolicyService:
    """The storage policy service (PBM) of a vCenter, which knows the session of the connection by its id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.calls = 0
        service = pyVmomi.pbm.ServiceInstance("ServiceInstance")
        content = self.invoke(service, "PbmRetrieveServiceContent")
        with understood():
            self.profiles = pyVmomi.pbm.profile.ProfileManager(content["returnval"]["profileManager"].moref)

    def invoke(self, managed_object: Any, method: str, **arguments: Any) -> dict[str, Any]:
        """The decoded result element. Raises SoapFault for a fault, ReadinessError where there is no answer."""
        try:
            return self._sent(managed_object, method, arguments)
        except SoapFault as error:
            if error.fault.name not in _SESSION_FAULTS:
                raise
        # The session may have ended: any call of the connection finds out and logs in again.
        self._connection.invoke(pyVmomi.vim.ServiceInstance("ServiceInstance"), "CurrentTime")
        return self._sent(managed_object, method, arguments)

    def _sent(self, managed_object: Any, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        message = partial(self._message, managed_object, method, arguments)
        return decode(self._connection.deliver(message(), message))

    def _message(self, managed_object: Any, method: str, arguments: dict[str, Any]) -> Message:
        """The request, which names the present session in its header."""
        stub = pyVmomi.SoapStubAdapter(
            self._connection.endpoint.hostname,
            path=POLICY_PATH,
            version=POLICY_VERSION,
            poolSize=0,
            requestContext={"vcSessionCookie": self._connection.session_id},
        )
        info = getattr(type(managed_object), method).info
        body = stub.SerializeRequest(managed_object, info, [arguments.get(parameter.name) for parameter in info.params])
        return Message("POST", POLICY_PATH, {"SOAPAction": stub.versionId}, body)
