// <pattern-screen>: shows the pictures that the station sends, pixel by pixel, and says when each is on the screen.
//
// A message is a number, columns and rows (uint32, uint16, uint16, little-endian) and one byte of grey for each; fewer
// columns or rows than the screen has are repeated over it. An answer comes after the picture was drawn in one animation
// frame and two more have begun: only then the compositor has handed it on.

const HEADER_BYTES = 8;
const AGAIN_MS = 500;
//: The station closes with this code when another page has become the screen.
const REPLACED = 4001;

class PatternScreen extends HTMLElement {
  connectedCallback() {
    this.canvas = this.querySelector("canvas");
    this.words = this.querySelector("[data-problem]");
    this.fit();
    for (const change of ["resize", "fullscreenchange"]) addEventListener(change, () => this.fit());
    document.addEventListener("visibilitychange", () => this.tell());
    this.connect();
  }

  fit() {
    // Setting the size clears the canvas: black.
    this.canvas.width = innerWidth;
    this.canvas.height = innerHeight;
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.image = this.context.createImageData(innerWidth, innerHeight);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.tell();
  }

  connect() {
    const address = new URL("/screen/link", location);
    address.protocol = address.protocol.replace("http", "ws");
    this.link = new WebSocket(address);
    this.link.binaryType = "arraybuffer";
    this.link.addEventListener("open", () => this.tell());
    this.link.addEventListener("message", (event) => {
      if (typeof event.data === "string") this.say(event.data);
      else requestAnimationFrame(() => this.show(event.data, this.link));
    });
    this.link.addEventListener("close", (event) => {
      const replaced = event.code === REPLACED;
      this.say(replaced ? this.dataset.replaced : this.dataset.lost);
      if (!replaced) setTimeout(() => this.connect(), AGAIN_MS);
    });
  }

  tell() {
    if (this.link?.readyState !== WebSocket.OPEN) return;
    const visible = document.visibilityState === "visible";
    this.link.send(JSON.stringify({ width: innerWidth, height: innerHeight, ratio: devicePixelRatio, visible }));
  }

  say(problem) {
    this.words.textContent = problem;
    this.words.hidden = problem === "";
  }

  show(message, link) {
    const header = new DataView(message);
    const [number, columns, rows] = [header.getUint32(0, true), header.getUint16(4, true), header.getUint16(6, true)];
    this.draw(new Uint8Array(message, HEADER_BYTES), columns, rows);
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (link.readyState === WebSocket.OPEN) link.send(JSON.stringify({ shown: number }));
      })
    );
  }

  draw(greys, columns, rows) {
    const { pixels } = this;
    const { width, height } = this.image;
    const colour = (grey) => (0xff000000 | (grey * 0x010101)) >>> 0;
    for (let y = 0; y < Math.min(rows, height); y++) {
      const line = y * width;
      if (columns === 1) pixels.fill(colour(greys[y]), line, line + width);
      else for (let x = 0; x < width; x++) pixels[line + x] = colour(greys[y * columns + x]);
    }
    if (rows === 1) for (let y = 1; y < height; y++) pixels.copyWithin(y * width, 0, width);
    this.context.putImageData(this.image, 0, 0);
  }
}

customElements.define("pattern-screen", PatternScreen);
