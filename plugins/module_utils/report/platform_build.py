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
from ..target.model import ABSENT, READ
from .plan_build import texts
from .plan_view import UnreadView
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
    EvidencePart,
    ForecastView,
    GateView,
    GroupView,
    ImagePolicyView,
    ImageView,
    LayerView,
    LoginView,
    ModelView,
    ObjectView,
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

    findings = tuple(sorted(made("finding", _finding), key=finding_rank))
    catalogue = header.get("catalogue") or {}
    readings = by_kind.get("reading", [])
    view = PlatformView(
        headline="",
        mode=str(header.get("mode", "apply")),
        cluster=next(iter(made("cluster", _cluster)), PlatformClusterView(id=str(header.get("cluster", "")))),
        captured_at=str(header.get("captured_at", "")),
        parts=texts(header.get("parts")),
        documents=tuple(DocumentView(str(entry.get("name", "")), str(entry.get("sha256", ""))) for entry in header.get("inputs", ())),
        catalogue_version=str(catalogue.get("version", "")),
        catalogue_sha256=str(catalogue.get("sha256", "")),
        layers=_layers(by_kind.get("layer", []), findings),
        operators=made("operator", _operator),
        upgrades=made("upgrade", _upgrade),
        objects=made("object", _object),
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
        unread=tuple(_unread(record) for record in readings if record.get("state") != READ),
        notices=tuple((_text(record, "message"), _text(record, "remedy")) for record in by_kind.get("notice", ())),
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


def _text(record: Mapping[str, Any], name: str) -> str:
    return str(record.get(name, ""))


def _known(record: Mapping[str, Any], name: str) -> str | None:
    """A text for which empty is an answer; None is unknown."""
    value = record.get(name)
    return None if value is None else str(value)


def _known_texts(record: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    return texts(record[name]) if name in record else None


def _unknown(record: Mapping[str, Any]) -> dict[str, str]:
    return {str(fact): str(reason) for fact, reason in sorted(record.get("unknown", {}).items())}


def _name(record: Mapping[str, Any]) -> str:
    return str(record.get("name") or record["id"])


def _cluster(record: JsonRecord) -> PlatformClusterView:
    return PlatformClusterView(
        id=record["id"],
        name=_text(record, "name"),
        kubernetes_version=_text(record, "kubernetes_version"),
        openshift_version=_known(record, "openshift_version"),
        next_minor=_text(record, "next_minor"),
        olm_v0=record.get("olm_v0"),
        olm_v1=record.get("olm_v1"),
    )


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
            reason=_text(record, "reason"),
            worst=worst.get(name),
        )
        views.append(view)
    return tuple(sorted(views, key=lambda layer: (layer.order, layer.name)))


def _operator(record: JsonRecord) -> OperatorView:
    return OperatorView(
        name=_name(record),
        state=str(record.get("state", NOBODY_KNOWS)),
        package=_text(record, "package"),
        namespace=_text(record, "namespace"),
        source=_text(record, "source"),
        channel=_text(record, "channel"),
        pinned_csv=_known(record, "pinned_csv"),
        installed_csv=_known(record, "installed_csv"),
        current_csv=_known(record, "current_csv"),
        phase=_known(record, "phase"),
        group=_known(record, "group"),
        install_modes=_known_texts(record, "install_modes"),
        install_mode_used=_text(record, "install_mode_used"),
        managed_by=_text(record, "managed_by"),
        stance=_text(record, "stance"),
        crds=texts(record.get("crds")),
        max_openshift_version=_known(record, "max_openshift_version"),
        blocks_minor=record.get("blocks_minor"),
        hops=texts(record.get("hops")),
        unknown=_unknown(record),
    )


def _upgrade(record: JsonRecord) -> UpgradeView:
    changes = record.get("crd_changes")
    return UpgradeView(
        operator=record["id"],
        from_csv=_text(record, "from_csv"),
        to_csv=_text(record, "to_csv"),
        hops=_known_texts(record, "hops"),
        crd_changes=None if changes is None else tuple(_crd_change(change) for change in changes),
        related_images_added=record.get("related_images_added"),
        refused=record.get("refused"),
        reason=_text(record, "reason"),
    )


def _crd_change(change: JsonRecord) -> CrdChangeView:
    added, removed, stored = (texts(change.get(name)) for name in ("added", "removed", "stored"))
    return CrdChangeView(_text(change, "crd"), added, removed, stored, bool(change.get("refused")))


def _object(record: JsonRecord) -> ObjectView:
    return ObjectView(
        name=record["id"],
        part=_text(record, "part"),
        state=str(record.get("state", NOT_EVALUATED)),
        result=str(record.get("result", NOT_EVALUATED)),
        action=str(record.get("action", "none")),
        fields=texts(record.get("fields")),
        path=_text(record, "path"),
        awaits=_text(record, "awaits"),
        validated=record.get("validated"),
    )


def _step(record: JsonRecord) -> StepView:
    return StepView(*(_text(record, name) for name in ("part", "verb", "subject", "state", "reason")))


def _accelerator(record: JsonRecord) -> AcceleratorView:
    return AcceleratorView(
        name=_name(record),
        vendor=_text(record, "vendor"),
        product=_text(record, "product"),
        mode=_text(record, "mode"),
        workload=_text(record, "workload"),
        resource=_text(record, "resource"),
        nodes=_known_texts(record, "nodes"),
        capacity=record.get("capacity"),
        allocatable=record.get("allocatable"),
        requested=record.get("requested"),
        memory_gib=record.get("memory_gib"),
        memory_source=_text(record, "memory_source"),
        taints=texts(record.get("taints")),
        unknown=_unknown(record),
    )


def _request(record: JsonRecord) -> RequestView:
    return RequestView(
        name=_name(record),
        state=str(record.get("state", NOBODY_KNOWS)),
        device_class=_text(record, "device_class"),
        count=record.get("count"),
        replicas=record.get("replicas"),
        memory_gib=record.get("memory_gib"),
        sharing=_text(record, "sharing"),
        choices=tuple(_choice(choice) for choice in record.get("choices", ())),
        refused_reason=_text(record, "refused_reason"),
        not_evaluated_reason=_text(record, "not_evaluated_reason"),
        nearest=_text(record, "nearest"),
    )


def _choice(choice: JsonRecord) -> ChoiceView:
    return ChoiceView(
        group=_text(choice, "group"),
        resource=_text(choice, "resource"),
        flavor=_text(choice, "flavor"),
        tolerations=texts(choice.get("tolerations")),
        node_selector={str(key): str(value) for key, value in sorted(choice.get("node_selector", {}).items())},
        quota_keys={str(key): int(value) for key, value in sorted(choice.get("quota_keys", {}).items())},
        nodes=texts(choice.get("nodes")),
        fits_now=choice.get("fits_now"),
    )


def _forecast(record: JsonRecord) -> ForecastView:
    return ForecastView(
        pool=_name(record),
        nodes=_known_texts(record, "nodes"),
        reasons=texts(record.get("reasons")),
        paused=record.get("paused"),
        accelerator_pods=_known_texts(record, "accelerator_pods"),
        unknown=_unknown(record),
    )


def _image(record: JsonRecord) -> ImageView:
    return ImageView(record["id"], _text(record, "operator"), str(record.get("mirrored", NOBODY_KNOWS)), _text(record, "mirror"))


def _model(record: JsonRecord) -> ModelView:
    return ModelView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        serving_kind=_text(record, "serving_kind"),
        request=_text(record, "request"),
        runtime=_text(record, "runtime"),
        reason=_text(record, "reason"),
    )


