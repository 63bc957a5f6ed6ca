# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/contracts.md from the contract's table, the example contracts and the checks.

Usage: python -m tests.tools.contracts_page [--check]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from tests.tools.conditions_page import row
from tests.tools.generator.collection import module_util, plugin_util
from tests.tools.platform_page import check_table, document_lines
from tests.tools.rules_page import CHECKOUT, kept

PAGE = CHECKOUT / "docs" / "contracts.md"
EXAMPLES = CHECKOUT / "docs" / "examples" / "contracts"
FULL = EXAMPLES / "retail-assistant.yml"
DEMO_TARGET = CHECKOUT / "inventories" / "demo" / "group_vars" / "all" / "files" / "target.jsonl.gz"
NAMESPACES = "namespaces"
CHECKS_BEGIN = "\nCHECKS: Final"
"""How a module begins its list of checks."""

INTRODUCTION = """\
# Contracts of AI namespaces

A contract says, for one namespace, who answers for it, who works in it as what, what it gets, what it may reach, and until when. It
becomes the objects of that namespace and of its owner, and everything that it says is held against the cluster in each run. This page
is made from the collection's own tables by `tests/tools/contracts_page.py`.

## Where contracts stand
`readiness_contracts` is a mapping (one contract), the path of a YAML or JSON file, the path of a folder, or a list of these.

- **A file** holds one contract or a list of them, or has them under the key `readiness_contracts`, as a file of variables does. It is
  one YAML document: a second one after `---` is refused. Relative paths are taken from the folder in which the playbook was started.
- **A folder** gives its files `*.yml`, `*.yaml` and `*.json` in the order of their names. Hidden files and folders in it are not looked
  at; a folder without any such file is a fault. Where two files have one name, problems name them by their paths.
- **A namespace has one contract**, in whatever file. A contract replaces nothing of another one.
- **Nothing is converted.** A version or a day is a text; YAML's unquoted `2027-12-31` counts as one. Null is no value: leave the key out.
- **All faults at once**, of all files, each with file, row, place and what is allowed: first those of form, then those that contracts
  cannot mean, alone or together (an unknown class or persona, a namespace of the system, two contracts of one namespace, subnets
  that overlap, owners that differ). Then those that only the cluster can tell, marked *stops* [below](#checks). Until they are gone,
  nothing is written of any contract.

JSON Schema of one contract: [schemas/contract.schema.json](schemas/contract.schema.json). An editor checks against it while you write
where the first lines of a file say `# yaml-language-server: $schema=PATH/contract.schema.json`.

"""

MINIMAL = """\
schema_version: "1.0"
namespace: team-forecast
owner: {name: retail, group: retail-ai-owners, cost_centre: cc-4711}
classification: internal
expires: "2027-12-31"
personas:
  - {persona: data_scientist, groups: [retail-data-scientists]}
quota: {cpu: 16, memory_gib: 64}
"""

ABOUT_MINIMAL = """\
## A small contract
All that has to be said. It comes to a namespace without accelerators, volumes or served models, which nothing but the cluster's
router reaches, and which reaches nothing but DNS:

"""

ABOUT_FULL = """\
## A full contract
One of the three [examples](examples/contracts): [retail-assistant](examples/contracts/retail-assistant.yml) serves models,
[fraud-training](examples/contracts/fraud-training.yml) trains them, and [docs-search](examples/contracts/docs-search.yml) is small and
has a network of its own.

"""

KEYS = """\
## Keys
`NAME` stands for a name of your own, `[]` for each entry of a list. Personas are those of [personas.md](personas.md) and of section
`identity` of the platform's document; classes of accelerators are those that are shipped and those of its section `accelerators`, see
[platform.md](platform.md).

"""

