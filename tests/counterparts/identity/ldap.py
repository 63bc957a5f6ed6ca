# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An LDAP server with people and groups, on ports of its own."""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.counterparts.build import Say, quiet
from tests.counterparts.cluster.certificates import make_certificates
from tests.counterparts.cluster.client import ClusterError, wait_until
from tests.counterparts.cluster.commands import HOST, free_ports
from tests.counterparts.identity.packages import LdapPrograms, ldap_programs
from tests.counterparts.identity.web import IdentityError
from tests.counterparts.olm.site import Running
from tests.counterparts.vcenter import write_secret

BASE = "dc=example,dc=com"
SCHEMAS = ("core", "cosine", "inetorgperson")
NOBODY = f"cn=nobody,{BASE}"
"""stands in a group without members, as its schema asks for one; no such entry exists"""
START_SECONDS = 60.0
TOOL_SECONDS = 60.0
ATTEMPTS = 3
TAKEN = "Address already in use"
# It sizes its tables by the number of files that it may open, which can be a billion.
OPEN_FILES = 1024
SPECIAL = re.compile(r'[,+"\\<>;=#]')
CONFIG = """\
{includes}
modulepath {modules}
moduleload back_mdb
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
TLSCACertificateFile {ca}
TLSCertificateFile {serving}
TLSCertificateKeyFile {serving_key}
disallow bind_anon
require authc
sizelimit size.soft={limit} size.hard={limit} size.prtotal=unlimited
database mdb
suffix "{base}"
directory {folder}/data
maxsize 268435456
dbnosync
rootdn "{owner}"
rootpw {secret}
index objectClass,cn,uid,member,entryUUID eq
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
"""

Entry = Mapping[str, Sequence[str]]
"""attribute to its values"""


