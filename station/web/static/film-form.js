// <film-form>: hands a gauge reading to the station and shows what it means for the panel.

import { post } from "./post.js";
import { fillSign, signOf } from "./sign.js";

class FilmForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    fillSign(this.form);
    this.form.addEventListener("submit", (event) => this.keep(event));
  }

  async keep(event) {
    event.preventDefault();
    const { zone, pass_number, film_um, u_um } = Object.fromEntries(new FormData(this.form));
    const reading = { zone, who: signOf(this.form), coat_number: Number(this.dataset.coat), pass_number: Number(pass_number), film_um: Number(film_um) };
    const address = `/api/panels/${encodeURIComponent(this.dataset.panel)}/film`;
    if (await post(this.form, address, u_um ? { ...reading, u_um: Number(u_um) } : reading)) location.reload();
  }
}

customElements.define("film-form", FilmForm);
