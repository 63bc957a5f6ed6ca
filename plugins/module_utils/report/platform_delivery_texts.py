# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The delivery in one sentence: how much of it the document asks for, means, or has only come across, and what nobody looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final, TypeAlias

from ..common.write_findings import FAIL, NOT_EVALUATED
from ..common.write_findings import MISSING as NOT_THERE
from ..common.write_findings import listed as named
from ..platform.delivery import check_list as checks
from ..platform.delivery import readings
from ..platform.delivery.records import STANDINGS
from ..target.model import ABSENT
from .headline import counted, listed
from .platform_view import ApplicationView, CheckFindingView, GateView, ImagePolicyView, PipelineView, PlatformView

Entry: TypeAlias = ApplicationView | PipelineView | ImagePolicyView | GateView

ASKED, MEANT, SEEN = STANDINGS
STANDING_WORDS: Final = {ASKED: "asked for", MEANT: "meant", SEEN: "only seen"}
"""How things stand to the document, in words."""

LISTS: Final = {
    "application": (readings.APPLICATIONS,),
    "pipeline": (readings.PIPELINES, readings.RUNS),
    "image policy": (readings.CLUSTER_POLICIES, readings.POLICIES),
    "gate": (readings.ADMISSION_POLICIES, readings.ADMISSION_BINDINGS, readings.PROJECTS, readings.PIPELINES),
}
"""What is counted, and the lists that tell it."""

_OF_ASKED: Final = (checks.THERE.id, checks.PIPELINE_THERE.id, checks.OBJECT.id, checks.ADMISSION.id, checks.WINDOW.id, checks.APPROVAL.id)
"""Checks on what the document names one by one."""

_IMAGES_FROM: Final = "images from "


def is_looked_at(platform: PlatformView) -> bool:
    """Whether the run looked at the delivery."""
    return checks.PART in platform.parts or any(_entries(platform).values())


def delivery_line(platform: PlatformView, brief: bool = False) -> str:
    """How much there is, and what nobody looks at; empty where the run did not look. The brief one tells the sums alone."""
    if not is_looked_at(platform):
        return ""
    unread = {entry.resource for entry in platform.unread if entry.state != ABSENT}
    seen = [_kind_text(noun, entries, unread.intersection(LISTS[noun]), brief) for noun, entries in _entries(platform).items()]
    lacking = len({finding.subject for finding in _told(platform, FAIL, *_OF_ASKED) if finding.state == NOT_THERE})
    parts = [f"Seen: {listed(seen)}"]
    if lacking:
        parts.append(f"of what is asked for {lacking:,} {'is' if lacking == 1 else 'are'} not there")
    return f"{'; '.join((*parts, *_unwatched(platform)))}."


def _entries(platform: PlatformView) -> dict[str, Sequence[Entry]]:
    return dict(zip(LISTS, (platform.applications, platform.pipelines, platform.image_policies, platform.gates), strict=True))


def _kind_text(noun: str, entries: Sequence[Entry], unread: Collection[str], brief: bool) -> str:
    """`3 gates (1 asked for, 2 only seen)`. A list that was refused leaves open how many there are."""
    plural = "image policies" if noun == "image policy" else f"{noun}s"
    if not entries:
        return f"{plural} of which nobody knows" if unread else f"no {noun}"
    counts = Counter(entry.standing for entry in entries)
    parts = [f"{counts[standing]:,} {text}" for standing, text in STANDING_WORDS.items() if counts[standing] and not brief]
    parts += ["not all are known"] if unread else []
    return counted(len(entries), noun, plural) + (f" ({', '.join(parts)})" if parts else "")


def _told(platform: PlatformView, result: str, *ids: str) -> Iterator[CheckFindingView]:
    return (finding for finding in platform.findings if finding.check in ids and finding.result == result)


def _unwatched(platform: PlatformView) -> Iterator[str]:
    """What is in the namespaces meant, and no application or image policy looks at it."""
    # That a namespace has nothing that is looked after is a hint where the document does not ask for it: it is said all the same.
    bare = sorted({name for finding in _told(platform, FAIL, checks.TRACKED.id) for name in _observed(finding)})
    if bare:
        yield f"no application looks after {counted(len(bare), 'namespace')} that {'is' if len(bare) == 1 else 'are'} meant: {named(bare)}"
    if any(_told(platform, NOT_EVALUATED, checks.TRACKED.id)):
        yield "which namespaces that are meant no application looks after, nobody knows"
    subjects = sorted({finding.subject for finding in _told(platform, FAIL, checks.RUNNING.id)})
    registries = [subject.removeprefix(_IMAGES_FROM) for subject in subjects if subject.startswith(_IMAGES_FROM)]
    if registries:
        yield f"no image policy covers all that runs of {named(registries)}"
    elif subjects:
        yield "no image policy covers what runs: the cluster does not serve any"
    if any(_told(platform, NOT_EVALUATED, checks.RUNNING.id)):
        yield "which images that run no image policy covers, nobody knows"


def _observed(finding: CheckFindingView) -> list[str]:
    return [name for piece in finding.evidence for name in piece.observed.split(", ") if name]
