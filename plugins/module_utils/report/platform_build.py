# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of the platform stage, made in one pass over its records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..common.findings import SEVERITIES, WAIVED
from ..common.write_findings import FAIL, NOT_EVALUATED
from ..platform.checks import LAYERS
from ..platform.delivery.records import STANDINGS
from ..platform.desired.monitoring import SEVERITIES as ALERT_SEVERITIES
from ..platform.identity.records import OURS
from ..platform.model import BROKEN, MISSING, NO, READY, WAITING, YES
from ..platform.model import NOT_EVALUATED as NOBODY_KNOWS
from ..platform.monitoring.records import IN_PLACE, LEFT_OUT, UNWATCHED, WATCHED
from ..platform.monitoring.records import MISSING as NOT_IN_PLACE
from ..target.model import READ
from .cluster_records import cluster_view, finding_view, known_text, known_texts, name_of, object_view, text_of, unknown_facts, unread_view
from .plan_build import texts
from .platform_monitoring_texts import watch_remedy
from .platform_texts import RESULT_WORDS, platform_headline, shown_result
from .platform_view import (
    AcceleratorView,
    AlertView,
    ApplicationView,
    CheckFindingView,
    ChoiceView,
    CrdChangeView,
    DocumentView,
    ForecastView,
    GateView,
    GroupView,
    ImagePolicyView,
    ImageView,
    LayerView,
    LoginView,
    ModelView,
    OperatorView,
    PersonaView,
    PipelineView,
    PlatformClusterView,
    PlatformView,
    RequestView,
    StepView,
    UpgradeView,
    WatchView,
)

RESULT_RANK: Final = {result: place for place, result in enumerate(RESULT_WORDS)}
"""What calls for attention first; a word that is not here comes last."""

ALERT_RANK: Final = {state: place for place, state in enumerate((NOT_IN_PLACE, NOBODY_KNOWS, IN_PLACE, LEFT_OUT))}
WATCH_RANK: Final = {state: place for place, state in enumerate((UNWATCHED, NOBODY_KNOWS, WATCHED))}
MIRROR_RANK: Final = {NO: 0, NOBODY_KNOWS: 1, YES: 2}
STATE_RANK: Final = {state: place for place, state in enumerate((BROKEN, MISSING, NOBODY_KNOWS, WAITING, READY))}
NOT_LOOKED_AT: Final = "this run did not look at it"


def platform_report(records: Iterable[JsonRecord], header: Mapping[str, Any]) -> PlatformView:
    """The platform as a report shows it; `header` is the artifact's first line."""
    by_kind: dict[str, list[JsonRecord]] = {}
    for record in records:
        by_kind.setdefault(record["kind"], []).append(record)

    def made(kind: str, make: Any) -> tuple[Any, ...]:
        return tuple(make(record) for record in by_kind.get(kind, ()))

    findings = tuple(sorted(made("finding", finding_view), key=finding_rank))
    catalogue = header.get("catalogue") or {}
    readings = by_kind.get("reading", [])
    view = PlatformView(
        headline="",
        mode=str(header.get("mode", "apply")),
        cluster=next(iter(made("cluster", cluster_view)), PlatformClusterView(id=str(header.get("cluster", "")))),
        captured_at=str(header.get("captured_at", "")),
        parts=texts(header.get("parts")),
        documents=tuple(DocumentView(str(entry.get("name", "")), str(entry.get("sha256", ""))) for entry in header.get("inputs", ())),
        catalogue_version=str(catalogue.get("version", "")),
        catalogue_sha256=str(catalogue.get("sha256", "")),
        layers=_layers(by_kind.get("layer", []), findings),
        operators=made("operator", _operator),
        upgrades=made("upgrade", _upgrade),
        objects=made("object", object_view),
        steps=made("step", _step),
        accelerators=made("accelerator_group", _accelerator),
        requests=made("request", _request),
        forecasts=made("forecast", _forecast),
        images=tuple(sorted(made("image", _image), key=_image_rank)),
        models=made("model", _model),
        logins=tuple(sorted(made("login", _login), key=lambda entry: (entry.whose != OURS, _state_rank(entry.state), entry.name))),
        groups=tuple(sorted(made("group", _group), key=lambda entry: (_state_rank(entry.state), entry.name))),
        personas=tuple(sorted(made("persona", _persona), key=lambda entry: entry.name)),
        alerts=tuple(sorted(made("alert", _alert), key=_alert_rank)),
        watched=tuple(sorted(made("watch", _watch), key=_watch_rank)),
        applications=tuple(sorted(made("application", _application), key=_standing_rank)),
        pipelines=tuple(sorted(made("pipeline", _pipeline), key=_standing_rank)),
        image_policies=tuple(sorted(made("image_policy", _image_policy), key=_standing_rank)),
        gates=tuple(sorted(made("gate", _gate), key=_standing_rank)),
        findings=findings,
        counts={record["id"]: int(record.get("count", 0)) for record in readings if record.get("state") == READ},
        unread=tuple(unread_view(record) for record in readings if record.get("state") != READ),
        notices=tuple((text_of(record, "message"), text_of(record, "remedy")) for record in by_kind.get("notice", ())),
    )
    return replace(view, headline=platform_headline(view))