OBJECTS: Mapping[str, tuple[str, str]] = {
    "Namespace": ("`namespace`, `owner`, `classification`, …", "labels and annotations below; kept when the contract goes"),
    "ResourceQuota": (
        "`quota`, `accelerators`",
        "what pods and volumes may take; each known accelerator resource, with zero for those not granted",
    ),
    "LimitRange": ("`containers`", "what containers get that ask for nothing, and the most of one container or volume"),
    "NetworkPolicy": ("`network`", "nothing gets in or out but within the namespace, to DNS, and as the contract says"),
    "UserDefinedNetwork": ("`network.subnets`", "with `isolation: own_network`: the primary network, layer 2"),
    "ServiceAccount": ("`service_accounts`", "accounts of pipelines and of workloads"),
    "RoleBinding": ("`personas`", "one for each persona, to its ClusterRole, with everybody who has it"),
    "LocalQueue": ("`queue`", "the queue that workloads name; it leads to the owner's"),
    "ClusterQueue": ("`accelerators`, `quota`, `queue`", "one for each owner: the grants of all of its contracts, by ResourceFlavor"),
    "ClusterResourceQuota": ("`accelerators`", "one for each owner: its accelerators over all of its namespaces"),
    "HardwareProfile": ("`accelerators`", "one for each grant: what workbenches and models choose, with the queue that decides on nodes"),
    "PodMonitor": ("`monitoring.pods`", "which pods' metrics are collected"),
    "ServiceMonitor": ("`monitoring.services`", "which services' metrics are collected"),
    "ConfigMap": ("`data_sources`", "one entry for each source, for whoever works in the namespace to read"),
}
"""Kind to the keys that it is made of, and to what it says."""

ABOUT_OBJECTS = """\
## What becomes of it
Names are those of the three examples. Kinds that the cluster does not serve (Kueue's, OpenShift's, the monitoring operator's) are left
out and named in a finding.

"""

ABOUT_LABELS = """\
The namespace bears, where the examples say so (a key that is not given leaves its label or annotation out):

"""

DECLARED: Mapping[str, str] = {
    "images": "where images may come from; with which Secrets the default service account pulls them, whose list they are added to",
    "offboarding": "that the namespace is given up, and what becomes of its data: see below",
    "serving": "which runtimes models may name, and which Secret leads to the weights",
    "waivers": "which failures somebody answers for",
}
"""Keys of which no object is made, and what they say all the same."""

ABOUT_DECLARED = """\
These say something as well, and no object of its own is made of them:

"""

POOLING = """\
## Accelerators, quotas and queues
A contract names a class, never a product. A class comes to a resource and a ResourceFlavor of this cluster, by what its nodes have; one
that no node can serve is refused with the figures, and one of which nobody knows is not evaluated.

- **An owner's contracts share.** They lead to one ClusterQueue with the sum of their grants, and to one ClusterResourceQuota over all
  namespaces with the owner's label. A queue cannot be capped for one of its namespaces, and a workload that was admitted and is then
  held back by a quota hangs. So each namespace with a grant of a resource may use all that its owner is granted of it; a namespace
  without one gets none. Give a team an owner of its own where it must not share.
- **A cohort lends.** Owners with the same `queue.cohort` take what others leave idle where all of their contracts say `borrow: true`,
  up to what the whole cohort is granted of a flavor that they have themselves. Quotas let that through. Whoever lends gets it back:
  workloads that borrow are preempted.
- **What is not named is zero.** A quota names every accelerator resource that is known: one that it did not name would not be limited.
- **All grants together** are no more than usable nodes have: what is lent is somebody's.
- **While one grant of an owner cannot be served**, or nobody knows, its quotas and queues are left as they are.

The examples on the demo's saved target:

"""

NETWORK = """\
## The network is chosen with the namespace
With `isolation: policies` the namespace is on the cluster's network, and NetworkPolicies close it. With `own_network` it gets a primary
UserDefinedNetwork as well: other namespaces cannot reach it whatever policies say, so `from_namespaces` cannot be given. Choose its
subnets so that they overlap none of another contract, which is checked, and none of the cluster's own networks, which is not.

OVN-Kubernetes reads the label `{label}` when a namespace is made, and never again. A
contract that asks for the other kind of network than its namespace was made with is refused; the namespace has to be made anew.

Ways out are networks and namespaces, since a NetworkPolicy knows no host names. DNS is always open, so that names can be asked for, and
so is the way to the cluster's own API servers, unless `to_api` is false.

"""

LIFE = """\
## Until when
`expires` is the last day of the grant, in UTC. Admission has no clock, so the day is judged by each run:

- {days} days before it, a warning says how many are left;
- after it, a critical failure stands in each report until the contract is renewed, with the pods that hold accelerators still; the
  LocalQueue is drained (`stopPolicy: HoldAndDrain`) whatever `queue.stop` says. Nothing is deleted, and what is in no queue runs on;
- a namespace that is still to be made is not made for a day that has passed: nothing is written.

`queue.stop` does the same before that day: `hold` admits no further workloads, `drain` evicts those that were admitted as well.

"""

