/** @module Reads a column of templates and values, see `template_column.ts`: as little of it as a question needs. */

import type { TextColumn } from "../record.ts";
import { ByteReader } from "./_byte_reader.ts";
import { decompress } from "./_compress.ts";
import { RAW_BYTES_MAX, SEGMENT_ROWS_MAX } from "./limits.ts";
import { TEMPLATE_GAP } from "./_templated_rows.ts";
import { TEMPLATES_ASCII } from "./template_column.ts";

/** A section as stored, expanded when it is first needed. */
class Section {
  readonly rawBytes: number;
  readonly #what: string;
  readonly #packed: Uint8Array;
  #body: Uint8Array | undefined;

  constructor(packed: Uint8Array, rawBytes: number, what: string) {
    this.rawBytes = rawBytes;
    this.#what = what;
    this.#packed = packed;
  }

  /** @throws {CorruptDataError} it does not expand to what was written */
  get body(): Uint8Array {
    return this.#body ??= this.#packed.length === this.rawBytes
      ? this.#packed
      : decompress(this.#packed, this.rawBytes, this.#what);
  }
}

/**
 * Opens a column of templates; keeps a view of the bytes.
 * @throws {CorruptDataError} the bytes are not what was written; some damage is only seen when texts are asked for
 */
export function openTemplates(stored: Uint8Array, count: number, what: string): TemplatedTexts {
  const reader = new ByteReader(stored, what);
  const sizes = Array.from({ length: 4 }, () => {
    const rawBytes = reader.varint();
    const storedBytes = reader.varint();
    if (rawBytes > RAW_BYTES_MAX || storedBytes > rawBytes) {
      reader.fail(`a section of ${storedBytes} bytes for ${rawBytes}`);
    }
    return { rawBytes, storedBytes };
  });
  const [templates, rows, lengths, values] = sizes.map(({ rawBytes, storedBytes }) =>
    new Section(reader.take(storedBytes), rawBytes, what)
  );
  reader.end();
  return new TemplatedTexts(count, what, {
    templates: templates!,
    rows: rows!,
    lengths: lengths!,
    values: values!,
  });
}

/** The templates of a column. */
export interface Templates {
  readonly count: number;
  /** The templates end to end, {@linkcode TEMPLATE_GAP} where a value goes. */
  readonly bytes: Uint8Array;
  /** Where each begins in `bytes`; one more at the end. */
  readonly offsets: Uint32Array;
  /** For each template the index of its first gap; one more at the end. */
  readonly firstGap: Uint32Array;
  /** For each gap its place in `bytes`. */
  readonly gapAt: Uint32Array;
  /** For each gap the length of all its values, or 0. */
  readonly alike: Uint32Array;
  /** Whether they are ASCII but for the gaps. */
  readonly ascii: boolean;
}

/** The template of each row. */
export interface RowTemplates {
  readonly templateOf: Uint16Array;
  /** For each row how many rows before it have its template. */
  readonly rank: Uint16Array;
  /** For each template how many rows have it. */
  readonly rowCount: Uint32Array;
}

/** Where values are. */
export interface ValuePlaces {
  /** For each gap the index of its first value; one more at the end. */
  readonly firstValue: Uint32Array;
  /** Where each value begins; one more at the end. */
  readonly valueStart: Uint32Array;
}

interface Sections {
  readonly templates: Section;
  readonly rows: Section;
  readonly lengths: Section;
  readonly values: Section;
}

/**
 * Texts as templates and values, put together only where they are asked for. As a {@linkcode TextColumn} it has all of them, made
 * at the first use and kept: readers of some rows call {@linkcode TemplatedTexts.take} instead.
 */
export class TemplatedTexts implements TextColumn {
  /** Rows. */
  readonly count: number;
  readonly #what: string;
  readonly #sections: Sections;
  #templates: Templates | undefined;
  #rows: RowTemplates | undefined;
  #places: ValuePlaces | undefined;
  #offsets: Uint32Array | undefined;
  #whole: TextColumn | undefined;

  /** @see {@linkcode openTemplates} */
  constructor(count: number, what: string, sections: Sections) {
    this.count = count;
    this.#what = what;
    this.#sections = sections;
  }

  get ascii(): boolean {
    return this.templates.ascii;
  }

  get bytes(): Uint8Array {
    return this.#makeWhole().bytes;
  }

  get offsets(): Uint32Array {
    return this.#offsets ??= this.measure(this.#allRows());
  }

  #makeWhole(): TextColumn {
    return this.#whole ??= this.take(this.#allRows());
  }

