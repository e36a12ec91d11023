/** @module What the records that a range aggregation looks at are worth, and which series each belongs to. */

import { type RecordColumns, type TextColumn, type TextColumnName, utf8Length } from "../record.ts";
import type { Visitor, WholeRun } from "../storage/mod.ts";
import type { Grouping, RangeExpr, Unwrap } from "./ast.ts";
import { compileLabelFilter, labelsOfFilter, type LabelTest } from "./conditions.ts";
import { Entry, ERROR_LABEL } from "./entry.ts";
import { LogqlError } from "./errors.ts";
import type { Panes } from "./panes.ts";
import { runSteps } from "./pipeline.ts";
import type { LogPlan } from "./plan.ts";
import type { Regexes } from "./regexes.ts";
import {
  ALL_LABEL_COLUMNS,
  columnsOfLabel,
  isServiceLabel,
  isStreamLabel,
  type Labels,
} from "./row_labels.ts";
import { LEVELS } from "./levels.ts";
import { groupLabels, labelsText } from "./series.ts";
import { parseBytes, parseNumber, parseSeconds } from "./units.ts";

/** Takes samples; `key` is the same for the same labels, which are only asked for once. */
export interface SampleSink {
  add(key: string, labels: () => Labels, pane: number, value: number, ms: number, ns: number): void;
}

/** What a record is worth: 1, its line's bytes, or what an unwrapped label says. */
type Worth = "one" | "bytes" | "unwrapped";

/** Visits records and hands on what they are worth. */
export class SampleVisitor implements Visitor {
  /** The text columns that have to be loaded. */
  readonly columns: readonly TextColumnName[];
  readonly whole?: (run: WholeRun) => boolean;
  readonly #plan: LogPlan;
  readonly #panes: Panes;
  readonly #sink: SampleSink;
  readonly #grouping: Grouping | undefined;
  readonly #worth: Worth;
  readonly #unwrap: Unwrap | undefined;
  readonly #unwrapFilters: readonly LabelTest[];
  /** The labels that matter; absent: all. */
  readonly #wanted: ReadonlySet<string> | undefined;

