/** @module What becomes of each operation of a database: how long it takes, and whether and how it goes wrong. */

import type { Random } from "../engine/_random.ts";

/** What goes wrong with an operation. */
export type Fault =
  /** It fails; nothing was applied. */
  | "refused"
  /** It fails, yet it was applied. */
  | "in doubt"
  /** It is never answered; it may or may not be applied. */
  | "silent";

/** What becomes of an operation. */
export interface Fate {
  /** Until it is applied, and from then until it is answered. */
  readonly delayMs: number;
  readonly answerMs: number;
  readonly fault: Fault | undefined;
}

/** What the database is like for a while. */
export type Kind = "calm" | "slow" | "flaky" | "out" | "silent";

/** The weather of one simulation. */
export class Weather {
  readonly #random: Random;
  #kind: Kind = "calm";
  #badShare = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Whether something goes wrong beside delays. */
  get isBad(): boolean {
    return this.#kind !== "calm" && this.#kind !== "slow";
  }

  turn(kind: Kind): void {
    this.#kind = kind;
    this.#badShare =
      { calm: 0, slow: 0, flaky: this.#random.pick([0.02, 0.1, 0.4]), out: 1, silent: 0.1 }[
        kind
      ];
  }

  /** Turns at random. */
  change(): Kind {
    const kind = this.#random.weighted<Kind>([
      [6, "calm"],
      [2, "slow"],
      [5, "flaky"],
      [1, "out"],
      [0.3, "silent"],
    ]);
    this.turn(kind);
    return kind;
  }

  /** @param kind of key that it is about, which tells what makes a publication visible */
  next(isCommit: boolean, kind: unknown): Fate {
    const random = this.#random;
    const longestMs = this.#kind === "slow" ? random.pick([20, 2000]) : random.pick([2, 2, 20]);
    return {
      delayMs: random.next() * longestMs,
      answerMs: random.next() * longestMs / 4,
      fault: random.chance(this.#shareOf(isCommit && kind === "version"))
        ? this.#fault(isCommit)
        : undefined,
    };
  }

  /** One commit in dozens makes a publication visible, and matters more than the others. */
  #shareOf(isPublication: boolean): number {
    return isPublication && this.#kind === "flaky" ? 0.4 : this.#badShare;
  }

  #fault(isCommit: boolean): Fault {
    if (this.#kind === "silent") return "silent";
    return isCommit && this.#random.chance(0.5) ? "in doubt" : "refused";
  }
}
