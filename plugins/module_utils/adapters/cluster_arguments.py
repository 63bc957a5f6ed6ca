# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users give to reach a cluster, checked: every fault is one problem, and none repeats a value, which may be a secret.

The names are those that the modules of kubernetes.core have, and so are the variables of the environment that stand in for them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ..common.errors import Problem
from ..estate.scope import not_given, unknown_keys, word_for
from .paths import expanded

FORM: Final = "{kubeconfig: ~/.kube/config, context: reader}"
ALIASES: Final[Mapping[str, str]] = {
    "verify_ssl": "validate_certs",
    "ssl_ca_cert": "ca_cert",
    "cert_file": "client_cert",
    "key_file": "client_key",
}
"""Second names that kubernetes.core takes, and the first ones."""

_TEXTS: Final = ("host", "api_key", "username", "password", "context", "proxy", "no_proxy", "impersonate_user")
_FILES: Final = ("ca_cert", "client_cert", "client_key")
_FLAGS: Final = ("validate_certs", "persist_config")
_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "request_timeout_seconds": (1, 3600),
    "deadline_minutes": (1, 1440),
    "page_size": (1, 5000),
}
_PROXY_HEADERS: Final = ("proxy_basic_auth", "basic_auth", "user_agent")
KEYS: Final = ("kubeconfig", *_TEXTS, *_FILES, *_FLAGS, "proxy_headers", "impersonate_groups", *_NUMBERS)

_WORDS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
_SECRET_NAME: Final = re.compile(r"pass|token|secret|api_?key|key[-_]data|basic_auth", re.IGNORECASE)
_SECRET_VARIABLES: Final = (
    "K8S_AUTH_API_KEY",
    "K8S_AUTH_PASSWORD",
    "K8S_AUTH_PROXY_HEADERS_BASIC_AUTH",
    "K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH",
)
_ADDRESS_REMEDY: Final = "give it as https://api.cluster.example.com:6443"


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """How to reach a cluster: `options` have kubernetes.core's names; what they leave open, its environment or kubeconfig says."""

    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    name: str = ""
    """what people call it; empty where that is its address"""
    request_timeout_seconds: int = 60
    deadline_minutes: int = 30
    page_size: int = 500
    """objects of one answer"""

    def secrets(self) -> tuple[str, ...]:
        """Every secret in the options and the environment."""
        return tuple(sorted({*cluster_secrets(self.options), *cluster_environment_secrets()}))


def cluster_secrets(value: object, *, secret: bool = False) -> Iterator[str]:
    """Everything in the mapping `cluster` that is a secret, in a kubeconfig that is given as a mapping too."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from cluster_secrets(entry, secret=secret or bool(_SECRET_NAME.search(str(key))))
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from cluster_secrets(entry, secret=secret)
    elif isinstance(value, str) and value:
        if secret:
            yield value
        yield from _passwords_in(value)


def cluster_environment_secrets() -> Iterator[str]:
    """What the environment gives as token or password."""
    for name in _SECRET_VARIABLES:
        if value := os.environ.get(name, "").strip():
            yield value
    for name in ("K8S_AUTH_PROXY", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        yield from _passwords_in(os.environ.get(name, ""))


def _passwords_in(address: str) -> Iterator[str]:
    """The password of a proxy's address."""
    if "://" in address and "@" in address:
        password = address.partition("://")[2].rpartition("@")[0].partition(":")[2]
        if password:
            yield password


def environment_value(name: str) -> str:
    """What the environment gives for an option; empty for nothing."""
    names = [name, *(other for other, first in ALIASES.items() if first == name)]
    return next((value for each in names if (value := os.environ.get(f"K8S_AUTH_{each.upper()}", "").strip())), "")