ENDING = """\
## Giving a namespace up
Section `offboarding` ends what a contract began; leave the contract in place until it is done. Each run goes as far as it can:

1. Everybody's rights are revoked, the LocalQueue is drained, and the quota lets no further pod in.
2. While pods hold accelerators, or workloads of the queue have not ended, the bounds of the namespace stay, and a failure names what
   runs still. What is in no queue is never deleted: see to it, and run it again.
3. Then all that was made of the contract goes, and the ClusterQueue and the ClusterResourceQuota of its owner too, once that has no
   other namespace. Whatever is left, made by whomever, is a failure with its name.

`data: keep` leaves the namespace and its volumes, to which nobody has a right. `hand_over` lets one group in, with ClusterRole `edit`.
`delete` deletes the namespace with all that is in it, what runs there too, without waiting for it: it needs `removal_rights.yml` as well.
Volumes that outlive it are listed.

"""

GATE = """\
## The governance gate
A contract binds those who keep it. The gate binds everybody: admission policies by which nobody has accelerators in a namespace
without owner, owner group, classification and a well-formed `expires`, whichever way they are asked for. Playbook `namespaces` sets it
up with `readiness_gate`, in steps from `audit` over `warn` to `deny`, and says before each what is there already that it would refuse;
the same does role `governance_gate` alone. A namespace of an operator is left out by `exempt`; who may delete the quota of a contract is
named by `keepers`.

"""

PROOF = """\
## What is proven of access
For everybody whom a contract gives a persona the API server is asked what it allows: all that the persona promises in its namespace, all
that it must not do there, and what nobody may do in the namespaces of others and on the whole cluster. Some of it is tried as that
person by dry runs, which write nothing and go through quotas, pod security and policies: for that the account needs
`tenant_rights.yml`, without which these are not evaluated. A row that does not hold names the binding that is the cause. Requests are
asked once for all whom the very same bindings reach. `readiness_namespaces_access_proof` says when: by default in mode `verify`, and after
a run that wrote anything.

"""

PROOF_OF_LIFE = """\
## Proof of life
Rights and quotas can be right, and nothing runs all the same. With `readiness_namespaces_proof_of_life: always` one Job is run for each
grant, and for a contract without accelerators one without: made as somebody who has a persona there, through the contract's queue, with
the devices of one pod, under Pod Security `restricted`. It looks for the devices that it was given, resolves a name, and tries what the
contract lets it reach and some of what it must not: the node's metadata address, the cluster's monitoring, a model next door. What it saw
is one JSON object, the same for every vendor ([schemas/proof.schema.json](schemas/proof.schema.json)). All Jobs are made at once, looked
at together, and removed again, also when the run is interrupted; what a killed run left goes with the next one.

The account needs `life_rights.yml` and `tenant_rights.yml` for it; without them nothing is made. `readiness_namespaces_probe_image` is
an image with a POSIX shell. It ends as soon as it is certain: a verdict that may still change has to stand for some seconds, and after
five minutes what is known by then stands. Each ends with one code:

"""

ABOUT_CODES = """\
Not evaluated is what nobody can say: a Job that ended well and left no result, on a node that is only played, proves nothing. Of devices
no more is asked than that one is there and that the vendor's own tool, where the image has it, ends well: partitions and shares have
no device file each. A connection that is refused counts as closed. Whether metrics of the pod are collected is not asked.

"""

OWNERSHIP = """\
## Whose the objects are
- **A namespace that is there already** and that this collection did not make is somebody else's: it is refused, unless the contract
  says `adopt: true`. Its labels and annotations that the contract names are then the contract's, all others stay as they are.
- **Fields that others set** stay theirs where the contract says nothing of them. One that the contract sets is set back, unless an
  operator or Argo CD holds it: then a finding names both.
- **What Argo CD tracks** is not written: a finding names the object and what is otherwise. Change it where Argo CD takes it from.
- **A namespace is never removed** because its contract is gone: it holds data. Namespaces of the system (`openshift-*`, `kube-*`,
  `default`) and of this collection (`groundwork-readiness*`) are refused.
- **Owner, group and cost centre** are the same in all contracts of one owner, and so is the cohort: they share what is made of them.

"""

WAIVERS = """\
## Waivers
An entry of `waivers` turns failures of one check in the contract's own namespace into `waived` until its day; with `subject`, that of one
object alone. It has an owner and a reason, which stand in the report. What was not evaluated cannot be waived.

"""