def _login(record: JsonRecord) -> LoginView:
    return LoginView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        whose=_text(record, "whose"),
        login_type=_text(record, "login_type"),
        place=_known(record, "place"),
        mapping_method=_known(record, "mapping_method"),
        second_factor=str(record.get("second_factor", NOBODY_KNOWS)),
        cluster_admins=_known_texts(record, "cluster_admins"),
        reason=_text(record, "reason"),
        unknown=_unknown(record),
    )


def _group(record: JsonRecord) -> GroupView:
    return GroupView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        source=_text(record, "source"),
        directory=_known(record, "directory"),
        synced_by=_known(record, "synced_by"),
        members=record.get("members"),
        members_of_source=record.get("members_of_source"),
        personas=_known_texts(record, "personas"),
        reason=_text(record, "reason"),
        unknown=_unknown(record),
    )


def _persona(record: JsonRecord) -> PersonaView:
    return PersonaView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        role=_text(record, "role"),
        shipped=record.get("shipped"),
        allows=record.get("allows"),
        denies=record.get("denies"),
        subjects=_known_texts(record, "subjects"),
        unknown=_unknown(record),
    )


def _alert(record: JsonRecord) -> AlertView:
    return AlertView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        group=_text(record, "group"),
        severity=_text(record, "severity"),
        evaluator=_text(record, "evaluator"),
        namespace=_text(record, "namespace"),
        owner=_text(record, "owner"),
        receivers=_known_texts(record, "receivers"),
        untold=_known_texts(record, "untold"),
        unknown=_unknown(record),
    )


