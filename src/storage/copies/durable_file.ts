/** @module Files that are there whole or not at all, whenever the power goes. */

/** Whether there is something at a path. */
export function fileExists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Removes a file; fine if there is none. */
export function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The folder that a path's file is in. */
export function folderOf(path: string): string {
  return path.replace(/[^/\\]*$/, "") || ".";
}

/**
 * Gives a finished file its name: its bytes are on the disk before, the name after it returns. What had the name is
 * replaced; both are in one folder.
 */
export function putInPlace(finished: string, path: string): void {
  syncPath(finished);
  Deno.renameSync(finished, path);
  // Windows opens no folders, and NTFS keeps names in a journal of its own.
  if (Deno.build.os !== "windows") syncPath(folderOf(path));
}

function syncPath(path: string): void {
  const file = Deno.openSync(path, { read: true });
  try {
    file.syncSync();
  } finally {
    file.close();
  }
}
