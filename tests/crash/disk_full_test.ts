/** @module A disk that is full: nothing acknowledged is lost, nothing refused is stored, and it goes on when there is room. */

import assert from "node:assert/strict";
import { endProcess, say, TestServer, until, withFolder } from "../_server.ts";
import { incompressible, ndjson, record } from "../api/_records.ts";

const SMALL_MIB = 24;
const LARGE_MIB = 96;
/** Ends a disk that cannot be filled: each batch brings 0.7 MiB. */
const BATCHES_MAX = 4 * SMALL_MIB;

const missing = await whyNoDisk();
if (missing !== undefined) {
  say(`Skipped: the full disk, because no small disk can be made: ${missing}`);
}

async function run(command: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(command, { args, stderr: "piped" }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return `there is no ${command}`;
  }
}

/** Why no file system can be mounted here; `undefined` if it can. */
async function whyNoDisk(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "mount namespaces are Linux's";
  const dir = Deno.makeTempDirSync({ prefix: "sentinel_test_" });
  const script = 'mount -t tmpfs -o size=1m none "$0" && exec nsenter -t $$ -m true';
  const reason = await run("unshare", "-m", "sh", "-c", script, dir);
  Deno.removeSync(dir);
  return reason;
}

/** A small disk mounted at a folder, seen only by the processes that enter its namespace. */
class SmallDisk {
  private constructor(readonly dir: string, readonly holder: Deno.ChildProcess) {}

  static async mount(dir: string): Promise<SmallDisk> {
    // What holds the namespace ends with its standard input, and so with this test whatever happens.
    const script = `mount -t tmpfs -o size=${SMALL_MIB}m none "$0" && echo mounted && exec cat`;
    const holder = new Deno.Command("unshare", {
      args: ["-m", "sh", "-c", script, dir],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = holder.stdout.getReader();
    await reader.read();
    await reader.cancel();
    return new SmallDisk(dir, holder);
  }

  /** Put before a command, lets it see the disk. */
  get wrapper(): string[] {
    return ["nsenter", "-t", String(this.holder.pid), "-m"];
  }

  async grow(): Promise<void> {
    const [command, ...args] = this.wrapper;
    const remount = ["mount", "-o", `remount,size=${LARGE_MIB}m`, this.dir];
    assert.equal(await run(command!, ...args, ...remount), undefined);
  }

  async unmount(): Promise<void> {
    await this.holder.stdin.close();
    await endProcess(this.holder, "SIGTERM");
  }
}

/** Ids of the records that were acknowledged, in their order. */
class Acknowledged {
  readonly ids: number[] = [];

  /** Sends a batch; `false` if it was refused as it must be. */
  async send(server: TestServer): Promise<boolean> {
    const batch = Array.from(
      { length: 16 },
      () => record("disk", { message: incompressible(60_000) }),
    );
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
    assert.equal((await server.get("/stats")).logs_per_service.disk, this.ids.length);
  }
}

Deno.test({
  name: "a full disk loses nothing acknowledged and stores nothing refused, over a kill, too",
  ignore: missing !== undefined,
  async fn() {
    await withFolder(async (dir) => {
      const disk = await SmallDisk.mount(dir);
      try {
        let server = await TestServer.start({ dir, wrapper: disk.wrapper });
        const acknowledged = new Acknowledged();
        let batches = 0;
        while (await acknowledged.send(server)) {
          assert.ok(++batches < BATCHES_MAX, "It never fills");
        }
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
  ignore: missing !== undefined,
  async fn() {
    await withFolder(async (dir) => {
      const disk = await SmallDisk.mount(dir);
      try {
        const server = await TestServer.start({ dir, wrapper: disk.wrapper });
        const acknowledged = new Acknowledged();
        let batches = 0;
        while (await acknowledged.send(server)) {
          assert.ok(++batches < BATCHES_MAX, "It never fills");
        }
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
