import { Buffer, isUtf8 } from "node:buffer";
import type { TextList } from "../record.ts";
import { BadBodyError } from "./errors.ts";

/** Wire types, the three low bits of a tag. Types 3 and 4 open and close a group, which nobody has written for long. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const GROUP_START = 3;
const GROUP_END = 4;
const FIXED32 = 5;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes of the longest varint: 64 bits, seven in each. */
const VARINT_BYTES_MAX = 10;

/** V8 makes slices of at most this many units by copying (`SlicedString::kMinLength` is 13); longer ones keep the whole. */
const COPIED_UNITS_MAX = 12;

const TWO_32 = 4_294_967_296;

/**
 * Reads protobuf's wire format (protobuf.dev/programming-guides/encoding) without making an object for anything.
 *
 * A message is read in a loop over its tags, `field number << 3 | wire type`, while `at < end`; a tag that is not known, which is
 * also a known field with another wire type, is skipped. Every method throws {@linkcode BadBodyError} where the bytes end too
 * early or are no protobuf.
 */
export class ProtobufReader {
  /** The next byte to read. */
  at = 0;
  /** Where the current message ends. */
  end: number;
  /** The low and the high 32 bits, unsigned, of the last {@linkcode varint} or {@linkcode fixed64}. */
  low = 0;
  high = 0;
  /** The instant of the last {@linkcode unixNanos}: see `Instant`. */
  ms = 0;
  ns = 0;
  readonly #bytes: Uint8Array;
  readonly #buffer: Buffer;
  readonly #view: DataView;
  #latin1: string | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.end = bytes.length;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The next tag. */
  tag(): number {
    const first = this.#bytes[this.at]!;
    if (first < 0x80 && first >= 8) {
      this.at++;
      return first;
    }
    this.varint();
    if (this.high !== 0 || this.low < 8) this.#fail("it has no such field number");
    return this.low;
  }

  /** Reads a varint of up to 64 bits into `low` and `high`. */
  varint(): void {
    let low = 0;
    let high = 0;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      if (this.at >= this.end) this.#fail("it ends within a number");
      const byte = this.#bytes[this.at++]!;
      const bits = byte & 0x7f;
      if (i < 4) low |= bits << (7 * i);
      else if (i === 4) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (7 * i - 32);
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    this.#fail("a number has more than 64 bits");
  }

  /** Reads a fixed64, or the bits of a double, into `low` and `high`. */
  fixed64(): void {
    const at = this.#take(8);
    this.low = this.#view.getUint32(at, true);
    this.high = this.#view.getUint32(at + 4, true);
  }

  /** Reads a fixed64 of nanoseconds since the Unix epoch into `ms` and `ns`. */
  unixNanos(): void {
    this.fixed64();
    // 2^32 ns are 4294 ms and 967,296 ns; every step stays below 2^53.
    const rest = this.high * 967_296 + this.low;
    this.ms = this.high * 4294 + Math.floor(rest / 1_000_000);
    this.ns = rest % 1_000_000;
  }

  fixed32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A varint as an int64 in JSON: a number, or a string beyond ±(2^53 - 1). */
  int64Json(): string {
    this.varint();
    const value = (this.high | 0) * TWO_32 + this.low;
    if (Number.isSafeInteger(value)) return String(value);
    return `"${BigInt.asIntN(64, (BigInt(this.high) << 32n) | BigInt(this.low))}"`;
  }

  /** A varint as an unsigned number; exact up to 2^53. */
  uint64(): number {
    this.varint();
    return this.high * TWO_32 + this.low;
  }

  /** Reads a length: gives where the value that starts at `at` ends. */
  valueEnd(): number {
    const first = this.#bytes[this.at]!;
    if (first < 0x80 && this.at < this.end) {
      this.at++;
      this.low = first;
    } else {
      this.varint();
      if (this.high !== 0) this.#fail("a length is beyond its end");
    }
    const end = this.at + this.low;
    if (end > this.end) this.#fail("a length is beyond its end");
    return end;
  }

