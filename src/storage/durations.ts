/** Upper bounds in seconds, from a commit on a good disk to the longest wait that a client bears. */
const BOUNDS_SECONDS = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
] as const;

/** How long one kind of work took: how often, in all, and how often at most so long. */
export class Durations {
  count = 0;
  sumSeconds = 0;
  readonly #within = new Float64Array(BOUNDS_SECONDS.length);

  add(seconds: number): void {
    this.count++;
    this.sumSeconds += seconds;
    const at = BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    if (at >= 0) this.#within[at]!++;
  }

  /** Adds what it takes until `work` is done; what fails is not counted. */
  async measure<T>(work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await work();
    this.add((performance.now() - begun) / 1000);
    return result;
  }

  /** For each bound, ascending, how often it took at most so long: each includes those before it. */
  *within(): Generator<readonly [boundSeconds: number, count: number]> {
    let count = 0;
    for (const [i, bound] of BOUNDS_SECONDS.entries()) yield [bound, count += this.#within[i]!];
  }
}
