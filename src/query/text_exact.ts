/** @module Which rows of a text column contain a text exactly as it is, in the same case. */

import { Buffer } from "node:buffer";
import { TemplatedTexts } from "../codec/mod.ts";
import type { TextColumn } from "../record.ts";
import { merged, searchRuns } from "./text_match.ts";
import { oneByteText } from "./text_needle.ts";
import { LITERAL_UNITS_MAX } from "./text_syntax.ts";
import { TemplateSearch } from "./text_templates.ts";
import { certainWords, isAscii, literalOf } from "./text_words.ts";

/**
 * The words, in lower case, that a message has in which a text occurs exactly. Only of ASCII: how other letters are
 * lower-cased may depend on what stands around the text.
 */
export function exactWords(text: string): string[] {
  const literal = literalOf(text, { start: false, end: false });
  return certainWords(literal).filter(isAscii);
}

/** Selects the rows of columns whose text contains a text. */
export class ExactMatcher {
  readonly #needle: string;
  readonly #isAscii: boolean;
  readonly #templates: TemplateSearch | undefined;

  /** @param text not empty */
  constructor(text: string) {
    this.#isAscii = isAscii(text);
    this.#needle = Buffer.from(text, "utf8").toString("latin1");
    // V8 compiles no expression of 40,000 letters; texts that long are looked for in whole messages.
    if (!this.#isAscii || text.length > LITERAL_UNITS_MAX) return;
    this.#templates = new TemplateSearch(literalOf(text, { start: false, end: false }));
  }

  /** The rows among `rows` (ascending) that match, in the same order. */
  select(column: TextColumn, rows: Uint32Array): Uint32Array {
    if (column.ascii && !this.#isAscii) return rows.subarray(0, 0);
    if (column instanceof TemplatedTexts) return this.#selectTemplated(column, rows);
    const selected = new Uint32Array(rows.length);
    let count = 0;
    for (const { from, to } of searchRuns(column, rows)) {
      const text = oneByteText(column, rows[from]!, rows[to - 1]! + 1);
      count = this.#selectInRun(column, text, rows.subarray(from, to), selected, count);
    }
    return selected.subarray(0, count);
  }

  /** What has the text in some case is put together and looked at. */
  #selectTemplated(texts: TemplatedTexts, rows: Uint32Array): Uint32Array {
    const found = this.#templates?.find(texts, rows);
    const candidates = found === undefined ? rows : merged(found.certain, found.possible);
    const all = Uint32Array.from(candidates, (_, i) => i);
    return this.select(texts.take(candidates), all).map((i) => candidates[i]!);
  }

  /** Hits are found in the bytes of many rows at once; one that reaches into the next row, or lies between two, is none. */
  #selectInRun(
    { offsets }: TextColumn,
    text: string,
    rows: Uint32Array,
    selected: Uint32Array,
    count: number,
  ): number {
    const needle = this.#needle;
    const base = offsets[rows[0]!]!;
    let at = 0;
    for (let hit = text.indexOf(needle); hit >= 0;) {
      while (at < rows.length && offsets[rows[at]! + 1]! - base <= hit) at++;
      if (at === rows.length) break;
      const row = rows[at]!;
      const start = offsets[row]! - base;
      const end = offsets[row + 1]! - base;
      let next = hit + 1;
      if (hit < start) next = start;
      else if (hit + needle.length <= end) {
        selected[count++] = row;
        next = end;
      }
      hit = text.indexOf(needle, next);
    }
    return count;
  }
}
