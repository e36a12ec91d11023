/** @module What a server has to offer to be compared. */

import type { ServerProcess } from "../child.ts";
import type { Expected } from "../expected.ts";
import type { Query } from "../measure_queries.ts";
import type { IngestTarget } from "../requests.ts";

/** A program that may be installed here. */
export interface Contender {
  readonly name: string;
  /** What has to be installed. */
  readonly program: string;
  /** What it gets less of, because it takes less, where every request has a single record. */
  readonly singles?: {
    /** Of the records that the others get, one in so many: the rate of a slow one is steady. */
    readonly share: number;
    readonly connections: number;
  };
  /** Its version; `undefined` if it is not installed. */
  version(): Promise<string | undefined>;
  /**
   * Starts it on a directory, empty or its own of before, for these records; it takes them when this resolves.
   *
   * @throws {Error} it does not start
   */
  start(directory: string, expected: Expected): Promise<Running>;
}

/** A server under way. */
export interface Running {
  readonly process: ServerProcess;
  readonly target: IngestTarget;
  /** How many records it finds. */
  stored(): Promise<number>;
  /**
   * Waits until it finds so many records, has written what it keeps in memory for a while only, and its background work
   * stands still for `stillMs`.
   *
   * @throws {Error} it does not settle
   */
  settle(records: number, stillMs: number): Promise<void>;
  /** Everything that is asked of it; what it has no like of is left out. */
  queries(expected: Expected): readonly Query[];
  /** Starts it again on what it has stored, after its process has ended. */
  restart(): Promise<Running>;
}
