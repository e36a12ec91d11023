import assert from "node:assert/strict";
import { allIds, batchOf, NOON } from "../_test_store.ts";
import { restoreBackup, verifyBackup, writeBackup } from "./backup.ts";
import { extractBackup, readManifest } from "./backup_file.ts";
import { fileExists } from "./durable_file.ts";
import { openDenoKv } from "../disk/deno_kv.ts";
import { openStore } from "../store.ts";

interface Files {
  readonly folder: string;
  readonly data: string;
  readonly file: string;
}

async function withFiles(work: (files: Files) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sentinel_test_" });
  try {
    await work({ folder, data: `${folder}/data.kv`, file: `${folder}/file.sentinel` });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const backup = ({ data, file }: Files) =>
  writeBackup({ data, file, program: "1.2.3", now: () => NOON, progress() {} });
const restore = ({ file }: Files, data: string) => restoreBackup({ file, data, progress() {} });

/** A file with 605 records in it: some in segments, some in the journal. */
async function makeStore(data: string): Promise<void> {
  const store = await openStore({ path: data });
  await store.append(batchOf(600));
  await store.flush();
  await store.append(batchOf(5, NOON + 10_000, "pay"));
  await store.tokens.put(new Uint8Array(32), { name: "a" });
  await store.close();
}

Deno.test("a backup of a store in use restores what was acknowledged before, tokens and deletions included", async () => {
  await withFiles(async (files) => {
    await makeStore(files.data);
    const store = await openStore({ path: files.data });
    assert.equal(await store.delete({ before: { ms: NOON + 100, ns: 0 } }), 100);
    const written = await backup(files);
    await store.append(batchOf(7, NOON + 20_000));
    await store.close();
    const { records, streams, tokens, nextId, first, last, damage, takenAtMs } = written;
    assert.deepEqual({ records, streams, tokens, nextId, damage, takenAtMs }, {
      records: 505,
      streams: 2,
      tokens: 1,
      nextId: 606,
      damage: [],
      takenAtMs: NOON,
    });
    assert.deepEqual([first, last], [{ ms: NOON + 100, ns: 0 }, { ms: NOON + 10_004, ns: 0 }]);

    const other = `${files.folder}/other.kv`;
    assert.equal((await restore(files, other)).records, 505);
    const restored = await openStore({ path: other });
    assert.deepEqual(
      (await allIds(restored)).sort((a, b) => a - b),
      Array.from({ length: 505 }, (_, i) => 101 + i),
    );
    assert.equal((await restored.tokens.list()).length, 1);
    assert.equal((await restored.append(batchOf(1))).firstId, 606);
    await restored.close();
    const left = [...Deno.readDirSync(files.folder)].map(({ name }) => name).sort();
    assert.deepEqual(left, [
      "data.kv",
      "data.kv.lock",
      "data.kv.reserve",
      "file.sentinel",
      "other.kv",
      "other.kv.lock",
      "other.kv.reserve",
    ]);
    if (Deno.build.os !== "windows") {
      assert.equal(Deno.statSync(files.file).mode! & 0o777, 0o600);
    }
  });
});

Deno.test("a backup of which a byte was changed, or the end is missing, is refused, and nothing is restored", async () => {
  await withFiles(async (files) => {
    await makeStore(files.data);
    await backup(files);
    const good = Deno.readFileSync(files.file);
    const other = `${files.folder}/other.kv`;
    const refuse = async (bytes: Uint8Array, reason: RegExp) => {
      Deno.writeFileSync(files.file, bytes);
      assert.throws(() => verifyBackup(files.file, () => {}), reason);
      await assert.rejects(() => restore(files, other), reason);
      assert.ok(!fileExists(other) && !fileExists(`${other}.partial`));
    };
    const { databaseBytes } = readManifest(files.file);
    const places = [0, 5000, databaseBytes - 1, databaseBytes + 3];
    for (let at = good.length - 44; at < good.length; at++) places.push(at);
    for (const at of places) {
      const bytes = good.slice();
      bytes[at]! ^= 1;
      await refuse(bytes, /is damaged: |is no backup|its end is missing/);
    }
    await refuse(good.subarray(0, good.length - 1), /its end is missing/);
    await refuse(good.subarray(0, 20), /its end is missing/);
    await refuse(new Uint8Array(), /its end is missing/);
    await refuse(good.subarray(4096), /it has \d+ bytes, its manifest tells of \d+/);
    Deno.writeFileSync(files.file, good);
    assert.equal((await restore(files, other)).records, 605);
  });
});

Deno.test("neither a backup nor a restore overwrites anything, and neither takes a stranger's log", async () => {
  await withFiles(async (files) => {
    await makeStore(files.data);
    await backup(files);
    const before = Deno.readFileSync(files.file);
    await assert.rejects(() => backup(files), /exists, and nothing is overwritten/);
    assert.deepEqual(Deno.readFileSync(files.file), before);
    const data = Deno.readFileSync(files.data);
    await assert.rejects(() => restore(files, files.data), /exists, and nothing is overwritten/);
    assert.deepEqual(Deno.readFileSync(files.data), data);
    const other = `${files.folder}/other.kv`;
    Deno.writeTextFileSync(`${other}-wal`, "of another database");
    await assert.rejects(() => restore(files, other), /other\.kv-wal: it exists/);
    assert.equal(Deno.readTextFileSync(`${other}-wal`), "of another database");
  });
});

Deno.test("a restore is refused while a server whose file was removed runs on", async () => {
  await withFiles(async (files) => {
    await makeStore(files.data);
    await backup(files);
    const store = await openStore({ path: files.data });
    for (const suffix of ["", "-wal", "-shm"]) Deno.removeSync(files.data + suffix);
    await assert.rejects(() => restore(files, files.data), /is using it/);
    await store.close();
  });
});

Deno.test("damage in the data is in the backup as it is, and the backup says so", async () => {
  await withFiles(async (files) => {
    await makeStore(files.data);
    const database = await openDenoKv(files.data);
    const [head] = await database.list({ start: [0, "segment"], end: [0, "segmenu"] });
    await database.commit({
      sets: [[head!.key, head!.value.map((byte, i) => i === 20 ? byte ^ 1 : byte)]],
    });
    database.close();
    const { records, damage } = await backup(files);
    assert.equal(records, 605);
    assert.ok(damage.length > 0);
    assert.match(damage.at(-1)!, /605 records are counted, 5 can be read/);
    const restored = await restore(files, `${files.folder}/other.kv`);
    assert.deepEqual(restored.damage, damage);
  });
});

Deno.test("a backup that cannot be finished leaves nothing", async () => {
  await withFiles(async (files) => {
    await makeStore(files.data);
    const { data, file } = files;
    const progress = (what: string) => {
      if (what === "verified") throw new Error("enough");
    };
    await assert.rejects(
      () => writeBackup({ data, file, program: "1.2.3", now: () => NOON, progress }),
      /^OpenError: Cannot back up .* enough$/,
    );
    const left = [...Deno.readDirSync(files.folder)].map(({ name }) => name).sort();
    assert.deepEqual(left, ["data.kv", "data.kv.lock", "data.kv.reserve"]);
    assert.throws(() => extractBackup(file, undefined, () => {}), Deno.errors.NotFound);
  });
});
