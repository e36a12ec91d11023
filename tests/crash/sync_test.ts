/** @module What SIGKILL cannot show: an answer leaves only when the data is on the disk, as a power cut would need it. */

import assert from "node:assert/strict";
import { join, say, TestServer, until, withFolder } from "../_server.ts";
import { whyNoStrace } from "../_strace.ts";
import { record } from "../api/_records.ts";

const POSTS = 40;
/** Clocks of one machine, read to the microsecond by strace and to the millisecond here. */
const CLOCK_MS = 2;

const missing = await whyNoStrace();
if (missing !== undefined) {
  say(`Skipped: the sync before an answer is not watched, because ${missing}`);
}

/** When syncs of the database's write-ahead log ended, in milliseconds since the epoch, as strace saw them. */
function walSyncs(trace: string): number[] {
  const ends: number[] = [];
  /** Threads whose sync of that file has begun and not ended. */
  const begun = new Set<string>();
  for (const line of trace.split("\n")) {
    const match = /^(\d+) +(\d+\.\d+) (.*)$/.exec(line);
    if (match === null) continue;
    const [, thread, time, call] = match as unknown as [string, string, string, string];
    const ended = / = 0$/.test(call);
    if (/^f(?:data)?sync\(\d+<[^>]*-wal>/.test(call)) {
      if (ended) ends.push(Number(time) * 1000);
      else begun.add(thread);
    } else if (/^<\.\.\. f(?:data)?sync resumed>/.test(call) && begun.delete(thread) && ended) {
      ends.push(Number(time) * 1000);
    }
  }
  return ends;
}

Deno.test({
  name: "between every POST and its answer the database's write-ahead log is synced",
  ignore: missing !== undefined,
  async fn() {
    await withFolder(async (dir) => {
      const output = join(dir, "strace.out");
      const options = ["-D", "-f", "-y", "-ttt", "-e", "trace=fsync,fdatasync", "-o", output];
      const server = await TestServer.start({ dir, wrapper: ["strace", ...options] });
      const asked: { from: number; to: number }[] = [];
      for (let n = 0; n < POSTS; n++) {
        const from = Date.now();
        await server.post(record("synced", { n }));
        asked.push({ from, to: Date.now() });
      }
      await server.stop();
      const trace = await until("strace's last line", () => {
        const text = Deno.readTextFileSync(output);
        return new RegExp(`^${server.pid} .*\\+\\+\\+ exited`, "m").test(text) && text;
      });
      const syncs = walSyncs(trace);
      assert.ok(syncs.length >= POSTS, `${syncs.length} syncs for ${POSTS} answers`);
      for (const { from, to } of asked) {
        const within = syncs.some((end) => end >= from - CLOCK_MS && end <= to + CLOCK_MS);
        assert.ok(within, `No sync from ${from} to ${to}: ${syncs.join(", ")}`);
      }
    });
  },
});
