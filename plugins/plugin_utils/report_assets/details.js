// One VM with everything known about it, in a dialog.
const FACT_LABELS = [
  ["vcenter", "vCenter"], ["datacenter", "Datacenter"], ["cluster", "Cluster"], ["host", "Host"], ["folder", "Folder"],
  ["power_state", "Power state"], ["guest_os", "Guest OS"], ["os_family", "OS family"], ["owner", "Owner"],
  ["application", "Application"], ["environment", "Environment"], ["criticality", "Criticality"],
];
const NUMBER_LABELS = [
  ["cpu_count", "vCPU", groupDigits], ["memory_mib", "Memory", (mib) => formatBytes(mib * 1048576)],
  ["disk_bytes", "Disk", formatBytes], ["used_bytes", "In use", formatBytes],
  ["disk_count", "Disks", groupDigits], ["nic_count", "Network adapters", groupDigits],
];
const USAGE_LABELS = [
  ["CPU", (mhz) => `${groupDigits(mhz)} MHz`], ["Active memory", (mib) => formatBytes(mib * 1048576)],
  ["Disk writes", (kib) => `${formatBytes(kib * 1024)}/s`],
];
const EVIDENCE_COLUMNS = ["Object", "Field", "Observed", "Expected"];

class Details {
  constructor(estate, actions) {
    this.estate = estate;
    this.actions = actions;
    this.row = -1;
    this.dialog = document.getElementById("vm-dialog");
    this.inner = document.getElementById("vm-dialog-inner");
    this.dialog.addEventListener("close", () => { this.row = -1; this.actions.closed(); });
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) {
        this.dialog.close();
      }
    });
  }

  async open(row) {
    if (row === this.row) {
      return;
    }
    this.row = row;
    const findings = await this.estate.evidenceOf(row);
    const performance = await this.estate.performanceOf(row);
    if (this.row !== row) {
      return;
    }
    const pressed = document.activeElement?.dataset?.step;
    this.inner.replaceChildren(this.makeHead(row), this.makeBody(row, findings, performance));
    this.dialog.setAttribute("aria-labelledby", "vm-dialog-title");
    if (!this.dialog.open) {
      this.dialog.showModal();
    }
    this.dialog.scrollTop = 0;
    const again = pressed && this.inner.querySelector(`[data-step="${pressed}"]:not(:disabled)`);
    (again || this.inner.querySelector("h2")).focus({ preventScroll: true });
  }

  close() {
    if (this.dialog.open) {
      this.dialog.close();
    }
  }

  makeHead(row) {
    const { estate } = this;
    const step = (name, label, by) => {
      const button = el("button", { type: "button", class: "tool", "aria-label": label, title: label, "data-step": name }, icon(name));
      button.disabled = !this.actions.canStep(by);
      button.addEventListener("click", () => this.actions.step(by));
      return button;
    };
    const closer = el("button", { type: "button", class: "tool", "aria-label": "Close", title: "Close (Esc)", "data-step": "close" }, icon("close"));
    closer.addEventListener("click", () => this.dialog.close());
    const title = el("h2", { id: "vm-dialog-title", tabindex: "-1" }, estate.name(row) || "(no name)");
    const buttons = el("div", { class: "dialog-buttons" }, step("up", "Previous VM", -1), step("down", "Next VM", 1), closer);
    const score = estate.score(row);
    const best = estate.score(row, "score_best");
    const scoreText = best > score ? `Score ${formatScore(score)} of 100; ${formatScore(best)} if every open rule passes` : `Score ${formatScore(score)} of 100`;
    const badges = el("div", { class: "dialog-badges" }, verdictBadge(estate.verdict(row), estate.provisional(row)), estate.provisional(row) ? el("span", null, "Provisional") : null, el("span", { class: "note" }, scoreText));
    const meaning = el("p", { class: "note" }, "The score is the share of the weighted checks passed. The verdict decides, not the score: one failed critical rule blocks a VM.");
    return el("header", { class: "dialog-head" }, el("div", { class: "dialog-title" }, title, buttons), badges, meaning);
  }

  makeBody(row, findings, performance) {
    const waived = findings.filter((finding) => finding.waived);
    const failed = findings.filter((finding) => !finding.waived).sort((a, b) => this.severity(a) - this.severity(b));
    return el(
      "div",
      { class: "dialog-body" },
      section("Findings", failed.length ? failed.map((finding) => this.finding(finding)) : [el("p", { class: "note" }, "No rule failed.")]),
      waived.length ? section("Waived", waived.map((finding) => this.finding(finding))) : null,
      this.gaps(row),
      this.facts(row),
      this.usage(performance),
      this.sources(row),
      this.others(row),
    );
  }

  severity(finding) {
    return Object.keys(meta.categories).indexOf(finding.rule.category);
  }

  finding({ rule, evidence }) {
    const table = el(
      "table",
      { class: "plain evidence" },
      el("caption", { class: "visually-hidden" }, `Evidence: ${rule.title}`),
      el("thead", null, el("tr", null, ...EVIDENCE_COLUMNS.map((column) => el("th", { scope: "col" }, column)))),
      el("tbody", null, ...evidence.map((item) => el("tr", null, ...item.map((text, part) => el("td", { class: "data", "data-label": EVIDENCE_COLUMNS[part] }, text === "" ? el("span", { class: "dim" }, "(empty)") : text))))),
    );
    return el(
      "article",
      { class: "finding" },
      el("h4", null, categoryBadge(rule.category), rule.title),
      rule.rationale ? el("p", null, rule.rationale) : null,
      evidence.length ? el("div", { class: "table-wrap" }, table) : null,
      rule.remedy ? el("p", { class: "remedy" }, el("strong", null, "Remedy: "), rule.remedy) : null,
      el("p", { class: "note" }, ruleLink(rule)),
    );
  }

  // Open rules by the reason for which they are open; last those for which no source records one.
  gaps(row) {
    const gaps = this.estate.set("gaps", row);
    const reasons = this.estate.reasons(row);
    if (!gaps.length && !reasons.length) {
      return section("Open rules", [el("p", { class: "note" }, "Every rule was evaluated.")]);
    }
    const open = new Set(gaps);
    const groups = reasons.map((reason) => this.reason(reason, reason.rules.filter((index) => open.has(index)).map((index) => this.estate.rules[index])));
    reasons.forEach(({ rules }) => rules.forEach((index) => open.delete(index)));
    const rest = [...open].map((index) => this.estate.rules[index]);
    if (rest.length) {
      groups.push(el("ul", null, ...rest.map((rule) => openRule(rule, rule.way))));
    }
    return section(`Open rules, why, and what would settle them (${gaps.length})`, groups);
  }

  reason({ object, facts, reason, advice }, rules) {
    const words = reason.charAt(0).toUpperCase() + reason.slice(1);
    const whose = object === "VM" || reason.includes(object) ? "" : ` (${object})`;
    return el(
      "article",
      { class: "open-reason" },
      el("h4", { class: "data" }, words, whose ? el("span", { class: "note" }, whose) : null),
      advice ? el("p", { class: "data" }, advice) : null,
      el("p", { class: "note" }, "Not known therefore: ", el("code", null, facts)),
      rules.length ? el("ul", null, ...rules.map((rule) => openRule(rule))) : el("p", { class: "note" }, "These facts tell whether the VM is in scope."),
    );
  }

  facts(row) {
    const { estate } = this;
    const pairs = [
      ...FACT_LABELS.map(([fact, label]) => [label, estate.text(fact, row), meta.empty[fact]]),
      ...NUMBER_LABELS.map(([fact, label, format]) => [label, estate.number(fact, row) < 0 ? "" : format(estate.number(fact, row))]),
      ["Id", estate.id(row)],
    ];
    const items = pairs.map(([label, value, empty]) => el("div", null, el("dt", null, label), el("dd", { class: value ? "data" : "dim" }, value || empty || "not known")));
    return section("Facts", [el("dl", { class: "facts" }, ...items)]);
  }

  // What the VM used, for sizing: three figures each for CPU, active memory and disk writes.
  usage([days, ...figures]) {
    if (days === undefined) {
      return null;
    }
    const items = USAGE_LABELS.map(([label, format], place) => {
      const values = figures.slice(3 * place, 3 * place + 3);
      const words = ["95th percentile", "peak", "average"].map((name, index) => [name, values[[1, 2, 0][index]]]).filter(([_name, value]) => value >= 0).map(([name, value]) => `${format(value)} ${name}`);
      return el("div", null, el("dt", null, label), el("dd", { class: words.length ? "data" : "dim" }, words.join(", ") || "not known"));
    });
    return section(`Usage over ${plural(days, "day")}`, [el("dl", { class: "facts" }, ...items)]);
  }

  sources(row) {
    const ids = this.estate.set("sources", row).map((index) => this.estate.block.sourceIds[index]);
    const items = ids.map((id) => {
      const source = meta.sources[id];
      const words = source ? ` ${source.type}${source.captured ? `, captured ${source.captured}` : ""}` : "";
      return el("li", null, el("span", { class: "data" }, source ? source.name : id), el("span", { class: "note" }, words));
    });
    return section("Sources", [items.length ? el("ul", null, ...items) : el("p", { class: "note" }, "not known")]);
  }

  others(row) {
    const { estate } = this;
    const listed = ["failed", "waived", "gaps", "not_applicable"].map((column) => new Set(estate.set(column, row)));
    const passed = estate.rules.filter((_rule, index) => !listed.some((set) => set.has(index)));
    const skipped = estate.set("not_applicable", row).map((index) => estate.rules[index]);
    return section("Other rules", [ruleNames("passed", passed), ruleNames("not applicable", skipped)]);
  }
}

function section(title, children) {
  return el("section", null, el("h3", null, title), ...children);
}

function openRule(rule, way) {
  return el("li", { class: "open-rule" }, el("span", null, categoryBadge(rule.category), " ", rule.title), way ? el("span", { class: "note data" }, way) : null);
}

function categoryBadge(category) {
  return el("span", { class: `badge category-${category}` }, icon(category), meta.categories[category] || category);
}

function ruleLink(rule) {
  return el("a", { href: `#rule-${rule.id}` }, el("code", null, rule.id));
}

function ruleNames(words, rules) {
  if (!rules.length) {
    return el("p", { class: "note" }, `None ${words}.`);
  }
  return el("details", null, el("summary", null, `${plural(rules.length, "rule")} ${words}`), el("ul", { class: "rule-names" }, ...rules.map((rule) => el("li", null, rule.title))));
}
