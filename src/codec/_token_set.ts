const START_SLOTS_LOG2 = 14;

/** A set of 64-bit token hashes: open addressing in one array, at most half full. Grows up to a bound. */
export class TokenSet {
  size = 0;
  /** More than `sizeMax` hashes were added: the set has not all of them. */
  overflowed = false;
  readonly #sizeMax: number;
  // Slot i is high at 2i and low at 2i + 1; both 0 is empty.
  #slots = new Int32Array(2 << START_SLOTS_LOG2);
  #shift = 32 - START_SLOTS_LOG2;
  // The same hashes without gaps.
  #pairs = new Int32Array(1 << START_SLOTS_LOG2);

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  /** Adds a hash of which both halves are signed 32-bit integers. */
  add(high: number, low: number): void {
    if ((high | low) === 0) low = 1;
    const slots = this.#slots;
    const mask = slots.length - 1;
    // A product's high bits are its best mixed ones.
    let at = (high >>> this.#shift) * 2;
    for (;;) {
      const slotHigh = slots[at]!;
      const slotLow = slots[at + 1]!;
      if (slotHigh === high && slotLow === low) return;
      if ((slotHigh | slotLow) === 0) break;
      at = (at + 2) & mask;
    }
    if (this.size === this.#sizeMax) {
      this.overflowed = true;
      return;
    }
    slots[at] = high;
    slots[at + 1] = low;
    this.#pairs[2 * this.size] = high;
    this.#pairs[2 * this.size + 1] = low;
    if (++this.size * 4 >= slots.length) this.#grow();
  }

  #grow(): void {
    const pairs = this.#pairs;
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    this.#shift--;
    for (let i = 0; i < pairs.length; i += 2) {
      let at = (pairs[i]! >>> this.#shift) * 2;
      while ((slots[at]! | slots[at + 1]!) !== 0) at = (at + 2) & mask;
      slots[at] = pairs[i]!;
      slots[at + 1] = pairs[i + 1]!;
    }
    this.#slots = slots;
    this.#pairs = new Int32Array(pairs.length * 2);
    this.#pairs.set(pairs);
  }

  /** The hashes, high and low alternating, in the order in which they were added: a view. */
  toPairs(): Int32Array {
    return this.#pairs.subarray(0, 2 * this.size);
  }
}
