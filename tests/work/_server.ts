/** @module The server without its process and its socket: every layer on a real database file, at work only when told. */

import assert from "node:assert/strict";
import { Sessions, TokenRegistry } from "../../src/auth/mod.ts";
import { createApp, type HttpApp } from "../../src/http/mod.ts";
import { buildSegments } from "../../src/storage/build.ts";
import type { Builder } from "../../src/storage/builder.ts";
import { openDenoKv } from "../../src/storage/disk/deno_kv.ts";
import type { ReadWork } from "../../src/storage/read_work.ts";
import { EngineStore } from "../../src/storage/store.ts";
import { CountingDatabase } from "./_counting_database.ts";
import { Counts, type Figures } from "./_counts.ts";
import { countingGlobalCalls } from "./_global_calls.ts";

/** Half a day after the generated records. */
const START_MS = Date.parse("2026-11-01T12:00:00Z");

/** What passes between two batches of a scenario. */
const BATCH_MS = 100;

/** How the counts of {@linkcode ReadWork} are named in the table. */
const READ_NAMES: Readonly<Record<keyof ReadWork, string>> = {
  heads: "heads decoded",
  filters: "filters decoded",
  columns: "columns decoded",
  columnBytes: "column bytes decompressed",
  sources: "segments and chunks looked into",
  rowsSearched: "rows searched",
  rowsMatched: "rows matched",
  rowsGiven: "rows given",
};

/** A server whose work is counted. */
export class CountedServer {
  readonly #counts: Counts;
  readonly #clock: { nowMs: number };
  readonly #store: EngineStore;
  readonly #app: HttpApp;

  private constructor(
    counts: Counts,
    clock: { nowMs: number },
    store: EngineStore,
    app: HttpApp,
  ) {
    this.#counts = counts;
    this.#clock = clock;
    this.#store = store;
    this.#app = app;
  }

  /** Opens (or makes) a server on a data file; that is not counted. */
  static async open(path: string): Promise<CountedServer> {
    const counts = new Counts();
    const clock = { nowMs: START_MS };
    const now = () => clock.nowMs;
    const store = await EngineStore.open({
      database: new CountingDatabase(await openDenoKv(path), counts),
      builder: countedBuilder(counts),
      background: false,
      wait: () => Promise.resolve(),
      now,
    });
    const registry = await TokenRegistry.load(store.tokens, { now });
    registry.addFixed("all", "all", { write: "*", read: true, delete: true, admin: true });
    const sessions = await Sessions.open(store, registry);
    const log = (line: string) => assert.fail(line);
    const app = createApp({ store, registry, sessions, now, version: "0", log });
    counts.take();
    return new CountedServer(counts, clock, store, app);
  }

  /** What opening a store on a data file takes, from its first read to its last. */
  static async countOpening(path: string): Promise<Figures> {
    const counts = new Counts();
    const database = new CountingDatabase(await openDenoKv(path), counts);
    const store = await countingGlobalCalls(
      counts,
      () => EngineStore.open({ database, background: false, now: () => START_MS }),
    );
    await store.close();
    return counts.take();
  }

  /** What a piece of work takes. */
  async count(work: () => Promise<unknown>): Promise<Figures> {
    const before = { ...this.#store.readWork };
    this.#counts.take();
    await countingGlobalCalls(this.#counts, work);
    for (const [key, name] of Object.entries(READ_NAMES) as [keyof ReadWork, string][]) {
      this.#counts.add(name, this.#store.readWork[key] - before[key]);
    }
    return this.#counts.take();
  }

  /** The answer to a GET, read to its end; its length is counted. */
  async get(path: string, accept = "application/json"): Promise<Uint8Array> {
    const headers = { authorization: "Token all", accept };
    return await this.#answer(await this.#app.request(path, { headers }), 200);
  }

  /** The `Link` of an answer that leads to the next page. */
  async getPage(path: string): Promise<{ body: Uint8Array; next: string }> {
    const response = await this.#app.request(path, { headers: { authorization: "Token all" } });
    const next = /^<(.*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
    assert.ok(next !== undefined, `${path} has no next page`);
    return { body: await this.#answer(response, 200), next };
  }

  /** Stores a body of records, and lets time pass. */
  async post(body: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const response = await this.#app.request("/logs", {
      method: "POST",
      body,
      headers: { authorization: "Token all", "content-type": "application/json", ...headers },
    });
    await this.#answer(response, 201);
    this.#clock.nowMs += BATCH_MS;
  }

  /** Deletes what a query names. */
  async delete(query: string): Promise<void> {
    const init = { method: "DELETE", headers: { authorization: "Token all" } };
    await this.#answer(await this.#app.request(`/logs?${query}`, init), 200);
  }

  /** Does all the background work that there is. */
  async maintain(): Promise<void> {
    while (await this.#store.maintain());
  }

  /** Writes what is in memory to segments. */
  async flush(): Promise<void> {
    assert.ok(await this.#store.flush(), "There is nothing to flush");
  }

  figures(): Readonly<Record<string, number>> {
    return this.#store.figures();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #answer(response: Response, status: number): Promise<Uint8Array> {
    const body = await response.bytes();
    if (response.status !== status) assert.fail(new TextDecoder().decode(body.subarray(0, 500)));
    this.#counts.add("answer bytes", body.length);
    return body;
  }
}

/** Builds segments on this thread, and counts what goes in and comes out. */
function countedBuilder(counts: Counts): Builder {
  return {
    // deno-lint-ignore require-await -- a failure must be a rejection
    async build(input) {
      const output = buildSegments(input);
      counts.add("journal entries flushed", input.batches?.length ?? 0);
      counts.add("segments merged", input.segments?.length ?? 0);
      counts.add("segments built", output.segments.length);
      const records = output.segments.reduce((sum, { encoded }) => sum + encoded.summary.count, 0);
      counts.add("records built", records);
      return output;
    },
    close() {},
  };
}
