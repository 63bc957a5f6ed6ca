# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameter `directories`, checked: who reads each directory of the document. Every fault is one problem, and none repeats a value.

It is a mapping by the directory's name. Nothing in it goes into an artifact, a message or the document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ...common.errors import Problem
from ...estate.scope import not_given, unknown_keys, word_for
from ..cluster_arguments import cluster_secrets
from ..paths import expanded

FORM: Final = "{corp: {username: 'cn=reader,dc=example,dc=com', password: …}}"
SECONDS: Final = (1, 600)
DEADLINES: Final = 10
"""times the longest silence that a whole read may take"""
_TEXTS: Final = ("username", "password", "client_id", "client_secret", "login_realm")
KEYS: Final = ("username", "bind_dn", *_TEXTS[1:], "ca_path", "validate_certs", "timeout_seconds")
_WORDS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
_SHORTEST_HIDDEN: Final = 4
"""Shorter secrets are in too many words to be taken out of them."""

_SHORTEST_OF_UNKNOWN: Final = 8
"""A value under a key that is not known may be a secret all the same; hiding short ones would blot out words of the message on it."""


class DirectoryTrouble(Exception):
    """Why a directory cannot be read, in words that hold nothing secret."""

    def __init__(self, reason: str, *, forbidden: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.forbidden = forbidden


@dataclass(frozen=True, slots=True)
class DirectoryAccess:
    """How a directory is read. Without an account LDAP is searched anonymously; Keycloak cannot be."""

    username: str = field(default="", repr=False)
    """bind DN of LDAP, user of Keycloak"""
    password: str = field(default="", repr=False)
    client_id: str = ""
    """Keycloak: the client that logs in; with client_secret and no user it is the account itself"""
    client_secret: str = field(default="", repr=False)
    login_realm: str = ""
    """Keycloak: realm of the account; empty for master with a user, and for the directory's own with a client alone"""
    ca_path: str = ""
    """file with the certificates of the authorities to trust; empty for those of this machine"""
    validate_certs: bool = True
    timeout_seconds: int = 30
    """longest silence of the server"""

    @property
    def total_seconds(self) -> float:
        """How long a whole read may take."""
        return float(DEADLINES * self.timeout_seconds)

    def hidden(self, text: str) -> str:
        """A text of a server without our secrets, in one line and of bounded length."""
        for secret in (self.password, self.client_secret):
            if len(secret) >= _SHORTEST_HIDDEN:
                text = text.replace(secret, "***")
        shown = " ".join(text.split())
        return f"{shown[:200]}…" if len(shown) > 200 else shown


def directory_secrets(value: object) -> Iterator[str]:
    """Everything in the parameter that is a secret, or may be one, for whoever has to keep it out of logs."""
    yield from cluster_secrets(value)
    for given in value.values() if isinstance(value, Mapping) else ():
        for key, entry in given.items() if isinstance(given, Mapping) else ():
            if key not in KEYS and isinstance(entry, str) and len(entry) >= _SHORTEST_OF_UNKNOWN:
                yield entry


class DirectoryArguments:
    """Checks the parameter; `problems` holds what is wrong with it. `place` is what the user calls it."""

    def __init__(self, place: str, base_dir: Path) -> None:
        self.problems: list[Problem] = []
        self._place = place
        self._base_dir = base_dir

    def settings(self, value: object, names: Collection[str] | None = None) -> dict[str, DirectoryAccess]:
        """Access by directory; {} when anything is wrong. `names` are the directories of the document, where they are known."""
        if not_given(value):
            return {}
        if not isinstance(value, Mapping):
            self._note("", f"is {word_for(value)}, not a mapping", f"write it as {FORM}")
            return {}
        if names is not None:
            self.problems += _unknown_names(self._place, value, names)
        found = {str(name): self._one(str(name), value[name]) for name in sorted(value, key=str)}
        return {} if self.problems else {name: access for name, access in found.items() if access is not None}

    def _one(self, name: str, value: object) -> DirectoryAccess | None:
        before = len(self.problems)
        if not_given(value):
            value = {}
        if not isinstance(value, Mapping):
            self._note(name, f"is {word_for(value)}, not a mapping", f"write it as {FORM}")
            return None
        self.problems += unknown_keys(f"{self._place}.{name}", value, KEYS)
        given = {str(key): entry for key, entry in value.items() if key in KEYS and not not_given(entry)}
        if "bind_dn" in given:
            if "username" in given:
                self._note(f"{name}.bind_dn", "is another name of username, and both are given", "give one of them")
            given["username"] = given.pop("bind_dn")
        sound = {key: found for key, entry in given.items() if (found := self._checked(name, key, entry)) is not None}
        self._check_pairs(name, given)
        return DirectoryAccess(**sound) if len(self.problems) == before else None

    def _checked(self, name: str, key: str, entry: object) -> Any:
        """The value in its type; None, and a problem, for what cannot be one."""
        if key == "validate_certs":
            flag = entry if isinstance(entry, bool) else _WORDS.get(str(entry).strip().lower())
            return self._or_note(name, key, flag, "true or false")
        if key == "timeout_seconds":
            return self._number(name, key, entry)
        text = entry if isinstance(entry, str) and not set("\x00\r\n") & set(entry) else None
        if self._or_note(name, key, text, "a text of one line") is None:
            return None
        return self._file(name, key, str(text)) if key == "ca_path" else text

    def _number(self, name: str, key: str, entry: object) -> Any:
        least, most = SECONDS
        if isinstance(entry, str) and entry.isascii() and entry.isdigit():
            entry = int(entry[:12])
        is_sound = isinstance(entry, int) and not isinstance(entry, bool) and least <= entry <= most
        return self._or_note(name, key, entry if is_sound else None, f"a number from {least} to {most}")

    def _file(self, name: str, key: str, value: str) -> str | None:
        path = self._base_dir / expanded(value)
        if path.is_file():
            return str(path)
        self._note(f"{name}.{key}", f"names {path.name}, which is no file", "give the path of a file in PEM form")
        return None

    def _or_note(self, name: str, key: str, value: object, wanted: str) -> object:
        if value is None:
            self._note(f"{name}.{key}", f"is not {wanted}", f"give {wanted}")
        return value

    def _check_pairs(self, name: str, given: Mapping[str, Any]) -> None:
        pairs = (("username", "password"), ("password", "username"), ("client_secret", "client_id"))
        for key, other in pairs:
            if key in given and other not in given:
                # A bind with a DN and no password is answered as an anonymous one, and would look like a login.
                self._note(f"{name}.{key}", f"is given without {other}", "give both, or neither")

    def _note(self, key: str, message: str, remedy: str) -> None:
        place = f"{self._place}.{key}" if key else self._place
        self.problems.append(Problem(f"{place} {message}", remedy=remedy))


def _unknown_names(place: str, value: Mapping[Any, Any], names: Collection[str]) -> list[Problem]:
    if names:
        return unknown_keys(place, value, sorted(names))
    given = sorted(str(name) for name in value)
    return [Problem(f"{place}.{name} is no directory of the document", remedy="name it in identity.directories") for name in given]
