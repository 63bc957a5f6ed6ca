#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.report."""

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Write the readiness report of a run
version_added: 0.1.0
description:
  - Writes the report of a run from what its directory holds, one self-contained HTML page, a workbook, CSV, Markdown, JSON,
    JUnit XML, OpenMetrics and a short C(summary.txt).
  - It is made for every run, failed ones included. What did not run, is missing, damaged or out of date is said in the report.
  - Each format is written by itself. When one cannot be written the others are, and the module fails afterwards.
  - A date or a format that cannot be used does not prevent the report. It is made with the defaults, names the problem, and the
    module fails afterwards with every such problem.
  - Figures are those of this run alone. When the estate or the assessment failed, an artifact that an earlier run left in the
    directory is not used, and the report says so.
  - When an artifact or an input in the run's directory changed after a stage had read it, that stage is stale. The report says so
    at its top and the module warns, but it does not fail; run the stage again to get figures of what is there now.
  - The files depend on the artifacts and O(now) alone, so the same run gives the same bytes.
requirements:
  - orjson
  - XlsxWriter, for the format V(xlsx)
  - Jinja2, for the format V(html)
options:
  run_dir:
    description: The run's directory, as M(groundwork.readiness.run) returned it.
    type: path
    required: true
  host:
    description: Inventory name of the host that the stage works for.
    type: str
    default: localhost
  dest:
    description: Folder to write the report to. By default C(report) in the run's directory.
    type: path
  now:
    description:
      - The moment that the report takes for the present, as ISO 8601 with an offset or V(Z).
      - By default, when empty, and when it cannot be used, the run's own.
    type: str
    default: ""
  end_of_support:
    description:
      - Day on which vSphere 8 leaves general support, as V(YYYY-MM-DD).
      - By default, when empty, and when it cannot be used, V(2027-10-11).
    type: str
    default: ""
  title:
    description: Title of the report. By default, and when empty, the collection's own.
    type: str
    default: ""
  formats:
    description:
      - Which formats to write, as a list of V(html), V(xlsx), V(csv), V(markdown), V(json), V(junit) and V(openmetrics), or as a
        text with commas between them.
      - A name that is none of these is a problem that fails the module after the other formats were written.
    type: raw
    default: [html, xlsx, csv, markdown, json, junit, openmetrics]
  assets:
    description:
      - Template, style and scripts of the HTML page by name.
      - Run as a task, the module gets them from the collection; there is no need to set this.
    type: dict
    default: {}
attributes:
  check_mode:
    description:
      - The report in the run's directory is written in check mode too and says C(check). With O(dest) elsewhere nothing is written there,
        and the result says what would change.
    support: full
  diff_mode:
    description: Shows C(summary.txt) before and after.
    support: full
  idempotent:
    description: The same run gives the same bytes, and writing the report again changes nothing.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Write the report of a run
  groundwork.readiness.report:
    run_dir: "{{ readiness_run.run_dir }}"
  register: readiness_report

- name: Write only what the CI system reads
  groundwork.readiness.report:
    run_dir: "{{ readiness_run.run_dir }}"
    formats: [junit, openmetrics]
    dest: /srv/ci/readiness
"""

RETURN = r"""
index:
  description: Path of the file to open first, the HTML page where it was written.
  returned: always, unless nothing could be written
  type: str
  sample: /srv/readiness/runs/20270104T081500Z-7f3a/report/index.html
files:
  description: Every file of the report.
  returned: always, unless nothing could be written
  type: list
  elements: dict
  contains:
    name:
      description: Name of the file.
      type: str
      sample: index.html
    path:
      description: Its path.
      type: str
      sample: /srv/readiness/runs/20270104T081500Z-7f3a/report/index.html
    sha256:
      description: SHA-256 of the file.
      type: str
      sample: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e
    changed:
      description: Whether its bytes are new.
      type: bool
      sample: true
    size_bytes:
      description: Its size.
      type: int
      sample: 183422
summary:
  description: The result in words for a terminal, at most 25 lines, or 40 when something went wrong.
  returned: always, unless nothing could be written
  type: str
summary_data:
  description: The figures of the summary as data, for M(ansible.builtin.set_stats). What is not known is left out.
  returned: always, unless nothing could be written
  type: dict
  sample: {complete: true, vms_in_scope: 212, provisional: 160, days_left: 280}
failed_stages:
  description: Stages of the run that failed, with their hosts where these are not localhost.
  returned: always, unless nothing could be written
  type: list
  elements: str
  sample: ["estate on vcenter-south"]
failure:
  description:
    - Why the run as a whole failed, its failed stages with their problems, 20 at most, and the path of the report.
    - Empty when no stage failed.
  returned: always, unless nothing could be written
  type: str
  sample: ""
counts:
  description: How many files, VMs, rules and excluded VMs the report has. What is not known is left out.
  returned: always, unless nothing could be written
  type: dict
  sample: {files: 9, vms: 212, rules: 29, excluded: 28}
seconds:
  description: How long it took.
  returned: always, unless nothing could be written
  type: float
  sample: 1.4
error:
  description: What went wrong, as data; C(problems) lists what could not be done as asked and each format that was not written.
  returned: failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import _runner
from ..module_utils.adapters import report_request
from ..module_utils.report.view import FORMATS


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "host": {"type": "str", "default": "localhost"},
            "dest": {"type": "path"},
            "now": {"type": "str", "default": ""},
            "end_of_support": {"type": "str", "default": ""},
            "title": {"type": "str", "default": ""},
            "formats": {"type": "raw", "default": list(FORMATS)},
            "assets": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    _runner.run_stage(module, "report", report_request.work, libraries=("orjson",))


if __name__ == "__main__":
    main()
