// Ties the parts together: address, filters, table, dialog, theme, print and export.
const PRINT_LIMIT = 500;
const byId = (id) => document.getElementById(id);

function startTheme() {
  const button = byId("theme-button");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const mark = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("groundwork-readiness-theme", document.documentElement.dataset.theme);
    } catch {
      // The choice then holds until the page is closed.
    }
    mark();
  });
  system.addEventListener("change", mark);
  mark();
}

function openTarget() {
  const target = location.hash.length > 1 && !location.hash.includes("=") ? byId(decodeURIComponent(location.hash.slice(1))) : null;
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  }
}

function startPrint(before, after) {
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.rule:not([open])")];
    opened.forEach((details) => { details.open = true; });
    before();
  });
  window.addEventListener("afterprint", () => {
    opened.forEach((details) => { details.open = false; });
    after();
  });
  byId("print-button").addEventListener("click", () => window.print());
}

class App {
  constructor(estate) {
    this.estate = estate;
    this.state = emptyState();
    this.result = { rows: [] };
    this.table = new VmTable(estate, { sort: (column) => this.sortBy(column), open: (row) => this.openVm(row) });
    this.details = new Details(estate, { closed: () => this.vmClosed(), step: (by) => this.step(by), canStep: (by) => this.neighbour(by) !== undefined });
    this.fillSelects();
    this.listen();
    this.fromAddress(true);
  }

  fillSelects() {
    for (const facet of FACETS) {
      const { values, index } = this.estate.block.text[facet];
      const counts = values.map(() => 0);
      index.forEach((value) => { counts[value] += 1; });
      byId(`filter-${facet}`).append(...values.map((value, place) => el("option", { value: `=${value}` }, `${value || `(${meta.empty[facet]})`} · ${groupDigits(counts[place])}`)));
    }
    const any = Object.entries(meta.categories).map(([category, label]) => el("option", { value: `category=${category}` }, `Any failed: ${label.toLowerCase()}`));
    const failed = this.ruleOptions("rule", "failed");
    const open = this.ruleOptions("open", "gaps");
    byId("filter-rule").append(...any, el("optgroup", { label: "Failed" }, ...failed), el("optgroup", { label: "Open" }, ...open));
    byId("sort-select").append(...COLUMNS.flatMap((column) => [false, true].map((down) => el("option", { value: (down ? "-" : "") + column.key }, `${column.label}, ${sortWords(column)[down ? 1 : 0]}`))));
  }

  ruleOptions(kind, column) {
    const { values, index } = this.estate.block[column];
    const perSet = values.map(() => 0);
    index.forEach((value) => { perSet[value] += 1; });
    const counts = this.estate.rules.map(() => 0);
    values.forEach((set, place) => set.forEach((rule) => { counts[rule] += perSet[place]; }));
    return this.estate.rules
      .map((rule, place) => (counts[place] ? el("option", { value: `${kind}=${rule.id}` }, `${rule.title} · ${groupDigits(counts[place])}`) : null))
      .filter(Boolean);
  }

