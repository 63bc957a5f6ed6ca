# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identity counterparts are fetched once, and only as they were pinned; the parts of them that need no server."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.counterparts import build
from tests.counterparts.build import BuildError
from tests.counterparts.cluster.commands import Oidc
from tests.counterparts.identity import Keycloak, OidcClient, Realm, distribution, fetching, packages
from tests.counterparts.identity.distribution import Distribution
from tests.counterparts.identity.fetching import CENTRAL, VARIABLE, MavenFile, maven_file, repository
from tests.counterparts.identity.ldap import entries, escaped, record
from tests.counterparts.identity.packages import LdapPrograms, ldap_programs
from tests.counterparts.identity.realm import representation

CHECKOUT = Path(__file__).resolve().parents[3]
CONTENT = b"what was released"
JAVA = """#!/bin/sh
echo 'openjdk version "{version}" 2026-01-20' >&2
"""
APT = """#!/bin/sh
echo "apt-get $*" >> {log}
case "$1" in
install) echo "Inst libwrap0 (7.6 Debian)"; echo "Inst perl (5.36 Debian)"; echo "Inst slapd (2.5 Debian)";;
download) {download}; shift 2; for name; do echo "$name" > "$name.deb"; done;;
esac
"""
UNPACK = """#!/bin/sh
mkdir -p "$3/usr/sbin" "$3/usr/bin" "$3/usr/lib/somewhere"
for program in sbin/slapd bin/ldapsearch; do printf '#!/bin/sh\\necho OpenLDAP\\n' > "$3/usr/$program"; chmod +x "$3/usr/$program"; done
touch "$3/usr/lib/somewhere/libwrap.so.0"
"""


@pytest.fixture(autouse=True)
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a cache of their own, and a folder of programs that come before all others."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    for name in ("JAVA_HOME", VARIABLE):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def program(away: Path, name: str, text: str) -> Path:
    path = away / "bin" / name
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def released(away: Path, monkeypatch: pytest.MonkeyPatch) -> MavenFile:
    """A file in a repository that lies on this machine."""
    wanted = MavenFile("org.example", "toy", "1.2", "zip", hashlib.sha256(CONTENT).hexdigest())
    place = away / "repository" / "org" / "example" / "toy" / "1.2" / "toy-1.2.zip"
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    monkeypatch.setenv(VARIABLE, (away / "repository").as_uri() + "/")
    return wanted


