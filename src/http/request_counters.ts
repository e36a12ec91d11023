import { Durations, type RefusalReason } from "../storage/mod.ts";

/** A route as counters name it: from a closed set, because each makes lines. */
export interface CountedRoute {
  readonly method: string;
  readonly path: string;
}

/** What was answered on one route. */
export interface RouteCounts {
  /** Answers by status; 0 stands for a connection closed without one. */
  readonly statuses: Map<number, number>;
  readonly durations: Durations;
}

/** What the HTTP server counts of itself. */
export class RequestCounters {
  readonly #routes = new Map<CountedRoute, RouteCounts>();
  readonly #refusals = new Map<RefusalReason, number>();
  /** Records acknowledged since the start. */
  recordsStored = 0;
  /** Bytes of request bodies read, after decompression. */
  bodyBytes = 0;

  /** Counts an answer; a status of 0 stands for a connection closed without one. */
  count(route: CountedRoute, status: number, seconds: number): void {
    let counts = this.#routes.get(route);
    if (counts === undefined) {
      this.#routes.set(route, counts = { statuses: new Map(), durations: new Durations() });
    }
    counts.statuses.set(status, (counts.statuses.get(status) ?? 0) + 1);
    counts.durations.add(seconds);
  }

  /** Counts a request that was refused for want of room or time. */
  refused(reason: RefusalReason): void {
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
  }

  /** Routes that were asked for, in the order of first appearance. */
  routes(): Iterable<readonly [CountedRoute, RouteCounts]> {
    return this.#routes;
  }

  /** Reasons for which requests were refused, with how many. */
  refusals(): Iterable<readonly [RefusalReason, number]> {
    return this.#refusals;
  }
}
