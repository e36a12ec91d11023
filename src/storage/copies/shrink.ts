/**
 * @module Makes a data file as small as what it holds, and erases what was freed in it. No server may run on it.
 *
 * 1. What deletions hide is taken out of segments, and what was replaced is removed.
 * 2. The rows are copied to `DATA.compacting`, which is read back and synced.
 * 3. It is renamed to `DATA`. Until then the old file is as it was, whatever happens.
 */

import { type CopyProgress, failed, removeDatabase, requireRoom } from "./backup.ts";
import { openDenoKv } from "../disk/deno_kv.ts";
import { fileExists, folderOf, putInPlace } from "./durable_file.ts";
import { OpenError } from "../errors.ts";
import { copyRows, joinLog, measurePages } from "./file_copy.ts";
import { DataLock } from "../disk/lock.ts";
import type { Log } from "../state.ts";
import { EngineStore } from "../store.ts";

/** What a data file was and is. */
export interface ShrunkFile {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly records: number;
  /** Deletions whose records damage keeps in the file. */
  readonly deletionsLeft: number;
}

/**
 * Shrinks a data file.
 *
 * @throws {OpenError} there is none, or another process uses it
 * @throws {Error} why it could not be done: no room for the copy, say; nothing is lost then
 */
export async function shrinkFile(
  { data, log, progress }: {
    readonly data: string;
    readonly log: Log;
    readonly progress: CopyProgress;
  },
): Promise<ShrunkFile> {
  if (!fileExists(data)) throw new OpenError(`Cannot compact ${data}: there is no such file`);
  const lock = DataLock.acquire(data);
  // The link stays a link: what it leads to becomes smaller.
  const path = Deno.realPathSync(data);
  const copy = `${path}.compacting`;
  try {
    removeDatabase(copy);
    const before = Deno.statSync(path);
    const reclaimed = await reclaim(path, log, progress);
    joinLog(path);
    const total = requireRoom(folderOf(path), measurePages(path).usedBytes);
    copyRows(path, copy, (bytes) => progress("copied", bytes, total));
    takeAfter(copy, before);
    putInPlace(copy, path);
    const { size: bytesAfter } = Deno.statSync(path);
    return { bytesBefore: before.size, bytesAfter, ...reclaimed };
  } catch (error) {
    removeDatabase(copy);
    throw failed(`compact ${data}`, error);
  } finally {
    lock.release();
  }
}

/** Does all background work there is, as a server would in its time. */
async function reclaim(
  path: string,
  log: Log,
  progress: CopyProgress,
): Promise<Pick<ShrunkFile, "records" | "deletionsLeft">> {
  const database = await openDenoKv(path);
  let store: EngineStore;
  try {
    store = await EngineStore.open({ database, log, background: false });
  } catch (error) {
    database.close();
    throw error;
  }
  try {
    while (await store.flush());
    for (let steps = 1; await store.maintain(); steps++) progress("steps of reclaiming", steps);
    const { records, tombstones } = store.figures() as { records: number; tombstones: number };
    return { records, deletionsLeft: tombstones };
  } finally {
    await store.close();
  }
}

/** The copy belongs to whom the file belonged to, who alone may be the one that runs the server. */
function takeAfter(copy: string, { mode, uid, gid }: Deno.FileInfo): void {
  if (mode !== null) Deno.chmodSync(copy, mode & 0o777);
  const made = Deno.statSync(copy);
  if (uid !== null && (uid !== made.uid || gid !== made.gid)) Deno.chownSync(copy, uid, gid);
}
