# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each program of the cluster is called."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.counterparts.cluster.audit import POLICY
from tests.counterparts.cluster.certificates import Certificates
from tests.counterparts.cluster.plan import Program
from tests.counterparts.cluster.programs import Programs

HOST = "127.0.0.1"
SERVICES = "10.96.0.0/16"
STAGES = tuple(sorted((Path(__file__).parent / "stages").glob("*.yaml")))
NODE_LEASE_SECONDS = 40
HASTE = ("--kube-api-qps=200", "--kube-api-burst=400")


@dataclass(frozen=True, slots=True)
class Oidc:
    """An issuer whose ID tokens log users in, besides the tokens of the file."""

    issuer: str
    """its URL, as the tokens have it"""
    ca_path: Path
    """the certificate that its certificate is verified with"""
    audience: str
    username_claim: str = "preferred_username"
    username_prefix: str = ""
    groups_claim: str = "groups"
    groups_prefix: str = ""

    def configuration(self) -> Mapping[str, object]:
        """What the API server is told."""
        issuer = {"url": self.issuer, "audiences": [self.audience], "certificateAuthority": self.ca_path.read_text(encoding="utf-8")}
        mappings = {
            "username": {"claim": self.username_claim, "prefix": self.username_prefix},
            "groups": {"claim": self.groups_claim, "prefix": self.groups_prefix},
        }
        api = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration"}
        return {**api, "jwt": [{"issuer": issuer, "claimMappings": mappings}]}


@dataclass(frozen=True, slots=True)
class Setting:
    """Where one cluster's files are, and where it listens."""

    folder: Path
    programs: Programs
    certificates: Certificates
    port: int
    etcd_port: int
    peer_port: int
    oidc: Oidc | None = None

    @property
    def url(self) -> str:
        """The API server."""
        return f"https://{HOST}:{self.port}"

    @property
    def etcd_url(self) -> str:
        """The data behind it."""
        return f"http://{HOST}:{self.etcd_port}"

    @property
    def data(self) -> Path:
        """etcd's folder."""
        return self.folder / "etcd"

    @property
    def audit_log(self) -> Path:
        """The API server's audit log."""
        return self.folder / "audit.log"


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on just now."""
    sockets = [socket.socket() for _number in range(count)]
    try:
        for each in sockets:
            each.bind((HOST, 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def etcd(setting: Setting) -> Program:
    """Keeps nothing safe: a power cut may lose data that nobody wants to keep."""
    peer = f"http://{HOST}:{setting.peer_port}"
    command = [str(setting.programs.etcd), f"--data-dir={setting.data}", "--unsafe-no-fsync", "--log-level=warn"]
    command += [f"--listen-client-urls={setting.etcd_url}", f"--advertise-client-urls={setting.etcd_url}"]
    command += [
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=cluster={peer}",
        "--name=cluster",
    ]
    return Program("etcd", tuple(command), {})


def apiserver(setting: Setting) -> Program:
    """With RBAC, tokens from a file, and an audit log that is written while a request is worked on."""
    policy = setting.folder / "audit-policy.json"
    policy.write_text(json.dumps(POLICY), encoding="utf-8")
    files = setting.certificates
    command = [str(setting.programs.apiserver), f"--etcd-servers={setting.etcd_url}", f"--bind-address={HOST}"]
    command += [f"--secure-port={setting.port}", f"--cert-dir={setting.folder}", "--profiling=false"]
    command += [f"--tls-cert-file={files.serving}", f"--tls-private-key-file={files.serving_key}"]
    command += ["--service-account-issuer=https://kubernetes.default.svc", f"--service-account-key-file={files.signing_key}"]
    command += [f"--service-account-signing-key-file={files.signing_key}", "--authorization-mode=RBAC"]
    command += [f"--token-auth-file={setting.folder / 'tokens.csv'}", f"--service-cluster-ip-range={SERVICES}", "--allow-privileged=true"]
    command += [f"--audit-policy-file={policy}", f"--audit-log-path={setting.audit_log}", "--audit-log-mode=blocking"]
    # It would publish the server's address as an endpoint, which may not be a loopback one; and the log shall stay one file.
    command += ["--endpoint-reconciler-type=none", "--audit-log-maxsize=4096"]
    if setting.oidc:
        configuration = setting.folder / "authentication.json"
        configuration.write_text(json.dumps(setting.oidc.configuration()), encoding="utf-8")
        command += [f"--authentication-config={configuration}"]
    # It lives for minutes: a fifth less work for some hundred MiB more.
    return Program("kube-apiserver", tuple(command), {"GOGC": "200"})


def controller_manager(setting: Setting) -> Program:
    """All controllers that need neither a cloud nor certificates to sign with; serves nothing itself."""
    files = setting.certificates
    command = [str(setting.programs.controller_manager), f"--kubeconfig={kubeconfig_of(setting.folder, 'controller-manager')}"]
    command += ["--leader-elect=false", "--secure-port=0", "--use-service-account-credentials=false", *HASTE]
    command += [f"--service-account-private-key-file={files.signing_key}", f"--root-ca-file={files.ca}", "--profiling=false"]
    # It makes that folder, which by default is one of the system's.
    command += [f"--flex-volume-plugin-dir={setting.folder / 'flexvolumes'}"]
    return Program("kube-controller-manager", tuple(command), {})


def scheduler(setting: Setting) -> Program:
    """With the default profile; serves nothing itself."""
    command = [str(setting.programs.scheduler), f"--kubeconfig={kubeconfig_of(setting.folder, 'scheduler')}"]
    command += ["--leader-elect=false", "--secure-port=0", "--profiling=false", *HASTE]
    return Program("kube-scheduler", tuple(command), {})


def kwok(setting: Setting) -> Program:
    """Plays the kubelet of every node, as the files in `stages` say; serves nothing itself."""
    command = [
        str(setting.programs.kwok),
        f"--kubeconfig={kubeconfig_of(setting.folder, 'kwok')}",
        *(f"--config={path}" for path in STAGES),
    ]
    command += ["--manage-all-nodes", f"--node-lease-duration-seconds={NODE_LEASE_SECONDS}"]
    return Program("kwok", tuple(command), {"KWOK_WORKDIR": str(setting.folder)})


def kubeconfig_of(folder: Path, user: str) -> Path:
    """The file with which that user, or component, reaches the cluster."""
    return folder / f"{user}.kubeconfig"


def write_kubeconfig(folder: Path, user: str, token: str, url: str, ca: Path, name: str) -> Path:
    """Writes that file; JSON is YAML."""
    path = kubeconfig_of(folder, user)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": url, "certificate-authority": str(ca)}}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path
