/** @module What the data takes of its disk, and what that has left. */

import { statfsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import type { DiskFigures } from "../types.ts";

/** The database, its write-ahead log and the index of that. */
const SUFFIXES = ["", "-wal", "-shm"];

/**
 * Measures the files of a database at `path`.
 * @throws {Deno.errors.NotFound} there is none
 */
export async function measureDataFiles(path: string): Promise<DiskFigures> {
  const sizes = await Promise.all(SUFFIXES.map((suffix) => sizeOf(path, suffix)));
  const dataBytes = sizes.reduce((sum, size) => sum + size, 0);
  return { dataBytes, freeBytes: (await measureDisk(path))?.freeBytes };
}

async function sizeOf(path: string, suffix: string): Promise<number> {
  try {
    return (await Deno.stat(path + suffix)).size;
  } catch (error) {
    // The log is there only while the database is open and has been written to.
    if (error instanceof Deno.errors.NotFound && suffix !== "") return 0;
    throw error;
  }
}

/** The length of a file; 0 if there is none. */
export function fileBytes(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** What whoever runs a command may still write into a folder; no limit where they may not ask. */
export function freeBytesOf(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return Infinity;
    throw error;
  }
}

/** The disk that a path is on: what it has in all, and what whoever runs the server may still write, in bytes. */
export interface DiskSpace {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** Measures the disk that `path` is on; `undefined` if whoever runs the server did not allow it to ask. */
export async function measureDisk(path: string): Promise<DiskSpace | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(path);
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
