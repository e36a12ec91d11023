import type { Terminal } from "./terminal.ts";

/** Ten frames a second look smooth; more cost time. */
const FRAME_MS = 100;
const BAR_CHARACTERS_MAX = 30;

/** A line on stderr that shows how far a command is and redraws itself; nothing where stderr is no terminal. */
export class Progress {
  #drawnAt = -Infinity;
  #shown = false;

  constructor(private readonly terminal: Terminal) {}

  /**
   * Shows the state, at most ten times a second.
   * @param fraction from 0 to 1; `undefined` where the end is not known
   */
  update(fraction: number | undefined, text: string): void {
    const now = performance.now();
    if (!this.terminal.errIsTerminal || now - this.#drawnAt < FRAME_MS) return;
    this.#drawnAt = now;
    this.#shown = true;
    const bar = fraction === undefined ? "" : `${drawBar(fraction, this.terminal.columns)} `;
    // One column is left free: a full line would wrap and not be overwritten.
    const line = `${bar}${text}`.slice(0, this.terminal.columns - 1);
    this.terminal.err(`\r${line}\x1b[K`);
  }

  /** Removes the line, so that what follows starts clean. */
  clear(): void {
    if (this.#shown) this.terminal.err("\r\x1b[K");
    this.#shown = false;
  }
}

function drawBar(fraction: number, columns: number): string {
  const width = Math.max(5, Math.min(BAR_CHARACTERS_MAX, columns - 50));
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  const percent = String(Math.floor(fraction * 100)).padStart(3);
  return `[${"█".repeat(full)}${"░".repeat(width - full)}] ${percent}%`;
}

/** A count for people: `12,345`. */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** A count with its noun: `1 record`, `2 records`. */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A size for people: `3.4 MiB`. */
export function bytesText(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}

/** A span of time for people: `0.8 s`. */
export function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
