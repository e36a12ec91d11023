import type { TextColumn } from "../record.ts";

/** Texts that lie anywhere in some bytes. */
export interface TextSpans {
  readonly bytes: Uint8Array;
  /** For each text where it begins, and where it ends; at least so many. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly ascii: boolean;
}

/** The texts of a column. */
export function spansOf({ bytes, offsets, ascii }: TextColumn): TextSpans {
  return { bytes, starts: offsets, ends: offsets.subarray(1), ascii };
}

/** One of the texts as a column. */
export function textOf({ bytes, starts, ends, ascii }: TextSpans, row: number): TextColumn {
  return { bytes, offsets: Uint32Array.of(starts[row]!, ends[row]!), ascii };
}
