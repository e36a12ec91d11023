/** How often each thing was done, by a name in words. */
export type Figures = Readonly<Record<string, number>>;

/** Counts under names; what never happened has no name. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    if (count > 0) this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  /** What was counted since the last time, by name in alphabetical order. */
  take(): Figures {
    const taken = [...this.#counts].sort(([a], [b]) => a < b ? -1 : 1);
    this.#counts.clear();
    return Object.fromEntries(taken);
  }
}
