# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform as tables, for workbook and CSV files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from .plan_view import UnreadView
from .platform_delivery import GATE_WORDS, OUTCOME_WORDS, is_pinned, standing_text
from .platform_delivery_texts import delivery_line
from .platform_entries import joined_cell, known_cell, reasons_cell
from .platform_identity_texts import identity_line
from .platform_monitoring_texts import alerts_line, watch_line
from .platform_people_tables import IDENTITY_TABLES, MONITORING_TABLES
from .platform_texts import RESULT_WORDS, STATE_WORDS, layer_word, mode_note, words
from .platform_view import ApplicationView, PlatformView
from .tables import Column, Row, Table
from .view import ReportView

CHECK_COLUMNS: Final = (
    Column("result", "Result", 14),
    Column("severity", "Severity", 12),
    Column("layer", "Layer", 18),
    Column("part", "Part", 14),
    Column("subject", "Subject", 40),
    Column("state", "State", 13),
    Column("message", "What was found", 70, "long"),
    Column("remedy", "Remedy", 60, "long"),
    Column("action", "Action", 10),
    Column("refuses", "Nothing is written while it fails", 12),
    Column("fields", "Fields that differ", 40, "long"),
    Column("evidence", "Evidence", 60, "long"),
    Column("path", "Place in the document", 34),
    Column("check", "Check", 44),
)


UNREAD_COLUMNS: Final = (
    Column("resource", "Resource", 50),
    Column("state", "State", 12),
    Column("reason", "Why", 50, "long"),
    Column("permission", "What the account lacks", 50),
    Column("costs", "What stays unknown", 60, "long"),
)


def unread_cells(unread: Iterable[UnreadView]) -> Iterator[Row]:
    """What of a cluster was not read, a resource a row."""
    for entry in unread:
        yield (entry.resource, entry.state, entry.reason, entry.permission, "; ".join(entry.costs))


def layer_rows(view: ReportView) -> Iterator[Row]:
    """The stack from the ground up."""
    for layer in view.platform.layers if view.platform else ():
        counts = (layer.counts.get(result, 0) for result in RESULT_WORDS)
        worst = f"{layer.worst.subject}: {layer.worst.message or layer.worst.check}" if layer.worst else ""
        state = words(layer.state, STATE_WORDS)
        yield (layer.order, layer_word(layer.name), state, layer.wanted, *counts, ", ".join(layer.holds), layer.reason, worst)


def check_rows(view: ReportView) -> Iterator[Row]:
    """Every finding, what calls for attention first."""
    for entry in view.platform.findings if view.platform else ():
        evidence = "; ".join(
            f"{piece.object}: {piece.field} is {piece.observed or 'empty'}, expected {piece.expected}" for piece in entry.evidence
        )
        told = (entry.subject, entry.state, entry.message, entry.remedy, entry.action, entry.refuses)
        yield (entry.result, entry.severity, entry.layer, entry.part, *told, ", ".join(entry.fields), evidence, entry.path, entry.check)


def operator_rows(view: ReportView) -> Iterator[Row]:
    """The operators of the document."""
    for entry in view.platform.operators if view.platform else ():
        csvs = (
            known_cell(entry.pinned_csv, "floats"),
            *(known_cell(value) for value in (entry.installed_csv, entry.current_csv, entry.phase)),
        )
        modes = ", ".join(entry.install_modes or ())
        owned = (entry.managed_by, entry.stance, entry.blocks_minor, known_cell(entry.max_openshift_version, "none named"))
        yield (
            entry.name,
            words(entry.state, STATE_WORDS),
            entry.package,
            entry.namespace,
            entry.source,
            entry.channel,
            *csvs,
            known_cell(entry.group),
            modes,
            entry.install_mode_used,
            *owned,
            " > ".join(entry.hops),
            ", ".join(entry.crds),
            "; ".join(f"{fact}: {reason}" for fact, reason in entry.unknown.items()),
        )


