#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.estate_anonymise."""

from __future__ import annotations

DOCUMENTATION = r"""
module: estate_anonymise
short_description: Export a saved estate without the names in it
version_added: 0.1.0
description:
  - Reads a saved estate and writes another one in which every text that could tell whose it is is replaced by a token. Names,
    addresses, MAC addresses, UUIDs, managed object ids, notes, tags, custom attributes, paths, owners, the names of sources and
    files, and whatever reasons and notices quote.
  - Tokens are made with HMAC-SHA-256 and the key of the export. The same text has the same token wherever it stands, also inside of
    paths, ids, tags and references, so that objects still belong together.
  - The export is a saved estate like any other. It can be read as C(estate) in C(readiness_sources) and assessed. Verdicts, findings,
    gaps, scores and counts are those of the original, for a token keeps what the rules of the collection look at. These are whether a
    name is a DNS name and on which side of the length limit it is, whether a text is empty, which disks share a file, and which file
    system is C(/), C(/boot) or drive C.
  - Numbers, sizes, flags, dates, VLAN ids, build numbers, row numbers and the words of vSphere, of RVTools and of makers of hardware
    and guest operating systems stay. Someone who knows the estate well may recognise it by its figures. Who may see the export is for the
    owner of the estate to decide. O(shift_dates) moves the dates.
  - What is not known stays unknown. Reasons and notices keep what the collection says by itself and lose what they quote.
requirements:
  - orjson
options:
  src:
    description: The saved estate, C(.jsonl) or C(.jsonl.gz).
    type: path
    required: true
  dest:
    description: The export to write; a name that ends in C(.gz) is compressed. It cannot be O(src).
    type: path
    required: true
  base_dir:
    description: Folder from which relative paths are taken. By default the module's working directory.
    type: path
  key:
    description:
      - The key of the export, at least 16 characters that nobody can guess. With the same key the same text has the same token in
        every export, which allows to compare exports, and who has the key can try out names.
      - It comes before O(key_file).
    type: str
  key_file:
    description:
      - File that holds the key. When there is none, a key is made and kept there with mode 0600. It never belongs beside an export
        that is handed on.
      - Without O(key) and O(key_file) a key is made for this export alone and kept nowhere. Tokens of two such exports have nothing
        in common, and each run changes the file.
    type: path
  shift_dates:
    description: Move all dates by the same number of whole days into the past, which depends on the key. Ages between them stay.
    type: bool
    default: false
  max_unpacked_bytes:
    description: Largest size to which the estate may unpack.
    type: int
    default: 4294967296
attributes:
  check_mode:
    description: Nothing is written, no key file either. With a key that is there already, it is predicted byte by byte whether the
      export would change.
    support: full
  diff_mode:
    description: Shows the counts before and after.
    support: full
  idempotent:
    description: The same estate and the same key give the same bytes. Without a key that lasts, every run makes another export.
    support: partial
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Make an export for a bug report
  groundwork.readiness.estate_anonymise:
    src: /srv/readiness/runs/20270104T081500Z-7f3a/estate.jsonl
    dest: /srv/readiness/export/estate-anonymised.jsonl.gz

- name: Make exports month by month that can be compared with each other
  groundwork.readiness.estate_anonymise:
    src: /srv/readiness/runs/20270104T081500Z-7f3a/estate.jsonl
    dest: /srv/readiness/export/2027-01.jsonl.gz
    key_file: /srv/readiness/private/export.key
    shift_dates: true
"""

RETURN = r"""
artifact:
  description: Path of the export.
  returned: success
  type: str
  sample: /srv/readiness/export/estate-anonymised.jsonl.gz
sha256:
  description: SHA-256 of the export.
  returned: success
  type: str
  sample: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e
counts:
  description: How many records of each kind it holds; the same as the original.
  returned: success
  type: dict
  sample: {vm: 240, host: 12, source: 2}
key_origin:
  description: Where the key came from; V(given), V(file), V(new_file) (made and kept in O(key_file)) or V(once) (made and forgotten).
  returned: success
  type: str
  sample: once
error:
  description: What went wrong, as data.
  returned: failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import _runner
from ..module_utils.adapters import anonymise_request


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "src": {"type": "path", "required": True},
            "dest": {"type": "path", "required": True},
            "base_dir": {"type": "path"},
            "key": {"type": "str", "no_log": True},
            "key_file": {"type": "path", "no_log": False},
            "shift_dates": {"type": "bool", "default": False},
            "max_unpacked_bytes": {"type": "int", "default": 4294967296},
        },
        supports_check_mode=True,
    )
    _runner.require_libraries(module, "orjson")
    _runner.run(module, anonymise_request.work)


if __name__ == "__main__":
    main()
