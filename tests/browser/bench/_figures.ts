/** One line of the report. */
export interface Figure {
  readonly label: string;
  readonly unit: string;
  readonly value: number;
  /** What it has to reach. */
  readonly atMost?: number;
}

/** The value below which a share of some values lie. */
export function quantile(values: readonly number[], share: number): number {
  const ascending = values.toSorted((a, b) => a - b);
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? NaN;
}

/** The middle of some values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Figures as a Markdown table. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map(({ label, unit, value, atMost }) => [
    label,
    `${short(value)} ${unit}`,
    atMost === undefined ? "" : `≤ ${short(atMost)} ${value <= atMost ? "reached" : "MISSED"}`,
  ]);
  const head = ["", "measured", "aim"];
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i]!.length)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function short(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 1 : 0 });
}
