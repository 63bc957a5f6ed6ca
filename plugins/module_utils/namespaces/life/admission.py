# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server means that does not let a Job or its pod in: which layer of admission speaks, by the words that it is known for.

The words are those of kubernetes v1.34 (plugin/pkg/admission, staging/src/k8s.io/apiserver/pkg/admission) and OpenShift's
SecurityContextConstraints. What comes first in a message decides: a policy or a webhook may say anything after that.
"""

from __future__ import annotations

import re
from typing import Final

from ...common.quantities import exact
from ..gate import gate_names
from .codes import (
    ACCOUNT,
    CONSTRAINTS,
    GATE,
    LIMIT_RANGE,
    NO_NAMESPACE,
    OTHER_REFUSAL,
    POD_SECURITY,
    POLICY,
    QUOTA,
    QUOTA_IN_USE,
    REFUSED,
    SERVER_FAILED,
    WEBHOOK,
    WEBHOOK_DOWN,
    Code,
)

_POLICY: Final = re.compile(r"ValidatingAdmissionPolicy '(?P<name>[^']*)' with binding '[^']*' denied request")
_SPEAKERS: Final[tuple[tuple[re.Pattern[str], Code], ...]] = (
    (re.compile(r'cannot create resource "jobs" in API group "batch"'), REFUSED),
    (re.compile(r'namespaces "[^"]*" not found|because it is being terminated'), NO_NAMESPACE),
    (re.compile(r"violates PodSecurity "), POD_SECURITY),
    (re.compile(r"unable to validate against any security context constraint"), CONSTRAINTS),
    (re.compile(r"exceeded quota: |failed quota: |insufficient quota to match these scopes"), QUOTA),
    (_POLICY, POLICY),
    (re.compile(r'admission webhook "[^"]*" denied the request'), WEBHOOK),
    (re.compile(r'failed calling webhook "[^"]*"'), WEBHOOK_DOWN),
    (re.compile(r"(maximum|minimum) \S+ usage per \w+ is |\S+ max limit to request ratio per \w+ is "), LIMIT_RANGE),
    (re.compile(r"error looking up service account "), ACCOUNT),
)
_QUOTA: Final = re.compile(r"exceeded quota: [^,]*, requested: (?P<requested>\S+), used: \S+, limited: (?P<limited>\S+)")


def refusal_code(message: str, status: int = 403) -> Code:
    """What a refusal means; `status` is that of HTTP, 403 where only an event repeats the words."""
    found = [(match.start(), place) for place, (pattern, _code) in enumerate(_SPEAKERS) if (match := pattern.search(message))]
    if not found:
        return SERVER_FAILED if status == 429 or status >= 500 else OTHER_REFUSAL
    code = _SPEAKERS[min(found)[1]][1]
    if code is POLICY:
        match = _POLICY.search(message)
        return GATE if match is not None and match["name"] in gate_names() else POLICY
    return _of_quota(message) if code is QUOTA else code


def _of_quota(message: str) -> Code:
    """A quota that would do if nothing ran in the namespace is another matter than one that is too small."""
    found = _QUOTA.search(message)
    if found is None:
        return QUOTA
    limited = _amounts(found["limited"])
    fits = [(exact(amount), exact(limited.get(name, ""))) for name, amount in _amounts(found["requested"]).items()]
    could = bool(fits) and all(asked is not None and most is not None and asked <= most for asked, most in fits)
    return QUOTA_IN_USE if could else QUOTA


def _amounts(text: str) -> dict[str, str]:
    """`pods=1,requests.cpu=100m` as a mapping."""
    pairs = [entry.partition("=") for entry in text.rstrip(",").split(",")]
    return {name: amount for name, _equals, amount in pairs}
