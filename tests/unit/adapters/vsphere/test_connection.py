# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session: logged in, renewed, logged out; calls made again where that helps, and ended in time where it does not."""

from __future__ import annotations

import os
import signal
import traceback

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.connection import Connection, Endpoint, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.endpoint import tls_context
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.soap import SoapFault
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.transport import Answer, Message, Trouble
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError

from tests.unit.adapters.vsphere.fake_server import BUSY, CANARY, HOST, LOST, SESSION, FakeServer, answer, connection_to, fault, result

OPENING = ["GET", "RetrieveServiceContent", "Login", "CurrentTime"]
CUT = Answer(200, (b'<?xml version="1.0"?><soapenv:Envelope><soapenv:Body>',), 50)
PAGE_OF_PROXY = Answer(200, (b"<html><body>Please log in to the proxy</body></html>",), 50)


def methods(server: FakeServer) -> list[str]:
    return [method for method, _cookie in server.sent]


def time_of(connection: Connection) -> str:
    return str(connection.invoke(connection.managed(("ServiceInstance", "ServiceInstance")), "CurrentTime")["returnval"])


def failure(server: FakeServer, **timing: float) -> ReadinessError:
    """The error with which a session ends that asks for the time once more."""
    with pytest.raises(ReadinessError) as caught, connection_to(server, **timing) as connection:
        time_of(connection)
    return caught.value


def everything_said(error: BaseException) -> str:
    """All text that an error carries: message, hint, causes, and the locals of each frame of the collection that it came through."""
    texts = []
    seen: BaseException | None = error
    while seen is not None:
        texts += [*traceback.format_exception(seen), repr(seen), str(getattr(seen, "hint", ""))]
        frames = [frame for frame, _line in traceback.walk_tb(seen.__traceback__) if "/plugins/" in frame.f_code.co_filename]
        texts += [repr(frame.f_locals) for frame in frames]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(texts)


def test_session_is_opened_told_of_and_closed() -> None:
    server = FakeServer()
    with connection_to(server) as connection:
        assert connection.about == {
            "instance_uuid": "0ff1ce00-0000-4000-8000-000000000001",
            "version": "8.0.3",
            "build": "24022515",
            "full_name": "VMware vCenter Server 8.0.3",
            "api_type": "VirtualCenter",
            "api_version": "8.0.3.0",
            "name": "VMware vCenter Server",
        }
        assert connection.server_time == "2026-11-21T12:00:00Z"
        assert connection.content.rootFolder._moId == "group-d1"
        assert connection.content.licenseManager is None
        assert connection.session_id == f"{SESSION}-1"
    assert methods(server) == [*OPENING, "Logout"]
    assert connection.calls == 4
    assert server.closed == 1
    assert connection.session_id == ""


def test_version_spoken_is_the_newest_that_both_know() -> None:
    server = FakeServer()
    with connection_to(server):
        pass
    assert 'versionId="8.0.3.0"' in server.bodies[0]


def test_messages_of_the_server_are_asked_for_in_english() -> None:
    server = FakeServer()
    with connection_to(server):
        pass
    assert ">en_US</locale>" in server.bodies[1]


def test_session_is_closed_when_reading_ends_in_an_error() -> None:
    server = FakeServer()
    with pytest.raises(KeyboardInterrupt), connection_to(server):
        raise KeyboardInterrupt
    assert methods(server)[-1] == "Logout"


def test_session_is_closed_when_the_program_is_told_to_end() -> None:
    server = FakeServer()
    with pytest.raises(SystemExit) as caught, connection_to(server):
        os.kill(os.getpid(), signal.SIGTERM)
    assert caught.value.code == 128 + signal.SIGTERM
    assert methods(server)[-1] == "Logout"
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_handler_of_the_program_for_its_end_is_left_alone() -> None:
    former = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with connection_to(FakeServer()):
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, former)


def test_session_is_closed_when_opening_it_fails_after_the_login() -> None:
    server = FakeServer(troubles={"CurrentTime": [PAGE_OF_PROXY]})
    with pytest.raises(ReadinessError), connection_to(server):
        pass
    assert methods(server)[-1] == "Logout"