def _watch(record: JsonRecord) -> WatchView:
    watch_type = _text(record, "watch_type")
    view = WatchView(
        name=record["id"].removeprefix(f"{watch_type} ") if watch_type else record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        watch_type=watch_type,
        owner=_known(record, "owner"),
        monitors=_known_texts(record, "monitors"),
        alerts=record.get("alerts"),
        told=record.get("told"),
        reason=_text(record, "reason"),
        unknown=_unknown(record),
    )
    return replace(view, remedy=watch_remedy(view))


def _application(record: JsonRecord) -> ApplicationView:
    return ApplicationView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        standing=_text(record, "standing"),
        project=_text(record, "project"),
        destination=_known(record, "destination"),
        local=record.get("local"),
        sources=texts(record.get("sources")),
        revisions=texts(record.get("revisions")),
        revision_kinds=texts(record.get("revision_kinds")),
        automated=record.get("automated"),
        prune=record.get("prune"),
        self_heal=record.get("self_heal"),
        sync=_known(record, "sync"),
        health=_known(record, "health"),
        operation=_known(record, "operation"),
        namespaces=_known_texts(record, "namespaces"),
        bounded=record.get("bounded"),
        unknown=_unknown(record),
    )


def _pipeline(record: JsonRecord) -> PipelineView:
    return PipelineView(
        name=record["id"],
        state=str(record.get("state", NOBODY_KNOWS)),
        standing=_text(record, "standing"),
        defined=record.get("defined"),
        last_outcome=_text(record, "last_outcome"),
        last_run=_known(record, "last_run"),
        last_day=_known(record, "last_day"),
        last_success_day=_known(record, "last_success_day"),
        running=_known(record, "running"),
        approvals=_known_texts(record, "approvals"),
        unknown=_unknown(record),
    )


def _image_policy(record: JsonRecord) -> ImagePolicyView:
    return ImagePolicyView(
        name=record["id"],
        standing=_text(record, "standing"),
        scopes=_known_texts(record, "scopes"),
        policy_type=_text(record, "policy_type"),
        match_policy=_known(record, "match_policy"),
        effective=record.get("effective"),
        images=record.get("images"),
        unknown=_unknown(record),
    )


def _gate(record: JsonRecord) -> GateView:
    return GateView(
        name=record["id"],
        standing=_text(record, "standing"),
        gate_type=_text(record, "gate_type"),
        denies=record.get("denies"),
        bindings=_known_texts(record, "bindings"),
        narrowed_by=_known_texts(record, "narrowed_by"),
        unknown=_unknown(record),
    )


def _finding(record: JsonRecord) -> CheckFindingView:
    return CheckFindingView(
        check=_text(record, "check"),
        part=_text(record, "part"),
        subject=_text(record, "subject"),
        state=str(record.get("state", NOT_EVALUATED)),
        result=str(record.get("result", NOT_EVALUATED)),
        severity=_text(record, "severity"),
        action=str(record.get("action", "none")),
        layer=_text(record, "layer"),
        path=_text(record, "path"),
        message=_text(record, "message"),
        remedy=_text(record, "remedy"),
        fields=texts(record.get("fields")),
        evidence=tuple(
            EvidencePart(*(_text(piece, name) for name in ("object", "field", "observed", "expected")))
            for piece in record.get("evidence", ())
        ),
        refuses=bool(record.get("refuses")),
    )


def _unread(record: JsonRecord) -> UnreadView:
    return UnreadView(
        resource=record["id"],
        kind=_text(record, "kind_name"),
        state=_text(record, "state"),
        reason=_text(record, "reason") or ("the cluster does not serve it" if record.get("state") == ABSENT else ""),
        permission=_text(record, "permission"),
        costs=texts(record.get("costs")),
    )
