# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the variables that a user writes (`plan_*`) to `PlanSettings`, with every problem of them at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from ..common.errors import Problem
from .form import Form, forms
from .model import COLD, DESTINATION_TYPES, MULTUS, TIB, WARM
from .names import is_label
from .settings import (
    WEEKDAYS,
    FitPolicy,
    Freeze,
    HookRule,
    HostRule,
    MethodPolicy,
    NamespaceRule,
    NetworkRule,
    Pilots,
    PlanSettings,
    Prices,
    ProviderRule,
    Rates,
    Selector,
    StorageRule,
    WaveLimits,
    WindowRule,
)

ZoneOf: TypeAlias = Callable[[str], "tzinfo | None"]
"""A time zone by its name; None for one that nobody knows."""

MATCH: Final = ("vms", "folders", "tags", "clusters", "owners", "applications", "environments", "vcenters")
ACCESS_MODES: Final = ("", "ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany")
VOLUME_MODES: Final = ("", "Filesystem", "Block")
STEPS: Final = ("PreHook", "PostHook")
RATES: Final = (
    "link_mib_per_s",
    "host_mib_per_s",
    "datastore_mib_per_s",
    "disk_mib_per_s",
    "target_mib_per_s",
    "conversion_minutes",
    "startup_minutes",
    "change_percent_per_day",
    "p90_factor",
)
SETTINGS: Final = (
    "start",
    "last_day",
    "timezone",
    "windows",
    "freezes",
    "limits",
    "pilots",
    "accept_unknown",
    "max_vms",
    "dependencies",
    "anti_affinity",
    "method",
    "rates",
    "fit",
    "namespaces",
    "networks",
    "storage",
    "providers",
    "destination_provider",
    "toolkit_namespace",
    "preserve_static_ips",
    "hooks",
    "hosts",
    "prices",
)
"""Every setting; the role has it as `plan_<setting>`."""

FIT: Final = (
    "cpu_overcommit",
    "memory_overcommit",
    "spare_nodes",
    "basis",
    "node_selector",
    "storage_headroom_percent",
    "live_migration",
    "cpu_baseline",
    "core_mhz",
    "hugepages",
    "devices",
)
LONGEST_NIGHT_HOURS: Final = 16
"""A window over midnight that is longer is taken for a mistake unless `extra_days` is given."""
_RULE_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


def parse_settings(given: Mapping[str, Any], now: datetime, zone_of: ZoneOf, rules: frozenset[str]) -> tuple[PlanSettings, list[Problem]]:
    """The settings and everything that is wrong with them. `rules` are the ids of the assessment's rules, empty where not known.

    Unless the user says when, a plan begins on the day after `now`, in the time zone of its windows.
    """
    problems: list[Problem] = []
    top = _Top(given, problems)
    zone = _zone(top, zone_of)
    today = now.astimezone(zone).date()
    start = top.day("start") or today + timedelta(days=1)
    settings = PlanSettings(
        start=start,
        zone=zone,
        last_day=top.day("last_day"),
        windows=tuple(_windows(top)),
        freezes=tuple(_freezes(top)),
        limits=_limits(top),
        pilots=_pilots(top),
        accept_unknown=_accepted(top, rules),
        max_vms=top.count("max_vms", 50, least=1),
        dependencies=top.word("dependencies", "earlier", ("earlier", "together")),
        anti_affinity=top.word("anti_affinity", "spread", ("spread", "ignore")),
        method=_method(top),
        rates=_rates(top),
        fit=_fit(top),
        namespaces=tuple(_namespaces(top)),
        networks=tuple(_networks(top)),
        storage=tuple(_storage(top)),
        providers=tuple(_providers(top)),
        destination_provider=top.text("destination_provider", "host"),
        toolkit_namespace=top.text("toolkit_namespace", "openshift-mtv"),
        preserve_static_ips=top.flag("preserve_static_ips", True),
        hooks=tuple(_hooks(top)),
        hosts=tuple(_hosts(top)),
        prices=_prices(top),
    )
    if start < today:
        problems.append(Problem(f"plan_start {start} is in the past", remedy="give a later day, or none for tomorrow"))
    if not is_label(settings.toolkit_namespace):
        problems.append(
            Problem(f"plan_toolkit_namespace is {settings.toolkit_namespace!r}, which cannot name a namespace", remedy="see the toolkit's")
        )
    if settings.last_day is not None and settings.last_day < start:
        problems.append(Problem(f"plan_last_day {settings.last_day} is before the first day {start}", remedy="give a later one"))
    return settings, problems


