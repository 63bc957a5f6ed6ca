# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/personas.md from the shipped personas. Usage: python -m tests.tools.personas_page [--check]"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from tests.tools.conditions_page import row
from tests.tools.platform_page import module
from tests.tools.rules_page import CHECKOUT, kept

PAGE = CHECKOUT / "docs" / "personas.md"
FACTS = CHECKOUT / "plugins" / "plugin_utils" / "platform_catalogue" / "personas.yml"
IDENTITY = "module_utils.platform.identity"

INTRODUCTION = """\
# Personas: who may do what

A persona is what people or services of one kind may do. The five that are shipped are data
(`plugins/plugin_utils/platform_catalogue/personas.yml`); this page is made from it by `tests/tools/personas_page.py`, and so are the
ClusterRoles. Personas of scope namespace are bound to groups in namespaces, by a RoleBinding; those of scope cluster are bound on the
whole cluster, to the groups that name them in `identity.groups[].personas`.

- **May** is a ClusterRole. What does not stand there is not allowed by the persona.
- **Must not** is what has to be impossible for its bearers, by whatever binding. RBAC has no way to forbid anything, so these rows are
  asked of the server, and a binding that nobody thought of is found. A row without names is about requests without a name: a leftover
  rule for one named object is not found by it.
- Nobody has a `*` among verbs, and only read access to groups of operators has one among resources.

"""

LIMITS = """\
## What RBAC cannot hold back
Whoever may create something that becomes a pod (a Job, a Notebook, an InferenceService, a PipelineRun) acts as any ServiceAccount of
that namespace, and can mount any Secret and ConfigMap in it. No rule changes that. What the personas keep off is reading without a
trace, taking credentials along, and reaching into the pods of others. So the namespace is the wall between teams:

- keep no Secret in a team's namespace that the team must not have, and bind no ServiceAccount there to more than its personas may;
- keep the types of Services in the quota (`services.loadbalancers: 0`, `services.nodeports: 0`), since who may create a Service
  chooses its type;
- on OpenShift, take the binding `self-provisioners` away: whoever makes a project is its administrator.

Secrets are write-only for people: `create` and nothing else. The server answers `update` and `patch`, also with a dry run, with the
object as it is stored; `delete` does when it is told to wait for dependents (`propagationPolicy=Foreground`), and `deletecollection` with
the list of what went. A changed credential comes as a Secret of a new name, or from a store outside of the cluster.

"""

OVERRIDE = """\
## Personas of your own
`identity.personas` in the document adds personas, and replaces shipped ones of equal names as a whole:

```yaml
identity:
  personas:
    reviewer:
      purpose: Reads models and their evaluations
      allow:
        - api_groups: [serving.kserve.io]
          resources: [inferenceservices]
          verbs: [get, list, watch]
          why: to review them
  groups:
    - name: ai-platform
      personas: [platform]
```

- One that replaces a shipped persona and has no `deny` keeps the shipped one.
- Refused are: what a persona may do and must not at once; verbs, resources and groups that match nothing (`pods/*`, `apps/v1`); a persona
  of a namespace that is given to a group on the whole cluster; personas of the cluster that exclude each other, given to one group.
- Rights that are known to lead to further ones (below) are refused, unless `escalation_signed_off_by` says who answers for them.
- The core group is the empty text, as in a role of Kubernetes: `api_groups: [""]`.

"""

RIGHTS = """\
## Who writes the roles
An account can give only what it has, unless it may `escalate` a role and `bind` it. The shipped rights have both for the names of
these ClusterRoles alone; a persona of a further name needs its name added. Such an account could write anything into one of them
and bind itself to it, so guard it as you guard a cluster-admin.

"""

ESCALATIONS = """\
## Rights that lead to further ones
*Everywhere* marks what does so only when it holds in every namespace, those of the cluster itself among them.

"""


def shipped() -> Mapping[str, Any]:
    """The shipped personas by name, in the order of their file."""
    facts = module("plugin_utils.platform_files").read_facts()
    personas = module("module_utils.platform.shipped").catalogue_from(facts).personas
    return {name: personas[name] for name in facts["personas"]}


def resources_text(rule: Any) -> str:
    """What a rule is about: the resources, then their groups."""
    names = f" named {_codes(rule.names)}" if rule.names else ""
    groups = ", ".join(f"`{group}`" if group else "core" for group in rule.api_groups)
    return f"{_codes(rule.resources)}{names} ({groups})"


def _codes(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def rule_lines(rules: tuple[Any, ...]) -> Iterator[str]:
    """The table of some rules."""
    yield from (row("resources", "verbs", "why"), "|---|---|---|")
    for rule in rules:
        yield row(resources_text(rule), ", ".join(rule.verbs), rule.why)
    yield ""


def persona_lines(personas: Mapping[str, Any]) -> Iterator[str]:
    """Who they are, and the tables of each. Rows of `deny` that several share stand once."""
    role_name = module(f"{IDENTITY}.personas").role_name
    yield from (row("persona", "who", "scope", "ClusterRole"), "|---|---|---|---|")
    for name, persona in personas.items():
        yield row(f"`{name}`", persona.purpose, persona.scope, f"`{role_name(name)}`")
    yield ""
    told: dict[Any, str] = {}
    for name, persona in personas.items():
        yield from (f"## `{name}`", f"{persona.purpose}.", "", "### May", "", *rule_lines(persona.allow), "### Must not", "")
        if persona.deny in told:
            yield from (f"The same as `{told[persona.deny]}`.", "")
            continue
        told[persona.deny] = name
        yield from rule_lines(persona.deny)


def conflict_lines(personas: Mapping[str, Any]) -> Iterator[str]:
    """The table of personas that nobody should have at once."""
    yield from ("## Personas that exclude each other", "What one may do the other must not; keep them in different groups of people.", "")
    yield from (row("persona", "is not for who is", "for instance"), "|---|---|---|")
    for found in module(f"{IDENTITY}.personas").conflicts(personas):
        yield row(f"`{found.persona}`", f"`{found.excludes}`", f"{', '.join(found.allow.verbs)} {resources_text(found.allow)}")
    yield ""


def escalation_lines() -> Iterator[str]:
    """The table of known ways to further rights."""
    yield from (row("resources", "verbs", "gives", "everywhere"), "|---|---|---|---|")
    for known in module(f"{IDENTITY}.facts").ESCALATIONS:
        yield row(resources_text(known.rule), ", ".join(known.rule.verbs), known.gives, "yes" if known.everywhere else "")


def page() -> str:
    """The whole page."""
    personas = shipped()
    about = [INTRODUCTION + "\n".join(persona_lines(personas)), "\n".join(conflict_lines(personas)), LIMITS + OVERRIDE + RIGHTS]
    return "\n".join(about) + ESCALATIONS + "\n".join(escalation_lines()) + "\n"


def main() -> int:
    """Writes the page, or with --check says whether it is current."""
    return kept(PAGE, page(), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
