import { deepEqual, equal, ok } from "node:assert/strict";
import { PROJECT } from "./child.ts";
import { SCALE_ROWS } from "./scale_rows.ts";
import type { ScaleReport } from "./scale_run.ts";

async function runScale(...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-P=bench-scale", "bench/scale.ts", ...args],
    cwd: PROJECT,
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), errors: text.decode(stderr) };
}

Deno.test("a quick run of the scale benchmark fills every line and finds every answer right", async () => {
  const { code, out, errors } = await runScale("--quick", "--json");
  ok(out.startsWith("{"), errors);
  const report: ScaleReport = JSON.parse(out);
  deepEqual(report.problems, []);
  equal(code, 0, errors);
  deepEqual(report.steps.map(({ records }) => records), [20_000, 60_000]);
  // Processor time and memory come from /proc, which only Linux has.
  const everywhere = SCALE_ROWS.filter(({ unit }) => unit !== "MiB" && unit !== "µs/record");
  for (const { key } of Deno.build.os === "linux" ? SCALE_ROWS : everywhere) {
    for (const { figures } of report.steps) ok(Number.isFinite(figures[key]), key);
  }
});

Deno.test("the scale benchmark answers bad sizes with one line and exit code 2", async () => {
  const odd = await runScale("--records", "1234");
  equal(odd.code, 2);
  equal(
    odd.errors.replace(/^bench:scale \S+ /, ""),
    'Cannot parse --records "1234": give thousands of records, such as 5000, 250k or 100m\n',
  );
  const falling = await runScale("--steps", "2m,1m");
  equal(falling.code, 2);
});
