# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads inventories as Ansible does, on request; a process of its own, because Ansible's collection loader changes how Python imports.

Each line of standard input is a request: {"path", "cache", "render": {host: expression}}. Each is answered by one line.
Every request is served by a fork, so that none sees what an earlier one left behind.
"""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import sys
from typing import Any

from ansible import template
from ansible.inventory.manager import InventoryManager
from ansible.module_utils.common.text.converters import to_text
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader, inventory_loader
from ansible.vars.manager import VariableManager


def load(request: dict[str, Any]) -> dict[str, Any]:
    """The inventory as plain data, and what Ansible said on the way."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        loader = DataLoader()
        inventory = InventoryManager(loader, sources=[request["path"]], cache=request.get("cache", True))
    variables = VariableManager(loader=loader, inventory=inventory)
    trusted = getattr(template, "trust_as_template", str)
    rendered = {}
    for name, expression in request.get("render", {}).items():
        known = variables.get_vars(host=inventory.get_host(name), include_hostvars=False)
        rendered[name] = template.Templar(loader, known).template(trusted(expression))
    return {
        "hosts": {str(host): dict(inventory.get_host(host).vars) for host in inventory.hosts},
        "groups": {name: [host.name for host in group.get_hosts()] for name, group in inventory.groups.items()},
        "rendered": rendered,
        "said": " ".join(to_text(said.getvalue()).split()),
    }


def serve() -> None:
    """Answers until there are no more requests."""
    init_plugin_loader([])
    inventory_loader.get("groundwork.readiness.estate")
    forks = multiprocessing.get_context("fork")
    for line in sys.stdin:
        child = forks.Process(target=answer, args=(json.loads(line),))
        child.start()
        child.join()
        if child.exitcode:
            print("{}", flush=True)


def answer(request: dict[str, Any]) -> None:
    """Answers one request; a traceback goes to standard error."""
    print(json.dumps(load(request)), flush=True)


if __name__ == "__main__":
    serve()
