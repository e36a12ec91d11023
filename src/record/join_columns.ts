import type { Stream } from "./batch.ts";
import type { RecordColumns, TextColumn, TextColumnName } from "./columns.ts";

/** The records of several columns, in their order, as one: copies whole arrays, not records. */
export function joinColumns(sources: readonly RecordColumns[]): RecordColumns {
  const only = sources[0];
  if (sources.length === 1 && only !== undefined) return only;
  const count = sources.reduce((sum, source) => sum + source.count, 0);
  const ids = new Float64Array(count);
  const timestampMs = new Float64Array(count);
  const receivedMs = new Float64Array(count);
  const anyNanos = sources.some(({ timestampNs }) => timestampNs !== undefined);
  const timestampNs = anyNanos ? new Uint32Array(count) : undefined;
  let start = 0;
  for (const source of sources) {
    ids.set(source.ids.subarray(0, source.count), start);
    timestampMs.set(source.timestampMs.subarray(0, source.count), start);
    receivedMs.set(source.receivedMs.subarray(0, source.count), start);
    if (source.timestampNs) timestampNs!.set(source.timestampNs.subarray(0, source.count), start);
    start += source.count;
  }
  const names = new Set(sources.flatMap(({ texts }) => [...texts.keys()]));
  const texts = new Map<TextColumnName, TextColumn>();
  for (const name of names) texts.set(name, joinTexts(sources, name, count));
  return {
    count,
    ids,
    timestampMs,
    timestampNs,
    receivedMs,
    ...joinStreams(sources, count),
    texts,
  };
}

function joinStreams(
  sources: readonly RecordColumns[],
  count: number,
): Pick<RecordColumns, "streams" | "streamOf"> {
  const streams: Stream[] = [];
  const indexes = new Map<string, number>();
  const streamOf = new Uint16Array(count);
  let start = 0;
  for (const source of sources) {
    const joined = source.streams.map((stream) => {
      const key = `${stream.severity}${stream.service}`;
      let index = indexes.get(key);
      if (index === undefined) indexes.set(key, index = streams.push(stream) - 1);
      return index;
    });
    for (let i = 0; i < source.count; i++) streamOf[start + i] = joined[source.streamOf[i]!]!;
    start += source.count;
  }
  return { streams, streamOf };
}

function joinTexts(
  sources: readonly RecordColumns[],
  name: TextColumnName,
  count: number,
): TextColumn {
  let size = 0;
  for (const { texts, count } of sources) {
    const column = texts.get(name);
    if (column !== undefined) size += column.offsets[count]! - column.offsets[0]!;
  }
  const bytes = new Uint8Array(size);
  const offsets = new Uint32Array(count + 1);
  let ascii = true;
  let row = 0;
  let at = 0;
  for (const { texts, count } of sources) {
    const column = texts.get(name);
    const first = column?.offsets[0] ?? 0;
    if (column !== undefined) {
      bytes.set(column.bytes.subarray(first, column.offsets[count]!), at);
      ascii &&= column.ascii;
    }
    for (let i = 1; i <= count; i++) offsets[++row] = at + (column?.offsets[i] ?? 0) - first;
    at = offsets[row]!;
  }
  return { bytes, offsets, ascii };
}
