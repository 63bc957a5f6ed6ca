// What the reader asked for: filters, order and the opened VM, kept in the address so that it can be shared.
const FACETS = ["cluster", "os_family", "owner", "vcenter"];
const RULE_FILTERS = ["category", "rule", "open"];
const SEARCHED = ["guest_os", "os_family", "cluster", "owner"];
const DEFAULT_SORT = { key: "verdict", down: false };

function emptyState() {
  return { q: "", verdict: new Set(), provisional: "", facets: {}, rule: null, sort: DEFAULT_SORT, vm: "" };
}

function parseState(hash) {
  const state = emptyState();
  const given = new URLSearchParams(hash);
  state.q = given.get("q") || "";
  state.vm = given.get("vm") || "";
  state.verdict = new Set((given.get("verdict") || "").split(",").filter((id) => meta.verdicts.some((verdict) => verdict.id === id)));
  state.provisional = ["0", "1"].includes(given.get("provisional")) ? given.get("provisional") : "";
  for (const facet of FACETS) {
    if (given.has(facet)) {
      state.facets[facet] = given.get(facet);
    }
  }
  for (const kind of RULE_FILTERS) {
    if (given.get(kind)) {
      state.rule = { kind, value: given.get(kind) };
    }
  }
  const sort = given.get("sort");
  if (sort) {
    state.sort = { key: sort.replace(/^-/, ""), down: sort.startsWith("-") };
  }
  return state;
}

function formatState(state) {
  const given = new URLSearchParams();
  if (state.q) {
    given.set("q", state.q);
  }
  if (state.verdict.size) {
    given.set("verdict", meta.verdicts.map((verdict) => verdict.id).filter((id) => state.verdict.has(id)).join(","));
  }
  if (state.provisional) {
    given.set("provisional", state.provisional);
  }
  for (const facet of FACETS) {
    if (facet in state.facets) {
      given.set(facet, state.facets[facet]);
    }
  }
  if (state.rule) {
    given.set(state.rule.kind, state.rule.value);
  }
  if (state.sort.key !== DEFAULT_SORT.key || state.sort.down !== DEFAULT_SORT.down) {
    given.set("sort", (state.sort.down ? "-" : "") + state.sort.key);
  }
  if (state.vm) {
    given.set("vm", state.vm);
  }
  return given.toString();
}

function isFiltered(state) {
  return Boolean(state.q.trim() || state.verdict.size || state.provisional || Object.keys(state.facets).length || state.rule);
}

// One test a filter; verdict and settled or provisional are left out, because their counts ignore themselves.
function rowTests(estate, state) {
  const tests = [];
  for (const [facet, wanted] of Object.entries(state.facets)) {
    const column = estate.block.text[facet];
    const index = column.values.indexOf(wanted);
    tests.push((row) => column.index[row] === index);
  }
  if (state.rule) {
    tests.push(ruleTest(estate, state.rule));
  }
  for (const word of state.q.toLowerCase().split(/\s+/).filter(Boolean)) {
    tests.push(wordTest(estate, word));
  }
  return tests;
}

function ruleTest(estate, { kind, value }) {
  const sets = kind === "open" ? estate.block.gaps : estate.block.failed;
  const index = estate.ruleIndex.get(value);
  const wanted = kind === "category" ? (set) => set.some((rule) => estate.rules[rule].category === value) : (set) => set.includes(index);
  const hits = sets.values.map(wanted);
  return (row) => hits[sets.index[row]];
}

// A word is looked up once in every list of distinct texts; only names are searched row by row.
function wordTest(estate, word) {
  const contains = (text) => text.toLowerCase().includes(word);
  const columns = SEARCHED.map((fact) => {
    const { values, index } = estate.block.text[fact];
    return { hits: values.map(contains), index };
  });
  const ruleHits = estate.rules.map((rule) => contains(rule.id) || contains(rule.title));
  const { failed } = estate.block;
  columns.push({ hits: failed.values.map((set) => set.some((rule) => ruleHits[rule])), index: failed.index });
  const useful = columns.filter(({ hits }) => hits.includes(true));
  return (row) => contains(estate.name(row)) || useful.some(({ hits, index }) => hits[index[row]]);
}

