import { deepEqual, equal, ok } from "node:assert/strict";
import { PROJECT } from "./child.ts";
import type { BenchReport } from "./mod.ts";
import { ROWS } from "./rows.ts";

async function runMain(...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-P=bench", "bench/main.ts", ...args],
    cwd: PROJECT,
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), errors: text.decode(stderr) };
}

Deno.test("a quick run of the benchmark fills every line and finds every answer right", async () => {
  const { code, out, errors } = await runMain("--quick", "--json");
  ok(out.startsWith("{"), errors);
  const report: BenchReport = JSON.parse(out);
  deepEqual(report.problems, []);
  equal(code, 0, errors);
  // Processor time and memory come from /proc, which only Linux has.
  const everywhere = ROWS.filter(({ unit }) => unit !== "MiB" && unit !== "µs/record");
  const rows = Deno.build.os === "linux" ? ROWS : everywhere;
  const unfilled = rows.filter(({ key }) => !Number.isFinite(report.sentinel[key]));
  deepEqual(unfilled, []);
  equal(report.sentinel.killed_lost, 0);
});

Deno.test("the benchmark answers a bad option with one line and exit code 2", async () => {
  const { code, errors } = await runMain("--records", "many");
  equal(code, 2);
  equal(
    errors,
    'bench: Cannot parse --records "many": give an integer from 1 to 100000000\n',
  );
});
