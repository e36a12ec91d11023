/** @module A store in memory, for tests of the HTTP server: a list of rows, walked for every question. */

import {
  compareInstants,
  type RecordBatch,
  type RecordColumns,
  type RowRef,
  sealBatches,
} from "../record.ts";
import type {
  Appended,
  Asker,
  CommitListener,
  DeleteSpec,
  Digest,
  DigestVisitor,
  DiskFigures,
  Durations,
  IdempotencyKey,
  Instant,
  OrderedScanSpec,
  Position,
  RecordScan,
  ScanSpec,
  Snapshot,
  Store,
  StreamTotal,
  TokenTable,
  Visitor,
} from "../storage/mod.ts";
import { IdempotencyConflictError, RetentionPolicy } from "../storage/mod.ts";

/** A store whose every answer a test can foresee, spoil or hold back. */
export class FakeStore implements Store {
  rows: RowRef[] = [];
  notReady: string | undefined;
  warnings: string[] = [];
  readonly retention = new RetentionPolicy(undefined);
  readonly retentionBytes = undefined;
  /** Snapshots taken and not yet released. */
  openSnapshots = 0;
  /** What every snapshot reports; a test appends to it. */
  damage: string[] = [];
  /** Runs before a batch is stored; may throw or wait. */
  beforeAppend: () => void | Promise<void> = () => {};
  /** Runs before a body is parsed; may throw. */
  beforeRoom: () => void = () => {};
  /** Runs before rows are read by a scan or a visit. */
  beforeRead: () => void | Promise<void> = () => {};
  readonly batches: RecordBatch[] = [];
  readonly tokens: TokenTable = new FakeTokenTable();
  readonly #listeners = new Set<CommitListener>();
  readonly #answers = new Map<string, { body: string; appended: Appended }>();
  #nextId = 1;

