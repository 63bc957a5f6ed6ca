// What a plan adds to the VM table: columns and filters, and in the dialog why a VM stands in its wave, or what keeps it out.
const PLAN_RANKS = {
  plan_state: ["in a wave", "moved already", "settle first", "kept out", "blocked"],
  risk: ["low", "medium", "high"],
};
const NO_VALUE = -1;

// The number alone where there is a column head, with the word before it on a phone.
function waveCell(estate, row) {
  const number = estate.text("wave", row).replace("wave ", "");
  return number ? el("span", null, el("span", { class: "wave-word" }, "wave "), number) : el("span", { class: "dim" }, meta.empty.wave);
}

FACETS.push("wave", "plan_state");
SEARCHED.push("namespace");
COLUMNS.splice(
  3,
  0,
  { key: "wave", label: "Wave", cell: waveCell },
  { key: "plan_state", label: "Plan", title: "What the plan makes of it", cell: textCell("plan_state") },
  { key: "method", label: "Move", title: "Cold or warm", cell: textCell("method") },
  { key: "risk", label: "Risk", title: "Risk of the move", cell: textCell("risk") },
  { key: "namespace", label: "Namespace", cell: textCell("namespace") },
);

// A text that has an order of its own is not sorted by the alphabet.
const rankByText = Estate.prototype.rankValue;
Estate.prototype.rankValue = function rankValue(key) {
  const order = PLAN_RANKS[key];
  if (!order) {
    return rankByText.call(this, key);
  }
  return (row) => {
    const place = order.indexOf(this.text(key, row));
    return place < 0 ? Infinity : place;
  };
};

// The plan of a VM; those of a chunk of VMs are unpacked together when one of them is opened.
Estate.prototype.planOf = async function planOf(row) {
  const chunk = Math.floor(row / this.block.chunk);
  this.plans ||= new Map();
  if (!this.plans.has(chunk)) {
    const element = await whenParsed(`plans-${chunk}`);
    this.plans.set(chunk, element ? unpack(element) : Promise.resolve({ texts: [], plans: [] }));
  }
  const { texts, plans } = await this.plans.get(chunk);
  const packed = plans[row % this.block.chunk];
  if (!packed?.length) {
    return null;
  }
  const [figures, single, lists, blockers] = packed;
  const [elapsedP50, elapsedP90, downP50, downP90, downInWave, tolerance, copyBytes, cpu, memory, storage, within] = figures;
  const [plan, namespaceReason, targetName, node, bottleneck, reason] = single.map((index) => texts[index]);
  const [reasons, methodReasons, riskReasons, assumptions, settle, accepted] = lists.map((list) => list.map((index) => texts[index]));
  return {
    elapsedP50, elapsedP90, downP50, downP90, downInWave, tolerance, copyBytes, cpu, memory, storage, within, plan, namespaceReason, targetName, node, bottleneck, reason,
    reasons, methodReasons, riskReasons, assumptions, settle, accepted,
    blockers: blockers.map((parts) => parts.map((index) => texts[index])),
  };
};