class _Top(Form):
    """The settings themselves: they are named plan_start, not plan.start."""

    def __init__(self, given: Mapping[str, Any], problems: list[Problem]) -> None:
        super().__init__("plan", given, problems, SETTINGS)
        self.problems = problems

    def wrong(self, key: str, message: str, remedy: str = "") -> None:
        self._wrong(key, message, remedy)

    def _wrong(self, key: str, message: str, remedy: str = "") -> None:
        self.problems.append(Problem(f"plan_{key} {message}", remedy=remedy))

    def form(self, key: str, allowed: Sequence[str]) -> Form:
        return Form(f"plan_{key}", self.raw(key), self.problems, allowed)

    def forms(self, key: str, allowed: Sequence[str]) -> Iterator[Form]:
        """The entries of a setting that is a list."""
        return forms(f"plan_{key}", self.raw(key), self.problems, allowed)


def selector_of(form: Form, key: str = "match") -> Selector:
    """Which VMs an entry is for."""
    inner = form.form(key, MATCH)
    return Selector(**{name: inner.texts(name) for name in MATCH})


def _zone(top: _Top, zone_of: ZoneOf) -> tzinfo:
    name = top.text("timezone", "UTC")
    zone = zone_of(name)
    if zone is None:
        top.wrong("timezone", f"is {name!r}, which this machine does not know", "use a name such as Europe/Berlin or UTC")
    return zone or timezone.utc


def _windows(top: _Top) -> Iterator[WindowRule]:
    allowed = ("name", "days", "day", "start", "end", "extra_days", "every_weeks", "match", "own")
    for form in top.forms("windows", allowed):
        name = form.text("name", needed=True)
        start, end = form.clock("start"), form.clock("end")
        day = form.day("day")
        weekdays = tuple(sorted({number for word in form.texts("days") for number in _weekdays(form, word)}))
        if day is not None and weekdays:
            form.wrong("days", "is given beside day", "give one of them")
        if day is None and not form.has("days"):
            weekdays = tuple(range(7))
        if start is not None and start == end:
            form.wrong("end", "is the same as its start", "give another time; 24 hours are written as two windows")
        if start is not None and end is not None:
            if end < start and not form.has("extra_days") and _wrapped_hours(start, end) > LONGEST_NIGHT_HOURS:
                message = f"is before its start, which makes {_wrapped_hours(start, end):g} h into the next day"
                form.wrong("end", message, "give another time, or extra_days: 0 if that is meant")
            weeks, more = form.count("every_weeks", 1, least=1), form.count("extra_days", 0)
            yield WindowRule(name, start, end, weekdays, day, weeks, selector_of(form), form.flag("own", False), more)


def _wrapped_hours(start: time, end: time) -> float:
    """Hours from a time of day to one of the next day."""
    return 24 + end.hour - start.hour + (end.minute - start.minute) / 60


def _weekdays(form: Form, word: str) -> tuple[int, ...]:
    lower = word.lower()[:3]
    if lower in ("dai", "all"):
        return tuple(range(7))
    if lower in WEEKDAYS:
        return (WEEKDAYS.index(lower),)
    form.wrong("days", f"names {word!r}", f"allowed are {', '.join(WEEKDAYS)} and daily")
    return ()


def _freezes(top: _Top) -> Iterator[Freeze]:
    for form in top.forms("freezes", ("name", "from", "to", "match")):
        first, last = form.day("from"), form.day("to")
        if first is None and not form.has("from"):
            form.wrong("from", "is missing", "write it as 2027-01-31")
        last = last or first
        if first is None or last is None:
            continue
        if last < first:
            form.wrong("to", f"{last} is before {first}", "give a later day")
        else:
            yield Freeze(form.text("name", f"freeze of {first}"), first, last, selector_of(form))


def _limits(top: _Top) -> WaveLimits:
    form = top.form("limits", ("vms", "tib", "vms_per_host", "vms_per_datastore", "high_risk_vms", "waves"))
    tib = form.number("tib", None, above=True)
    return WaveLimits(
        vms=form.whole("vms", 100, least=1),
        bytes=None if tib is None else int(tib * TIB),
        vms_per_host=form.whole("vms_per_host", None, least=1),
        vms_per_datastore=form.whole("vms_per_datastore", None, least=1),
        high_risk_vms=form.whole("high_risk_vms", None, least=1),
        waves=form.whole("waves", None, least=1),
    )


def _pilots(top: _Top) -> Pilots:
    form = top.form("pilots", ("count", "match"))
    return Pilots(form.count("count", 3), selector_of(form))


def _accepted(top: _Top, rules: frozenset[str]) -> frozenset[str]:
    found = top.texts("accept_unknown")
    for number, rule in enumerate(found):
        if not _RULE_ID.fullmatch(rule) or (rules and rule not in rules):
            top.wrong(
                f"accept_unknown[{number}]", f"names {rule[:80]!r}, which is no rule of the assessment", "see docs/rules.md for the ids"
            )
    return frozenset(found)


