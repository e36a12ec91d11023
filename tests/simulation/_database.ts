/** @module One process's way to the disk: operations that take time, go wrong, and end with the process. */

import type { Commit, Database, Entry } from "../../src/storage/database.ts";
import { DatabaseError } from "../../src/storage/errors.ts";
import type { Key, KeyRange } from "../../src/storage/keys.ts";
import type { Random } from "../engine/_random.ts";
import { accepted, type Disk, encodeKey } from "./_disk.ts";
import type { Owner, Scheduler } from "./_scheduler.ts";
import type { Trace } from "./_trace.ts";
import type { Weather } from "./_weather.ts";

/** `getMany` takes at most 10 keys: more are read apart. */
const GET_MANY_KEYS_MAX = 10;

/** Who gets no answer for so long, in simulated milliseconds, is ended. */
const SILENCE_MS = 60_000;

/** What all processes of a simulation share. */
export interface World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly weather: Weather;
  readonly disk: Disk;
  /** Entries that a list reads at once: what is longer is no snapshot. */
  readonly listBatch: number;
}

/** A database as one process sees it. */
export class SimulatedDatabase implements Database {
  readonly #world: World;
  readonly #owner: Owner;
  readonly #crash: () => void;
  /** The process ends with the last of so many operations, of one kind of key if it says so. */
  #ending: { left: number; readonly kind: unknown } = { left: Infinity, kind: undefined };
  #closed = false;
  /** Whether there is something that is never answered. */
  isSilent = false;
  /** Commits that were asked for and are not applied yet. */
  readonly #pending = new Set<() => void>();
  /** Answers that are awaited. */
  readonly #waiting = new Set<(reason: DatabaseError) => void>();
  /** When the last operation was asked for, in simulated milliseconds. */
  lastMs = 0;

  constructor(world: World, owner: Owner, crash: () => void) {
    this.#world = world;
    this.#owner = owner;
    this.#crash = crash;
  }

  get(key: Key): Promise<Entry | undefined> {
    return this.#operate("get", key, () => this.#world.disk.get(key));
  }

  async getMany(keys: readonly Key[]): Promise<(Entry | undefined)[]> {
    const found: (Entry | undefined)[] = [];
    for (let i = 0; i < keys.length; i += GET_MANY_KEYS_MAX) {
      const some = keys.slice(i, i + GET_MANY_KEYS_MAX);
      const read = () => some.map((key) => this.#world.disk.get(key));
      found.push(...await this.#operate("getMany", some[0]!, read));
    }
    return found;
  }

  async list(
    range: KeyRange,
    { limit = Infinity, reverse = false }: { limit?: number; reverse?: boolean } = {},
  ): Promise<Entry[]> {
    const entries: Entry[] = [];
    let { start, end } = range;
    while (entries.length < limit) {
      const count = Math.min(limit - entries.length, this.#world.listBatch);
      const page = await this.#operate(
        "list",
        start,
        () => this.#world.disk.list({ start, end }, count, reverse),
      );
      entries.push(...page);
      if (page.length < count) break;
      const last = page.at(-1)!.key;
      if (reverse) end = last;
      else start = [...last, new Uint8Array()];
    }
    return entries;
  }

  // deno-lint-ignore require-await -- what is beyond the limits is a rejection
  async commit(commit: Commit): Promise<string | undefined> {
    const own = accepted(commit);
    const key = own.sets?.[0]?.[0] ?? own.deletes?.[0] ?? [];
    // What takes the node has no fence to pass: it must not come late and take it from the next process.
    const mayBeLate = key[1] !== "node";
    const apply = () => this.#world.disk.apply(own);
    return this.#operate("commit", key, apply, mayBeLate);
  }

  /** Ends the process with an operation that is still to come, as it is, or is about to be, applied. */
  endAfter(operations: number, kind?: string): void {
    this.#ending = { left: operations, kind };
  }

  close(): void {
    if (this.#closed) throw new Error("The database was closed before");
    this.#closed = true;
    for (const reject of this.#waiting) reject(new DatabaseError("The database was closed"));
  }

  /** The process has ended: a commit that was under way is applied now, later, or not at all. */
  abandon(): void {
    const { random, scheduler } = this.#world;
    for (const apply of this.#pending) {
      if (random.chance(0.5)) scheduler.after(random.pick([0, 10, 200]) * random.next(), apply);
    }
  }

  #operate<T>(name: string, key: Key, work: () => T, mayBeLate = false): Promise<T> {
    const { weather, scheduler, trace } = this.#world;
    if (this.#closed) return Promise.reject(new DatabaseError(`The database is closed (${name})`));
    const fate = weather.next(name === "commit", key[1]);
    this.lastMs = scheduler.timeMs;
    trace.mix(name);
    trace.mix(encodeKey(key));
    // Somebody notices, and ends the process.
    if (fate.fault === "silent") {
      this.isSilent = true;
      scheduler.after(SILENCE_MS, this.#crash, this.#owner);
    }
    if (fate.fault !== undefined) {
      trace.note(scheduler.timeMs, `  ${name} ${print(key)} is ${fate.fault}`);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const late = () => void work();
      if (mayBeLate) this.#pending.add(late);
      const applied = () => {
        const isLast = this.#isLast(key);
        const isApplied = fate.fault === undefined || fate.fault === "in doubt" ||
          (fate.fault === "silent" && this.#world.random.chance(0.5));
        if (isLast && this.#world.random.chance(0.5)) return this.#end(name, key, "before");
        this.#pending.delete(late);
        const result = isApplied ? work() : undefined;
        if (isLast) return this.#end(name, key, "after");
        if (fate.fault === "silent") return;
        scheduler.after(fate.answerMs, () => {
          this.#waiting.delete(reject);
          if (fate.fault === undefined) resolve(result as T);
          else reject(new DatabaseError(`The database refused: injected, ${fate.fault}`));
        }, this.#owner);
      };
      scheduler.after(fate.delayMs, applied, this.#owner);
    });
  }

  #isLast(key: Key): boolean {
    const { left, kind } = this.#ending;
    if (kind === undefined || kind === key[1]) this.#ending.left = left - 1;
    return this.#ending.left <= 0;
  }

  #end(name: string, key: Key, when: string): void {
    this.#world.trace.note(
      this.#world.scheduler.timeMs,
      `  ends just ${when} ${name} ${print(key)}`,
    );
    this.#crash();
  }
}

function print(key: Key): string {
  return JSON.stringify(
    key.map((part) => part instanceof Uint8Array ? part.toHex().slice(0, 8) : part),
  );
}
