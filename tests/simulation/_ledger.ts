/**
 * @module What the engine has promised. The model holds what must be readable at this moment; beside it stand requests
 * whose outcome nobody knows, because a process ended before it answered: what is found afterwards decides, for good.
 */

import assert from "node:assert/strict";
import type { RecordColumns } from "../../src/record.ts";
import type { Appended, DeleteSpec, IdempotencyKey } from "../../src/storage/mod.ts";
import { isHit, Model, type ModelRecord, type NewRecord, recordOf } from "../engine/_model.ts";

/** A batch that a client sent, once or, with a key, again. */
export interface Sent {
  readonly number: number;
  readonly records: readonly NewRecord[];
  readonly key: IdempotencyKey | undefined;
  /** When it was sent first, by the wall clock, in milliseconds. */
  readonly sentMs: number;
  /** Requests without an answer. */
  underWay: number;
  /** `lost`: a process ended before it answered, and nothing of the batch was found. */
  state: "open" | "stored" | "refused" | "lost";
  /** Lost, but perhaps stored and then deleted before anybody saw it. */
  mayBeGone: boolean;
  firstId: number | undefined;
}

/** A deletion without an answer: all that it concerned with an id below `idsFrom` is gone, or nothing is. */
export interface Deletion {
  readonly spec: DeleteSpec;
  readonly idsFrom: number;
}

/** Batches name their records so that each can be told from every other. */
const NAME = / b(\d+)\.(\d+)$/;

/** What was sent and what was promised. */
export class Ledger {
  readonly model = new Model();
  readonly #sent: Sent[] = [];
  /** Deletions that may have happened. */
  readonly #open = new Set<Deletion>();
  #lastToldId = 0;

  /** Batches so far. */
  get sent(): readonly Sent[] {
    return this.#sent;
  }

  /** A new batch, its records named. */
  send(records: readonly NewRecord[], key: IdempotencyKey | undefined, nowMs: number): Sent {
    const number = this.#sent.length;
    const sent: Sent = {
      number,
      records: records.map((one, i) => ({ ...one, message: `${one.message} b${number}.${i}` })),
      key,
      sentMs: nowMs,
      underWay: 0,
      state: "open",
      mayBeGone: false,
      firstId: undefined,
    };
    this.#sent.push(sent);
    return sent;
  }

  /** Takes a commit as subscribers are told of it, at the moment at which its records become readable. */
  told(columns: RecordColumns): void {
    const rows = Array.from({ length: columns.count }, (_, row) => recordOf({ columns, row }));
    for (const { id } of rows) {
      assert.ok(
        id > this.#lastToldId,
        `subscribers are told of id ${id} after ${this.#lastToldId}`,
      );
      this.#lastToldId = id;
    }
    for (const [sent, found] of this.#bySent(rows)) {
      assert.equal(found.length, sent.records.length, `batch ${sent.number} is visible in part`);
      this.#store(sent, found);
    }
  }

