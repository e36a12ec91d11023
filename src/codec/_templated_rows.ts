/** @module Texts taken apart into templates and values, before they are stored. */

/** Stands in a template for a value: a byte that UTF-8 never has. */
export const TEMPLATE_GAP = 0xff;

/** Texts taken apart. */
export interface TemplatedRows {
  /** Each with {@linkcode TEMPLATE_GAP} where a value goes; all different. */
  readonly templates: readonly Uint8Array[];
  /** For each template how many rows have it. */
  readonly rowCount: Uint32Array;
  /** For each row the index of its template. */
  readonly templateOf: Uint16Array;
  /** The values of row `i`, one for each gap of its template, are the spans `rowSpans[i]` to `rowSpans[i + 1]` (half-open). */
  readonly rowSpans: Uint32Array;
  /** For each span its start and its end in `bytes`, alternating. */
  readonly spans: Uint32Array;
  readonly bytes: Uint8Array;
  /** Whether every byte of every text is ASCII. Values are words of ASCII in any case. */
  readonly ascii: boolean;
}
