// <log-out>: ends the session here and at the station.

class LogOut extends HTMLElement {
  connectedCallback() {
    this.querySelector("button").addEventListener("click", () => this.leave());
  }

  async leave() {
    await fetch("/api/session", { method: "DELETE" });
    location.assign("/login");
  }
}

customElements.define("log-out", LogOut);
