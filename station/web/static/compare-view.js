// <compare-view>: the earlier pass lies over the later one; a slider cuts between them, a button flickers.

import { keep, plainClick } from "./address.js";

const FLICKER_MS = 700;

class CompareView extends HTMLElement {
  connectedCallback() {
    this.both = this.querySelector(".both");
    this.over = this.querySelector(".over");
    this.edge = this.querySelector(".edge");
    this.slider = this.querySelector("input[type=range]");
    this.flicker = this.querySelector("[data-flicker]");
    this.matrix = this.dataset.matrix.split(" ").map(Number);
    [this.left, this.right] = [this.dataset.left, this.dataset.right].map((size) => size.split(" ").map(Number));
    this.slider.addEventListener("input", () => this.cut());
    this.flicker.addEventListener("click", () => this.blink(this.flicker.getAttribute("aria-pressed") !== "true"));
    this.both.addEventListener("pointerdown", (event) => this.point(event));
    this.both.addEventListener("pointermove", (event) => event.buttons && this.point(event));
    for (const tab of this.querySelectorAll(".tabs a")) {
      tab.addEventListener("click", (event) => {
        if (!plainClick(event)) return;
        event.preventDefault();
        this.show(tab);
      });
    }
    this.watcher = new ResizeObserver(() => this.lay());
    this.watcher.observe(this.both);
    this.lay();
    this.cut();
  }

  disconnectedCallback() {
    this.watcher.disconnect();
    clearInterval(this.timer);
  }

  // The map between the two pictures is in camera pixels; on screen both have the width of the frame.
  lay() {
    const width = this.both.clientWidth;
    const [from, to] = [width / this.left[0], width / this.right[0]];
    const [a, b, c, d, e, f, g, h, i] = this.matrix;
    const m = [[(a * to) / from, (b * to) / from, c * to], [(d * to) / from, (e * to) / from, f * to], [g / from, h / from, i]];
    const columns = [m[0][0], m[1][0], 0, m[2][0], m[0][1], m[1][1], 0, m[2][1], 0, 0, 1, 0, m[0][2], m[1][2], 0, m[2][2]];
    this.over.querySelector("img").style.transform = `matrix3d(${columns.join(",")})`;
  }

  cut() {
    const place = Number(this.slider.value);
    this.over.style.clipPath = `inset(0 ${100 - place}% 0 0)`;
    this.edge.style.left = `${place}%`;
  }

  point(event) {
    const box = this.both.getBoundingClientRect();
    this.slider.value = (100 * (event.clientX - box.left)) / box.width;
    this.cut();
  }

  blink(on) {
    this.flicker.setAttribute("aria-pressed", String(on));
    clearInterval(this.timer);
    this.edge.hidden = on;
    this.over.hidden = false;
    this.slider.disabled = on;
    if (!on) return this.cut();
    this.over.style.clipPath = "none";
    this.timer = setInterval(() => (this.over.hidden = !this.over.hidden), FLICKER_MS);
  }

  show(tab) {
    this.querySelector(".tabs [aria-current]").removeAttribute("aria-current");
    tab.setAttribute("aria-current", "true");
    this.querySelector(".under").src = tab.dataset.right;
    this.over.querySelector("img").src = tab.dataset.left;
    keep({ map: tab.dataset.map });
  }
}

customElements.define("compare-view", CompareView);
