import type { ReadScope } from "../query/mod.ts";
import type { Snapshot } from "../storage/mod.ts";
import type { Matcher, RangeExpr } from "./ast.ts";
import { instantBefore } from "./instants.ts";
import { readRange } from "./run_range.ts";
import type { Grid, Series } from "./series.ts";

/** What volumes to read. */
export interface VolumeOptions {
  readonly snapshot: Snapshot;
  readonly scope: ReadScope;
  /** Each point is worth the bytes from the one before it on, that one included. */
  readonly grid: Grid;
  /** By what the bytes are told apart. */
  readonly labels: readonly string[];
  /** Only by the names of the labels that lines have, not by their values. */
  readonly byName: boolean;
  readonly limit: number;
}

/** The bytes of lines by labels, the greatest first. @throws {LogqlError} for a bad selector */
export async function readVolumes(
  matchers: readonly Matcher[],
  { snapshot, scope, grid, labels, byName, limit }: VolumeOptions,
): Promise<Series[]> {
  const expr: RangeExpr = {
    kind: "range",
    op: "bytes_over_time",
    log: { kind: "log", matchers, stages: [] },
    rangeMs: grid.stepMs,
    offsetMs: 0,
  };
  // Volumes are of ranges that have their beginning and not their end.
  const points = { ...grid, start: instantBefore(grid.start) };
  const groupings = byName ? labels.map((name) => [name]) : [labels];
  const series: Series[] = [];
  for (const names of groupings) {
    const found = await readRange(snapshot, expr, scope, points, { without: false, names });
    series.push(...(byName ? mergeNamed(names[0]!, found) : found));
  }
  return series.map((one) => ({ one, total: one.values.reduce((sum, value) => sum + value, 0) }))
    .sort((a, b) => b.total - a.total)
    .slice(0, limit)
    .map(({ one }) => one);
}

/** All series that have a label, as one that only says so. */
function mergeNamed(name: string, series: readonly Series[]): Series[] {
  const having = series.filter(({ labels }) => labels.has(name));
  const [first, ...others] = having;
  if (first === undefined) return [];
  const merged = {
    labels: new Map([[name, ""]]),
    values: first.values.slice(),
    present: first.present.slice(),
  };
  for (const { values, present } of others) {
    values.forEach((value, i) => merged.values[i]! += value);
    present.forEach((is, i) => merged.present[i]! |= is);
  }
  return [merged];
}
