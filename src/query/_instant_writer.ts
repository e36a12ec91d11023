import { formatInstant } from "../record.ts";
import type { ByteSink } from "./_byte_sink.ts";

const MS_PER_DAY = 86_400_000;

/** `YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ` */
const INSTANT_BYTES_MAX = 30;

/** Writes instants as {@linkcode formatInstant} would, keeping the date of the last one at hand. */
export class InstantWriter {
  #day = NaN;
  readonly #date = new Uint8Array(10);

  write(sink: ByteSink, ms: number, ns: number): void {
    const day = Math.floor(ms / MS_PER_DAY);
    if (day !== this.#day) this.#setDay(day);
    sink.reserve(INSTANT_BYTES_MAX);
    const bytes = sink.bytes;
    let at = sink.length;
    for (let i = 0; i < 10; i++) bytes[at++] = this.#date[i]!;
    const time = (ms - day * MS_PER_DAY) | 0;
    const seconds = (time / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    const hours = (minutes / 60) | 0;
    bytes[at++] = 0x54;
    at = twoDigits(bytes, at, hours);
    bytes[at++] = 0x3a;
    at = twoDigits(bytes, at, minutes - hours * 60);
    bytes[at++] = 0x3a;
    at = twoDigits(bytes, at, seconds - minutes * 60);
    bytes[at++] = 0x2e;
    at = digits(bytes, at, time - seconds * 1000, 100);
    if (ns !== 0) {
      at = digits(bytes, at, ns, 100_000);
      while (bytes[at - 1] === 0x30) at--;
    }
    bytes[at++] = 0x5a;
    sink.length = at;
  }

  #setDay(day: number): void {
    this.#day = day;
    const text = formatInstant(day * MS_PER_DAY, 0);
    for (let i = 0; i < 10; i++) this.#date[i] = text.charCodeAt(i);
  }
}

function twoDigits(bytes: Uint8Array, at: number, value: number): number {
  const tens = (value / 10) | 0;
  bytes[at] = 0x30 + tens;
  bytes[at + 1] = 0x30 + (value - tens * 10);
  return at + 2;
}

function digits(bytes: Uint8Array, start: number, value: number, scale: number): number {
  let at = start;
  let rest = value;
  for (let unit = scale; unit >= 1; unit = (unit / 10) | 0) {
    const digit = (rest / unit) | 0;
    bytes[at++] = 0x30 + digit;
    rest -= digit * unit;
  }
  return at;
}
