/**
 * @module Backing up and restoring a data file.
 *
 * 1. The rows that one moment sees are copied to `FILE.partial` and read back (`file_copy.ts`). A server that runs goes on.
 * 2. The copy is opened as a server would, and every record in it is read and counted.
 * 3. The counts and a checksum over everything are put at its end (`backup_file.ts`), it is synced and named `FILE`.
 *
 * A restore verifies the checksum while it writes `DATA.partial`, opens that, compares the counts, and names it `DATA`.
 */

import { type BackupManifest, extractBackup, sealBackup } from "./backup_file.ts";
import { fileBytes, freeBytesOf } from "../disk/data_files.ts";
import { fileExists, folderOf, putInPlace, removeFile } from "./durable_file.ts";
import { OpenError } from "../errors.ts";
import { copyRows, joinLog, measurePages } from "./file_copy.ts";
import { inspectStore } from "./inspect.ts";
import { DataLock } from "../disk/lock.ts";

/** How far a copy is: of a number of bytes, or of records where the bytes are not known. */
export type CopyProgress = (what: string, done: number, total?: number) => void;

/** What to back up, and where to. */
export interface BackupOptions {
  readonly data: string;
  readonly file: string;
  /** The version of the program. */
  readonly program: string;
  readonly now: () => number;
  readonly progress: CopyProgress;
}

/** A backup that was written, verified and synced. */
export interface WrittenBackup extends BackupManifest {
  /** How long the data file's log is, which grew while the backup was read. */
  readonly logBytes: number;
}

/** The files that SQLite may keep beside a database. */
const COMPANIONS = ["-wal", "-shm", "-journal"];

/**
 * Backs up a data file, whether a server runs on it or not.
 *
 * @throws {OpenError} there is no data, or `file` exists; nothing was changed
 * @throws {Error} why it could not be written or verified; nothing is left of it
 */
export async function writeBackup(options: BackupOptions): Promise<WrittenBackup> {
  const { data, file, program, now, progress } = options;
  if (!fileExists(data)) throw new OpenError(`Cannot back up ${data}: there is no such file`);
  refuseExisting("back up to", file);
  const lock = holdUnlessServed(data);
  const partial = `${file}.partial`;
  try {
    removeDatabase(partial);
    const total = requireRoom(folderOf(file), measurePages(data).usedBytes);
    const takenAtMs = now();
    copyBeside(data, partial, total, progress);
    const logBytes = fileBytes(`${data}-wal`);
    const summary = await inspectStore(partial, (records) => progress("verified", records));
    joinLog(partial);
    const { size: databaseBytes } = Deno.statSync(partial);
    const manifest: BackupManifest = { program, takenAtMs, databaseBytes, ...summary };
    sealBackup(partial, manifest);
    refuseExisting("back up to", file);
    putInPlace(partial, file);
    return { ...manifest, logBytes };
  } catch (error) {
    removeDatabase(partial);
    throw failed(`back up ${data} to ${file}`, error);
  } finally {
    lock?.release();
  }
}

/** Copies the rows of a file that a server may be using. */
function copyBeside(data: string, partial: string, total: number, progress: CopyProgress): void {
  // Whoever reads it has what signs users in.
  using file = Deno.openSync(partial, { write: true, createNew: true, mode: 0o600 });
  const guard = limitLog(data, total);
  copyRows(data, partial, (bytes) => {
    guard();
    // A server's commits wait for what the disk does for others: some MiB at a time, and not all of the copy at its end.
    file.syncDataSync();
    progress("copied", bytes, total);
  });
}

/**
 * Verifies a backup's checksum without restoring it.
 * @throws {OpenError} it is no backup, or damaged
 */
export function verifyBackup(file: string, progress: CopyProgress): BackupManifest {
  return extractBackup(file, undefined, (bytes) => progress("verified", bytes));
}

/**
 * Makes a data file of a backup.
 *
 * @param data must not exist; its folder must
 * @throws {OpenError} there is data already, another process uses it, or the backup is damaged; nothing was changed
 * @throws {Error} why it could not be written
 */
export async function restoreBackup(
  { file, data, progress }: Pick<BackupOptions, "file" | "data" | "progress">,
): Promise<BackupManifest> {
  // A log of another database would be taken for this one's.
  for (const suffix of ["", ...COMPANIONS]) refuseExisting("restore to", data + suffix);
  const { size } = Deno.statSync(file);
  const lock = DataLock.acquire(data);
  const partial = `${data}.partial`;
  try {
    removeDatabase(partial);
    requireRoom(folderOf(data), size);
    const manifest = extractBackup(file, partial, (bytes) => progress("copied", bytes, size));
    const found = await inspectStore(partial, (records) => progress("verified", records));
    joinLog(partial);
    for (const what of ["records", "streams", "tokens", "nextId"] as const) {
      if (found[what] === manifest[what]) continue;
      throw new OpenError(
        `${file} has ${found[what]} ${what}, its manifest tells ${manifest[what]}`,
      );
    }
    refuseExisting("restore to", data);
    putInPlace(partial, data);
    return manifest;
  } catch (error) {
    removeDatabase(partial);
    throw failed(`restore ${file} to ${data}`, error);
  } finally {
    lock.release();
  }
}

/** Keeps a server from starting meanwhile; where one runs, it goes on. */
function holdUnlessServed(data: string): DataLock | undefined {
  try {
    return DataLock.acquire(data);
  } catch (error) {
    if (error instanceof OpenError) return undefined;
    throw error;
  }
}

function refuseExisting(action: string, path: string): void {
  if (!fileExists(path)) return;
  throw new OpenError(
    `Cannot ${action} ${path}: it exists, and nothing is overwritten; name another`,
  );
}

/** Removes a database with what SQLite keeps beside it; fine if there is none. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", ...COMPANIONS]) removeFile(path + suffix);
}

/** @returns `bytes` @throws {OpenError} the disk has not so much left */
export function requireRoom(folder: string, bytes: number): number {
  const free = freeBytesOf(folder);
  if (free >= bytes) return bytes;
  throw new OpenError(
    `the disk of ${folder} has ${free} bytes left, and about ${bytes} are needed; make room, or use another disk`,
  );
}

/**
 * The log of a data file grows while it is read: it may take half of what the copy would leave on the disk, so that a
 * server never finds that full because of a backup.
 */
function limitLog(data: string, copyBytes: number): () => void {
  const limit = Math.max(0, freeBytesOf(folderOf(data)) - copyBytes) / 2 + fileBytes(`${data}-wal`);
  return () => {
    const bytes = fileBytes(`${data}-wal`);
    if (bytes <= limit) return;
    throw new Error(
      `what was written meanwhile (${bytes} bytes in ${data}-wal) would fill the disk; make room, or try when less is written`,
    );
  };
}

/** One sentence of what was to be done and why it was not. */
export function failed(action: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  if (reason.startsWith("Cannot ")) return error as Error;
  return new OpenError(`Cannot ${action}: ${reason}`, { cause: error });
}
