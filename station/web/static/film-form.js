// <film-form>: hands a gauge reading to the station and shows what it means for the panel.

import { WHO } from "./address.js";

class FilmForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.form.elements.who.value = localStorage.getItem(WHO) ?? "";
    this.form.addEventListener("submit", (event) => this.keep(event));
    this.hidden = false;
  }

  async keep(event) {
    event.preventDefault();
    const { zone, pass_number, film_um, u_um, who } = Object.fromEntries(new FormData(this.form));
    localStorage.setItem(WHO, who.trim());
    const reading = { zone, who, coat_number: Number(this.dataset.coat), pass_number: Number(pass_number), film_um: Number(film_um) };
    const answer = await fetch(`/api/panels/${encodeURIComponent(this.dataset.panel)}/film`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(u_um ? { ...reading, u_um: Number(u_um) } : reading),
    }).catch(() => null);
    if (answer?.ok) return location.reload();
    const wrong = this.querySelector(".wrong");
    wrong.textContent = wrong.dataset.refused;
    wrong.hidden = false;
  }
}

customElements.define("film-form", FilmForm);
