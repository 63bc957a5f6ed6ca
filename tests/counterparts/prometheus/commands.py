# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs: which they are, what pins them, how they are built, and what they are asked.

`enforce` is a few lines of our own around the library with which the Prometheus operator enforces labels, `routes` the same around
the operator's own code that makes an Alertmanager's configuration of AlertmanagerConfig objects.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.counterparts.build import GoCommands, Say, go_commands, quiet

PINS: Final = Path(__file__).parent / "programs"
PROMETHEUS: Final = GoCommands(
    name="prometheus",
    pins=PINS / "prometheus",
    packages={"promtool": "github.com/prometheus/prometheus/cmd/promtool", "enforce": "."},
)
ALERTMANAGER: Final = GoCommands(
    name="alertmanager",
    pins=PINS / "alertmanager",
    packages={"amtool": "github.com/prometheus/alertmanager/cmd/amtool"},
)
OPERATOR: Final = GoCommands(name="prometheus-operator", pins=PINS / "operator", packages={"routes": "."})

NOBODY: Final = "nobody-else"
BASE: Final = json.dumps({"route": {"receiver": NOBODY}, "receivers": [{"name": NOBODY}]})
"""Configuration of an Alertmanager that tells nobody by itself."""


class BadExpression(ValueError):
    """An expression that the parser of Prometheus refuses; the message is the parser's."""


@dataclass(frozen=True, slots=True)
class RulePrograms:
    """Where the built programs are."""

    promtool: Path
    enforce: Path


def rule_programs(say: Say = quiet) -> RulePrograms:
    """promtool and the enforcement, built when they were not built from these pins yet (about two minutes on two cores)."""
    folder = go_commands(PROMETHEUS, say)
    return RulePrograms(promtool=folder / "promtool", enforce=folder / "enforce")


def route_program(say: Say = quiet) -> Path:
    """amtool, built when it was not built from these pins yet."""
    return go_commands(ALERTMANAGER, say) / "amtool"


def operator_program(say: Say = quiet) -> Path:
    """The operator's builder of configurations, built when it was not built from these pins yet (minutes on two cores)."""
    return go_commands(OPERATOR, say) / "routes"


@dataclass(frozen=True, slots=True)
class OperatorsConfiguration:
    """What the operator made of AlertmanagerConfig objects."""

    config: str
    """the Alertmanager's configuration, as YAML"""
    rejected: Mapping[str, str]
    """namespace/name of each object that is passed over, to the operator's words"""


def operators_configuration(
    configs: Sequence[Mapping[str, object]],
    secrets: Mapping[str, Mapping[str, Mapping[str, str]]],
    program: Path,
    base: str = BASE,
) -> OperatorsConfiguration:
    """The configuration that the operator makes; `secrets` are namespace to name to key to value, `base` what the Alertmanager has itself.

    Raises subprocess.CalledProcessError, with what the operator said, for a base that is no configuration.
    """
    given = json.dumps({"base": base, "configs": list(configs), "secrets": secrets})
    done = subprocess.run([str(program)], input=given, capture_output=True, text=True, check=True, timeout=60)
    answer = json.loads(done.stdout)
    return OperatorsConfiguration(answer["config"], answer["rejected"])


def enforced(questions: Sequence[tuple[str, str]], programs: RulePrograms) -> list[str]:
    """Expressions as an evaluator runs them: of each (namespace, expression) one text, in the same order.

    An empty namespace stands for an evaluator that enforces nothing: the text is the expression in the parser's normal form.
    Raises BadExpression for the first that cannot be parsed.
    """
    given = json.dumps([{"namespace": namespace, "expr": expr} for namespace, expr in questions])
    done = subprocess.run([str(programs.enforce)], input=given, capture_output=True, text=True, check=True, timeout=60)
    answers = json.loads(done.stdout)
    for asked, answer in zip(questions, answers, strict=True):
        if answer["error"]:
            raise BadExpression(f"{asked[1]}: {answer['error']}")
    return [answer["expr"] for answer in answers]


def receivers(config: Path, labels: Mapping[str, str], program: Path) -> list[str]:
    """Who gets an alert with these labels by that configuration of an Alertmanager, in the order of its routes.

    Raises subprocess.CalledProcessError, with what amtool said, for a configuration that Alertmanager would refuse.
    """
    given = [f"{name}={value}" for name, value in sorted(labels.items())]
    command = [str(program), "config", "routes", "test", f"--config.file={config}", *given]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    return said.split(",") if said else []
