/** @module Rows of columns of templates as one: their templates are compared, and no text is put together or read again. */

import { addAsciiWords, addWords, addWordSpans } from "./_token_scan.ts";
import type { TokenSet } from "./_token_set.ts";
import { TEMPLATE_GAP, type TemplatedRows } from "./_templated_rows.ts";
import type { GatheredTexts } from "./gathered_texts.ts";
import { TemplatedTexts } from "./templated_texts.ts";

/**
 * The rows taken apart as their sources have them, with every token of them added to a set. `undefined` if a source is not
 * of templates.
 */
export function mergeTemplates(
  gathered: GatheredTexts,
  tokens: TokenSet,
): TemplatedRows | undefined {
  const sources: TemplatedTexts[] = [];
  for (const source of gathered.sources) {
    if (!(source instanceof TemplatedTexts)) return undefined;
    sources.push(source);
  }
  return new TemplateMerge(gathered, sources, tokens).merge();
}

/** A source's arrays, and where its values are among those of all sources. */
interface Source {
  readonly texts: TemplatedTexts;
  readonly templateOf: Uint16Array;
  readonly rank: Uint16Array;
  readonly firstGap: Uint32Array;
  readonly firstValue: Uint32Array;
  readonly valueStart: Uint32Array;
  readonly valuesAt: number;
  /** For each of its templates one more than the index in the merged ones; 0 before it is known. */
  readonly mergedOf: Uint32Array;
}

class TemplateMerge {
  readonly #gathered: GatheredTexts;
  readonly #sources: readonly Source[];
  readonly #tokens: TokenSet;
  readonly #bytes: Uint8Array;
  readonly #templates: Uint8Array[] = [];
  readonly #known = new Map<string, number>();
  readonly #isAscii: boolean[] = [];

  constructor(gathered: GatheredTexts, texts: readonly TemplatedTexts[], tokens: TokenSet) {
    this.#gathered = gathered;
    this.#tokens = tokens;
    let length = 0;
    this.#sources = texts.map((texts) => {
      const { templates: { firstGap, count }, rows: { templateOf, rank }, places } = texts;
      const valuesAt = length;
      length += texts.values.length;
      const mergedOf = new Uint32Array(count);
      return { texts, templateOf, rank, firstGap, ...places, valuesAt, mergedOf };
    });
    this.#bytes = new Uint8Array(length);
    for (const { texts, valuesAt } of this.#sources) this.#bytes.set(texts.values, valuesAt);
  }

  merge(): TemplatedRows {
    const { sourceOf, rowOf } = this.#gathered;
    const count = rowOf.length;
    const templateOf = new Uint16Array(count);
    const rowSpans = new Uint32Array(count + 1);
    let spans = new Uint32Array(16 * count + 64);
    let next = 0;
    for (let i = 0; i < count; i++) {
      const source = this.#sources[sourceOf[i]!]!;
      const row = rowOf[i]!;
      const template = source.templateOf[row]!;
      const merged = source.mergedOf[template] || this.#meet(source, template);
      templateOf[i] = merged - 1;
      const gapsEnd = source.firstGap[template + 1]!;
      let gap = source.firstGap[template]!;
      if (next + 2 * (gapsEnd - gap) > spans.length) {
        const grown = new Uint32Array(2 * (next + 2 * (gapsEnd - gap)));
        grown.set(spans);
        spans = grown;
      }
      for (const rank = source.rank[row]!; gap < gapsEnd; gap++) {
        const value = source.firstValue[gap]! + rank;
        spans[next++] = source.valuesAt + source.valueStart[value]!;
        spans[next++] = source.valuesAt + source.valueStart[value + 1]!;
      }
      rowSpans[i + 1] = next >>> 1;
    }
    const rows = { templates: this.#templates, templateOf, rowSpans, spans, bytes: this.#bytes };
    this.#addTokens(rows, count);
    const rowCount = new Uint32Array(this.#templates.length);
    for (let i = 0; i < count; i++) rowCount[templateOf[i]!]!++;
    return { ...rows, rowCount, ascii: this.#isAscii.every((ascii) => ascii) };
  }

  /** One more than the index of a source's template among the merged ones. */
  #meet({ texts: { templates }, mergedOf }: Source, template: number): number {
    const { bytes, offsets } = templates;
    const text = bytes.subarray(offsets[template]!, offsets[template + 1]!);
    const key = latin1.decode(text);
    let index = this.#known.get(key);
    if (index === undefined) {
      index = this.#templates.push(text) - 1;
      this.#known.set(key, index);
      this.#isAscii.push(
        templates.ascii || text.every((byte) => byte < 0x80 || byte === TEMPLATE_GAP),
      );
    }
    return mergedOf[template] = index + 1;
  }

  #addTokens(rows: Pick<TemplatedRows, "rowSpans" | "spans" | "templateOf">, count: number): void {
    const tokens = this.#tokens;
    this.#templates.forEach((template, i) => {
      if (this.#isAscii[i]) addLiteralWords(tokens, template);
    });
    addWordSpans(tokens, this.#bytes, rows.spans.subarray(0, 2 * rows.rowSpans[count]!));
    for (let i = 0; i < count; i++) {
      if (this.#isAscii[rows.templateOf[i]!]) continue;
      // Letters past ASCII may make one word of a value and what is next to it, so that such rows are read as a whole.
      const { texts } = this.#sources[this.#gathered.sourceOf[i]!]!;
      addWords(tokens, texts.take(this.#gathered.rowOf.subarray(i, i + 1)), 1);
    }
  }
}

/** Adds the words of a template that are not values. */
function addLiteralWords(tokens: TokenSet, template: Uint8Array): void {
  for (let start = 0; start <= template.length;) {
    const gap = template.indexOf(TEMPLATE_GAP, start);
    const end = gap < 0 ? template.length : gap;
    addAsciiWords(tokens, template, start, end);
    start = end + 1;
  }
}

const latin1 = new TextDecoder("latin1");
