/** @module The file of an archive: records as NDJSON, compressed if its name says so, written and read back piece by piece. */

import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { Readable, type Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip, createZstdCompress, createZstdDecompress } from "node:zlib";
import { parseInstant } from "../record.ts";
import { CommandError } from "./errors.ts";

/** What an archive holds; of its text, not of the bytes that compression makes of it. */
export interface ArchiveDigest {
  readonly records: number;
  /** Of the text. */
  readonly bytes: number;
  readonly sha256: string;
}

/** What every record of an archive keeps to. */
export interface ArchiveBounds {
  /** Every timestamp is earlier. */
  readonly before: string;
  /** Every id is lower. */
  readonly idBefore: number;
}

const CODECS: Readonly<Record<string, { write(): Transform; read(): Transform }>> = {
  gz: { write: () => createGzip({ level: 1 }), read: () => createGunzip() },
  zst: { write: () => createZstdCompress(), read: () => createZstdDecompress() },
};

const LINE_FEED = 10;

/** Whether a name is one that an archive can have. */
export function isArchiveName(file: string): boolean {
  return /\.(ndjson|gz|zst)$/.test(file);
}

/** Writes a stream of NDJSON to a new file; `step` gets the records so far. */
export async function writeArchive(
  text: ReadableStream<Uint8Array>,
  path: string,
  name: string,
  step: (records: number) => void,
): Promise<ArchiveDigest> {
  const tally = new Tally(step);
  const codec = CODECS[extensionOf(name)];
  const source = Readable.fromWeb(text as Parameters<typeof Readable.fromWeb>[0]);
  const counted = async function* (pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      tally.add(piece);
      yield piece;
    }
  };
  const file = createWriteStream(path, { flags: "wx" });
  if (codec === undefined) await pipeline(source, counted, file);
  else await pipeline(source, counted, codec.write(), file);
  return tally.end();
}

/**
 * Reads an archive back: every line must be a record within the bounds, later than the one before it.
 *
 * @param name tells the compression
 * @throws {CommandError} a line is not
 */
export async function readArchive(
  path: string,
  name: string,
  bounds: ArchiveBounds,
  step: (records: number) => void,
): Promise<ArchiveDigest> {
  const tally = new Tally(step);
  const lines = new LineCheck(path, bounds);
  const sink = new Writable({
    write(piece: Uint8Array, _encoding, done) {
      try {
        tally.add(piece);
        lines.add(piece);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  const codec = CODECS[extensionOf(name)];
  const file = createReadStream(path);
  if (codec === undefined) await pipeline(file, sink);
  else await pipeline(file, codec.read(), sink);
  lines.end();
  return tally.end();
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** Counts lines and digests what goes by. */
class Tally {
  readonly #hash = createHash("sha256");
  #records = 0;
  #bytes = 0;

  constructor(private readonly step: (records: number) => void) {}

  add(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.#bytes += piece.length;
    let at = piece.indexOf(LINE_FEED);
    for (; at >= 0; at = piece.indexOf(LINE_FEED, at + 1)) this.#records++;
    this.step(this.#records);
  }

  end(): ArchiveDigest {
    return { records: this.#records, bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }
}

/** Checks lines as they come. */
class LineCheck {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #beforeMs: number;
  readonly #beforeNs: number;
  #rest = "";
  #line = 0;
  #ms = -Infinity;
  #ns = 0;
  #id = 0;

  constructor(private readonly path: string, private readonly bounds: ArchiveBounds) {
    const { ms, ns } = parseInstant(bounds.before)!;
    this.#beforeMs = ms;
    this.#beforeNs = ns;
  }

  add(piece: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(piece, { stream: true })).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) this.#check(line);
  }

  end(): void {
    if (this.#rest + this.#decoder.decode() === "") return;
    this.#line++;
    throw this.#bad("it has no end");
  }

  #check(line: string): void {
    this.#line++;
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch (error) {
      throw this.#bad((error as Error).message);
    }
    const { id, timestamp } = Object(record) as { id?: unknown; timestamp?: unknown };
    const at = typeof timestamp === "string" ? parseInstant(timestamp) : undefined;
    if (typeof id !== "number" || at === undefined) throw this.#bad("it is no record");
    const isLater = at.ms > this.#ms ||
      (at.ms === this.#ms && (at.ns > this.#ns || (at.ns === this.#ns && id > this.#id)));
    if (!isLater) throw this.#bad("it is not later than the one before it");
    const isBefore = at.ms < this.#beforeMs || (at.ms === this.#beforeMs && at.ns < this.#beforeNs);
    if (!isBefore || id >= this.bounds.idBefore) throw this.#bad("it should not be in the archive");
    this.#ms = at.ms;
    this.#ns = at.ns;
    this.#id = id;
  }

  #bad(what: string): CommandError {
    return new CommandError(
      `Line ${this.#line} of ${this.path} is wrong: ${what}; nothing was deleted`,
    );
  }
}