  #store(sent: Sent, found: readonly ModelRecord[]): void {
    const isSentAgain = sent.state === "lost" && sent.key !== undefined && sent.underWay > 0;
    assert.ok(
      sent.state === "open" || isSentAgain,
      `batch ${sent.number} becomes visible, which was ${sent.state}`,
    );
    const firstId = found[0]!.id - placeOf(found[0]!);
    assert.ok(firstId >= this.model.nextId, `id ${firstId} was given out before`);
    sent.state = "stored";
    sent.firstId = firstId;
    this.model.append(sent.records, { firstId, count: sent.records.length }, found[0]!.receivedMs);
  }

  /** Takes a positive answer. */
  acknowledged(sent: Sent, { firstId, count }: Appended): void {
    sent.underWay--;
    assert.equal(count, sent.records.length);
    if (sent.state === "lost") {
      // It was stored and deleted before anybody saw it, and the answer was remembered.
      assert.ok(sent.mayBeGone, `batch ${sent.number} has an answer and was never stored`);
      sent.firstId ??= firstId;
    } else {
      assert.equal(sent.state, "stored", `batch ${sent.number} has an answer and was not visible`);
    }
    assert.equal(firstId, sent.firstId, `batch ${sent.number} has another answer than before`);
  }

  /** Takes an answer that says that nothing was stored. */
  refused(sent: Sent): void {
    sent.underWay--;
    if (sent.underWay > 0 || (sent.key !== undefined && sent.state !== "open")) return;
    assert.equal(sent.state, "open", `batch ${sent.number} was refused, and is there`);
    sent.state = "refused";
  }

  /** Notes a request: the first one with a batch, or another one with the same key. */
  asking(sent: Sent): void {
    sent.underWay++;
    if (sent.state === "refused") sent.state = "open";
  }

  /** Notes a deletion that may happen from now on. */
  deleting(spec: DeleteSpec): Deletion {
    const deletion = { spec, idsFrom: this.model.nextId };
    this.#open.add(deletion);
    return deletion;
  }

  /** A deletion says how many records are gone: those with the lowest ids, since it concerns what was there when it began. */
  deleted(deletion: Deletion, count: number): void {
    this.#open.delete(deletion);
    this.#remove(deletion, count);
  }

  /** The store says that retention deleted so many records before a moment. */
  retained(beforeMs: number, count: number): void {
    const candidates = [...this.#open].filter(({ spec }) =>
      spec.services === undefined && spec.severities === undefined && spec.before.ms === beforeMs &&
      spec.before.ns === 0
    );
    const [deletion] = candidates;
    assert.ok(deletion !== undefined, `retention deletes before ${new Date(beforeMs)}: too early`);
    this.#remove(deletion, count);
  }

  #remove({ spec, idsFrom }: Deletion, count: number): void {
    const ids = this.model.records.filter((record) => isHit(spec, record)).map(({ id }) => id)
      .sort((a, b) => a - b);
    const due = ids.filter((id) => id < idsFrom).length;
    assert.ok(
      count >= due && count <= ids.length,
      `a deletion of ${JSON.stringify(spec)} says ${count}, of ${due} to ${ids.length} records`,
    );
    this.model.delete(spec, count === ids.length ? Infinity : ids[count]!);
  }

  /** A deletion says that it did nothing. */
  notDeleted(deletion: Deletion): void {
    this.#open.delete(deletion);
  }

  /**
   * Takes what a new process finds, all records in order, and holds it against what was promised. From then on nothing is
   * open.
   */
  settle(found: readonly ModelRecord[]): void {
    const ids = new Set(found.map(({ id }) => id));
    assert.equal(ids.size, found.length, "ids are unique");
    const possible = this.#possibleDeletions(ids);
    const isGone = (record: NewRecord) => possible.some(({ spec }) => isHit(spec, record));
    for (const record of this.model.records) {
      if (ids.has(record.id) || isGone(record)) continue;
      assert.fail(`acknowledged record is lost: ${print(record)}`);
    }
    this.model.records = this.model.records.filter(({ id }) => ids.has(id));
    const known = new Set(this.model.records.map(({ id }) => id));
    const fresh = found.filter(({ id }) => !known.has(id)).sort((a, b) => a.id - b.id);
    for (const [sent, some] of this.#bySent(fresh)) {
      this.#store(sent, some);
      const missing = this.model.records.filter(({ id }) =>
        id >= sent.firstId! && id < sent.firstId! + sent.records.length && !ids.has(id)
      );
      for (const record of missing) {
        assert.ok(
          isGone(record),
          `batch ${sent.number} is stored in part: ${print(record)} is not`,
        );
      }
    }
    this.model.records = this.model.records.filter(({ id }) => ids.has(id));
    for (const sent of this.#sent) {
      sent.underWay = 0;
      if (sent.state !== "open") continue;
      sent.state = "lost";
      sent.mayBeGone = sent.records.every(isGone);
    }
    this.#open.clear();
    this.#lastToldId = this.model.nextId - 1;
  }

  /** Of the deletions without an answer those that may have happened: whole, so that nothing that they had to hide is there. */
  #possibleDeletions(ids: ReadonlySet<number>): Deletion[] {
    return [...this.#open].filter(({ spec, idsFrom }) =>
      !this.model.records.some((one) => one.id < idsFrom && ids.has(one.id) && isHit(spec, one))
    );
  }

  /** Rows by the batch that they name, those of one batch together and in its order. */
  #bySent(rows: readonly ModelRecord[]): Map<Sent, ModelRecord[]> {
    const bySent = new Map<Sent, ModelRecord[]>();
    for (const row of rows) {
      const sent = this.#sent[numberOf(row)];
      assert.ok(sent !== undefined, `nobody sent ${print(row)}`);
      const first = bySent.get(sent)?.[0];
      if (first === undefined) bySent.set(sent, [row]);
      else {
        assert.equal(
          row.id - placeOf(row),
          first.id - placeOf(first),
          `batch ${sent.number} twice`,
        );
        bySent.get(sent)!.push(row);
      }
    }
    return bySent;
  }
}

function numberOf({ message }: ModelRecord): number {
  return Number(NAME.exec(message)?.[1]);
}

function placeOf({ message }: ModelRecord): number {
  return Number(NAME.exec(message)![2]);
}

function print({ id, message, ms }: ModelRecord): string {
  return `${id} "${message}" of ${new Date(ms).toISOString()}`;
}
