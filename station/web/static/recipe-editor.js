// <recipe-editor>: limits and text of a recipe are one and the same; the station tries every change at once.

import { post } from "./post.js";
import { fillSign, signOf } from "./sign.js";

const PAUSE_MS = 400;
const HEADER = /^\s*\[/;

/** The text with one limit of one check set, or taken out where `value` is empty. */
function withLimit(text, check, name, value) {
  const lines = text.split("\n");
  const starts = lines.flatMap((line, number) => (/^\s*\[\[\s*checks\s*\]\]/.test(line) ? [number] : []));
  if (starts[check] === undefined) return text;
  const start = starts[check] + 1;
  const next = lines.findIndex((line, number) => number >= start && HEADER.test(line));
  const end = next < 0 ? lines.length : next;
  const at = lines.findIndex((line, number) => number >= start && number < end && new RegExp(`^\\s*${name}\\s*=`).test(line));
  if (at >= 0) lines.splice(at, 1, ...(value === "" ? [] : [`${name} = ${value}`]));
  else if (value !== "") {
    let last = end;
    while (last > start && lines[last - 1].trim() === "") last -= 1;
    lines.splice(last, 0, `${name} = ${value}`);
  }
  return lines.join("\n");
}

class RecipeEditor extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.form.elements.text;
    this.wrong = this.querySelector(".wrong");
    this.rows = [...this.querySelectorAll("[data-check]")];
    fillSign(this.form);
    this.text.addEventListener("input", () => this.soon());
    for (const row of this.rows)
      for (const input of row.querySelectorAll("input"))
        input.addEventListener("input", () => {
          if (!input.validity.valid) return;
          this.text.value = withLimit(this.text.value, Number(row.dataset.check), input.name, input.value);
          this.soon();
        });
    this.form.addEventListener("submit", (event) => this.propose(event));
  }

  soon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.attempt(), PAUSE_MS);
  }

  async attempt() {
    const text = this.text.value;
    const answer = await fetch("/recipe-trials", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ text }),
    }).catch(() => null);
    // Something newer was written meanwhile.
    if (text !== this.text.value) return;
    this.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
    this.wrong.hidden = Boolean(answer?.ok);
    if (!answer?.ok) return this.tell(answer ? await answer.json().catch(() => null) : null);
    const outcome = this.querySelector(".outcome");
    outcome.innerHTML = await answer.text();
    this.show(JSON.parse(outcome.querySelector(".trial").dataset.limits));
  }

  /** Says what is wrong, and where. */
  tell(problem) {
    const found = /^text:(\d+): ([\w.]+): ([\s\S]*)$/.exec(problem?.detail ?? "");
    if (!found) return void (this.wrong.textContent = problem?.detail ?? this.wrong.dataset.refused);
    const [, line, field, what] = found;
    const place = this.wrong.dataset.place.replace("{line}", line).replace("{field}", field);
    this.wrong.textContent = [place, what].join(" ");
    const [, check, name] = /^checks\.(\d+)\.(\w+)$/.exec(field) ?? [];
    this.querySelector(`[data-check="${check}"] input[name="${name}"]`)?.setAttribute("aria-invalid", "true");
  }

  /** The limits as the text has them. */
  show(limits) {
    for (const row of this.rows) {
      const own = limits[Number(row.dataset.check)];
      for (const input of row.querySelectorAll("input")) {
        input.disabled = own === undefined;
        if (own !== undefined && input !== document.activeElement) input.value = own[input.name === "low" ? 0 : 1];
      }
    }
  }

  async propose(event) {
    event.preventDefault();
    const kept = await post(this.form, "/api/recipe-drafts", {
      text: this.text.value,
      why: this.form.elements.why.value,
      who: signOf(this.form),
    });
    if (kept) location.assign(kept.page);
    else await this.attempt();
  }
}

customElements.define("recipe-editor", RecipeEditor);
