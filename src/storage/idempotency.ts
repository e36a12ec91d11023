/** @module Remembered answers: the same key and body from the same token stores nothing twice. */

import { CorruptDataError, decodeDocument, encodeDocument } from "../codec/mod.ts";
import { isDamage } from "./repair/damage.ts";
import { type Database, type Entry, listAll } from "./database.ts";
import { IdempotencyConflictError, OverloadedError } from "./errors.ts";
import {
  idempotencyCountKey,
  idempotencyCountRange,
  idempotencyHourKey,
  idempotencyHourRange,
  idempotencyHoursFrom,
  idempotencyKey,
  type Key,
} from "./keys.ts";
import { BACKGROUND_MUTATIONS_MAX, IDEMPOTENCY_KEYS_MAX, IDEMPOTENCY_MS } from "./limits.ts";
import type { Appended, IdempotencyKey } from "./types.ts";

const HOUR_MS = 60 * 60 * 1000;

/** An answer to remember. */
export interface Remembered {
  readonly key: Uint8Array;
  readonly body: string;
  readonly answer: Appended;
  readonly atMs: number;
}

function encodeRemembered({ key, body, answer, atMs }: Remembered): Uint8Array {
  return encodeDocument({ key: key.toBase64(), body, answer, atMs });
}

/** @throws {CorruptDataError} it is damaged, or the answer to another key */
export function decodeRemembered({ key, value }: Pick<Entry, "key" | "value">): Remembered {
  const own = key[2] as Uint8Array;
  const stored = decodeDocument(value) as Omit<Remembered, "key"> & { key?: string };
  const { key: of = own.toBase64(), body, answer, atMs } = stored;
  if (of !== own.toBase64()) {
    throw new CorruptDataError("Cannot read a remembered answer: it is that to another key");
  }
  return { key: own, body, answer, atMs };
}

function soundAnswer(entry: Entry): Remembered | undefined {
  try {
    return decodeRemembered(entry);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined;
  }
}

/** What was stored with a key is stored in the same commit as the answer: to store it again would be wrong. */
const DAMAGED_ANSWER =
  "This Idempotency-Key was used in the last 24 hours and its records are stored, but its answer is damaged on disk " +
  "and cannot be given again; use a new key for a new request";