def finding_rank(finding: CheckFindingView) -> tuple[int, bool, int, int, str, str]:
    """What calls for attention first: by result, whether it keeps everything from being written, severity and layer from the ground up."""
    severity = SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else len(SEVERITIES)
    result = RESULT_RANK.get(shown_result(finding), len(RESULT_RANK))
    layer = LAYERS.index(finding.layer) if finding.layer in LAYERS else len(LAYERS)
    return result, not finding.refuses, severity, layer, finding.subject, finding.check


def _image_rank(image: ImageView) -> tuple[int, str, str]:
    return MIRROR_RANK.get(image.mirrored, len(MIRROR_RANK)), image.operator, image.reference


def _standing_rank(entry: ApplicationView | PipelineView | ImagePolicyView | GateView) -> tuple[int, int, str]:
    """What the document asks for first, then what it means; of these what calls for attention first."""
    standing = STANDINGS.index(entry.standing) if entry.standing in STANDINGS else len(STANDINGS)
    state = entry.state if isinstance(entry, (ApplicationView, PipelineView)) else READY
    return standing, STATE_RANK.get(state, len(STATE_RANK)), entry.name


def _state_rank(state: str) -> int:
    return STATE_RANK.get(state, len(STATE_RANK))


def _alert_rank(alert: AlertView) -> tuple[int, bool, int, str]:
    """What is not there first, then what nobody knows, then what reaches not everybody whom it is for; of these the gravest first."""
    severity = ALERT_SEVERITIES.index(alert.severity) if alert.severity in ALERT_SEVERITIES else len(ALERT_SEVERITIES)
    return ALERT_RANK.get(alert.state, len(ALERT_RANK)), not alert.untold, severity, alert.name


def _watch_rank(entry: WatchView) -> tuple[int, str, str, str]:
    """What nobody watches first, then what nobody knows, each by owner: what has none comes first."""
    return WATCH_RANK.get(entry.state, len(WATCH_RANK)), entry.owner or "", entry.watch_type, entry.name


def _layers(records: Iterable[JsonRecord], findings: Iterable[CheckFindingView]) -> tuple[LayerView, ...]:
    """The layers from the ground up; one of which the artifact says nothing is not evaluated."""
    found = {record["id"]: record for record in records}
    worst: dict[str, CheckFindingView] = {}
    results: dict[str, Counter[str]] = defaultdict(Counter)
    for finding in findings:
        results[finding.layer][shown_result(finding)] += 1
        if shown_result(finding) in (FAIL, NOT_EVALUATED, WAIVED):
            worst.setdefault(finding.layer, finding)
    views = []
    for name in (*LAYERS, *sorted(set(found).difference(LAYERS))):
        record = found.get(name, {"reason": NOT_LOOKED_AT})
        view = LayerView(
            name=name,
            order=int(record.get("order", LAYERS.index(name) + 1 if name in LAYERS else len(LAYERS) + 1)),
            state=str(record.get("state", NOBODY_KNOWS)),
            wanted=bool(record.get("wanted", True)),
            counts={result: int((results[name] or record.get("counts", {})).get(result, 0)) for result in RESULT_WORDS},
            holds=texts(record.get("holds")),
            reason=text_of(record, "reason"),
            worst=worst.get(name),
        )
        views.append(view)
    return tuple(sorted(views, key=lambda layer: (layer.order, layer.name)))


