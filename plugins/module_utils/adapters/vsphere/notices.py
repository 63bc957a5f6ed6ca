# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reader of a vCenter has to say beside the records: objects that it could not read, and how safe its connection was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ...common.artifact import JsonRecord
from .narrowing import ReadProblem

NAMED_OBJECTS: Final = 20
"""So many objects are named in one notice; the others are counted."""

NOT_VERIFIED: Final[JsonRecord] = {
    "code": "certificate_not_verified",
    "message": "the certificate of the server was not verified (validate_certs is false): whoever stood in between could have answered",
    "remedy": "Name the authority that signed it as ca_path, and leave validate_certs out.",
}


def read_notices(problems: Sequence[ReadProblem]) -> Iterator[JsonRecord]:
    """Notices on objects that vanished, and on those that the server did not give as a whole.

    What is missing of an object that was read stands in its record.
    """
    gone = [problem for problem in problems if problem.is_gone]
    if gone:
        message = f"{_objects(gone)} vanished between the listing and the reading: {_named(gone)}"
        yield {"code": "objects_vanished", "message": message, "remedy": "Read again where that is not expected."}
    reasons = sorted({problem.reason for problem in problems if not problem.is_gone and not problem.path})
    for reason in reasons:
        lost = [problem for problem in problems if not problem.is_gone and not problem.path and problem.reason == reason]
        message = f"{_objects(lost)} could not be read: {_named(lost)}: {reason}"
        yield {"code": "objects_not_read", "message": message, "remedy": "See the server's log (vpxd.log) for them, and read again."}


def _objects(problems: Sequence[ReadProblem]) -> str:
    return "one object" if len(problems) == 1 else f"{len(problems)} objects"


def _named(problems: Sequence[ReadProblem]) -> str:
    names = [f"{problem.type} {problem.moref}" for problem in problems]
    more = f" and {len(names) - NAMED_OBJECTS} more" if len(names) > NAMED_OBJECTS else ""
    return f"{', '.join(names[:NAMED_OBJECTS])}{more}"
