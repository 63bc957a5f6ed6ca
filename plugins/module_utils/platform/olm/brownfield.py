# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An operator that is there already: whether it is adopted, observed or refused. It is never installed twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ...common.findings import WARNING, CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, IN_STEP, NOT_EVALUATED, PASS, STAGE_LABEL, listed, tracker
from ...target.objects import annotations_of, id_of, labels_of, name_of, namespace_of, text_at
from ..desired.model import OBSERVE, REFUSE
from ..model import ADOPT as STANCE_ADOPT
from ..model import BY_GITOPS, BY_NOBODY, BY_OLM, BY_OLM_V1, BY_THIS, INSTALL, REMOVE
from ..model import OBSERVE as STANCE_OBSERVE
from ..model import REFUSE as STANCE_REFUSE
from .check_list import PART, check
from .csvs import owned_names, package_name
from .model import Operator, OperatorSeen

STAGE: Final = f"platform-{PART}"
"""Value of the label that marks the part's objects (see `planning.part_stage`)."""

_HELM_RELEASE: Final = "meta.helm.sh/release-name"
_MANAGED_BY: Final = "app.kubernetes.io/managed-by"
_MANAGED, _COMPONENT = "olm.managed", "operators.coreos.com/"
"""Labels of what OLM has applied, and of what belongs to an operator of its (operator-lifecycle-manager v0.38.0)."""


