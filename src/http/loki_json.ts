/** @module Answers as Loki writes them. They are written in pieces: a matrix may be larger than what should be held twice. */

import {
  type CategorizedLabels,
  type Grid,
  type Instant,
  type Labels,
  type LogLine,
  type Series,
  unixNanos,
  type Value,
} from "../logql/mod.ts";
import { JSON_HEADERS } from "./respond.ts";

/** What Grafana asks for to tell labels of streams, structured metadata and parsed labels apart. */
export const CATEGORIZE = "categorize-labels";

/** Whether a request asks for labels to be told apart. */
export function wantsCategories({ headers }: Request): boolean {
  const flags = headers.get("x-loki-response-encoding-flags") ?? "";
  return flags.split(",").some((flag) => flag.trim() === CATEGORIZE);
}

/** Labels as a JSON object, in their order. */
export function labelsJson(labels: Iterable<readonly [string, string]>): string {
  const members = [...labels].map(([name, value]) =>
    `${JSON.stringify(name)}:${JSON.stringify(value)}`
  );
  return `{${members.join(",")}}`;
}

/** Lines as streams: a JSON array in pieces, ordered by their labels, the lines of each in the order given. */
export function* streamsJson(lines: readonly LogLine[], categorize: boolean): Generator<string> {
  const streams = new Map<string, LogLine[]>();
  for (const line of lines) {
    const key = labelsJson(categorize ? line.labels.stream : allLabels(line.labels));
    const stream = streams.get(key);
    if (stream === undefined) streams.set(key, [line]);
    else stream.push(line);
  }
  yield "[";
  let separator = "";
  for (const [labels, members] of [...streams].sort(([a], [b]) => a < b ? -1 : 1)) {
    yield `${separator}{"stream":${labels},"values":[`;
    separator = ",";
    for (let i = 0; i < members.length; i++) {
      yield (i === 0 ? "" : ",") + lineJson(members[i]!, categorize);
    }
    yield "]}";
  }
  yield "]";
}

function allLabels({ stream, metadata, parsed }: CategorizedLabels): (readonly [string, string])[] {
  return [...stream, ...metadata, ...parsed].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
}

function lineJson({ ms, ns, line, labels }: LogLine, categorize: boolean): string {
  const start = `["${unixNanos({ ms, ns })}",${JSON.stringify(line)}`;
  if (!categorize) return `${start}]`;
  const parts: string[] = [];
  const add = (name: string, part: Labels) => {
    if (part.size > 0) parts.push(`"${name}":${labelsJson(part)}`);
  };
  add("structuredMetadata", labels.metadata);
  add("parsed", labels.parsed);
  return `${start},{${parts.join(",")}}]`;
}

/** What a metric query is worth: the type of the result, and it as JSON in pieces. */
export function valueJson(
  value: Value,
  grid: Grid,
  isInstant: boolean,
): { type: string; pieces: Generator<string> } {
  if (isInstant) {
    return typeof value === "number"
      ? { type: "scalar", pieces: scalarJson(value, grid.start) }
      : { type: "vector", pieces: vectorJson(value, grid.start) };
  }
  const series = typeof value === "number" ? [constant(value, grid)] : value;
  return { type: "matrix", pieces: matrixJson(series, grid) };
}

function constant(value: number, { count }: Grid): Series {
  return {
    labels: new Map(),
    values: new Float64Array(count).fill(value),
    present: new Uint8Array(count).fill(1),
  };
}

function* scalarJson(value: number, at: Instant): Generator<string> {
  yield pointJson(at.ms, value);
}

function* vectorJson(series: readonly Series[], at: Instant): Generator<string> {
  yield "[";
  let separator = "";
  for (const { labels, values, present } of series) {
    if (!present[0]) continue;
    yield `${separator}{"metric":${labelsJson(labels)},"value":${pointJson(at.ms, values[0]!)}}`;
    separator = ",";
  }
  yield "]";
}

/** Series without a single point are left out. */
export function* matrixJson(series: readonly Series[], grid: Grid): Generator<string> {
  yield "[";
  let separator = "";
  for (const { labels, values, present } of series) {
    const points: string[] = [];
    for (let i = 0; i < values.length; i++) {
      if (present[i]) points.push(pointJson(grid.start.ms + i * grid.stepMs, values[i]!));
    }
    if (points.length === 0) continue;
    yield `${separator}{"metric":${labelsJson(labels)},"values":[${points.join(",")}]}`;
    separator = ",";
  }
  yield "]";
}

/** Seconds with up to three digits of fraction, and the value as a text. */
function pointJson(ms: number, value: number): string {
  return `[${ms / 1000},"${numberText(value)}"]`;
}

/** A number as Go's `strconv.FormatFloat(value, 'f', -1, 64)` writes it: never with an exponent. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const text = String(value);
  const exponential = /^(-?)([0-9])(?:\.([0-9]+))?e([+-][0-9]+)$/.exec(text);
  if (exponential === null) return text;
  const [, sign, first, rest = "", exponent] = exponential;
  const places = Number(exponent);
  const digits = first + rest;
  return places > 0
    ? sign + digits.padEnd(places + 1, "0")
    : `${sign}0.${"0".repeat(-places - 1)}${digits}`;
}

/** What an answer tells of how it came about. */
export interface QueryStats {
  readonly seconds: number;
  readonly entries: number;
}

/** The answer to a query. */
export function queryResponse(
  type: string,
  result: Iterable<string>,
  { seconds, entries }: QueryStats,
  categorize: boolean,
  headers: Readonly<Record<string, string>>,
): Response {
  const flags = categorize ? `"encodingFlags":["${CATEGORIZE}"],` : "";
  const stats = JSON.stringify({
    summary: { execTime: seconds, queueTime: 0, totalEntriesReturned: entries },
  });
  return piecesResponse(
    [`{"status":"success","data":{"resultType":"${type}",${flags}"result":`],
    result,
    [`,"stats":${stats}}}`],
    headers,
  );
}

/** Pieces are sent together up to this size. */
const CHUNK_UNITS = 64 * 1024;

function piecesResponse(
  before: Iterable<string>,
  pieces: Iterable<string>,
  after: Iterable<string>,
  headers: Readonly<Record<string, string>>,
): Response {
  const encoder = new TextEncoder();
  const all = chained(before, pieces, after);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      let chunk = "";
      while (chunk.length < CHUNK_UNITS) {
        const { done, value } = all.next();
        if (done) {
          if (chunk !== "") controller.enqueue(encoder.encode(chunk));
          controller.close();
          return;
        }
        chunk += value;
      }
      controller.enqueue(encoder.encode(chunk));
    },
  }, { highWaterMark: 0 });
  return new Response(body, { headers: { ...JSON_HEADERS, ...headers } });
}

function* chained(...parts: Iterable<string>[]): Generator<string> {
  for (const part of parts) yield* part;
}
