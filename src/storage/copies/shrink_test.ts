import assert from "node:assert/strict";
import { RecordBatch } from "../../record.ts";
import { allIds, NOON, openTestStore } from "../_test_store.ts";
import { openDenoKv } from "../disk/deno_kv.ts";
import { shrinkFile } from "./shrink.ts";
import { openStore } from "../store.ts";

const quiet = { log() {}, progress() {} };
const latin1 = (path: string) => new TextDecoder("latin1").decode(Deno.readFileSync(path));

/** Of records stored alone, which are not compressed. */
const SECRETS = 50;

/** Runs `work` with a file from which all but the last of 2,000 records were deleted. */
async function withFreedFile(
  work: (data: string, secrets: readonly string[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sentinel_test_" });
  try {
    const data = `${folder}/data.kv`;
    const secrets = Array.from({ length: SECRETS }, () => crypto.randomUUID());
    // Nothing happens in the background: all is left to do.
    const store = await openTestStore({ database: await openDenoKv(data) });
    for (const secret of secrets) {
      const alone = new RecordBatch();
      alone.append(NOON, 0, "auth", 2, secret);
      await store.append(alone);
    }
    const batch = new RecordBatch();
    for (let i = SECRETS; i < 2_000; i++) {
      const message = crypto.getRandomValues(new Uint8Array(256)).toHex();
      batch.append(NOON + i, 0, "auth", 2, message);
    }
    await store.append(batch);
    await store.flush();
    assert.equal(await store.delete({ before: { ms: NOON + 1_999, ns: 0 } }), 1_999);
    await store.close();
    await work(data, secrets);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a compacted file is small, and what was deleted is not among its bytes", async () => {
  await withFreedFile(async (data, secrets) => {
    const found = () => {
      const bytes = latin1(data);
      return secrets.filter((secret) => bytes.includes(secret)).length;
    };
    assert.ok(found() > 0, "else this test would show nothing");
    if (Deno.build.os !== "windows") Deno.chmodSync(data, 0o640);
    const { bytesBefore, bytesAfter, records, deletionsLeft } = await shrinkFile({
      data,
      ...quiet,
    });
    assert.equal(records, 1);
    assert.equal(deletionsLeft, 0);
    const { size, mode } = Deno.statSync(data);
    assert.equal(size, bytesAfter);
    assert.ok(bytesAfter < bytesBefore / 4, `${bytesBefore} to ${bytesAfter} bytes`);
    assert.equal(found(), 0);
    if (Deno.build.os !== "windows") assert.equal(mode! & 0o777, 0o640);
    const store = await openStore({ path: data });
    assert.deepEqual(await allIds(store), [2_000]);
    await store.close();
  });
});

Deno.test("a compaction that is interrupted, or refused because a server runs, leaves the file", async () => {
  await withFreedFile(async (data) => {
    const progress = (what: string) => {
      if (what === "copied") throw new Error("the disk went away");
    };
    await assert.rejects(
      () => shrinkFile({ data, log() {}, progress }),
      /Cannot compact .*: the disk went away$/,
    );
    const store = await openStore({ path: data });
    assert.deepEqual(await allIds(store), [2_000]);
    await assert.rejects(() => shrinkFile({ data, ...quiet }), /is using it/);
    await store.close();
    const folder = data.replace(/[^/]*$/, "");
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(left, ["data.kv", "data.kv.lock", "data.kv.reserve"]);
  });
});
