import type { TextColumn } from "../record.ts";
import type { TemplatedTexts } from "./templated_texts.ts";

/**
 * Some rows of a column of templates, in any order. As a {@linkcode TextColumn} it has copies, made at the first use and kept;
 * who writes the texts elsewhere goes to `source` and makes none.
 */
export class ChosenTexts implements TextColumn {
  readonly source: TemplatedTexts;
  /** For each row its place in the source. */
  readonly rows: Uint32Array;
  #offsets: Uint32Array | undefined;
  #bytes: Uint8Array | undefined;

  constructor(source: TemplatedTexts, rows: Uint32Array) {
    this.source = source;
    this.rows = rows;
  }

  get ascii(): boolean {
    return this.source.ascii;
  }

  /** Known without putting texts together. */
  get offsets(): Uint32Array {
    return this.#offsets ??= this.source.measure(this.rows);
  }

  get bytes(): Uint8Array {
    return this.#bytes ??= this.source.take(this.rows).bytes;
  }
}