def test_a_file_is_fetched_once_and_found_again_without_a_repository(released: MavenFile, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    kept = maven_file(released, said.append)
    assert kept.read_bytes() == CONTENT
    monkeypatch.setenv(VARIABLE, "file:///nowhere")
    assert maven_file(released, said.append) == kept
    assert len(said) == 1


def test_a_file_that_is_not_what_was_pinned_is_not_kept(released: MavenFile) -> None:
    with pytest.raises(BuildError, match="is pinned: it is not used"):
        maven_file(replace(released, sha256="0" * 64))
    assert not list(build.cache_dir().glob("*.zip*"))


def test_a_repository_without_the_file_is_named_with_the_way_to_another(released: MavenFile) -> None:
    with pytest.raises(BuildError, match=rf"toy-1\.3\.zip could not be fetched from file:.*{VARIABLE}"):
        maven_file(replace(released, version="1.3"))


@pytest.mark.parametrize(
    ("of", "url"),
    [
        ("central", "https://maven.example.com/all"),
        ("*,!snapshots", "https://maven.example.com/all"),
        ("*, !central", CENTRAL),
        ("releases", CENTRAL),
    ],
)
def test_a_mirror_of_mavens_settings_stands_for_central(away: Path, of: str, url: str) -> None:
    settings = away / "home" / ".m2" / "settings.xml"
    settings.parent.mkdir()
    mirror = f"<mirror><id>all</id><mirrorOf>{of}</mirrorOf><url>https://maven.example.com/all/</url></mirror>"
    settings.write_text(f'<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0"><mirrors>{mirror}</mirrors></settings>')
    assert repository() == url


def test_settings_that_cannot_be_read_are_named(away: Path) -> None:
    settings = away / "home" / ".m2" / "settings.xml"
    settings.parent.mkdir()
    settings.write_text("<settings>")
    with pytest.raises(BuildError, match=r"settings\.xml cannot be read"):
        repository()


def test_without_settings_maven_central_is_asked() -> None:
    assert repository() == CENTRAL
    assert fetching.CENTRAL.startswith("https://")


@pytest.mark.parametrize("version", ["17.0.15", "21", "25.0.1"])
def test_a_java_that_is_new_enough_is_taken(away: Path, version: str) -> None:
    expected = program(away, "java", JAVA.format(version=version))
    assert distribution.java() == expected


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_402"])
def test_a_java_that_is_too_old_is_named_with_what_is_needed(away: Path, version: str) -> None:
    program(away, "java", JAVA.format(version=version))
    with pytest.raises(BuildError, match=rf"needs Java 17 or newer, but .*{version}.*apt-get install openjdk-17"):
        distribution.distribution()
    assert not build.cache_dir().exists()


def test_without_java_nothing_is_fetched(away: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(away / "bin"))
    with pytest.raises(BuildError, match="needs Java 17 or newer, but there is no java in PATH"):
        distribution.distribution()
    monkeypatch.setenv("JAVA_HOME", str(away / "no-jdk"))
    with pytest.raises(BuildError, match="cannot be run"):
        distribution.distribution()
    assert not build.cache_dir().exists()


def test_a_keycloak_whose_build_fails_leaves_nothing_and_says_why(away: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = program(away, "java", JAVA.format(version="17") + 'case "$*" in *build*) echo no memory; exit 1;; esac\n')
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("keycloak-1/version.txt", "1")
    place = away / "repository" / "org" / "example" / "toy" / "1" / "toy-1.zip"
    place.parent.mkdir(parents=True)
    place.write_bytes(packed.getvalue())
    wanted = MavenFile("org.example", "toy", "1", "zip", hashlib.sha256(packed.getvalue()).hexdigest())
    monkeypatch.setattr(distribution, "DISTRIBUTION", wanted)
    monkeypatch.setenv(VARIABLE, (away / "repository").as_uri())
    with pytest.raises(BuildError, match=r"building Keycloak failed:\nno memory"):
        distribution.distribution()
    assert java.exists()
    assert not list(build.cache_dir().glob("keycloak-*"))


def test_a_server_has_a_database_of_its_own_and_everything_else_from_the_cache(tmp_path: Path) -> None:
    cached, folder = tmp_path / "cached", tmp_path / "server"
    for each in (cached / "seed" / "h2", cached / "lib", folder):
        each.mkdir(parents=True)
    (cached / "seed" / "h2" / "keycloakdb.mv.db").write_text("tables")
    made = Distribution(Path("/usr/bin/java"), cached)
    home = made.lay_out(folder)
    assert (home / "lib").resolve() == cached / "lib"
    (home / "data" / "h2" / "keycloakdb.mv.db").write_text("changed")
    assert (cached / "seed" / "h2" / "keycloakdb.mv.db").read_text() == "tables"
    command = made.command(home, "start", "--optimized")
    assert (command[0], f"-Dkc.home.dir={home}" in command, command[-2:]) == ("/usr/bin/java", True, ["start", "--optimized"])


def test_packages_are_unpacked_once_with_the_libraries_that_are_lacking(away: Path) -> None:
    log = away / "asked"
    program(away, "apt-get", APT.format(log=log, download=":"))
    program(away, "dpkg-deb", UNPACK)
    found = ldap_programs()
    assert ldap_programs() == found
    asked = log.read_text().splitlines()
    assert [line.split()[1] for line in asked] == ["install", "download"]
    assert asked[1].endswith(" ldap-utils libwrap0 slapd")
    assert found.environment() == {"LD_LIBRARY_PATH": str(found.root / "usr" / "lib" / "somewhere")}
    assert found.check() == ""
    assert not (build.cache_dir() / "slapd.unfinished").exists()


@pytest.mark.parametrize(
    ("user", "asked"), [(0, ["install", "download", "update", "install", "download"]), (1000, ["install", "download"])]
)
def test_root_alone_gets_new_lists_when_the_packages_cannot_be_had(
    away: Path, monkeypatch: pytest.MonkeyPatch, user: int, asked: list[str]
) -> None:
    log = away / "asked"
    program(away, "apt-get", APT.format(log=log, download="echo 404 Not Found >&2; exit 100"))
    program(away, "dpkg-deb", UNPACK)
    monkeypatch.setattr(packages.os, "geteuid", lambda: user)
    monkeypatch.setattr(packages.LdapPrograms, "check", lambda self: "not there")
    with pytest.raises(BuildError, match=r"slapd and ldap-utils: they could not be fetched here \(apt-get download: 404 Not Found"):
        ldap_programs()
    assert [line.split()[1] for line in log.read_text().splitlines()] == asked
    assert not list(build.cache_dir().glob("slapd-*"))


def test_a_system_without_debians_tools_uses_what_is_installed(away: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(away / "bin"))
    monkeypatch.setattr(packages.LdapPrograms, "check", lambda self: "")
    found = ldap_programs()
    assert (found.slapd, found.environment()) == (Path("/usr/sbin/slapd"), {})


def test_programs_that_cannot_be_run_say_why(tmp_path: Path) -> None:
    assert "slapd" in LdapPrograms(tmp_path).check()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("anna", "anna"), ("Smith, Anna", "Smith\\2c Anna"), (" a#b ", "\\20a\\23b\\20"), ('"x"+\\', "\\22x\\22\\2b\\5c"), ("Jörg", "Jörg")],
)
def test_a_name_is_escaped_in_a_dn(name: str, expected: str) -> None:
    assert escaped(name) == expected


