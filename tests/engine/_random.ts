/** @module Seeded randomness: a failure names its seed, and the seed brings the failure back. */

/** A generator of random numbers (mulberry32): the same seed gives the same numbers for ever. */
export class Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1, exclusive. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ t >>> 15, t | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  }

  /** An integer from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)]!;
  }

  /** Between `min` and `max` distinct items, in random order. */
  some<T>(items: readonly T[], min: number, max: number): T[] {
    const left = [...items];
    const chosen: T[] = [];
    const count = Math.min(items.length, this.int(min, max));
    while (chosen.length < count) chosen.push(left.splice(this.int(0, left.length - 1), 1)[0]!);
    return chosen;
  }

  /** One of several things, each as likely as its weight. */
  weighted<T>(choices: readonly (readonly [number, T])[]): T {
    let at = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, choice] of choices) {
      at -= weight;
      if (at < 0) return choice;
    }
    return choices.at(-1)![1];
  }
}

/** How many times the ordinary amount of random testing is wanted: `SENTINEL_TEST_RUNS`, 1 if it is not set. */
export function testRuns(): number {
  const runs = Number(Deno.env.get("SENTINEL_TEST_RUNS") ?? 1);
  if (!(runs > 0)) throw new RangeError("SENTINEL_TEST_RUNS is a number above 0");
  return runs;
}

/** The only seed to run, `SENTINEL_TEST_SEED`, to bring a failure back. */
export function onlySeed(): number | undefined {
  const seed = Deno.env.get("SENTINEL_TEST_SEED");
  return seed === undefined ? undefined : Number(seed);
}
