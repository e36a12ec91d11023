/** @module The report of the scale benchmark as a table to read and to publish. */

import type { ScaleReport } from "./scale_run.ts";
import { reachesAim, SCALE_ROWS, type ScaleRow } from "./scale_rows.ts";
import { name } from "./scale_step.ts";
import { align, number } from "./table.ts";

/** The whole report as text, without a line break at its end. */
export function renderScale({ machine, steps, problems }: ScaleReport): string {
  const { sentinel, deno, system, processors, processor, memoryGib } = machine;
  const head = ["", "unit", ...steps.map(({ records }) => name(records)), "last / first", "aim"];
  const lines = SCALE_ROWS.map((row) => {
    const values = steps.map(({ figures }) => figures[row.key]);
    const [first, last] = [values[0], values.at(-1)];
    const ratio = first === undefined || last === undefined ? undefined : last / first;
    return [row.label, row.unit, ...values.map(number), number(ratio), aim(row, first, last)];
  });
  return [
    `Log Sentinel ${sentinel}, Deno ${deno}, ${system}, ${processors} × ${processor}, ${
      memoryGib ?? "?"
    } GiB`,
    "",
    ...align([head, ...lines]),
    ...problems.map((problem) => `WRONG: ${problem}`),
  ].join("\n");
}

function aim(row: ScaleRow, first: number | undefined, last: number | undefined): string {
  const reached = reachesAim(row, first, last);
  if (reached === undefined) return "";
  const { growthAtLeast, growthAtMost, atMost } = row;
  const bound = growthAtLeast !== undefined
    ? `≥ ${growthAtLeast} ×`
    : growthAtMost !== undefined
    ? `≤ ${growthAtMost} ×`
    : `≤ ${number(atMost)} ${row.unit}`;
  return `${bound} ${reached ? "reached" : "MISSED"}`;
}
