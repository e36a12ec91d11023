import { grown, NameTable } from "./_name_table.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Finds the members of JSON objects in UTF-8 bytes, top level only, without parsing their values: numbers keep every digit
 * they were written with. What it accepts is a superset of JSON objects; slices are exact whatever it is given.
 */
export class MemberScanner {
  /** The names seen in any object so far. */
  readonly names: NameTable;
  /** The number in `names` of the name of each member found by the last scan. */
  name = new Uint32Array(16);
  /** Where the JSON text of each value starts and ends, without white space around it. */
  valueStart = new Uint32Array(16);
  valueEnd = new Uint32Array(16);
  readonly #bytes: Uint8Array;
  #end = 0;
  // Entries of `name` that an earlier scan has set.
  #guesses = 0;

  /** @param bytes where every object to scan is */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.names = new NameTable(bytes);
  }

  /** The number of members in `bytes[start..end)`, or -1 if that is no object. */
  scan(start: number, end: number): number {
    this.#end = end;
    let at = this.#blank(start);
    if (!this.#is(at, OPEN_BRACE)) return -1;
    at = this.#blank(at + 1);
    let count = 0;
    if (this.#is(at, CLOSE_BRACE)) return this.#blank(at + 1) === end ? 0 : -1;
    for (;;) {
      at = this.#member(at, count);
      if (at < 0) return -1;
      count++;
      if (this.#is(at, CLOSE_BRACE)) return this.#blank(at + 1) === end ? count : -1;
      if (!this.#is(at, COMMA)) return -1;
      at = this.#blank(at + 1);
    }
  }

  #is(at: number, byte: number): boolean {
    return at < this.#end && this.#bytes[at] === byte;
  }

  /** Reads one member and gives where what follows it starts, or -1. */
  #member(start: number, index: number): number {
    if (!this.#is(start, QUOTE)) return -1;
    if (index === this.name.length) this.#grow();
    const nameEnd = this.#name(start + 1, index);
    if (nameEnd < 0) return -1;
    const colon = this.#blank(nameEnd + 1);
    if (!this.#is(colon, COLON)) return -1;
    const valueStart = this.#blank(colon + 1);
    const valueEnd = this.#value(valueStart);
    if (valueEnd <= valueStart) return -1;
    this.valueStart[index] = valueStart;
    this.valueEnd[index] = valueEnd;
    return this.#blank(valueEnd);
  }

  /** Numbers the name that starts here and gives where it ends, or -1. */
  #name(start: number, index: number): number {
    if (index < this.#guesses) {
      // Objects of one logger mostly have the same names in the same places.
      const end = this.names.endOf(this.name[index]!, start);
      if (end >= 0 && this.#is(end, QUOTE)) return end;
    }
    const end = this.#string(start - 1) - 1;
    if (end < 0) return -1;
    this.name[index] = this.names.intern(start, end);
    this.#guesses = Math.max(this.#guesses, index + 1);
    return end;
  }

  /** Where a value that starts here ends, or -1. */
  #value(start: number): number {
    if (start >= this.#end) return -1;
    const first = this.#bytes[start]!;
    if (first === QUOTE) return this.#string(start);
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return this.#nested(start);
    let at = start;
    for (; at < this.#end; at++) {
      const byte = this.#bytes[at]!;
      if (byte === COMMA || byte === CLOSE_BRACE || byte <= 0x20) break;
    }
    return at;
  }

  #nested(start: number): number {
    let depth = 0;
    for (let at = start; at < this.#end; at++) {
      const byte = this.#bytes[at]!;
      if (byte === QUOTE) {
        at = this.#string(at) - 1;
        if (at < 0) return -1;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (--depth === 0) return at + 1;
      }
    }
    return -1;
  }

  /** The position after the closing quote of the string that opens at `start`, or -1. */
  #string(start: number): number {
    const bytes = this.#bytes;
    for (let at = start + 1; at < this.#end; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) at++;
    }
    return -1;
  }

  #blank(start: number): number {
    let at = start;
    while (at < this.#end && isBlank(this.#bytes[at]!)) at++;
    return at;
  }

  #grow(): void {
    this.name = grown(this.name);
    this.valueStart = grown(this.valueStart);
    this.valueEnd = grown(this.valueEnd);
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
