# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to an API server, worked out by kubernetes.core: kubeconfig, token, certificate, in-cluster, proxy, impersonation, K8S_AUTH_*.

Only what makes the client's configuration is taken from there. Its `get_api_client` would walk through all APIs at once,
without a limit of time, and leave what it found in the folder for temporary files under a name that anybody can guess.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from ...common.errors import ReadinessError
from .._libraries import is_missing, kubernetes, yaml
from ..cluster_arguments import ClusterSettings, environment_value

PURPOSE: Final = "read a cluster"
INSTALL_HINT: Final = (
    "Both are needed on the host that runs the task: ansible-galaxy collection install kubernetes.core, and pip install kubernetes. "
    "The PyPI package ansible brings the collection as well."
)
_FORM_HINT: Final = "Check the kubeconfig: kubectl config view shows what is in it."
_NONE_HINT: Final = (
    "Give kubeconfig, or host with api_key; the environment's K8S_AUTH_KUBECONFIG, K8S_AUTH_HOST and K8S_AUTH_API_KEY count too."
)


@dataclass(frozen=True, slots=True)
class Access:
    """A way to one API server. The account's secrets are in no text that is made of it."""

    url: str
    """base of all paths, without a slash at its end"""
    validate_certs: bool
    pool: Any = field(repr=False)
    """urllib3's, as the Kubernetes client sets it up"""
    authorization: Callable[[], Mapping[str, str]] = field(repr=False)
    """headers that prove who it is; asked for before each request, since a token may be renewed meanwhile"""
    headers: tuple[tuple[str, str], ...] = ()
    """further headers, for impersonation; one may be there several times"""
    secrets: tuple[str, ...] = field(repr=False, default=())
    name: str = ""
    """what people call it; empty where that is its address"""

    @property
    def place(self) -> str:
        """The server in messages."""
        return self.name or urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def encrypted(self) -> bool:
        """Whether it is spoken to by TLS."""
        return self.url.startswith("https:")


def open_access(settings: ClusterSettings) -> Access:
    """The way that the settings make. Nothing is sent yet, unless the kubeconfig names a program that gets a token.

    Raises ReadinessError `library_missing` where kubernetes.core or its library is not there, and `cluster_configuration`
    where the settings lead nowhere.
    """
    if is_missing("kubernetes"):
        raise _not_there("The Python package kubernetes")
    layer = _layer()
    configuration, problem = _configuration(layer, settings)
    if problem is not None:
        raise problem
    url = str(configuration.host).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _error(settings, "the address of the API server is none", "Give host as https://api.cluster.example.com:6443.")
    return Access(
        url=url,
        validate_certs=bool(configuration.verify_ssl),
        pool=kubernetes.client.ApiClient(configuration).rest_client.pool_manager,
        authorization=lambda: _authorization(configuration),
        headers=_impersonation(layer, settings),
        secrets=_secrets(settings, configuration),
        name=settings.name,
    )


def _layer() -> Any:
    """The client layer of kubernetes.core. Imported here, so that tasks that read no cluster need neither have it nor pay for it."""
    try:
        from ansible_collections.kubernetes.core.plugins.module_utils.k8s import client
    except ImportError:
        client = None
    if client is None:
        raise _not_there("The collection kubernetes.core")
    if not all(hasattr(client, name) for name in ("_create_auth_spec", "_create_configuration", "_create_headers")):
        message = f"This version of the collection kubernetes.core cannot be used to {PURPOSE}"
        raise ReadinessError("library_missing", message, subject="kubernetes.core", hint="Install one that requirements.yml names.")
    return client


def _not_there(what: str) -> ReadinessError:
    message = f"{what} is not installed, which is needed to {PURPOSE}"
    return ReadinessError("library_missing", message, subject=what.rpartition(" ")[2], hint=INSTALL_HINT)


def _configuration(layer: Any, settings: ClusterSettings) -> tuple[Any, ReadinessError | None]:
    """The client's configuration, or why there is none. Errors are given back: their frames would hold the kubeconfig."""
    try:
        # What an earlier kubeconfig set would otherwise fill in what this one leaves open.
        kubernetes.client.Configuration.set_default(None)
        return layer._create_configuration(layer._create_auth_spec(**settings.options)), None
    except kubernetes.config.ConfigException as error:
        return None, _refused(settings, str(error))
    except yaml.YAMLError as error:
        # The text of such an error shows the line at fault, which may hold a token.
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark is not None else ""
        return None, _error(settings, f"{_file_of(settings)} is not YAML{where}", _FORM_HINT)
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        return None, _error(settings, f"{_file_of(settings)}, or a file that it names, cannot be read: {reason}", _FORM_HINT)
    except (AttributeError, LookupError, TypeError, ValueError):
        return None, _error(settings, f"{_file_of(settings)} is not the configuration of a client", _FORM_HINT)


def _refused(settings: ClusterSettings, text: str) -> ReadinessError:
    """A refusal of the kubernetes library in words for whoever runs this; its own hold names and keys, no values."""
    reason = text.removeprefix("Invalid kube-config file. ").removeprefix("Invalid kube-config dict. ").strip().rstrip(".")
    given = any(settings.options.get(name) or environment_value(name) for name in ("kubeconfig", "context"))
    if not given and "No configuration found" in text:
        return _error(settings, "no cluster is named, and there is no kubeconfig where it usually is", _NONE_HINT)
    context = settings.options.get("context") or environment_value("context")
    if context and f"object with name {context} in" in text:
        hint = "kubectl config get-contexts lists those that it has."
        return _error(settings, f"{_file_of(settings)} has no context {context}", hint)
    return _error(settings, f"{_file_of(settings)} cannot be used: {reason}", _FORM_HINT)


def _file_of(settings: ClusterSettings) -> str:
    """The kubeconfig in messages: its base name."""
    given = settings.options.get("kubeconfig") or environment_value("kubeconfig")
    if isinstance(given, Mapping):
        return "the kubeconfig that is given"
    named = str(given or os.environ.get("KUBECONFIG", "") or "~/.kube/config")
    return f"kubeconfig {', '.join(part.rpartition('/')[2] for part in named.split(os.pathsep))}"


def _error(settings: ClusterSettings, reason: str, hint: str) -> ReadinessError:
    name = settings.name or "cluster"
    return ReadinessError("cluster_configuration", f"{name}: {reason}", subject=name, hint=hint)


def _authorization(configuration: Any) -> dict[str, str]:
    """The header that logs in: a token, or user and password for what stands before an API server and takes them."""
    found = {
        str(entry["key"]).lower(): str(entry["value"]).strip()
        for entry in configuration.auth_settings().values()
        if entry.get("in") == "header" and entry.get("value")
    }
    if "authorization" not in found and configuration.username and configuration.password:
        found["authorization"] = str(configuration.get_basic_auth_token())
    return found


def _impersonation(layer: Any, settings: ClusterSettings) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    for name, value in sorted(layer._create_headers(**settings.options).items()):
        headers += [(name, str(each)) for each in (value if isinstance(value, (list, tuple)) else [value])]
    return tuple(headers)


def _secrets(settings: ClusterSettings, configuration: Any) -> tuple[str, ...]:
    """What must be in no text: tokens and passwords, as far as they are known before the first request."""
    tokens = [str(value).strip().rpartition(" ")[2] for value in configuration.api_key.values()]
    return tuple(sorted({*tokens, *settings.secrets()} - {""}))
