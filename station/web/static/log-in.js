// <log-in>: a sign that is pressed, or a badge that is scanned, and a PIN from the pad or the keyboard.

import { Scanner } from "./scanner.js";

const MOST_DIGITS = 12;

class LogIn extends HTMLElement {
  connectedCallback() {
    this.pin = "";
    this.who = null;
    this.scanner = new Scanner();
    this.wrong = this.querySelector(".wrong");
    for (const sign of this.querySelectorAll("[data-sign]")) sign.addEventListener("click", () => this.choose({ pseudonym: sign.dataset.sign }));
    for (const key of this.querySelectorAll("[data-digit]")) key.addEventListener("click", () => this.digit(key.dataset.digit));
    this.querySelector("[data-clear]").addEventListener("click", () => this.show(this.pin.slice(0, -1)));
    this.querySelector("[data-go]").addEventListener("click", () => this.go());
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey, true);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey, true);
  }

  choose(who) {
    this.who = who;
    for (const sign of this.querySelectorAll("[data-sign]")) sign.setAttribute("aria-pressed", String(sign.dataset.sign === who.pseudonym));
    this.querySelector("[data-badge]").hidden = !who.badge;
    this.say("");
    this.show("");
  }

  digit(digit) {
    if (this.pin.length < MOST_DIGITS) this.show(this.pin + digit);
  }

  show(pin) {
    this.pin = pin;
    this.querySelector("[data-pin]").textContent = "●".repeat(pin.length);
  }

  say(text) {
    this.wrong.textContent = text;
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const badge = this.scanner.code(event);
    if (badge) this.choose({ badge });
    else if (event.key === "Enter") {
      if (!this.pin || event.target.closest?.("a")) return;
      // Where the sign was pressed last, Enter would press it again.
      event.preventDefault();
      this.go();
    } else if (event.key === "Backspace") this.show(this.pin.slice(0, -1));
    else if (/^[0-9]$/.test(event.key)) this.digit(event.key);
  }

  async go() {
    if (!this.who) return this.say(this.wrong.dataset.who);
    const buttons = this.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    const answer = await fetch("/api/session", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ ...this.who, pin: this.pin || "0" }),
    }).catch(() => null);
    if (answer?.ok) return location.assign(this.dataset.next);
    for (const button of buttons) button.disabled = false;
    this.show("");
    const { wrong, wait, failed } = this.wrong.dataset;
    if (answer?.status === 429) this.say(`${wait} ${answer.headers.get("Retry-After")}`);
    else this.say(answer?.status === 401 ? wrong : failed);
  }
}

customElements.define("log-in", LogIn);
