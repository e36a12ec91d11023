/**
 * @module The journal: one committed batch per entry, durable when its header is.
 *
 * An entry is a header at `["journal", node, seq]`. A batch that fits is in the header itself: byte 1, then the encoded
 * batch. A larger one is cut into parts at `["journal", node, seq, part]`, written first in commits of their own; then
 * the header, byte 2 and a document with the number of parts, their length and CRC-32, makes them exist. Parts without
 * a header are what a crash left: replay passes over them.
 */

import { crc32 } from "node:zlib";
import { CorruptDataError, decodeDocument, encodeDocument } from "../codec/mod.ts";
import { type Database, type Entry, listAll } from "./database.ts";
import { Durations } from "./durations.ts";
import { OutcomeUnknownError, OverloadedError } from "./errors.ts";
import { FenceLostError } from "./fence.ts";
import { journalKey, journalPartKey, journalRange, type Key, nextKey } from "./keys.ts";
import { COMMIT_BYTES_MAX, VALUE_BYTES_MAX } from "./limits.ts";

const INLINE = 1;
const IN_PARTS = 2;

/** How long to wait between tries to learn what became of a commit. */
const SETTLE_DELAY_MS = 100;

/** What must never be derived from records that happened to survive. */
export interface NextState {
  /** The next free id. */
  readonly id: number;
  /** The next journal position. */
  readonly seq: number;
  /** The last time of receipt given out. */
  readonly receivedMs: number;
}

export function decodeNextState(value: Uint8Array): NextState {
  return decodeDocument(value) as NextState;
}

/** A replayed entry: its encoded batch, or what is wrong with it. */
export type ReplayedEntry =
  & { readonly seq: number; readonly parts: number }
  & ({ readonly payload: Uint8Array } | { readonly damage: string });

/** Writes and replays one node's journal. */
export class Journal {
  readonly #database: Database;
  readonly #node: number;
  readonly #wait: (ms: number) => Promise<void>;
  /** Parts at the next position, of batches that were refused there: they go with the one that gets it. */
  #strayParts = 0;
  /** Set while the outcome of a commit is unknown. */
  inDoubt = false;
  /** Entries made durable since the start. */
  readonly commits = new Durations();
  /** What they took, compressed. */
  bytesWritten = 0;

  constructor(database: Database, node: number, wait: (ms: number) => Promise<void>) {
    this.#database = database;
    this.#node = node;
    this.#wait = wait;
  }

  /**
   * Makes a batch durable, in the same commit as `next` and `sets`.
   *
   * @returns the number of keys beside the header
   * @throws {OverloadedError} nothing was stored
   * @throws {OutcomeUnknownError} `closing` was set before the outcome could be learnt
   * @throws {FenceLostError} another process has taken over; nothing was stored
   */
  async write(
    seq: number,
    payload: Uint8Array,
    next: NextState,
    sets: readonly (readonly [Key, Uint8Array])[],
    closing: () => boolean,
  ): Promise<number> {
    const begun = performance.now();
    const written = await this.#write(seq, payload, next, sets, closing);
    const parts = Math.max(written, this.#strayParts);
    this.#strayParts = 0;
    this.commits.add((performance.now() - begun) / 1000);
    this.bytesWritten += payload.length;
    return parts;
  }

  async #write(
    seq: number,
    payload: Uint8Array,
    next: NextState,
    sets: readonly (readonly [Key, Uint8Array])[],
    closing: () => boolean,
  ): Promise<number> {
    const inline = payload.length < VALUE_BYTES_MAX;
    const parts = inline ? 0 : await this.#writeParts(seq, payload);
    const header = inline ? frame(INLINE, payload) : frame(
      IN_PARTS,
      encodeDocument({ parts, bytes: payload.length, checksum: crc32(payload) }),
    );
    const key = journalKey(this.#node, seq);
    try {
      const stamp = await this.#database.commit({
        checks: [{ key, versionstamp: null }],
        sets: [[key, header], [nextKey(this.#node), encodeDocument(next)], ...sets],
      });
      if (stamp !== undefined) return parts;
    } catch (error) {
      if (error instanceof FenceLostError) throw error;
      await this.#settle(key, header, error, closing);
      return parts;
    }
    await this.#settle(key, header, new Error("the journal position was taken"), closing);
    return parts;
  }

  /** Returns if the commit was applied after all, throws if it was not. */
  async #settle(
    key: Key,
    header: Uint8Array,
    cause: unknown,
    closing: () => boolean,
  ): Promise<void> {
    this.inDoubt = true;
    try {
      while (true) {
        const found = await this.#read(key);
        if (found === "absent") throw notStored(cause);
        if (found !== "unreadable") {
          if (equalBytes(found.value, header)) return;
          throw notStored(cause);
        }
        if (closing()) {
          throw new OutcomeUnknownError("Cannot tell whether the records were stored", { cause });
        }
        await this.#wait(SETTLE_DELAY_MS);
      }
    } finally {
      this.inDoubt = false;
    }
  }

  async #read(key: Key): Promise<Entry | "absent" | "unreadable"> {
    try {
      return await this.#database.get(key) ?? "absent";
    } catch {
      // Whatever keeps the database from answering: the only thing to do is to ask again.
      return "unreadable";
    }
  }

