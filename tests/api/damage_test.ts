/** @module Bytes that a disk has changed: the server starts, says what it had to leave out, and never leaves it out silently. */

import assert from "node:assert/strict";
import { TestServer, withFolder } from "../_server.ts";
import { flushed, logs, record, type StoredRecord } from "./_records.ts";

const COUNT = 2_000;
const NDJSON = { accept: "application/x-ndjson" };

/** Flips a bit of each value of the data file whose key is chosen; gives how many. */
async function damage(data: string, chosen: (key: Deno.KvKey) => boolean): Promise<number> {
  const kv = await Deno.openKv(data);
  let count = 0;
  for await (const { key, value } of kv.list({ prefix: [] })) {
    if (!(value instanceof Uint8Array) || !chosen(key)) continue;
    const bytes = value.slice();
    bytes[bytes.length >> 1]! ^= 0x10;
    await kv.set(key, bytes);
    count++;
  }
  kv.close();
  return count;
}

/** The ids of the segments that hold a service's records alone. */
async function segmentsOf(data: string, service: string): Promise<Set<unknown>> {
  const kv = await Deno.openKv(data);
  const ids = new Set<unknown>();
  for await (const { key } of kv.list({ prefix: [0, "by_service", service] })) ids.add(key.at(-1));
  kv.close();
  return ids;
}

/** Stores records of three services, one after the other in time, and writes them into segments. */
async function fill(server: TestServer): Promise<void> {
  for (const [n, service] of ["first", "second", "third"].entries()) {
    const timestamp = (i: number) => new Date(Date.UTC(2025, 0, 1, n) + i).toISOString();
    await server.post(
      Array.from({ length: COUNT }, (_, i) => record(service, { timestamp: timestamp(i) })),
    );
  }
  await flushed(server);
}

Deno.test("a damaged segment is named in Sentinel-Incomplete, and what is whole is there", async () => {
  await withFolder(async (dir) => {
    let server = await TestServer.start({ dir });
    await fill(server);
    const [one]: StoredRecord[] = await server.get(logs({ service: "second", limit: 1 }));
    await server.stop();
    const ids = await segmentsOf(server.data, "second");
    const isMessage = (key: Deno.KvKey) =>
      key[1] === "segment" && ids.has(key[2]) && key[4] === "message";
    assert.ok(await damage(server.data, isMessage) > 0);
    server = await server.restart();

    const answers: [path: string, incomplete: boolean, services: string[]][] = [
      [logs({ service: "first" }), false, ["first"]],
      [logs({ service: "third", q: "hello" }), false, ["third"]],
      [logs({ service: "second" }), true, []],
      [logs({ limit: 10_000 }), true, ["first", "third"]],
      [logs({ limit: 10_000, q: "hello" }), true, ["first", "third"]],
    ];
    for (const [path, incomplete, services] of answers) {
      const { status, headers, body } = await server.call(path);
      assert.equal(status, 200);
      const said = headers.get("sentinel-incomplete");
      assert.equal(said !== null, incomplete, `${path}: ${said}`);
      const found = new Set(body.map(({ service }: StoredRecord) => service));
      assert.deepEqual([...found].sort(), services, path);
    }
    const gone = await server.call(`/logs/${one!.id}`);
    assert.equal(gone.status, 404);
    assert.notEqual(gone.headers.get("sentinel-incomplete"), null);
    const counted = await server.call("/stats?q=hello");
    assert.notEqual(counted.headers.get("sentinel-incomplete"), null);
    // Its head is whole, and counts without the messages.
    assert.equal((await server.get("/stats?severity=INFO")).logs_per_service.second, COUNT);

    const stream = await server.fetch(logs({ order: "asc" }), { headers: NDJSON });
    assert.equal(stream.headers.get("sentinel-incomplete"), null, "It comes late in the stream");
    await assert.rejects(stream.text(), TypeError);
    const early = await server.call(logs({ service: "second" }), { headers: NDJSON });
    assert.deepEqual([early.status, early.text], [200, ""]);
    assert.notEqual(early.headers.get("sentinel-incomplete"), null);

    await server.post(record("second"));
    assert.doesNotMatch(server.stderr(), /Internal error/);
    await server.stop();
  });
});

Deno.test("a damaged journal entry costs its own records, and answers say so", async () => {
  await withFolder(async (dir) => {
    let server = await TestServer.start({ dir });
    await server.post(record("journal", { message: "one" }));
    await server.kill();
    server = await server.restart();
    const second = await server.post(record("journal", { message: "two" }));
    await server.kill();
    let newest: number | undefined;
    await damage(server.data, (key) => {
      if (key[1] === "journal") newest = Math.max(newest ?? 0, Number(key[3]));
      return false;
    });
    assert.equal(await damage(server.data, (key) => key[1] === "journal" && key[3] === newest), 1);
    server = await server.restart();
    assert.match(server.stderr(), /Damage found/);
    const { headers, body } = await server.call(logs({}));
    assert.notEqual(headers.get("sentinel-incomplete"), null);
    assert.deepEqual(body.map(({ message }: StoredRecord) => message), ["one"]);
    const [third] = await server.post(record("journal", { message: "three" }));
    assert.ok(third! > second[0]!, "The damaged record's id was used again");
    await server.stop();
  });
});