@dataclass(frozen=True, slots=True)
class Stance:
    """What is done about an operator, and who looks after it now."""

    stance: str
    """install, adopt, observe, refuse or remove"""
    managed_by: str
    findings: tuple[CheckFinding, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether its Subscription is written from here."""
        return self.stance in (INSTALL, STANCE_ADOPT)


def is_ours(item: ApiObject | None) -> bool:
    """Whether the operators part has made or adopted an object."""
    return item is not None and labels_of(item).get(STAGE_LABEL) == STAGE


def managed_by(seen: OperatorSeen) -> str:
    """Who looks after the operator now: Argo CD beats our own label, because it would write back."""
    subscription = seen.subscription
    if subscription is None:
        if seen.elsewhere or seen.package_csvs:
            return BY_OLM
        return BY_OLM_V1 if seen.extensions else BY_NOBODY
    if tracker(subscription):
        return BY_GITOPS
    return BY_THIS if is_ours(subscription) else BY_OLM


def stance_of(operator: Operator, seen: OperatorSeen) -> Stance:
    """What is done about an operator. Copied CSVs count for nothing here: they are of an operator that lives elsewhere.

    Objects of ours that Argo CD applies from our own files stay wanted: the write layer leaves them to it.
    """
    manager = managed_by(seen)
    if operator.absent:
        return Stance(REMOVE, manager)
    if manager == BY_NOBODY and (by_hand := brought_by_others(seen)):
        return _beside_olm(operator, by_hand, manager)
    blocking = (*_same_api(operator, seen), *_orphans(operator, seen))
    standing = (*blocking, *_elsewhere(operator, seen), *_extensions(operator, seen))
    if is_ours(seen.subscription) or (manager == BY_NOBODY and not blocking):
        return Stance(STANCE_REFUSE, manager, standing) if standing else Stance(INSTALL, manager)
    if operator.brownfield == REFUSE and manager != BY_NOBODY:
        return Stance(STANCE_REFUSE, manager, (_refused(operator, seen, manager), *blocking))
    if operator.brownfield == OBSERVE and not seen.same_api:
        return Stance(STANCE_OBSERVE, manager, tuple(_observed(operator, seen, manager)))
    if standing:
        return Stance(STANCE_REFUSE, manager, standing)
    if manager == BY_GITOPS:
        return Stance(STANCE_OBSERVE, manager, tuple(_observed(operator, seen, manager)))
    return Stance(STANCE_ADOPT, manager, tuple(_empty(operator, seen)))


def brought_by_others(seen: OperatorSeen) -> tuple[ApiObject, ...]:
    """The operator's CRDs that Helm or Argo CD has brought: an operator without OLM, which would be installed a second time."""
    return tuple(crd for crd in seen.crds if not _is_of_olm(crd) and (_release(crd) or tracker(crd)))


def _is_of_olm(crd: ApiObject) -> bool:
    return any(label == _MANAGED or label.startswith(_COMPONENT) for label in labels_of(crd))


def _release(crd: ApiObject) -> str:
    """The Helm release that an object belongs to; empty where there is none."""
    name = annotations_of(crd).get(_HELM_RELEASE, "")
    return f"Helm release {name}" if name else "Helm" if labels_of(crd).get(_MANAGED_BY) == "Helm" else ""


def _beside_olm(operator: Operator, crds: tuple[ApiObject, ...], manager: str) -> Stance:
    whose = listed(sorted({_release(crd) or tracker(crd) for crd in crds}))
    message = f"{_names(crds)} were brought by {whose}: the operator is there without OLM and is not installed a second time"
    if operator.brownfield == OBSERVE:
        finding = _failed("brownfield.foreign", operator, f"{message}; which version it is, and whether it works, nobody looked at", crds)
        remedy = "look there whether it works; or take it off there, and run this again"
        return Stance(
            STANCE_OBSERVE, manager, (replace(finding, state=NOT_EVALUATED, result=NOT_EVALUATED, severity=WARNING, remedy=remedy),)
        )
    return Stance(STANCE_REFUSE, manager, (_failed("brownfield.refused", operator, f"{message}; it cannot be adopted", crds),))


# ---- what stands in the way ------------------------------------------------------------------------------------------


def _failed(word: str, operator: Operator, message: str, items: tuple[ApiObject, ...], field: str = "metadata.name") -> CheckFinding:
    evidence = tuple(Evidence(f"{text_at(each, 'kind') or 'object'} {id_of(each)}", field, name_of(each), "absent") for each in items)
    return check(word).finding(operator.subject, CHANGED, FAIL, message=message, evidence=evidence, path=operator.path)


def _names(items: tuple[ApiObject, ...]) -> str:
    return listed([id_of(each) for each in items])


def _same_api(operator: Operator, seen: OperatorSeen) -> Iterator[CheckFinding]:
    """Two packages for one API: both would reconcile the same objects."""
    if not seen.same_api:
        return
    wanted = {*operator.crds, *(name_of(crd) for crd in seen.crds), *(name for csv in seen.package_csvs for name in owned_names(csv))}
    shared = sorted({name for each in seen.same_api for name in owned_names(each)} & wanted)
    whose = listed([f"{id_of(each)} (package {package_name(each) or 'not known'})" for each in seen.same_api])
    what = f"; it owns {listed(shared)}" if shared else ""
    yield _failed("brownfield.same_api", operator, f"package {operator.package} and {whose} are for the same API{what}", seen.same_api)


def _orphans(operator: Operator, seen: OperatorSeen) -> Iterator[CheckFinding]:
    """OLM resolves no bundle beside a CSV that no Subscription stands for and that provides the same APIs."""
    held = {(namespace_of(each), text_at(each, f"status.{key}")) for each in seen.neighbours for key in ("installedCSV", "currentCSV")}
    orphans = tuple(csv for csv in seen.package_csvs if (namespace_of(csv), name_of(csv)) not in held)
    if seen.subscription is not None or seen.elsewhere:
        orphans = tuple(csv for csv in orphans if text_at(csv, "status.phase") not in ("Replacing", "Deleting", ""))
        orphans = tuple(csv for csv in orphans if namespace_of(csv) == operator.namespace) if seen.installed is None else ()
    if orphans:
        yield _failed("brownfield.orphan", operator, f"CSV {_names(orphans)} is there, and no Subscription stands for it", orphans)


def _elsewhere(operator: Operator, seen: OperatorSeen) -> Iterator[CheckFinding]:
    if seen.elsewhere:
        message = f"package {operator.package} is subscribed to by {_names(seen.elsewhere)} as well; an operator is never installed twice"
        yield _failed("brownfield.elsewhere", operator, message, seen.elsewhere)


def _extensions(operator: Operator, seen: OperatorSeen) -> Iterator[CheckFinding]:
    if seen.extensions:
        message = f"package {operator.package} is installed by OLM v1 (ClusterExtension {_names(seen.extensions)}) and cannot be adopted"
        yield _failed("brownfield.olm_v1", operator, message, seen.extensions)


def _refused(operator: Operator, seen: OperatorSeen, manager: str) -> CheckFinding:
    items = (*((seen.subscription,) if seen.subscription else ()), *seen.elsewhere, *seen.extensions) or seen.package_csvs
    message = f"package {operator.package} is there already ({_names(items)}, looked after by {_whose(seen, manager)})"
    return _failed("brownfield.refused", operator, message, items)


def _whose(seen: OperatorSeen, manager: str) -> str:
    if manager == BY_GITOPS and seen.subscription is not None:
        return tracker(seen.subscription)
    return {BY_OLM: "somebody else through OLM", BY_OLM_V1: "OLM v1", BY_THIS: "this collection"}.get(manager, "nobody")


# ---- what is observed ------------------------------------------------------------------------------------------------


def _observed(operator: Operator, seen: OperatorSeen, manager: str) -> Iterator[CheckFinding]:
    """An operator that others look after: what it lacks of what the document asks for; nothing is written."""
    word = "brownfield.gitops" if manager == BY_GITOPS else "brownfield.foreign"
    where = (*((seen.subscription,) if seen.subscription else ()), *seen.elsewhere, *seen.extensions) or seen.package_csvs
    what = f"{_names(where)} is looked after by {_whose(seen, manager)} and not written from here"
    wrong = list(_differences(operator, seen, where))
    if wrong:
        evidence = tuple(wrong)
        message = f"{what}; it differs in {listed([each.field for each in wrong])}"
        yield check(word).finding(operator.subject, CHANGED, FAIL, message=message, evidence=evidence, path=operator.path)
    else:
        yield check(word).finding(operator.subject, IN_STEP, PASS, message=what, path=operator.path, remedy="")
    yield from _empty(operator, seen)


def _differences(operator: Operator, seen: OperatorSeen, where: tuple[ApiObject, ...]) -> Iterator[Evidence]:
    subscription = seen.subscription or (seen.elsewhere[0] if seen.elsewhere else None)
    if subscription is None:
        for each in where:
            version = text_at(each, "status.install.bundle.name") or text_at(each, "metadata.name")
            if operator.pin and version != operator.pin:
                yield Evidence(f"{text_at(each, 'kind') or 'object'} {id_of(each)}", "version", version, operator.pin)
        return
    named = f"Subscription {id_of(subscription)}"
    pairs = [
        ("metadata.namespace", namespace_of(subscription), operator.namespace),
        ("spec.channel", text_at(subscription, "spec.channel"), operator.channel),
        ("spec.source", text_at(subscription, "spec.source"), operator.source),
        ("status.installedCSV", text_at(subscription, "status.installedCSV"), operator.pin),
        ("spec.installPlanApproval", text_at(subscription, "spec.installPlanApproval"), approval(operator)),
    ]
    for field, observed, expected in pairs:
        if expected and observed != expected:
            yield Evidence(named, field, observed or "none", expected)


def approval(operator: Operator) -> str:
    """How plans of the operator are approved: by OLM itself only where the document lets it float."""
    return "Automatic" if operator.floating else "Manual"


def _empty(operator: Operator, seen: OperatorSeen) -> Iterator[CheckFinding]:
    """A Subscription that has not led to a CSV."""
    subscription = seen.subscription
    if subscription is not None and seen.csv is None:
        state = text_at(subscription, "status.state") or "no state"
        named = text_at(subscription, "status.installedCSV")
        message = f"Subscription {id_of(subscription)} is there ({state}), but no CSV" + (f" {named}" if named else "")
        told = (Evidence(f"Subscription {id_of(subscription)}", "status.installedCSV", named or "none", operator.pin or "a CSV"),)
        yield check("brownfield.empty").finding(operator.subject, CHANGED, FAIL, message=message, evidence=told, path=operator.path)
