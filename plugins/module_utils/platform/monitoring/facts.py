# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shipped facts of monitoring: recording rules with the unit of what they hold, alerts with the conditions that make them fire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..desired.keys import key
from ..desired.monitoring import DURATION, EVALUATORS, SEVERITIES, TEAM

NAMESPACE: Final = "namespace"
OWNERS: Final = (TEAM, NAMESPACE)
"""Whom an alert is for: the team that runs the platform, or the owner of the namespace that it is about."""

ABOVE, AT_LEAST, BELOW, AT_MOST, EQUAL = ">", ">=", "<", "<=", "=="
COMPARATORS: Final = (ABOVE, AT_LEAST, BELOW, AT_MOST, EQUAL)

OWNER_LABEL: Final = "readiness.groundwork.io/owner"
"""Label of a namespace that names the team that answers for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts:
    """A recording rule."""

    name: str
    record: str
    """series that it makes, as level:what:unit"""
    unit: str
    meaning: str
    expr: str
    """what is recorded, in that unit; of an exporter's series before its labels are made the common ones"""
    source: str
    vendor: str = key("whose exporter gives the series; empty where it is Kubernetes itself", "")
    labels: Mapping[str, str] = field(default_factory=dict)
    """further label to the exporter's"""
    confirmed: bool = True
    """False where unit or name was known and not looked up in a public source"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterFacts:
    """A number that an alert compares with."""

    default: float
    least: float
    most: float
    unit: str
    fixed: bool = False
    """whether it belongs to the fact itself, so that nobody may set another"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionFacts:
    """A series, how it is compared, and the parameter that it is compared with."""

    value: str
    comparator: str = key("how it is compared", allowed=COMPARATORS)
    threshold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """An alert: it fires once all of its conditions have held for `hold`."""

    name: str
    group: str
    evaluator: str = key("who evaluates it", allowed=EVALUATORS)
    severity: str = key("how urgent it is", allowed=SEVERITIES)
    owner: str = key("whom it is for", allowed=OWNERS)
    hold: str = key("how long the conditions have to hold", pattern=DURATION)
    labels: tuple[str, ...]
    """labels that it fires with beside severity and owner; conditions belong together where these are equal"""
    conditions: tuple[ConditionFacts, ...]
    parameters: Mapping[str, ParameterFacts]
    summary: str
    description: str
    meaning: str
    look: tuple[str, ...]
    """how to look, one step each"""
    act: tuple[str, ...]
    """what to do, one step each"""
    source: str
    confirmed: bool = True
    """False where a series was known and not looked up in a public source"""


@dataclass(frozen=True, slots=True)
class Exporter:
    """How the labels of an exporter's series become the common ones."""

    own_pods: str
    """the exporter's own pods as a regular expression: where namespace and pod of a series are its own, nobody uses the device"""
    labels: Mapping[str, str]
    """common label to the exporter's"""
    model: str = ""
    """model where the exporter names none"""


EXPORTERS: Final[Mapping[str, Exporter]] = {
    # dcgm-exporter, internal/pkg/collector and transformation: modelName, UUID, GPU_I_ID; the pod's labels clash with those of the
    # target unless the monitor honours them. Its label Hostname is the exporter's pod where the DaemonSet gives it no NODE_NAME.
    "nvidia": Exporter(
        "nvidia-dcgm-exporter-.+",
        {"model": "modelName", "device": "UUID", "partition": "GPU_I_ID", "namespace": "exported_namespace", "pod": "exported_pod"},
    ),
    # ROCm/device-metrics-exporter, docs/configuration/metricslist.md and configmap.md.
    "amd": Exporter(
        ".*metrics-exporter-.+",
        {
            "model": "card_model",
            "device": "gpu_id",
            "partition": "gpu_partition_id",
            "namespace": "exported_namespace",
            "pod": "exported_pod",
        },
    ),
    # The metric exporter of Gaudi: labels Serial, UUID, device, id, driver, pod_namespace, pod_name; none for the model.
    "gaudi": Exporter(".+", {"device": "UUID", "namespace": "pod_namespace", "pod": "pod_name"}, "Gaudi"),
    # intel/xpumanager 1.x, Prometheus exporter: dev_name, uuid, sub_dev, kube_namespace, kube_pod.
    "intel": Exporter(
        ".+", {"model": "dev_name", "device": "uuid", "partition": "sub_dev", "namespace": "kube_namespace", "pod": "kube_pod"}
    ),
}
"""Vendor to its exporter."""

COMMON_LABELS: Final = ("device", "model", "namespace", "node", "partition", "pod")
"""Labels of every record of an exporter's series, beside vendor."""


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """All shipped rules, by name."""

    records: Mapping[str, RecordFacts] = field(default_factory=dict)
    alerts: Mapping[str, AlertFacts] = field(default_factory=dict)
