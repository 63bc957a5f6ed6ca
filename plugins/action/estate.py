# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name, and says in the terminal how far the reading of a vCenter is while it lasts."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils.adapters.garbage import without_collection
from ..module_utils.adapters.part_files import progress_path
from ..module_utils.adapters.paths import expanded
from ..plugin_utils.progress_watch import ProgressWatch

MODULE = "groundwork.readiness.estate"
DEFAULT_HOST = "localhost"


class ActionModule(ActionBase):
    """Runs the module where the task says and returns what it returns; check mode, diff and async are the module's own."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        wrap_async = bool(self._task.async_val) and not getattr(self._connection, "has_native_async", False)
        # Ansible packs the module by syntax trees of all that it imports: a third of that time would be spent on looking for
        # garbage among them, in a process that has all of Ansible in its memory and ends with the task.
        with without_collection(), self._watch():
            done = self._execute_module(module_name=MODULE, module_args=self._task.args, task_vars=task_vars, wrap_async=wrap_async)
        result.update(done)
        return result

    def _watch(self) -> AbstractContextManager[object]:
        """Watches where there is something to see: the module runs here and now, and what it does may be shown."""
        run_dir, host = self._task.args.get("run_dir"), self._task.args.get("host") or DEFAULT_HOST
        seen = getattr(self._connection, "transport", "") == "local" and not self._task.async_val and not self._task.no_log
        if not (seen and isinstance(run_dir, str) and isinstance(host, str)):
            return nullcontext()
        # Modules take relative paths from the folder of the playbook.
        folder = Path(self._loader.get_basedir()) / expanded(run_dir)
        return ProgressWatch(progress_path(folder, host), host, self._display.display)
