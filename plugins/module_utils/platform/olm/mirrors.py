# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether every image of an operator has a mirror: ImageDigestMirrorSets, ImageTagMirrorSets, and what the document names.

A mirror set's source covers an image that it equals or is a prefix of up to a slash, a colon or an at sign; one that begins with
`*.` covers the subdomains of a host. The nearest source alone counts. Digest sets cover references by digest, tag sets those by tag
(config.openshift.io/v1 ImageDigestMirrorSet and ImageTagMirrorSet, field `source`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...common.artifact import JsonRecord
from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, IN_STEP, NOT_EVALUATED, PASS, listed
from ...target.objects import maps_at, name_of, text_at, texts_at
from ..model import NO, YES
from ..model import NOT_EVALUATED as NOT_KNOWN
from .check_list import PART, check
from .model import Operator

_SETS: Final = {
    "ImageContentSourcePolicy": "spec.repositoryDigestMirrors",
    "ImageDigestMirrorSet": "spec.imageDigestMirrors",
    "ImageTagMirrorSet": "spec.imageTagMirrors",
}
_BY_DIGEST: Final = ("ImageContentSourcePolicy", "ImageDigestMirrorSet")


@dataclass(frozen=True, slots=True, order=True)
class ImageMirror:
    """One image and the mirror that holds it; `mirror` is empty where none does."""

    image: str
    mirrored: str
    """yes, no or not_evaluated"""
    mirror: str = ""
    by: str = ""
    """what says so: a mirror set, or the document"""


def mirrors_of(images: Iterable[str], mirror_sets: Sequence[ApiObject] | None, given: Sequence[str] = ()) -> tuple[ImageMirror, ...]:
    """The mirror of each image, sorted. `mirror_sets` None: they could not be read; `given` beats them."""
    return tuple(sorted(_mirror_of(image, mirror_sets, given) for image in set(images)))


def _mirror_of(image: str, mirror_sets: Sequence[ApiObject] | None, given: Sequence[str]) -> ImageMirror:
    for pattern in given:
        if image == pattern or (pattern.endswith("*") and image.startswith(pattern[:-1])):
            return ImageMirror(image, YES, pattern, "the document")
    if mirror_sets is None:
        return ImageMirror(image, NOT_KNOWN)
    hits = sorted(hit for item in mirror_sets for hit in _hits(image, item))
    nearest = max((length for length, _by, _mirror in hits), default=0)
    found = [(by, mirror) for length, by, mirror in hits if length == nearest and mirror]
    return ImageMirror(image, YES, found[0][1], found[0][0]) if found else ImageMirror(image, NO)


def _hits(image: str, mirror_set: ApiObject) -> Iterator[tuple[int, str, str]]:
    """Sources of a mirror set that cover the image: length of the source, the set, and its first mirror (empty for none)."""
    kind = text_at(mirror_set, "kind")
    if kind not in _SETS or ("@" in image) != (kind in _BY_DIGEST):
        return
    for entry in maps_at(mirror_set, _SETS[kind]):
        source, mirrors = text_at(entry, "source"), texts_at(entry, "mirrors")
        if covers(source, image):
            yield len(source), f"{kind} {name_of(mirror_set)}", mirrors[0] + _rest(source, image) if mirrors else ""


def covers(source: str, image: str) -> bool:
    """Whether a mirror set's source covers an image."""
    if source.startswith("*."):
        return image.partition("/")[0].partition(":")[0].endswith(source[1:])
    return bool(source) and (image == source or (image.startswith(source) and image[len(source)] in "/:@"))


def _rest(source: str, image: str) -> str:
    """What follows the source in the reference; of a wildcard, what follows the host."""
    return image[len(image.partition("/")[0]) :] if source.startswith("*.") else image[len(source) :]


# ---- findings and records --------------------------------------------------------------------------------------------


def mirror_findings(operator: Operator, images: Sequence[str] | None, found: Sequence[ImageMirror], required: bool) -> list[CheckFinding]:
    """Images without a mirror, in one finding of the operator; `images` None: nobody knows which images it has."""
    if not required:
        return []
    if images is None:
        message = f"which images {operator.pin or operator.package} needs is not known"
        return [check("mirror.unknown").finding(operator.subject, NOT_EVALUATED, NOT_EVALUATED, message=message, path=operator.path)]
    missing = [each for each in found if each.mirrored == NO]
    unknown = [each for each in found if each.mirrored == NOT_KNOWN]
    made = check("mirror")
    if missing:
        evidence = tuple(Evidence(each.image, "mirror", "none", "a mirror set's source that covers it") for each in missing)
        message = f"{len(missing)} of {len(found)} images have no mirror: {listed([each.image for each in missing])}"
        return [made.finding(operator.subject, CHANGED, FAIL, message=message, evidence=evidence, path=operator.path)]
    if unknown:
        message = f"whether {len(unknown)} images have a mirror is not known: the mirror sets could not be read"
        return [
            made.finding(
                operator.subject, NOT_EVALUATED, NOT_EVALUATED, message=message, path=operator.path, remedy="grant the verify role"
            )
        ]
    message = f"{len(found)} images have a mirror" if found else "it names no image"
    return [made.finding(operator.subject, IN_STEP, PASS, message=message, path=operator.path, remedy="")]


def images_missing(
    operator: Operator, images: Sequence[str], mirror_sets: Sequence[ApiObject], given: Sequence[str] = ()
) -> list[CheckFinding]:
    """The findings on images that have to be mirrored."""
    return mirror_findings(operator, images, mirrors_of(images, mirror_sets, given), True)


def image_records(found: Mapping[str, Sequence[ImageMirror]]) -> list[JsonRecord]:
    """Records of images by operator: one for each image, with the first operator that names it."""
    records: dict[str, JsonRecord] = {}
    for name in sorted(found):
        for each in found[name]:
            if each.image in records:
                records[each.image]["operator"] += f", {name}"
                continue
            record = {"kind": "image", "id": each.image, "name": each.image, "part": PART, "operator": name}
            records[each.image] = {**record, "mirrored": each.mirrored, "mirror": each.mirror}
    return [records[image] for image in sorted(records)]
