# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster-wide proxy, and the CA bundle that it names."""

from __future__ import annotations

from typing import Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING, listed
from ...target.model import ABSENT, READ
from ...target.objects import map_at, text_at
from ..checks import Check
from ..desired.model import CaBundleWanted, ProxyWanted
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import failed, not_asked, passed, seen, unknown
from .check_list import CA_CONTENT, CA_NAMED, PROXY_HTTPS, PROXY_NO_PROXY

PROXIES: Final = "proxies.config.openshift.io"
CA_KEY: Final = "ca-bundle.crt"
CA_NAMESPACE: Final = "openshift-config"
_OBJECT: Final = "Proxy cluster"
_PROXY_PATH: Final = "prerequisites.proxy"
_CA_PATH: Final = "prerequisites.ca_bundle.configmap"
_PEM: Final = "-----BEGIN CERTIFICATE-----"


def bundle_ref(wanted: CaBundleWanted) -> Named:
    """The ConfigMap with the certificates."""
    return Named("v1", "ConfigMap", CA_NAMESPACE, wanted.configmap)


def proxy_findings(wanted: ProxyWanted | None, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """Whether the proxy is the one that is expected."""
    if wanted is None:
        return [not_asked(PROXY_HTTPS, _OBJECT), not_asked(PROXY_NO_PROXY, _OBJECT)]
    if not snapshot.known(PROXIES):
        reason = snapshot.why_not(PROXIES)
        return [unknown(check, _OBJECT, reason, _PROXY_PATH) for check in (PROXY_HTTPS, PROXY_NO_PROXY)]
    proxy = snapshot.get(PROXIES, "", "cluster") or {}
    return [_https(wanted, proxy), _no_proxy(wanted, proxy)]


def _https(wanted: ProxyWanted, proxy: ApiObject) -> CheckFinding:
    path, given = f"{_PROXY_PATH}.https", text_at(proxy, "spec.httpsProxy")
    plain = text_at(proxy, "spec.httpProxy")
    if plain and not given and not wanted.https:
        evidence = seen(_OBJECT, "spec.httpProxy", _without_user(plain), "(none)")
        return failed(PROXY_HTTPS, _OBJECT, "the cluster has a proxy for http though none is expected", path, evidence=evidence)
    if given.rstrip("/") == wanted.https.rstrip("/"):
        return passed(PROXY_HTTPS, _OBJECT, path, f"{_without_user(given)} is the proxy" if given else "there is no proxy")
    evidence = seen(_OBJECT, "spec.httpsProxy", _without_user(given) or "(none)", _without_user(wanted.https) or "(none)")
    if not given:
        return failed(PROXY_HTTPS, _OBJECT, "the cluster has no proxy", path, MISSING, evidence=evidence)
    message = "the cluster has a proxy though none is expected" if not wanted.https else "the cluster has another proxy"
    return failed(PROXY_HTTPS, _OBJECT, message, path, evidence=evidence)


def _without_user(url: str) -> str:
    """A proxy's URL may hold a password: what is before the @ is not shown."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}" if mark else url.rpartition("@")[2]


def _no_proxy(wanted: ProxyWanted, proxy: ApiObject) -> CheckFinding:
    path = f"{_PROXY_PATH}.no_proxy_contains"
    if not wanted.no_proxy_contains:
        return not_asked(PROXY_NO_PROXY, _OBJECT, "the document names no entries of noProxy")
    if not any(text_at(proxy, f"spec.{field}") for field in ("httpProxy", "httpsProxy")):
        return not_asked(PROXY_NO_PROXY, _OBJECT, "without a proxy nothing has to go around it")
    field = "status.noProxy" if text_at(proxy, "status.noProxy") else "spec.noProxy"
    entries = {entry.strip() for entry in text_at(proxy, field).split(",")}
    lacking = [entry for entry in wanted.no_proxy_contains if entry.strip() not in entries]
    if not lacking:
        return passed(PROXY_NO_PROXY, _OBJECT, path)
    evidence = seen(_OBJECT, field, text_at(proxy, field) or "(none)", ", ".join(wanted.no_proxy_contains))
    return failed(PROXY_NO_PROXY, _OBJECT, f"noProxy lacks {listed(lacking)}", path, evidence=evidence)


# ---- the CA bundle ---------------------------------------------------------------------------------------------------


def bundle_findings(wanted: CaBundleWanted | None, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """Whether Proxy/cluster names the ConfigMap, and whether it holds certificates."""
    if wanted is None:
        return [not_asked(CA_NAMED, _OBJECT), not_asked(CA_CONTENT)]
    return [_named(wanted, snapshot), _content(CA_CONTENT, wanted, snapshot)]


def _named(wanted: CaBundleWanted, snapshot: PlatformSnapshot) -> CheckFinding:
    if not snapshot.known(PROXIES):
        return unknown(CA_NAMED, _OBJECT, snapshot.why_not(PROXIES), _CA_PATH)
    name = text_at(snapshot.get(PROXIES, "", "cluster") or {}, "spec.trustedCA.name")
    if name == wanted.configmap:
        return passed(CA_NAMED, _OBJECT, _CA_PATH)
    evidence = seen(_OBJECT, "spec.trustedCA.name", name or "(none)", wanted.configmap)
    message = f"Proxy/cluster names the ConfigMap {name}" if name else "Proxy/cluster names no ConfigMap with a trusted CA"
    return failed(CA_NAMED, _OBJECT, message, _CA_PATH, evidence=evidence)


def _content(check: Check, wanted: CaBundleWanted, snapshot: PlatformSnapshot) -> CheckFinding:
    ref = bundle_ref(wanted)
    read = snapshot.named(ref)
    if read.state == ABSENT:
        return failed(check, ref.text, f"there is no {ref.text}", _CA_PATH, MISSING)
    if read.state != READ or read.object is None:
        return unknown(check, ref.text, read.reason, _CA_PATH)
    data = map_at(read.object, "data")
    if CA_KEY not in data:
        evidence = seen(ref.text, "data", ", ".join(sorted(data)) or "no keys", CA_KEY)
        return failed(check, ref.text, f"{ref.text} has no key {CA_KEY}", _CA_PATH, evidence=evidence)
    if _PEM not in str(data[CA_KEY]):
        evidence = seen(ref.text, f"data[{CA_KEY}]", "no certificate", "PEM certificates")
        return failed(check, ref.text, f"{CA_KEY} of {ref.text} holds no PEM certificate", _CA_PATH, evidence=evidence)
    return passed(check, ref.text, _CA_PATH)
