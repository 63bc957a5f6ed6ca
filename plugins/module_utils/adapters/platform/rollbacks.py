# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files from which a write to the cluster's logins can be taken back: how they were before it, and how it left them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...common.artifact import JsonRecord
from ...common.errors import Problem, ReadinessError
from ...common.merges import Merge, Reference
from ...common.owned_fields import ApiObject
from ...platform.identity.external_oidc import AUTHENTICATION, ModeRestore, mode_state
from ...platform.identity.oauth import OAUTH, ProvidersChange, Restore, state_of
from ..artifacts import write_file

FOLDER: Final = "identity"
OAUTH_KIND, AUTHENTICATION_KIND = "oauth", "authentication"
_STATES: Final[Mapping[Reference, tuple[str, Callable[[ApiObject | None], JsonRecord]]]] = {
    OAUTH: (OAUTH_KIND, state_of),
    AUTHENTICATION: (AUTHENTICATION_KIND, mode_state),
}
"""Objects that can be taken back, the word for each, and what of it is kept."""

_OF_KIND: Final = {kind: re.compile(rf"{kind}(-[0-9]+)?\.rollback\.json") for kind in (OAUTH_KIND, AUTHENTICATION_KIND)}
_DONE: Final = "done"
_REMEDY: Final = "name a file that a run left in its folder identity"


@dataclass(frozen=True, slots=True)
class Rollback:
    """A former write to logins, as its file in the run's directory has it."""

    cluster: str
    change: ProvidersChange | ModeRestore


class RollbackFiles:
    """Notes each write to logins in a file before it is sent, so that none is done that could not be taken back.

    A further write of the run goes on with the file of the one before it, which keeps how it was before the first. Where somebody
    else changed the object in between, or the file is of another cluster, there is a further file: their change is not ours to take
    back. A write of which nobody knows whether it was done keeps its file, with `"done": false`; taking it back is harmless if it was not.
    """

    def __init__(self, run_dir: Path, cluster: str) -> None:
        """`cluster` is the identity of the cluster that is written to."""
        self._folder = run_dir / FOLDER
        self._cluster = cluster
        self._open: dict[Reference, tuple[Path, JsonRecord]] = {}
        self._closed: list[Path] = []

    @property
    def paths(self) -> tuple[str, ...]:
        """Files of what was written, and of what may have been."""
        return tuple(dict.fromkeys(str(path) for path in (*self._closed, *(path for path, _record in self._open.values()))))

    def intended(self, merge: Merge, before: ApiObject | None, after: ApiObject) -> None:
        """Writes how the object is and how it is to become; raises ReadinessError where that fails. Objects of others have no file."""
        if merge.ref not in _STATES:
            return
        kind, state = _STATES[merge.ref]
        record: JsonRecord = {"kind": kind, "cluster": self._cluster, "before": state(before), "after": state(after), _DONE: False}
        path = self._open[merge.ref][0] if merge.ref in self._open else self._place(kind, record)
        try:
            _write(path, record)
        except OSError as error:
            why = f"{path.name} cannot be written: {error.strerror or error}"
            message = f"{why}; {merge.key.text} was not changed, since that could not be taken back"
            hint = "Check the owner and the free space of the run's folder identity."
            raise ReadinessError("platform_unwritable", message, subject=path.name, hint=hint) from error
        self._open[merge.ref] = path, record

    def written(self, merge: Merge, after: ApiObject | None) -> None:
        """Completes the file of the last attempt, or that of the write that it goes on with."""
        if merge.ref not in self._open:
            return
        path, noted = self._open.pop(merge.ref)
        kind, state = _STATES[merge.ref]
        record = {**noted, "after": noted["after"] if after is None else state(after), _DONE: True}
        earlier = next((other for other in self._files(kind) if other != path and self._leads_to(other, record["before"])), path)
        try:
            if earlier == path:
                _write(path, record)
            else:
                _write(earlier, {**record, "before": _content(earlier)["before"]})
                path.unlink()
        except OSError:
            # The file that was written before stands, and suffices.
            earlier = path
        self._closed.append(earlier)

    def undone(self, merge: Merge) -> None:
        """Removes the file of the last attempt."""
        if merge.ref in self._open:
            path, _record = self._open.pop(merge.ref)
            with suppress(OSError):
                path.unlink()

    def _files(self, kind: str) -> Iterable[Path]:
        """Files of that kind."""
        return (path for path in sorted(self._folder.glob("*.rollback.json")) if _OF_KIND[kind].fullmatch(path.name))

    def _place(self, kind: str, record: JsonRecord) -> Path:
        """The first free file, or that of an attempt of an earlier run on the very same state, which was never done then."""
        number, path = 1, self._folder / f"{kind}.rollback.json"
        while path.exists() and not self._was_in_vain(path, record["before"]):
            number += 1
            path = self._folder / f"{kind}-{number}.rollback.json"
        return path

    def _leads_to(self, path: Path, before: JsonRecord) -> bool:
        """Whether the write of that file left the object just so."""
        found = _content(path)
        states = _states(found)
        return states is not None and found.get("cluster") == self._cluster and states[1] == before

    def _was_in_vain(self, path: Path, before: JsonRecord) -> bool:
        found = _content(path)
        states = _states(found)
        return states is not None and found.get("cluster") == self._cluster and found.get(_DONE) is False and states[0] == before


def _write(path: Path, record: JsonRecord) -> None:
    write_file(path, (json.dumps(record, indent=2, sort_keys=True) + "\n").encode())


def read_rollback(path: Path) -> Rollback | Problem:
    """The write that a file tells of, or what is wrong with the file."""
    found = _content(path)
    if isinstance(found, Problem):
        return found
    states = _states(found)
    if states is None:
        return Problem("it holds no states before and after a write", file=path.name, remedy=_REMEDY)
    if found.get("kind") not in (OAUTH_KIND, AUTHENTICATION_KIND) or not isinstance(found.get("cluster"), str):
        return Problem("it does not say of which object and cluster it is", file=path.name, remedy=_REMEDY)
    change = ProvidersChange(restore=Restore(*states)) if found["kind"] == OAUTH_KIND else ModeRestore(*states)
    return Rollback(found["cluster"], change)


def _content(path: Path) -> Any:
    """The JSON value of a file, or why there is none."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        return Problem(f"it cannot be read: {error.strerror}", file=path.name, remedy=_REMEDY)
    except ValueError:
        return Problem("it is no JSON", file=path.name, remedy=_REMEDY)


def _states(found: Any) -> tuple[JsonRecord, JsonRecord] | None:
    """The two states of a file; None where they are none."""
    if not isinstance(found, dict):
        return None
    before, after = _state(found, "before"), _state(found, "after")
    return None if before is None or after is None else (before, after)


def _state(found: Mapping[str, Any], name: str) -> JsonRecord | None:
    """One of the two states; None where it is none."""
    state = found.get(name)
    return state if isinstance(state, dict) and isinstance(state.get("uid"), str) else None
