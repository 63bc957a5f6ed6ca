# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping `cluster` of users: every fault is named, and no value that may be a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import (
    ClusterArguments,
    ClusterSettings,
    cluster_environment_secrets,
    cluster_secrets,
)

from tests.unit.adapters.cluster.fake_api import CANARY

HOST = "https://api.target.example.com:6443"


def checked(value: object, base_dir: Path = Path()) -> tuple[ClusterSettings | None, list[str]]:
    arguments = ClusterArguments("readiness_cluster", base_dir)
    settings = arguments.settings(value)
    return settings, [problem.message for problem in arguments.problems]


@pytest.mark.parametrize("value", [None, "", {}])
def test_nothing_given_leaves_it_to_the_environment(value: object) -> None:
    assert checked(value) == (ClusterSettings(), [])


def test_every_option_comes_through_by_its_first_name(tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).touch()
    given = {
        "host": HOST,
        "api_key": CANARY,
        "verify_ssl": "no",
        "ssl_ca_cert": "ca.pem",
        "cert_file": "cert.pem",
        "client_key": "key.pem",
        "proxy": "http://proxy.example.com:3128",
        "proxy_headers": {"user_agent": "x"},
        "impersonate_user": "auditor",
        "impersonate_groups": ["one"],
        "page_size": "50",
        "deadline_minutes": 5,
        "request_timeout_seconds": 10,
    }
    settings, problems = checked(given, tmp_path)
    assert problems == []
    assert settings is not None
    assert (settings.page_size, settings.deadline_minutes, settings.request_timeout_seconds) == (50, 5, 10)
    assert settings.options["validate_certs"] is False
    assert settings.options["ca_cert"] == str(tmp_path / "ca.pem")
    assert settings.options.keys() == {"host", "api_key", "validate_certs", "ca_cert", "client_cert", "client_key"} | {
        *("proxy", "proxy_headers", "impersonate_user", "impersonate_groups")
    }
    assert CANARY not in repr(settings)


def test_paths_of_kubeconfigs_are_taken_from_the_base_folder(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "b").touch()
    settings, _problems = checked({"kubeconfig": "a:b"}, tmp_path)
    assert settings is not None
    assert settings.options["kubeconfig"] == f"{tmp_path}/a:{tmp_path}/b"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["x"], "readiness_cluster is a list, not a mapping"),
        ({"hots": HOST}, "readiness_cluster.hots is not known"),
        ({"kubeconfig": "none.yml"}, "readiness_cluster.kubeconfig names none.yml, which is no file"),
        ({"kubeconfig": 7}, "readiness_cluster.kubeconfig is a number, not a path"),
        ({"host": HOST}, "readiness_cluster.host is given without an account"),
        ({"host": "api.example.com", "api_key": CANARY}, "readiness_cluster.host is not the address of a server"),
        ({"host": "https://a:70000", "api_key": CANARY}, "readiness_cluster.host is not the address of a server"),
        ({"host": f"https://u:{CANARY}@a", "api_key": "x"}, "readiness_cluster.host holds a user name or password"),
        ({"host": f"{HOST}?x=1", "api_key": CANARY}, "readiness_cluster.host holds more than an address"),
        ({"api_key": [CANARY]}, "readiness_cluster.api_key is not a text of one line"),
        ({"api_key": f"{CANARY}\nx"}, "readiness_cluster.api_key is not a text of one line"),
        ({"validate_certs": "perhaps"}, "readiness_cluster.validate_certs is not true or false"),
        (
            {"verify_ssl": False, "validate_certs": False},
            "readiness_cluster.verify_ssl is another name of validate_certs, and both are given",
        ),
        ({"ca_cert": "none.pem"}, "readiness_cluster.ca_cert names none.pem, which is no file"),
        ({"page_size": 0}, "readiness_cluster.page_size is not a number from 1 to 5000"),
        ({"page_size": True}, "readiness_cluster.page_size is not a number from 1 to 5000"),
        ({"impersonate_groups": ["one"]}, "readiness_cluster.impersonate_groups is given without impersonate_user"),
        ({"impersonate_groups": [1]}, "readiness_cluster.impersonate_groups is not a list of names"),
        ({"proxy_headers": CANARY}, "readiness_cluster.proxy_headers is a text, not a mapping"),
        ({"proxy_headers": {"basic_auth": 7}}, "readiness_cluster.proxy_headers.basic_auth is not a text"),
    ],
)
def test_a_fault_is_named_without_its_value(value: object, message: str) -> None:
    settings, problems = checked(value)
    assert settings is None
    assert message in problems
    assert CANARY not in "".join(problems)


def test_all_faults_are_listed() -> None:
    _settings, problems = checked({"host": "x", "page_size": "many", "validate_certs": 3, "tokn": 1})
    assert len(problems) == 5


def test_an_account_from_the_environment_goes_with_a_given_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K8S_AUTH_API_KEY", CANARY)
    settings, problems = checked({"host": HOST})
    assert problems == []
    assert settings is not None
    assert CANARY in settings.secrets()


@pytest.mark.parametrize(
    "value",
    [
        {"api_key": CANARY},
        {"password": CANARY},
        {"kubeconfig": {"users": [{"user": {"token": CANARY}}]}},
        {"kubeconfig": {"users": [{"user": {"client-key-data": CANARY}}]}},
        {"proxy": f"http://reader:{CANARY}@proxy:3128"},
        {"proxy_headers": {"proxy_basic_auth": CANARY}},
    ],
)
def test_secrets_are_found_wherever_they_stand(value: dict[str, Any]) -> None:
    assert list(cluster_secrets(value)) == [CANARY]


def test_what_is_no_secret_stays_visible() -> None:
    assert list(cluster_secrets({"kubeconfig": {"apiVersion": "v1", "current-context": "a"}, "host": HOST, "client_key": "key.pem"})) == []


@pytest.mark.parametrize("name", ["K8S_AUTH_API_KEY", "K8S_AUTH_PASSWORD", "K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH"])
def test_secrets_of_the_environment_are_found(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, CANARY)
    assert list(cluster_environment_secrets()) == [CANARY]
