// <log-out>: ends the session here and at the station.

class LogOut extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", () => this.leave());
  }

  async leave() {
    await fetch("/api/session", { method: "DELETE" });
    // What the bay kept for when the station is not reached is nobody's now.
    await globalThis.caches?.delete("bay");
    location.assign("/login");
  }
}

customElements.define("log-out", LogOut);
