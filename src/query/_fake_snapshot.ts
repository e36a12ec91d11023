/** @module A snapshot of plain records in an array, scanned naively: what queries are tested against. */

import {
  packTexts,
  type RecordColumns,
  type RowRef,
  type SeverityCode,
  type Stream,
  type TextColumn,
  type TextColumnName,
  utf8Length,
} from "../record.ts";
import type {
  Digest,
  DigestVisitor,
  Instant,
  OrderedScanSpec,
  Position,
  RecordScan,
  ScanSpec,
  Snapshot,
  StreamTotal,
  Visitor,
} from "../storage/mod.ts";

/** A stored record, as tests write it. */
export interface FakeRecord {
  readonly id: number;
  readonly ms: number;
  readonly ns?: number;
  readonly receivedMs?: number;
  readonly service: string;
  readonly severity: SeverityCode;
  readonly message: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
}

/** How records are laid out. */
export interface FakeOptions {
  /** Records in one set of columns. */
  readonly chunkRows?: number;
  /** Attributes that get columns of their own, as those of segments do. */
  readonly ownAttributes?: readonly string[];
  /** One above the highest id, if absent. */
  readonly nextId?: number;
}

/** Answers every question by looking at every record. */
export class FakeSnapshot implements Snapshot {
  readonly nextId: number;
  readonly damage: readonly string[] = [];
  /** Rows handed to visitors, against those that they took as wholes. */
  rowsVisited = 0;
  released = false;
  readonly #chunks: RecordColumns[] = [];

  constructor(records: readonly FakeRecord[], options: FakeOptions = {}) {
    const { chunkRows = 5, ownAttributes = [] } = options;
    this.nextId = options.nextId ?? Math.max(0, ...records.map(({ id }) => id)) + 1;
    for (let i = 0; i < records.length; i += chunkRows) {
      this.#chunks.push(columnsOf(records.slice(i, i + chunkRows), ownAttributes));
    }
  }

  streamTotals(): StreamTotal[] {
    const totals = new Map<string, { stream: Stream; count: number; last: Position }>();
    for (const columns of this.#chunks) {
      for (let row = 0; row < columns.count; row++) {
        const stream = streamAt(columns, row);
        const key = `${stream.severity}${stream.service}`;
        const last = positionAt(columns, row);
        const total = totals.get(key);
        if (total === undefined) totals.set(key, { stream, count: 1, last });
        else {
          total.count++;
          if (compare(last, total.last) > 0) total.last = last;
        }
      }
    }
    return [...totals.values()].map(({ stream, count, last }) => ({ ...stream, count, last }));
  }

  scan(spec: OrderedScanSpec): RecordScan {
    const sign = spec.order === "asc" ? 1 : -1;
    const matches: RowRef[] = [];
    for (const columns of this.#chunks) {
      for (const row of select(columns, spec)) matches.push({ columns, row });
    }
    const { after } = spec;
    const left = matches
      .filter((ref) => after === undefined || sign * compare(positionOf(ref), after) > 0)
      .sort((a, b) => sign * compare(positionOf(a), positionOf(b)));
    return { next: (limit) => Promise.resolve(left.splice(0, limit)) };
  }

  visit(spec: ScanSpec, columns: readonly TextColumnName[], visitor: Visitor): Promise<void> {
    for (const chunk of this.#chunks) {
      const rows = select(chunk, spec);
      const left = visitor.whole === undefined || spec.predicate !== undefined
        ? rows
        : offerWholes(chunk, rows, visitor);
      this.rowsVisited += left.length;
      if (left.length > 0) visitor.rows(withTexts(chunk, columns), left);
    }
    return Promise.resolve();
  }

  visitDigests<D extends Digest>(spec: ScanSpec, visitor: DigestVisitor<D>): Promise<void> {
    for (const chunk of this.#chunks) {
      const rows = select(chunk, spec);
      if (rows.length === 0) continue;
      const digest = visitor.make(withTexts(chunk, visitor.columns));
      visitor.rows(digest, rows.length === chunk.count ? undefined : rows);
    }
    return Promise.resolve();
  }

  get(id: number): Promise<RowRef | undefined> {
    for (const columns of this.#chunks) {
      const row = columns.ids.indexOf(id);
      if (row >= 0) return Promise.resolve({ columns, row });
    }
    return Promise.resolve(undefined);
  }

  release(): void {
    this.released = true;
  }
}

function columnsOf(
  records: readonly FakeRecord[],
  ownAttributes: readonly string[],
): RecordColumns {
  const streams: Stream[] = [];
  const streamOf = records.map(({ service, severity }) => {
    const found = streams.findIndex((s) => s.service === service && s.severity === severity);
    return found >= 0 ? found : streams.push({ service, severity }) - 1;
  });
  return {
    count: records.length,
    ids: Float64Array.from(records, ({ id }) => id),
    timestampMs: Float64Array.from(records, ({ ms }) => ms),
    timestampNs: records.some(({ ns }) => ns)
      ? Uint32Array.from(records, ({ ns }) => ns ?? 0)
      : undefined,
    receivedMs: Float64Array.from(records, ({ ms, receivedMs }) => receivedMs ?? ms),
    streams,
    streamOf: Uint16Array.from(streamOf),
    texts: textsOf(records, ownAttributes),
  };
}

