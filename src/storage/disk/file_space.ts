/**
 * @module Gives space that nothing uses any more back to the disk. Deno KV keeps a file as large as it ever was; SQLite, of which it
 * is made, can do better, through a second connection of this process. Deno links SQLite once, so that both connections see
 * each other's locks.
 */

import { DatabaseSync } from "node:sqlite";
import { fileBytes } from "./data_files.ts";

/** A step moves at most this many pages of 4 KiB: a few milliseconds. */
const STEP_PAGES = 64;

/** Free pages that are left for what comes next: a MiB. */
const SPARE_PAGES = 256;

/** While records come in, free pages are soon used again: only so many are given back, if they are a quarter of the file. */
const BUSY_SPARE_PAGES = 16_384;

/** A write-ahead log up to this many bytes stays as it is. */
const LOG_BYTES_KEPT = 1 << 20;

/** How long a step waits for a commit under way, in milliseconds. */
const BUSY_MS = 100;

/** What SQLite keeps for this connection, in KiB: it reads little. */
const CACHE_KIB = 256;

/** The space of one data file. */
export class FileSpace {
  readonly #path: string;
  #connection: DatabaseSync | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Makes the file, if there is none, so that it can become smaller later. Has to be called before Deno KV makes it. */
  static prepare(path: string): void {
    try {
      Deno.statSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      const connection = new DatabaseSync(path);
      try {
        // Kept with the first write; a VACUUM, which also keeps it, needs more permissions than a server has.
        connection.exec("PRAGMA auto_vacuum = INCREMENTAL; CREATE TABLE t (c); DROP TABLE t");
      } finally {
        connection.close();
      }
    }
  }

  /**
   * One step of giving space back; false if there is nothing to give.
   * @param idle whether no records are coming in
   */
  giveBack(idle: boolean): boolean {
    try {
      const connection = this.#connection ??= this.#connect();
      const free = read(connection, "freelist_count");
      const spare = idle
        ? SPARE_PAGES
        : Math.max(BUSY_SPARE_PAGES, read(connection, "page_count") / 4);
      if (free > spare && read(connection, "auto_vacuum") === 2) {
        // A row for each page: `exec` would stop at the first.
        connection.prepare(`PRAGMA incremental_vacuum(${Math.min(STEP_PAGES, free - spare)})`)
          .all();
        return true;
      }
      if (idle && fileBytes(`${this.#path}-wal`) > LOG_BYTES_KEPT) {
        connection.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      }
      return false;
    } catch (error) {
      if (isBusy(error)) return false;
      // The log has no room for the pages that are moved: what it has goes into the file first.
      if (isFull(error)) this.#connection?.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      throw error;
    }
  }

  #connect(): DatabaseSync {
    const connection = new DatabaseSync(this.#path, { timeout: BUSY_MS });
    connection.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    return connection;
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }
}

function read(connection: DatabaseSync, pragma: string): number {
  const row = connection.prepare(`PRAGMA ${pragma}`).get() as Record<string, number>;
  return row[pragma]!;
}

/** Somebody else is writing: the next step will do. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && /locked|busy/i.test(error.message);
}

function isFull(error: unknown): boolean {
  return error instanceof Error && /disk is full/.test(error.message);
}