def test_account_that_may_not_ask_for_the_time_can_still_read() -> None:
    server = FakeServer(troubles={"CurrentTime": [fault("NoPermission", "", "<privilegeId>System.View</privilegeId>")]})
    with connection_to(server) as connection:
        assert connection.server_time == ""


def test_logout_that_fails_hides_nothing() -> None:
    server = FakeServer(troubles={"Logout": [LOST]})
    with pytest.raises(ValueError, match="mine"), connection_to(server):
        raise ValueError("mine")


def test_nobody_logs_out_who_never_logged_in() -> None:
    server = FakeServer(troubles={"RetrieveServiceContent": [PAGE_OF_PROXY]})
    assert failure(server).code == "vcenter_protocol"
    assert methods(server) == ["GET", "RetrieveServiceContent"]


def test_wrong_account_is_tried_once() -> None:
    server = FakeServer()
    connection = Connection(Endpoint(HOST, username="reader", password="wr0ng-0ne"), transport=server)
    with pytest.raises(ReadinessError) as caught:
        connection.__enter__()
    assert caught.value.code == "vcenter_login"
    assert caught.value.message == f"{HOST}: the server does not accept the user name and the password"
    assert server.count()["Login"] == 1
    assert "Logout" not in methods(server)
    assert "wr0ng-0ne" not in everything_said(caught.value)


def test_refusal_of_another_kind_is_told_in_the_words_of_the_server() -> None:
    server = FakeServer(troubles={"Login": [fault("NoPermission", "", "<privilegeId>System.View</privilegeId>")]})
    error = failure(server)
    assert error.code == "vcenter_login"
    assert error.message == f"{HOST}: no permission: privilege System.View is missing"


def test_login_without_a_cookie_is_no_session() -> None:
    server = FakeServer(troubles={"Login": [answer(result("Login", "<returnval/>"))]})
    error = failure(server)
    assert error.code == "vcenter_session"
    assert "gave no session" in error.message


def test_session_that_has_ended_is_renewed_and_the_call_made_again() -> None:
    server = FakeServer(expired_calls=3)
    with connection_to(server) as connection:
        assert time_of(connection) == time_of(connection)
        assert connection.session_id == f"{SESSION}-2"
    assert server.count() == {"GET": 1, "RetrieveServiceContent": 1, "Login": 2, "CurrentTime": 4, "Logout": 1}
    assert dict(server.sent[-2:])["Logout"].endswith(f'{SESSION}-2"')


def test_new_session_that_is_refused_ends_the_reading() -> None:
    refused = fault("InvalidLogin", "Locked.")
    server = FakeServer(expired_calls=2)
    with pytest.raises(ReadinessError) as caught, connection_to(server) as connection:
        server.troubles["Login"] = [refused]
        time_of(connection)
    assert caught.value.code == "vcenter_session"
    assert "the session ended, and no new one was granted" in caught.value.message


def test_sessions_that_always_end_end_the_reading() -> None:
    ended = fault("NotAuthenticated", "The session is not authenticated.")
    server = FakeServer(troubles={"CurrentTime": [ended] * 20})
    error = failure(server, attempts=3)
    assert error.code == "vcenter_session"
    assert server.count()["Login"] == 4


@pytest.mark.parametrize("trouble", [BUSY, LOST, CUT], ids=["busy", "lost", "cut short"])
def test_call_is_made_again_after_a_trouble_that_passes(trouble: Answer | Trouble) -> None:
    server = FakeServer()
    with connection_to(server) as connection:
        server.troubles["CurrentTime"] = [trouble, trouble]
        assert time_of(connection) == "2026-11-21T12:00:00Z"
    assert server.count()["CurrentTime"] == 4
    assert server.clock == 1 + 2


def test_pauses_double_up_to_a_limit_and_are_the_same_every_time() -> None:
    assert list(Timing(attempts=9).pauses()) == [1, 2, 4, 8, 16, 30, 30, 30]
    assert list(Timing(attempts=1).pauses()) == []


