import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { RecordBatch } from "../record.ts";
import { openStore } from "../storage/mod.ts";
import { run, withDirectory } from "./_testing.ts";

const COUNT = 600;

/** Calls back with the path of a store that has a segment, and entries in its journal. */
async function withData(use: (data: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    const data = `${directory}/s.kv`;
    const store = await openStore({ path: data });
    for (const service of ["auth", "shop"]) {
      const batch = new RecordBatch();
      for (let i = 0; i < COUNT; i++) {
        batch.append(Date.UTC(2026, 9, 31) + i, 0, service, 2, `message ${i}`);
      }
      await store.append(batch);
      if (service === "auth") await store.flush();
    }
    await store.close();
    await use(data);
  });
}

async function spoil(data: string, isChosen: (key: Deno.KvKey) => boolean, value?: unknown) {
  const kv = await Deno.openKv(data);
  for await (const entry of kv.list<Uint8Array>({ prefix: [] })) {
    if (!isChosen(entry.key)) continue;
    const bytes = entry.value.slice();
    bytes[bytes.length >> 1]! ^= 1;
    await kv.set(entry.key, value ?? bytes);
  }
  kv.close();
}

Deno.test("check says what a sound file holds, and ends with 0", async () => {
  await withData(async (data) => {
    const { code, out, err } = await run("check", "--data", data);
    equal(code, 0, err);
    match(out, /s\.kv is sound; 600 records in 1 segment, 600 in the journal, \d+ values of /);
    equal(err, "");
    const { out: json } = await run("check", "--data", data, "--json");
    const { sound, findings, records, journalRecords } = JSON.parse(json);
    deepEqual({ sound, findings, records, journalRecords }, {
      sound: true,
      findings: 0,
      records: COUNT,
      journalRecords: COUNT,
    });
  });
});

Deno.test("check names each damage with the records that it concerns, and ends with 1", async () => {
  await withData(async (data) => {
    await spoil(data, (key) => key[1] === "segment" && key[4] === "message");
    await spoil(data, (key) => key[1] === "journal", "not bytes");
    const { code, out, err } = await run("check", "--data", data);
    equal(code, 1);
    equal(err, "");
    const [segment, journal, summary] = out.split("\n");
    match(segment!, /^segment: Segment \d+: .* checksum does not match \(600 records, of auth, /);
    match(segment!, /from 2026-10-31T00:00:00\.000Z, to 2026-10-31T00:00:00\.599Z, ids 1 to 600/);
    match(journal!, /^journal: journal entry 2: .*ids 601 to 1200/);
    match(summary!, /s\.kv is damaged: 2 findings; /);
    const lines = (await run("check", "--data", data, "--json")).out.trim().split("\n");
    deepEqual(lines.map((line) => JSON.parse(line).kind), ["segment", "journal", undefined]);
  });
});

Deno.test("check refuses a file that is in use, naming the way, and one that is not there", async () => {
  await withData(async (data) => {
    const store = await openStore({ path: data });
    store.announce("http://127.0.0.1:5000");
    const { code, out, err } = await run("check", "--data", data);
    await store.close();
    equal(code, 1);
    equal(out, "");
    match(err, /^Cannot check .*: the server at http:\S+ is using it; .*sentinel backup.*\n$/);
    const missing = await run("check", "--data", `${data}2`);
    equal(missing.code, 1);
    match(missing.err, /^Cannot check .*s\.kv2: there is no such file\n$/);
  });
});

Deno.test("check --repair writes the format's mark anew, and forgets what a start found lost", async () => {
  await withData(async (data) => {
    await spoil(data, (key) => key[1] === "meta");
    await rejects(openStore({ path: data }), /the mark of its format is damaged.*check --repair/);
    const { code, out } = await run("check", "--data", data, "--repair");
    equal(code, 1);
    match(out, /^format: .*\nThe mark of the format was written anew\n/);
    match((await run("check", "--data", data)).out, / is sound; /);

    await spoil(data, (key) => key[1] === "journal");
    for (let start = 0; start < 2; start++) {
      const store = await openStore({ path: data });
      const snapshot = store.snapshot();
      match(snapshot.damage.join(), /^records of journal entry 2 \(ids 601 to 1200\): /);
      snapshot.release();
      match(store.warnings.join(), /^Damaged on disk: journal entries: 1$/);
      // The journal ends before the second start, and with it the entry.
      const batch = new RecordBatch();
      batch.append(Date.UTC(2026, 9, 31), 0, "auth", 2, "later");
      await store.append(batch);
      await store.flush();
      await store.close();
    }
    match((await run("check", "--data", data, "--repair")).out, /journal entry 2 are lost\n/);
    const store = await openStore({ path: data });
    deepEqual(store.warnings, []);
    await store.close();
    equal((await run("check", "--data", data)).code, 0);
  });
});
