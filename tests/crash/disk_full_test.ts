/** @module A disk that is full: nothing acknowledged is lost, nothing refused is stored, and it goes on when there is room. */

import assert from "node:assert/strict";
import { TestServer, until, withFolder } from "../_server.ts";
import { incompressible, ndjson, record } from "../api/_records.ts";
import { missingDisk, SmallDisk } from "./_small_disk.ts";

const SMALL_MIB = 24;
/** Ends a disk that cannot be filled: each batch brings 0.7 MiB. */
const BATCHES_MAX = 4 * SMALL_MIB;

/** On an idle machine it is a second; what is deleted has to be flushed, purged and given back first. */
const ROOM_MS_MAX = 120_000;

/** Records of a batch. */
const BATCH = 16;

/** The timestamp of the n-th record. */
function timeOf(n: number): string {
  return new Date(Date.UTC(2026, 9, 31) + 1000 * n).toISOString();
}

/** Ids of the records that were acknowledged, in their order. */
class Acknowledged {
  ids: number[] = [];
  /** Records that were sent, acknowledged or not. */
  #sent = 0;

  /** Sends batches until one is refused; gives how many were acknowledged. */
  async fill(server: TestServer): Promise<number> {
    let batches = 0;
    while (await this.send(server)) assert.ok(++batches < BATCHES_MAX, "It never fills");
    return batches;
  }

  /** Sends a batch; `false` if it was refused as it must be. */
  async send(server: TestServer): Promise<boolean> {
    const batch = Array.from(
      { length: BATCH },
      (_, i) =>
        record("disk", {
          timestamp: timeOf(this.#sent + i),
          message: incompressible(60_000),
        }),
    );
    this.#sent += BATCH;
    const { status, headers, text, body } = await server.call("/logs", { json: batch });
    if (status === 201) {
      this.ids.push(...body.ids);
      return true;
    }
    assert.equal(status, 503, text);
    assert.ok(Number(headers.get("retry-after")) >= 1);
    assert.match(body.error, /^Cannot store/);
    return false;
  }

  /** Checks that these records are there and no others. */
  async verify(server: TestServer): Promise<void> {
    const headers = { accept: "application/x-ndjson" };
    const answer = await server.call("/logs?order=asc", { headers });
    assert.equal(answer.headers.get("sentinel-incomplete"), null);
    assert.deepEqual(ndjson(answer.text).map(({ id }) => id), this.ids);
    assert.equal((await server.get("/stats")).logs_per_service.disk ?? 0, this.ids.length);
  }
}

Deno.test({
  name: "a full disk loses nothing acknowledged and stores nothing refused, over a kill, too",
  ignore: missingDisk !== undefined,
  async fn() {
    await withFolder(async (dir) => {
      const disk = await SmallDisk.mount(dir, SMALL_MIB);
      try {
        let server = await TestServer.start({ dir, wrapper: disk.wrapper });
        const acknowledged = new Acknowledged();
        const batches = await acknowledged.fill(server);
        assert.ok(batches > 5);
        for (let n = 0; n < 5; n++) await acknowledged.send(server);
        await acknowledged.verify(server);
        await server.kill();
        await disk.grow();
        server = await server.restart();
        await acknowledged.verify(server);
        await until("room", () => acknowledged.send(server));
        await acknowledged.verify(server);
        await server.stop();
      } finally {
        await disk.unmount();
      }
    });
  },
});

Deno.test({
  name: "a server that met a full disk goes on by itself when there is room",
  ignore: missingDisk !== undefined,
  async fn() {
    await withFolder(async (dir) => {
      const disk = await SmallDisk.mount(dir, SMALL_MIB);
      try {
        const server = await TestServer.start({ dir, wrapper: disk.wrapper });
        const acknowledged = new Acknowledged();
        await acknowledged.fill(server);
        await disk.grow();
        await until("room", () => acknowledged.send(server));
        for (let n = 0; n < 5; n++) assert.ok(await acknowledged.send(server));
        await acknowledged.verify(server);
        assert.equal((await server.call("/readyz")).status, 200);
        await server.stop();
      } finally {
        await disk.unmount();
      }
    });
  },
});

for (const part of [1, 0.6]) {
  Deno.test({
    name: `on a disk without a byte left ${
      100 * part
    } % are deleted, the rest is read, and new records come in`,
    ignore: missingDisk !== undefined,
    async fn() {
      await withFolder(async (dir) => {
        const disk = await SmallDisk.mount(dir, SMALL_MIB);
        try {
          const server = await TestServer.start({ dir, wrapper: disk.wrapper });
          const acknowledged = new Acknowledged();
          await acknowledged.fill(server);
          await disk.fill();
          await acknowledged.verify(server);
          await until("the warning", async () => {
            const { body } = await server.call("/readyz");
            return body.warnings?.some((line: string) =>
              line.startsWith("the disk of the data has")
            );
          });
          const metrics = await (await server.call("/metrics")).text;
          assert.match(metrics, /^sentinel_store_disk_low 1$/m);
          const count = Math.ceil(acknowledged.ids.length * part);
          const deleted = await server.call(`/logs?before=${timeOf(count)}`, { method: "DELETE" });
          assert.deepEqual([deleted.status, deleted.body], [200, {
            message: `${count} log(s) deleted`,
          }]);
          acknowledged.ids = acknowledged.ids.slice(count);
          await acknowledged.verify(server);
          await until("room", () => acknowledged.send(server), ROOM_MS_MAX);
          for (let n = 0; n < 5; n++) assert.ok(await acknowledged.send(server));
          await acknowledged.verify(server);
          await server.stop();
        } finally {
          await disk.unmount();
        }
      });
    },
  });
}
