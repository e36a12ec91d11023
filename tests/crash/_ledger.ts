import assert from "node:assert/strict";
import type { TestServer } from "../_server.ts";
import { type Batch, recordOf, type SentRecord, serviceOf } from "./_batch.ts";

/** A deletion that was asked for: of the batches before a number, of one service if it is given. */
export interface Deletion {
  readonly before: number;
  readonly service: string | undefined;
}

interface FoundRecord extends SentRecord {
  readonly id: number;
}

/** What a batch's records that were found are like. */
interface Found {
  count: number;
  firstId: number;
  /** By `n`: whether it was found. */
  readonly seen: Uint8Array;
}

/** Everything that was sent to a server over its many lives, and what is known of it. */
export class Ledger {
  readonly batches: Batch[] = [];
  /** The deletion that has no answer yet. */
  deletion: Deletion | undefined;
  /** Every id that was ever seen is at most this. */
  idSeenMax = 0;
  acknowledgedBatches = 0;
  acknowledgedRecords = 0;
  deletedRecords = 0;
  /** Batches that were found whole though nobody acknowledged them. */
  foundUnasked = 0;
  /** Batches with a key that had no answer when the server was killed. */
  readonly unanswered: Batch[] = [];

  /** Notes a batch that is about to be sent. */
  open(size: number, large: boolean, keyed: boolean): Batch {
    const number = this.batches.length;
    const key = keyed ? `batch-${number}` : undefined;
    const batch: Batch = { number, size, large, key, fate: "unknown", firstId: undefined };
    this.batches.push(batch);
    return batch;
  }

  /**
   * Notes an acknowledgement.
   * @param idBefore the highest id seen before the request was sent: ids grow
   */
  acknowledge(batch: Batch, ids: readonly number[], idBefore: number): void {
    assert.equal(ids.length, batch.size);
    const [firstId] = ids as [number];
    ids.forEach((id, n) => assert.equal(id, firstId + n, `The ids of batch ${batch.number}`));
    if (batch.firstId === undefined) assert.ok(firstId > idBefore, `Id ${firstId} was used before`);
    else assert.equal(firstId, batch.firstId, "A repeated request got other ids");
    this.#store(batch, firstId);
    this.acknowledgedBatches++;
    this.acknowledgedRecords += batch.size;
  }

  #store(batch: Batch, firstId: number): void {
    batch.fate = "stored";
    batch.firstId = firstId;
    this.idSeenMax = Math.max(this.idSeenMax, firstId + batch.size - 1);
  }

  /** The stored batches that a deletion is about. */
  scopeOf({ before, service }: Deletion): Batch[] {
    return this.batches.slice(0, before).filter(({ fate, number }) =>
      fate === "stored" && (service === undefined || serviceOf(number) === service)
    );
  }

  /** Notes that a deletion took place. */
  delete(deletion: Deletion): void {
    for (const batch of this.scopeOf(deletion)) {
      batch.fate = "deleted";
      this.deletedRecords += batch.size;
    }
  }

  /** The number up to which every batch's fate is known. */
  get settledBefore(): number {
    const open = this.batches.findIndex(({ fate }) => fate === "unknown");
    return open < 0 ? this.batches.length : open;
  }

  /** Reads all that the server has and checks it against what must be; then nothing is unknown any more. */
  async verify(server: TestServer): Promise<void> {
    const found = await readAll(server, this.batches);
    this.#settleDeletion(found);
    let records = 0;
    for (const batch of this.batches) {
      const here = found.get(batch.number);
      records += here?.count ?? 0;
      this.#settle(batch, here);
    }
    await checkCounts(server, records, this.batches);
  }

  /** A deletion without an answer took place as a whole or not at all. */
  #settleDeletion(found: ReadonlyMap<number, Found>): void {
    const { deletion } = this;
    if (deletion === undefined) return;
    this.deletion = undefined;
    const scope = this.scopeOf(deletion);
    const left = scope.filter(({ number }) => found.has(number));
    if (left.length === 0) this.delete(deletion);
    else assert.equal(left.length, scope.length, "A deletion took place in part");
  }

  #settle(batch: Batch, here: Found | undefined): void {
    const { number, fate, size, firstId } = batch;
    const count = here?.count ?? 0;
    if (fate === "unknown" && batch.key !== undefined) this.unanswered.push(batch);
    const what = `batch ${number} (${fate}, ${size} records)`;
    if (fate === "deleted" || fate === "absent") {
      return assert.equal(count, 0, `${count} records of ${what} are there`);
    }
    if (fate === "unknown" && count === 0) {
      batch.fate = "absent";
      return;
    }
    assert.equal(count, size, `${count} records of ${what} are there`);
    if (fate === "stored") return assert.equal(here!.firstId, firstId, `The ids of ${what}`);
    this.foundUnasked++;
    this.#store(batch, here!.firstId);
  }

  /** Checks that no id was ever given twice. */
  checkIds(): void {
    const stored = this.batches.filter(({ firstId }) => firstId !== undefined)
      .sort((a, b) => a.firstId! - b.firstId!);
    let next = 1;
    for (const { number, firstId, size } of stored) {
      assert.ok(firstId! >= next, `Id ${firstId} of batch ${number} was given before`);
      next = firstId! + size;
    }
  }
}

async function readAll(
  server: TestServer,
  batches: readonly Batch[],
): Promise<Map<number, Found>> {
  const found = new Map<number, Found>();
  const headers = { accept: "application/x-ndjson" };
  const response = await server.fetch("/logs?order=asc", { headers });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("sentinel-incomplete"), null);
  let rest = "";
  let last = "";
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const record: FoundRecord = JSON.parse(line);
      assert.ok(record.timestamp >= last, "The records are out of order");
      last = record.timestamp;
      note(found, batches, record);
    }
  }
  assert.equal(rest, "");
  return found;
}

/** Checks one record against what was sent. */
function note(found: Map<number, Found>, batches: readonly Batch[], record: FoundRecord): void {
  const { batch: number, n } = record.attributes;
  const batch = batches[number];
  assert.ok(batch !== undefined && n < batch.size, `A record that nobody sent: ${record.id}`);
  const { timestamp, service, severity, message, attributes } = record;
  assert.deepEqual({ timestamp, service, severity, message, attributes }, recordOf(batch, n));
  let here = found.get(number);
  if (here === undefined) {
    found.set(
      number,
      here = { count: 0, firstId: record.id - n, seen: new Uint8Array(batch.size) },
    );
  }
  assert.equal(here.seen[n], 0, `Record ${n} of batch ${number} is there twice`);
  assert.equal(record.id, here.firstId + n, `The id of record ${n} of batch ${number}`);
  here.seen[n] = 1;
  here.count++;
}

async function checkCounts(
  server: TestServer,
  records: number,
  batches: readonly Batch[],
): Promise<void> {
  const expected: Record<string, number> = {};
  for (const { number, size, fate } of batches) {
    if (fate !== "stored") continue;
    expected[serviceOf(number)] = (expected[serviceOf(number)] ?? 0) + size;
  }
  assert.deepEqual((await server.get("/stats")).logs_per_service, expected);
  const filtered = await server.get("/stats?timestamp_start=0001-01-01T00:00:00Z");
  assert.deepEqual(filtered.logs_per_service, expected);
  assert.equal(Object.values(expected).reduce((sum, count) => sum + count, 0), records);
}