/** The keys of the last 24 hours. */
export class IdempotencyTable {
  readonly #database: Database;
  readonly #now: () => number;
  /** Keys remembered by the hour in which they were first used. */
  readonly #counts = new Map<number, number>();
  /** Hours that a clock which was put back since has yet to come to, with when they were first seen to be. */
  readonly #ahead = new Map<number, number>();
  /** Requests under way: a retry that overtakes its original waits for it. */
  readonly #underWay = new Map<string, { body: string; answer: Promise<Appended> }>();

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  async open(): Promise<void> {
    for await (const { key, value } of listAll(this.#database, idempotencyCountRange)) {
      const hour = key[2] as number;
      this.#counts.set(hour, await this.#soundCount(hour, value));
    }
    await this.#findUncounted();
  }

  /** How many keys an hour has: as stored or, if that is damaged, counted. */
  async #soundCount(hour: number, value?: Uint8Array): Promise<number> {
    try {
      if (value !== undefined) {
        const count = decodeDocument(value);
        if (typeof count === "number") return count;
      }
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
    }
    let count = 0;
    for await (const _ of listAll(this.#database, idempotencyHourRange(hour))) count++;
    return count;
  }

  /** Hours whose count is lost would never be over: one look for each hour there is. */
  async #findUncounted(): Promise<void> {
    let from = -Infinity;
    while (true) {
      const [entry] = await this.#database.list(idempotencyHoursFrom(from), { limit: 1 });
      if (entry === undefined) return;
      const hour = entry.key[2] as number;
      if (!this.#counts.has(hour)) this.#counts.set(hour, await this.#soundCount(hour));
      from = hour + 1;
    }
  }

  /**
   * The answer that was given to this key, or what `store` gives now.
   *
   * @throws {IdempotencyConflictError} the key was used with another body
   * @throws {OverloadedError} too many keys are remembered
   */
  async once(
    { key, body }: IdempotencyKey,
    store: (remember: (answer: Appended) => Remembered) => Promise<Appended>,
  ): Promise<Appended> {
    const id = key.toBase64();
    const bodyId = body.toBase64();
    const other = this.#underWay.get(id);
    if (other !== undefined) {
      if (other.body !== bodyId) throw conflict();
      return await other.answer;
    }
    const answer = this.#find(key, bodyId).then((found) =>
      found ?? this.#store(key, bodyId, store)
    );
    this.#underWay.set(id, { body: bodyId, answer });
    try {
      return await answer;
    } finally {
      this.#underWay.delete(id);
    }
  }

  /** The mutations that remember answers. */
  mutations(answers: readonly Remembered[]): (readonly [Key, Uint8Array])[] {
    if (answers.length === 0) return [];
    const sets: [Key, Uint8Array][] = [];
    const added = new Map<number, number>();
    for (const remembered of answers) {
      const { key } = remembered;
      const hour = Math.floor(remembered.atMs / HOUR_MS);
      sets.push([idempotencyKey(key), encodeRemembered(remembered)]);
      sets.push([idempotencyHourKey(hour, key), new Uint8Array()]);
      added.set(hour, (added.get(hour) ?? 0) + 1);
    }
    for (const [hour, count] of added) {
      sets.push([idempotencyCountKey(hour), encodeDocument((this.#counts.get(hour) ?? 0) + count)]);
    }
    return sets;
  }

  /** Counts answers whose mutations were committed. */
  committed(answers: readonly Remembered[]): void {
    for (const { atMs } of answers) {
      const hour = Math.floor(atMs / HOUR_MS);
      this.#counts.set(hour, (this.#counts.get(hour) ?? 0) + 1);
    }
  }

  /** Forgets keys whose time is over, hour by hour. */
  async expire(): Promise<void> {
    for (const hour of [...this.#counts.keys()]) {
      if (!this.#isHourOver(hour)) continue;
      const page = BACKGROUND_MUTATIONS_MAX / 2;
      while (true) {
        const entries = await this.#database.list(idempotencyHourRange(hour), { limit: page });
        if (entries.length === 0) break;
        const deletes = await this.#expired(hour, entries.map(({ key }) => key));
        await this.#database.commit({ deletes });
      }
      await this.#database.commit({ deletes: [idempotencyCountKey(hour)] });
      this.#counts.delete(hour);
      this.#ahead.delete(hour);
    }
  }

  /**
   * Whether every key of an hour has been remembered for long enough: one of years ahead, by a clock that was put right since,
   * for as long from when that was seen.
   */
  #isHourOver(hour: number): boolean {
    const now = this.#now();
    if (hour * HOUR_MS <= now + IDEMPOTENCY_MS) {
      this.#ahead.delete(hour);
      return hour < Math.floor((now - IDEMPOTENCY_MS) / HOUR_MS);
    }
    const seenMs = Math.min(this.#ahead.get(hour) ?? now, now);
    this.#ahead.set(hour, seenMs);
    return now - seenMs > IDEMPOTENCY_MS;
  }

  /** The hour's keys, and their answers unless the key was used again since. */
  async #expired(hour: number, hourKeys: readonly Key[]): Promise<Key[]> {
    const answerKeys = hourKeys.map((key) => idempotencyKey(key[3] as Uint8Array));
    const answers = await this.#database.getMany(answerKeys);
    const over = answerKeys.filter((_, i) => {
      const answer = answers[i];
      if (answer === undefined) return false;
      const sound = soundAnswer(answer);
      // A damaged one is of no use to anybody; it was used in the hour that is over, if not since.
      return sound === undefined || Math.floor(sound.atMs / HOUR_MS) === hour;
    });
    return [...hourKeys, ...over];
  }

  async #find(key: Uint8Array, body: string): Promise<Appended | undefined> {
    const entry = await this.#database.get(idempotencyKey(key));
    if (entry === undefined) return undefined;
    const found = soundAnswer(entry);
    if (found === undefined) throw new IdempotencyConflictError(DAMAGED_ANSWER);
    if (found.atMs < this.#now() - IDEMPOTENCY_MS) return undefined;
    if (found.body !== body) throw conflict();
    return found.answer;
  }

  #store(
    key: Uint8Array,
    body: string,
    store: (remember: (answer: Appended) => Remembered) => Promise<Appended>,
  ): Promise<Appended> {
    let remembered = this.#underWay.size;
    for (const count of this.#counts.values()) remembered += count;
    if (remembered > IDEMPOTENCY_KEYS_MAX) {
      throw new OverloadedError(
        `Cannot remember another Idempotency-Key: ${IDEMPOTENCY_KEYS_MAX} were used in the last 24 hours; ` +
          "send larger batches, or leave the header out",
        429,
        600,
        { reason: "idempotency_keys" },
      );
    }
    return store((answer) => ({ key, body, answer, atMs: this.#now() }));
  }
}

function conflict(): IdempotencyConflictError {
  return new IdempotencyConflictError(
    "This Idempotency-Key was used with another body in the last 24 hours; use a new key for a new request",
  );
}
