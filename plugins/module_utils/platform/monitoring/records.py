# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of `platform.jsonl` that are of the monitoring part: which alerts there are and who is told, and what is watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...estate.fields import fact
from ...target.model import Count, Flag, Text, Texts
from ..desired.monitoring import EVALUATORS, SEVERITIES
from ..record import Record

IN_PLACE, MISSING, LEFT_OUT, NOT_EVALUATED = "in_place", "missing", "left_out", "not_evaluated"
ALERT_STATES: Final = (IN_PLACE, MISSING, LEFT_OUT, NOT_EVALUATED)
"""The rule is on the cluster as the document has it; it is not, or is another one; the document does not want it; nobody knows."""

WATCHED, UNWATCHED = "watched", "unwatched"
WATCH_STATES: Final = (WATCHED, UNWATCHED, NOT_EVALUATED)

ACCELERATORS, MODEL, NAMESPACE, QUEUE = "accelerators", "model", "namespace", "queue"
WATCH_TYPES: Final = (ACCELERATORS, MODEL, NAMESPACE, QUEUE)
"""What may be watched: the accelerators of a vendor; a model that is served; a namespace that holds accelerators or has a quota for
them; a ClusterQueue."""


@dataclass(frozen=True, slots=True)
class AlertRecord(Record):
    """An alert of the collection in one place. The id is `namespace/name`."""

    group: Text = fact("group of alerts")
    severity: Text = fact("critical, warning or info")
    evaluator: Text = fact("who evaluates it")
    namespace: Text = fact("namespace of its object")
    owner: Text = fact("team that it is for; namespace where that is the owner of the namespace that it is about")
    receivers: Texts = fact("who is told, such as platform by mail; of an alert for the owners of namespaces those of every owner")
    untold: Texts = fact("owners whom it does not reach")
    state: Text = fact("in_place, missing, left_out or not_evaluated")


@dataclass(frozen=True, slots=True)
class WatchRecord(Record):
    """Something that people rely on, and whether anybody would notice if it broke. The id is type and name."""

    watch_type: Text = fact("accelerators, model, namespace or queue")
    owner: Text = fact("team that answers for it; empty where none is named")
    monitors: Texts = fact("what scrapes it, as Kind namespace/name")
    alerts: Count = fact("alerts of the collection that are wanted for it")
    told: Flag = fact("whether its owner is told")
    state: Text = fact("watched, unwatched or not_evaluated")
    reason: Text = fact("what lacks, or why nobody knows; empty where it is watched")


KINDS: Final[Mapping[str, type]] = {"alert": AlertRecord, "watch": WatchRecord}

WORDS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("alert", "severity"): SEVERITIES,
    ("alert", "evaluator"): EVALUATORS,
    ("alert", "state"): ALERT_STATES,
    ("watch", "watch_type"): WATCH_TYPES,
    ("watch", "state"): WATCH_STATES,
}
"""Facts that are one of some words."""
