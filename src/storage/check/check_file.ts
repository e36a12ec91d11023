/** @module The check of a data file that no server has open: the file by SQLite's own rules, then every value in it. */

import { DatabaseSync } from "node:sqlite";
import { type CheckOptions, checkStore, type CheckSummary } from "./check.ts";
import { encodeDocument } from "../../codec/mod.ts";
import type { Database } from "../database.ts";
import { openDenoKv } from "../disk/deno_kv.ts";
import { OpenError } from "../errors.ts";
import { metaKey } from "../keys.ts";
import { FORMAT_VERSION } from "../limits.ts";
import { forgetLost } from "../repair/lost_records.ts";
import { DataLock, readLockHolder } from "../disk/lock.ts";

/** Findings about the file itself that are told: the first ones say what is wrong. */
const FILE_FINDINGS_MAX = 20;

/** How to check a data file. */
export interface CheckFileOptions extends CheckOptions {
  /** Writes the mark of the format anew if nothing else is wrong, and forgets what is noted to be lost. */
  readonly repair?: boolean | undefined;
  /** Told of each repair. */
  readonly onRepair?: (what: string) => void;
}

/**
 * Checks a data file; writes nothing into it, unless it is to repair.
 *
 * @throws {OpenError} there is no such file, or a server is using it
 * @throws {DatabaseError} it is damaged so that values cannot be listed
 */
export async function checkDataFile(
  path: string,
  options: CheckFileOptions = {},
): Promise<CheckSummary> {
  const lock = lockForCheck(path);
  try {
    const fileFindings = checkPages(path, options);
    const database = await openDenoKv(path);
    try {
      const summary = await checkStore(database, options);
      if (options.repair) await repair(database, summary, options);
      const findings = summary.findings + fileFindings;
      return { ...summary, findings, sound: findings === 0 };
    } finally {
      database.close();
    }
  } finally {
    lock.release();
  }
}

/** What a start cannot do by itself: it would be guessing, or deciding what nobody needs to know any more. */
async function repair(
  database: Database,
  { onlyFormat }: CheckSummary,
  { node = 0, onRepair = () => {} }: CheckFileOptions,
): Promise<void> {
  if (onlyFormat) {
    await database.commit({ sets: [[metaKey, encodeDocument({ format: FORMAT_VERSION })]] });
    onRepair("The mark of the format was written anew");
  }
  for (const seq of await forgetLost(database, node, Infinity)) {
    onRepair(`Answers tell no more that records of journal entry ${seq} are lost`);
  }
}

function lockForCheck(path: string): DataLock {
  try {
    // Opening it would make it.
    Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new OpenError(`Cannot check ${path}: there is no such file`, { cause: error });
  }
  try {
    return DataLock.acquire(path);
  } catch (error) {
    if (!(error instanceof OpenError)) throw error;
    const { url } = readLockHolder(path) ?? {};
    const who = url === undefined ? "another process" : `the server at ${url}`;
    throw new OpenError(
      `Cannot check ${path}: ${who} is using it; stop it first, or make a copy with sentinel backup and check that`,
      { cause: error },
    );
  }
}

/** What SQLite finds in the structure of the file; the bytes of values it does not know. */
function checkPages(path: string, { onFinding = () => {} }: CheckOptions): number {
  const connection = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = connection.prepare(`PRAGMA integrity_check(${FILE_FINDINGS_MAX})`).all();
    const said = rows.map((row) => String(row["integrity_check"])).filter((text) => text !== "ok");
    for (const what of said) onFinding({ kind: "file", what });
    return said.length;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    onFinding({ kind: "file", what });
    return 1;
  } finally {
    connection.close();
  }
}
