# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files from which a write to the cluster's logins can be taken back: how they were before it, and how it left them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...common.artifact import JsonRecord
from ...common.errors import Problem
from ...common.merges import MergeOutcome
from ...platform.identity.external_oidc import ModeRestore, mode_state
from ...platform.identity.oauth import OAUTH, ProvidersChange, Restore, state_of
from ..artifacts import write_file

FOLDER: Final = "identity"
OAUTH_KIND, AUTHENTICATION_KIND = "oauth", "authentication"
_REMEDY: Final = "name a file that a run left in its folder identity"


@dataclass(frozen=True, slots=True)
class Rollback:
    """A former write to logins, as its file in the run's directory has it."""

    cluster: str
    change: ProvidersChange | ModeRestore


def write_rollbacks(run_dir: Path, cluster: str, outcomes: Iterable[MergeOutcome]) -> tuple[str, ...]:
    """Writes a file for each object that was changed; the paths. A file of this run keeps how it was before the first change."""
    written = []
    for outcome in outcomes:
        if not outcome.writes or outcome.after is None:
            continue
        is_oauth = outcome.merge.ref == OAUTH
        kind, state = (OAUTH_KIND, state_of) if is_oauth else (AUTHENTICATION_KIND, mode_state)
        path = run_dir / FOLDER / f"{kind}.rollback.json"
        before = state(outcome.before)
        if path.exists():
            before = json.loads(path.read_text(encoding="utf-8"))["before"]
        record = {"kind": kind, "cluster": cluster, "before": before, "after": state(outcome.after)}
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, (json.dumps(record, indent=2, sort_keys=True) + "\n").encode())
        written.append(str(path))
    return tuple(written)


def read_rollback(path: Path) -> Rollback | Problem:
    """The write that a file tells of, or what is wrong with the file."""
    try:
        found: Any = json.loads(path.read_bytes())
    except OSError as error:
        return Problem(f"it cannot be read: {error.strerror}", file=path.name, remedy=_REMEDY)
    except ValueError:
        return Problem("it is no JSON", file=path.name, remedy=_REMEDY)
    before, after = (_state(found, name) for name in ("before", "after"))
    if before is None or after is None:
        return Problem("it holds no states before and after a write", file=path.name, remedy=_REMEDY)
    if found.get("kind") not in (OAUTH_KIND, AUTHENTICATION_KIND) or not isinstance(found.get("cluster"), str):
        return Problem("it does not say of which object and cluster it is", file=path.name, remedy=_REMEDY)
    change = ProvidersChange(restore=Restore(before, after)) if found["kind"] == OAUTH_KIND else ModeRestore(before, after)
    return Rollback(found["cluster"], change)


def _state(found: Any, name: str) -> JsonRecord | None:
    """One of the two states of a file; None where it is none."""
    state = found.get(name) if isinstance(found, dict) else None
    return state if isinstance(state, dict) and isinstance(state.get("uid"), str) else None