@pytest.mark.parametrize(
    ("trouble", "code", "words"),
    [
        (BUSY, "vcenter_unreachable", "the server is busy (HTTP 503) (in each of 6 attempts)"),
        (LOST, "vcenter_unreachable", "the connection was lost (in each of 6 attempts)"),
        (CUT, "vcenter_unreachable", "the answer ended early (in each of 6 attempts)"),
    ],
    ids=["busy", "lost", "cut short"],
)
def test_trouble_that_stays_is_named_after_the_last_attempt(trouble: Answer | Trouble, code: str, words: str) -> None:
    server = FakeServer()
    with pytest.raises(ReadinessError) as caught, connection_to(server) as connection:
        server.troubles["CurrentTime"] = [trouble] * 6
        time_of(connection)
    assert (caught.value.code, caught.value.message) == (code, f"{HOST}: {words}")
    assert caught.value.subject == HOST
    assert caught.value.hint
    assert methods(server)[-1] == "Logout"


def test_address_where_nobody_ever_answered_is_tried_once() -> None:
    nobody = Trouble("nothing listens there (connection refused)", before_contact=True)
    server = FakeServer(troubles={"GET": [nobody]})
    assert failure(server).message == f"{HOST}: nothing listens there (connection refused)"
    assert methods(server) == ["GET"]


def test_address_where_somebody_answered_before_is_tried_again() -> None:
    nobody = Trouble("nothing listens there (connection refused)", before_contact=True)
    server = FakeServer(troubles={"CurrentTime": [nobody]})
    with connection_to(server):
        pass
    assert server.count()["CurrentTime"] == 2


def test_certificate_that_is_not_trusted_is_not_tried_again() -> None:
    untrusted = Trouble("its certificate is not trusted: self-signed certificate", False, "vcenter_certificate", "ca_path")
    server = FakeServer(troubles={"GET": [untrusted]})
    error = failure(server)
    assert (error.code, error.hint) == ("vcenter_certificate", "ca_path")
    assert methods(server) == ["GET"]


def test_deadline_ends_attempts_that_would_go_on() -> None:
    server = FakeServer()
    with pytest.raises(ReadinessError) as caught, connection_to(server, deadline_seconds=5, attempts=50) as connection:
        server.troubles["CurrentTime"] = [LOST] * 50
        time_of(connection)
    assert caught.value.code == "vcenter_deadline"
    assert caught.value.message == f"{HOST}: not read within 5 s"
    assert server.clock == 5
    assert methods(server)[-1] == "Logout"


def test_deadline_ends_a_reading_whose_calls_all_succeed() -> None:
    server = FakeServer(seconds_per_call=1)
    with pytest.raises(ReadinessError) as caught, connection_to(server, deadline_seconds=6) as connection:
        while True:
            time_of(connection)
    assert caught.value.code == "vcenter_deadline"
    assert server.count() == {"GET": 1, "RetrieveServiceContent": 1, "Login": 1, "CurrentTime": 3, "Logout": 1}


def test_page_of_a_proxy_is_told_with_its_words() -> None:
    server = FakeServer()
    with pytest.raises(ReadinessError) as caught, connection_to(server) as connection:
        server.troubles["CurrentTime"] = [PAGE_OF_PROXY]
        time_of(connection)
    assert caught.value.code == "vcenter_protocol"
    assert caught.value.message == f"{HOST}: the answer is no XML: Please log in to the proxy"


@pytest.mark.parametrize("status", [302, 401, 403, 404, 500])
def test_status_that_is_no_answer_is_told_with_what_came(status: int) -> None:
    server = FakeServer(troubles={"RetrieveServiceContent": [Answer(status, (b"<html>Not here</html>",), 20)]})
    error = failure(server)
    assert error.message == f"{HOST}: HTTP {status}: the answer is no XML: Not here"


def test_server_that_is_no_vsphere_server_is_said_to_be_none() -> None:
    server = FakeServer(troubles={"RetrieveServiceContent": [result("RetrieveServiceContent", "<returnval>hello</returnval>")]})
    assert failure(server).code == "vcenter_protocol"


