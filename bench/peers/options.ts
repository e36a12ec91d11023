/** @module What the comparison is told. */

import type { Contender } from "./contender.ts";
import type { Part } from "./parts.ts";

/** How much, of whom, and where. */
export interface PeersOptions {
  /** Log Sentinel is first. */
  readonly contenders: readonly Contender[];
  readonly parts: readonly Part[];
  readonly rounds: number;
  readonly records: number;
  /** Of the part that sends one record in a request. */
  readonly singles: number;
  /** Of the part that ends with kill -9. */
  readonly killed: number;
  /** How long queries are asked beside a load. */
  readonly loadedSeconds: number;
  /** A server is settled when its files and figures stood still for so long. */
  readonly stillMs: number;
  /** NDJSON to use instead of generated records. */
  readonly file?: string | undefined;
  /** A word that few records of that file have. */
  readonly word: string;
  /** An empty directory; what is in it afterwards is the caller's to remove. */
  readonly directory: string;
  /** Is told what is being done. */
  readonly progress: (line: string) => void;
}
