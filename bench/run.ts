/** @module The whole benchmark: Log Sentinel and two ceilings, one after the other on the same records. */

import { expectedAnswers } from "./expected.ts";
import { generateRecords } from "./generate.ts";
import { measureKv } from "./kv_floor.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { type BenchOptions, subdirectory } from "./options.ts";
import type { Figures } from "./rows.ts";
import { runCeiling } from "./run_ceiling.ts";
import { runSentinel } from "./run_sentinel.ts";

/** Everything that was measured. */
export interface BenchReport {
  readonly machine: Machine;
  readonly records: number;
  /** Bytes of the requests in batches of 1,000. */
  readonly requestBytes: number;
  readonly sentinel: Figures;
  /** A server that only parses. */
  readonly ceiling: Figures;
  /** Deno KV with a key a record. */
  readonly kv: Figures;
  /** What was answered wrongly: figures of a run that has any mean nothing. */
  readonly problems: readonly string[];
}

/**
 * Measures everything.
 *
 * @throws {Error} a server does not start, answer or end as it must
 */
export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const { records, kvRecords, progress } = options;
  progress(`counting what ${records} generated records hold`);
  const expected = expectedAnswers(generateRecords(records));
  const problems: string[] = [];
  const { figures: sentinel, requestBytes } = await runSentinel(options, expected, problems);
  const ceiling = await runCeiling(options);
  progress("Deno KV, a key a record");
  const kv = await measureKv(await subdirectory(options, "kv"), kvRecords);
  return {
    machine: await describeMachine(),
    records,
    requestBytes,
    sentinel,
    ceiling,
    kv: { batch_1: kv.batchPerSecond, single: kv.singlePerSecond, disk: kv.bytesPerRecord },
    problems,
  };
}
