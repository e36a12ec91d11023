/** @module Group commit: what arrives while a commit is under way goes into the next one. */

import { encodeBatch } from "../codec/mod.ts";
import { type RecordBatch, type RecordColumns, sealBatches } from "../record.ts";
import { OutcomeUnknownError, OverloadedError } from "./errors.ts";
import type { Remembered } from "./idempotency.ts";
import type { Journal, NextState } from "./journal.ts";
import type { Key } from "./keys.ts";
import {
  GROUP_BYTES_MAX,
  GROUP_IDEMPOTENT_MAX,
  QUEUE_BYTES_MAX,
  RECORD_OVERHEAD_BYTES,
} from "./limits.ts";
import type { JournalRef } from "./memtable.ts";
import type { Appended } from "./types.ts";

/** Turns the answer to a request into what must be remembered of it, in the records' own commit. */
export type Remember = (answer: Appended) => Remembered;

interface Request {
  readonly batch: RecordBatch;
  readonly bytes: number;
  readonly remember: Remember | undefined;
  readonly resolve: (answer: Appended) => void;
  readonly reject: (reason: unknown) => void;
}

/** What the committer needs of the store around it. */
export interface CommitterHost {
  readonly journal: Journal;
  now(): number;
  /**
   * Resolves when the memtable has room.
   * @throws {OverloadedError} nothing makes room
   */
  room(): Promise<void>;
  /** The mutations that remember some answers, counts included. */
  remembering(answers: readonly Remembered[]): (readonly [Key, Uint8Array])[];
  /** Called in the same synchronous step in which the requests are answered. */
  committed(columns: RecordColumns, journal: JournalRef, answers: readonly Remembered[]): void;
  /** A commit failed: what was not stored, and whether another process has taken over. */
  failed(error: unknown): void;
}

/** Takes batches from everyone and commits them in groups. */
export class Committer {
  readonly #host: CommitterHost;
  #next: NextState;
  #queue: Request[] = [];
  #queuedBytes = 0;
  #running: Promise<void> | undefined;
  #closing = false;

  constructor(host: CommitterHost, next: NextState) {
    this.#host = host;
    this.#next = next;
  }

  /** The next id: every committed record has a lower one. */
  get next(): NextState {
    return this.#next;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get queuedBatches(): number {
    return this.#queue.length;
  }

  /** @throws {OverloadedError} the queue has no room for so many bytes, or the store is closing */
  checkRoom(bytes: number): void {
    if (this.#closing) throw shuttingDown();
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > QUEUE_BYTES_MAX) {
      throw new OverloadedError(
        `Cannot store: ${QUEUE_BYTES_MAX} bytes of records are waiting already; try again`,
        503,
        1,
        { reason: "queue_full" },
      );
    }
  }

  /** @throws {OverloadedError} as {@linkcode checkRoom}; nothing was stored */
  // deno-lint-ignore require-await -- a refusal is a rejection
  async append(batch: RecordBatch, remember?: Remember): Promise<Appended> {
    const bytes = batch.textUnits + batch.length * RECORD_OVERHEAD_BYTES;
    this.checkRoom(bytes);
    const { promise, resolve, reject } = Promise.withResolvers<Appended>();
    this.#queue.push({ batch, bytes, remember, resolve, reject });
    this.#queuedBytes += bytes;
    this.#running ??= this.#run();
    return promise;
  }

  /** Commits what waits, then takes nothing more. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // What the same turn of the event loop brings shares the first commit.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#host.room();
        await this.#commit(group);
      } catch (error) {
        this.#host.failed(error);
        for (const request of group) request.reject(error);
        // Its place in the journal may be taken: parts of another batch would overwrite those of this one.
        if (error instanceof OutcomeUnknownError) this.#refuseQueue();
      }
      for (const request of group) this.#queuedBytes -= request.bytes;
    }
    // In the same step that has found the queue empty: what comes next must start another run.
    this.#running = undefined;
  }

  #refuseQueue(): void {
    for (const { bytes, reject } of this.#queue) {
      this.#queuedBytes -= bytes;
      reject(shuttingDown());
    }
    this.#queue = [];
  }

  #takeGroup(): Request[] {
    let bytes = 0;
    let remembered = 0;
    let count = 0;
    for (const request of this.#queue) {
      if (request.remember !== undefined && ++remembered > GROUP_IDEMPOTENT_MAX) break;
      bytes += request.bytes;
      if (count > 0 && bytes > GROUP_BYTES_MAX) break;
      count++;
    }
    const group = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    return group;
  }

  async #commit(group: readonly Request[]): Promise<void> {
    const { id: firstId, seq } = this.#next;
    const receivedMs = Math.max(this.#host.now(), this.#next.receivedMs);
    const columns = sealBatches(group.map((request) => request.batch), firstId, receivedMs);
    const payload = encodeBatch(columns);
    const answers: Appended[] = [];
    const remembered: Remembered[] = [];
    let id = firstId;
    for (const { batch, remember } of group) {
      const answer = { firstId: id, count: batch.length };
      answers.push(answer);
      if (remember !== undefined) remembered.push(remember(answer));
      id += batch.length;
    }
    const next: NextState = { id, seq: seq + 1, receivedMs };
    const sets = this.#host.remembering(remembered);
    const parts = await this.#host.journal.write(seq, payload, next, sets, () => this.#closing);
    this.#next = next;
    this.#host.committed(columns, { seq, parts, payload }, remembered);
    group.forEach((request, i) => request.resolve(answers[i]!));
  }
}

function shuttingDown(): OverloadedError {
  return new OverloadedError("Cannot store: the server is shutting down", 503, 1, {
    reason: "shutting_down",
  });
}
