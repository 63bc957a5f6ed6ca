// The list of contracts: filters by state, owner, classification and words, and sorts. Without a script every row is shown.
class ContractList {
  constructor(form) {
    this.body = document.querySelector("#contract-table tbody");
    this.rows = [...this.body.querySelectorAll("tr")].map((element) => ({ element, facts: element.dataset, text: element.textContent.toLowerCase() }));
    this.chips = [...form.querySelectorAll(".chip")];
    this.search = document.getElementById("contract-q");
    this.selects = { owner: document.getElementById("contract-owner"), class: document.getElementById("contract-class") };
    this.order = document.getElementById("contract-sort");
    this.counter = document.getElementById("contract-count");
    this.total = this.counter.textContent;
    form.addEventListener("submit", (event) => event.preventDefault());
    this.search.addEventListener("input", () => this.show());
    Object.values(this.selects).forEach((select) => select.addEventListener("change", () => this.show()));
    this.order.addEventListener("change", () => this.sort());
    for (const chip of this.chips) {
      chip.addEventListener("click", () => {
        chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
        this.show();
      });
    }
    // A browser that goes back may have kept what was chosen.
    this.sort();
    this.show();
  }

  sort() {
    const down = this.order.value.startsWith("-");
    const key = this.order.value.replace("-", "");
    const byNumber = (row) => (row.facts[key] === "" ? Infinity : Number(row.facts[key]));
    const compare = key === "name" || key === "owner"
      ? (one, other) => one.facts[key].localeCompare(other.facts[key], "en")
      : (one, other) => (down ? byNumber(other) - byNumber(one) : byNumber(one) - byNumber(other)) || 0;
    const sorted = [...this.rows].sort((one, other) => compare(one, other) || one.facts.order - other.facts.order);
    this.body.append(...sorted.map(({ element }) => element));
  }

  show() {
    const states = new Set(this.chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.state));
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = Object.entries(this.selects).filter(([, select]) => select.value);
    let shown = 0;
    for (const { element, facts, text } of this.rows) {
      const fits = (!states.size || states.has(facts.state)) && chosen.every(([name, select]) => `=${facts[name]}` === select.value)
        && words.every((word) => text.includes(word));
      element.hidden = !fits;
      shown += fits;
    }
    document.getElementById("contract-none").hidden = shown > 0;
    this.counter.textContent = shown === this.rows.length ? this.total : `${shown.toLocaleString("en-US")} of ${this.total}`;
  }
}

const contractFilters = document.getElementById("contract-filters");
if (contractFilters) {
  new ContractList(contractFilters);
}

// A link to a namespace opens its section, also where the address does not change.
for (const link of document.querySelectorAll("a[href^='#namespace-']")) {
  link.addEventListener("click", () => {
    const target = document.getElementById(decodeURIComponent(link.hash ? link.hash.slice(1) : link.getAttribute("href").slice(1)));
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
    }
  });
}