def _operator(record: JsonRecord) -> OperatorView:
    return OperatorView(
        name=name_of(record),
        state=str(record.get("state", NOBODY_KNOWS)),
        package=text_of(record, "package"),
        namespace=text_of(record, "namespace"),
        source=text_of(record, "source"),
        channel=text_of(record, "channel"),
        pinned_csv=known_text(record, "pinned_csv"),
        installed_csv=known_text(record, "installed_csv"),
        current_csv=known_text(record, "current_csv"),
        phase=known_text(record, "phase"),
        group=known_text(record, "group"),
        install_modes=known_texts(record, "install_modes"),
        install_mode_used=text_of(record, "install_mode_used"),
        managed_by=text_of(record, "managed_by"),
        stance=text_of(record, "stance"),
        crds=texts(record.get("crds")),
        max_openshift_version=known_text(record, "max_openshift_version"),
        blocks_minor=record.get("blocks_minor"),
        hops=texts(record.get("hops")),
        unknown=unknown_facts(record),
    )


def _upgrade(record: JsonRecord) -> UpgradeView:
    changes = record.get("crd_changes")
    return UpgradeView(
        operator=record["id"],
        from_csv=text_of(record, "from_csv"),
        to_csv=text_of(record, "to_csv"),
        hops=known_texts(record, "hops"),
        crd_changes=None if changes is None else tuple(_crd_change(change) for change in changes),
        related_images_added=record.get("related_images_added"),
        refused=record.get("refused"),
        reason=text_of(record, "reason"),
    )


def _crd_change(change: JsonRecord) -> CrdChangeView:
    added, removed, stored = (texts(change.get(name)) for name in ("added", "removed", "stored"))
    return CrdChangeView(text_of(change, "crd"), added, removed, stored, bool(change.get("refused")))


def _step(record: JsonRecord) -> StepView:
    return StepView(*(text_of(record, name) for name in ("part", "verb", "subject", "state", "reason")))


def _accelerator(record: JsonRecord) -> AcceleratorView:
    return AcceleratorView(
        name=name_of(record),
        vendor=text_of(record, "vendor"),
        product=text_of(record, "product"),
        mode=text_of(record, "mode"),
        workload=text_of(record, "workload"),
        resource=text_of(record, "resource"),
        nodes=known_texts(record, "nodes"),
        capacity=record.get("capacity"),
        allocatable=record.get("allocatable"),
        requested=record.get("requested"),
        memory_gib=record.get("memory_gib"),
        memory_source=text_of(record, "memory_source"),
        taints=texts(record.get("taints")),
        unknown=unknown_facts(record),
    )


def _request(record: JsonRecord) -> RequestView:
    return RequestView(
        name=name_of(record),
        state=str(record.get("state", NOBODY_KNOWS)),
        device_class=text_of(record, "device_class"),
        count=record.get("count"),
        replicas=record.get("replicas"),
        memory_gib=record.get("memory_gib"),
        sharing=text_of(record, "sharing"),
        choices=tuple(_choice(choice) for choice in record.get("choices", ())),
        refused_reason=text_of(record, "refused_reason"),
        not_evaluated_reason=text_of(record, "not_evaluated_reason"),
        nearest=text_of(record, "nearest"),
    )


def _choice(choice: JsonRecord) -> ChoiceView:
    return ChoiceView(
        group=text_of(choice, "group"),
        resource=text_of(choice, "resource"),
        flavor=text_of(choice, "flavor"),
        tolerations=texts(choice.get("tolerations")),
        node_selector={str(key): str(value) for key, value in sorted(choice.get("node_selector", {}).items())},
        quota_keys={str(key): int(value) for key, value in sorted(choice.get("quota_keys", {}).items())},
        nodes=texts(choice.get("nodes")),
        fits_now=choice.get("fits_now"),
    )


def _forecast(record: JsonRecord) -> ForecastView:
    return ForecastView(
        pool=name_of(record),
        nodes=known_texts(record, "nodes"),
        reasons=texts(record.get("reasons")),
        paused=record.get("paused"),
        accelerator_pods=known_texts(record, "accelerator_pods"),
        unknown=unknown_facts(record),
    )


def _image(record: JsonRecord) -> ImageView:
    return ImageView(record["id"], text_of(record, "operator"), str(record.get("mirrored", NOBODY_KNOWS)), text_of(record, "mirror"))


