import assert from "node:assert/strict";
import { type TestServer, until, withServer } from "../_server.ts";
import { incompressible, logs, ndjson, nextPath, record, type StoredRecord } from "./_records.ts";

/** Stores records without end, some of them older than all that a page shows, until it is told to stop. */
class Writer {
  #stopped = false;
  readonly #done: Promise<void>;
  stored = 0;

  constructor(readonly server: TestServer) {
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      // Among, before and after the records that are paged; a message that fills the journal makes flushes happen.
      const timestamps = ["2025-01-01T00:00:00.5Z", "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"];
      const large = { message: incompressible(60_000) };
      const batch = Array.from(
        { length: 30 },
        (_, i) =>
          record("paged", {
            timestamp: timestamps[(n + i) % 3],
            late: true,
            ...(i < 12 ? large : {}),
          }),
      );
      this.stored += (await this.server.post(batch)).length;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }
}

const COUNT = 6_000;

Deno.test("pages skip and repeat nothing while records arrive and are flushed", async () => {
  await withServer(async (server) => {
    const early = Array.from(
      { length: COUNT },
      (_, n) =>
        record("paged", {
          timestamp: `2025-01-01T00:00:0${n % 3}Z`,
          severity: n % 2 ? "INFO" : "WARNING",
        }),
    );
    await server.post(early.slice(0, COUNT / 2));
    await server.post(early.slice(COUNT / 2));
    const expected = ndjson(
      (await server.call(logs({}), { headers: { accept: "application/x-ndjson" } })).text,
    )
      .map(({ id }) => id);
    assert.equal(expected.length, COUNT);
    const started = await Promise.all(["desc", "asc"].map(async (order) => {
      const { body, headers } = await server.call(logs({ order, limit: 100 }));
      return { order, found: body as StoredRecord[], path: nextPath(headers) };
    }));
    const version = await server.figure("store_version");
    const writer = new Writer(server);
    try {
      await until("the first flush", async () => await server.figure("store_version") > version);
      for (const { order, found, path: second } of started) {
        let path = second;
        while (path !== undefined) {
          const { status, headers, body, text } = await server.call(path);
          assert.equal(status, 200, text);
          found.push(...body);
          path = nextPath(headers);
        }
        assert.ok(found.every(({ attributes }) => attributes === undefined));
        const ids = found.map(({ id }) => id);
        assert.deepEqual(ids, order === "desc" ? expected : expected.toReversed());
      }
    } finally {
      await writer.stop();
    }
    assert.ok(
      await server.figure("store_version") > version + 1,
      "Too few flushes to show anything",
    );
    assert.equal((await server.get("/stats")).logs_per_service.paged, COUNT + writer.stored);
  });
});
