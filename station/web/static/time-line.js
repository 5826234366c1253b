// <time-line>: a touch anywhere chooses the nearest value; a finger need not hit a point.

class TimeLine extends HTMLElement {
  connectedCallback() {
    this.drawing = this.querySelector("svg");
    this.points = [...this.querySelectorAll("[data-inspection]")];
    this.told = this.querySelector(".chosen span");
    this.open = this.querySelector(".chosen a");
    this.drawing.addEventListener("click", (event) => this.choose(event));
  }

  choose({ clientX, clientY }) {
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(this.drawing.getScreenCTM().inverse());
    const away = ({ dataset }) => Math.hypot(dataset.x - x, dataset.y - y);
    const nearest = this.points.reduce((best, point) => (away(point) < away(best) ? point : best));
    this.drawing.querySelector("[aria-current]")?.removeAttribute("aria-current");
    nearest.setAttribute("aria-current", "true");
    this.told.textContent = nearest.querySelector("title").textContent;
    this.open.href = `/inspections/${nearest.dataset.inspection}`;
    this.open.hidden = false;
  }
}

customElements.define("time-line", TimeLine);
