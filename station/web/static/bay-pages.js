// Both pages of the bay: a scanned code leads to its panel, and where the browser allows it (https, or this computer)
// the pages are kept for when the station is not reached.

import { Scanner } from "./scanner.js";

const LOOK_EVERY_MS = 10_000;
const ANSWER_WITHIN_MS = 6_000;

const scanner = new Scanner();
addEventListener(
  "keydown",
  (event) => {
    const code = scanner.code(event);
    if (code) location.assign(`/bay?${new URLSearchParams({ code })}`);
  },
  true,
);

navigator.serviceWorker?.register("/bay-worker.js", { scope: "/bay" });

// <bay-list>: says since when what it shows may be out of date.
class BayList extends HTMLElement {
  connectedCallback() {
    this.seen = new Date(this.dataset.told);
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.look();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  async look() {
    const contact = this.querySelector(".contact");
    try {
      await fetch("/api/health", { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      this.seen = new Date();
      contact.hidden = true;
    } catch {
      contact.textContent = contact.dataset.lost.replace("{time}", time(this.seen));
      contact.hidden = false;
    }
  }
}

export const time = (moment) => moment.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

customElements.define("bay-list", BayList);
