import { deepEqual, equal, ok } from "node:assert/strict";
import { PROJECT } from "../child.ts";
import { LOADED_RATE, loadedKey } from "./loaded.ts";
import { PEER_ROWS, QUERY_ROWS } from "./rows.ts";
import type { PeersReport } from "./run.ts";

async function runMain(...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-P=bench-peers", "bench/peers/main.ts", ...args],
    cwd: PROJECT,
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), errors: text.decode(stderr) };
}

Deno.test("a quick comparison fills every line and finds every answer right", async () => {
  // Flask where it is installed, nobody else where not.
  const { code, out, errors } = await runMain("--quick", "--only", "flask", "--json");
  ok(out.startsWith("{"), errors);
  const report: PeersReport = JSON.parse(out);
  deepEqual(report.problems, []);
  equal(code, 0, errors);
  equal(report.contenders.length + report.missing.length, 2);
  const [figures] = report.contenders[0]!.rounds;
  // Processor time and memory come from /proc, which only Linux has.
  const everywhere = PEER_ROWS.filter(({ unit }) => unit !== "MiB" && unit !== "µs/record");
  const rows = Deno.build.os === "linux" ? PEER_ROWS : everywhere;
  const keys = [...rows.map(({ key }) => key), ...QUERY_ROWS.map(({ key }) => loadedKey(key))];
  deepEqual(keys.filter((key) => !Number.isFinite(figures![key])), []);
  equal(figures!.killed_kept, 100);
  ok(figures!.loaded_rate! <= LOADED_RATE * 1.1, `${figures!.loaded_rate} records/s`);
});

Deno.test("the comparison answers a bad option with one line and exit code 2", async () => {
  const { code, errors } = await runMain("--only", "flask,splunk");
  equal(code, 2);
  equal(
    errors,
    'bench: Cannot parse --only "flask,splunk": "splunk" is none of victoria, loki, flask\n',
  );
});