def test_fault_of_the_server_is_given_to_whoever_asked() -> None:
    server = FakeServer()
    with connection_to(server) as connection, pytest.raises(SoapFault) as caught:
        server.troubles["CurrentTime"] = [fault("NoPermission", "", "<privilegeId>System.View</privilegeId>")]
        time_of(connection)
    assert caught.value.fault.reason == "no permission: privilege System.View is missing"


def test_method_that_the_version_spoken_lacks_is_a_fault() -> None:
    old = b'<namespaces version="1.0"><namespace><name>urn:vim25</name><version>6.5</version></namespace></namespaces>'
    server = FakeServer(troubles={"GET": [Answer(200, (old,), len(old))]})
    with connection_to(server) as connection, pytest.raises(SoapFault, match="MethodNotFound: the version of the API"):
        connection.invoke(connection.managed(("HostSystem", "h")), "QueryProductLockerLocation")


def test_parameter_that_a_method_lacks_is_an_error_of_the_program() -> None:
    with connection_to(FakeServer()) as connection, pytest.raises(TypeError, match="CurrentTime has no parameter zone"):
        connection.invoke(connection.managed(("ServiceInstance", "s")), "CurrentTime", zone="UTC")
    with connection_to(FakeServer()) as connection, pytest.raises(TypeError, match="has no method Frobnicate"):
        connection.invoke(connection.managed(("ServiceInstance", "s")), "Frobnicate")


def test_stopped_connection_makes_no_call_until_it_is_resumed() -> None:
    server = FakeServer()
    with connection_to(server) as connection:
        connection.stop()
        with pytest.raises(ReadinessError, match="stopped"):
            time_of(connection)
        connection.resume()
        assert time_of(connection)
    assert server.aborted == 2


def read_to_the_end(connection: Connection) -> None:
    """Fails at the latest when everything else went well."""
    with connection:
        raise ValueError("read to the end")


@pytest.mark.parametrize(
    "troubles",
    [
        {"GET": [LOST] * 6},
        {"Login": [LOST] * 6},
        {"Login": [CUT] * 6},
        {"Login": [Answer(403, (f"<html>Who is {CANARY}?</html>".encode(),), 9)]},
        {"Login": [fault("InvalidRequest", f"The word {CANARY} is odd.")]},
        {"CurrentTime": [Answer(200, (f"<html>Who is {CANARY}? Not {SESSION}-1</html>".encode(),), 9)]},
        {"CurrentTime": [BUSY] * 6},
        {"Logout": [LOST]},
    ],
    ids=["unreachable", "login lost", "login cut", "login page", "login fault", "page", "busy", "logout"],
)
def test_no_text_of_an_error_holds_password_or_session(troubles: dict[str, list[Answer | Trouble | str]]) -> None:
    server = FakeServer(troubles=troubles)
    connection = connection_to(server)
    with pytest.raises((ReadinessError, ValueError)) as caught:
        read_to_the_end(connection)
    said = everything_said(caught.value) + repr(connection) + repr(connection.endpoint)
    assert CANARY not in said
    assert SESSION not in said


def test_message_shows_neither_headers_nor_body() -> None:
    message = Message("POST", "/sdk", {"Cookie": SESSION}, CANARY.encode())
    assert repr(message) == "Message(method='POST', path='/sdk')"
    assert SESSION not in repr(Answer(200, (SESSION.encode(),), 1, (SESSION,)))


def test_short_secret_is_not_looked_for_in_texts() -> None:
    connection = Connection(Endpoint(HOST, password="vm"), transport=FakeServer())
    assert connection.scrubbed("the vm is there") == "the vm is there"


def test_port_is_named_where_it_is_not_the_usual_one() -> None:
    assert Endpoint(HOST).place == HOST
    assert Endpoint(HOST, 8443).place == f"{HOST}:8443"


def test_file_that_holds_no_certificate_is_named_with_what_to_give(tmp_path: object) -> None:
    with pytest.raises(ReadinessError) as caught:
        tls_context(Endpoint(HOST, ca_path=f"{tmp_path}/none.pem"))
    assert caught.value.code == "vcenter_certificate"
    assert "none.pem" in caught.value.message
    assert str(tmp_path) not in caught.value.text()
    assert caught.value.hint
