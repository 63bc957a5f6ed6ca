# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection itself says in an estate: kept where it quotes nothing, shortened or left out where it does."""

from __future__ import annotations

import ast

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.anonymise import sentences
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.anonymise.rewriting import Anonymiser
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.privileges import PRIVILEGES

from tests.unit.estate.anonymise.support import KEY
from tests.unit.meta.project import MODULE_UTILS, tree_of


@pytest.mark.parametrize(
    "text",
    [
        "RVTools does not export this",
        "no row in tab vPartition",
        "no permission: privilege Global.Licenses is missing",
        "the server has no counter virtualDisk.write.average",
        "no history of cpu.usagemhz.average: it is kept from statistics level 2, the vCenter keeps level 1",
        "no permission: privilege System.Read is missing (60 objects)",
        "the server answered ManagedObjectNotFound",
        "no row in tab vCPU; the tab has no rows",
        "the server does not tell the files of every snapshot",
        "the user may have no access to it (it was switched off)",
    ],
)
def test_a_reason_that_quotes_nothing_stays(text: str) -> None:
    assert sentences.reason(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("tab vInfo, row 7, column Acme: 'erp' is no number", "tab vInfo, row 7: what stands there does not tell"),
        ("tab vDisk has rows without VM ID, and acme", "tab vDisk: what stands there does not tell"),
        ("the server says 'acme', a word that this version does not know", "the server says a word that this version does not know"),
        ("the server answered NoPermission: acme", "the server answered NoPermission"),
        ("the server answered AcmeFault: acme", "the server answered with a fault"),
        ("no permission: privilege Acme.Erp is missing", "no permission"),
        ("no permission on folder acme", "no permission"),
        ("the export does not have this tab (a.xlsx, b.xlsx)", "the export does not have this tab (some of its files)"),
        ("acme", sentences.LEFT_OUT),
        ("the server does not tell whether rule acme-erp is enabled", sentences.LEFT_OUT),
        ("the server has no value for 481516", sentences.LEFT_OUT),
        ("the tab has no rows\nacme", sentences.LEFT_OUT),
    ],
)
def test_a_reason_loses_what_it_quotes(text: str, kept: str) -> None:
    assert sentences.reason(text) == kept
    assert sentences.reason(kept) == kept


@pytest.mark.parametrize("privilege", [entry.id for entry in PRIVILEGES])
def test_privileges_are_named_in_reasons_and_notices(privilege: str) -> None:
    text = f"no permission: privilege {privilege} is missing"
    assert sentences.reason(text) == text
    said = f"the account lacks the privilege {privilege} on the root folder: acme"
    assert sentences.notice("privilege_missing", said) == (
        "privilege_missing",
        f"the account lacks a privilege on the root folder: {privilege}",
    )


def test_what_a_source_does_not_show_is_named_in_the_words_of_its_format() -> None:
    assert sentences.what_is_not_seen("tab vInfo, column CBT") == "tab vInfo, column CBT"
    assert sentences.what_is_not_seen("tab vInfo, column Acme") == "tab vInfo, a column"
    assert sentences.what_is_not_seen("Folder: name, parent") == "Folder: name, parent"
    assert sentences.what_is_not_seen("Folder: acme") == "a part of the source"


def test_notices_keep_their_code_and_what_belongs_to_one_run_stays_recognisable() -> None:
    assert sentences.notice("duplicate_vms", "acme") == ("duplicate_vms", sentences.NOTICES["duplicate_vms"])
    assert sentences.notice("scope_acme", "acme") == ("scope_other", sentences.OTHER_NOTICE)
    assert sentences.notice("acme", "acme") == ("other", sentences.OTHER_NOTICE)


def codes_in_source() -> set[str]:
    """Codes of the notices that readers and the estate stage give: first arguments of `Notice(…)`, `_notice(…)`, values of `"code"`."""
    found: set[str] = set()
    for path in [*(MODULE_UTILS / "estate").rglob("*.py"), *(MODULE_UTILS / "adapters").rglob("*.py")]:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Notice", "_notice"):
                found |= {argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)}
            elif isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                found |= {
                    value.value
                    for key, value in pairs
                    if getattr(key, "value", "") == "code" and isinstance(value, ast.Constant) and isinstance(value.value, str)
                }
    return found


def test_every_notice_of_the_collection_has_its_sentence() -> None:
    assert codes_in_source() - set(sentences.NOTICES) == set()


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("template", "template"),
        ("inaccessible (orphaned)", "inaccessible (orphaned)"),
        ("inaccessible (acme)", "inaccessible ("),
        ("SRM placeholder of acme", "SRM placeholder "),
        ("excluded by tag acme", "excluded by tag "),
        ("excluded by acme", "excluded by "),
    ],
)
def test_a_reason_for_being_out_of_scope_begins_as_before(text: str, start: str) -> None:
    made = Anonymiser(KEY).scope_reason(text)
    assert made.startswith(start)
    assert "acme" not in made


def test_a_reason_of_another_kind_stays_of_another_kind() -> None:
    made = Anonymiser(KEY).scope_reason("acme")
    assert not made.startswith(("template", "vCLS", "SRM", "inaccessible", "excluded", "not included", "acme"))
