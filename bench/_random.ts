/** Seeded pseudo-random numbers (mulberry32): the same seed gives the same records on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** An integer from 0 to 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return (value ^ (value >>> 14)) >>> 0;
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.next() / 0x1_0000_0000;
  }

  /** An integer in [low, high). */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low));
  }

  /** One of the choices, all as likely. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length)]!;
  }

  /** The index at which a fraction falls among ascending sums of weights that end with their total. */
  weighted(sums: Float64Array): number {
    const point = this.fraction() * sums[sums.length - 1]!;
    let index = 0;
    while (sums[index]! <= point) index++;
    return index;
  }

  /** A normally distributed number with mean 0 and deviation 1 (Box and Muller, 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.fraction()));
    return radius * Math.cos(2 * Math.PI * this.fraction());
  }
}
