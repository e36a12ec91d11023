/**
 * @module Copies a data file row by row, as one moment sees it. Deno KV's file is SQLite's; VACUUM INTO would do the same,
 * but Deno allows it only to programs that may do everything. What was freed in the file is not in the copy.
 *
 * The copy is read in one transaction. In the write-ahead mode that Deno KV sets nobody waits for a reader; but the log
 * cannot be used anew before that ends, and grows meanwhile by what is written.
 */

import { createHash, type Hash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

/** How long a connection waits for another one: for a checkpoint, or for the end of a server. */
const BUSY_MS = 5_000;

/** Bytes between two calls of `step`. */
const STEP_BYTES = 4 << 20;

/** What the rows of a file are: two files of the same contents give the same. */
export interface RowsDigest {
  readonly rows: number;
  /** SHA-256 over every value of every row, in the order of tables and keys. */
  readonly sha256: string;
}

/** Pages of a file, in bytes. */
export interface FilePages {
  /** Without what is free: about what a copy takes. */
  readonly usedBytes: number;
  readonly freeBytes: number;
}

/** How much of a data file is in use. @throws {Error} it is no database, or cannot be read */
export function measurePages(path: string): FilePages {
  using source = open(path);
  const size = pragma(source, "page_size");
  const free = pragma(source, "freelist_count");
  return { usedBytes: (pragma(source, "page_count") - free) * size, freeBytes: free * size };
}

/**
 * Copies every row of the database at `from` to a new one at `to`, and reads the copy back.
 *
 * @param to must not exist; what is there after an error is worth nothing
 * @param step called at the first row and every few MiB, with the bytes copied so far; what it throws ends the copy
 * @throws {Error} SQLite's reason, or that the copy is not equal to what was read
 */
export function copyRows(from: string, to: string, step: (bytes: number) => void): RowsDigest {
  // SQLite would make what is not there.
  Deno.statSync(from);
  using source = open(from);
  let read: RowsDigest;
  {
    using target = open(to);
    target.exec(
      "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF",
    );
    source.exec("BEGIN");
    target.exec("BEGIN");
    read = copyTables(source, target, step);
    target.exec("COMMIT");
    source.exec("COMMIT");
  }
  emptyLog(source);
  const written = digestRows(to);
  if (written.rows !== read.rows || written.sha256 !== read.sha256) {
    throw new Error(
      `the copy has ${written.rows} rows (${written.sha256}), ${read.rows} (${read.sha256}) were read`,
    );
  }
  return written;
}

/** What the rows of a file are. @throws {Error} what SQLite finds damaged */
export function digestRows(path: string): RowsDigest {
  using source = open(path);
  const digest = new Digest();
  for (const { name, type } of schemaOf(source)) {
    if (type === "table") { for (const row of rowsOf(source, name)) digest.add(row); }
  }
  for (const { integrity_check } of source.prepare("PRAGMA integrity_check(1)").all()) {
    if (integrity_check !== "ok") throw new Error(String(integrity_check));
  }
  return digest.end();
}

/** Makes one file of a database and its log. Nobody else may have it open. @throws {Error} somebody has */
export function joinLog(path: string): void {
  using connection = open(path);
  const { journal_mode } = connection.prepare("PRAGMA journal_mode = DELETE").get()!;
  if (journal_mode !== "delete") throw new Error("its write-ahead log is in use");
}

type Row = Record<string, unknown>;

interface SchemaEntry {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

function open(path: string): DatabaseSync {
  return new DatabaseSync(path, { timeout: BUSY_MS });
}

function pragma(connection: DatabaseSync, name: string): number {
  return (connection.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[name]!;
}

/** Tables first; without what SQLite makes by itself. */
function schemaOf(connection: DatabaseSync): SchemaEntry[] {
  return connection.prepare(
    "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' " +
      "ORDER BY type <> 'table', name",
  ).all() as unknown as SchemaEntry[];
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Rows in the order in which the table keeps them. */
function rowsOf(connection: DatabaseSync, table: string): Iterable<Row> {
  const all = connection.prepare(`SELECT * FROM ${quoted(table)}`);
  all.setReadBigInts(true);
  return all.iterate() as Iterable<Row>;
}

function copyTables(
  source: DatabaseSync,
  target: DatabaseSync,
  step: (bytes: number) => void,
): RowsDigest {
  const digest = new Digest();
  let nextStep = 0;
  const schema = schemaOf(source);
  for (const { name, type, sql } of schema) {
    target.exec(sql);
    if (type !== "table") continue;
    const columns = source.prepare(`SELECT * FROM ${quoted(name)}`).columns().map(() => "?");
    const insert = target.prepare(`INSERT INTO ${quoted(name)} VALUES (${columns.join()})`);
    for (const row of rowsOf(source, name)) {
      insert.run(...Object.values(row) as Uint8Array[]);
      digest.add(row);
      if (digest.bytes < nextStep) continue;
      step(digest.bytes);
      nextStep = digest.bytes + STEP_BYTES;
    }
  }
  return digest.end();
}

/**
 * Brings what the log grew by into the file: else the next commit of the server would do it, and its sender would wait.
 * Where the server does it already, nothing is left to do.
 */
function emptyLog(connection: DatabaseSync): void {
  connection.exec("PRAGMA wal_checkpoint(PASSIVE)");
}

class Digest {
  readonly #hash: Hash = createHash("sha256");
  #rows = 0;
  bytes = 0;

  add(row: Row): void {
    const values = Object.values(row).map((value) =>
      value instanceof Uint8Array ? value : new TextEncoder().encode(String(value))
    );
    // Lengths first, so that no two rows run together alike.
    const lengths = Uint32Array.from(values, ({ length }) => length);
    this.#hash.update(new Uint8Array(lengths.buffer));
    for (const value of values) {
      this.#hash.update(value);
      this.bytes += value.length;
    }
    this.#rows++;
  }

  end(): RowsDigest {
    return { rows: this.#rows, sha256: this.#hash.digest("hex") };
  }
}
