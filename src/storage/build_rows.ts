/** @module The records of a flush or a compaction as one set of rows, before they are put in order. */

import { GatheredTexts } from "../codec/mod.ts";
import type { RecordColumns, Stream, TextColumn, TextColumnName } from "../record.ts";
import { concerns, hides, type Tombstone } from "./tombstone.ts";

/** The rows of one stream by index, sorted by (timestamp, id). */
export interface Run {
  readonly stream: Stream;
  readonly rows: Uint32Array;
}

/** The records of some columns. A row is an index from 0 on, over all of them in order. */
export class BuildRows {
  readonly count: number;
  readonly timestampMs: Float64Array;
  readonly timestampNs: Uint32Array | undefined;
  readonly #ids: Float64Array;
  readonly #receivedMs: Float64Array;
  readonly #sources: readonly RecordColumns[];
  /** For each row the index of its source, and its place there. */
  readonly #sourceOf: Uint16Array;
  readonly #rowOf: Uint32Array;
  /** For each source the offsets of its text columns. */
  readonly #offsets: readonly (readonly Uint32Array[])[];

  constructor(sources: readonly RecordColumns[]) {
    this.#sources = sources;
    const count = this.count = sources.reduce((sum, { count }) => sum + count, 0);
    this.timestampMs = new Float64Array(count);
    this.#ids = new Float64Array(count);
    this.#receivedMs = new Float64Array(count);
    this.#sourceOf = new Uint16Array(count);
    this.#rowOf = new Uint32Array(count);
    const anyNanos = sources.some(({ timestampNs }) => timestampNs !== undefined);
    const nanos = this.timestampNs = anyNanos ? new Uint32Array(count) : undefined;
    this.#offsets = sources.map(({ texts }) => [...texts.values()].map(({ offsets }) => offsets));
    let start = 0;
    sources.forEach((source, index) => {
      const end = start + source.count;
      this.timestampMs.set(source.timestampMs.subarray(0, source.count), start);
      this.#ids.set(source.ids.subarray(0, source.count), start);
      this.#receivedMs.set(source.receivedMs.subarray(0, source.count), start);
      if (source.timestampNs !== undefined) {
        nanos!.set(source.timestampNs.subarray(0, source.count), start);
      }
      this.#sourceOf.fill(index, start, end);
      for (let row = start; row < end; row++) this.#rowOf[row] = row - start;
      start = end;
    });
  }

  /** The rows that no tombstone hides, by stream, in order of streams. */
  byStream(tombstones: readonly Tombstone[]): Run[] {
    const byKey = new Map<string, { stream: Stream; rows: Uint32Array; length: number }>();
    let start = 0;
    for (const source of this.#sources) {
      const targets = source.streams.map((stream) => {
        const key = `${stream.service}\u0000${stream.severity}`;
        let target = byKey.get(key);
        if (target === undefined) {
          byKey.set(key, target = { stream, rows: new Uint32Array(64), length: 0 });
        }
        const hiding = tombstones.filter((tombstone) => concerns(tombstone, stream));
        return { target, hiding };
      });
      const { streamOf } = source;
      for (let i = 0; i < source.count; i++) {
        const { target, hiding } = targets[streamOf[i]!]!;
        const row = start + i;
        if (hiding.length > 0 && this.#isHidden(row, hiding)) continue;
        if (target.length === target.rows.length) {
          const grown = new Uint32Array(2 * target.length);
          grown.set(target.rows);
          target.rows = grown;
        }
        target.rows[target.length++] = row;
      }
      start += source.count;
    }
    return [...byKey.values()].filter(({ length }) => length > 0)
      .map(({ stream, rows, length }) => ({ stream, rows: this.sort(rows.slice(0, length)) }))
      .sort((a, b) => compareStreams(a.stream, b.stream));
  }

  #isHidden(row: number, tombstones: readonly Tombstone[]): boolean {
    const ms = this.timestampMs[row]!;
    const ns = this.timestampNs?.[row] ?? 0;
    return tombstones.some((tombstone) => hides(tombstone, ms, ns, this.#ids[row]!));
  }

  /** Sorts rows by (timestamp, id), in place. They mostly are already: records arrive about in order of time. */
  sort(rows: Uint32Array): Uint32Array {
    const ms = this.timestampMs;
    const ns = this.timestampNs;
    const ids = this.#ids;
    const compare = (a: number, b: number) =>
      ms[a]! - ms[b]! || (ns === undefined ? 0 : ns[a]! - ns[b]!) || ids[a]! - ids[b]!;
    for (let i = 1; i < rows.length; i++) {
      if (compare(rows[i - 1]!, rows[i]!) > 0) return rows.sort(compare);
    }
    return rows;
  }

  /** The bytes of a row's texts. */
  textBytes(row: number): number {
    const at = this.#rowOf[row]!;
    let bytes = 0;
    for (const offsets of this.#offsets[this.#sourceOf[row]!]!) {
      bytes += offsets[at + 1]! - offsets[at]!;
    }
    return bytes;
  }

  /** The rows of runs, in their order, as columns. */
  gather(runs: readonly Run[]): RecordColumns {
    const rows = runs.length === 1 ? runs[0]!.rows : concatenate(runs);
    const count = rows.length;
    const sourceOf = new Uint16Array(count);
    const rowOf = new Uint32Array(count);
    // Only sources that have some of the rows, as their texts are opened.
    const used = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const source = this.#sourceOf[rows[i]!]!;
      let index = used.get(source);
      if (index === undefined) used.set(source, index = used.size);
      sourceOf[i] = index;
      rowOf[i] = this.#rowOf[rows[i]!]!;
    }
    const sources = [...used.keys()].map((source) => this.#sources[source]!);
    const texts = new Map<TextColumnName, TextColumn>();
    for (const name of new Set(sources.flatMap(({ texts }) => [...texts.keys()]))) {
      texts.set(name, new GatheredTexts(sources.map((s) => s.texts.get(name)), sourceOf, rowOf));
    }
    const streamOf = new Uint16Array(count);
    let at = 0;
    runs.forEach((run, index) => streamOf.fill(index, at, at += run.rows.length));
    return {
      count,
      ids: pick(this.#ids, rows),
      timestampMs: pick(this.timestampMs, rows),
      timestampNs: this.#gatherNanos(rows),
      receivedMs: pick(this.#receivedMs, rows),
      streams: runs.map((run) => run.stream),
      streamOf,
      texts,
    };
  }

  #gatherNanos(rows: Uint32Array): Uint32Array | undefined {
    const from = this.timestampNs;
    if (from === undefined) return undefined;
    const nanos = new Uint32Array(rows.length);
    let any = 0;
    for (let i = 0; i < rows.length; i++) any |= nanos[i] = from[rows[i]!]!;
    return any === 0 ? undefined : nanos;
  }
}

/** By service, then by severity. */
export function compareStreams(a: Stream, b: Stream): number {
  if (a.service !== b.service) return a.service < b.service ? -1 : 1;
  return a.severity - b.severity;
}

function concatenate(runs: readonly Run[]): Uint32Array {
  const all = new Uint32Array(runs.reduce((sum, { rows }) => sum + rows.length, 0));
  let at = 0;
  for (const { rows } of runs) {
    all.set(rows, at);
    at += rows.length;
  }
  return all;
}

function pick(from: Float64Array, rows: Uint32Array): Float64Array {
  const picked = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) picked[i] = from[rows[i]!]!;
  return picked;
}
