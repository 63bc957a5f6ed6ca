# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools of the checkout: link tree, real copy, interpreters, the counts of the checks."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.tools import core_tests, cores, link_tree, real_copy, run_checks
from tests.tools.run_checks import Tally

JUNIT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure>no</failure></testcase><testcase name="c"><error>no</error></testcase>
<testcase name="d"><skipped>not here</skipped></testcase><testcase name="e"><skipped>No tests applicable.</skipped></testcase>
</testsuite></testsuites>"""


def test_link_tree_shows_the_collection_without_containing_itself(tmp_path: Path) -> None:
    collection = link_tree.make_link_tree(tmp_path)
    assert (collection / "plugins" / "module_utils" / "common" / "version.py").is_file()
    assert not collection.is_symlink()
    assert not (collection / "build").exists()
    assert all(not Path(entry.readlink()).is_absolute() for entry in collection.iterdir())


def test_link_tree_is_mended_when_a_link_leads_elsewhere(tmp_path: Path) -> None:
    collection = link_tree.make_link_tree(tmp_path)
    (collection / "plugins").unlink()
    (collection / "plugins").symlink_to("nowhere")
    (collection / "extensions").unlink(missing_ok=True)
    (collection / "extensions").symlink_to("nowhere")
    link_tree.make_link_tree(tmp_path)
    assert (collection / "plugins" / "modules").is_dir()
    assert (collection / "extensions").exists() == (link_tree.CHECKOUT / "extensions").exists()
    assert (collection / "extensions").is_symlink() == (link_tree.CHECKOUT / "extensions").exists()


def test_real_copy_follows_the_checkout_and_forgets_what_is_gone(tmp_path: Path) -> None:
    collection = real_copy.make_real_copy(tmp_path)
    (collection / "plugins" / "gone").mkdir()
    (collection / "plugins" / "gone" / "old.py").write_text("", encoding="utf-8")
    (collection / "galaxy.yml").write_text("", encoding="utf-8")
    real_copy.make_real_copy(tmp_path)
    assert not (collection / "plugins" / "gone").exists()
    assert (collection / "galaxy.yml").read_bytes() == (real_copy.CHECKOUT / "galaxy.yml").read_bytes()
    assert not (collection / "molecule").exists()
    assert [path.name for path in (collection / "tests").iterdir()] == ["config.yml"]


def test_interpreter_is_found_and_a_shim_that_cannot_start_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    broken, working = tmp_path / "shims", tmp_path / "bin"
    for folder, target in ((broken, "/bin/false"), (working, sys._base_executable)):
        folder.mkdir()
        (folder / f"python{version}").symlink_to(target)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(broken))
    assert cores.find_python(version) is None
    monkeypatch.setenv("PATH", f"{broken}:{working}")
    assert cores.find_python(version) is not None


def test_tests_that_reach_ansible_core_by_an_import_a_fixture_or_a_program_are_found() -> None:
    found = {str(file.relative_to(core_tests.TESTS)) for file in core_tests.core_tests()}
    assert {"estate/test_estate_action.py", "report/test_report_module.py", "inventory/test_hosts.py", "meta/test_tarball.py"} <= found
    assert not {"common/test_merges.py", "plan/test_calendar.py"} & found


def test_each_core_has_pins_of_its_own() -> None:
    assert [core.line for core in cores.CORES if not core.pins.is_file()] == []


@pytest.mark.parametrize("name", ["env", "dev", "kubernetes", "core-2.16", "core-2.19", "core-newest"])
def test_pins_are_hashed_and_name_no_place(name: str) -> None:
    lines = (cores.CHECKOUT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert all("==" in line and line.endswith("\\") for line in packages)
    assert [line for line in lines if line.startswith("-") or "://" in line] == []


def test_oldest_libraries_that_are_allowed_are_tested_with_the_oldest_core() -> None:
    ranges = (cores.CHECKOUT / "requirements.txt").read_text(encoding="utf-8")
    allowed = {name.lower(): oldest for name, oldest in re.findall(r"(?m)^([\w-]+)>=([\d.]+),<\d+$", ranges)}
    pins = (cores.CHECKOUT / "requirements" / "core-2.16.txt").read_text(encoding="utf-8")
    tested = {name.lower(): version for name, version in re.findall(r"(?m)^([\w-]+)==([\d.]+)", pins)}
    assert len(allowed) == 7
    assert allowed == {name: tested[name] for name in allowed}


def test_junit_counts_leave_out_what_had_nothing_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(JUNIT, encoding="utf-8")
    assert run_checks.junit_tally([tmp_path / "a.xml"]) == Tally(passed=1, failed=2, skipped=1)


@pytest.mark.parametrize(
    ("tally", "code", "expected"),
    [
        (Tally(passed=3), 0, Tally(passed=3)),
        (Tally(passed=3), 2, Tally(passed=3, failed=1)),
        (Tally(passed=3, failed=2), 1, Tally(passed=3, failed=2)),
        (Tally(), 0, Tally(failed=1)),
        (Tally(skipped=1), 0, Tally(skipped=1)),
    ],
)
def test_exit_code_always_shows_in_the_counts(tally: Tally, code: int, expected: Tally) -> None:
    assert run_checks.settled(tally, code) == expected


def test_every_check_belongs_to_a_make_target() -> None:
    makefile = (cores.CHECKOUT / "Makefile").read_text(encoding="utf-8")
    assert [check.group for check in run_checks.CHECKS if f"$(CHECKS) {check.group}\n" not in makefile] == []


def test_unknown_check_is_refused() -> None:
    with pytest.raises(SystemExit, match="no such check: nonsense"):
        run_checks.chosen(["nonsense"])


def test_scenario_whose_needs_are_not_there_is_left_out_and_counted_as_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, ran = tmp_path / "molecule.log", []

    def execute(command: list[str | Path], _log: Path, **_variables: str) -> int:
        ran.append([str(word) for word in command][1:])
        return 0

    monkeypatch.setattr(run_checks, "execute", execute)
    monkeypatch.setattr(run_checks, "OUTPUT", tmp_path)
    for needs in ([], ["kubernetes"]):
        monkeypatch.setattr(run_checks, "NEEDS", {"namespaces": lambda found=needs: found})
        assert run_checks.scenarios(log) == Tally(passed=1, skipped=len(needs))
    assert ran == [["test", "--all"], ["test", "--all", "--exclude", "namespaces"]]
    assert log.read_text(encoding="utf-8") == "scenario namespaces is left out, for there is no kubernetes\n"
