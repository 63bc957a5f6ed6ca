# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands the HTML report's template, style and scripts to the module of the same name: only Python files travel with a module."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..plugin_utils.report_files import load_assets

MODULE = "groundwork.readiness.report"


class ActionModule(ActionBase):
    """Runs the module where the task says, with `assets` added; check mode and diff are the module's own."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result, without the assets in the record of its arguments."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            assets = load_assets()
        except OSError as error:
            raise AnsibleActionFail(f"The files of the HTML report cannot be read: {error}. Install the collection anew.") from error
        arguments = {**self._task.args, "assets": assets}
        result.update(self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars))
        result.get("invocation", {}).get("module_args", {}).pop("assets", None)
        return result
