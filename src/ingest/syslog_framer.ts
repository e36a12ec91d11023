/**
 * @module Syslog messages found in a stream of bytes (RFC 6587): each counted in octets, or ended by a line feed or a NUL.
 *
 * Each message tells how it is framed by its first byte: a digit begins `MSG-LEN SP <PRI>…`; anything else, and digits that
 * are no such count, is a line. Python's `SysLogHandler` ends messages with NUL and may have line feeds inside: on a
 * connection where a NUL was seen, a line feed ends a message only if another one follows, which begins with `<`.
 */

import { ByteQueue } from "./_lenient_buffer.ts";

const NUL = 0x00;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const LESS_THAN = 0x3c;

/** Bytes kept of one message: the longest text and as many attributes. What is longer is cut, not refused. */
export const SYSLOG_FRAME_BYTES_MAX = 128 * 1024;

/** The largest octet count believed, whose message is cut: a larger one is taken for a line that begins with a number. */
const COUNT_MAX = 1024 * 1024;
/** Digits of that. */
const COUNT_DIGITS_MAX = 7;

/** One message as it was framed. */
export interface SyslogFrame {
  /** The message without its frame; a copy. */
  readonly bytes: Uint8Array;
  /** Bytes that followed and were dropped, because the message is longer than {@linkcode SYSLOG_FRAME_BYTES_MAX}. */
  readonly lostBytes: number;
}

interface CutFrame {
  readonly bytes: Uint8Array;
  lostBytes: number;
  left: number | undefined;
}

/** Finds the messages of one connection. Holds at most one message and the chunk pushed last. */
export class SyslogFramer {
  readonly #queue = new ByteQueue();
  /** How far the queue was searched for an end in vain. */
  #searched = 0;
  /** Whether this connection has ended a message with NUL. */
  #endsWithNul = false;
  /** A message whose rest is being dropped, and how many bytes of it are to come; `undefined`: up to its end. */
  #cut: CutFrame | undefined;

  /** Takes the next bytes; gives the messages that are complete with them. */
  push(chunk: Uint8Array): SyslogFrame[] {
    this.#endsWithNul ||= chunk.includes(NUL);
    this.#queue.push(chunk);
    const frames: SyslogFrame[] = [];
    while (this.#step(frames));
    return frames;
  }

  /** Ends the connection: gives the message that was not ended, if there is one. */
  finish(): SyslogFrame[] {
    const cut = this.#cut;
    this.#cut = undefined;
    if (cut !== undefined) return [{ bytes: cut.bytes, lostBytes: cut.lostBytes }];
    const counted = this.#count(true);
    if (typeof counted === "object") this.#queue.drop(counted.digits + 1);
    const bytes = this.#queue.take(this.#queue.length);
    return bytes.length === 0 ? [] : [{ bytes, lostBytes: 0 }];
  }

  /** Takes one message off the queue; whether to go on. */
  #step(frames: SyslogFrame[]): boolean {
    if (this.#cut !== undefined) return this.#dropRest(frames, this.#cut);
    this.#dropBlanks();
    if (this.#queue.length === 0) return false;
    const counted = this.#count(false);
    if (counted === "incomplete") return false;
    return counted === undefined ? this.#line(frames) : this.#counted(frames, counted);
  }

  /** Ends of lines between messages: some senders write one after a counted message. */
  #dropBlanks(): void {
    let count = 0;
    for (let byte = this.#queue.at(0); byte !== undefined; byte = this.#queue.at(count)) {
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN && byte !== NUL) break;
      count++;
    }
    if (count > 0) this.#drop(count);
  }

  #drop(count: number): void {
    this.#queue.drop(count);
    this.#searched = 0;
  }

  #take(count: number): Uint8Array {
    this.#searched = 0;
    return this.#queue.take(count);
  }

  /**
   * The octet count at the beginning; `undefined` if there is none.
   * @param atEnd whether no more bytes will come
   */
  #count(atEnd: boolean): { octets: number; digits: number } | "incomplete" | undefined {
    let digits = 0;
    let octets = 0;
    for (;; digits++) {
      const byte = this.#queue.at(digits);
      if (byte === undefined) return digits === 0 || atEnd ? undefined : "incomplete";
      if (byte < ZERO || byte > NINE) {
        if (byte !== SPACE || digits === 0) return undefined;
        break;
      }
      octets = octets * 10 + byte - ZERO;
      if (digits === COUNT_DIGITS_MAX || octets > COUNT_MAX) return undefined;
    }
    const next = this.#queue.at(digits + 1);
    if (next === undefined) return atEnd ? undefined : "incomplete";
    return next === LESS_THAN && octets > 0 ? { octets, digits } : undefined;
  }

  #counted(frames: SyslogFrame[], { octets, digits }: { octets: number; digits: number }): boolean {
    const header = digits + 1;
    if (this.#queue.length >= header + Math.min(octets, SYSLOG_FRAME_BYTES_MAX)) {
      this.#drop(header);
      const bytes = this.#take(Math.min(octets, SYSLOG_FRAME_BYTES_MAX));
      const left = octets - bytes.length;
      if (left === 0) frames.push({ bytes, lostBytes: 0 });
      else this.#cut = { bytes, lostBytes: 0, left };
      return true;
    }
    return false;
  }

  #line(frames: SyslogFrame[]): boolean {
    const end = this.#endOfLine();
    if (end >= 0 && end <= SYSLOG_FRAME_BYTES_MAX) {
      const bytes = this.#take(end);
      this.#drop(1);
      frames.push({ bytes: withoutReturn(bytes), lostBytes: 0 });
      return true;
    }
    if (this.#queue.length <= SYSLOG_FRAME_BYTES_MAX) return false;
    this.#cut = { bytes: this.#take(SYSLOG_FRAME_BYTES_MAX), lostBytes: 0, left: undefined };
    return true;
  }

  /** Where the line at the beginning ends; -1 if that is not to be seen yet. */
  #endOfLine(): number {
    for (let from = this.#searched;;) {
      const feed = this.#queue.indexOf(LINE_FEED, from);
      const nul = this.#endsWithNul ? this.#queue.indexOf(NUL, from) : -1;
      if (nul >= 0 && (feed < 0 || nul < feed)) return nul;
      if (feed < 0) {
        this.#searched = this.#queue.length;
        return -1;
      }
      const next = this.#queue.at(feed + 1);
      if (!this.#endsWithNul || next === LESS_THAN) return feed;
      if (next === undefined) {
        this.#searched = feed;
        return -1;
      }
      from = feed + 1;
    }
  }

  #dropRest(frames: SyslogFrame[], cut: CutFrame): boolean {
    let isWhole: boolean;
    let count: number;
    if (cut.left === undefined) {
      const end = this.#endOfLine();
      isWhole = end >= 0;
      count = isWhole ? end : this.#searched;
    } else {
      isWhole = this.#queue.length >= cut.left;
      count = Math.min(cut.left, this.#queue.length);
      cut.left -= count;
    }
    cut.lostBytes += count;
    this.#drop(count);
    if (!isWhole) return false;
    frames.push({ bytes: cut.bytes, lostBytes: cut.lostBytes });
    this.#cut = undefined;
    return true;
  }
}

function withoutReturn(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
}
