/** @module What happened: a hash of all of it, and the last lines to read. */

/** Lines that are kept to be shown beside a failure. */
const LINES_KEPT = 80;

/** The trace of one simulation. */
export class Trace {
  #hash = 0x811c9dc5;
  #lines: string[] = [];
  /** Gets every line at once. */
  readonly #show: ((line: string) => void) | undefined;

  constructor(show?: (line: string) => void) {
    this.#show = show;
  }

  /** Eight digits that are the same if, and nearly only if, the same things happened in the same order. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  get lines(): readonly string[] {
    return this.#lines.slice(-LINES_KEPT);
  }

  /** Adds to the hash (FNV-1a) alone. */
  mix(what: string | number): void {
    const text = String(what);
    for (let i = 0; i < text.length; i++) {
      this.#hash = Math.imul(this.#hash ^ text.charCodeAt(i), 0x01000193);
    }
  }

  /** Adds a line. */
  note(timeMs: number, text: string): void {
    this.mix(text);
    const line = `${(timeMs / 1000).toFixed(3).padStart(10)}  ${text}`;
    this.#show?.(line);
    this.#lines.push(line);
    if (this.#lines.length > 2 * LINES_KEPT) this.#lines = this.#lines.slice(-LINES_KEPT);
  }
}
