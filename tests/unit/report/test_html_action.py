# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin beside the report module: it hands over the page's files and keeps them out of the result."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.readiness.plugins.action import report
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_html import ASSETS
from ansible_collections.groundwork.readiness.plugins.plugin_utils import report_files


def plugin(**arguments: Any) -> report.ActionModule:
    task = SimpleNamespace(args=arguments, async_val=0, check_mode=False, diff=False, action=report.MODULE, delegate_to=None)
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="unused"), always_pipeline_modules=False)
    return report.ActionModule(task, connection, SimpleNamespace(check_mode=False, diff=False), None, None, None)


def test_module_gets_the_task_arguments_and_every_asset(monkeypatch: pytest.MonkeyPatch) -> None:
    called: dict[str, Any] = {}

    def execute(self: report.ActionModule, **given: Any) -> dict[str, Any]:
        called.update(given)
        return {"changed": True, "invocation": {"module_args": {"run_dir": "runs/a", "assets": {"report.css": "…"}}}}

    monkeypatch.setattr(report.ActionModule, "_execute_module", execute)
    result = plugin(run_dir="runs/a").run(task_vars={"inventory_hostname": "localhost"})
    assert called["module_name"] == "groundwork.readiness.report"
    assert called["task_vars"] == {"inventory_hostname": "localhost"}
    assert called["module_args"]["run_dir"] == "runs/a"
    assert set(ASSETS) <= set(called["module_args"]["assets"])
    assert result["changed"] is True
    assert result["invocation"]["module_args"] == {"run_dir": "runs/a"}


def test_task_arguments_are_left_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report.ActionModule, "_execute_module", lambda self, **given: {})
    action = plugin(run_dir="runs/a")
    action.run(task_vars={})
    assert action._task.args == {"run_dir": "runs/a"}


def test_missing_files_are_one_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(report, "load_assets", lambda: report_files.load_assets(tmp_path / "absent"))
    with pytest.raises(AnsibleActionFail, match="Install the collection anew"):
        plugin().run(task_vars={})


def test_only_asset_files_are_loaded(tmp_path: Path) -> None:
    for name in ("a.css", "b.js", "c.j2", "notes.txt", "d.js.orig"):
        (tmp_path / name).write_text("ü", encoding="utf-8")
    assert report_files.load_assets(tmp_path) == {"a.css": "ü", "b.js": "ü", "c.j2": "ü"}
