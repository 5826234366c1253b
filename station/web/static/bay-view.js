// <bay-view>: ticks off what is done, also where the network is weak: a tick waits on the tablet until the station has it.

import { time } from "./bay-pages.js";

const LOOK_EVERY_MS = 10_000;
const ANSWER_WITHIN_MS = 6_000;
const WAITING = "bay-ticks";

// Ticks that the station has not confirmed yet, of all panels, oldest first. Each has a key: sent twice it counts once.
const waiting = () => JSON.parse(localStorage.getItem(WAITING) ?? "[]");
const keepWaiting = (ticks) => localStorage.setItem(WAITING, JSON.stringify(ticks));

class BayView extends HTMLElement {
  connectedCallback() {
    this.contact = this.querySelector("[data-lost]");
    this.wrong = this.querySelector(".todo .wrong");
    this.seen = new Date(this.dataset.told);
    for (const button of this.querySelectorAll("button.tick")) button.addEventListener("click", () => this.press(button));
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.online = () => this.look();
    addEventListener("online", this.online);
    this.show();
    this.look();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    removeEventListener("online", this.online);
  }

  press(button) {
    const done = button.getAttribute("aria-pressed") !== "true";
    const { inspection } = this.dataset;
    keepWaiting([...waiting(), { inspection, place: button.dataset.place, done, key: crypto.randomUUID?.() ?? key() }]);
    this.wrong.hidden = true;
    this.mark(button, done);
    this.show();
    this.look();
  }

  mark(button, done) {
    button.setAttribute("aria-pressed", String(done));
    button.classList.toggle("done", done);
    for (const drawn of this.querySelectorAll(".mark[data-place]")) {
      if (drawn.dataset.place === button.dataset.place) drawn.classList.toggle("ticked", done);
    }
  }

  // What waits stands on the page as the worker said it.
  show() {
    const own = waiting().filter((tick) => tick.inspection === this.dataset.inspection);
    for (const button of this.querySelectorAll(".tick[data-place]")) {
      const last = own.filter((tick) => tick.place === button.dataset.place).at(-1);
      button.classList.toggle("waits", last !== undefined);
      if (last) this.mark(button, last.done);
      else this.mark(button, button.getAttribute("aria-pressed") === "true");
    }
    const lost = this.lost ? this.contact.dataset.lost.replace("{time}", time(this.seen)) : "";
    this.contact.textContent = [lost, own.length ? this.contact.dataset.waits : ""].filter(Boolean).join(" ");
    this.contact.hidden = !this.contact.textContent;
  }

  async look() {
    if (this.looking) return;
    this.looking = true;
    try {
      await this.send();
      await this.ask();
      this.lost = false;
      this.seen = new Date();
    } catch {
      this.lost = true;
    }
    this.looking = false;
    this.show();
    if (!this.lost && waiting().length) this.look();
  }

  async send() {
    for (const tick of waiting()) {
      const { inspection, ...said } = tick;
      const answer = await reach(`/api/inspections/${inspection}/ticks`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(said),
      });
      if (answer.status === 401) return location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
      if (answer.status >= 500) throw new Error("not now");
      keepWaiting(waiting().filter((other) => other.key !== tick.key));
      if (!answer.ok) this.refused();
    }
  }

  refused() {
    this.wrong.textContent = this.wrong.dataset.refused;
    this.wrong.hidden = false;
  }

  async ask() {
    const { inspection, panel } = this.dataset;
    const [ticks, newest] = await Promise.all([
      reach(`/api/inspections/${inspection}/ticks`).then((answer) => answer.json()),
      reach(`/api/panels/${encodeURIComponent(panel)}`).then((answer) => answer.json()),
    ]);
    for (const button of this.querySelectorAll("button.tick")) {
      const said = ticks.items.find((one) => one.place === button.dataset.place);
      this.mark(button, said?.done ?? false);
    }
    this.querySelector(".newer").hidden = newest.history.at(-1).id === Number(inspection);
  }
}

const reach = (address, wanted = {}) => fetch(address, { ...wanted, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
// Without https a browser makes no such keys itself.
const key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

customElements.define("bay-view", BayView);
