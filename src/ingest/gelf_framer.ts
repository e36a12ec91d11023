/** @module GELF messages found in a stream of bytes: each is ended by a NUL. */

import { ByteQueue } from "./_lenient_buffer.ts";

/**
 * Bytes kept of one message: the longest text and as many attributes, every character of them escaped as `\u0000`. What is
 * longer is kept cut, as a text.
 */
export const GELF_FRAME_BYTES_MAX = 1024 * 1024;

/** One message as it was framed. */
export interface GelfFrame {
  /** The message without its NUL; a copy. */
  readonly bytes: Uint8Array;
  /** Bytes that followed and were dropped, because the message is longer than {@linkcode GELF_FRAME_BYTES_MAX}. */
  readonly lostBytes: number;
}

/** Finds the messages of one connection. Holds at most one message and the chunk pushed last. */
export class GelfFramer {
  readonly #queue = new ByteQueue();
  /** How far the queue was searched for a NUL in vain. */
  #searched = 0;
  /** The beginning of a message whose rest is being dropped. */
  #cut: Uint8Array | undefined;
  #lostBytes = 0;

  /** Takes the next bytes; gives the messages that are complete with them, but for empty ones. */
  push(chunk: Uint8Array): GelfFrame[] {
    this.#queue.push(chunk);
    const frames: GelfFrame[] = [];
    for (;;) {
      const end = this.#queue.indexOf(0, this.#searched);
      if (end < 0) break;
      this.#end(end, frames);
      this.#queue.drop(1);
    }
    this.#searched = this.#queue.length;
    this.#bound();
    return frames;
  }

  /** Ends the connection: gives the message that was not ended, if there is one. */
  finish(): GelfFrame[] {
    const frames: GelfFrame[] = [];
    this.#end(this.#queue.length, frames);
    return frames;
  }

  /** Takes the message that ends at `end`. */
  #end(end: number, frames: GelfFrame[]): void {
    this.#searched = 0;
    if (this.#cut !== undefined) {
      frames.push({ bytes: this.#cut, lostBytes: this.#lostBytes + end });
      this.#cut = undefined;
      this.#queue.drop(end);
      return;
    }
    const bytes = this.#queue.take(end);
    if (bytes.length === 0) return;
    const lostBytes = Math.max(0, bytes.length - GELF_FRAME_BYTES_MAX);
    frames.push({ bytes: lostBytes === 0 ? bytes : bytes.slice(0, -lostBytes), lostBytes });
  }

  /** Keeps no more of a message than its bound. */
  #bound(): void {
    if (this.#cut === undefined) {
      if (this.#queue.length <= GELF_FRAME_BYTES_MAX) return;
      this.#cut = this.#queue.take(GELF_FRAME_BYTES_MAX);
      this.#lostBytes = 0;
    }
    this.#lostBytes += this.#queue.length;
    this.#queue.drop(this.#queue.length);
    this.#searched = 0;
  }
}
