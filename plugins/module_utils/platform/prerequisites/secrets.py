# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Secret by its name: whether it is there and has its keys. What the keys hold is never looked at."""

from __future__ import annotations

from collections.abc import Sequence

from ...common.findings import CheckFinding
from ...common.write_findings import MISSING, listed
from ...target.model import ABSENT, READ
from ..checks import Check
from ..desired.model import SecretRef
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import failed, passed, seen, unknown


def secret_ref(wanted: SecretRef) -> Named:
    """How the Secret is asked for."""
    return Named("v1", "Secret", wanted.namespace, wanted.name)


def secret_finding(check: Check, snapshot: PlatformSnapshot, wanted: SecretRef, keys: Sequence[str], path: str) -> CheckFinding:
    """Whether the Secret is there and has these keys."""
    ref = secret_ref(wanted)
    read = snapshot.named(ref)
    if read.state == ABSENT:
        return failed(check, ref.text, f"there is no {ref.text}", path, MISSING, remedy=f"create it with the keys {listed(list(keys))}")
    if read.state != READ:
        return unknown(
            check, ref.text, read.reason, path, f"let the account get the Secret {wanted.name} in {wanted.namespace} by its name"
        )
    lacking = [key for key in keys if key not in read.keys]
    if lacking:
        evidence = seen(ref.text, "data", ", ".join(sorted(read.keys)) or "no keys", ", ".join(keys))
        return failed(check, ref.text, f"{ref.text} lacks {listed(lacking)}", path, evidence=evidence)
    return passed(check, ref.text, path)
