/** @module What there is to select: names of labels, their values, label sets, and how much of it there is. */

import type { RowRef } from "../record.ts";
import { LEVELS } from "./levels.ts";
import { LISTED_MAX, LISTED_SERIES_MAX } from "./limits.ts";
import { planScan } from "./plan.ts";
import {
  columnsOfLabel,
  isServiceLabel,
  isStreamLabel,
  type Labels,
  RowLabels,
  STREAM_LABEL,
} from "./row_labels.ts";
import { sampleRows, type Selection, streamsOf } from "./sample.ts";
import { signature } from "./series.ts";

/** What Loki keeps beside the labels of a stream: no listing of labels has it. */
const METADATA_LABELS: readonly string[] = [
  "detected_level",
  "trace_id",
  "span_id",
  "severity_text",
  "severity_number",
];

/** The labels of records that are like those of streams in Loki, sorted by name. */
function streamLabels(labels: Labels): Map<string, string> {
  const kept = [...labels].filter(([name]) => !METADATA_LABELS.includes(name));
  return new Map(kept.sort(([a], [b]) => a < b ? -1 : 1));
}

/** Goes through the labels of some records. */
function* labelsOf(rows: readonly RowRef[]): Generator<Map<string, string>> {
  let reader: RowLabels | undefined;
  let of: RowRef["columns"] | undefined;
  for (const { columns, row } of rows) {
    if (reader === undefined || of !== columns) reader = new RowLabels(of = columns);
    yield reader.all(row);
  }
}

/** The names of labels, sorted: the service, the level, and the attributes of a sample. */
export async function listLabels(selection: Selection): Promise<string[]> {
  const names = new Set<string>();
  for (const rows of await sampleRows(selection)) {
    for (const labels of labelsOf(rows)) {
      for (const name of labels.keys()) {
        if (!METADATA_LABELS.includes(name) && names.size < LISTED_MAX) names.add(name);
      }
    }
  }
  return [...names].sort();
}

/** The distinct values of a label, sorted. */
export async function listLabelValues(selection: Selection, name: string): Promise<string[]> {
  const { snapshot, scope, range, plan } = selection;
  const values = new Set<string>();
  if (isStreamLabel(name) && plan.predicate === undefined) {
    for (const { service, severity } of streamsOf(selection)) {
      values.add(isServiceLabel(name) ? service : LEVELS[severity]);
    }
  } else {
    await snapshot.visit(planScan(snapshot, plan, scope, range), columnsOfLabel(name), {
      rows(columns, rows) {
        const labels = new RowLabels(columns);
        for (const row of rows) {
          if (values.size === LISTED_MAX) return;
          const value = labels.get(row, name);
          if (value !== "") values.add(value);
        }
      },
    });
  }
  return [...values].sort();
}

/**
 * Label sets, sorted: of a sample, with at least one of each stream that has records.
 * @param into what was found before by their {@linkcode signature}; more are added up to the most that a listing gives
 */
export async function listSeries(
  selection: Selection,
  into: Map<string, Labels> = new Map(),
): Promise<Map<string, Labels>> {
  const add = (labels: Labels) => {
    if (into.size < LISTED_SERIES_MAX) into.set(signature(labels), labels);
  };
  const samples = (await sampleRows(selection)).map((rows) =>
    [...labelsOf(rows)].map(streamLabels)
  );
  for (const [newest] of samples) if (newest !== undefined) add(newest);
  for (const sets of samples) sets.forEach(add);
  return into;
}

/** How much a selection has, conditions on attributes left aside. */
export interface Amounts {
  readonly streams: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly entries: number;
}

/** Rows of each stream by which the bytes of others are estimated. */
const MEASURED_ROWS = 20;

/** Counts entries by the index; where it does not say how many bytes they have, that is estimated by a sample. */
export async function readAmounts(selection: Selection): Promise<Amounts> {
  const { snapshot, scope, range } = selection;
  const plan = { ...selection.plan, predicate: undefined };
  const streams = new Set<string>();
  let chunks = 0;
  let entries = 0;
  let bytes = 0;
  let unmeasured = 0;
  await snapshot.visit(planScan(snapshot, plan, scope, range), [], {
    whole({ service, severity, count, messageBytes }) {
      streams.add(`${severity}${service}`);
      chunks++;
      entries += count;
      if (messageBytes === undefined) unmeasured += count;
      else bytes += messageBytes;
      return true;
    },
    rows(columns, rows) {
      const seen = new Set<number>();
      for (const row of rows) seen.add(columns.streamOf[row]!);
      for (const i of seen) {
        const { service, severity } = columns.streams[i]!;
        streams.add(`${severity}${service}`);
      }
      chunks++;
      entries += rows.length;
      unmeasured += rows.length;
    },
  });
  if (unmeasured > 0) bytes += Math.round(unmeasured * await meanBytes({ ...selection, plan }));
  return { streams: streams.size, chunks, bytes, entries };
}

async function meanBytes(selection: Selection): Promise<number> {
  let bytes = 0;
  let count = 0;
  for (const rows of await sampleRows(selection, MEASURED_ROWS)) {
    for (const { columns, row } of rows) {
      const { offsets } = columns.texts.get("message")!;
      bytes += offsets[row + 1]! - offsets[row]!;
      count++;
    }
  }
  return count === 0 ? 0 : bytes / count;
}

/** A label and how many values a sample has of it. */
export interface LabelCardinality {
  readonly label: string;
  readonly cardinality: number;
}

/** The labels of a sample and how many values each has, the service first. */
export async function countLabelValues(selection: Selection): Promise<LabelCardinality[]> {
  const values = new Map<string, Set<string>>();
  for (const labels of (await listSeries(selection)).values()) {
    for (const [name, value] of labels) {
      const known = values.get(name);
      if (known === undefined) values.set(name, new Set([value]));
      else known.add(value);
    }
  }
  const first = ({ label }: LabelCardinality) => label === STREAM_LABEL ? 0 : 1;
  return [...values].map(([label, { size }]) => ({ label, cardinality: size }))
    .sort((a, b) => first(a) - first(b) || (a.label < b.label ? -1 : 1));
}
