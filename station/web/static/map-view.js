// <map-view>: switches the overlay without loading the page again, and reads the value under the finger.
// Without this file the tabs are ordinary links and everything but the reading works.

import { keep, plainClick } from "./address.js";

function project(matrix, x, y) {
  const [a, b, c, d, e, f, g, h, i] = matrix;
  const w = g * x + h * y + i;
  return { x: (a * x + b * y + c) / w, y: (d * x + e * y + f) / w };
}

class MapView extends HTMLElement {
  connectedCallback() {
    this.stage = this.querySelector(".stage");
    this.overlay = this.querySelector(".overlay");
    this.hair = this.querySelector(".crosshair");
    this.cells = Object.fromEntries(["x", "y", "value"].map((name) => [name, this.querySelector(`[data-cell=${name}]`)]));
    this.tabs = [...this.querySelectorAll(".tabs a")];
    this.current = this.tabs.find((tab) => tab.hasAttribute("aria-current"));
    this.number = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 4 });
    this.place = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.toMm = this.dataset.toMm.split(" ").map(Number);
    this.fromMm = this.dataset.fromMm.split(" ").map(Number);
    this.point = null;
    this.reading = false;

    for (const tab of this.tabs) {
      tab.addEventListener("click", (event) => {
        if (!plainClick(event)) return;
        event.preventDefault();
        this.show(tab);
      });
    }
    this.overlay.addEventListener("load", () => this.stage.classList.remove("loading"));
    this.overlay.addEventListener("error", () => this.stage.classList.remove("loading"));
    this.stage.addEventListener("pointermove", (event) => this.aim(event));
    this.stage.addEventListener("pointerdown", (event) => this.aim(event));
    this.stage.addEventListener("keydown", (event) => this.step(event));
  }

  show(tab) {
    this.current.removeAttribute("aria-current");
    tab.setAttribute("aria-current", "true");
    this.current = tab;
    if (tab.dataset.image) {
      this.stage.classList.add("loading");
      this.overlay.setAttribute("href", tab.dataset.image);
    }
    this.overlay.toggleAttribute("hidden", !tab.dataset.image);
    for (const part of this.querySelectorAll(".legend, .zones")) part.toggleAttribute("hidden", part.dataset.map !== tab.dataset.map);
    keep({ map: tab.dataset.map });
    this.read();
  }

  aim(event) {
    const matrix = this.stage.getScreenCTM().inverse();
    this.move(new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix));
  }

  step(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const [dx, dy] = steps[event.key].map((direction) => direction * (event.shiftKey ? 10 : 1));
    const from = this.point ?? project(this.toMm, this.dataset.columns / 2, this.dataset.rows / 2);
    this.move(project(this.fromMm, from.x + dx, from.y + dy));
  }

  // Takes drawing coordinates (pixels); what is shown and asked for is the panel's millimetres.
  move(spot) {
    const inside = (value, end) => Math.min(Math.max(value, 0.5), end - 0.5);
    const [x, y] = [inside(spot.x, Number(this.dataset.columns)), inside(spot.y, Number(this.dataset.rows))];
    this.point = project(this.toMm, x, y);
    this.hair.removeAttribute("hidden");
    this.hair.setAttribute("transform", `translate(${x} ${y})`);
    this.cells.x.textContent = `${this.place.format(this.point.x)} mm`;
    this.cells.y.textContent = `${this.place.format(this.point.y)} mm`;
    this.read();
  }

  // One request at a time; the newest place is asked for when the answer is in.
  async read() {
    if (this.reading || !this.point) return;
    this.reading = true;
    let asked;
    do {
      asked = this.key();
      this.cells.value.textContent = this.current.dataset.at ? await this.value() : "";
    } while (asked !== this.key());
    this.reading = false;
  }

  key() {
    return `${this.current.dataset.map} ${this.point.x} ${this.point.y}`;
  }

  async value() {
    const { at, unit } = this.current.dataset;
    const query = new URLSearchParams({ x_mm: this.point.x.toFixed(3), y_mm: this.point.y.toFixed(3) });
    const told = await fetch(`${at}?${query}`)
      .then((answer) => (answer.ok ? answer.json() : null))
      .catch(() => null);
    if (!told) return this.dataset.unreachable;
    return told.value === null ? this.dataset.nothing : `${this.number.format(told.value)} ${unit}`;
  }
}

customElements.define("map-view", MapView);