  #allRows(): Uint32Array {
    return Uint32Array.from({ length: this.count }, (_, row) => row);
  }

  /**
   * Where each text would begin if rows `rows` lay end to end in that order; one more at the end. Puts nothing together.
   * @throws {CorruptDataError} they would be longer than a column can be
   */
  measure(rows: Uint32Array): Uint32Array {
    const { offsets: from, firstGap } = this.templates;
    const { templateOf, rank } = this.rows;
    const { firstValue, valueStart } = this.places;
    const offsets = new Uint32Array(rows.length + 1);
    let at = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const template = templateOf[row]!;
      const end = firstGap[template + 1]!;
      // A gap takes a byte of the template.
      at += from[template + 1]! - from[template]! - end + firstGap[template]!;
      for (let gap = firstGap[template]!; gap < end; gap++) {
        const value = firstValue[gap]! + rank[row]!;
        at += valueStart[value + 1]! - valueStart[value]!;
      }
      if (at > RAW_BYTES_MAX) this.#fail(`texts of more than ${RAW_BYTES_MAX} bytes`);
      offsets[i + 1] = at;
    }
    return offsets;
  }

  /** What it takes in memory once read, without {@linkcode TemplatedTexts.bytes}; an estimate from above. */
  get retainedBytes(): number {
    const { templates, values } = this.#sections;
    // The start of a value takes four bytes, and a value has three and its place in the stored bytes another.
    return 1000 + 2 * templates.rawBytes + 6 * this.count + 3 * values.rawBytes;
  }

  get templates(): Templates {
    return this.#templates ??= readTemplates(
      new ByteReader(this.#sections.templates.body, this.#what),
    );
  }

  /** The values of all gaps end to end, each gap's in order of its rows. */
  get values(): Uint8Array {
    return this.#sections.values.body;
  }

  /** Rows `rows` as a column of their own, in that order. */
  take(rows: Uint32Array): TextColumn {
    const { bytes, offsets: from, firstGap, gapAt, ascii } = this.templates;
    const { templateOf, rank } = this.rows;
    const { firstValue, valueStart } = this.places;
    const { values } = this;
    const offsets = this.measure(rows);
    const taken = new Uint8Array(offsets[rows.length]!);
    let at = 0;
    for (let i = 0; i < rows.length; i++) {
      const template = templateOf[rows[i]!]!;
      const position = rank[rows[i]!]!;
      const gapsEnd = firstGap[template + 1]!;
      let next = from[template]!;
      for (let gap = firstGap[template]!; gap < gapsEnd; gap++) {
        for (const end = gapAt[gap]!; next < end;) taken[at++] = bytes[next++]!;
        next++;
        const value = firstValue[gap]! + position;
        const valueEnd = valueStart[value + 1]!;
        for (let read = valueStart[value]!; read < valueEnd;) taken[at++] = values[read++]!;
      }
      for (const end = from[template + 1]!; next < end;) taken[at++] = bytes[next++]!;
    }
    return { bytes: taken, offsets, ascii };
  }

  /** The template of each row. */
  get rows(): RowTemplates {
    return this.#rows ??= this.#readRows();
  }

  #readRows(): RowTemplates {
    const { count } = this;
    const templateCount = this.templates.count;
    const body = this.#sections.rows.body;
    const wide = templateCount > 256;
    if (body.length !== (wide ? 2 * count : count)) this.#fail(`${body.length} bytes of rows`);
    const templateOf = new Uint16Array(count);
    const rank = new Uint16Array(count);
    const rowCount = new Uint32Array(templateCount);
    for (let row = 0; row < count; row++) {
      const template = wide ? body[row]! | body[count + row]! << 8 : body[row]!;
      if (template >= templateCount) this.#fail(`template ${template} of ${templateCount}`);
      templateOf[row] = template;
      rank[row] = rowCount[template]!++;
    }
    return { templateOf, rank, rowCount };
  }

  /** The rows in order of their templates, those of each ascending. */
  get rowsByTemplate(): Uint32Array {
    const { templateOf, rank, rowCount } = this.rows;
    const start = new Uint32Array(rowCount.length + 1);
    for (let i = 0; i < rowCount.length; i++) start[i + 1] = start[i]! + rowCount[i]!;
    const rows = new Uint32Array(this.count);
    for (let row = 0; row < this.count; row++) rows[start[templateOf[row]!]! + rank[row]!] = row;
    return rows;
  }

  /** Where the values are. */
  get places(): ValuePlaces {
    return this.#places ??= this.#readPlaces();
  }

  #readPlaces(): ValuePlaces {
    const { count: templateCount, firstGap, alike } = this.templates;
    const { rowCount } = this.rows;
    const { lengths, values } = this.#sections;
    const firstValue = new Uint32Array(alike.length + 1);
    let valueCount = 0;
    for (let template = 0; template < templateCount; template++) {
      for (let gap = firstGap[template]!; gap < firstGap[template + 1]!; gap++) {
        firstValue[gap + 1] = valueCount += rowCount[template]!;
      }
    }
    // A value has a byte at least.
    if (valueCount > values.rawBytes) {
      this.#fail(`${valueCount} values in ${values.rawBytes} bytes`);
    }
    const valueStart = new Uint32Array(valueCount + 1);
    const reader = new ByteReader(lengths.body, this.#what);
    let at = 0;
    for (let gap = 0; gap < alike.length; gap++) {
      const length = alike[gap]!;
      const first = firstValue[gap]!;
      const end = firstValue[gap + 1]!;
      if (length === 0) at = readStarts(reader, valueStart, first, end, at);
      else for (let value = first; value < end;) valueStart[++value] = at += length;
      if (at > values.rawBytes) break;
    }
    if (at !== values.rawBytes) this.#fail(`${at} bytes of values in ${values.rawBytes}`);
    reader.end();
    return { firstValue, valueStart };
  }

  #fail(problem: string): never {
    return new ByteReader(new Uint8Array(), this.#what).fail(problem);
  }
}

