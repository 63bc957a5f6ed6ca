# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an upgrade would change, and whether it may: CRD versions in which objects are stored must not vanish.

OLM itself refuses such a CRD, but only after the plan has been approved, and goes on trying (pkg/lib/crd/storage.go and
pkg/controller/operators/catalog/step.go, v0.38.0); here it is refused before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...common.artifact import JsonRecord
from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, NOT_EVALUATED, listed
from ...target.objects import name_of, text_at, texts_at
from .check_list import PART, check
from .csvs import bundle_of, crd_versions, crds_among, csv_among, images_of, plan_csvs, plan_objects
from .graph import RENDER, hops
from .model import Bundle, CrdChange, Hops, HopsAnswer, Operator, Package, Unknowable, Unreachable, Upgrade


def rehearse(
    operator: Operator,
    package: Package | None,
    installed: ApiObject,
    target: str,
    plan: ApiObject | None = None,
    crds: Sequence[ApiObject] = (),
    unpacked: Mapping[str, ApiObject] | None = None,
    objects: Mapping[str, int] | None = None,
) -> Upgrade:
    """What the way from the installed CSV to `target` changes; what the plan brings is more exact than what a catalog tells.

    `crds` are those of the cluster. `objects` has the number of objects by CRD, where it is known.
    """
    way = way_to(operator, package, installed, target)
    path = way.path if isinstance(way, Hops) else ()
    steps = path if path and path[-1] == target else (*path, target)
    bundles = {name: bundle_at(name, package, plan, unpacked or {}) for name in steps}
    changes, unknown = _changes(bundles, crds, objects or {})
    images = _images(bundles, installed)
    why = [way.reason] if isinstance(way, Unreachable | Unknowable) else []
    vanishing = [change for change in changes if change.refused]
    why += [_vanishes(change) for change in vanishing]
    why += [f"what {name} brings is not known" for name in unknown]
    return Upgrade(
        operator.name,
        name_of(installed),
        target,
        path,
        None if len(unknown) == len(steps) else tuple(changes),
        images,
        isinstance(way, Unreachable) or bool(vanishing),
        "; ".join(why),
    )


def way_to(operator: Operator, package: Package | None, installed: ApiObject | None, target: str) -> HopsAnswer:
    """The way from what is installed to the target."""
    if package is None:
        return Unknowable(f"the catalog does not tell of package {operator.package}", RENDER)
    version = text_at(installed, "spec.version")
    return hops(package, operator.channel, name_of(installed) if installed else "", target, version)


def bundle_at(name: str, package: Package | None, plan: ApiObject | None, unpacked: Mapping[str, ApiObject]) -> Bundle | None:
    """What is known of a CSV: from the plan that brings it, otherwise from the catalog; None where nothing is."""
    if plan is not None and name in plan_csvs(plan):
        objects, complete = plan_objects(plan, unpacked, name)
        csv = csv_among(objects)
        if csv is not None and complete:
            return bundle_of(csv, crds_among(objects))
    return package.bundles.get(name) if package else None


def _changes(
    bundles: Mapping[str, Bundle | None], crds: Iterable[ApiObject], objects: Mapping[str, int]
) -> tuple[list[CrdChange], list[str]]:
    """CRDs that change on the way (or may), and the bundles of which nothing is known. A version that vanishes on any hop counts."""
    live = {name_of(crd): crd for crd in crds}
    unknown = [name for name, bundle in bundles.items() if bundle is None]
    brought = [crd for bundle in bundles.values() if bundle for crd in bundle.crds]
    changes = []
    for name in sorted({crd.name for crd in brought}):
        forms = [crd for crd in brought if crd.name == name]
        had = set(crd_versions(live[name]).versions) if name in live else set[str]()
        stored = tuple(sorted(texts_at(live.get(name), "status.storedVersions")))
        removed = {version for crd in forms if crd.exact for version in (*had, *stored) if version not in crd.versions}
        added = set(forms[-1].versions) - had
        exact = all(crd.exact for crd in forms)
        if added or removed or not exact:
            refused = not removed.isdisjoint(stored)
            changes.append(CrdChange(name, tuple(sorted(added)), tuple(sorted(removed)), stored, refused, objects.get(name), exact))
    return changes, unknown


def _images(bundles: Mapping[str, Bundle | None], installed: ApiObject) -> tuple[str, ...] | None:
    if any(bundle is None or bundle.images is None for bundle in bundles.values()):
        return None
    needed = {image for bundle in bundles.values() if bundle for image in bundle.images or ()}
    return tuple(sorted(needed - set(images_of(installed))))


def _vanishes(change: CrdChange) -> str:
    versions = ", ".join(sorted(set(change.removed) & set(change.stored)))
    count = "" if change.objects is None else f" ({change.objects} objects of the kind)"
    return f"CRD {change.crd} would lose version {versions}, in which objects are stored{count}"


# ---- findings and records --------------------------------------------------------------------------------------------


def upgrade_findings(operator: Operator, upgrade: Upgrade) -> list[CheckFinding]:
    """What a rehearsal finds wrong. That a pin cannot be reached has a finding of its own (`path`)."""
    found = []
    vanishing = [change for change in upgrade.crd_changes or () if change.refused]
    if vanishing:
        evidence = tuple(
            Evidence(
                f"CustomResourceDefinition {change.crd}",
                "status.storedVersions",
                ", ".join(change.stored),
                f"without {', '.join(change.removed)}",
            )
            for change in vanishing
        )
        words = "; ".join(map(_vanishes, vanishing))
        what = f"upgrade of {upgrade.from_csv} to {upgrade.to_csv}" if upgrade.from_csv else f"installation of {upgrade.to_csv}"
        message = f"{what} is refused: {words}"
        found.append(
            check("upgrade.stored_version").finding(operator.subject, CHANGED, FAIL, message=message, evidence=evidence, path=operator.path)
        )
    if not vanishing and (why := _not_known(upgrade)):
        message = f"upgrade of {upgrade.from_csv} to {upgrade.to_csv}: {why}"
        found.append(check("upgrade.unknown").finding(operator.subject, NOT_EVALUATED, NOT_EVALUATED, message=message, path=operator.path))
    return found


def _not_known(upgrade: Upgrade) -> str:
    """What of an upgrade is not known, in words."""
    if upgrade.crd_changes is None:
        return upgrade.reason
    vague = [change.crd for change in upgrade.crd_changes if not change.exact]
    again = "; it is judged again from the InstallPlan before that is approved"
    return f"which versions of {listed(vague)} stay is not known{again}" if vague else ""


def upgrade_record(upgrade: Upgrade) -> JsonRecord:
    """The record of a rehearsal; what is not known is left out."""
    record: JsonRecord = {
        "kind": "upgrade",
        "id": upgrade.operator,
        "name": upgrade.operator,
        "part": PART,
        "from_csv": upgrade.from_csv,
        "to_csv": upgrade.to_csv,
        "hops": list(upgrade.hops),
        "refused": upgrade.refused,
        "reason": upgrade.reason,
    }
    if upgrade.crd_changes is not None:
        record["crd_changes"] = [
            {
                "crd": each.crd,
                "added": list(each.added),
                "removed": list(each.removed),
                "stored": list(each.stored),
                "refused": each.refused,
            }
            for each in upgrade.crd_changes
        ]
    if upgrade.images_added is not None:
        record["related_images_added"] = len(upgrade.images_added)
    return record