NOT_DONE = """\
## What is not done
- Groups, users and their members are the directory's. A group that is not there, or that is empty, is refused. Where an external issuer
  brings groups along, the cluster has none to look at: that is not evaluated, with a warning.
- Secrets are named and never read or written: pull secrets and the access to object stores are put there by whoever has them.
- ClusterRoles of personas and ResourceFlavors come with the playbook `platform`.
- Workloads, models and volumes of the team are its own.
- Data is described, not moved: nothing checks consent, and nothing deletes what was kept too long.
- Pods are bound to a region by a node selector, which can name one alone. With several regions they are not bound, and a finding says so.
- What leaves the cluster is held by networks and ports alone: not by host names, and not by what is inside of a connection.

"""

CHECKS = """\
## Checks
{total} checks, asked for each contract, or once for all. Answers are pass, fail, not evaluated, not applicable and waived; what could
not be read is never a pass. *Stops* marks those that are asked before the first write: while one fails, nothing is written of any
contract.

"""

LAYERS: Mapping[str, str] = {
    "cluster": "The cluster",
    "grants": "Grants",
    "bounds": "Bounds",
    "people": "People",
    "life": "Life",
}
"""Layer to its heading; one that does not stand here is called by its own name."""


@cache
def contracts() -> tuple[Any, ...]:
    """The example contracts, by namespace."""
    source = module_util("platform.desired.parse").SourceText
    loaded = plugin_util("contract_files").load_contracts(str(EXAMPLES), CHECKOUT)
    read = module_util(f"{NAMESPACES}.contract.reading").read_contracts([source(**each) for each in loaded["sources"]])
    if loaded["problems"] or read.problems:
        raise ValueError([*loaded["problems"], *(problem.text() for problem in read.problems)])
    return tuple(each.contract for each in read.placed)


@cache
def demo() -> tuple[Any, Any]:
    """The shipped classes of accelerators, and the fleet of the demo's saved target."""
    view = module_util("target.view").TargetView(module_util("adapters.artifacts").ArtifactReader(DEMO_TARGET, "target"))
    catalogue = module_util("platform.shipped").catalogue_from(plugin_util("platform_files").read_facts())
    return catalogue.classes, module_util("platform.accelerators.fleet").fleet_of_target(view, catalogue)


def planned(found: Sequence[Any]) -> Any:
    """What contracts come to on the demo's saved target, if it served every kind that they ask for."""
    plan = module_util(f"{NAMESPACES}.plan")
    return plan.plan_namespaces(found, *demo(), plan.Served("v1beta2", cluster_quotas=True, monitors=True, profiles="v1"))


@cache
def plan_of_examples() -> Any:
    """The plan of the example contracts."""
    return planned(contracts())


def checks() -> tuple[Any, ...]:
    """All checks of the stage."""
    found: tuple[Any, ...] = module_util(f"{NAMESPACES}.catalogue_of_checks").CHECKS
    return found


def lists_of_checks() -> tuple[Any, ...]:
    """Those of each module of the stage that lists some: the catalogue has to hold them all."""
    folder = CHECKOUT / "plugins" / "module_utils"
    lists = [path for path in sorted((folder / NAMESPACES).rglob("*.py")) if CHECKS_BEGIN in path.read_text(encoding="utf-8")]
    names = [".".join(path.relative_to(folder).with_suffix("").parts) for path in lists if path.stem != "catalogue_of_checks"]
    return tuple(check for name in names for check in module_util(name).CHECKS)


def yaml_block(text: str) -> str:
    """A block of YAML."""
    return f"```yaml\n{text.rstrip()}\n```\n\n"


def without_head(text: str) -> str:
    """A file of YAML without licence and marker."""
    return text.partition("---\n")[2]


def object_lines() -> Iterator[str]:
    """The table of the objects of the examples, in the order in which they are written."""
    yield from (row("object", "names", "from", "what it says"), "|---|---|---|---|")
    names: dict[str, dict[str, None]] = {}
    for each in plan_of_examples().objects:
        names.setdefault(each.object["kind"], {})[each.object["metadata"]["name"]] = None
    for kind, found in names.items():
        keys, says = OBJECTS[kind]
        yield row(f"`{kind}`", ", ".join(f"`{name}`" for name in sorted(found)), keys, says)
    yield ""


def label_lines() -> Iterator[str]:
    """The table of what the examples' namespaces bear, with the key that it comes from."""
    key_for = module_util(f"{NAMESPACES}.vocabulary").key_for
    yield from (row("on the namespace", "what", "from", "for instance"), "|---|---|---|---|")
    spaces = [each.object for each in plan_of_examples().objects if each.object["kind"] == "Namespace"]
    for what in ("labels", "annotations"):
        shown: dict[str, str] = {}
        for space in spaces:
            shown |= {name: value for name, value in space["metadata"][what].items() if not shown.get(name)}
        for name, value in sorted(shown.items()):
            key = key_for("Namespace", "", ("metadata", what, name))
            yield row(f"`{name}`", what.removesuffix("s"), f"`{key}`" if key else "", f"`{value}`" if value else "")
    yield ""


