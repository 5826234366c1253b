// <line-view>: hears the scanner and the line. Numbers move in place; what else changes comes from the station as drawn.

import { Scanner } from "./scanner.js";

class LineView extends HTMLElement {
  connectedCallback() {
    const scanner = new Scanner();
    this.onKey = (event) => {
      const code = scanner.code(event);
      if (code) this.show(`/line?${new URLSearchParams({ code })}`);
    };
    // A code from a scanner, wherever the focus is.
    window.addEventListener("keydown", this.onKey, true);
    this.addEventListener("change", () => this.ready());
    this.addEventListener("submit", (event) => this.submit(event));
    this.addEventListener("click", (event) => this.press(event));
    this.format = new Intl.NumberFormat(document.documentElement.lang);
    this.events = new EventSource("/api/events");
    this.events.addEventListener("line", (event) => this.told(JSON.parse(event.data)));
    this.events.addEventListener("open", () => this.say(""));
    this.events.addEventListener("error", () => this.say(this.wrong.dataset.silent));
    this.ready();
  }

  disconnectedCallback() {
    window.removeEventListener("keydown", this.onKey, true);
    this.events.close();
  }

  get wrong() {
    return this.querySelector(".wrong");
  }

  say(sentence) {
    this.wrong.textContent = sentence;
    this.wrong.hidden = !sentence;
  }

  told(line) {
    const hand = line.asks_view ? `view ${line.view_number}` : line.hand === null ? "none" : `lamp ${line.hand}`;
    const { state, number, hand: shownHand, follows } = this.dataset;
    if (line.state === state && hand === shownHand) return this.count(line);
    const begins = ["preparing", "capturing", "measuring"].includes(line.state);
    // Somebody who has scanned the next panel is not taken away from it by how the last one ended.
    if (follows === "yes" || begins) this.show("/line");
    else Object.assign(this.dataset, { state: line.state, hand, number: Math.max(Number(number), line.number) });
  }

  count(line) {
    const bar = this.querySelector("progress");
    if (!bar) return;
    this.look(line.number);
    bar.max = line.frames_total || 1;
    bar.value = line.frames_done;
    this.querySelector("[data-frames]").textContent = this.format.format(line.frames_done);
    this.querySelector("[data-total]").textContent = this.format.format(line.frames_total);
  }

  // The newest frame, as soon as the one before is drawn.
  look(number) {
    const live = this.querySelector("[data-live]");
    if (!live || live.dataset.coming) return;
    live.dataset.coming = "yes";
    const fresh = new Image();
    const come = (seen) => {
      delete live.dataset.coming;
      if (seen) live.src = fresh.src;
      live.hidden = live.hidden && !seen;
    };
    fresh.onload = () => come(true);
    fresh.onerror = () => come(false);
    fresh.src = `/api/line/picture.png?number=${number}`;
  }

  // One page at a time; the newest that was wished for when the last one is in.
  async show(address) {
    this.wished = address;
    if (this.showing) return;
    this.showing = true;
    while (this.wished) {
      const wished = this.wished;
      this.wished = null;
      const text = await fetch(wished).then((answer) => (answer.ok && !answer.redirected ? answer.text() : null)).catch(() => null);
      if (text === null) location.assign(wished);
      else this.take(new DOMParser().parseFromString(text, "text/html"), wished);
    }
    this.showing = false;
  }

  take(drawn, address) {
    const fresh = drawn.querySelector("line-view");
    if (!fresh) return location.assign(address);
    history.replaceState(null, "", address);
    document.querySelector(".languages").replaceWith(drawn.querySelector(".languages"));
    Object.assign(this.dataset, fresh.dataset);
    this.replaceChildren(...fresh.children);
    this.ready();
  }

  get form() {
    return this.querySelector("[data-starts]");
  }

  ready() {
    const go = this.querySelector("button.go[form]");
    if (go) go.disabled = !this.form.checkValidity();
  }

  submit(event) {
    if (event.target !== this.form) return;
    event.preventDefault();
    this.start();
  }

  async start() {
    const { code, recipe, again, confirmed } = this.form.dataset;
    const said = new FormData(this.form);
    const wanted = {
      code,
      ...(recipe && { recipe }),
      pass_number: Number(said.get("pass_number")),
      wiped: said.get("wiped") === "yes",
      confirmed: confirmed !== undefined,
    };
    const answer = await this.post("/api/line/start", wanted);
    if (answer?.passes) {
      const doubt = new URLSearchParams({ pass_number: wanted.pass_number, wiped: wanted.wiped });
      this.show(`${again}&${doubt}`);
    }
  }

  press(event) {
    const { posts, reads } = event.target.closest("[data-posts], [data-reads]")?.dataset ?? {};
    if (posts) this.post(posts, {});
    if (reads) this.read(reads);
  }

  // The camera reads the panel's code, as if it had been scanned.
  async read(address) {
    const seen = await this.post(address, {});
    if (seen?.text) this.show(`/line?${new URLSearchParams({ code: seen.text })}`);
  }

  // The station's answer; what it refuses stands on the page in its own sentence. What it does comes as an event.
  async post(address, body) {
    const go = this.querySelectorAll(".go, [data-posts], [data-reads]");
    for (const button of go) button.disabled = true;
    this.say("");
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    }).catch(() => null);
    const told = answer && (await answer.json().catch(() => null));
    if (answer?.status === 401) location.assign(`/login?next=${encodeURIComponent("/line")}`);
    else if (!answer?.ok) {
      for (const button of go) button.disabled = false;
      if (!told?.passes) this.say(told?.words ?? told?.detail ?? this.wrong.dataset.silent);
    }
    return told;
  }
}

customElements.define("line-view", LineView);