  async #writeParts(seq: number, payload: Uint8Array): Promise<number> {
    const parts = Math.ceil(payload.length / VALUE_BYTES_MAX);
    this.#strayParts = Math.max(this.#strayParts, parts);
    const partsPerCommit = Math.floor(COMMIT_BYTES_MAX / VALUE_BYTES_MAX);
    for (let first = 0; first < parts; first += partsPerCommit) {
      const sets: [Key, Uint8Array][] = [];
      for (let part = first; part < Math.min(parts, first + partsPerCommit); part++) {
        const bytes = payload.subarray(part * VALUE_BYTES_MAX, (part + 1) * VALUE_BYTES_MAX);
        sets.push([journalPartKey(this.#node, seq, part), bytes]);
      }
      try {
        await this.#database.commit({ sets });
      } catch (error) {
        if (error instanceof FenceLostError) throw error;
        throw notStored(error);
      }
    }
    return parts;
  }

  /** Every entry from `seq` on that was acknowledged or could have been, in order. */
  async *replay(seq: number): AsyncGenerator<ReplayedEntry> {
    let header: { seq: number; value: Uint8Array } | undefined;
    let parts: Uint8Array[] = [];
    // Parts hold up to 64 KB each: a page of 100 is 6.4 MB.
    for await (const entry of listAll(this.#database, journalRange(this.#node, seq), 100)) {
      const part = entry.key[4];
      if (part !== undefined) {
        if (header?.seq === entry.key[3]) parts[part as number] = entry.value;
        else this.#strayParts = Math.max(this.#strayParts, (part as number) + 1);
        continue;
      }
      if (header !== undefined) yield assemble(header.seq, header.value, parts);
      header = { seq: entry.key[3] as number, value: entry.value };
      parts = [];
    }
    if (header !== undefined) yield assemble(header.seq, header.value, parts);
  }
}

function assemble(seq: number, header: Uint8Array, parts: Uint8Array[]): ReplayedEntry {
  if (header[0] === INLINE) return { seq, parts: parts.length, payload: header.subarray(1) };
  try {
    if (header[0] !== IN_PARTS) throw new CorruptDataError("it has an unknown kind");
    const shape = decodeDocument(header.subarray(1)) as Record<string, number>;
    // Beyond them may be parts of a larger batch that was not stored at this position.
    const own = parts.slice(0, shape.parts);
    if (own.length !== shape.parts || own.includes(undefined!)) {
      throw new CorruptDataError(`it lacks some of its ${shape.parts} parts`);
    }
    const payload = new Uint8Array(shape.bytes!);
    let at = 0;
    for (const part of own) {
      if (at + part.length > payload.length) throw new CorruptDataError("its parts are too long");
      payload.set(part, at);
      at += part.length;
    }
    if (at !== payload.length || crc32(payload) !== shape.checksum) {
      throw new CorruptDataError("its parts do not match their checksum");
    }
    return { seq, parts: parts.length, payload };
  } catch (error) {
    if (!(error instanceof CorruptDataError)) throw error;
    return { seq, parts: parts.length, damage: `journal entry ${seq}: ${error.message}` };
  }
}

function notStored(cause: unknown): OverloadedError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OverloadedError(
    `Cannot store the records: the database refused the commit (${reason}); nothing was stored, try again`,
    503,
    5,
    { cause, reason: "database" },
  );
}

function frame(kind: number, bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(bytes.length + 1);
  framed[0] = kind;
  framed.set(bytes, 1);
  return framed;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
