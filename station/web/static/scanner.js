// A keyboard-wedge scanner types like a keyboard, but faster than any hand, and ends with Enter.

const GAP_MS = 50;
const SHORTEST_CODE = 3;
const PRESSABLE = "input[type=radio], input[type=checkbox], input[type=range], button, a, summary, select, body";

export class Scanner {
  constructor() {
    this.typed = "";
    this.at = -Infinity;
  }

  /** The code where this key is the Enter that ends one, which then does nothing else; null for every other key. */
  code(event) {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return null;
    const fast = event.timeStamp - this.at <= GAP_MS;
    this.at = event.timeStamp;
    if (!fast) this.typed = "";
    if (event.key === "Enter") {
      const code = this.typed.trim();
      this.typed = "";
      if (code.length < SHORTEST_CODE) return null;
      event.preventDefault();
      event.stopPropagation();
      return code;
    }
    if (event.key.length === 1) {
      this.typed += event.key;
      // A blank in a code presses nothing.
      if (fast && event.target.matches?.(PRESSABLE)) event.preventDefault();
    }
    return null;
  }
}