  async append(batch: RecordBatch, idempotency?: IdempotencyKey): Promise<Appended> {
    await this.beforeAppend();
    const key = idempotency?.key.toHex() ?? "";
    const before = this.#answers.get(key);
    if (idempotency !== undefined && before !== undefined) {
      if (before.body === idempotency.body.toHex()) return before.appended;
      throw new IdempotencyConflictError("The key was used with another body");
    }
    const appended = { firstId: this.#nextId, count: batch.length };
    const columns = sealBatches([batch], this.#nextId, 1_750_000_000_000);
    this.#nextId += batch.length;
    this.batches.push(batch);
    for (let row = 0; row < columns.count; row++) this.rows.push({ columns, row });
    if (idempotency !== undefined) {
      this.#answers.set(key, { body: idempotency.body.toHex(), appended });
    }
    for (const listener of this.#listeners) listener(columns);
    return appended;
  }

  checkRoom(): void {
    this.beforeRoom();
  }

  /** Listeners that were not removed. */
  get listeners(): number {
    return this.#listeners.size;
  }

  subscribe(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  secret(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(32).fill(1));
  }

  snapshot(asker?: Asker): Snapshot {
    this.openSnapshots++;
    return new FakeSnapshot(this, this.rows, this.#nextId, asker);
  }

  delete({ before, services, severities }: DeleteSpec): Promise<number> {
    const count = this.rows.length;
    this.rows = this.rows.filter((row) =>
      compareInstants(positionOf(row), before) >= 0 || !matches(row, { services, severities })
    );
    return Promise.resolve(count - this.rows.length);
  }

  figures(): Record<string, number> {
    return { records: this.rows.length, memtable_bytes: 7 };
  }

  counters(): Record<string, number> {
    return { commits: this.batches.length };
  }

  durations(): Record<string, Durations> {
    return {};
  }

  disk(): Promise<DiskFigures | undefined> {
    return Promise.resolve({ dataBytes: 1000, freeBytes: 2000 });
  }

  announce(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class FakeSnapshot implements Snapshot {
  #released = false;
  constructor(
    readonly store: FakeStore,
    readonly all: RowRef[],
    readonly nextId: number,
    readonly asker: Asker | undefined,
  ) {}

  /** Waits as long as the test says, or until nobody wants to know any more. */
  async #beforeRead(): Promise<void> {
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    this.asker?.signal.addEventListener("abort", () => resolve(), { once: true });
    await Promise.race([this.store.beforeRead(), aborted]);
    this.asker?.signal.throwIfAborted();
  }

  get damage(): readonly string[] {
    return this.store.damage;
  }

  streamTotals(): StreamTotal[] {
    const totals = new Map<string, { -readonly [K in keyof StreamTotal]: StreamTotal[K] }>();
    for (const row of this.all) {
      const stream = streamOf(row);
      const key = `${stream.severity}${stream.service}`;
      const total = totals.get(key);
      const last = positionOf(row);
      if (total === undefined) totals.set(key, { ...stream, count: 1, last });
      else {
        total.count++;
        if (compareInstants(last, total.last) > 0) total.last = last;
      }
    }
    return [...totals.values()];
  }

  scan(spec: OrderedScanSpec): RecordScan {
    const sign = spec.order === "asc" ? 1 : -1;
    const { after } = spec;
    const found = select(this.all, spec)
      .filter((row) => after === undefined || sign * comparePositions(positionOf(row), after) > 0)
      .sort((a, b) => sign * comparePositions(positionOf(a), positionOf(b)));
    let at = 0;
    return {
      next: async (limit) => {
        await this.#beforeRead();
        if (this.#released) throw new Error("A released snapshot was read");
        return found.slice(at, at += limit);
      },
    };
  }

  async visit(spec: ScanSpec, _columns: readonly string[], visitor: Visitor): Promise<void> {
    await this.#beforeRead();
    for (const { columns, row } of select(this.all, spec)) {
      visitor.rows(columns, Uint32Array.of(row));
    }
  }

  async visitDigests<D extends Digest>(spec: ScanSpec, visitor: DigestVisitor<D>): Promise<void> {
    await this.#beforeRead();
    for (const { columns, row } of select(this.all, spec)) {
      visitor.rows(visitor.make(columns), Uint32Array.of(row));
    }
  }

  get(id: number): Promise<RowRef | undefined> {
    return Promise.resolve(this.all.find(({ columns, row }) => columns.ids[row] === id));
  }

  release(): void {
    if (this.#released) throw new Error("A snapshot was released twice");
    this.#released = true;
    this.store.openSnapshots--;
  }
}

class FakeTokenTable implements TokenTable {
  readonly #rows = new Map<string, { hash: Uint8Array; value: unknown }>();
  list() {
    return Promise.resolve([...this.#rows.values()]);
  }
  put(hash: Uint8Array, value: unknown) {
    this.#rows.set(hash.toHex(), { hash, value });
    return Promise.resolve();
  }
  delete(hash: Uint8Array) {
    this.#rows.delete(hash.toHex());
    return Promise.resolve();
  }
}

function select(rows: readonly RowRef[], spec: ScanSpec): RowRef[] {
  const found = rows.filter((row) => matches(row, spec));
  const { predicate } = spec;
  if (predicate === undefined) return found;
  return found.filter(({ columns, row }) =>
    predicate.select(columns, Uint32Array.of(row)).length === 1
  );
}

function matches(row: RowRef, spec: ScanSpec): boolean {
  const { service, severity } = streamOf(row);
  const position = positionOf(row);
  const receivedMs = row.columns.receivedMs[row.row]!;
  return (spec.services?.includes(service) ?? true) &&
    (spec.severities?.includes(severity) ?? true) &&
    (spec.from === undefined || compareInstants(position, spec.from) >= 0) &&
    (spec.to === undefined || compareInstants(position, spec.to) <= 0) &&
    position.id >= (spec.idFrom ?? 0) && position.id <= (spec.idTo ?? Infinity) &&
    receivedMs >= (spec.receivedFromMs ?? -Infinity) &&
    receivedMs <= (spec.receivedToMs ?? Infinity);
}

function streamOf({ columns, row }: RowRef): RecordColumns["streams"][number] {
  return columns.streams[columns.streamOf[row]!]!;
}

function positionOf({ columns, row }: RowRef): Position {
  return {
    ms: columns.timestampMs[row]!,
    ns: columns.timestampNs?.[row] ?? 0,
    id: columns.ids[row]!,
  };
}

function comparePositions(a: Instant & { id: number }, b: Instant & { id: number }): number {
  return compareInstants(a, b) || a.id - b.id;
}
