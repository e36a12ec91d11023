/**
 * @module How a range of time is cut so that each record is counted once, however many of the windows before the points of a
 * range query it lies in.
 *
 * Point `k` is at `start + k·step`; its window is the time from `range` before it, excluded, to it, included. The ends and
 * the beginnings of all windows cut time into _panes_, two for each step: one up to where a window begins, one from there
 * to the next point. Every window is a run of panes.
 */

import type { Instant } from "./instants.ts";

const NS_PER_MS = 1_000_000;

/** Where the panes of a query's windows lie. */
export class Panes {
  /** Points. */
  readonly count: number;
  readonly #stepMs: number;
  readonly #start: Instant;
  /** Windows begin this long before a point, which need not be the one before them. */
  readonly #lead: number;
  /** Whole steps in a window. */
  readonly #steps: number;
  /** Milliseconds wholly between these, excluded, are in the pane found last. */
  #fromMs = Infinity;
  #toMs = -Infinity;
  #pane = -1;

  /** @param start the first point, shifted by an offset; `stepMs` and `rangeMs` are positive integers */
  constructor(start: Instant, stepMs: number, count: number, rangeMs: number) {
    this.#start = start;
    this.#stepMs = stepMs;
    this.count = count;
    this.#steps = Math.floor(rangeMs / stepMs);
    this.#lead = rangeMs - this.#steps * stepMs;
  }

  /** The first pane of a point's window, and the last. Panes are counted from the first point, and may be negative. */
  window(point: number): { readonly first: number; readonly last: number } {
    const before = 2 * (point - this.#steps);
    return { first: this.#lead > 0 ? before + 1 : before + 2, last: 2 * point + 1 };
  }

  /** The pane of a moment; `undefined` if it is in no window. */
  paneAt(ms: number, ns: number): number | undefined {
    if (ms <= this.#fromMs || ms >= this.#toMs) this.#find(ms, ns);
    return this.#isWanted(this.#pane) ? this.#pane : undefined;
  }

  #isWanted(pane: number): boolean {
    // Where windows are shorter than a step, what lies before one is in none.
    if (this.#steps === 0 && (pane & 1) === 0) return false;
    return pane >= this.window(0).first && pane <= this.window(this.count - 1).last;
  }

  #find(ms: number, ns: number): void {
    const start = this.#start;
    let relative = ms - start.ms;
    let rest = ns - start.ns;
    if (rest < 0) {
      relative--;
      rest += NS_PER_MS;
    }
    const step = this.#stepMs;
    const point = rest > 0 ? Math.floor(relative / step) + 1 : Math.ceil(relative / step);
    // Where the windows begin that begin between the point before and this one.
    const border = point * step - this.#lead;
    const isBehind = this.#lead > 0 && (relative > border || (relative === border && rest > 0));
    this.#pane = 2 * point + (isBehind ? 1 : 0);
    const from = isBehind ? border : (point - 1) * step;
    const to = isBehind || this.#lead === 0 ? point * step : border;
    // A millisecond that holds a border is looked at anew each time.
    this.#fromMs = start.ms + from;
    this.#toMs = start.ms + to;
  }
}
