// <film-form>: hands a gauge reading to the station and shows what it means for the panel.

import { WHO } from "./address.js";
import { post } from "./post.js";

class FilmForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.form.elements.who.value = localStorage.getItem(WHO) ?? "";
    this.form.addEventListener("submit", (event) => this.keep(event));
  }

  async keep(event) {
    event.preventDefault();
    const { zone, pass_number, film_um, u_um, who } = Object.fromEntries(new FormData(this.form));
    localStorage.setItem(WHO, who.trim());
    const reading = { zone, who, coat_number: Number(this.dataset.coat), pass_number: Number(pass_number), film_um: Number(film_um) };
    const address = `/api/panels/${encodeURIComponent(this.dataset.panel)}/film`;
    if (await post(this.form, address, u_um ? { ...reading, u_um: Number(u_um) } : reading)) location.reload();
  }
}

customElements.define("film-form", FilmForm);