  /** @param grouping the labels that make series; absent: all, without one that is unwrapped */
  constructor(
    expr: RangeExpr,
    plan: LogPlan,
    panes: Panes,
    grouping: Grouping | undefined,
    sink: SampleSink,
    regexes: Regexes,
  ) {
    this.#plan = plan;
    this.#panes = panes;
    this.#sink = sink;
    this.#unwrap = expr.unwrap;
    this.#unwrapFilters = expr.unwrap?.filters.map((one) => compileLabelFilter(one, regexes)) ?? [];
    this.#worth = expr.unwrap !== undefined
      ? "unwrapped"
      : expr.op.startsWith("bytes")
      ? "bytes"
      : "one";
    const unwrapped = expr.unwrap === undefined ? [] : [expr.unwrap.name];
    this.#grouping = grouping ?? { without: true, names: unwrapped };
    this.#wanted = this.#grouping.without
      ? undefined
      : new Set([...plan.pipeline.reads, ...labelsOf(expr.unwrap), ...this.#grouping.names]);
    this.columns = this.#isByStream
      ? this.#worth === "bytes" ? ["message"] : []
      : columnsFor(expr, plan, this.#grouping, this.#worth);
    if (this.#isByStream) this.whole = (run) => this.#addWhole(run);
  }

  /** Whether a record's stream alone says which series it belongs to, and its columns what it is worth. */
  get #isByStream(): boolean {
    const { without, names } = this.#grouping!;
    const { steps, filterSteps, changesLine } = this.#plan.pipeline;
    if (without || !names.every(isStreamLabel) || this.#worth === "unwrapped") return false;
    // Steps that only make labels need not be done where none is asked for.
    const needsSteps = names.length > 0 || (this.#worth === "bytes" && changesLine);
    return needsSteps ? steps.length === 0 : filterSteps === 0;
  }

  rows(columns: RecordColumns, rows: Uint32Array): void {
    if (this.#isByStream) this.#addByStream(columns, rows);
    else this.#addByLabels(columns, rows);
  }

  #addWhole({ service, severity, first, last, count, messageBytes }: WholeRun): boolean {
    const value = this.#worth === "bytes" ? messageBytes : count;
    const pane = this.#panes.paneAt(first.ms, first.ns);
    if (value === undefined || pane !== this.#panes.paneAt(last.ms, last.ns)) return false;
    // Both ends may lie between windows with a window between them.
    if (pane === undefined) return false;
    const { key, labels } = this.#streamSeries(service, severity);
    this.#sink.add(key, labels, pane, value, first.ms, first.ns);
    return true;
  }

  #addByStream(columns: RecordColumns, rows: Uint32Array): void {
    const { streamOf, timestampMs, timestampNs, streams } = columns;
    const series = streams.map(({ service, severity }) => this.#streamSeries(service, severity));
    const offsets = this.#worth === "bytes" ? messagesOf(columns).offsets : undefined;
    let stream = -1;
    let pane: number | undefined;
    let value = 0;
    const flush = () => {
      if (value === 0 || pane === undefined) return;
      this.#sink.add(series[stream]!.key, series[stream]!.labels, pane, value, 0, 0);
    };
    // Neighbours mostly share series and pane: they are added together.
    for (const row of rows) {
      const rowPane = this.#panes.paneAt(timestampMs[row]!, timestampNs?.[row] ?? 0);
      if (streamOf[row] !== stream || rowPane !== pane) {
        flush();
        stream = streamOf[row]!;
        pane = rowPane;
        value = 0;
      }
      value += offsets === undefined ? 1 : offsets[row + 1]! - offsets[row]!;
    }
    flush();
  }

  #streamSeries(service: string, severity: number): { key: string; labels: () => Labels } {
    const { names } = this.#grouping!;
    const values = names.map((name) => isServiceLabel(name) ? service : LEVELS[severity]!);
    return { key: values.join("\0"), labels: () => named(names, values) };
  }

  #addByLabels(columns: RecordColumns, rows: Uint32Array): void {
    const { timestampMs, timestampNs } = columns;
    const entry = new Entry(columns, rows, this.#wanted);
    const { steps, changesLine } = this.#plan.pipeline;
    const offsets = this.#worth === "bytes" && !changesLine
      ? messagesOf(columns).offsets
      : undefined;
    for (let place = 0; place < rows.length; place++) {
      const row = rows[place]!;
      const ms = timestampMs[row]!;
      const ns = timestampNs?.[row] ?? 0;
      const pane = this.#panes.paneAt(ms, ns);
      if (pane === undefined) continue;
      entry.start(place);
      if (!runSteps(steps, entry)) continue;
      const value = offsets === undefined
        ? this.#valueOf(entry)
        : offsets[row + 1]! - offsets[row]!;
      if (value === undefined) continue;
      if (entry.error !== "") throw pipelineError(entry);
      const { key, labels } = this.#entrySeries(entry);
      this.#sink.add(key, labels, pane, value, ms, ns);
    }
  }

  #entrySeries(entry: Entry): { key: string; labels: () => Labels } {
    const grouping = this.#grouping!;
    if (!grouping.without) {
      const values = grouping.names.map((name) => entry.get(name));
      return { key: values.join("\0"), labels: () => named(grouping.names, values) };
    }
    const labels = groupLabels(entry.labels(), grouping);
    return { key: JSON.stringify([...labels]), labels: () => labels };
  }

  /** What an entry is worth; `undefined`: nothing, it does not count. */
  #valueOf(entry: Entry): number | undefined {
    if (this.#worth === "one") return 1;
    if (this.#worth === "bytes") return utf8Length(entry.line);
    const { name, unit } = this.#unwrap!;
    const text = entry.get(name);
    if (text === "") return undefined;
    const parse = { number: parseNumber, duration: parseSeconds, bytes: parseBytes }[unit];
    const value = parse(text);
    if (value === undefined) {
      entry.fail("SampleExtractionErr", `${JSON.stringify(text)} of ${name} is no ${unit}`);
    }
    return this.#unwrapFilters.every((test) => test(entry)) ? value ?? 0 : undefined;
  }
}

function named(names: readonly string[], values: readonly string[]): Labels {
  const labels = names.map((name, i) => [name, values[i]!] as const).filter(([, value]) =>
    value !== ""
  );
  return new Map(labels.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0));
}

function columnsFor(
  { unwrap }: RangeExpr,
  { pipeline }: LogPlan,
  grouping: Grouping,
  worth: Worth,
): TextColumnName[] {
  const labels = [...(grouping.without ? [] : grouping.names), ...labelsOf(unwrap)];
  return [
    ...new Set<TextColumnName>([
      ...pipeline.columns,
      ...(worth === "bytes" ? ["message" as const] : []),
      ...(grouping.without ? ALL_LABEL_COLUMNS : []),
      ...labels.flatMap(columnsOfLabel),
    ]),
  ];
}

function labelsOf(unwrap: Unwrap | undefined): string[] {
  return unwrap === undefined ? [] : [unwrap.name, ...unwrap.filters.flatMap(labelsOfFilter)];
}

function messagesOf({ texts }: RecordColumns): TextColumn {
  const messages = texts.get("message");
  if (messages === undefined) throw new TypeError("Cannot count a line's bytes: none is loaded");
  return messages;
}

function pipelineError(entry: Entry): LogqlError {
  const error = entry.get(ERROR_LABEL);
  return new LogqlError(
    `pipeline error: '${error}' for series: '${labelsText(entry.labels())}'.\n` +
      `Use a label filter to intentionally skip this error. (e.g | __error__!="${error}").\n` +
      'To skip all potential errors you can match empty errors.(e.g __error__="")\n' +
      'The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__="" )\n',
  );
}