  listen() {
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    let timer = 0;
    byId("filter-q").addEventListener("input", (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => { this.state.q = event.target.value; this.refresh(); }, 120);
    });
    for (const chip of document.querySelectorAll(".chip[data-verdict]")) {
      chip.addEventListener("click", () => this.toggleVerdict(chip.dataset.verdict));
    }
    for (const chip of document.querySelectorAll(".chip[data-provisional]")) {
      chip.addEventListener("click", () => this.change({ provisional: this.state.provisional === chip.dataset.provisional ? "" : chip.dataset.provisional }));
    }
    for (const facet of FACETS) {
      byId(`filter-${facet}`).addEventListener("change", (event) => this.setFacet(facet, event.target.value));
    }
    byId("filter-rule").addEventListener("change", (event) => {
      const [kind, value] = event.target.value.split("=");
      this.change({ rule: kind ? { kind, value } : null });
    });
    byId("sort-select").addEventListener("change", (event) => this.change({ sort: { key: event.target.value.replace(/^-/, ""), down: event.target.value.startsWith("-") } }));
    byId("clear-filters").addEventListener("click", () => { this.change({ ...emptyState(), sort: this.state.sort }); byId("filter-q").focus(); });
    byId("export-csv").addEventListener("click", () => this.exportCsv());
    byId("copy-link").addEventListener("click", () => this.copyLink());
    window.addEventListener("hashchange", () => this.fromAddress(false));
  }

  change(changes) {
    Object.assign(this.state, changes);
    this.refresh();
  }

  toggleVerdict(id) {
    const verdict = new Set(this.state.verdict);
    if (!verdict.delete(id)) {
      verdict.add(id);
    }
    this.change({ verdict });
  }

  setFacet(facet, value) {
    const facets = { ...this.state.facets };
    delete facets[facet];
    if (value) {
      facets[facet] = value.slice(1);
    }
    this.change({ facets });
  }

  sortBy(column) {
    const { key, down } = this.state.sort;
    this.change({ sort: { key: column.key, down: key === column.key ? !down : Boolean(column.down) } });
  }

  // Reads the address; links within the page set filters this way too.
  fromAddress(first) {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) {
      if (!first) {
        this.details.close();
      }
      openTarget();
      if (first) {
        this.refresh(false);
      }
      return;
    }
    this.state = parseState(hash);
    if (!COLUMNS.some((column) => column.key === this.state.sort.key)) {
      this.state.sort = DEFAULT_SORT;
    }
    const { vm } = this.state;
    this.refresh(false);
    byId("vms").scrollIntoView({ behavior: "instant" });
    if (!first) {
      byId("vms-title").tabIndex = -1;
      byId("vms-title").focus({ preventScroll: true });
    }
    const row = vm ? this.estate.find(vm) : -1;
    if (row >= 0) {
      this.openVm(row);
    } else {
      this.details.close();
    }
  }

  refresh(write = true) {
    this.result = query(this.estate, this.state);
    this.table.show(this.result.rows, this.state.sort);
    this.showControls();
    this.showCounts();
    if (write) {
      this.writeAddress();
    }
  }

  writeAddress() {
    const hash = formatState(this.state);
    history.replaceState(null, "", hash ? `#${hash}` : location.href.split("#")[0]);
  }

  showControls() {
    const { state } = this;
    if (byId("filter-q").value !== state.q) {
      byId("filter-q").value = state.q;
    }
    for (const facet of FACETS) {
      byId(`filter-${facet}`).value = facet in state.facets ? `=${state.facets[facet]}` : "";
    }
    byId("filter-rule").value = state.rule ? `${state.rule.kind}=${state.rule.value}` : "";
    byId("sort-select").value = (state.sort.down ? "-" : "") + state.sort.key;
    byId("clear-filters").hidden = !isFiltered(state);
  }

  showCounts() {
    const { rows, verdictCounts, provisionalCounts } = this.result;
    meta.verdicts.forEach(({ id }, place) => {
      const [settled, provisional] = verdictCounts[place];
      const words = provisional ? `${groupDigits(settled)} + ${groupDigits(provisional)}` : groupDigits(settled);
      this.showChip(`[data-verdict="${id}"]`, words, this.state.verdict.has(id), `${groupDigits(settled)} settled, ${groupDigits(provisional)} provisional`);
    });
    provisionalCounts.forEach((count, flag) => this.showChip(`[data-provisional="${flag}"]`, groupDigits(count), this.state.provisional === String(flag)));
    const total = this.estate.count;
    byId("vms-count").textContent = rows.length === total ? plural(total, "VM") : `${groupDigits(rows.length)} of ${plural(total, "VM")}`;
  }

  showChip(selector, words, pressed, title = "") {
    const chip = document.querySelector(`.chip${selector}`);
    chip.setAttribute("aria-pressed", String(pressed));
    chip.querySelector(".chip-count").textContent = words;
    chip.title = title;
  }

  openVm(row) {
    this.state.vm = this.estate.id(row);
    this.writeAddress();
    this.details.open(row);
  }

  vmClosed() {
    this.state.vm = "";
    if (!location.hash.startsWith("#rule-")) {
      this.writeAddress();
      if (this.result.rows.length) {
        this.table.focusRow(this.table.active);
      }
    }
  }

  neighbour(by) {
    const place = this.result.rows.indexOf(this.details.row);
    return place < 0 ? undefined : this.result.rows[place + by];
  }

  step(by) {
    const row = this.neighbour(by);
    if (row !== undefined) {
      this.table.active = this.result.rows.indexOf(row);
      this.table.reveal(this.table.active);
      this.openVm(row);
    }
  }

  exportCsv() {
    const blob = new Blob([toCsv(this.estate, this.result.rows)], { type: "text/csv;charset=utf-8" });
    const link = el("a", { href: URL.createObjectURL(blob), download: "readiness-vms.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    this.say(`${plural(this.result.rows.length, "VM")} exported`);
  }

  async copyLink() {
    this.writeAddress();
    try {
      await navigator.clipboard.writeText(location.href);
      this.say("Link copied");
    } catch {
      this.say("The link is in the address bar");
    }
  }

  say(words) {
    byId("vms-count").textContent = words;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.showCounts(), 2500);
  }

  print() {
    const { rows } = this.result;
    const words = describeState(this.estate, this.state);
    const part = rows.length > PRINT_LIMIT ? `The first ${groupDigits(PRINT_LIMIT)} of ${plural(rows.length, "VM")}` : plural(rows.length, "VM");
    const total = rows.length < this.estate.count ? ` (of ${groupDigits(this.estate.count)} in scope)` : "";
    byId("print-note").textContent = `${part}${total}${words ? `; filtered: ${words}` : ""}. All of them are in vms.csv and report.xlsx.`;
    this.table.startPrint(PRINT_LIMIT);
  }
}

// Tells when the first rows are on screen: two frames later they are painted.
function markFirstRow() {
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("readiness:first-row")));
}

async function startTable() {
  const block = byId("table-data");
  if (!block) {
    return null;
  }
  if (typeof DecompressionStream === "undefined") {
    byId("vms-unsupported").hidden = false;
    byId("vms-app").hidden = true;
    return null;
  }
  const app = new App(new Estate(await unpack(block)));
  markFirstRow();
  return app;
}

startTheme();
const started = startTable();
let app = null;
started.then((made) => {
  app = made;
  if (!app) {
    openTarget();
    window.addEventListener("hashchange", openTarget);
  }
});
startPrint(() => app?.print(), () => app?.table.endPrint());