def _method(top: _Top) -> MethodPolicy:
    form = top.form("method", ("prefer", "overrides", "default_tolerance_minutes"))
    entries = forms("plan_method.overrides", form.raw("overrides"), top.problems, ("match", "method"))
    overrides = [(selector_of(entry), entry.word("method", COLD, (COLD, WARM))) for entry in entries]
    prefer = form.word("prefer", "auto", ("auto", COLD, WARM))
    return MethodPolicy(prefer, tuple(overrides), form.whole("default_tolerance_minutes", None))


def _rates(top: _Top) -> Rates:
    form = top.form("rates", RATES)
    default = Rates()
    least = {"p90_factor": 1.0}
    zero = ("conversion_minutes", "startup_minutes", "change_percent_per_day", "p90_factor")
    values = {name: form.amount(name, getattr(default, name), least=least.get(name, 0.0), above=name not in zero) for name in RATES}
    return Rates(**values, given=tuple(name for name in RATES if form.has(name)))


def _fit(top: _Top) -> FitPolicy:
    form = top.form("fit", FIT)
    return FitPolicy(
        cpu_overcommit=form.number("cpu_overcommit", None, above=True),
        memory_overcommit=form.number("memory_overcommit", None, above=True),
        spare_nodes=form.count("spare_nodes", 1),
        basis=form.word("basis", "configured", ("configured", "p95")),
        node_selector=form.text_map("node_selector"),
        storage_headroom_percent=form.amount("storage_headroom_percent", 10.0),
        live_migration=form.flag("live_migration", True),
        cpu_baseline=form.word("cpu_baseline", "required", ("required", "ignore")),
        core_mhz=form.amount("core_mhz", FitPolicy().core_mhz, above=True),
        hugepages=form.word("hugepages", "", ("", "2Mi", "1Gi")),
        devices=form.text_map("devices"),
    )


def _namespaces(top: _Top) -> Iterator[NamespaceRule]:
    for form in top.forms("namespaces", ("match", "namespace")):
        yield NamespaceRule(selector_of(form), form.text("namespace", needed=True))


def _networks(top: _Top) -> Iterator[NetworkRule]:
    for form in top.forms("networks", ("source", "type", "namespace", "name", "vcenter")):
        kind = form.word("type", MULTUS, DESTINATION_TYPES)
        name = form.text("name", needed=kind == MULTUS)
        yield NetworkRule(form.text("source", needed=True), kind, form.text("namespace"), name, form.text("vcenter"))


def _storage(top: _Top) -> Iterator[StorageRule]:
    for form in top.forms("storage", ("source", "storage_class", "access_mode", "volume_mode", "vcenter")):
        yield StorageRule(
            form.text("source", needed=True),
            form.text("storage_class", needed=True),
            form.word("access_mode", "", ACCESS_MODES),
            form.word("volume_mode", "", VOLUME_MODES),
            form.text("vcenter"),
        )


def _providers(top: _Top) -> Iterator[ProviderRule]:
    for form in top.forms("providers", ("vcenter", "name", "url", "secret", "vddk_image")):
        if "@" in urlsplit(form.text("url")).netloc:
            form.wrong("url", "holds a user name or a password", "leave them to the secret, which is referred to by its name")
        yield ProviderRule(
            form.text("vcenter", needed=True),
            form.text("name", needed=True),
            form.text("url"),
            form.text("secret"),
            form.text("vddk_image"),
        )


def _hooks(top: _Top) -> Iterator[HookRule]:
    for form in top.forms("hooks", ("match", "step", "name", "namespace", "job_template", "deadline_seconds")):
        yield HookRule(
            selector_of(form),
            form.word("step", STEPS[0], STEPS),
            form.text("name", needed=True),
            form.text("namespace"),
            form.whole("job_template", None, least=1),
            form.whole("deadline_seconds", None, least=1),
        )


def _hosts(top: _Top) -> Iterator[HostRule]:
    for form in top.forms("hosts", ("host", "address", "secret", "vcenter")):
        yield HostRule(
            form.text("host", needed=True), form.text("address", needed=True), form.text("secret", needed=True), form.text("vcenter")
        )


def _prices(top: _Top) -> Prices:
    form = top.form("prices", ("currency", "per_host_year", "per_core_year"))
    prices = [form.number(name, None) for name in ("per_host_year", "per_core_year")]
    currency = form.text("currency")
    if any(price is not None for price in prices) and not currency:
        form.wrong("currency", "is missing", "name the currency of the prices, such as EUR")
    return Prices(currency, *prices)
