// <set-up-view>: has the line's own camera do a step, and shows what came of it.

import { drawn } from "./drawn.js";

class SetUpView extends HTMLElement {
  connectedCallback() {
    this.format = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 3 });
    for (const button of this.querySelectorAll("[data-does]")) {
      button.addEventListener("click", () => this[button.dataset.does](button.closest("section")));
    }
  }

  async check(step) {
    const panel = this.querySelector("[name=check_panel]");
    if (!panel.reportValidity()) return;
    const first = this.querySelector("[name=first]").checked;
    const told = await this.ask(step, "/api/set-up/check", { check_panel: panel.value.trim(), first });
    const result = this.querySelector(".result");
    result.hidden = !told;
    if (!told) return;
    const came = told.first ? "first" : told.met ? "met" : "failed";
    for (const one of result.querySelectorAll("[data-result]")) one.hidden = one.dataset.result !== came;
    result.scrollIntoView({ block: "nearest" });
  }

  async take(step) {
    const told = await this.ask(step, "/api/set-up/references", { what: step.dataset.what });
    step.querySelector(".done").hidden = !told;
    if (!told) return;
    const picture = step.querySelector("canvas");
    picture.hidden = false;
    step.querySelector("[data-taken]").hidden = true;
    await drawn(picture, told.picture_png);
  }

  async calibrate(step) {
    const told = await this.ask(step, "/api/set-up/calibration");
    if (told) location.assign(told.page);
  }

  async test(step) {
    const told = await this.ask(step, "/api/set-up/test");
    if (!told) return;
    const table = step.querySelector(".tested");
    table.tBodies[0].replaceChildren(...told.items.map((one) => this.row(step, one)));
    table.hidden = false;
  }

  row(step, one) {
    const drawn = step.querySelector(`template[data-part=${one.part}][data-works=${one.works}]`).content.cloneNode(true);
    drawn.querySelector("[data-name]").textContent = one.name;
    drawn.querySelector("[data-value]").textContent = this.format.format(one.value);
    drawn.querySelector("[data-least]").textContent = one.least ? `≥ ${this.format.format(one.least)}` : "–";
    return drawn;
  }

  async ask(step, address, body) {
    const buttons = this.querySelectorAll("button");
    const [wrong, busy] = [step.querySelector(".wrong"), step.querySelector(".busy")];
    for (const button of buttons) button.disabled = true;
    [wrong.hidden, busy.hidden] = [true, false];
    const headers = { Accept: "application/json" };
    if (body) headers["Content-Type"] = "application/json";
    const asked = fetch(address, { method: "POST", headers, body: body && JSON.stringify(body) });
    const answer = await asked.catch(() => null);
    const told = answer && (await answer.json().catch(() => null));
    for (const button of buttons) button.disabled = false;
    busy.hidden = true;
    if (answer?.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    if (answer?.ok) return told;
    wrong.textContent = told?.words ?? told?.detail ?? wrong.dataset.silent;
    wrong.hidden = false;
    return null;
  }
}

customElements.define("set-up-view", SetUpView);