// The rows that match, in order, and what the verdict and provisional buttons would count.
function query(estate, state) {
  const tests = rowTests(estate, state);
  const verdictCounts = meta.verdicts.map(() => [0, 0]);
  const provisionalCounts = [0, 0];
  const wantedVerdict = meta.verdicts.map(({ id }) => state.verdict.size === 0 || state.verdict.has(id));
  const wantedProvisional = [0, 1].map((flag) => state.provisional === "" || Number(state.provisional) === flag);
  const rows = [];
  const { verdict, provisional } = estate.block;
  for (let row = 0; row < estate.count; row += 1) {
    if (tests.every((test) => test(row))) {
      const verdictFits = wantedVerdict[verdict[row]];
      const provisionalFits = wantedProvisional[provisional[row]];
      verdictCounts[verdict[row]][provisional[row]] += provisionalFits ? 1 : 0;
      provisionalCounts[provisional[row]] += verdictFits ? 1 : 0;
      if (verdictFits && provisionalFits) {
        rows.push(row);
      }
    }
  }
  return { rows: sortRows(estate, rows, state.sort), verdictCounts, provisionalCounts };
}

function sortRows(estate, rows, { key, down }) {
  if (key === DEFAULT_SORT.key && !down) {
    return rows;
  }
  const rank = estate.rank(key);
  const sign = down ? -1 : 1;
  return rows.sort((a, b) => {
    if (rank[a] === rank[b]) {
      return a - b;
    }
    if (rank[a] === Infinity || rank[b] === Infinity) {
      return rank[a] === Infinity ? 1 : -1;
    }
    return sign * (rank[a] - rank[b]);
  });
}

// The filters in words, for the printed page.
function describeState(estate, state) {
  const parts = [];
  if (state.q.trim()) {
    parts.push(`search "${state.q.trim()}"`);
  }
  parts.push(...meta.verdicts.filter(({ id }) => state.verdict.has(id)).map(({ label }) => label.toLowerCase()));
  if (state.provisional) {
    parts.push(state.provisional === "1" ? "provisional" : "settled");
  }
  parts.push(...Object.entries(state.facets).map(([facet, value]) => value || meta.empty[facet]));
  if (state.rule) {
    const index = estate.ruleIndex.get(state.rule.value);
    const title = index === undefined ? meta.categories[state.rule.value] || state.rule.value : estate.rules[index].title;
    parts.push(`${state.rule.kind === "open" ? "open: " : "failed: "}${title}`);
  }
  return parts.join(", ");
}

// CSV as spreadsheets read it; a cell that would start a formula is made text.
function toCsv(estate, rows) {
  const texts = Object.keys(estate.block.text);
  const numbers = Object.keys(estate.block.number);
  const idsOf = (column, row) => estate.set(column, row).map((index) => estate.rules[index].id).join(" ");
  const lines = [["id", "name", "verdict", "provisional", "score", "score_best", ...texts, ...numbers, "failed_rules", "open_rules", "sources"].join(",")];
  for (const row of rows) {
    const sources = estate.set("sources", row).map((index) => estate.block.sourceIds[index]).join(" ");
    const cells = [
      csvText(estate.id(row)),
      csvText(estate.name(row)),
      estate.verdict(row).id,
      estate.provisional(row),
      estate.score(row),
      estate.score(row, "score_best"),
      ...texts.map((fact) => csvText(estate.text(fact, row))),
      ...numbers.map((fact) => (estate.number(fact, row) < 0 ? "" : estate.number(fact, row))),
      csvText(idsOf("failed", row)),
      csvText(idsOf("gaps", row)),
      csvText(sources),
    ];
    lines.push(cells.join(","));
  }
  return `\ufeff${lines.join("\r\n")}\r\n`;
}

function csvText(text) {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
