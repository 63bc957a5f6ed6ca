# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The script of a proof in the shells that are here: it ends well, and what it leaves has the form, whatever it meets."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.result import ProofResult, parsed
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.script import script

SHELLS = [name for name in ("sh", "dash", "bash") if shutil.which(name)]
FILES: Mapping[str, tuple[str, ...]] = {
    "nvidia": ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"),
    "amd": ("kfd", "dri/renderD128", "dri/renderD129", "dri/card0"),
    "gaudi": ("accel/accel0", "accel/accel1", "accel/accel_controlD0"),
    "intel": ("dri/renderD128", "dri/renderD129"),
}
TOOLS: Mapping[str, str] = {"nvidia": "nvidia-smi", "amd": "rocm-smi", "gaudi": "hl-smi", "intel": "xpu-smi"}


def run(shell: str, folder: Path, path: str = "", **environment: str) -> ProofResult:
    """What the script leaves."""
    program = shutil.which(shell)
    assert program is not None
    usual = {"PROBE_DEV": str(folder / "dev"), "PROBE_OUT": str(folder / "message"), "PROBE_NAME": "localhost"}
    tools = path or f"{folder / 'bin'}:/usr/bin:/bin"
    done = subprocess.run(
        [program, "-c", script()], env={"PATH": tools, **usual, **environment}, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    found = parsed((folder / "message").read_text(encoding="utf-8"))
    assert isinstance(found, ProofResult), found
    return found


def put(folder: Path, *names: str) -> None:
    """Files where devices would be."""
    for name in names:
        place = folder / "dev" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()


@contextmanager
def listening() -> Iterator[int]:
    """A port of this machine that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("vendor", sorted(FILES))
def test_devices_of_each_vendor_are_counted(tmp_path: Path, shell: str, vendor: str) -> None:
    nothing = run(shell, tmp_path, PROBE_VENDOR=vendor, PROBE_DEVICES="2")
    assert (nothing.vendor, nothing.devices_asked, nothing.devices_seen, nothing.tool_exit) == (vendor, 2, 0, None)
    put(tmp_path, *FILES[vendor])
    assert run(shell, tmp_path, PROBE_VENDOR=vendor, PROBE_DEVICES="2").devices_seen == 2


@pytest.mark.parametrize("vendor", sorted(TOOLS))
@pytest.mark.parametrize("code", [0, 9])
def test_tool_of_the_vendor_says_whether_devices_answer(tmp_path: Path, vendor: str, code: int) -> None:
    tool = tmp_path / "bin" / TOOLS[vendor]
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\necho '\"}}, noise'\necho more >&2\nexit {code}\n", encoding="utf-8")
    tool.chmod(0o755)
    assert run("sh", tmp_path, PROBE_VENDOR=vendor, PROBE_DEVICES="1").tool_exit == code


def test_render_nodes_without_the_compute_device_are_no_devices_of_amd(tmp_path: Path) -> None:
    put(tmp_path, "dri/renderD128")
    assert run("sh", tmp_path, PROBE_VENDOR="amd", PROBE_DEVICES="1").devices_seen == 0


def test_without_accelerators_nothing_is_counted(tmp_path: Path) -> None:
    found = run("sh", tmp_path)
    assert (found.vendor, found.devices_asked, found.devices_seen, found.dns, dict(found.reach)) == ("", 0, None, "resolved", {})


def test_name_that_is_none_is_unresolved(tmp_path: Path) -> None:
    assert run("sh", tmp_path, PROBE_NAME="nothing.invalid").dns == "unresolved"


@pytest.mark.parametrize("shell", SHELLS)
def test_destinations_are_open_closed_or_untried(tmp_path: Path, shell: str) -> None:
    with listening() as port:
        wanted = f"one 127.0.0.1 {port} two 127.0.0.1 {closed_port()} api-server @api 443 object-store @object-store 443"
        found = run(shell, tmp_path, PROBE_DESTINATIONS=wanted, KUBERNETES_SERVICE_HOST="127.0.0.1", KUBERNETES_SERVICE_PORT=str(port))
    assert dict(found.reach) == {"one": "open", "two": "closed", "api-server": "open", "object-store": "untried"}


@pytest.mark.parametrize("form", ["http://127.0.0.1:{}", "https://127.0.0.1:{}/bucket/x", "127.0.0.1:{}", "[::ffff:127.0.0.1]:{}"])
def test_object_store_is_found_by_its_endpoint(tmp_path: Path, form: str) -> None:
    with listening() as port:
        found = run("sh", tmp_path, PROBE_DESTINATIONS="object-store @object-store 443", PROBE_OBJECT_STORE=form.format(port))
    assert dict(found.reach) == {"object-store": "open"}


@pytest.mark.parametrize(
    "endpoint", ["$(touch pwned)", "`touch pwned`", "-e:80", "host;touch pwned:80", "a b:80", "host:80;x", "http://", ":", "*", '"},{"']
)
def test_endpoint_that_is_none_is_not_tried_and_never_run(tmp_path: Path, endpoint: str) -> None:
    found = run("sh", tmp_path, PROBE_DESTINATIONS="object-store @object-store 443", PROBE_OBJECT_STORE=endpoint)
    assert dict(found.reach) == {"object-store": "untried"}
    assert not (Path.cwd() / "pwned").exists()


def test_image_with_nothing_to_try_with_says_so(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    found = run("sh", tmp_path, str(bare), PROBE_DESTINATIONS="api-server 127.0.0.1 1", PROBE_VENDOR="nvidia", PROBE_DEVICES="1")
    assert (found.dns, dict(found.reach), found.devices_seen, found.tool_exit) == ("untried", {"api-server": "untried"}, 0, None)


@pytest.mark.parametrize("tool", ["python3", "curl"])
def test_other_tools_try_connections_where_bash_is_not_there(tmp_path: Path, tool: str) -> None:
    place = shutil.which(tool, path="/usr/bin:/bin")
    if place is None:
        pytest.skip(f"{tool} is not installed")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / tool).symlink_to(place)
    with listening() as port:
        wanted = f"one 127.0.0.1 {port} two 127.0.0.1 {closed_port()}"
        found = run("sh", tmp_path, str(tmp_path / "bin"), PROBE_DESTINATIONS=wanted)
    assert dict(found.reach) == {"one": "open", "two": "closed"}