  /** Enters an embedded message; gives what {@linkcode leave} wants back. */
  enter(): number {
    const outer = this.end;
    this.end = this.valueEnd();
    return outer;
  }

  /** Leaves an embedded message, from wherever in it. */
  leave(outer: number): void {
    this.at = this.end;
    this.end = outer;
  }

  /** A string; U+FFFD where it is not UTF-8. It shares no memory with the body. */
  text(): string {
    const end = this.valueEnd();
    const start = this.at;
    this.at = end;
    // The engine copies so short a slice.
    if (end - start <= COPIED_UNITS_MAX) return this.#text(start, end);
    return this.#buffer.toString("utf8", start, end);
  }

  /**
   * Writes a string's bytes to a list of texts, without ending it; gives how many, or -1, and reads nothing then, if they are more
   * than `bytesMax` or not UTF-8.
   */
  textInto(texts: TextList, bytesMax: number): number {
    const before = this.at;
    const end = this.valueEnd();
    const start = this.at;
    const bytes = this.#bytes;
    let to = texts.used;
    let high = 0;
    if (end - start <= bytesMax) {
      texts.reserve(end - start);
      const target = texts.bytes;
      for (let i = start; i < end; i++) high |= target[to++] = bytes[i]!;
    }
    if (end - start > bytesMax || (high >= 0x80 && !isUtf8(bytes.subarray(start, end)))) {
      this.at = before;
      return -1;
    }
    if (high >= 0x80) texts.ascii = false;
    texts.used = to;
    this.at = end;
    return end - start;
  }

  /**
   * A string that is used up soon: one of ASCII may be a slice that keeps the whole body in memory. Quicker than
   * {@linkcode text} for short ones.
   */
  sharedText(): string {
    const end = this.valueEnd();
    const start = this.at;
    this.at = end;
    return this.#text(start, end);
  }

  #text(start: number, end: number): string {
    for (let i = start; i < end; i++) {
      if (this.#bytes[i]! >= 0x80) return this.#buffer.toString("utf8", start, end);
    }
    return this.#ascii(start, end);
  }

  /** A string as JSON; used up soon, see {@linkcode sharedText}. */
  textJson(): string {
    const end = this.valueEnd();
    const start = this.at;
    this.at = end;
    const bytes = this.#bytes;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      if (byte < 0x20 || byte >= 0x80 || byte === QUOTE || byte === BACKSLASH) {
        return JSON.stringify(this.#buffer.toString("utf8", start, end));
      }
    }
    return `"${this.#ascii(start, end)}"`;
  }

  #ascii(start: number, end: number): string {
    return (this.#latin1 ??= this.#buffer.toString("latin1")).slice(start, end);
  }

  /** Bytes in base64 or as lower-case hexadecimal digits. */
  encoded(encoding: "base64" | "hex"): string {
    const end = this.valueEnd();
    const start = this.at;
    this.at = end;
    return this.#buffer.toString(encoding, start, end);
  }

  /** Skips the value of a field that is not known. */
  skip(tag: number): void {
    let groups = 0;
    for (;;) {
      switch (tag & 7) {
        case VARINT:
          this.varint();
          break;
        case FIXED64:
          this.#take(8);
          break;
        case BYTES:
          this.at = this.valueEnd();
          break;
        case FIXED32:
          this.#take(4);
          break;
        case GROUP_START:
          groups++;
          break;
        case GROUP_END:
          if (groups-- === 0) this.#fail("a group ends that did not begin");
          break;
        default:
          this.#fail("it has no such wire type");
      }
      if (groups === 0) return;
      if (this.at >= this.end) this.#fail("it ends within a group");
      tag = this.tag();
    }
  }

  #take(bytes: number): number {
    const at = this.at;
    this.at += bytes;
    if (this.at > this.end) this.#fail("it ends within a number");
    return at;
  }

  #fail(reason: string): never {
    const at = Math.min(this.at, this.#bytes.length);
    throw new BadBodyError(`Cannot read the body as protobuf: at byte ${at} ${reason}`);
  }
}
