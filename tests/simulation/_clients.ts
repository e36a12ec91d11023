/** @module What goes on at one process: clients that write, delete and ask, a clock that is set, and the weather. */

import assert from "node:assert/strict";
import {
  type Appended,
  DatabaseError,
  type DeleteSpec,
  OutcomeUnknownError,
  OverloadedError,
} from "../../src/storage/mod.ts";
import { batchOf } from "../engine/_model.ts";
import type { Random } from "../engine/_random.ts";
import type { Questions } from "../engine/_questions.ts";
import { type Flavour, randomRecords } from "../engine/_records.ts";
import type { World } from "./_database.ts";
import type { Ledger, Sent } from "./_ledger.ts";
import type { Pages } from "./_pages.ts";
import type { Process } from "./_process.ts";
import type { WallClock } from "./_wall_clock.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Keys are remembered for 24 hours; nobody tries again near the end. */
const RETRY_MS = 22 * HOUR_MS;

/** What clients know of. */
export interface ClientParts {
  readonly world: World;
  readonly ledger: Ledger;
  readonly flavour: Flavour;
  readonly questions: Questions;
  readonly pages: Pages;
  readonly clock: WallClock;
  /** The longest a client pauses between two requests, most of the time. */
  readonly pauseMs: number;
  /** The share of batches that take several values of the journal. */
  readonly large: number;
}

/** The clients of one process. */
export class Clients {
  readonly #parts: ClientParts;
  readonly #process: Process;
  /** Operations that are still to be begun. */
  #left = 0;
  /** Operations that have begun and not ended. */
  #underWay = 0;

  constructor(parts: ClientParts, process: Process) {
    this.#parts = parts;
    this.#process = process;
  }

  /** Whether they have done as much as they should. */
  get enough(): boolean {
    return this.#left <= 0;
  }

  /** Whether nothing is under way. */
  get idle(): boolean {
    return this.#underWay === 0;
  }

  /** Lets them do so many things; what has begun by then goes on. */
  start(operations: number): void {
    this.#left = operations;
    for (let i = 0; i < 3; i++) this.#loop(() => this.#write());
    this.#loop(() => this.#delete(), 12);
    for (let i = 0; i < 2; i++) this.#loop(() => this.#ask(), 4);
    this.#loop(() => this.#readPages(), 4);
    this.#loop(() => this.#turnClock(), 8);
    this.#loop(() => this.#turnWeather(), 6);
  }

  /** @param rarity how many times as long as others it pauses */
  #loop(work: () => void | Promise<void>, rarity = 1): void {
    const { world: { random, scheduler }, pauseMs } = this.#parts;
    const run = async () => {
      while (true) {
        await this.#process.sleep(random.next() * rarity * pauseMs * random.pick([0.05, 1, 1, 5]));
        if (this.#left-- <= 0) return;
        this.#underWay++;
        await work();
        this.#underWay--;
      }
    };
    run().catch((error) => scheduler.fail(error));
  }