def declared_lines() -> Iterator[str]:
    """The table of keys of which no object is made."""
    yield from (row("key", "what it says"), "|---|---|")
    for key, says in DECLARED.items():
        yield row(f"`{key}`", says)
    yield ""


def pooling_lines() -> Iterator[str]:
    """The table of what is granted to each example, and what its owner's queue may hand out."""
    plan = plan_of_examples()
    quotas = {item["metadata"]["namespace"]: item["spec"]["hard"] for item in _of_kind("ResourceQuota")}
    queues = {item["metadata"]["name"]: _entries(item) for item in _of_kind("ClusterQueue")}
    owner_object = module_util(f"{NAMESPACES}.terms").owner_object
    yield from (
        row("namespace", "owner", "resource", "granted", "owner's queue: nominal", "may borrow", "namespace's quota"),
        "|---|---|---|---:|---:|---:|---:|",
    )
    for contract in contracts():
        for resource, granted in plan.grants[contract.namespace].by_resource().items():
            nominal, borrowed = queues[owner_object(contract.owner.name)].get(resource, (0, 0))
            if nominal:
                figures = (granted, nominal, borrowed, quotas[contract.namespace][f"requests.{resource}"])
                yield row(f"`{contract.namespace}`", contract.owner.name, f"`{resource}`", *map(str, figures))
    yield ""


def _of_kind(kind: str) -> list[Mapping[str, Any]]:
    return [each.object for each in plan_of_examples().objects if each.object["kind"] == kind]


def _entries(queue: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Resource to what a queue has of its own and may borrow, over all flavors."""
    nominal: Counter[str] = Counter()
    borrowed: Counter[str] = Counter()
    for entry in (each for group in queue["spec"]["resourceGroups"][1:] for flavor in group["flavors"] for each in flavor["resources"]):
        nominal[entry["name"]] += int(entry["nominalQuota"])
        borrowed[entry["name"]] += int(entry.get("borrowingLimit", 0))
    return {name: (amount, borrowed[name]) for name, amount in nominal.items()}


def check_lines(found: Sequence[Any]) -> Iterator[str]:
    """The tables of the checks, layer by layer."""
    for layer in dict.fromkeys((*LAYERS, *(check.layer for check in found))):
        of_layer = [check for check in found if check.layer == layer]
        if of_layer:
            yield from check_table(LAYERS.get(layer, layer.replace("_", " ").capitalize()), of_layer)


def code_lines() -> Iterator[str]:
    """The table of what can come of a proof of life."""
    yield from (row("code", "what it says", "result", "remedy"), "|---|---|---|---|")
    for code in module_util(f"{NAMESPACES}.life.codes").CODES:
        yield row(f"`{code.id}`", code.title, code.result.replace("_", " "), code.remedy)
    yield ""


def page() -> str:
    """The whole page."""
    contract = module_util(f"{NAMESPACES}.contract.model").Contract
    label = module_util(f"{NAMESPACES}.objects.core").OWN_NETWORK_LABEL
    days = "{}, {} and {}".format(*module_util(f"{NAMESPACES}.judging").WARNED_DAYS)
    found = checks()
    parts = [
        INTRODUCTION + ABOUT_MINIMAL + yaml_block(MINIMAL),
        ABOUT_FULL + yaml_block(without_head(FULL.read_text(encoding="utf-8"))),
        KEYS + "\n".join(document_lines(contract)) + "\n",
        ABOUT_OBJECTS + "\n".join(object_lines()) + "\n",
        ABOUT_LABELS + "\n".join(label_lines()) + "\n" + ABOUT_DECLARED + "\n".join(declared_lines()) + "\n",
        POOLING + "\n".join(pooling_lines()) + "\n",
        NETWORK.format(label=label) + LIFE.format(days=days) + ENDING + OWNERSHIP + GATE + PROOF,
        PROOF_OF_LIFE + "\n".join(code_lines()) + "\n" + ABOUT_CODES + WAIVERS + NOT_DONE,
        CHECKS.format(total=len(found)) + "\n".join(check_lines(found)),
    ]
    return "".join(parts).rstrip("\n") + "\n"


def main() -> int:
    """Writes the page, or with --check says whether it is current."""
    return kept(PAGE, page(), sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