function formatMinutes(value) {
  if (value === NO_VALUE) {
    return "";
  }
  const hours = Math.floor(value / 60);
  if (!hours) {
    return `${value} min`;
  }
  if (hours < 48) {
    return value % 60 ? `${hours} h ${value % 60} min` : `${hours} h`;
  }
  return hours % 24 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${hours / 24} d`;
}

function known(value, format) {
  return value === NO_VALUE ? "" : format(value);
}

function twoSpans(p50, p90) {
  return p90 === NO_VALUE ? "" : `${formatMinutes(p50)} at p50, ${formatMinutes(p90)} at p90`;
}

function toleranceText({ tolerance, within }) {
  if (tolerance === NO_VALUE) {
    return "";
  }
  return `${formatMinutes(tolerance)}${within === 0 ? ": the move stops it for longer" : ""}`;
}

class PlanSection {
  constructor(estate, row, plan) {
    this.estate = estate;
    this.row = row;
    this.plan = plan;
  }

  make() {
    const { plan } = this;
    return section(`Plan: ${this.title()}`, [
      plan.reason ? el("p", { class: "data" }, plan.reason) : null,
      plan.reasons.length ? el("ul", { class: "rule-names" }, ...plan.reasons.map((text) => el("li", { class: "data" }, text))) : null,
      plan.settle.length ? this.rules("To settle first", plan.settle) : null,
      ...plan.blockers.map((blocker) => this.blocker(blocker)),
      this.facts(),
      plan.accepted.length ? this.rules("Open, and accepted", plan.accepted) : null,
    ].filter(Boolean));
  }

  title() {
    const state = this.estate.text("plan_state", this.row);
    return this.estate.text("wave", this.row) || state || meta.empty.plan_state;
  }

  rules(words, ids) {
    const titles = ids.map((id) => this.estate.rules[this.estate.ruleIndex.get(id)]?.title || id);
    return el("div", null, el("p", { class: "note" }, `${words}:`), el("ul", { class: "rule-names" }, ...titles.map((title) => el("li", { class: "data" }, title))));
  }

  blocker([code, message, remedy, setting]) {
    return el(
      "article",
      { class: "finding" },
      el("p", { class: "data" }, message),
      remedy ? el("p", { class: "remedy data" }, el("strong", null, "Way out: "), remedy) : null,
      el("p", { class: "note" }, el("code", null, code), setting ? ", lifted by " : "", setting ? el("code", null, setting) : null),
    );
  }

  facts() {
    const { plan } = this;
    const text = (fact) => this.estate.text(fact, this.row);
    const pairs = [
      ["Method", [text("method"), plan.methodReasons.slice(0, 1).concat(plan.methodReasons.slice(1).join(", ")).join(" ").trim()]],
      ["Risk", [text("risk"), ...plan.riskReasons]],
      ["Elapsed", [twoSpans(plan.elapsedP50, plan.elapsedP90), plan.bottleneck ? `bound by ${plan.bottleneck}` : ""]],
      ["Downtime", [twoSpans(plan.downP50, plan.downP90), plan.downInWave > plan.downP90 ? `${formatMinutes(plan.downInWave)} at p90 beside the other VMs of its wave` : ""]],
      ["Tolerated downtime", [toleranceText(plan)]],
      ["To copy", [known(plan.copyBytes, formatBytes)]],
      ["Namespace", [text("namespace"), plan.namespaceReason]],
      ["Name there", [plan.targetName === this.estate.name(this.row) ? "" : plan.targetName]],
      ["Requests", [known(plan.cpu, (value) => `${value / 1000} CPU`), known(plan.memory, formatBytes), known(plan.storage, (value) => `${formatBytes(value)} of volumes`)]],
      ["Fits on", [plan.node]],
      ["Plan", [plan.plan]],
      ["Assumed", plan.assumptions],
    ];
    const shown = pairs.map(([label, parts]) => [label, parts.filter(Boolean)]).filter(([_label, parts]) => parts.length);
    return el("dl", { class: "facts" }, ...shown.map(([label, [first, ...rest]]) => el("div", null, el("dt", null, label), el("dd", { class: "data" }, first, rest.length ? el("span", { class: "note" }, ` ${rest.join("; ")}`) : null))));
  }
}

const evidenceOfVm = Estate.prototype.evidenceOf;
Estate.prototype.evidenceOf = async function evidenceOf(row) {
  this.opened = { row, plan: await this.planOf(row) };
  return evidenceOfVm.call(this, row);
};

const bodyOfVm = Details.prototype.makeBody;
Details.prototype.makeBody = function makeBody(row, ...shown) {
  const body = bodyOfVm.call(this, row, ...shown);
  const { opened } = this.estate;
  if (opened?.row === row && opened.plan) {
    body.prepend(new PlanSection(this.estate, row, opened.plan).make());
  }
  return body;
};
