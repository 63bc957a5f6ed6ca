# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the vCenter simulator of tests/counterparts/vcenter, for tests and for `make simulator`.

`with vcenter(vms=60) as simulator:` gives a running one; what is in `Simulator` is all that a client needs.
"""

from __future__ import annotations

import json
import secrets
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.counterparts.build import BuildError, go_program

USERNAME = "reader@vsphere.local"
STOP_SECONDS = 10
ROOT = Path(__file__).resolve().parents[2]
INVENTORY = "inventories/simulator"
TRY_OUT = (
    # name, VMs, seed, port: as inventories/simulator has them.
    ("vc-north.example.com", 60, 1, 18989),
    ("vc-south.example.com", 40, 2, 18990),
)
TRY_OUT_FOLDER = ROOT / "build" / "simulator"


class SimulatorError(RuntimeError):
    """The simulator did not start, or refused what it was asked."""


@dataclass
class Simulator:
    """A running simulator, and the way to disturb it and to look behind it."""

    port: int
    password: str = field(repr=False)
    ca_path: Path
    counts: Mapping[str, int]
    instance_uuid: str
    name: str
    pid: int
    process: subprocess.Popen[str] = field(repr=False)
    host: str = "127.0.0.1"
    username: str = USERNAME

    def counters(self) -> dict[str, Any]:
        """Requests since the start or the last reset: soap (by method), soap_calls, rest, bytes_sent, faults, sessions."""
        return self._ask("GET", "counters")

    def reset_counters(self) -> None:
        """Counts anew from here on."""
        self._ask("POST", "counters/reset")

    def faults(self) -> dict[str, str]:
        """All faults by name, each with its meaning."""
        return self._ask("GET", "faults")

    def arm(self, fault: str, **options: Any) -> dict[str, Any]:
        """Puts a fault in force; the answer tells what it concerns.

        Options: after (matching requests that still pass), count (that are disturbed), objects (ids or names), paths,
        methods, seconds, value, answer.
        """
        return self._ask("POST", "arm", {"fault": fault, **options})

    def disarm(self, fault: str = "") -> None:
        """Takes one fault out of force, or all; VMs that vanished come back."""
        self._ask("POST", "disarm", {"fault": fault})

    def without(self, *privileges: str) -> None:
        """Takes these privileges from the user and gives back all others; none gives back all."""
        self._ask("POST", "without", {"privileges": list(privileges)})

    def export(self, folder: Path) -> Path:
        """Writes an export as RVTools would make it, as CSV files."""
        folder.mkdir(parents=True, exist_ok=True)
        self._ask("POST", "export?dir=" + quote(str(folder)))
        return folder

    def stop(self) -> None:
        """Ends the process that was started, whatever it is doing."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()

    def _ask(self, method: str, what: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(f"https://{self.host}:{self.port}/_control/{what}", method=method)
        request.data = json.dumps(body).encode() if body is not None else None
        # It is this machine's own process, whose certificate may be a bad one on purpose.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
        try:
            with opener.open(request, timeout=30) as answer:
                decoded: dict[str, Any] = json.load(answer)
                return decoded
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            error.close()
            raise SimulatorError(f"{method} {what}: {text.strip()}") from None


@contextmanager
def vcenter(
    *,
    name: str = "vc-north.example.com",
    vms: int = 60,
    seed: int = 1,
    faults: Sequence[str] = (),
    without: Sequence[str] = (),
    esx: bool = False,
    plain: bool = False,
    bad_certificate: bool = False,
    port: int = 0,
    username: str = USERNAME,
    password: str = "",
    folder: Path | None = None,
) -> Iterator[Simulator]:
    """Runs a simulator for as long as the block lasts.

    `faults` are armed at the start, as `name:option=value:option=value` with a plus sign between the parts of a list.
    With `plain` the VMs have nothing special about them. `folder` receives ca.pem; without it a temporary one does, which
    goes with the simulator.
    """
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vcenter-")))
        given = password or secrets.token_urlsafe(18)
        secret = write_secret(work / "password", given)
        command = [str(go_program("vcenter")), "--listen", f"127.0.0.1:{port}", "--name", name, "--vms", str(vms), "--seed", str(seed)]
        command += ["--username", username, "--password-file", str(secret), "--dir", str(folder or work)]
        command += ["--esx"] if esx else []
        command += ["--plain"] if plain else []
        command += ["--bad-certificate"] if bad_certificate else []
        command += ["--without", ",".join(without)] if without else []
        for fault in faults:
            command += ["--fault", fault]
        simulator = _start(command, work / "errors", name, username, given)
        stack.callback(simulator.stop)
        yield simulator


def write_secret(path: Path, text: str) -> Path:
    """A file that its owner alone can read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


def _start(command: Sequence[str], log: Path, name: str, username: str, password: str) -> Simulator:
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True)
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        process.kill()
        process.wait()
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        raise SimulatorError(f"the simulator did not start: {said[-2000:]}")
    ready = json.loads(line)
    return Simulator(
        port=ready["port"],
        password=password,
        ca_path=Path(ready["ca_path"]),
        counts=ready["counts"],
        instance_uuid=ready["instance_uuid"],
        name=name,
        pid=ready["pid"],
        process=process,
        username=username,
    )


def _hint(simulators: Sequence[Simulator]) -> str:
    lines = ["Two vCenters run on this machine:"]
    lines += [f"  {each.name}: https://{each.host}:{each.port}, {each.counts['vms']} VMs" for each in simulators]
    lines += [
        f"User {simulators[0].username}; password and certificates are in build/simulator, where {INVENTORY} finds them.",
        "In another terminal:",
        f"  .venv/bin/ansible-playbook groundwork.readiness.assess -i {INVENTORY}",
        "Ctrl-C here ends both.",
    ]
    return "\n".join(lines)


def main() -> int:
    """Runs the simulators of inventories/simulator until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            running = []
            given = secrets.token_urlsafe(18)
            for name, vms, seed, port in TRY_OUT:
                folder = TRY_OUT_FOLDER / name.partition(".")[0]
                folder.mkdir(parents=True, exist_ok=True)
                running.append(stack.enter_context(vcenter(name=name, vms=vms, seed=seed, port=port, password=given, folder=folder)))
            write_secret(TRY_OUT_FOLDER / "password", given)
            print(_hint(running), flush=True)
            while all(simulator.process.poll() is None for simulator in running):
                time.sleep(0.5)
            print("A simulator ended by itself.", file=sys.stderr)
            return 1
    except KeyboardInterrupt:
        print("Both simulators are stopped.")
        return 0
    except (BuildError, SimulatorError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
