# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the API server what the account may do, all of it before the first write: reviews of access leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from .client import ApiConnection, ApiFault
from .crew import Crew

_PATH: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True, slots=True, order=True)
class Ask:
    """Something that the account is about to do; `namespace` empty for what has none, or for all of them."""

    verb: str
    group: str
    resource: str
    namespace: str = ""

    @property
    def words(self) -> str:
        """As refusals name it: `patch clusterpolicies.nvidia.com`."""
        name = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {name}" + (f" in {self.namespace}" if self.namespace else "")


def lacking(connection: ApiConnection, asks: Iterable[Ask]) -> list[Ask]:
    """What of it the account may not do, sorted. What the server does not answer counts as allowed: the write itself will tell."""
    wanted = sorted(set(asks))
    answers = Crew(connection).each(wanted, partial(_is_allowed, connection), lambda _ask, _reason: True)
    return [ask for ask, allowed in zip(wanted, answers, strict=True) if not allowed]


def _is_allowed(connection: ApiConnection, ask: Ask) -> bool:
    given = {"verb": ask.verb, "group": ask.group, "resource": ask.resource, "namespace": ask.namespace}
    attributes = {name: value for name, value in given.items() if value}
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
    try:
        status = connection.request("POST", _PATH, body=body).get("status")
    except ApiFault:
        return True
    return not isinstance(status, dict) or status.get("allowed") is not False
