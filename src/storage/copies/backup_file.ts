/**
 * @module The file of a backup.
 *
 * | bytes | what |
 * | --- | --- |
 * | n | the database: a data file without a log |
 * | m | the manifest, JSON in UTF-8 |
 * | 32 | SHA-256 of all before it |
 * | 4 | m, the lowest byte first, at most 65,536 |
 * | 8 | `SENTBKP1` |
 *
 * What says that it is a backup comes last: a file that was cut off anywhere is none.
 */

import { createHash } from "node:crypto";
import { OpenError } from "../errors.ts";
import type { StoreSummary } from "./inspect.ts";

/** What a backup says of itself. */
export interface BackupManifest extends StoreSummary {
  /** The version of the program that took it. */
  readonly program: string;
  /** Milliseconds since the Unix epoch: every record acknowledged before is in it. */
  readonly takenAtMs: number;
  readonly databaseBytes: number;
}

const MAGIC = new TextEncoder().encode("SENTBKP1");
const SHA256_BYTES = 32;
const TAIL_BYTES = SHA256_BYTES + 4 + MAGIC.length;
/** Twenty sentences about damage are a few KiB. */
const MANIFEST_BYTES_MAX = 65_536;
const READ_BYTES = 1 << 20;

/** Makes a backup of a database file by putting the manifest and the checksum at its end. */
export function sealBackup(path: string, manifest: BackupManifest): void {
  const text = new TextEncoder().encode(JSON.stringify(manifest));
  if (text.length > MANIFEST_BYTES_MAX) {
    throw new Error(`the manifest has ${text.length} bytes, at most ${MANIFEST_BYTES_MAX} fit`);
  }
  using file = Deno.openSync(path, { read: true, write: true });
  const hash = createHash("sha256");
  forEachPiece(file, manifest.databaseBytes, (piece) => hash.update(piece));
  hash.update(text);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length, true);
  for (const part of [text, hash.digest(), length, MAGIC]) writeWhole(file, part);
}

/**
 * What a backup says of itself; its contents are not verified.
 * @throws {OpenError} it is no backup, or not a whole one
 */
export function readManifest(path: string): BackupManifest {
  using file = Deno.openSync(path, { read: true });
  const { size } = file.statSync();
  const tail = readAt(file, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES));
  const magic = tail.subarray(SHA256_BYTES + 4);
  if (magic.length !== MAGIC.length || !magic.every((byte, i) => byte === MAGIC[i])) {
    throw new OpenError(
      `${path} is no backup made by sentinel backup, or its end is missing: it does not end with SENTBKP1`,
    );
  }
  const length = new DataView(tail.buffer).getUint32(SHA256_BYTES, true);
  if (length > MANIFEST_BYTES_MAX || length + TAIL_BYTES > size) {
    throw new OpenError(`${path} is damaged: a manifest of ${length} bytes cannot be in it`);
  }
  const manifest = parse(readAt(file, size - TAIL_BYTES - length, length));
  if (manifest?.databaseBytes !== size - TAIL_BYTES - length) {
    throw new OpenError(
      `${path} is damaged: it has ${size} bytes, its manifest tells ${
        manifest === undefined ? "nothing" : `of ${manifest.databaseBytes + TAIL_BYTES + length}`
      }`,
    );
  }
  return manifest;
}

/**
 * Verifies the checksum of a backup.
 *
 * @param to where its database is written; absent: nowhere
 * @param step called with the bytes read so far
 * @throws {OpenError} the backup is damaged; what was written is worth nothing then
 */
export function extractBackup(
  path: string,
  to: string | undefined,
  step: (bytes: number) => void,
): BackupManifest {
  const manifest = readManifest(path);
  using file = Deno.openSync(path, { read: true });
  using target = to === undefined ? undefined : Deno.openSync(to, { write: true, createNew: true });
  const hash = createHash("sha256");
  let bytes = 0;
  forEachPiece(file, manifest.databaseBytes, (piece) => {
    hash.update(piece);
    if (target !== undefined) writeWhole(target, piece);
    step(bytes += piece.length);
  });
  const { size } = file.statSync();
  hash.update(readAt(file, bytes, size - bytes - TAIL_BYTES));
  const found = hash.digest("hex");
  const expected = readAt(file, size - TAIL_BYTES, SHA256_BYTES).toHex();
  if (found !== expected) {
    throw new OpenError(
      `${path} is damaged: the SHA-256 of its contents is ${found}, it was ${expected} when it was taken`,
    );
  }
  return manifest;
}

function parse(bytes: Uint8Array): BackupManifest | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as BackupManifest;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** Reads the first `length` bytes of a file, or up to its end, in pieces that are valid only until the next one. */
function forEachPiece(
  file: Deno.FsFile,
  length: number,
  use: (piece: Uint8Array) => void,
): void {
  const buffer = new Uint8Array(READ_BYTES);
  file.seekSync(0, Deno.SeekMode.Start);
  for (let done = 0; done < length;) {
    const count = file.readSync(buffer.subarray(0, Math.min(READ_BYTES, length - done)));
    if (count === null) return;
    use(buffer.subarray(0, count));
    done += count;
  }
}

function readAt(file: Deno.FsFile, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let done = 0; done < length;) {
    const count = file.readSync(bytes.subarray(done));
    if (count === null) break;
    done += count;
  }
  return bytes;
}

function writeWhole(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
}
