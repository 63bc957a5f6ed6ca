# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that are created as a dry run: what the server says of them, its warnings included, and what it could not be asked."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.transport import headers_of
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.probing import try_probes
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.probes import Probe, Tried

from tests.unit.adapters.cluster.fake_api import CANARY, FakeApi, Reply, Request, connected, refusal, reply

VERSION = "serving.kserve.io/v1beta1"
PROBE = Probe(
    "namespace ai-models", {"apiVersion": VERSION, "kind": "InferenceService", "metadata": {"name": "p", "namespace": "ai-models"}}, ""
)
FORBIDDEN = (
    'inferenceservices.serving.kserve.io is forbidden: User "reader" cannot create resource "inferenceservices" '
    'in API group "serving.kserve.io" in the namespace "ai-models"'
)


def api_with(answer: object, kind: str = "InferenceService") -> FakeApi:
    api = FakeApi()

    def rule(request: Request) -> object:
        if request.path == f"/apis/{VERSION}":
            return reply({"resources": [{"kind": kind, "name": "inferenceservices", "namespaced": True}]})
        return answer if request.path.endswith("/namespaces/ai-models/inferenceservices") else None

    api.rules.append(rule)
    return api


def tried(api: FakeApi) -> Tried:
    with connected(api) as connection:
        found = try_probes(connection, [PROBE])[PROBE.subject]
        assert connection.calls.writes == 0
    return found


def warned(text: str) -> Reply:
    return Reply(201, b"{}", {"content-type": "application/json", "warning": text})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (reply({}, 201), Tried(True)),
        (warned('299 - "profile skipped"'), Tried(True, warnings=("profile skipped",))),
        (warned('299 - "one, with \\"marks\\"", 299 - "two"'), Tried(True, warnings=('one, with "marks"', "two"))),
        (warned("nonsense"), Tried(True)),
        (refusal(403, "Forbidden", 'admission webhook "x" denied the request'), Tried(False, 'admission webhook "x" denied the request')),
        (
            refusal(403, "Forbidden", FORBIDDEN),
            Tried(False, reason="the account may not create inferenceservices.serving.kserve.io in ai-models", lacks_right=True),
        ),
        (refusal(422, "Invalid", "spec.predictor: Required value"), Tried(False, "spec.predictor: Required value")),
        (refusal(409, "AlreadyExists", "it exists"), Tried(False, reason="it exists")),
    ],
)
def test_answer_of_the_server_is_told_apart(answer: Reply, expected: Tried) -> None:
    assert tried(api_with(answer)) == expected


def test_namespace_and_kind_that_are_not_there_are_reasons_and_no_refusals() -> None:
    gone = reply({"kind": "Status", "reason": "NotFound", "message": "no", "details": {"kind": "namespaces", "name": "ai-models"}}, 404)
    assert tried(api_with(gone)) == Tried(False, reason="there is no namespace ai-models")
    assert "does not serve InferenceService" in tried(api_with(None, "Other")).reason


def test_probe_is_a_dry_run_and_secrets_in_a_warning_are_not_told() -> None:
    api = api_with(warned(f'299 - "token {CANARY} is old"'))
    found = tried(api)
    sent = next(request for request in api.seen if request.method == "POST")
    assert sent.query["dryRun"] == "All"
    assert CANARY not in repr(found)


def test_several_warnings_of_one_answer_are_all_kept() -> None:
    headers = headers_of([("Warning", '299 - "a"'), ("warning", '299 - "b"'), ("Content-Length", "2"), ("Content-Length", "3")])
    assert headers == {"warning": '299 - "a", 299 - "b"', "content-length": "3"}