function textsOf(
  records: readonly FakeRecord[],
  ownAttributes: readonly string[],
): Map<TextColumnName, TextColumn> {
  const texts = new Map<TextColumnName, TextColumn>();
  const add = (name: TextColumnName, textOf: (record: FakeRecord) => string | undefined) => {
    const values = records.map(textOf);
    if (name !== "message" && values.every((value) => value === undefined)) return;
    const column = packTexts(values, records.length);
    // What packs texts must not differ from what measures them.
    if (column.offsets.at(-1) !== values.reduce((sum, value) => sum + utf8Length(value ?? ""), 0)) {
      throw new Error("packTexts and utf8Length disagree");
    }
    texts.set(name, column);
  };
  for (const name of ownAttributes) {
    add(`attr.${name}`, ({ attributes }) => {
      const has = attributes !== undefined && Object.hasOwn(attributes, name);
      return has ? JSON.stringify(attributes[name]) : undefined;
    });
  }
  add("attributes", ({ attributes }) => {
    if (attributes === undefined) return undefined;
    const all = Object.entries(attributes);
    const left = all.filter(([name]) => !ownAttributes.includes(name));
    return left.length === 0 && all.length > 0
      ? undefined
      : JSON.stringify(Object.fromEntries(left));
  });
  add("message", ({ message }) => message);
  add("trace_id", ({ traceId }) => traceId);
  add("span_id", ({ spanId }) => spanId);
  add("severity_number", ({ severityNumber }) => severityNumber?.toString());
  add("severity_text", ({ severityText }) => severityText);
  return texts;
}

/** The rows within the bounds that the predicate takes, which sees no more columns than it says it reads. */
function select(columns: RecordColumns, spec: ScanSpec): Uint32Array {
  const rows = Uint32Array.from({ length: columns.count }, (_, row) => row)
    .filter((row) => isWithin(columns, row, spec));
  if (spec.predicate === undefined) return rows;
  return spec.predicate.select(withTexts(columns, spec.predicate.columns), rows);
}

function isWithin(columns: RecordColumns, row: number, spec: ScanSpec): boolean {
  const { service, severity } = streamAt(columns, row);
  const position = positionAt(columns, row);
  const received = columns.receivedMs[row]!;
  return (spec.from === undefined || compareInstants(position, spec.from) >= 0) &&
    (spec.to === undefined || compareInstants(position, spec.to) <= 0) &&
    position.id >= (spec.idFrom ?? 0) && position.id <= (spec.idTo ?? Infinity) &&
    received >= (spec.receivedFromMs ?? -Infinity) &&
    received <= (spec.receivedToMs ?? Infinity) &&
    (spec.services?.includes(service) ?? true) && (spec.severities?.includes(severity) ?? true);
}

function withTexts(columns: RecordColumns, names: readonly TextColumnName[]): RecordColumns {
  const wanted = new Set(names);
  if (names.some((name) => name.startsWith("attr."))) wanted.add("attributes");
  if (names.includes("attributes")) {
    for (const name of columns.texts.keys()) if (name.startsWith("attr.")) wanted.add(name);
  }
  return { ...columns, texts: new Map([...columns.texts].filter(([name]) => wanted.has(name))) };
}

/** Offers each stream of which every record matches; gives the rows that were not taken. */
function offerWholes(columns: RecordColumns, rows: Uint32Array, visitor: Visitor): Uint32Array {
  let left = rows;
  for (const [index, stream] of columns.streams.entries()) {
    const matching = rows.filter((row) => columns.streamOf[row] === index);
    const all = columns.streamOf.reduce((count, of) => count + (of === index ? 1 : 0), 0);
    if (matching.length < all) continue;
    const positions = [...matching].map((row) => positionAt(columns, row)).sort(compare);
    const run = { ...stream, count: all, first: positions[0]!, last: positions.at(-1)! };
    if (visitor.whole!(run)) left = left.filter((row) => columns.streamOf[row] !== index);
  }
  return left;
}

function streamAt(columns: RecordColumns, row: number): Stream {
  return columns.streams[columns.streamOf[row]!]!;
}

function positionOf({ columns, row }: RowRef): Position {
  return positionAt(columns, row);
}

function positionAt(columns: RecordColumns, row: number): Position {
  return {
    ms: columns.timestampMs[row]!,
    ns: columns.timestampNs?.[row] ?? 0,
    id: columns.ids[row]!,
  };
}

function compareInstants(a: Instant, b: Instant): number {
  return a.ms - b.ms || a.ns - b.ns;
}

function compare(a: Position, b: Position): number {
  return compareInstants(a, b) || a.id - b.id;
}