  async #write(): Promise<void> {
    const { world: { random }, ledger, flavour, clock } = this.#parts;
    const old = random.chance(0.15) ? this.#someSent() : undefined;
    if (old !== undefined) return await this.#append(old);
    const count = random.weighted([[6, 1], [2, 3], [0.5, 8]]);
    await Promise.all(Array.from({ length: count }, async () => {
      const large = random.chance(this.#parts.large);
      const some = randomRecords(random, flavour, clock.now());
      const records = large
        ? some.slice(0, 4).map((one) => ({ ...one, ...largeText(random) }))
        : some;
      const key = random.chance(0.3)
        ? { key: bytes(ledger.sent.length, 1), body: bytes(ledger.sent.length, 2) }
        : undefined;
      const sent = ledger.send(records, key, clock.now());
      const twice = key !== undefined && random.chance(0.1);
      await Promise.all([this.#append(sent), ...twice ? [this.#append(sent)] : []]);
    }));
  }

  /** A batch with a key, which may be sent again. */
  #someSent(): Sent | undefined {
    const { world: { random }, ledger, clock } = this.#parts;
    const late = ledger.sent.slice(-20).filter(({ key, sentMs }) =>
      key !== undefined && clock.latestMs - sentMs < RETRY_MS
    );
    return late.length === 0 ? undefined : random.pick(late);
  }

  async #append(sent: Sent): Promise<void> {
    const { ledger } = this.#parts;
    const what = `append batch ${sent.number} (${sent.records.length} records` +
      `${sent.key === undefined ? "" : ", with a key"})`;
    this.#note(what);
    ledger.asking(sent);
    let answer: Appended;
    try {
      answer = await this.#process.store.append(batchOf(sent.records), sent.key);
    } catch (error) {
      this.#note(`${what}: ${String(error).slice(0, 100)}`);
      if (error instanceof OverloadedError) ledger.refused(sent);
      // Then a process that starts finds out.
      else if (!(error instanceof OutcomeUnknownError)) throw error;
      return;
    }
    this.#note(`${what}: stored from id ${answer.firstId} on`);
    ledger.acknowledged(sent, answer);
  }

  async #delete(): Promise<void> {
    const { world: { random }, ledger, questions } = this.#parts;
    const spec: DeleteSpec = {
      before: questions.somewhen(ledger.model.records),
      services: random.chance(0.5) ? questions.someServices() : undefined,
      severities: random.chance(0.4) ? random.some([0, 1, 2, 3, 4, 5], 0, 5) : undefined,
    };
    const what = `delete ${JSON.stringify(spec).slice(0, 100)}`;
    this.#note(what);
    const deletion = ledger.deleting(spec);
    try {
      const count = await this.#process.store.delete(spec);
      this.#note(`${what}: ${count}`);
      ledger.deleted(deletion, count);
    } catch (error) {
      this.#note(`${what}: ${String(error).slice(0, 100)}`);
      if (error instanceof OverloadedError) ledger.notDeleted(deletion);
      else assert.ok(this.#process.store.closing, `delete() fails: ${error}`);
    }
  }

  /** Looks at the store as it is now, taking its time. */
  async #ask(): Promise<void> {
    const { world: { random }, ledger, questions } = this.#parts;
    const held = { snapshot: this.#process.store.snapshot(), records: ledger.model.records };
    try {
      if (random.chance(0.2)) await this.#process.sleep(random.next() * 20_000);
      this.#note("ask");
      await questions.check(held, random.int(1, 2));
    } catch (error) {
      this.#mayFail(error);
    } finally {
      held.snapshot.release();
    }
  }

  async #readPages(): Promise<void> {
    this.#note("read pages");
    try {
      await this.#parts.pages.read(this.#process);
    } catch (error) {
      this.#mayFail(error);
    }
  }

  /** A database that cannot be read is no wrong answer. */
  #mayFail(error: unknown): void {
    if (!(error instanceof DatabaseError)) throw error;
    this.#note(`no answer: ${error.message}`);
  }

  #turnClock(): void {
    this.#note(`the clock goes ${this.#parts.clock.turn()} s`);
  }

  #turnWeather(): void {
    this.#note(`the database is ${this.#parts.world.weather.change()}`);
  }

  #note(text: string): void {
    const { scheduler, trace } = this.#parts.world;
    trace.note(scheduler.timeMs, text);
  }
}

/** One word that does not get smaller, about a value of the database. */
function largeText(random: Random): { message: string } {
  const digits = Array.from(
    { length: random.int(2000, 9000) },
    () => random.next().toString(36).slice(2, 12),
  );
  return { message: digits.join("") };
}

/** 32 bytes that stand for a digest. */
function bytes(number: number, kind: number): Uint8Array {
  const made = new Uint8Array(32).fill(kind);
  new DataView(made.buffer).setUint32(0, number);
  return made;
}
