// <ruling-form>: confirms a verdict, or overrides it with a reason and the PIN.

import { post } from "./post.js";
import { fillSign, signOf } from "./sign.js";

class RulingForm extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.form = this.querySelector("form");
    for (const button of this.querySelectorAll("[data-rule]")) button.addEventListener("click", () => this.ask(button.dataset.rule));
    this.form.querySelector("[data-cancel]").addEventListener("click", () => this.dialog.close());
    this.form.addEventListener("submit", (event) => this.rule(event));
  }

  ask(what) {
    this.what = what;
    for (const part of this.form.querySelectorAll("[data-for]")) {
      part.hidden = part.dataset.for !== what;
      for (const field of part.querySelectorAll("input, select")) field.disabled = part.hidden;
    }
    this.form.querySelector(".wrong").hidden = true;
    fillSign(this.form);
    for (const name of ["why", "pin"]) if (this.form.elements[name]) this.form.elements[name].value = "";
    this.dialog.showModal();
  }

  async rule(event) {
    event.preventDefault();
    // Fields of the other question are disabled, and not among the data.
    const { who, ...said } = Object.fromEntries(new FormData(this.form));
    const body = { what: this.what, ...said, who: signOf(this.form) };
    const kept = await post(this.form, `/api/inspections/${this.dataset.inspection}/rulings`, body);
    // The dialogue stays until the page comes again with what was ruled.
    if (kept) location.reload();
    else if (this.form.elements.pin) this.form.elements.pin.value = "";
  }
}

customElements.define("ruling-form", RulingForm);