function readTemplates(reader: ByteReader): Templates {
  const flags = reader.u8();
  if (flags > TEMPLATES_ASCII) reader.fail(`flags of ${flags} on templates`);
  const count = reader.count(1, SEGMENT_ROWS_MAX);
  const offsets = new Uint32Array(count + 1);
  let length = 0;
  for (let i = 1; i <= count; i++) {
    length += reader.varint();
    if (length > reader.remaining) reader.fail("a template ends too late");
    offsets[i] = length;
  }
  const bytes = reader.take(length);
  let gaps: GapsOfTemplates | undefined;
  const gapsRead = () => gaps ??= readGaps(reader, bytes, offsets);
  return {
    count,
    bytes,
    offsets,
    // Most columns are searched without a hit, and then nobody asks.
    get firstGap() {
      return gapsRead().firstGap;
    },
    get gapAt() {
      return gapsRead().gapAt;
    },
    get alike() {
      return gapsRead().alike;
    },
    ascii: flags === TEMPLATES_ASCII,
  };
}

type GapsOfTemplates = Pick<Templates, "firstGap" | "gapAt" | "alike">;

function readGaps(reader: ByteReader, bytes: Uint8Array, offsets: Uint32Array): GapsOfTemplates {
  const { firstGap, gapAt } = findGaps(bytes, offsets);
  const gaps = gapAt.length;
  if (gaps > reader.remaining) reader.fail(`${gaps} gaps without lengths`);
  const alike = new Uint32Array(gaps);
  for (let gap = 0; gap < gaps; gap++) alike[gap] = Math.min(reader.varint(), RAW_BYTES_MAX);
  reader.end();
  return { firstGap, gapAt, alike };
}

/** Where the gaps are of templates that lie end to end, each from `offsets[i]` to `offsets[i + 1]`. */
export function findGaps(
  bytes: Uint8Array,
  offsets: Uint32Array,
): Pick<Templates, "firstGap" | "gapAt"> {
  const firstGap = new Uint32Array(offsets.length);
  const gapAt: number[] = [];
  let at = 0;
  for (let i = 1; i < offsets.length; i++) {
    for (const end = offsets[i]!; at < end; at++) if (bytes[at] === TEMPLATE_GAP) gapAt.push(at);
    firstGap[i] = gapAt.length;
  }
  return { firstGap, gapAt: Uint32Array.from(gapAt) };
}

/** Adds up the lengths of the values from `first` to `end` (half-open), behind `at`; gives where the last one ends. */
function readStarts(
  reader: ByteReader,
  valueStart: Uint32Array,
  first: number,
  end: number,
  at: number,
): number {
  const { bytes } = reader;
  for (let value = first; value < end;) {
    // Nearly all take a byte: without a call for each this takes a third of the time.
    const length = bytes[reader.at]!;
    if (length < 0x80) {
      reader.at++;
      at += length;
    } else at += reader.varint();
    valueStart[++value] = at;
  }
  return at;
}
