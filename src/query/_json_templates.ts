import { type ChosenTexts, findGaps, type TemplatedTexts } from "../codec/mod.ts";
import { ByteSink, JSON_ESCAPE } from "./_byte_sink.ts";

/** How often JSON makes a byte longer at most: `\u00XX`. */
const ESCAPED_MAX = 6;

/**
 * Puts texts of a column of templates together where they are written, as the insides of JSON strings. What the templates
 * themselves have is escaped once.
 */
class JsonTemplates {
  /** As in the column: the templates end to end, with a byte for each gap. */
  readonly #bytes: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #gapAt: Uint32Array;
  readonly #firstGap: Uint32Array;
  readonly #templateOf: Uint16Array;
  readonly #rank: Uint16Array;
  readonly #firstValue: Uint32Array;
  readonly #valueStart: Uint32Array;
  readonly #values: Uint8Array;

  constructor(texts: TemplatedTexts) {
    const { bytes, offsets, count } = texts.templates;
    const sink = new ByteSink(bytes.length);
    this.#offsets = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) {
      sink.jsonText(bytes, offsets[i]!, offsets[i + 1]!);
      this.#offsets[i + 1] = sink.length;
    }
    this.#bytes = sink.take();
    const { firstGap, gapAt } = findGaps(this.#bytes, this.#offsets);
    this.#firstGap = firstGap;
    this.#gapAt = gapAt;
    this.#templateOf = texts.rows.templateOf;
    this.#rank = texts.rows.rank;
    this.#firstValue = texts.places.firstValue;
    this.#valueStart = texts.places.valueStart;
    this.#values = texts.values;
  }

  /** @param length the text's own bytes */
  write(sink: ByteSink, row: number, length: number): void {
    const template = this.#templateOf[row]!;
    const rank = this.#rank[row]!;
    let next = this.#offsets[template]!;
    const end = this.#offsets[template + 1]!;
    sink.reserve(end - next + ESCAPED_MAX * length);
    const { bytes } = sink;
    const literals = this.#bytes;
    const values = this.#values;
    const valueStart = this.#valueStart;
    const gapsEnd = this.#firstGap[template + 1]!;
    let at = sink.length;
    for (let gap = this.#firstGap[template]!; gap < gapsEnd; gap++) {
      for (const stop = this.#gapAt[gap]!; next < stop;) bytes[at++] = literals[next++]!;
      next++;
      const value = this.#firstValue[gap]! + rank;
      const valueEnd = valueStart[value + 1]!;
      for (let read = valueStart[value]!; read < valueEnd; read++) {
        const byte = values[read]!;
        if (JSON_ESCAPE[byte] !== 0) {
          sink.length = at;
          sink.jsonText(values, read, valueEnd);
          at = sink.length;
          break;
        }
        bytes[at++] = byte;
      }
    }
    while (next < end) bytes[at++] = literals[next++]!;
    sink.length = at;
  }
}

/** For as long as a column is in a cache. */
const known = new WeakMap<TemplatedTexts, JsonTemplates>();

/** Writes texts as the insides of JSON strings. */
export class JsonTexts {
  readonly #texts: ChosenTexts;
  readonly #templates: JsonTemplates;

  constructor(texts: ChosenTexts) {
    const { source } = texts;
    let templates = known.get(source);
    if (templates === undefined) known.set(source, templates = new JsonTemplates(source));
    this.#texts = texts;
    this.#templates = templates;
  }

  write(sink: ByteSink, row: number): void {
    const { rows, offsets } = this.#texts;
    this.#templates.write(sink, rows[row]!, offsets[row + 1]! - offsets[row]!);
  }
}
