/** @module One process at a time on a data file: an operating-system lock, released however the process ends. */

import { OpenError } from "../errors.ts";

/** What the lock file tells other processes about its holder. */
export interface LockHolder {
  readonly pid: number;
  /** Where the server listens, once it does. */
  readonly url?: string;
}

/** The file that locks the data file at `path`. */
export function lockPath(path: string): string {
  return `${path}.lock`;
}

/** Reads who holds (or last held) the data file; `undefined` if nobody ever did. */
export function readLockHolder(path: string): LockHolder | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(lockPath(path))) as LockHolder;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A held lock. */
export class DataLock {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** @throws {OpenError} if another process holds the data file; names its process and address. */
  static acquire(path: string): DataLock {
    const file = Deno.openSync(lockPath(path), { create: true, read: true, write: true });
    if (!file.tryLockSync(true)) {
      file.close();
      const holder = readLockHolder(path);
      const who = holder === undefined
        ? "another process"
        : `process ${holder.pid}${holder.url === undefined ? "" : ` (a server at ${holder.url})`}`;
      throw new OpenError(
        `Cannot open ${path}: ${who} is using it; stop that process first, or use another data file`,
      );
    }
    const lock = new DataLock(file);
    lock.describe({ pid: Deno.pid });
    return lock;
  }

  /** Tells other processes who holds the lock. */
  describe(holder: LockHolder): void {
    this.#file.truncateSync(0);
    this.#file.seekSync(0, Deno.SeekMode.Start);
    this.#file.writeSync(new TextEncoder().encode(JSON.stringify(holder) + "\n"));
  }

  release(): void {
    this.describe({ pid: Deno.pid });
    this.#file.close();
  }
}
