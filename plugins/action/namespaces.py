# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands contracts, the platform's document and shipped facts to the module of the same name: they are files of the controller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from yaml import YAMLError

from ..module_utils.adapters.paths import expanded
from ..plugin_utils.contract_files import load_contracts
from ..plugin_utils.platform_files import load

MODULE = "groundwork.readiness.namespaces"


class ActionModule(ActionBase):
    """Runs the module where the task says, with what was read as `loaded`; check mode and diff are the module's own."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result, without what was handed over in the record of its arguments."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        base_dir = Path(expanded(str(arguments.get("base_dir") or "."))).absolute()
        try:
            platform = load(arguments.pop("document", None), base_dir)
            contracts = load_contracts(arguments.pop("contracts", None), base_dir)
        except (OSError, YAMLError, KeyError) as error:
            raise AnsibleActionFail(f"The facts that the collection ships cannot be read: {error}. Install the collection anew.") from error
        problems = [*contracts["problems"], *platform["problems"]]
        arguments["loaded"] = {**platform, **contracts, "problems": problems}
        result.update(self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars))
        result.get("invocation", {}).get("module_args", {}).pop("loaded", None)
        return result
