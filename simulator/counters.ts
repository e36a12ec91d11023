/**
 * @module What a service counts. One Float64Array, so that a report from a Worker is 64 bytes and no object.
 */

/** Places in the array. Records, except where the name says otherwise. */
export const COUNTER = {
  /** Records handed to the server at least once. */
  sent: 0,
  /** Acknowledged with 201. */
  accepted: 1,
  /** Answered with a status that says never. */
  refused: 2,
  /** Sent, and no answer says what became of them. */
  unconfirmed: 3,
  /** How many the service is behind what its rate asks for, because the server kept it waiting. */
  delayed: 4,
  /** Attempts that were followed by another. */
  retries: 5,
  /** Requests that got their final answer. */
  batches: 6,
  /** Milliseconds that those took, pauses between attempts included. */
  waitedMs: 7,
} as const;

/** The name of a counter. */
export type CounterName = keyof typeof COUNTER;

/** Counters of one service; indexes in {@link COUNTER}. */
export type Counters = Float64Array<ArrayBuffer>;

/** All zero. */
export function newCounters(): Counters {
  return new Float64Array(Object.keys(COUNTER).length);
}

/** Adds to one of the counters. */
export function count(counters: Counters, name: CounterName, amount: number): void {
  counters[COUNTER[name]]! += amount;
}

/** One of the counters. */
export function counted(counters: Counters, name: CounterName): number {
  return counters[COUNTER[name]] ?? 0;
}

/** The sum over services. */
export function sumCounters(all: Iterable<Counters>): Counters {
  const sum = newCounters();
  for (const counters of all) {
    counters.forEach((value, index) => sum[index]! += value);
  }
  return sum;
}
