# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""etcd data with definitions in it, prepared once per set of definitions, so that a start need not load them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.counterparts.build import cache_dir, locked

KEPT = 10
LAYOUT = "1"
NAMESPACES = "/registry/namespaces/"


def snapshot_path(pins: str, files: Sequence[Path]) -> Path:
    """Where the data with exactly these definitions lies, made by the programs of these pins."""
    digest = hashlib.sha256(f"{LAYOUT}\0{pins}\0".encode())
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return cache_dir() / "cluster-snapshots" / digest.hexdigest()[:16]


@contextmanager
def snapshot_lock(path: Path) -> Iterator[None]:
    """Of two processes that want the same snapshot, one makes it and the other waits."""
    with locked(path.parent / f"{path.name}.lock"):
        yield


def save_snapshot(data: Path, path: Path) -> None:
    """Keeps the data of an etcd that has ended; the snapshots that were not used for longest go."""
    unfinished = path.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    copy_sparse(data, unfinished)
    unfinished.rename(path)
    kept = sorted((each for each in path.parent.iterdir() if each.is_dir() and not each.suffix), key=lambda each: each.stat().st_mtime)
    for old in kept[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def take_snapshot(path: Path, data: Path) -> None:
    """A copy of a snapshot as the data of a new etcd."""
    os.utime(path)
    copy_sparse(path, data)


def copy_sparse(source: Path, target: Path) -> None:
    """Copies a folder without the empty parts of its files: etcd sets 64 MiB aside for a log that holds one or two."""
    target.mkdir(mode=0o700)
    for entry in sorted(source.iterdir()):
        if entry.is_dir():
            copy_sparse(entry, target / entry.name)
        else:
            _copy_file(entry, target / entry.name)


def _copy_file(source: Path, target: Path) -> None:
    empty = bytes(1 << 16)
    with source.open("rb") as reader, target.open("wb") as writer:
        while block := reader.read(len(empty)):
            if block == empty[: len(block)]:
                writer.seek(len(block), os.SEEK_CUR)
            else:
                writer.write(block)
        writer.truncate(source.stat().st_size)


def forget_namespaces(etcd_url: str) -> None:
    """Takes the namespaces out of an etcd whose API server has ended.

    The next server makes them anew, so that clusters of one snapshot differ in what tells clusters apart: the UID of kube-system.
    """
    first = NAMESPACES.encode()
    after = first[:-1] + bytes([first[-1] + 1])
    body = {"key": base64.b64encode(first).decode(), "range_end": base64.b64encode(after).decode()}
    request = urllib.request.Request(f"{etcd_url}/v3/kv/deleterange", data=json.dumps(body).encode())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        answer.read()
