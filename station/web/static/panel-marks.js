// <panel-marks>: filters, opens and corrects marks without loading the page again until something was said.
// Without this file filters and marks are ordinary links; corrections need it.

import { keep, plainClick } from "./address.js";
import { post } from "./post.js";
import { fillSign, signOf } from "./sign.js";

class PanelMarks extends HTMLElement {
  connectedCallback() {
    this.view = document.querySelector("map-view");
    this.stage = document.querySelector(".stage");
    this.dialog = this.querySelector("dialog");
    this.form = this.dialog.querySelector("form");
    this.adding = this.querySelector("[data-add]");
    const asked = new URLSearchParams(location.search);
    this.filter = { kind: asked.get("kind") ?? "", tone: asked.get("status") ?? "" };

    for (const link of document.querySelectorAll("a[data-mark]")) link.addEventListener("click", (event) => this.tapped(event, link));
    for (const chip of this.querySelectorAll("[data-filter]")) {
      chip.addEventListener("click", (event) => {
        if (!plainClick(event)) return;
        event.preventDefault();
        this.choose(chip.dataset.filter, chip.dataset.value);
      });
    }
    for (const button of document.querySelectorAll("[data-say]")) {
      button.addEventListener("click", () => this.ask(button.dataset.say, button.closest("[data-card]").dataset.card));
    }
    for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => this.open(null));
    this.adding?.addEventListener("click", () => this.aim(this.adding.getAttribute("aria-pressed") !== "true"));
    this.stage?.addEventListener("click", (event) => this.placed(event), true);
    this.form.querySelector("[data-cancel]").addEventListener("click", () => this.dialog.close());
    this.form.addEventListener("submit", (event) => this.say(event));
  }

  tapped(event, link) {
    if (!plainClick(event)) return;
    event.preventDefault();
    this.open(link.dataset.mark);
    if (!link.closest(".stage")) this.view?.scrollIntoView({ block: "start" });
  }

  open(id) {
    for (const link of document.querySelectorAll("a[data-mark]")) {
      if (link.dataset.mark === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    // The chosen one is drawn last: nothing lies upon it.
    const drawn = this.stage?.querySelector(`.mark[data-mark="${id}"]`);
    drawn?.parentNode.append(drawn);
    for (const card of document.querySelectorAll("[data-card]")) card.hidden = card.dataset.card !== id;
    keep({ mark: id });
  }

  choose(name, value) {
    this.filter[name] = value;
    for (const chip of this.querySelectorAll(`[data-filter=${name}]`)) {
      if (chip.dataset.value === value) chip.setAttribute("aria-current", "true");
      else chip.removeAttribute("aria-current");
    }
    const fits = ({ kind, tone }, without) =>
      (without === "kind" || !this.filter.kind || kind === this.filter.kind) &&
      (without === "tone" || !this.filter.tone || tone === this.filter.tone);
    for (const mark of document.querySelectorAll(".mark, .mark-list li")) mark.toggleAttribute("hidden", !fits(mark.dataset));
    const all = [...this.querySelectorAll(".mark-list li")];
    for (const chip of this.querySelectorAll("[data-filter]")) {
      const { filter, value } = chip.dataset;
      const count = all.filter((mark) => fits(mark.dataset, filter) && (!value || mark.dataset[filter] === value)).length;
      chip.querySelector(".count").textContent = new Intl.NumberFormat(document.documentElement.lang).format(count);
    }
    keep({ kind: this.filter.kind, status: this.filter.tone });
  }

  aim(on) {
    this.adding.setAttribute("aria-pressed", String(on));
    this.querySelector("[data-aim]").hidden = !on;
    this.stage.classList.toggle("aims", on);
    if (on) this.view.scrollIntoView({ block: "start" });
  }

  placed(event) {
    if (!this.stage.classList.contains("aims")) return;
    event.preventDefault();
    event.stopPropagation();
    this.aim(false);
    this.ask("missed", null);
  }

  ask(what, id) {
    this.word = { what, id, place: this.view?.point };
    for (const part of this.dialog.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== what;
    this.dialog.querySelector("[data-what]").textContent = id ?? "";
    this.dialog.querySelector("[data-with-kind]").hidden = !["kind", "missed"].includes(what);
    this.dialog.querySelector(".wrong").hidden = true;
    const row = id && this.querySelector(`.mark-row[data-mark="${id}"]`);
    if (row) this.form.elements.kind.value = row.closest("li").dataset.kind;
    fillSign(this.form);
    this.form.elements.why.value = "";
    this.dialog.showModal();
  }

  async say(event) {
    event.preventDefault();
    const { kind, why } = Object.fromEntries(new FormData(this.form));
    const { what, id, place } = this.word;
    const who = signOf(this.form);
    const base = `/api/inspections/${this.dataset.inspection}`;
    const [address, body] =
      what === "missed"
        ? [`${base}/marks`, { x_mm: place.x, y_mm: place.y, kind, who, why }]
        : [`${base}/defects/${id}/corrections`, { what, ...(what === "kind" && { kind }), who, why }];
    const kept = await post(this.form, address, body);
    if (!kept) return;
    // The dialogue stays until the page comes again with what was said.
    keep({ mark: kept.mark.id });
    location.reload();
  }
}

customElements.define("panel-marks", PanelMarks);