def _model(record: JsonRecord) -> ModelView:
    return ModelView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        serving_kind=text_of(record, "serving_kind"),
        request=text_of(record, "request"),
        runtime=text_of(record, "runtime"),
        reason=text_of(record, "reason"),
    )


def _login(record: JsonRecord) -> LoginView:
    return LoginView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        whose=text_of(record, "whose"),
        login_type=text_of(record, "login_type"),
        place=known_text(record, "place"),
        mapping_method=known_text(record, "mapping_method"),
        second_factor=str(record.get("second_factor", NOBODY_KNOWS)),
        cluster_admins=known_texts(record, "cluster_admins"),
        reason=text_of(record, "reason"),
        unknown=unknown_facts(record),
    )


def _group(record: JsonRecord) -> GroupView:
    return GroupView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        source=text_of(record, "source"),
        directory=known_text(record, "directory"),
        synced_by=known_text(record, "synced_by"),
        members=record.get("members"),
        members_of_source=record.get("members_of_source"),
        personas=known_texts(record, "personas"),
        reason=text_of(record, "reason"),
        unknown=unknown_facts(record),
    )


def _persona(record: JsonRecord) -> PersonaView:
    return PersonaView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        role=text_of(record, "role"),
        shipped=record.get("shipped"),
        allows=record.get("allows"),
        denies=record.get("denies"),
        subjects=known_texts(record, "subjects"),
        unknown=unknown_facts(record),
    )


def _alert(record: JsonRecord) -> AlertView:
    return AlertView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        group=text_of(record, "group"),
        severity=text_of(record, "severity"),
        evaluator=text_of(record, "evaluator"),
        namespace=text_of(record, "namespace"),
        owner=text_of(record, "owner"),
        receivers=known_texts(record, "receivers"),
        untold=known_texts(record, "untold"),
        unknown=unknown_facts(record),
    )


def _watch(record: JsonRecord) -> WatchView:
    watch_type = text_of(record, "watch_type")
    view = WatchView(
        name=record["id"].removeprefix(f"{watch_type} ") if watch_type else record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        watch_type=watch_type,
        owner=known_text(record, "owner"),
        monitors=known_texts(record, "monitors"),
        alerts=record.get("alerts"),
        told=record.get("told"),
        reason=text_of(record, "reason"),
        unknown=unknown_facts(record),
    )
    return replace(view, remedy=watch_remedy(view))


def _application(record: JsonRecord) -> ApplicationView:
    return ApplicationView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        standing=text_of(record, "standing"),
        project=text_of(record, "project"),
        destination=known_text(record, "destination"),
        local=record.get("local"),
        sources=texts(record.get("sources")),
        revisions=texts(record.get("revisions")),
        revision_kinds=texts(record.get("revision_kinds")),
        automated=record.get("automated"),
        prune=record.get("prune"),
        self_heal=record.get("self_heal"),
        sync=known_text(record, "sync"),
        health=known_text(record, "health"),
        operation=known_text(record, "operation"),
        namespaces=known_texts(record, "namespaces"),
        bounded=record.get("bounded"),
        unknown=unknown_facts(record),
    )


def _pipeline(record: JsonRecord) -> PipelineView:
    return PipelineView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        standing=text_of(record, "standing"),
        defined=record.get("defined"),
        last_outcome=text_of(record, "last_outcome"),
        last_run=known_text(record, "last_run"),
        last_day=known_text(record, "last_day"),
        last_success_day=known_text(record, "last_success_day"),
        running=known_text(record, "running"),
        approvals=known_texts(record, "approvals"),
        unknown=unknown_facts(record),
    )


def _image_policy(record: JsonRecord) -> ImagePolicyView:
    return ImagePolicyView(
        name=record["id"],
        standing=text_of(record, "standing"),
        scopes=known_texts(record, "scopes"),
        policy_type=text_of(record, "policy_type"),
        match_policy=known_text(record, "match_policy"),
        effective=record.get("effective"),
        images=record.get("images"),
        unknown=unknown_facts(record),
    )


def _gate(record: JsonRecord) -> GateView:
    return GateView(
        name=record["id"],
        standing=text_of(record, "standing"),
        gate_type=text_of(record, "gate_type"),
        denies=record.get("denies"),
        bindings=known_texts(record, "bindings"),
        narrowed_by=known_texts(record, "narrowed_by"),
        unknown=unknown_facts(record),
    )
