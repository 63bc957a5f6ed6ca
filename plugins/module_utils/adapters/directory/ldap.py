# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups and their members from an LDAP directory: one paged search for the groups, and as few for their members as they allow.

Searches go below two bases and follow nothing: no alias, no referral. TLS is verified unless the account's settings say
otherwise; `ldap://` means StartTLS, and a password is never sent in the clear.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from ...platform.desired.identity import DirectoryWanted
from ...platform.identity.directories import DirectoryGroup, DirectoryRead, merged_groups, unread
from .._libraries import ldap3
from .access import DirectoryAccess, DirectoryTrouble
from .names import Dn, first_part, is_below, parsed

PAGE: Final = 500
CHUNK: Final = 100
"""members that one search asks for"""
MOST_BY_CHUNKS: Final = 2000
"""members above which all users are listed instead"""
MOST_GUESSED: Final = 5000
"""members of other groups that are looked up to tell whether a group that is not there was renamed"""
MOST_ENTRIES: Final = 1_000_000
_PORTS: Final = {"ldaps": 636, "ldap": 389}
_CERTIFICATE: Final = re.compile(r"certificate verify failed: ([^()']*)", re.IGNORECASE)
_ENTRY, _REFERENCE = "searchResEntry", "searchResRef"

_RESULTS: Final[Mapping[str, str]] = {
    "LDAPInvalidCredentialsResult": "it does not accept the account: there is no such bind DN, or its password is another",
    "LDAPInvalidDNSyntaxResult": "a DN is none that it understands: {message}",
    "LDAPConfidentialityRequiredResult": "it asks for an encrypted connection: use ldaps://",
    "LDAPStrongerAuthRequiredResult": "it asks for an encrypted connection: use ldaps://",
    "LDAPInappropriateAuthenticationResult": "it does not let this account log in with a password: {message}",
    "LDAPSizeLimitExceededResult": "it gives no more entries than its limit for this account: raise the limit, or narrow base and filter",
    "LDAPAdminLimitExceededResult": "it gives no more entries than its limit for this account: raise the limit, or narrow base and filter",
    "LDAPTimeLimitExceededResult": "its own time limit for a search passed",
    "LDAPBusyResult": "it is busy and answers nobody",
    "LDAPUnavailableResult": "it is shutting down",
    "LDAPStartTLSError": "it offers no StartTLS, and nothing is read in the clear: use ldaps://",
    "LDAPInvalidFilterError": "groups_filter is no filter",
}
_FORBIDDEN: Final[Mapping[str, str]] = {
    "LDAPInsufficientAccessRightsResult": "the account has no right to read there",
    "LDAPOperationsErrorResult": "it answers nobody who has not logged in: {message}",
    "LDAPUnwillingToPerformResult": "it refuses: {message}",
}


@dataclass(frozen=True, slots=True)
class _Group:
    """A group as it stands in the directory, members as DNs."""

    name: str
    dn: str
    members: tuple[str, ...]


def read_directory(wanted: DirectoryWanted, access: DirectoryAccess, groups: Sequence[str]) -> DirectoryRead:
    """The directory's groups, with members of those that are asked for. Never raises for what a server does or lacks."""
    where = f"directory {wanted.name} at {_address(wanted.url)[1]}"
    connection = None
    try:
        connection = _connected(wanted, access)
        return LdapReader(connection, wanted, access).read(groups)
    except DirectoryTrouble as trouble:
        return unread(f"{where}: {trouble.reason}", forbidden=trouble.forbidden)
    except (ldap3.core.exceptions.LDAPException, OSError, ValueError, LookupError, TypeError) as error:
        # What its decoder raises on an answer that is not LDAP is none of its own exceptions.
        found = _trouble_of(error, access)
        return unread(f"{where}: {found.reason}", forbidden=found.forbidden)
    finally:
        if connection is not None:
            _close(connection)


# ---- the connection --------------------------------------------------------------------------------------------------------


