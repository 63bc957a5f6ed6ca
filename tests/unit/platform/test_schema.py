# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of platform.jsonl is made from its model, and what checks find fits it."""

from __future__ import annotations

import json

from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding, Evidence
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import FAIL, MISSING
from ansible_collections.groundwork.readiness.plugins.module_utils.platform import model
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.schema import FORMS, ordered, platform_schema
from jsonschema import Draft202012Validator

from tests.tools.real_copy import CHECKOUT

SCHEMA = platform_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_shipped_schema_is_the_generated_one_and_tells_every_meaning() -> None:
    """Mend it with `python -m tests.tools.write_schemas`."""
    text = json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"
    assert (CHECKOUT / "docs" / "schemas" / "platform.schema.json").read_text(encoding="utf-8") == text
    Draft202012Validator.check_schema(SCHEMA)
    for name, owner in [*model.KINDS.items(), *((part.__name__, part) for part in model.PARTS.values())]:
        properties = SCHEMA["$defs"][name]["properties"]
        assert {entry: properties[entry]["description"] for entry in FORMS.shapes[owner]} == {
            entry: field.metadata["meaning"] for entry, field in owner.__dataclass_fields__.items()
        }


def test_the_record_of_a_finding_with_everything_in_it_fits_the_schema_and_the_kind() -> None:
    finding = CheckFinding(
        "platform.operators.group.second",
        "operators",
        "operator nfd",
        MISSING,
        FAIL,
        message="m",
        remedy="r",
        evidence=(Evidence("Namespace openshift-nfd", "metadata.labels", "", "x"),),
        refuses=True,
        layer="operators",
        path="operators.wanted[0]",
        fields=("spec.channel",),
    )
    record = ordered(finding.as_record())
    assert [error.message for error in VALIDATOR.iter_errors(record)] == []
    assert set(record) <= {"kind", *FORMS.shapes[model.FindingRecord]}
    assert record["id"] == "operators/platform.operators.group.second/operator nfd"


def test_a_record_with_a_word_that_is_none_does_not_fit() -> None:
    assert [*VALIDATOR.iter_errors({"kind": "layer", "id": "operators", "order": 3, "state": "fine"})]
