/** @module Loki's query language over the store: parse, plan, run. */
export type { LogExpr, Matcher, MetricExpr, Query } from "./ast.ts";
export { LogqlError, LogqlSyntaxError } from "./errors.ts";
export { type DetectedField, FieldTally } from "./fields.ts";
export { type Instant, instantAfter, instantBefore, parseTime, unixNanos } from "./instants.ts";
export { ENTRIES_DEFAULT, ENTRIES_MAX, STEPS_MAX } from "./limits.ts";
export {
  type Amounts,
  countLabelValues,
  type LabelCardinality,
  listLabels,
  listLabelValues,
  listSeries,
  readAmounts,
} from "./listings.ts";
export { compileLive, type LiveQuery } from "./live.ts";
export { parseLogExpr, parseQuery, parseSelector } from "./parse.ts";
export type { TimeRange } from "./plan.ts";
export type { Labels } from "./row_labels.ts";
export type { CategorizedLabels } from "./entry.ts";
export { type LogLine, type LogOptions, readLines } from "./run_log.ts";
export { evaluateMetric, type MetricOptions, type Value } from "./run_metric.ts";
export { select, type Selection } from "./sample.ts";
export { type Grid, type Series } from "./series.ts";
export { parseMilliseconds } from "./units.ts";
export { readVolumes, type VolumeOptions } from "./volumes.ts";
