// <recipe-learning>: has targets and limits learned from the panels that are chosen, and leads to the draft.

import { fillSign, signOf } from "./sign.js";

class RecipeLearning extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    fillSign(this.form);
    this.form.addEventListener("submit", (event) => this.learn(event));
  }

  async learn(event) {
    event.preventDefault();
    const inspections = [...this.form.querySelectorAll("[name=inspection]:checked")].map((one) => Number(one.value));
    const [wrong, busy, button] = [".wrong", ".busy", "button"].map((one) => this.form.querySelector(one));
    [wrong.hidden, busy.hidden, button.disabled] = [true, false, true];
    const answer = await fetch("/api/recipe-drafts/learned", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ recipe: this.dataset.recipe, inspections, who: signOf(this.form) }),
    }).catch(() => null);
    const told = answer && (await answer.json().catch(() => null));
    if (answer?.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    else if (answer?.ok) location.assign(told.page);
    [busy.hidden, button.disabled] = [true, false];
    if (answer?.ok) return;
    wrong.textContent = told?.words ?? told?.detail ?? wrong.dataset.refused;
    wrong.hidden = false;
  }
}

customElements.define("recipe-learning", RecipeLearning);