class ClusterArguments:
    """Checks one `cluster` mapping; `problems` holds what is wrong with it.

    `place` is what the user calls the mapping; `name` the host of the inventory that it belongs to.
    """

    def __init__(self, place: str, base_dir: Path, name: str = "") -> None:
        self.problems: list[Problem] = []
        self._place = place
        self._base_dir = base_dir
        self._name = name

    def settings(self, value: object) -> ClusterSettings | None:
        """The settings; None when anything is wrong. Nothing given leaves it all to the environment and the usual kubeconfig."""
        if not_given(value):
            value = {}
        if not isinstance(value, Mapping):
            self._note("", f"is {word_for(value)}, not a mapping", f"write it as {FORM}")
            return None
        self.problems += unknown_keys(self._place, {key: None for key in value if key not in ALIASES}, KEYS)
        given = self._by_first_name(value)
        sound: dict[str, Any] = {key: found for key in KEYS if key in given and (found := self._checked(key, given[key])) is not None}
        self._check_pairs(sound)
        if self.problems:
            return None
        numbers = {key: sound.pop(key) for key in _NUMBERS if key in sound}
        return ClusterSettings(sound, self._name, **numbers)

    def _by_first_name(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        given = {str(key): entry for key, entry in value.items() if key in KEYS and not not_given(entry)}
        for other, first in ALIASES.items():
            if not_given(value.get(other)):
                continue
            if first in given:
                self._note(other, f"is another name of {first}, and both are given", "give one of them")
            else:
                given[first] = value[other]
        return given

    def _checked(self, key: str, entry: object) -> object:
        """The value in its type; None, and a problem, for what cannot be one."""
        if key == "kubeconfig":
            return self._kubeconfig(entry)
        if key == "proxy_headers":
            return self._proxy_headers(entry)
        if key == "impersonate_groups":
            return self._groups(entry)
        if key in _NUMBERS:
            return self._number(key, entry)
        if key in _FLAGS:
            flag = entry if isinstance(entry, bool) else _WORDS.get(str(entry).strip().lower())
            return self._or_note(key, flag, "true or false")
        text = entry if isinstance(entry, str) and not set("\x00\r\n") & set(entry.strip()) else None
        if self._or_note(key, text, "a text of one line") is None:
            return None
        return self._file(key, str(text)) if key in _FILES else str(text).strip()

    def _or_note(self, key: str, value: object, wanted: str) -> object:
        if value is None:
            self._note(key, f"is not {wanted}", f"give {wanted}")
        return value

    def _number(self, key: str, entry: object) -> object:
        least, most = _NUMBERS[key]
        if isinstance(entry, str) and entry.isascii() and entry.isdigit():
            entry = int(entry[:12])
        is_sound = isinstance(entry, int) and not isinstance(entry, bool) and least <= entry <= most
        return self._or_note(key, entry if is_sound else None, f"a number from {least} to {most}")

    def _kubeconfig(self, entry: object) -> object:
        """A mapping as it is; of paths the absolute ones, several with the system's separator between them."""
        if isinstance(entry, Mapping):
            return dict(entry)
        if not isinstance(entry, str) or "\x00" in entry:
            self._note("kubeconfig", f"is {word_for(entry)}, not a path", "give the path of a kubeconfig, or its content as a mapping")
            return None
        paths = [self._base_dir / expanded(part) for part in entry.split(os.pathsep) if part.strip()]
        missing = [path.name for path in paths if not path.is_file()]
        if missing:
            self._note("kubeconfig", f"names {', '.join(missing)}, which is no file", "give the path of a kubeconfig")
            return None
        return os.pathsep.join(map(str, paths))

    def _file(self, key: str, value: str) -> str | None:
        path = self._base_dir / expanded(value)
        if not path.is_file():
            self._note(key, f"names {path.name}, which is no file", "give the path of a file in PEM form")
            return None
        return str(path)

    def _proxy_headers(self, entry: object) -> object:
        if not isinstance(entry, Mapping):
            self._note("proxy_headers", f"is {word_for(entry)}, not a mapping", f"give it any of {', '.join(_PROXY_HEADERS)}")
            return None
        before = len(self.problems)
        self.problems += unknown_keys(f"{self._place}.proxy_headers", entry, _PROXY_HEADERS)
        for key, value in entry.items():
            if not isinstance(value, str):
                self._note(f"proxy_headers.{key}", "is not a text", "give a text, in quotes")
        return dict(entry) if len(self.problems) == before else None

    def _groups(self, entry: object) -> object:
        groups = [entry] if isinstance(entry, str) else entry
        if not isinstance(groups, list) or not all(isinstance(each, str) and each.strip() for each in groups):
            self._note("impersonate_groups", "is not a list of names", "write it as [group-one, group-two]")
            return None
        return groups

    def _check_pairs(self, given: Mapping[str, Any]) -> None:
        def known(key: str) -> bool:
            return key in given or bool(environment_value(key))

        if known("impersonate_groups") and not known("impersonate_user"):
            self._note("impersonate_groups", "is given without impersonate_user", "name the user as well")
        for key, other in (("client_cert", "client_key"), ("client_key", "client_cert")):
            if key in given and not known(other):
                self._note(key, f"is given without {other}", "give both, or neither")
        if "host" in given:
            self._check_host(given["host"])
            has_account = known("api_key") or (known("username") and known("password")) or known("client_cert")
            if not has_account and not known("kubeconfig") and not known("context"):
                # The account of the usual kubeconfig would go to this server otherwise, whoever that is.
                remedy = "give api_key, or client_cert and client_key, or a kubeconfig with the account"
                self._note("host", "is given without an account", remedy)

    def _check_host(self, value: str) -> None:
        try:
            parts = urlsplit(value)
            is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            is_address, parts = False, urlsplit("")
        if not is_address:
            self._note("host", "is not the address of a server", _ADDRESS_REMEDY)
        elif "@" in parts.netloc:
            self._note("host", "holds a user name or password", f"{_ADDRESS_REMEDY}, and the account by the other options")
        elif parts.query or parts.fragment:
            self._note("host", "holds more than an address", _ADDRESS_REMEDY)

    def _note(self, key: str, message: str, remedy: str) -> None:
        place = f"{self._place}.{key}" if key else self._place
        self.problems.append(Problem(f"{place} {message}", remedy=remedy))
