/**
 * Elements higher than this are not laid out rightly everywhere: Firefox ends near 17.8 million pixels, Chromium near 33.
 */
const PHYSICAL_MAX = 15_000_000;

/**
 * Maps the browser's scroll position to a position in a list of any height. Where the list is higher than an element can
 * be, small moves are taken as they are and large ones (of the scroll bar) in proportion.
 */
export class ScrollScale {
  #virtual = 0;
  #viewport = 0;
  /** What is added to a physical position to have the virtual one. */
  #base = 0;

  /** Takes the list's height and that of its window, in pixels. */
  resize(virtual: number, viewport: number): void {
    this.#virtual = virtual;
    this.#viewport = viewport;
    if (!this.isScaled) this.#base = 0;
  }

  /** Whether the list is too high to be laid out in full. */
  get isScaled(): boolean {
    return this.#virtual > PHYSICAL_MAX;
  }

  /** The height of the element that is scrolled. */
  get physicalHeight(): number {
    return Math.min(this.#virtual, PHYSICAL_MAX);
  }

  /** The highest virtual position. */
  get topMax(): number {
    return Math.max(0, this.#virtual - this.#viewport);
  }

  /** The virtual position after the browser went to a physical one. */
  toVirtual(physical: number, before: number): number {
    if (!this.isScaled) return Math.min(physical, this.topMax);
    const moved = physical + this.#base;
    const isSmall = Math.abs(moved - before) <= 3 * this.#viewport;
    const isInside = physical > 0 && physical < this.#physicalTopMax;
    if (isSmall && isInside && moved >= 0 && moved <= this.topMax) return moved;
    const top = physical / this.#physicalTopMax * this.topMax;
    this.#base = top - physical;
    return top;
  }

  /** The physical position to set for a virtual one. */
  toPhysical(virtual: number): number {
    if (!this.isScaled) return virtual;
    const physical = virtual - this.#base;
    // Far from where proportion would have it, an end would come too early: begin anew from there.
    const proportional = this.#proportional(virtual);
    const drift = Math.abs(physical - proportional);
    if (drift <= this.#physicalTopMax / 20 && physical > 0 && physical < this.#physicalTopMax) {
      return physical;
    }
    this.#base = virtual - proportional;
    return proportional;
  }

  get #physicalTopMax(): number {
    return this.physicalHeight - this.#viewport;
  }

  #proportional(virtual: number): number {
    return Math.round(virtual / this.topMax * this.#physicalTopMax);
  }
}
