// The table on screen: only the rows in view exist, whatever the number of VMs.
const SVG = "http://www.w3.org/2000/svg";
const OVERSCAN = 8;

function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "class") {
      element.className = value;
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

function verdictBadge({ id, label }, provisional) {
  if (!provisional) {
    return el("span", { class: `badge verdict-${id}` }, icon(id), label);
  }
  const words = el("span", { class: "visually-hidden" }, ", provisional");
  return el("span", { class: `badge verdict-${id} is-provisional`, title: `${label}, provisional` }, icon(id), label, words, icon("provisional"));
}

function findingCounts(counts) {
  const parts = Object.keys(meta.categories).filter((category) => counts[category]);
  if (!parts.length) {
    return el("span", { class: "dim" }, "none");
  }
  const shown = parts.map((category) => el(
    "span",
    { class: category, title: `${counts[category]} ${meta.categories[category].toLowerCase()}` },
    icon(category),
    String(counts[category]),
    el("span", { class: "visually-hidden" }, ` ${meta.categories[category].toLowerCase()} `),
  ));
  return el("span", { class: "counts" }, ...shown);
}

function textCell(fact) {
  return (estate, row) => estate.text(fact, row) || el("span", { class: "dim" }, meta.empty[fact] || "not known");
}

function numberCell(fact, format) {
  return (estate, row) => (estate.number(fact, row) < 0 ? el("span", { class: "dim" }, "unknown") : format(estate.number(fact, row)));
}

// What both directions of sorting by a column put first, in words.
function sortWords({ key, num, down }) {
  const words = { verdict: ["worst first", "best first"], findings: ["fewest first", "most first"], open: ["fewest first", "most first"], cpu_count: ["fewest first", "most first"] };
  return words[key] || (num ? (down ? ["smallest first", "largest first"] : ["lowest first", "highest first"]) : ["A to Z", "Z to A"]);
}

// `down` is the first direction of a click, `title` explains a short label, `full` is the fact that a cell's tooltip shows.
const COLUMNS = [
  { key: "name", label: "Name" },
  { key: "verdict", label: "Verdict", cell: (estate, row) => verdictBadge(estate.verdict(row), estate.provisional(row)) },
  { key: "findings", label: "Findings", down: true, cell: (estate, row) => findingCounts(estate.findings(row)) },
  { key: "open", label: "Open", title: "Rules that could not be evaluated", down: true, num: true, cell: (estate, row) => groupDigits(estate.set("gaps", row).length) },
  { key: "score", label: "Score", title: "Share of the weighted checks passed; the verdict decides, not the score", num: true, cell: (estate, row) => formatScore(estate.score(row)) },
  { key: "cluster", label: "Cluster", cell: textCell("cluster") },
  { key: "os_family", label: "OS", title: "Operating system; the VM itself shows its full name", cell: textCell("os_family"), full: "guest_os" },
  { key: "owner", label: "Owner", cell: textCell("owner") },
  { key: "vcenter", label: "vCenter", cell: textCell("vcenter") },
  { key: "cpu_count", label: "vCPU", down: true, num: true, cell: numberCell("cpu_count", groupDigits) },
  { key: "memory_mib", label: "Memory", down: true, num: true, cell: numberCell("memory_mib", (mib) => formatBytes(mib * 1048576)) },
  { key: "disk_bytes", label: "Disk", down: true, num: true, cell: numberCell("disk_bytes", formatBytes) },
];

class VmTable {
  constructor(estate, actions) {
    this.estate = estate;
    this.actions = actions;
    this.scroller = document.getElementById("vm-scroll");
    this.table = document.getElementById("vm-table");
    this.head = document.getElementById("vm-head");
    this.body = document.getElementById("vm-body");
    this.rows = [];
    this.active = 0;
    this.rowHeight = 44;
    this.shown = new Map();
    this.above = this.spacer();
    this.below = this.spacer();
    this.printing = false;
    this.makeHead();
    this.listen();
  }

  spacer() {
    return el("tr", { class: "spacer", role: "presentation", "aria-hidden": "true" });
  }

  makeHead() {
    this.headers = COLUMNS.map((column) => {
      const button = el("button", { type: "button", title: column.title }, column.label, icon("sort"));
      button.addEventListener("click", () => this.actions.sort(column));
      const header = el("th", { scope: "col", role: "columnheader", class: `col-${column.key}${column.num ? " num" : ""}` }, button);
      this.head.append(header);
      return header;
    });
  }

  listen() {
    let waiting = false;
    this.scroller.addEventListener("scroll", () => {
      if (!waiting) {
        waiting = true;
        requestAnimationFrame(() => { waiting = false; this.render(); });
      }
    }, { passive: true });
    new ResizeObserver(() => this.render()).observe(this.scroller);
    this.body.addEventListener("click", (event) => {
      const line = event.target.closest(".vm-row");
      if (line && !(window.getSelection().toString() && !event.target.closest("button"))) {
        this.active = Number(line.dataset.index);
        this.actions.open(this.rows[this.active]);
      }
    });
    this.scroller.addEventListener("keydown", (event) => this.onKey(event));
  }

  onKey(event) {
    if (event.target.closest("thead") || event.altKey || event.ctrlKey || event.metaKey || !this.rows.length) {
      return;
    }
    const page = Math.max(1, Math.floor(this.viewHeight() / this.rowHeight) - 1);
    const steps = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page, PageUp: this.active - page, Home: 0, End: this.rows.length - 1 };
    if (event.key in steps) {
      event.preventDefault();
      this.focusRow(steps[event.key]);
    }
  }

  viewHeight() {
    return Math.max(this.scroller.clientHeight - this.head.offsetHeight, this.rowHeight);
  }

  focusRow(index) {
    this.active = Math.min(Math.max(index, 0), this.rows.length - 1);
    this.reveal(this.active);
    this.render();
    this.shown.get(this.active)?.querySelector("button").focus({ preventScroll: true });
  }

  reveal(index) {
    const top = index * this.rowHeight;
    if (top < this.scroller.scrollTop) {
      this.scroller.scrollTop = top;
    } else if (top + this.rowHeight > this.scroller.scrollTop + this.viewHeight()) {
      this.scroller.scrollTop = top + this.rowHeight - this.viewHeight();
    }
  }

  // Takes a new list of rows; the table starts at its top again.
  show(rows, sort) {
    this.rows = rows;
    this.active = 0;
    this.scroller.scrollTop = 0;
    this.table.setAttribute("aria-rowcount", String(rows.length + 1));
    this.headers.forEach((header, place) => {
      const sorted = COLUMNS[place].key === sort.key;
      if (sorted) {
        header.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      } else {
        header.removeAttribute("aria-sort");
      }
      header.querySelector("use").setAttribute("href", `#i-${sorted ? (sort.down ? "down" : "up") : "sort"}`);
    });
    this.shown.clear();
    this.body.replaceChildren(this.above, this.below);
    if (!rows.length) {
      this.body.replaceChildren(el("tr", { role: "row" }, el("td", { class: "no-match", role: "cell", colspan: "12" }, "No VM matches these filters.")));
      return;
    }
    this.render();
  }

  render() {
    if (this.printing || !this.rows.length) {
      return;
    }
    this.renderWindow();
    const height = this.shown.values().next().value.getBoundingClientRect().height;
    if (height > 0 && Math.abs(height - this.rowHeight) > 0.5) {
      this.rowHeight = height;
      this.renderWindow();
    }
  }

  renderWindow() {
    const last = this.rows.length - 1;
    const first = Math.min(Math.max(Math.floor(this.scroller.scrollTop / this.rowHeight) - OVERSCAN, 0), last);
    const end = Math.min(first + Math.ceil(this.scroller.clientHeight / this.rowHeight) + 2 * OVERSCAN, last);
    // The spacers come first: were the content shorter for a moment, the browser would scroll back.
    this.size(this.above, first);
    this.size(this.below, last - end);
    this.keep(first, end);
    const stop = this.shown.has(this.active) ? this.active : Math.min(first + OVERSCAN, end);
    for (const [index, line] of this.shown) {
      line.querySelector("button").tabIndex = index === stop ? 0 : -1;
    }
  }

  size(spacer, count) {
    spacer.style.height = `${count * this.rowHeight}px`;
    spacer.hidden = count === 0;
  }

  // Makes the lines from `first` to `end` and drops all others; a line that stays keeps its focus.
  keep(first, end) {
    for (const [index, line] of this.shown) {
      if (index < first || index > end) {
        if (line.contains(document.activeElement)) {
          this.scroller.tabIndex = -1;
          this.scroller.focus({ preventScroll: true });
        }
        line.remove();
        this.shown.delete(index);
      }
    }
    let next = this.below;
    for (let index = end; index >= first; index -= 1) {
      let line = this.shown.get(index);
      if (!line) {
        line = this.line(index);
        this.shown.set(index, line);
        this.body.insertBefore(line, next);
      }
      next = line;
    }
  }

  line(index) {
    const row = this.rows[index];
    const cells = COLUMNS.map((column) => {
      const content = column.key === "name" ? el("button", { type: "button", class: "vm-name", tabindex: "-1", title: this.estate.name(row), "aria-haspopup": "dialog" }, this.estate.name(row) || "(no name)") : column.cell(this.estate, row);
      const isText = typeof content === "string";
      const cell = el("td", { role: "cell", class: `col-${column.key}${column.num ? " num" : ""}` }, column.key === "owner" ? el("span", { class: "two-lines" }, content) : content);
      if (isText && !column.num) {
        cell.title = (column.full && this.estate.text(column.full, row)) || content;
      }
      return cell;
    });
    const line = el("tr", { class: "vm-row", role: "row", "aria-rowindex": String(index + 2) }, ...cells);
    line.dataset.index = String(index);
    return line;
  }

  // Puts the first rows on paper, all of them in the document.
  startPrint(limit) {
    this.printing = true;
    this.shown.clear();
    this.body.replaceChildren(...this.rows.slice(0, limit).map((_row, index) => this.line(index)));
  }

  endPrint() {
    this.printing = false;
    if (this.rows.length) {
      this.shown.clear();
      this.body.replaceChildren(this.above, this.below);
      this.render();
    }
  }
}
