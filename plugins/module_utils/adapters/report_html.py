# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one HTML file: template, style and scripts come from the caller, nothing is fetched when it opens.

A browser needs DecompressionStream and dialogs for the VM table (Chrome and Edge from 88, Firefox from 113, Safari from 16.4);
everything else on the page is plain HTML.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ..report.advice import reason_advice
from ..report.causes import LIVE
from ..report.charts import Markup
from ..report.columns import evidence_blocks, plan_blocks, rule_order, table_block, table_order
from ..report.page import MAX_LISTED, build_page
from ..report.texts import CATEGORY_LABELS, STATE_LABELS, VERDICT_LABELS, number, percent, plural, stage_counts
from ..report.view import ReasonView, ReportView, SourceView
from ._libraries import jinja2

TEMPLATE: Final = "index.html.j2"
STYLES: Final = ("report.css",)
PLAN_STYLES: Final = ("plan.css",)
PLAN_SCRIPTS: Final = ("plan.js",)
"""What only the page of a plan or target holds."""

PLATFORM_STYLES: Final = ("platform.css",)
PLATFORM_SCRIPTS: Final = ("platform.js",)
"""What only the page of a platform holds."""

NAMESPACES_STYLES: Final = ("namespaces.css",)
NAMESPACES_SCRIPTS: Final = ("namespaces.js",)
"""What only the page of namespaces holds, beside the platform's style."""

EARLY_SCRIPTS: Final = ("theme.js",)
SCRIPTS: Final = ("data.js", "filters.js", "table.js", "details.js", "main.js")
ASSETS: Final = (
    TEMPLATE,
    *STYLES,
    *PLAN_STYLES,
    *PLATFORM_STYLES,
    *NAMESPACES_STYLES,
    *EARLY_SCRIPTS,
    *SCRIPTS,
    *PLAN_SCRIPTS,
    *PLATFORM_SCRIPTS,
    *NAMESPACES_SCRIPTS,
)
"""Names that `assets` must hold; other names that end in .j2 may be included by the template."""

COMPRESSION_LEVEL: Final = 6
"""Level 9 makes the file 2 % smaller and takes six times as long."""


def render_html(view: ReportView, assets: Mapping[str, str]) -> bytes:
    """The page as UTF-8; the bytes depend on the view and the assets alone.

    `assets` maps the names of `ASSETS`, and of what the template includes, to their text; callers check that they are
    there. A faulty template raises jinja2's `TemplateError`.
    """
    vms = table_order(view.vms)
    planned = any(vm.plan is not None for vm in vms)
    style = _raw(assets, _styles(view))
    early = _script(assets, EARLY_SCRIPTS)
    script = _script(assets, _scripts(view, planned))
    rules = rule_order(view.rules, vms)
    text: str = (
        _environment(assets)
        .get_template(TEMPLATE)
        .render(
            view=view,
            page=build_page(view),
            max_listed=MAX_LISTED,
            style=Markup(style),
            early=Markup(early),
            script=Markup(script),
            policy=_policy(style, (early, script)),
            table=_pack(table_block(vms, rules, [source.id for source in view.sources], _advice(view.sources))) if vms else "",
            evidence=[_pack(block) for block in evidence_blocks(vms, rules)],
            plans=[_pack(block) for block in plan_blocks(vms)],
            planned=planned,
        )
    )
    return text.encode("utf-8", "replace")


def _advice(sources: Sequence[SourceView]) -> Callable[[ReasonView], str]:
    """What to do about a reason of a VM, given the sources that the reasons refer to."""
    by_id = {source.id: source for source in sources}

    def advice(reason: ReasonView) -> str:
        source = by_id.get(reason.source)
        return reason_advice(reason, source is not None and source.type == LIVE, source.vcenters if source else ())

    return advice


def _environment(assets: Mapping[str, str]) -> Any:
    templates = {name: text for name, text in assets.items() if name.endswith(".j2")}
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(number=number)
    environment.globals.update(
        percent=percent,
        plural=plural,
        stage_counts=stage_counts,
        verdict_labels=VERDICT_LABELS,
        category_labels=CATEGORY_LABELS,
        state_labels=STATE_LABELS,
    )
    return environment


def _styles(view: ReportView) -> tuple[str, ...]:
    """The style sheets of the chapters that the page has; those on a cluster share the plan's."""
    looked_at = view.platform or view.namespaces
    of_clusters = PLAN_STYLES if view.plan or view.target or looked_at else ()
    return (*STYLES, *of_clusters, *(PLATFORM_STYLES if looked_at else ()), *(NAMESPACES_STYLES if view.namespaces else ()))


def _scripts(view: ReportView, planned: bool) -> tuple[str, ...]:
    """The scripts in the order in which they rely on each other; the plan's extends all but the last one."""
    of_clusters = (*(PLATFORM_SCRIPTS if view.platform else ()), *(NAMESPACES_SCRIPTS if view.namespaces else ()))
    return (*SCRIPTS[:-1], *(PLAN_SCRIPTS if planned else ()), *of_clusters, SCRIPTS[-1])


def _raw(assets: Mapping[str, str], names: tuple[str, ...]) -> str:
    return "".join(assets[name].replace("\r\n", "\n") for name in names)


def _script(assets: Mapping[str, str], names: tuple[str, ...]) -> str:
    """The scripts in one scope of their own."""
    return '(() => {\n"use strict";\n' + _raw(assets, names) + "})();\n"


def _policy(style: str, scripts: tuple[str, ...]) -> str:
    """Content security policy: only this page's own style and scripts run, and nothing reaches the network."""
    allowed = " ".join(_source(script) for script in scripts)
    return f"default-src 'none'; style-src {_source(style)}; script-src {allowed}; img-src data:; base-uri 'none'; form-action 'none'"


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _pack(text: str) -> str:
    """JSON as zlib stream in base64, which no text of the estate can break out of."""
    return base64.b64encode(zlib.compress(text.encode("ascii"), COMPRESSION_LEVEL)).decode("ascii")