def upgrade_rows(view: ReportView) -> Iterator[Row]:
    """The rehearsed upgrades, a CRD a row."""
    for entry in view.platform.upgrades if view.platform else ():
        own = (
            entry.operator,
            entry.from_csv,
            entry.to_csv,
            " > ".join(entry.hops or ()),
            entry.refused,
            entry.reason,
            entry.related_images_added,
        )
        if not entry.crd_changes:
            yield (*own, "", "", "", "", None)
        for change in entry.crd_changes or ():
            versions = (", ".join(names) for names in (change.added, change.removed, change.stored))
            yield (*own, change.crd, *versions, change.refused)


def object_rows(view: ReportView) -> Iterator[Row]:
    """Every object that the document asks for."""
    for entry in view.platform.objects if view.platform else ():
        own = (entry.name, entry.part, entry.state, entry.result, entry.action, ", ".join(entry.fields))
        yield (*own, entry.awaits, entry.validated, entry.path)


def step_rows(view: ReportView) -> Iterator[Row]:
    """What is done in order and is no object."""
    for number, entry in enumerate(view.platform.steps if view.platform else (), 1):
        yield (number, entry.part, entry.verb, entry.subject, entry.state, entry.reason)


def accelerator_rows(view: ReportView) -> Iterator[Row]:
    """The accelerators that are there."""
    for entry in view.platform.accelerators if view.platform else ():
        figures = (None if entry.nodes is None else len(entry.nodes), entry.capacity, entry.allocatable, entry.requested)
        kind = (entry.vendor, entry.product, entry.mode, entry.workload, entry.resource)
        why = entry.memory_source or entry.unknown.get("memory_gib", "")
        yield (entry.name, *kind, *figures, entry.memory_gib, why, ", ".join(entry.taints), ", ".join(entry.nodes or ()))


def request_rows(view: ReportView) -> Iterator[Row]:
    """The requests, a choice a row."""
    for entry in view.platform.requests if view.platform else ():
        own = (entry.name, entry.state, entry.device_class, entry.count, entry.replicas, entry.memory_gib, entry.sharing)
        why = (entry.refused_reason, entry.not_evaluated_reason, entry.nearest)
        if not entry.choices:
            yield (*own, *why, None, "", "", "", "", "", "", None, "")
        for place, choice in enumerate(entry.choices, 1):
            labels = ", ".join(f"{key}={value}" for key, value in choice.node_selector.items())
            quota = ", ".join(f"{key}={value}" for key, value in choice.quota_keys.items())
            chosen = (place, choice.group, choice.resource, choice.flavor, labels, ", ".join(choice.tolerations), quota, choice.fits_now)
            yield (*own, *why, *chosen, ", ".join(choice.nodes))


def forecast_rows(view: ReportView) -> Iterator[Row]:
    """Pools whose nodes would restart."""
    for entry in view.platform.forecasts if view.platform else ():
        count = None if entry.nodes is None else len(entry.nodes)
        pods = None if entry.accelerator_pods is None else len(entry.accelerator_pods)
        yield (
            entry.pool,
            count,
            entry.paused,
            pods,
            ", ".join(entry.reasons),
            ", ".join(entry.nodes or ()),
            ", ".join(entry.accelerator_pods or ()),
        )


def image_rows(view: ReportView) -> Iterator[Row]:
    """The images of the operators; those without a mirror first."""
    for entry in view.platform.images if view.platform else ():
        yield (entry.reference, entry.operator, entry.mirrored.replace("_", " "), entry.mirror)


def model_rows(view: ReportView) -> Iterator[Row]:
    """The models that are served."""
    for entry in view.platform.models if view.platform else ():
        yield (entry.name, words(entry.state, STATE_WORDS), entry.serving_kind, entry.request, entry.runtime, entry.reason)


