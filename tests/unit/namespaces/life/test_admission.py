# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals as servers write them: each layer of admission by its own words, whatever somebody else's message repeats."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life import codes
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.admission import refusal_code
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.codes import CODES, Code
from hypothesis import given
from hypothesis import strategies as st

POD = 'Error creating: pods "readiness-proof-x7k2p-" is forbidden: '
GPU = "requests.nvidia.com/gpu"
QUOTA = f"exceeded quota: readiness-quota, requested: {GPU}=2, used: {GPU}={{}}, limited: {GPU}={{}}"
POLICY = "ValidatingAdmissionPolicy '{0}' with binding '{0}' denied request: "
GATE = POLICY.format("groundwork-readiness-gate-pod")

WORDS = [
    (
        'jobs.batch is forbidden: User "a" cannot create resource "jobs" in API group "batch" in the namespace "team-a"',
        codes.REFUSED,
    ),
    ('namespaces "team-a" not found', codes.NO_NAMESPACE),
    (
        'jobs.batch "x" is forbidden: unable to create new content in namespace team-a because it is being terminated',
        codes.NO_NAMESPACE,
    ),
    (
        f'{POD}violates PodSecurity "restricted:latest": privileged (container "proof" must not set securityContext.privileged=true)',
        codes.POD_SECURITY,
    ),
    (f"{POD}unable to validate against any security context constraint: [provider restricted-v2: Forbidden]", codes.CONSTRAINTS),
    (POD + QUOTA.format(0, 1), codes.QUOTA),
    (POD + QUOTA.format(1, 2), codes.QUOTA_IN_USE),
    (
        POD + "exceeded quota: q, requested: pods=1,requests.cpu=100m, used: pods=0,requests.cpu=1, limited: pods=0,requests.cpu=1",
        codes.QUOTA,
    ),
    (
        POD + "exceeded quota: q, requested: pods=1,requests.cpu=100m, used: pods=9,requests.cpu=1, limited: pods=9,requests.cpu=1",
        codes.QUOTA_IN_USE,
    ),
    (f"{POD}failed quota: readiness-quota: must specify limits.cpu for: proof", codes.QUOTA),
    (f"{POD}exceeded quota: q, requested: pods=many, used: pods=1, limited: pods=2", codes.QUOTA),
    (f"{POD}{GATE}the pod asks for nvidia.com/gpu: the namespace lacks label readiness.groundwork.io/owner", codes.GATE),
    (POD + POLICY.format("no-pods") + "not on Sundays", codes.POLICY),
    (f'{POD}admission webhook "hook.example.com" denied the request: no', codes.WEBHOOK),
    ('admission webhook "hook.example.com" denied the request: no', codes.WEBHOOK),
    (
        'Error creating: Internal error occurred: failed calling webhook "hook.example.com": failed to call webhook: connection refused',
        codes.WEBHOOK_DOWN,
    ),
    (f"{POD}maximum memory usage per Container is 64Mi, but limit is 2Gi", codes.LIMIT_RANGE),
    (
        f"{POD}[minimum cpu usage per Pod is 1, but request is 100m, maximum memory usage per Pod is 1Gi, but limit is 2Gi]",
        codes.LIMIT_RANGE,
    ),
    (f"{POD}memory max limit to request ratio per Container is 2, but provided ratio is 8.000000", codes.LIMIT_RANGE),
    (f'{POD}error looking up service account team-a/default: serviceaccount "default" not found', codes.ACCOUNT),
    (f"{POD}no PriorityClass with name high was found", codes.OTHER_REFUSAL),
    ("", codes.OTHER_REFUSAL),
]


@pytest.mark.parametrize(("message", "code"), WORDS)
def test_refusal_is_of_the_layer_that_speaks(message: str, code: Code) -> None:
    assert refusal_code(message) is code


@pytest.mark.parametrize(("message", "code"), WORDS[3:])
def test_what_a_policy_or_webhook_repeats_does_not_count(message: str, code: Code) -> None:
    assert refusal_code(f'admission webhook "hook.example.com" denied the request: {message}') is codes.WEBHOOK
    assert refusal_code(POD + POLICY.format("no-pods") + message) is codes.POLICY
    assert code in CODES


@pytest.mark.parametrize("status", [429, 500, 503])
def test_server_that_fails_says_nothing(status: int) -> None:
    assert refusal_code("the server is currently unable to handle the request", status) is codes.SERVER_FAILED
    assert refusal_code('failed calling webhook "hook.example.com": timeout', 500) is codes.WEBHOOK_DOWN


@given(st.text(max_size=200), st.sampled_from([400, 403, 404, 409, 422, 429, 500, 504]))
def test_every_refusal_has_one_code(message: str, status: int) -> None:
    assert refusal_code(message, status) in CODES
