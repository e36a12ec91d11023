/** @module One process: a store on the shared disk, from its start to its end. */

import { InlineBuilder } from "../../src/storage/builder.ts";
import { Turns } from "../../src/storage/turns.ts";
import { EngineStore } from "../../src/storage/mod.ts";
import { SimulatedDatabase, type World } from "./_database.ts";
import type { Ledger } from "./_ledger.ts";
import type { Owner } from "./_scheduler.ts";

/** How stores are opened. */
export interface ProcessOptions {
  readonly flushRecords: number;
  readonly retentionMs: number | undefined;
  readonly now: () => number;
}

/** What the log may say while the database misbehaves, and of a clock that is put back. */
const EXPECTED =
  /injected|database (is|was) closed|segment builder was closed|Cannot tell whether|Times of receipt stand still/;

/** A store and what it takes. */
export class Process implements Owner {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #options: ProcessOptions;
  readonly database: SimulatedDatabase;
  alive = true;
  store!: EngineStore;
  /** What retention said before the records that are there were known. */
  #early: (() => void)[] | undefined = [];

  constructor(world: World, ledger: Ledger, options: ProcessOptions) {
    this.#world = world;
    this.#ledger = ledger;
    this.#options = options;
    this.database = new SimulatedDatabase(world, this, () => this.crash());
  }

  async open(): Promise<void> {
    this.store = await EngineStore.open({
      database: this.database,
      builder: new InlineBuilder(),
      flushRecords: this.#options.flushRecords,
      retentionMs: this.#options.retentionMs,
      now: this.#options.now,
      // How long something takes is not simulated: nobody reads for long.
      turns: new Turns(() => 0),
      timer: (wake, ms) => this.#world.scheduler.after(ms, wake, this),
      log: (level, message) => this.#hear(level, message),
    });
    this.store.subscribe((columns) => this.#watch(() => this.#ledger.told(columns)));
  }

  /** From now on the ledger follows what the store says. */
  follow(): void {
    for (const one of this.#early ?? []) this.#watch(one);
    this.#early = undefined;
  }

  /** Ends at once: nothing that it does is answered any more. */
  crash(): void {
    this.alive = false;
    this.database.abandon();
  }

  sleep(ms: number): Promise<void> {
    return this.#world.scheduler.sleep(ms, this);
  }

  #hear(level: string, message: string): void {
    this.#world.trace.note(this.#world.scheduler.timeMs, `  log: ${message}`);
    const retention = /^Retention deleted (\d+) records before (.*)$/.exec(message);
    if (retention !== null) {
      const [, count, before] = retention;
      const note = () => this.#ledger.retained(Date.parse(before!), Number(count));
      if (this.#early === undefined) this.#watch(note);
      else this.#early.push(note);
    } else if (level !== "info" && !EXPECTED.test(message)) {
      this.#world.scheduler.fail(new Error(`The store complains: ${message}`));
    }
  }

  #watch(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#world.scheduler.fail(error);
    }
  }
}
