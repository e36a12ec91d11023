/**
 * @module Counts by name. What the names in `figures.json` mean:
 *
 * | name | what is counted |
 * | --- | --- |
 * | `get KIND`, `list KIND`, `listed KIND` | keys read by name; ranges read; entries that these gave; by the kind of key |
 * | `set KIND`, `delete KIND`, `commits` | keys written and removed, and the syncs that this took |
 * | `bytes read`, `bytes written` | values, as stored: with another zstd than that of the pinned Deno they may change |
 * | `heads decoded`, `filters decoded`, `columns decoded`, `column bytes decompressed` | what was not in the caches |
 * | `segments and chunks looked into` | sources of rows, from the caches or not |
 * | `rows searched`, `rows matched`, `rows given` | shown to a predicate; found; an object each that answers are made of |
 * | `journal entries flushed`, `segments merged` | what goes into new segments |
 * | `segments built`, `records built` | what comes out: records built by ingested ones is how often each is rewritten |
 * | `texts decoded`, `texts encoded`, `JSON parsed`, `JSON written` | calls that make strings and objects |
 * | `answer bytes` | bodies of answers |
 */

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
