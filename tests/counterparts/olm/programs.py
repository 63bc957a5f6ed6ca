# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of the Operator Lifecycle Manager: which they are, what pins them, and how they are built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.counterparts.build import GoCommands, Say, go_commands, quiet
from tests.counterparts.cluster.programs import PINS

OLM = "github.com/operator-framework/operator-lifecycle-manager"
REGISTRY = "github.com/operator-framework/operator-registry"
COMMANDS = GoCommands(
    name="cluster-olm",
    pins=PINS / "olm",
    packages={"olm": f"{OLM}/cmd/olm", "catalog": f"{OLM}/cmd/catalog", "opm": f"{REGISTRY}/cmd/opm"},
    variables={f"{OLM}/pkg/version.OLMVersion": "v0.38.0"},
    # Signatures of images are verified in Go then: the other way needs a library in C.
    tags=("containers_image_openpgp", "json1"),
)


@dataclass(frozen=True, slots=True)
class OlmPrograms:
    """Where the built programs are."""

    olm: Path
    catalog: Path
    opm: Path


def olm_programs(say: Say = quiet) -> OlmPrograms:
    """All three, built when they were not built from these pins yet."""
    folder = go_commands(COMMANDS, say)
    return OlmPrograms(olm=folder / "olm", catalog=folder / "catalog", opm=folder / "opm")
