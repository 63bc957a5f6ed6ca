# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files from which a write to the cluster's logins can be taken back: how they were before it, and how it left them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...common.artifact import JsonRecord
from ...common.errors import Problem
from ...common.merges import MergeOutcome, Reference
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

_REMEDY: Final = "name a file that a run left in its folder identity"


@dataclass(frozen=True, slots=True)
class Rollback:
    """A former write to logins, as its file in the run's directory has it."""

    cluster: str
    change: ProvidersChange | ModeRestore


def write_rollbacks(run_dir: Path, cluster: str, outcomes: Iterable[MergeOutcome]) -> tuple[str, ...]:
    """Writes a file for each object of logins that was changed; the paths. Other objects have none.

    A further write of the run goes on with the file of the one before it, which keeps how it was before the first. Where somebody
    else changed the object in between, or the file is of another cluster, there is a further file: their change is not ours to take back.
    """
    written = []
    for outcome in outcomes:
        if not outcome.writes or outcome.after is None or outcome.merge.ref not in _STATES:
            continue
        kind, state = _STATES[outcome.merge.ref]
        before = state(outcome.before)
        path, first = _place(run_dir / FOLDER, kind, cluster, before)
        record = {"kind": kind, "cluster": cluster, "before": first, "after": state(outcome.after)}
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, (json.dumps(record, indent=2, sort_keys=True) + "\n").encode())
        written.append(str(path))
    return tuple(written)


def _place(folder: Path, kind: str, cluster: str, before: JsonRecord) -> tuple[Path, JsonRecord]:
    """Where a write of an object that was like that is kept, and how it was before the first write that is kept there."""
    path, number = folder / f"{kind}.rollback.json", 1
    while path.exists():
        found = _content(path)
        states = _states(found)
        if states is not None and found.get("cluster") == cluster and states[1] == before:
            return path, states[0]
        number += 1
        path = folder / f"{kind}-{number}.rollback.json"
    return path, before


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
