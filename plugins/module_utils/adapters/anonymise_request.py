# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between the module estate_anonymise and its work: parameters and key to a request, result to an outcome."""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..common.calls import ModuleCall, Outcome
from ..common.errors import InputError, ReadinessError
from ..estate.anonymise.tokens import made_key
from .anonymise_stage import AnonymiseRequest, AnonymiseResult, run_anonymise
from .artifacts import trailer_counts
from .estate_sources import ReadContext

SHORTEST_KEY: Final = 16
"""Characters that a key has at least: names are few enough to be tried out, so the key must not be."""

_MADE_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ExportKey:
    """The key of one export, and how it was come by: `given`, `file`, `new_file` or `once`."""

    secret: str = field(repr=False)
    origin: str
    warnings: tuple[str, ...] = ()


def work(call: ModuleCall) -> Outcome:
    """Makes the export that the module's parameters ask for."""
    params = call.params
    base = Path(params["base_dir"] or ".")
    file = base / params["key_file"] if params["key_file"] else None
    key = export_key(params["key"] or "", file, check_mode=call.check_mode)
    request = AnonymiseRequest(
        src=base / params["src"],
        dest=base / params["dest"],
        key=made_key(key.secret),
        shift_dates=params["shift_dates"],
        context=ReadContext(params["max_unpacked_bytes"]),
        predict=call.check_mode,
    )
    before = trailer_counts(request.dest) if call.diff_mode else {}
    return outcome(run_anonymise(request), key, before)


def export_key(given: str, file: Path | None, *, check_mode: bool) -> ExportKey:
    """The key that was given, else that of the file, else a new one; a new one is kept in the file, if one is named.

    In check mode no file is made.
    """
    if given:
        return ExportKey(_long_enough(given, "key"), "given")
    made = secrets.token_hex(_MADE_BYTES)
    if file is None:
        return ExportKey(made, "once")
    try:
        if file.exists():
            loose = stat.S_IMODE(file.stat().st_mode) & 0o077
            warnings = (f"{file.name} can be read by others: set its mode to 0600",) if loose else ()
            return ExportKey(_long_enough(file.read_text(encoding="utf-8").strip(), file.name), "file", warnings)
        if not check_mode:
            _keep(file, made)
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is no text" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
        hint = "Name another key_file, or give the key itself."
        raise ReadinessError("export_key_file", f"{file.name} cannot be used: {reason}", subject=file.name, hint=hint) from error
    return ExportKey(made, "new_file")


def _long_enough(secret: str, name: str) -> str:
    if len(secret) < SHORTEST_KEY:
        hint = f"Take at least {SHORTEST_KEY} characters that nobody can guess, or leave the key out to have one made."
        raise InputError("export_key_weak", f"{name} holds fewer than {SHORTEST_KEY} characters", subject=name, hint=hint)
    return secret


def _keep(file: Path, secret: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"{secret}\n")


def outcome(result: AnonymiseResult, key: ExportKey, before: Mapping[str, Any]) -> Outcome:
    """The result as the module returns it; the diff shows the export's counts."""
    name = result.artifact.name
    return Outcome(
        changed=result.changed,
        result={"artifact": str(result.artifact), "sha256": result.sha256, "key_origin": key.origin},
        counts=result.counts,
        warnings=(*key.warnings, *result.warnings),
        diff={
            "before": json.dumps(before, indent=2) + "\n",
            "after": json.dumps(result.counts, indent=2) + "\n",
            "before_header": name,
            "after_header": name,
        },
    )
