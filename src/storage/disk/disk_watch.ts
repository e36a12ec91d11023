/** @module Says in time that a disk is about to be full. */

import { measureDisk } from "./data_files.ts";
import { elapsed } from "../elapsed.ts";
import { DISK_LOW_BYTES, DISK_LOW_PART } from "../limits.ts";
import type { Log } from "../state.ts";

/** How often the disk is looked at, at most, in milliseconds. */
const LOOK_MS = 1000;

/** Enough again: this much more than what is too little, so that a disk at the edge is not told of again and again. */
const ENOUGH = 1.25;

/** The disk of one data file. */
export class DiskWatch {
  readonly #path: string;
  readonly #now: () => number;
  readonly #log: Log;
  #lookedMs = -Infinity;
  /** A sentence while the disk has little space left. */
  warning: string | undefined;

  constructor(path: string, now: () => number, log: Log) {
    this.#path = path;
    this.#now = now;
    this.#log = log;
  }

  /** Looks at the disk, if it is time to. */
  async look(): Promise<void> {
    if (elapsed(this.#lookedMs, this.#now()) < LOOK_MS) return;
    this.#lookedMs = this.#now();
    const disk = await measureDisk(this.#path);
    if (disk !== undefined) this.see(disk.freeBytes, disk.totalBytes);
  }

  /** Takes what the disk has left, and has in all, in bytes. */
  see(freeBytes: number, totalBytes: number): void {
    const low = Math.min(DISK_LOW_BYTES, totalBytes * DISK_LOW_PART);
    const wasLow = this.warning !== undefined;
    const isLow = freeBytes < (wasLow ? low * ENOUGH : low);
    this.warning = isLow
      ? `the disk of the data has ${mib(freeBytes)} MiB left of ${
        mib(totalBytes)
      }; when it is full, records are refused`
      : undefined;
    if (isLow && !wasLow) this.#log("warning", `Little space: ${this.warning}`);
    if (!isLow && wasLow) this.#log("info", `The disk of the data has ${mib(freeBytes)} MiB again`);
  }
}

function mib(bytes: number): number {
  return Math.floor(bytes / 1024 ** 2);
}
