// <work-clock>: one press starts or stops the time of a pass; the station keeps it, every screen of the bay shows it.

import { post } from "./post.js";

const MINUTE_MS = 60_000;

class WorkClock extends HTMLElement {
  connectedCallback() {
    this.querySelector("button")?.addEventListener("click", () => this.press());
    const shown = this.querySelector("[data-minutes]");
    if (!shown) return;
    const number = new Intl.NumberFormat(document.documentElement.lang);
    let minutes = Number(shown.dataset.minutes);
    this.timer = setInterval(() => (shown.textContent = number.format((minutes += 1))), MINUTE_MS);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  async press() {
    const { panel, coat, pass, does } = this.dataset;
    const address = `/api/panels/${encodeURIComponent(panel)}/work/${does}`;
    if (await post(this, address, { coat_number: Number(coat), pass_number: Number(pass) })) location.reload();
  }
}

customElements.define("work-clock", WorkClock);
