// <draft-approval>: a second person makes a draft the version that the line uses. <draft-rejection>: somebody puts it aside.

import { post } from "./post.js";
import { fillSign, signOf } from "./sign.js";

class DraftApproval extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    fillSign(this.form);
    this.form.addEventListener("submit", (event) => this.approve(event));
  }

  async approve(event) {
    event.preventDefault();
    if (await post(this.form, `/api/recipe-drafts/${this.dataset.draft}/approval`, { who: signOf(this.form) })) location.reload();
  }
}

customElements.define("draft-approval", DraftApproval);

class DraftRejection extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    fillSign(this.form);
    this.form.addEventListener("submit", (event) => this.reject(event));
  }

  async reject(event) {
    event.preventDefault();
    const said = { who: signOf(this.form), why: this.form.elements.why.value.trim() };
    if (await post(this.form, `/api/recipe-drafts/${this.dataset.draft}/rejection`, said)) location.reload();
  }
}

customElements.define("draft-rejection", DraftRejection);
