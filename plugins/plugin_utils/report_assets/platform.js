// The list of the platform's checks: filters by result, layer, severity and words. Without a script every row is shown.
class CheckList {
  constructor(form) {
    this.rows = [...document.querySelectorAll("#check-table tbody tr")].map((element) => ({ element, text: element.textContent.toLowerCase() }));
    this.chips = [...form.querySelectorAll(".chip")];
    this.search = document.getElementById("check-q");
    this.layer = document.getElementById("check-layer");
    this.severity = document.getElementById("check-severity");
    this.counter = document.getElementById("check-count");
    this.total = this.counter.textContent;
    form.addEventListener("submit", (event) => event.preventDefault());
    this.search.addEventListener("input", () => this.show());
    this.layer.addEventListener("change", () => this.show());
    this.severity.addEventListener("change", () => this.show());
    for (const chip of this.chips) {
      chip.addEventListener("click", () => { this.press(chip, chip.getAttribute("aria-pressed") !== "true"); this.show(); });
    }
    for (const link of document.querySelectorAll("a[data-layer]")) {
      link.addEventListener("click", () => this.only(link.dataset.layer));
    }
    this.pressTroubled();
    this.show();
  }

  press(chip, on) {
    chip.setAttribute("aria-pressed", String(on));
  }

  // What calls for attention is shown first; where there is nothing of it, everything is.
  pressTroubled() {
    const troubled = this.chips.filter((chip) => ["fail", "not_evaluated", "waived"].includes(chip.dataset.result));
    troubled.forEach((chip) => this.press(chip, this.rows.some(({ element }) => element.dataset.result === chip.dataset.result)));
  }

  only(layer) {
    this.search.value = "";
    this.severity.value = "";
    this.layer.value = layer;
    this.chips.forEach((chip) => this.press(chip, false));
    this.show();
  }

  show() {
    const results = new Set(this.chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.result));
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { element, text } of this.rows) {
      const { result, layer, severity } = element.dataset;
      const fits = (!results.size || results.has(result)) && (!this.layer.value || layer === this.layer.value)
        && (!this.severity.value || severity === this.severity.value) && words.every((word) => text.includes(word));
      element.hidden = !fits;
      shown += fits;
    }
    document.getElementById("check-none").hidden = shown > 0;
    this.counter.textContent = shown === this.rows.length ? this.total : `${shown.toLocaleString("en-US")} of ${this.total}`;
  }
}

const checkFilters = document.getElementById("check-filters");
if (checkFilters) {
  new CheckList(checkFilters);
}