def test_an_entry_is_read_back_from_ldif_as_it_was_written() -> None:
    entry = {"cn": ["Jörg: der Große ", ""], "member": ["uid=a,dc=example", "uid=b,dc=example"]}
    ldif = record("cn=Jörg,dc=example", entry)
    assert ldif.isascii()
    assert entries("# a comment\n" + ldif + "dn: dc=example\ndc: example\n") == {
        "cn=Jörg,dc=example": entry,
        "dc=example": {"dc": ["example"]},
    }


def test_groups_of_a_realm_become_a_tree_with_those_of_its_users() -> None:
    wanted = Realm({"anna": ("a/b", "c")}, groups=("a/d/e",), clients=(OidcClient("one", 7, ("two",)),))
    realm = Keycloak("https://127.0.0.1:1", "toy", Path("ca.pem"), wanted, lambda method, path, body: None)
    made = representation(realm)
    b, d = {"name": "b", "subGroups": []}, {"name": "d", "subGroups": [{"name": "e", "subGroups": []}]}
    assert made["groups"] == [{"name": "a", "subGroups": [b, d]}, {"name": "c", "subGroups": []}]
    assert [(each["username"], each["groups"]) for each in made["users"]] == [("anna", ["/a/b", "/c"]), ("group-reader", [])]
    (client,) = made["clients"]
    assert (client["clientId"], client["attributes"], client["secret"]) == ("one", {"access.token.lifespan": "7"}, realm.secret_of("one"))
    assert realm.issuer == "https://127.0.0.1:1/realms/toy"


def test_passwords_of_a_realm_differ_and_are_not_shown() -> None:
    realm = Keycloak("https://127.0.0.1:1", "toy", Path("ca.pem"), Realm(), lambda method, path, body: None)
    assert realm.secret_of("anna") != realm.secret_of("ben")
    assert realm.secret_of("anna") == realm.secret_of("anna")
    assert realm.secret_of("anna") not in repr(realm)


def test_the_api_server_is_told_of_an_issuer_with_its_prefixes(tmp_path: Path) -> None:
    ca_path = tmp_path / "ca.pem"
    ca_path.write_text("PEM")
    oidc = Oidc("https://127.0.0.1:1/realms/toy", ca_path, "openshift", username_prefix="oidc:", groups_prefix="sso-")
    assert json.loads(json.dumps(oidc.configuration())) == {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "AuthenticationConfiguration",
        "jwt": [
            {
                "issuer": {"url": oidc.issuer, "audiences": ["openshift"], "certificateAuthority": "PEM"},
                "claimMappings": {
                    "username": {"claim": "preferred_username", "prefix": "oidc:"},
                    "groups": {"claim": "groups", "prefix": "sso-"},
                },
            }
        ],
    }


@pytest.mark.parametrize(("seconds", "code", "stays"), [("600", 0, False), ("0", 1, True)])
def test_a_kept_process_ends_with_its_last_user_and_leaves_its_log_where_it_ended_by_itself(
    tmp_path: Path, seconds: str, code: int, stays: bool
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    command = [
        sys.executable,
        "-m",
        "tests.counterparts.identity.keeper",
        str(folder),
        str(tmp_path / "lock"),
        str(reader),
        "sleep",
        seconds,
    ]
    keeper = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, pass_fds=(reader,))
    os.close(reader)
    assert keeper.stdout
    assert int(keeper.stdout.readline()) > 0
    if seconds == "600":
        assert keeper.poll() is None
        os.close(writer)
    assert keeper.wait(20) == code
    keeper.stdout.close()
    if seconds == "0":
        os.close(writer)
    assert folder.exists() == stays
