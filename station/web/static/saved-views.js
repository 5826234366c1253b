// <saved-views>: keeps the address of what is shown under a name, and takes one's own away.

import { post } from "./post.js";
import { fillSign, signOf } from "./sign.js";

class SavedViews extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    if (!form) return;
    fillSign(form);
    form.addEventListener("submit", (event) => this.save(event, form));
    for (const button of this.querySelectorAll("[data-away]")) {
      button.addEventListener("click", () => this.takeAway(form, button.dataset));
    }
  }

  async save(event, form) {
    event.preventDefault();
    const address = location.pathname + location.search;
    const who = signOf(form);
    if (await post(form, "/api/saved-views", { name: form.elements.name.value.trim(), address, who })) location.reload();
  }

  async takeAway(form, { away, who }) {
    const own = form.elements.who ? who : undefined;
    if (await post(form, `/api/saved-views/${encodeURIComponent(away)}/removal`, { who: own })) location.reload();
  }
}

customElements.define("saved-views", SavedViews);
