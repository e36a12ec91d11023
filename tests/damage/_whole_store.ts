/** @module A store that has a value of every kind there is, and the records that it holds. */

import { TokenRegistry } from "../../src/auth/mod.ts";
import { RecordBatch, type SeverityCode } from "../../src/record.ts";
import { InlineBuilder } from "../../src/storage/builder.ts";
import type { Commit, Entry } from "../../src/storage/database.ts";
import { type EngineOptions, EngineStore } from "../../src/storage/store.ts";
import { ArrayDatabase } from "./_array_database.ts";

const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 9, 31, 12);

/** A record as it was stored. */
export interface KnownRecord {
  readonly ms: number;
  readonly service: string;
  readonly severity: SeverityCode;
  readonly message: string;
  readonly attributes: string;
}

/** A store's values, and what it holds. */
export interface WholeStore {
  readonly entries: readonly Entry[];
  /** Every record that can be read, by its id. */
  readonly records: ReadonlyMap<number, KnownRecord>;
  /** Ids of deleted records, of which some are still stored. */
  readonly deleted: ReadonlySet<number>;
  /** Text and name of a token. */
  readonly tokens: readonly (readonly [name: string, text: string])[];
}

/** Opens a store on which nothing happens by itself. */
export function openQuiet(options: Partial<EngineOptions>): Promise<EngineStore> {
  return EngineStore.open({
    database: new ArrayDatabase(),
    builder: new InlineBuilder(),
    background: false,
    now: () => NOON,
    wait: () => Promise.resolve(),
    ...options,
  });
}

/** A database whose commits fail while it is told to. */
class FailingDatabase extends ArrayDatabase {
  failsAt: (commit: Commit) => boolean = () => false;

  override commit(commit: Commit): Promise<string | undefined> {
    if (this.failsAt(commit)) return Promise.reject(new Error("The disk is gone"));
    return super.commit(commit);
  }
}

class Filler {
  readonly records = new Map<number, KnownRecord>();
  readonly deleted = new Set<number>();
  #seed = 1;

  constructor(readonly store: EngineStore) {}

  /** Stores records of one stream, `stepMs` apart. */
  async append(
    count: number,
    firstMs: number,
    service: string,
    severity: SeverityCode,
    { stepMs = 1, bytes = 0, key = undefined as string | undefined } = {},
  ): Promise<void> {
    const batch = new RecordBatch();
    const known: KnownRecord[] = [];
    for (let i = 0; i < count; i++) {
      const ms = firstMs + i * stepMs;
      const message = `order ${this.#random()} of ${service} ${this.#noise(bytes)}`;
      const attributes = i % 2 === 0 ? `{"user":"u${i % 7}"}` : "";
      const texts = attributes === "" ? {} : { attributes };
      batch.append(ms, 0, service, severity, message, texts);
      known.push({ ms, service, severity, message, attributes });
    }
    const digest = (text: string) => new Uint8Array(32).map((_, i) => text.charCodeAt(i) || i);
    const idempotency = key === undefined ? undefined : { key: digest(key), body: digest("body") };
    const { firstId } = await this.store.append(batch, idempotency);
    known.forEach((record, i) => this.records.set(firstId + i, record));
  }

  async delete(beforeMs: number, service: string): Promise<void> {
    await this.store.delete({ before: { ms: beforeMs, ns: 0 }, services: [service] });
    for (const [id, record] of this.records) {
      if (record.service !== service || record.ms >= beforeMs) continue;
      this.records.delete(id);
      this.deleted.add(id);
    }
  }

  #noise(bytes: number): string {
    let text = "";
    while (text.length < bytes) text += String.fromCharCode(97 + this.#random() % 26);
    return text;
  }

  #random(): number {
    this.#seed = Math.imul(this.#seed, 1_103_515_245) + 12_345 >>> 0;
    return this.#seed >>> 8;
  }
}

/**
 * Makes a store with segments of all kinds, values in parts, pages of filters, deletions, garbage, what a server that died
 * was publishing, journal entries, remembered answers, tokens and a secret.
 */
export async function wholeStore(): Promise<WholeStore> {
  const database = new FailingDatabase();
  const now = { ms: NOON };
  const first = await openQuiet({ database, now: () => now.ms });
  const filler = new Filler(first);
  // A day that is over, whose filters go into pages.
  for (const [i, service] of ["a", "b", "c", "d"].entries()) {
    await filler.append(520, NOON - 2 * DAY_MS + i * 1000, service, 2, { stepMs: 10_000 });
  }
  await first.flush();
  while (await first.maintain());
  now.ms += 3_600_000;
  while (await first.maintain());
  await filler.append(520, NOON, "auth", 2, { key: "one" });
  await filler.append(520, NOON, "auth", 4);
  await filler.append(530, NOON, "large", 3, { bytes: 900 });
  for (let day = 10; day < 30; day++) {
    await filler.append(2, NOON - day * DAY_MS, `rare-${day % 4}`, 1);
  }
  await first.flush();
  for (const service of ["x", "y", "z"]) await filler.append(7, NOON + 5000, service, 0);
  await first.flush();
  // Replaced segments that wait for a reader.
  const reader = first.snapshot();
  for (let i = 0; i < 4; i++) {
    await filler.append(5, NOON + 9000, "small", 5);
    await first.flush();
  }
  while (await first.maintain());
  await filler.delete(NOON + 300, "auth");
  await filler.delete(NOON + 10, "large");
  const registry = await TokenRegistry.load(first.tokens);
  const grants = { write: ["auth"], read: false, delete: false, admin: false };
  const tokens: [string, string][] = [
    ["writer", await registry.create({ name: "writer", ...grants })],
    ["admin", await registry.create({ name: "admin", ...grants, admin: true })],
  ];
  await first.secret("session");
  await filler.append(3, NOON + 20_000, "auth", 2, { key: "two" });
  // The last step of a publication fails, and the server is killed before it could undo it.
  database.failsAt = ({ sets = [] }) => sets.some(([key]) => key[1] === "version");
  await first.flush().then(() => Promise.reject(new Error("It was published")), () => {});
  database.failsAt = () => false;
  for (let i = 0; i < 3; i++) await filler.append(4, NOON + 30_000 + i, "journal", 2);
  await filler.append(120, NOON + 40_000, "journal", 3, { bytes: 2000 });
  await filler.append(2, NOON + 50_000, "journal", 2);
  const entries = [...database.entries];
  reader.release();
  await first.close();
  return { entries, records: filler.records, deleted: filler.deleted, tokens };
}
