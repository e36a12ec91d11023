/**
 * @module Reads back what a run sent and compares. Every record carries `canary_run` and `canary_seq`; within a service
 * the numbers of the acknowledged records are 0, 1, 2, … without a gap, and ids must grow with them.
 */
import { type Api, messageOf, sentenceOf } from "./api.ts";
import type { Backoff } from "./backoff.ts";
import { SimulationError } from "./errors.ts";

/** What a service is expected to have stored. */
export interface CanaryExpectation {
  readonly service: string;
  /** Records acknowledged: numbers 0 to accepted - 1. */
  readonly accepted: number;
  /** Records after those whose fate is unknown: they may be there. */
  readonly unconfirmed: number;
}

/** What was found of a service. */
export interface CanaryFinding {
  readonly service: string;
  /** Records read back. */
  readonly read: number;
  /** Acknowledged and not there. */
  readonly missing: number;
  /** Records beyond the first with one number. */
  readonly duplicates: number;
  /** Records whose number or id is not above that of all before, read in the order of their timestamps. */
  readonly outOfOrder: number;
  /** Records of the run with a number that was never acknowledged, or none. */
  readonly unexpected: number;
  /** What the server said its answer leaves out. */
  readonly incomplete?: string;
}

/** True if something is wrong with what was found. */
export function hasProblem(finding: CanaryFinding): boolean {
  return finding.missing + finding.duplicates + finding.outOfOrder + finding.unexpected > 0 ||
    finding.incomplete !== undefined;
}

/**
 * Reads a service's records of a run, in the order of their timestamps, in constant memory but for a bit a record. A
 * connection that breaks is followed by a reading from the start.
 * @throws {SimulationError} if the server does not let them be read
 */
export async function readBack(
  api: Api,
  run: string,
  expectation: CanaryExpectation,
  backoff: Backoff,
): Promise<CanaryFinding> {
  for (;;) {
    const controller = new AbortController();
    try {
      return await readOnce(api, run, expectation, controller.signal, backoff);
    } catch (error) {
      if (error instanceof SimulationError) throw error;
      if (!await backoff.failed()) {
        throw new SimulationError(
          `Cannot read back ${expectation.service}: ${messageOf(error)}`,
        );
      }
    } finally {
      // Frees the connection when the stream was left before its end.
      controller.abort();
    }
  }
}

async function readOnce(
  api: Api,
  run: string,
  expectation: CanaryExpectation,
  signal: AbortSignal,
  backoff: Backoff,
): Promise<CanaryFinding> {
  const query = new URLSearchParams({
    service: expectation.service,
    "attr.canary_run": run,
    order: "asc",
  });
  const response = await api.open({
    method: "GET",
    path: `/logs?${query}`,
    headers: { accept: "application/x-ndjson" },
  }, signal);
  if (response.status !== 200 || response.body === null) {
    const found = `HTTP ${response.status}${sentenceOf(await response.text())}`;
    if (response.status === 429 || response.status >= 500) throw new Error(found);
    throw new SimulationError(`Cannot read back ${expectation.service}: ${found}`);
  }
  const check = new SequenceCheck(expectation);
  for await (const line of linesOf(response.body)) {
    const record = JSON.parse(line);
    check.add(record.attributes?.canary_seq, record.id);
  }
  backoff.succeeded();
  const incomplete = response.headers.get("sentinel-incomplete");
  return { ...check.finding(), ...(incomplete === null ? {} : { incomplete }) };
}

async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
  if (rest !== "") yield rest;
}

/** Checks the numbers and ids of one service as they come. */
export class SequenceCheck {
  readonly #expectation: CanaryExpectation;
  readonly #seen: Uint8Array;
  #read = 0;
  #found = 0;
  #duplicates = 0;
  #outOfOrder = 0;
  #unexpected = 0;
  #highestSequence = -1;
  #highestId = -1;

  constructor(expectation: CanaryExpectation) {
    this.#expectation = expectation;
    this.#seen = new Uint8Array((expectation.accepted + expectation.unconfirmed + 7) >> 3);
  }

  /** The next record: its `canary_seq` and `id`, whatever they are. */
  add(sequence: unknown, id: unknown): void {
    this.#read++;
    const { accepted, unconfirmed } = this.#expectation;
    if (
      typeof sequence !== "number" || !Number.isInteger(sequence) || sequence < 0 ||
      sequence >= accepted + unconfirmed || typeof id !== "number"
    ) {
      this.#unexpected++;
      return;
    }
    const bit = 1 << (sequence & 7);
    if ((this.#seen[sequence >> 3]! & bit) !== 0) {
      this.#duplicates++;
      return;
    }
    this.#seen[sequence >> 3]! |= bit;
    if (sequence < accepted) this.#found++;
    if (sequence < this.#highestSequence || id <= this.#highestId) this.#outOfOrder++;
    this.#highestSequence = Math.max(this.#highestSequence, sequence);
    this.#highestId = Math.max(this.#highestId, id);
  }

  /** What was found, now that all records were added. */
  finding(): CanaryFinding {
    const { service, accepted } = this.#expectation;
    return {
      service,
      read: this.#read,
      missing: accepted - this.#found,
      duplicates: this.#duplicates,
      outOfOrder: this.#outOfOrder,
      unexpected: this.#unexpected,
    };
  }
}