def application_rows(view: ReportView) -> Iterator[Row]:
    """The Applications of Argo CD."""
    for entry in view.platform.applications if view.platform else ():
        told = (known_cell(entry.sync, "not compared yet"), known_cell(entry.health, "not judged yet"), known_cell(entry.operation))
        yield (
            entry.name,
            words(entry.state, STATE_WORDS),
            standing_text(entry.standing),
            entry.project,
            entry.bounded,
            known_cell(entry.destination, "where its objects say"),
            entry.local,
            *_sources(entry),
            is_pinned(entry),
            entry.automated,
            entry.prune,
            entry.self_heal,
            *told,
            joined_cell(entry.namespaces),
            reasons_cell(entry.unknown),
        )


def _sources(entry: ApplicationView) -> tuple[str, str, str]:
    return ", ".join(entry.sources), ", ".join(name or "the head" for name in entry.revisions), ", ".join(entry.revision_kinds)


def pipeline_rows(view: ReportView) -> Iterator[Row]:
    """The pipelines of Tekton."""
    for entry in view.platform.pipelines if view.platform else ():
        yield (
            entry.name,
            words(entry.state, STATE_WORDS),
            standing_text(entry.standing),
            entry.defined,
            words(entry.last_outcome, OUTCOME_WORDS),
            *(known_cell(value) for value in (entry.last_day, entry.last_run, entry.last_success_day, entry.running)),
            joined_cell(entry.approvals),
            reasons_cell(entry.unknown),
        )


def policy_rows(view: ReportView) -> Iterator[Row]:
    """The policies for signatures of images."""
    for entry in view.platform.image_policies if view.platform else ():
        own = (entry.name, standing_text(entry.standing), entry.effective, joined_cell(entry.scopes), entry.policy_type)
        yield (*own, known_cell(entry.match_policy, "by the default"), entry.images, reasons_cell(entry.unknown))


def gate_rows(view: ReportView) -> Iterator[Row]:
    """What stands between a change and its release."""
    for entry in view.platform.gates if view.platform else ():
        own = (entry.name, standing_text(entry.standing), words(entry.gate_type, GATE_WORDS), entry.denies)
        yield (*own, joined_cell(entry.bindings), joined_cell(entry.narrowed_by), reasons_cell(entry.unknown))


def platform_unread_rows(view: ReportView) -> Iterator[Row]:
    """What of the cluster was not read."""
    return unread_cells(view.platform.unread if view.platform else ())


