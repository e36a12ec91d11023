/**
 * @module Space that is kept for deletion. To delete is to write first: a tombstone, then what is left of segments. On a disk
 * without a byte left nothing could be deleted, so that a file beside the data holds some bytes, which are given up then.
 */

import { folderOf } from "../copies/durable_file.ts";
import { DatabaseError } from "../errors.ts";
import { DISK_RESERVE_BYTES_MAX, DISK_RESERVE_PART } from "../limits.ts";
import { fileBytes, measureDisk } from "./data_files.ts";
import type { Log } from "../state.ts";

const CHUNK_BYTES = 64 * 1024;

/** The reserve of one data file: `<data>.reserve`. */
export class DiskReserve {
  readonly #path: string;
  readonly #log: Log;
  #state: "absent" | "held" | "released" = "absent";
  /** Whether it was said that it cannot be made. */
  #isTold = false;

  constructor(dataPath: string, log: Log) {
    this.#path = `${dataPath}.reserve`;
    this.#log = log;
  }

  /** Whether it was given up and is not there again: what there is of the disk is for deletion then. */
  get isReleased(): boolean {
    return this.#state === "released";
  }

  get isHeld(): boolean {
    return this.#state === "held";
  }

  /** Makes the reserve, if the disk has room for it. */
  async hold(): Promise<void> {
    if (this.#state === "held") return;
    try {
      const disk = await measureDisk(folderOf(this.#path));
      const bytes = Math.min(
        DISK_RESERVE_BYTES_MAX,
        (disk?.totalBytes ?? Infinity) * DISK_RESERVE_PART,
      );
      const there = fileBytes(this.#path);
      // Twice as much, so that what it is made of is not what the next commits need.
      if (there < bytes && disk !== undefined && disk.freeBytes + there < 2 * bytes) return;
      if (there < bytes) await write(this.#path, bytes);
    } catch (error) {
      await this.#remove();
      if (!this.#isTold) {
        this.#isTold = true;
        this.#log("warning", `No space is reserved for deletion: ${(error as Error).message}`);
      }
      return;
    }
    if (this.isReleased) this.#log("info", "There is room on the disk again: records are taken");
    this.#state = "held";
  }

  /** Gives the reserve up if that is what an operation failed for; whether another try may succeed. */
  async release(error: unknown): Promise<boolean> {
    if (this.#state !== "held" || !isFull(error)) return false;
    this.#state = "released";
    await this.#remove();
    this.#log(
      "warning",
      "The disk is full: the reserve is given up so that records can be deleted; new ones are refused until there is " +
        "room again",
    );
    return true;
  }

  async #remove(): Promise<void> {
    try {
      await Deno.remove(this.#path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        this.#log("warning", `Cannot remove ${this.#path}: ${(error as Error).message}`);
      }
    }
  }
}

/** What SQLite says of a full disk; of one that fails it says more, or something else. */
function isFull(error: unknown): boolean {
  return error instanceof DatabaseError && /disk is full|disk I\/O/.test(error.message);
}

/** Random bytes: a file system that compresses would keep nothing for others. */
async function write(path: string, bytes: number): Promise<void> {
  using file = await Deno.open(path, { create: true, write: true, truncate: true });
  const chunk = crypto.getRandomValues(new Uint8Array(CHUNK_BYTES));
  for (let left = bytes; left > 0;) {
    left -= await file.write(chunk.subarray(0, Math.min(left, CHUNK_BYTES)));
  }
}
