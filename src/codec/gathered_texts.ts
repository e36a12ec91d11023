import type { TextColumn } from "../record.ts";
import type { TextSpans } from "./_text_spans.ts";

/** Below this many bytes a loop is faster than a call that copies. */
const LOOP_BYTES_MAX = 160;

/**
 * Rows of several columns as one column. As a {@linkcode TextColumn} it has copies, made at the first use and kept; an encoder
 * that can do with the sources makes none.
 */
export class GatheredTexts implements TextColumn {
  /** Columns to take rows from; `undefined` has empty texts. */
  readonly sources: readonly (TextColumn | undefined)[];
  /** For each row the index of its source. */
  readonly sourceOf: Uint16Array;
  /** For each row its place in the source. */
  readonly rowOf: Uint32Array;
  #offsets: Uint32Array | undefined;
  #bytes: Uint8Array | undefined;

  constructor(
    sources: readonly (TextColumn | undefined)[],
    sourceOf: Uint16Array,
    rowOf: Uint32Array,
  ) {
    this.sources = sources;
    this.sourceOf = sourceOf;
    this.rowOf = rowOf;
  }

  get ascii(): boolean {
    const used = new Set(this.sourceOf);
    return this.sources.every((source, i) => source?.ascii !== false || !used.has(i));
  }

  get offsets(): Uint32Array {
    return this.#offsets ??= this.#measure();
  }

  get bytes(): Uint8Array {
    return this.#bytes ??= this.#gather();
  }

  /** The texts where they lie, if they have one source that has them at hand. */
  get inPlace(): TextSpans | undefined {
    const [source] = this.sources;
    if (this.sources.length !== 1 || source === undefined) return undefined;
    const { offsets } = source;
    const starts = new Uint32Array(this.rowOf.length);
    const ends = new Uint32Array(this.rowOf.length);
    for (let i = 0; i < starts.length; i++) {
      starts[i] = offsets[this.rowOf[i]!]!;
      ends[i] = offsets[this.rowOf[i]! + 1]!;
    }
    return { bytes: source.bytes, starts, ends, ascii: source.ascii };
  }

  #measure(): Uint32Array {
    const { sourceOf, rowOf } = this;
    const offsets = new Uint32Array(rowOf.length + 1);
    const sources = this.sources.map((source) => source?.offsets);
    let length = 0;
    for (let i = 0; i < rowOf.length; i++) {
      const from = sources[sourceOf[i]!];
      if (from !== undefined) length += from[rowOf[i]! + 1]! - from[rowOf[i]!]!;
      offsets[i + 1] = length;
    }
    return offsets;
  }

  #gather(): Uint8Array {
    const { sourceOf, rowOf, offsets } = this;
    const used = new Set(sourceOf);
    const sources = this.sources.map((source, i) => used.has(i) ? source : undefined);
    const from = sources.map((source) => source?.offsets);
    const all = sources.map((source) => source?.bytes);
    const bytes = new Uint8Array(offsets[rowOf.length]!);
    for (let i = 0; i < rowOf.length; i++) {
      const source = all[sourceOf[i]!];
      if (source === undefined) continue;
      copy(source, from[sourceOf[i]!]![rowOf[i]!]!, bytes, offsets[i]!, offsets[i + 1]!);
    }
    return bytes;
  }
}

/** Fills `to[start..end)` with what begins at `from`. */
function copy(source: Uint8Array, from: number, to: Uint8Array, start: number, end: number): void {
  if (end - start > LOOP_BYTES_MAX) {
    to.set(source.subarray(from, from + end - start), start);
    return;
  }
  for (let at = start; at < end;) to[at++] = source[from++]!;
}
