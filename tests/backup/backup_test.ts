import assert from "node:assert/strict";
import { TestServer, until, withFolder } from "../_server.ts";
import { incompressible, ndjson, record } from "../api/_records.ts";
import { missingDisk, SmallDisk } from "../crash/_small_disk.ts";
import { command, outcomeOf, spawnCommand, spawnWrapped } from "./_command.ts";

const BATCH = 200;
const CLIENTS = 4;
/** Enough for segments beside the journal; less than what a slow machine stores in the time of the test. */
const LEAST_RECORDS = 20_000;

/** Clients that send until they are told to end. */
class Load {
  readonly #clients: Promise<void>[];
  #ended = false;
  /** The highest id that was acknowledged. */
  lastId = 0;

  constructor(server: TestServer) {
    this.#clients = Array.from({ length: CLIENTS }, async (_, client) => {
      while (!this.#ended) {
        const message = () => `request ${crypto.randomUUID()}`;
        const batch = Array.from(
          { length: BATCH },
          () => record(`backup-${client}`, { message: message() }),
        );
        this.lastId = Math.max(this.lastId, (await server.post(batch)).at(-1)!);
      }
    });
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#clients);
  }
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

async function restoredIds(dir: string, file: string): Promise<number[]> {
  await Deno.mkdir(dir);
  const { code, err } = await command("restore", file, "--data", `${dir}/logs.kv`);
  assert.equal(code, 0, err);
  const server = await TestServer.start({ dir });
  const { text } = await server.call("/logs?order=asc", {
    headers: { accept: "application/x-ndjson" },
  });
  await server.stop();
  return ndjson(text).map(({ id }) => id).sort((a, b) => a - b);
}

Deno.test("a backup under load is one moment's store with all that was acknowledged before it, and a killed one is none", async () => {
  await withFolder(async (dir) => {
    const server = await TestServer.start({ dir });
    const load = new Load(server);
    await until("enough records", () => load.lastId >= LEAST_RECORDS);
    const file = `${dir}/file.sentinel`;

    const killed = spawnCommand("backup", file, "--data", server.data);
    await until("the backup to begin", () => exists(`${file}.partial`));
    killed.kill("SIGKILL");
    await killed.output();
    // It may have been done already where a process starts slowly and copies quickly.
    if (!await exists(file)) assert.ok(await exists(`${file}.partial`));
    else await Deno.remove(file);

    const before = load.lastId;
    const { code, out, err } = await command("backup", file, "--data", server.data, "--json");
    assert.equal(code, 0, err);
    const summary = JSON.parse(out);
    assert.ok(!await exists(`${file}.partial`));
    const after = load.lastId;
    await load.end();
    assert.ok(after > before, "nothing was acknowledged while it was taken");

    const ids = await restoredIds(`${dir}/restored`, file);
    assert.equal(ids.length, summary.records);
    // Ids are given in the order of commits: what one moment sees has no gap.
    assert.deepEqual(ids, Array.from({ length: ids.length }, (_, i) => i + 1));
    assert.ok(before <= ids.length, `${before} was acknowledged before, ${ids.length} are there`);

    await server.kill();
    const last = `${dir}/last.sentinel`;
    assert.equal((await command("backup", last, "--data", server.data)).code, 0);
    const told = await command("restore", last, "--verify-only", "--json");
    assert.equal(JSON.parse(told.out).records, load.lastId);
  });
});

Deno.test("a restored server knows the tokens; damage, a server that runs, and what exists are refused in one line", async () => {
  await withFolder(async (dir) => {
    const server = await TestServer.start({ dir });
    const made = await server.call("/tokens", { json: { name: "reader", read: true } });
    await server.post(record("backup"));
    const file = `${dir}/file.sentinel`;
    assert.equal((await command("backup", file, "--data", server.data)).code, 0);
    const refused = async (reason: RegExp, ...args: string[]) => {
      const { code, err } = await command(...args);
      assert.equal(code, 1);
      assert.match(err, reason);
      assert.match(err, /^[^\n]+\n$/);
    };
    await refused(/file\.sentinel: it exists/, "backup", file, "--data", server.data);
    await refused(/logs\.kv: it exists/, "restore", file, "--data", server.data);
    await refused(/is using it; stop that process first/, "compact", "--data", server.data);
    await refused(/KV Connect/, "backup", `${dir}/x`, "--data", "https://kv.example");
    await server.stop();
    const compacted = await command("compact", "--data", server.data);
    assert.match(compacted.out, /^Compacted .* with 1 record from .* to .*\n$/, compacted.err);

    const other = `${dir}/other`;
    await Deno.mkdir(other);
    const bytes = await Deno.readFile(file);
    bytes[4096]! ^= 1;
    await Deno.writeFile(`${dir}/damaged`, bytes);
    const data = `${other}/logs.kv`;
    await refused(/damaged is damaged: the SHA-256/, "restore", `${dir}/damaged`, "--data", data);
    assert.match((await command("restore", file, "--data", data)).out, /^Restored 1 record of 1 /);
    const restored = await TestServer.start({ dir: other, demo: false });
    assert.equal((await restored.call("/logs/1", { token: made.body.token })).status, 200);
    await restored.stop();
    const again = await server.restart();
    assert.equal((await again.get("/logs/1")).service, "backup");
    await again.stop();
  });
});

Deno.test({
  name: "a backup and a restore for which the disk has no room say so and leave nothing",
  ignore: missingDisk !== undefined,
  async fn() {
    await withFolder(async (dir) => {
      const server = await TestServer.start({ dir });
      for (let i = 0; i < 4; i++) {
        const large = () => record("disk", { message: incompressible(60_000) });
        await server.post(Array.from({ length: 16 }, large));
      }
      await server.stop();
      const file = `${dir}/file.sentinel`;
      assert.equal((await command("backup", file, "--data", server.data)).code, 0);
      const small = `${dir}/small`;
      await Deno.mkdir(small);
      const disk = await SmallDisk.mount(small, 2);
      try {
        for (
          const args of [
            ["backup", `${small}/copy`, "--data", server.data],
            ["restore", file, "--data", `${small}/other.kv`],
          ]
        ) {
          const { code, err } = await outcomeOf(spawnWrapped(disk.wrapper, ...args));
          assert.equal(code, 1);
          assert.match(err, /^Cannot .* has \d+ bytes left, and about \d+ are needed; make room/);
        }
        const list = new Deno.Command(disk.wrapper[0]!, {
          args: [...disk.wrapper.slice(1), "ls", small],
        });
        const { stdout } = await list.output();
        assert.equal(new TextDecoder().decode(stdout), "other.kv.lock\n");
      } finally {
        await disk.unmount();
      }
    });
  },
});