PLATFORM_TABLES: Final = (
    Table(
        "Platform layers",
        (
            Column("order", "Place, 1 is the ground", 9, "count"),
            Column("layer", "Layer", 22),
            Column("state", "State", 14),
            Column("wanted", "Asked for", 10),
            *(Column(result, label.capitalize(), 10, "count") for result, label in RESULT_WORDS.items()),
            Column("holds", "What is in it", 50, "long"),
            Column("reason", "What keeps it from being ready", 60, "long"),
            Column("worst", "Gravest finding", 60, "long"),
        ),
        layer_rows,
    ),
    Table("Platform findings", CHECK_COLUMNS, check_rows),
    Table(
        "Operators",
        (
            Column("name", "Operator", 22),
            Column("state", "State", 14),
            Column("package", "Package", 30),
            Column("namespace", "Namespace", 26),
            Column("source", "Catalog", 22),
            Column("channel", "Channel", 14),
            Column("pinned_csv", "Pinned", 36),
            Column("installed_csv", "Installed", 36),
            Column("current_csv", "On the way to", 36),
            Column("phase", "Phase", 12),
            Column("group", "OperatorGroup", 24),
            Column("install_modes", "Install modes of the bundle", 34),
            Column("install_mode_used", "Install mode", 18),
            Column("managed_by", "Managed by", 12),
            Column("stance", "Stance", 10),
            Column("blocks_minor", "Blocks the next minor", 10),
            Column("max_openshift_version", "Last OpenShift that it allows", 12),
            Column("hops", "Way to the pin", 50, "long"),
            Column("crds", "CRDs", 50, "long"),
            Column("unknown", "Why facts are not known", 50, "long"),
        ),
        operator_rows,
    ),
    Table(
        "Upgrades",
        (
            Column("operator", "Operator", 22),
            Column("from_csv", "From", 36),
            Column("to_csv", "To", 36),
            Column("hops", "Way", 60, "long"),
            Column("refused", "Refused", 9),
            Column("reason", "Why", 60, "long"),
            Column("related_images_added", "Images that come", 10, "count"),
            Column("crd", "CRD", 44),
            Column("added", "Versions that come", 18),
            Column("removed", "Versions that go", 18),
            Column("stored", "Versions with stored objects", 18),
            Column("crd_refused", "A stored version would vanish", 12),
        ),
        upgrade_rows,
    ),
    Table(
        "Platform objects",
        (
            Column("object", "Object", 50),
            Column("part", "Part", 14),
            Column("state", "State", 14),
            Column("result", "Result", 14),
            Column("action", "Action", 10),
            Column("fields", "Fields that differ", 60, "long"),
            Column("awaits", "Operator that brings its kind", 20),
            Column("validated", "Judged by the API server", 12),
            Column("path", "Place in the document", 40),
        ),
        object_rows,
    ),
    Table(
        "Platform steps",
        (
            Column("number", "Step", 8, "count"),
            Column("part", "Part", 14),
            Column("verb", "What", 12),
            Column("subject", "To what", 50),
            Column("state", "State", 12),
            Column("reason", "Why", 60, "long"),
        ),
        step_rows,
    ),
    Table(
        "Accelerators",
        (
            Column("name", "Group", 34),
            Column("vendor", "Vendor", 10),
            Column("product", "Product", 30),
            Column("mode", "Mode", 12),
            Column("workload", "Workload", 14),
            Column("resource", "Resource", 28),
            Column("nodes", "Nodes", 8, "count"),
            Column("capacity", "Capacity", 10, "count"),
            Column("allocatable", "Allocatable", 10, "count"),
            Column("requested", "Requested", 10, "count"),
            Column("memory_gib", "Memory of one, GiB", 12, "decimal"),
            Column("memory_source", "Where the memory is from", 40, "long"),
            Column("taints", "Taints", 34),
            Column("node_names", "Names of the nodes", 50, "long"),
        ),
        accelerator_rows,
    ),
    Table(
        "Requests",
        (
            Column("request", "Request", 20),
            Column("state", "State", 14),
            Column("device_class", "Class", 20),
            Column("count", "Devices of a pod", 9, "count"),
            Column("replicas", "Pods", 8, "count"),
            Column("memory_gib", "Memory of one at least, GiB", 12, "decimal"),
            Column("sharing", "Sharing", 10),
            Column("refused_reason", "Why it is refused", 50, "long"),
            Column("not_evaluated_reason", "Why nobody knows", 50, "long"),
            Column("nearest", "What comes nearest", 40, "long"),
            Column("choice", "Choice", 8, "count"),
            Column("group", "Accelerators", 30),
            Column("resource", "Resource", 28),
            Column("flavor", "Flavor", 24),
            Column("node_selector", "Node labels", 44, "long"),
            Column("tolerations", "Tolerations", 34),
            Column("quota_keys", "Quota keys", 50, "long"),
            Column("fits_now", "Pods that would run now", 10, "count"),
            Column("nodes", "Nodes", 40, "long"),
        ),
        request_rows,
    ),
    Table(
        "Restarts",
        (
            Column("pool", "Pool", 24),
            Column("nodes", "Nodes", 8, "count"),
            Column("paused", "Paused", 9),
            Column("pods", "Pods with accelerators", 10, "count"),
            Column("reasons", "What makes them restart", 60, "long"),
            Column("node_names", "Names of the nodes", 50, "long"),
            Column("pod_names", "Names of the pods", 50, "long"),
        ),
        forecast_rows,
    ),
    Table(
        "Mirrors",
        (
            Column("image", "Image", 80, "long"),
            Column("operator", "Operator", 22),
            Column("mirrored", "Mirrored", 14),
            Column("mirror", "Mirror", 60, "long"),
        ),
        image_rows,
    ),
    Table(
        "Models",
        (
            Column("name", "Model", 34),
            Column("state", "State", 14),
            Column("serving_kind", "Kind", 22),
            Column("request", "Request", 20),
            Column("runtime", "Runtime", 24),
            Column("reason", "Why it is not ready", 60, "long"),
        ),
        model_rows,
    ),
    *IDENTITY_TABLES,
    *MONITORING_TABLES,
    Table(
        "Applications",
        (
            Column("application", "Application", 36),
            Column("state", "State", 14),
            Column("standing", "Stands to the document", 12),
            Column("project", "Project", 20),
            Column("bounded", "Project names namespaces", 11),
            Column("destination", "Deploys into", 26),
            Column("local", "On this cluster", 9),
            Column("sources", "Sources", 50, "long"),
            Column("revisions", "Revisions", 24),
            Column("revision_kinds", "Kinds of revision", 16),
            Column("pinned", "Pinned", 9),
            Column("automated", "Synced by itself", 9),
            Column("prune", "Prunes", 9),
            Column("self_heal", "Self-heals", 9),
            Column("sync", "Sync", 14),
            Column("health", "Health", 14),
            Column("operation", "Last operation", 14),
            Column("namespaces", "Namespaces with something of it", 40, "long"),
            Column("unknown", "Why facts are not known", 40, "long"),
        ),
        application_rows,
    ),
    Table(
        "Pipelines",
        (
            Column("pipeline", "Pipeline", 36),
            Column("state", "State", 14),
            Column("standing", "Stands to the document", 12),
            Column("defined", "Is defined on the cluster", 10),
            Column("last_outcome", "Last completed run", 22),
            Column("last_day", "Day", 12),
            Column("last_run", "Run", 30),
            Column("last_success_day", "Day of the last success", 12),
            Column("running", "Under way", 30),
            Column("approvals", "Tasks that wait for people", 34),
            Column("unknown", "Why facts are not known", 40, "long"),
        ),
        pipeline_rows,
    ),
    Table(
        "Image policies",
        (
            Column("policy", "Policy", 40),
            Column("standing", "Stands to the document", 12),
            Column("effective", "Takes effect", 9),
            Column("scopes", "Scopes", 60, "long"),
            Column("policy_type", "Root of trust", 20),
            Column("match_policy", "How names are compared", 26),
            Column("images", "Images that run and are covered", 11, "count"),
            Column("unknown", "Why facts are not known", 40, "long"),
        ),
        policy_rows,
    ),
    Table(
        "Gates",
        (
            Column("gate", "Gate", 44),
            Column("standing", "Stands to the document", 12),
            Column("gate_type", "What it is", 18),
            Column("denies", "Denies or holds back", 9),
            Column("bindings", "Bindings that deny, windows or tasks", 50, "long"),
            Column("narrowed_by", "Narrowed by", 50, "long"),
            Column("unknown", "Why facts are not known", 40, "long"),
        ),
        gate_rows,
    ),
    Table("Platform not read", UNREAD_COLUMNS, platform_unread_rows),
)
"""What a run with a platform adds, in the order of the workbook's sheets."""


def platform_facts(platform: PlatformView) -> tuple[tuple[str, str], ...]:
    """The platform in a few lines for the workbook's summary."""
    layers = ", ".join(
        f"{layer_word(layer.name)} {words(layer.state, STATE_WORDS) if layer.wanted else 'not asked for'}" for layer in platform.layers
    )
    note = (("What this run did to the cluster", mode_note(platform)),) if mode_note(platform) else ()
    chapters = (
        ("Identity", identity_line(platform)),
        ("Alerts", alerts_line(platform)),
        ("What is watched", watch_line(platform)),
        ("Delivery", delivery_line(platform)),
    )
    told = tuple((label, line) for label, line in chapters if line)
    return (("Platform", platform.headline), *note, ("Layers, from the ground up", layers), *told)
