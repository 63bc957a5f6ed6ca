// The VM table as columns, unpacked from the page's own data blocks.
const meta = JSON.parse(document.getElementById("meta").textContent);

async function unpack(element) {
  const packed = atob(element.textContent);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i += 1) {
    bytes[i] = packed.charCodeAt(i);
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function groupDigits(value) {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

function plural(count, one, many) {
  return `${groupDigits(count)} ${count === 1 ? one : many || `${one}s`}`;
}

function formatBytes(bytes) {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let power = 0;
  let value = bytes;
  while (value >= 1024 && power < units.length - 1) {
    value /= 1024;
    power += 1;
  }
  const whole = power === 0 || value >= 100 || Number.isInteger(value);
  return `${whole ? groupDigits(Math.round(value)) : value.toFixed(1)} ${units[power]}`;
}

// A score of 99.97 is not 100: rounding must not hide what is left.
function formatScore(score) {
  if (score > 99.9 && score < 100) {
    return "99.9";
  }
  return score.toFixed(1).replace(/\.0$/, "");
}

// One VM table. Rows are numbered as in the data block; every accessor takes such a number.
class Estate {
  constructor(block) {
    this.block = block;
    this.count = block.count;
    this.rules = block.ruleIds.map((id) => ({ id, title: id, category: "information", rationale: "", remedy: "", way: "", ...meta.rules[id] }));
    this.ruleIndex = new Map(block.ruleIds.map((id, index) => [id, index]));
    this.evidence = new Map();
    this.ranks = new Map();
    this.severity = block.failed.values.map((set) => this.countByCategory(set));
  }

  countByCategory(set) {
    const counts = { critical: 0, warning: 0, information: 0 };
    for (const index of set) {
      counts[this.rules[index].category] += 1;
    }
    return counts;
  }

  name(row) {
    return this.block.name[row];
  }

  id(row) {
    const { prefix, rest } = this.block.id;
    return prefix.values[prefix.index[row]] + rest[row];
  }

  verdict(row) {
    return meta.verdicts[this.block.verdict[row]];
  }

  provisional(row) {
    return this.block.provisional[row] === 1;
  }

  text(fact, row) {
    const column = this.block.text[fact];
    return column.values[column.index[row]];
  }

  number(fact, row) {
    return this.block.number[fact][row];
  }

  score(row, column = "score") {
    const scores = this.block[column];
    return scores.values[scores.index[row]];
  }

  set(column, row) {
    const sets = this.block[column];
    return sets.values[sets.index[row]];
  }

  findings(row) {
    return this.severity[this.block.failed.index[row]];
  }

  // Why rules are open for a VM: whose facts are not known, which, why, what to do, and the rules.
  reasons(row) {
    return this.set("why", row).map((index) => {
      const [object, facts, reason, advice, rules] = this.block.reasons[index];
      return { object, facts, reason, advice, rules };
    });
  }

  find(id) {
    for (let row = 0; row < this.count; row += 1) {
      if (this.id(row) === id) {
        return row;
      }
    }
    return -1;
  }

  // The evidence of one VM: a list of findings, each with its rule, whether it was waived, and its evidence.
  async evidenceOf(row) {
    const chunk = Math.floor(row / this.block.chunk);
    if (!this.evidence.has(chunk)) {
      const element = await whenParsed(`evidence-${chunk}`);
      this.evidence.set(chunk, unpack(element).then(resolveReferences));
    }
    const { texts, evidence, findings } = await this.evidence.get(chunk);
    const name = this.name(row);
    const text = (index) => texts[index].replace(/\x01([01])/g, (_match, mark) => (mark === "1" ? name : "\x01"));
    return findings[row % this.block.chunk].map(([rule, waived, ...items]) => ({
      rule: this.rules[rule],
      waived: waived === 1,
      evidence: items.map((item) => [0, 1, 2, 3].map((part) => text(evidence[4 * item + part]))),
    }));
  }

  // What a VM used over the days of its history, -1 where that is not known; empty without a history.
  async performanceOf(row) {
    const { performance } = await this.evidence.get(Math.floor(row / this.block.chunk));
    return performance?.[row % this.block.chunk] ?? [];
  }

  // Keys to sort by, worked out when a column is first sorted. Unknown is Infinity and comes last either way.
  rank(key) {
    if (!this.ranks.has(key)) {
      this.ranks.set(key, this.makeRank(key));
    }
    return this.ranks.get(key);
  }

  makeRank(key) {
    const ranks = new Float64Array(this.count);
    if (key === "name") {
      const { compare } = new Intl.Collator("en", { numeric: true });
      const order = Array.from({ length: this.count }, (_value, row) => row).sort((a, b) => compare(this.name(a), this.name(b)) || a - b);
      order.forEach((row, place) => { ranks[row] = place; });
      return ranks;
    }
    const value = this.rankValue(key);
    for (let row = 0; row < this.count; row += 1) {
      ranks[row] = value(row);
    }
    return ranks;
  }

  rankValue(key) {
    const { block } = this;
    if (key === "verdict") {
      return (row) => 2 * block.verdict[row] + block.provisional[row];
    }
    if (key === "score") {
      return (row) => block.score.values[block.score.index[row]];
    }
    if (key === "findings") {
      return (row) => {
        const counts = this.findings(row);
        return counts.critical * 1e6 + counts.warning * 1e3 + counts.information;
      };
    }
    if (key === "open") {
      return (row) => this.set("gaps", row).length;
    }
    if (key in block.number) {
      return (row) => (block.number[key][row] < 0 ? Infinity : block.number[key][row]);
    }
    const column = block.text[key];
    return (row) => (column.values[column.index[row]] === "" ? Infinity : column.index[row]);
  }
}

// A reference is 0 for the next text or evidence that was not met before, else 1 + its number.
function resolveReferences({ texts, evidence, findings, performance }) {
  let text = 0;
  let item = 0;
  return {
    texts,
    performance,
    evidence: evidence.map((reference) => (reference === 0 ? text++ : reference - 1)),
    findings: findings.map((ofVm) => ofVm.map(([rule, waived, ...items]) => [rule, waived, ...items.map((reference) => (reference === 0 ? item++ : reference - 1))])),
  };
}

// The element with that id; evidence stands below the script, so it may still be on its way.
async function whenParsed(id) {
  if (!document.getElementById(id) && document.readyState === "loading") {
    await new Promise((resolve) => { document.addEventListener("DOMContentLoaded", resolve, { once: true }); });
  }
  return document.getElementById(id);
}