@dataclass(frozen=True)
class Directory:
    """A running LDAP server. Groups are groupOfNames, users inetOrgPerson; names are `cn` of groups and `uid` of users."""

    folder: Path
    """its certificate, data and log; goes with it"""
    port: int
    ldaps_port: int
    secret: str = field(repr=False)
    """the password of bind_dn"""
    programs: LdapPrograms
    process: Running
    _owner_secret: str = field(repr=False)
    base: str = BASE

    @property
    def url(self) -> str:
        """Without TLS, and with StartTLS for who asks for it."""
        return f"ldap://{HOST}:{self.port}"

    @property
    def ldaps_url(self) -> str:
        """With TLS."""
        return f"ldaps://{HOST}:{self.ldaps_port}"

    @property
    def ca_path(self) -> Path:
        """The certificate that its certificate is verified with."""
        return self.folder / "ca.pem"

    @property
    def bind_dn(self) -> str:
        """Who may read everything but passwords, and change nothing."""
        return f"cn=reader,{self.base}"

    @property
    def owner_dn(self) -> str:
        """Who may change everything."""
        return _owner(self.base)

    @property
    def users_base(self) -> str:
        """Where the users are."""
        return f"ou=users,{self.base}"

    @property
    def groups_base(self) -> str:
        """Where the groups are."""
        return f"ou=groups,{self.base}"

    @property
    def pid(self) -> int:
        """The server's process id."""
        if not self.process.process:
            raise IdentityError("slapd does not run")
        return self.process.process.pid

    def user_dn(self, name: str) -> str:
        """The DN of a user."""
        return f"uid={escaped(name)},{self.users_base}"

    def group_dn(self, name: str) -> str:
        """The DN of a group."""
        return f"cn={escaped(name)},{self.groups_base}"

    def add_user(self, name: str) -> None:
        """Makes a user."""
        self.change(record(self.user_dn(name), _user(name)))

    def add_group(self, name: str, members: Sequence[str] = ()) -> None:
        """Makes a group of these users; without any, NOBODY is its member."""
        self.change(record(self.group_dn(name), _group(name, [self.user_dn(each) for each in members])))

    def members(self, name: str) -> list[str]:
        """Names of a group's members, sorted; a member that is no user stands with its DN."""
        found = self.search("(objectClass=groupOfNames)", self.group_dn(name), scope="base")
        if not found:
            raise IdentityError(f"the directory has no group {name}")
        users = {_folded(dn): values["uid"][0] for dn, values in self.search("(uid=*)", self.users_base).items()}
        group = found[min(found)]
        return sorted(users.get(_folded(dn), dn) for dn in group.get("member", ()) if _folded(dn) != _folded(NOBODY))

    def join(self, user: str, group: str) -> None:
        """Makes a user a member."""
        how = "add" if self.members(group) else "replace"
        self.change(_modify(self.group_dn(group), how, self.user_dn(user)))

    def leave(self, user: str, group: str) -> None:
        """Ends a user's membership; the last one leaves NOBODY behind."""
        if self.members(group) == [user]:
            self.change(_modify(self.group_dn(group), "replace", NOBODY))
        else:
            self.change(_modify(self.group_dn(group), "delete", self.user_dn(user)))

    def rename_group(self, name: str, to: str) -> None:
        """Gives a group another name: its entryUUID and its members stay."""
        self.change(_rename(self.group_dn(name), f"cn={escaped(to)}"))

    def rename_user(self, name: str, to: str) -> None:
        """Gives a user another name; groups go on naming the former one, as in any directory that does not mend them."""
        self.change(_rename(self.user_dn(name), f"uid={escaped(to)}"))

    def remove_user(self, name: str) -> None:
        """Lets a user go; groups go on naming it."""
        self.remove(self.user_dn(name))

    def remove_group(self, name: str) -> None:
        """Lets a group go."""
        self.remove(self.group_dn(name))

    def remove(self, dn: str) -> None:
        """Lets an entry go."""
        self.change(f"{_line('dn', dn)}\nchangetype: delete\n")

    def change(self, ldif: str) -> None:
        """Changes whatever these LDIF records say, as the owner."""
        self._tool("ldapmodify", "-a", "-D", self.owner_dn, "-y", str(self.folder / "owner.secret"), text=ldif)

    def search(self, filter_: str, below: str = "", *, scope: str = "sub", attributes: Sequence[str] = ("*", "+")) -> dict[str, Entry]:
        """Entries by DN, as the owner sees them, over LDAPS."""
        where = ["-b", below or self.base, "-s", scope, "-E", "!pr=400/noprompt"]
        login = ["-D", self.owner_dn, "-y", str(self.folder / "owner.secret")]
        return entries(self._tool("ldapsearch", "-LLL", "-o", "ldif-wrap=no", *login, *where, filter_, *attributes, absent_is_fine=True))

    def _tool(self, name: str, *arguments: str, text: str = "", absent_is_fine: bool = False) -> str:
        done = self.run_tool(name, "-H", self.ldaps_url, "-x", *arguments, text=text, ca_path=self.ca_path)
        # 32 is noSuchObject.
        if done.returncode == 0 or (absent_is_fine and done.returncode == 32):
            return done.stdout
        raise IdentityError(f"{name}: {done.stderr.strip()}")

    def run_tool(
        self, name: str, *arguments: str, text: str = "", ca_path: Path | None = None, seconds: float = TOOL_SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Any command of the package, whatever comes of it; without `ca_path` no certificate is trusted.

        TimeoutExpired when it has not ended by then.
        """
        trusted = {"LDAPTLS_CACERT": str(ca_path)} if ca_path else {}
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), **trusted, **self.programs.environment()}
        command = [str(self.programs.tool(name)), *arguments]
        return subprocess.run(command, input=text, env=environment, capture_output=True, text=True, check=False, timeout=seconds)

    def stop(self) -> None:
        """Ends the server at once; its data stay."""
        self.process.kill()

    def start(self) -> None:
        """Starts it again, on the same ports."""
        self.process.start()
        wait_until("slapd listens", self._listens, START_SECONDS)

    def _listens(self) -> bool:
        self.process.check()
        for port in (self.port, self.ldaps_port):
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) != 0:
                    return False
        return True


def escaped(name: str) -> str:
    """A name as RFC 4514 has it in a DN."""
    made = SPECIAL.sub(lambda found: f"\\{ord(found[0]):02x}", name)
    if made.startswith(" "):
        made = f"\\20{made[1:]}"
    return f"{made[:-1]}\\20" if made.endswith(" ") else made


def _folded(dn: str) -> str:
    """A DN for comparison: the server gives back other escapes than it was given."""
    plain = re.sub(r"\\([0-9A-Fa-f]{2})", lambda found: f"\\{chr(int(found[1], 16))}", dn)
    return plain.casefold()


def _owner(base: str) -> str:
    return f"cn=admin,{base}"


def _line(name: str, value: str) -> str:
    """One line of LDIF, encoded so that any text may stand in it."""
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"


def record(dn: str, entry: Entry) -> str:
    """An entry as LDIF."""
    lines = [_line("dn", dn), *(_line(name, value) for name, values in entry.items() for value in values)]
    return "\n".join(lines) + "\n\n"


def _modify(dn: str, how: str, member: str) -> str:
    return f"{_line('dn', dn)}\nchangetype: modify\n{how}: member\n{_line('member', member)}\n"


def _rename(dn: str, to: str) -> str:
    return f"{_line('dn', dn)}\nchangetype: modrdn\n{_line('newrdn', to)}\ndeleteoldrdn: 1\n"


def entries(ldif: str) -> dict[str, Entry]:
    """Entries of unwrapped LDIF, by DN; attributes' names as the server writes them."""
    found: dict[str, Entry] = {}
    for block in ldif.split("\n\n"):
        values: dict[str, list[str]] = {}
        for line in block.splitlines():
            name, _colon, rest = line.partition(":")
            if not name or name.startswith("#"):
                continue
            value = base64.b64decode(rest[1:].strip()).decode(errors="replace") if rest.startswith(":") else rest.strip()
            values.setdefault(name, []).append(value)
        if "dn" in values:
            found[values.pop("dn")[0]] = values
    return found


def _user(name: str) -> Entry:
    return {"objectClass": ["inetOrgPerson"], "uid": [name], "cn": [name], "sn": [name], "mail": [f"{name}@example.com"]}


def _group(name: str, members: Sequence[str]) -> Entry:
    return {"objectClass": ["groupOfNames"], "cn": [name], "member": list(members) or [NOBODY]}


@contextmanager
def directory(
    *, users: Sequence[str] = (), groups: Mapping[str, Sequence[str]] | None = None, size_limit: int = 500, say: Say = quiet
) -> Iterator[Directory]:
    """Runs an LDAP server for as long as the block lasts.

    Members of `groups` that `users` does not name are made as well. No search gives more than `size_limit` entries at once,
    as the server has it by default; who asks for pages of no more than that gets all.
    """
    wanted = dict(groups or {})
    people = sorted({*users, *(member for members in wanted.values() for member in members)})
    programs = ldap_programs(say)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="slapd-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        found = _lay_out(folder, programs, people, wanted, size_limit)
        stack.callback(found.stop)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                found.start()
                break
            except ClusterError as error:
                found.stop()
                if attempt == ATTEMPTS or TAKEN not in str(error):
                    raise IdentityError(str(error)) from error
                found = _on_ports(folder, programs, found.secret, found._owner_secret)
        yield found


def _lay_out(folder: Path, programs: LdapPrograms, people: Sequence[str], groups: Mapping[str, Sequence[str]], limit: int) -> Directory:
    """Writes the server's configuration and its first entries."""
    files = make_certificates(folder)
    secret, owner_secret = secrets.token_hex(16), secrets.token_hex(16)
    found = _on_ports(folder, programs, secret, owner_secret)
    write_secret(folder / "owner.secret", owner_secret)
    write_secret(folder / "reader.secret", secret)
    (folder / "data").mkdir()
    config = CONFIG.format(
        includes="\n".join(f"include {programs.schemas / each}.schema" for each in SCHEMAS),
        modules=programs.modules,
        folder=folder,
        ca=files.ca,
        serving=files.serving,
        serving_key=files.serving_key,
        limit=limit,
        base=BASE,
        owner=_owner(BASE),
        secret=owner_secret,
    )
    write_secret(folder / "slapd.conf", config)
    first = record(BASE, {"objectClass": ["dcObject", "organization"], "dc": ["example"], "o": ["example"]})
    for unit in ("users", "groups"):
        first += record(f"ou={unit},{BASE}", {"objectClass": ["organizationalUnit"], "ou": [unit]})
    account = ["organizationalRole", "simpleSecurityObject"]
    first += record(found.bind_dn, {"objectClass": account, "cn": ["reader"], "userPassword": [secret]})
    first += "".join(record(found.user_dn(name), _user(name)) for name in people)
    first += "".join(record(found.group_dn(name), _group(name, [found.user_dn(each) for each in names])) for name, names in groups.items())
    command = [str(programs.slapd), "-T", "add", "-q", "-f", str(folder / "slapd.conf")]
    environment = {"PATH": os.environ.get("PATH", os.defpath), **programs.environment()}
    done = subprocess.run(command, input=first, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise IdentityError(f"slapadd: {done.stderr.strip()}")
    return found


def _on_ports(folder: Path, programs: LdapPrograms, secret: str, owner_secret: str) -> Directory:
    """The server as it will run, on free ports."""
    port, ldaps_port = free_ports(2)
    urls = f"ldap://{HOST}:{port} ldaps://{HOST}:{ldaps_port}"
    # In the foreground, with its first words on its standard error.
    script = f'ulimit -n {OPEN_FILES}; exec "$0" -d none -f "$1" -h "$2"'
    command = ["/bin/sh", "-c", script, str(programs.slapd), str(folder / "slapd.conf"), urls]
    return Directory(folder, port, ldaps_port, secret, programs, Running("slapd", command, folder, programs.environment()), owner_secret)
