// <alignment-view>: asks the station for a look and shows picture and values; again and again while it is told to.

import { drawn } from "./drawn.js";

const PAUSE_MS = 300;
const CROSS = "#ff2d6f";

class AlignmentView extends HTMLElement {
  connectedCallback() {
    this.canvas = this.querySelector("canvas");
    this.wrong = this.querySelector(".wrong");
    this.format = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
    for (const button of this.querySelectorAll("button")) {
      button.addEventListener("click", () => this[button.dataset.does](button));
    }
  }

  disconnectedCallback() {
    this.watching = false;
  }

  async look() {
    const answer = await this.ask("/api/alignment");
    if (!answer) return false;
    const values = await answer.json();
    for (const cell of this.querySelectorAll("[data-value]")) {
      const value = cell.dataset.value.split(".").reduce((part, name) => part?.[name], values);
      cell.textContent = value === null || value === undefined ? this.dataset.none : this.format.format(value);
    }
    await this.draw(values.picture_png);
    return true;
  }

  async watch(button) {
    this.watching = !this.watching;
    button.setAttribute("aria-pressed", String(this.watching));
    while (this.watching && (await this.look())) await new Promise((done) => setTimeout(done, PAUSE_MS));
    this.watching = false;
    button.setAttribute("aria-pressed", "false");
  }

  async card() {
    await this.ask("/api/alignment/card");
  }

  async ask(address) {
    const asked = fetch(address, { method: "POST", headers: { Accept: "application/json" } });
    const answer = await asked.catch(() => null);
    if (answer?.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    this.wrong.hidden = answer?.ok === true;
    if (answer?.ok) return answer;
    const told = answer && (await answer.json());
    this.wrong.textContent = told ? told.words ?? told.detail : this.wrong.dataset.silent;
    return null;
  }

  async draw(png) {
    const { canvas } = this;
    const context = await drawn(canvas, png);
    context.strokeStyle = CROSS;
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(canvas.width / 2 - 30, canvas.height / 2);
    context.lineTo(canvas.width / 2 + 30, canvas.height / 2);
    context.moveTo(canvas.width / 2, canvas.height / 2 - 30);
    context.lineTo(canvas.width / 2, canvas.height / 2 + 30);
    context.stroke();
  }
}

customElements.define("alignment-view", AlignmentView);