def _address(url: str) -> tuple[str, str, int]:
    """Scheme, host and port."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, parts.hostname or "", parts.port or _PORTS.get(scheme, 636)


def _connected(wanted: DirectoryWanted, access: DirectoryAccess) -> Any:
    """A connection that is encrypted and logged in."""
    scheme, host, port = _address(wanted.url)
    tls = ldap3.Tls()
    # The library compares names of certificates by itself, and from Python 3.12 on it knows no addresses among them.
    tls.wrap_socket = partial(_wrapped, _context(access), host)
    server = ldap3.Server(
        host,
        port,
        use_ssl=scheme == "ldaps",
        tls=tls,
        get_info=ldap3.NONE,
        connect_timeout=access.timeout_seconds,
        mode=ldap3.IP_SYSTEM_DEFAULT,
    )
    connection = ldap3.Connection(
        server,
        user=access.username or None,
        password=access.password or None,
        authentication=ldap3.SIMPLE if access.username else ldap3.ANONYMOUS,
        auto_bind=ldap3.AUTO_BIND_NONE,
        auto_referrals=False,
        check_names=False,
        client_strategy=ldap3.SYNC,
        raise_exceptions=True,
        read_only=True,
        receive_timeout=access.timeout_seconds,
    )
    connection.open(read_server_info=False)
    if scheme != "ldaps":
        connection.start_tls(read_server_info=False)
    connection.bind(read_server_info=False)
    return connection


def _context(access: DirectoryAccess) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=access.ca_path or None)
    if not access.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _wrapped(context: ssl.SSLContext, host: str, connection: Any, do_handshake: bool = True) -> None:
    """In place of the library's own: TLS on the connection's socket, with the certificate and its name verified by Python."""
    connection.socket = context.wrap_socket(connection.socket, server_hostname=host, do_handshake_on_connect=do_handshake)


def _close(connection: Any) -> None:
    """Ends the connection; one that is broken already has ended."""
    try:
        connection.unbind()
    except (ldap3.core.exceptions.LDAPException, OSError):
        return


# ---- reading ---------------------------------------------------------------------------------------------------------------


class LdapReader:
    """Reads over one connection."""

    def __init__(self, connection: Any, wanted: DirectoryWanted, access: DirectoryAccess) -> None:
        self._connection = connection
        self._wanted = wanted
        self._access = access
        self._end = time.monotonic() + access.total_seconds
        self._references = False

    def read(self, names: Sequence[str]) -> DirectoryRead:
        """See `read_directory`."""
        wanted = self._wanted
        found = self._groups()
        if not found:
            reason = f"no group below {wanted.groups_base} matches {wanted.groups_filter}, or the account has no right to see any"
            raise DirectoryTrouble(reason, forbidden=True)
        if not any(group.members for group in found):
            raise DirectoryTrouble(f"the account sees attribute {wanted.group_members} of none of the {len(found)} groups", forbidden=True)
        sought = {name.casefold() for name in names}
        asked = [group for group in found if group.name.casefold() in sought]
        lacking = sorted(set(names) - {group.name for group in found})
        if lacking and sum(len(group.members) for group in found) <= MOST_GUESSED:
            asked = found
        users = self._users(
            {member for group in asked for member in group.members}, (member for group in found for member in group.members)
        )
        read = [_resolved(group, users, known=group in asked) for group in found]
        if self._references and (lacking or any(group.unresolved for group in read)):
            raise DirectoryTrouble("parts of it are on other servers, to which it refers, and something that is sought is not in this one")
        return merged_groups(read)

    def _groups(self) -> list[_Group]:
        wanted = self._wanted
        found = []
        for entry in self._search(wanted.groups_base, wanted.groups_filter, (wanted.group_name, wanted.group_members)):
            names = _values(entry, wanted.group_name)
            if names:
                found.append(_Group(names[0], str(entry["dn"]), tuple(_values(entry, wanted.group_members))))
        return found

    def _users(self, members: set[str], of_any_group: Iterable[str]) -> Mapping[str, str]:
        """Members by DN to the names that the cluster knows them by; who is no user is left out."""
        wanted = self._wanted
        base = parsed(wanted.users_base)
        if base is None:
            raise DirectoryTrouble(f"users_base {wanted.users_base} is no DN")
        dns = {member: dn for member in members if (dn := parsed(member)) is not None and is_below(dn, base)}
        if not dns:
            if not any(is_below(dn, base) for member in of_any_group if (dn := parsed(member)) is not None):
                raise DirectoryTrouble(f"no member of any of its groups is below users_base {wanted.users_base}")
            return {}
        by_dn = self._listed_users() if len(dns) > MOST_BY_CHUNKS else self._chunked_users(sorted(set(dns.values())))
        found = {member: by_dn[dn] for member, dn in dns.items() if dn in by_dn}
        if not found and not self._sees_a_user():
            reason = f"the account sees nobody with attribute {wanted.user_name} below {wanted.users_base}"
            raise DirectoryTrouble(reason, forbidden=True)
        return found

    def _sees_a_user(self) -> bool:
        return any(True for _user in self._named_users(f"({self._wanted.user_name}=*)"))

    def _listed_users(self) -> dict[Dn, str]:
        return dict(self._named_users(f"({self._wanted.user_name}=*)"))

    def _chunked_users(self, dns: Sequence[Dn]) -> dict[Dn, str]:
        """Users by the first part of their DNs, which each entry has among its attributes."""
        found: dict[Dn, str] = {}
        for begin in range(0, len(dns), CHUNK):
            parts = sorted({first_part(dn) for dn in dns[begin : begin + CHUNK]})
            either = "".join(f"({kind}={ldap3.utils.conv.escape_filter_chars(value)})" for kind, value in parts)
            found.update(self._named_users(f"(|{either})"))
        return found

    def _named_users(self, search_filter: str) -> Iterator[tuple[Dn, str]]:
        attribute = self._wanted.user_name
        for entry in self._search(self._wanted.users_base, search_filter, (attribute,)):
            names, dn = _values(entry, attribute), parsed(str(entry["dn"]))
            if names and dn is not None:
                yield dn, names[0]

    def _search(self, base: str, search_filter: str, attributes: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """Entries below a base, page by page."""
        entries = self._connection.extend.standard.paged_search(
            base,
            search_filter,
            search_scope=ldap3.SUBTREE,
            dereference_aliases=ldap3.DEREF_NEVER,
            attributes=list(dict.fromkeys(attributes)),
            paged_size=PAGE,
            generator=True,
        )
        number = 0
        try:
            for entry in entries:
                number += 1
                if number > MOST_ENTRIES or time.monotonic() > self._end:
                    raise DirectoryTrouble(f"the search below {base} did not end within {self._access.total_seconds:g} s")
                if entry.get("type") == _ENTRY:
                    yield entry
                elif entry.get("type") == _REFERENCE:
                    self._references = True
        except ldap3.core.exceptions.LDAPNoSuchObjectResult:
            raise DirectoryTrouble(f"there is nothing at {base}, or the account has no right to see it", forbidden=True) from None
        except ldap3.core.exceptions.LDAPReferralResult:
            raise DirectoryTrouble(f"{base} is on another server, to which it refers: name that one, referrals are not followed") from None


def _values(entry: Mapping[str, Any], attribute: str) -> list[str]:
    """Values of an attribute, whose name may come in another case."""
    for name, values in entry.get("attributes", {}).items():
        if name.casefold() == attribute.casefold():
            several = values if isinstance(values, list) else [values]
            return [value for value in several if isinstance(value, str) and value]
    return []


def _resolved(group: _Group, users: Mapping[str, str], *, known: bool) -> DirectoryGroup:
    if not known:
        return DirectoryGroup(group.name, uid=group.dn, members_known=False)
    members = tuple(sorted({users[member] for member in group.members if member in users}))
    return DirectoryGroup(group.name, members, group.dn, tuple(sorted(member for member in group.members if member not in users)))


# ---- troubles in words -----------------------------------------------------------------------------------------------------


def _trouble_of(error: BaseException, access: DirectoryAccess) -> DirectoryTrouble:
    """What an error of the library means. Its own text holds addresses and certificates, so that only what is known is taken from it."""
    if certificate := _of_the_certificate(str(error).lower()):
        return DirectoryTrouble(certificate)
    name = type(error).__name__
    said = access.hidden(str(getattr(error, "message", "") or ""))
    for words, forbidden in ((_RESULTS, False), (_FORBIDDEN, True)):
        if name in words:
            return DirectoryTrouble(words[name].format(message=said or "it does not say why"), forbidden=forbidden)
    if description := getattr(error, "description", ""):
        return DirectoryTrouble(f"it answers {description}{f': {said}' if said else ''}")
    return DirectoryTrouble(_of_the_network(str(error).lower(), access))


def _of_the_certificate(text: str) -> str:
    found = _CERTIFICATE.search(text)
    if not found:
        return ""
    if "mismatch" in found[1]:
        return "its certificate is for another name than that of the url"
    return f"its certificate is not trusted: {' '.join(found[1].split())}; give the authority's certificate as ca_path"


def _of_the_network(text: str, access: DirectoryAccess) -> str:
    for words, reason in _NETWORK.items():
        if any(word in text for word in words):
            return reason.format(seconds=access.timeout_seconds)
    return "the connection was lost, or what answers there is no LDAP server"


_NETWORK: Final[Mapping[tuple[str, ...], str]] = {
    ("refused",): "nothing listens there (connection refused)",
    ("timed out", "timeout", "temporarily unavailable"): "no answer within {seconds} s",
    ("name or service not known", "invalid server address", "getaddrinfo", "name resolution", "no address"): "its name cannot be resolved",
    ("no route", "unreachable"): "there is no way to it through the network",
    ("wrong version number", "wrong_version_number", "record layer", "http request"): "it does not speak TLS at this port",
    ("no such file", "no certificate or crl found", "pem lib"): "the file of ca_path holds no certificate in PEM form",
}
