import { equal, match } from "node:assert/strict";
import type { BenchReport } from "./run.ts";
import { renderReport } from "./table.ts";

const REPORT: BenchReport = {
  machine: {
    sentinel: "1.2.3",
    deno: "2",
    system: "linux x86_64",
    processors: 2,
    processor: "Some Processor",
    memoryGib: 8,
  },
  records: 1_000_000,
  requestBytes: 199e6,
  sentinel: { batch_1: 200_000, single: 5999, stats: 5, disk: 39.96 },
  ceiling: { batch_1: 1_000_000 },
  kv: { batch_1: 20_000 },
  problems: ["word: records: found 19, expected 20"],
};

function lineOf(text: string, label: string): string {
  return text.split("\n").find((line) => line.startsWith(`| ${label}`)) ?? "";
}

Deno.test("renderReport() tells machine, figures, ratios and aims", () => {
  const text = renderReport(REPORT);
  match(text, /^Log Sentinel 1\.2\.3, 1,000,000 records .*2 × Some Processor, 8 GiB\n/);
  match(
    lineOf(text, "ingest, batches of 1,000, 1 connection"),
    /200,000 \| +≥ 150,000 reached \| +1,000,000 \(0\.20\) \| +20,000 \(10\.00\) \|$/,
  );
  match(lineOf(text, "ingest, single"), /5,999 \| +≥ 6,000 MISSED/);
  match(lineOf(text, "stats"), /5 \| +≤ 5 reached/);
});

Deno.test("renderReport() gives every line the same width", () => {
  const widths = renderReport(REPORT).split("\n").filter((line) => line.startsWith("|"))
    .map(({ length }) => length);
  equal(new Set(widths).size, 1);
});

Deno.test("renderReport() says what went wrong", () => {
  match(renderReport(REPORT), /\nWRONG: word: records: found 19, expected 20/);
});
