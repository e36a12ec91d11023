/**
 * @module Where an import is in its file, so that one that was killed goes on and stores nothing twice.
 *
 * 1. Before a batch leaves, the state says where it starts and ends (`offset`, `pendingEnd`).
 * 2. The batch is sent with an idempotency key made of `importId` and its offset.
 * 3. Before the next one leaves, the state has the new offset.
 *
 * After a kill the batch in doubt is read again from `offset` to `pendingEnd` and gives the same bytes, which the server
 * knows by their key if it had stored them.
 */
import { createHash } from "node:crypto";
import { CommandError } from "./errors.ts";

/** A piece of the file by which it is known again. */
interface Fingerprint {
  readonly start: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What is written down between batches. */
export interface ImportState {
  /** Unique to this import, so that a later one of the same file is not taken for it. */
  readonly importId: string;
  /** The options that make records out of lines. */
  readonly options: string;
  /** When the import began, RFC 3339: the time of records that have none. */
  readonly startedAt: string;
  /** The file's first bytes, and those right before `offset`; nothing from `offset` on, which may be corrected. */
  head: Fingerprint;
  before: Fingerprint;
  /** Everything before this byte is stored. */
  offset: number;
  /** Where the batch ends that is being sent; the same as `offset`: none is. */
  pendingEnd: number;
  /** Line feeds before `offset`. */
  line: number;
  lastTimestamp?: string | undefined;
  records: number;
  unmatched: number;
}

const FINGERPRINT_BYTES = 1024;

/** The state of an import that has sent nothing. */
export function newState(options: string): ImportState {
  const nothing = fingerprint(new Uint8Array(), 0);
  return {
    importId: crypto.randomUUID(),
    options,
    startedAt: new Date().toISOString(),
    head: nothing,
    before: nothing,
    offset: 0,
    pendingEnd: 0,
    line: 0,
    records: 0,
    unmatched: 0,
  };
}

/**
 * Checks that a state is that of this file, which may have grown since.
 * @throws {CommandError} if the file is another one or the options are others
 */
export function checkState(
  state: ImportState,
  file: Deno.FsFile,
  options: string,
  { path, statePath }: { path: string; statePath: string },
): void {
  const again = `remove ${statePath} to import ${path} from its beginning`;
  if (state.options !== options) {
    throw new CommandError(
      `Cannot go on importing ${path}: it was begun with other options, ${state.options}; give the same, or ${again}`,
    );
  }
  for (const known of [state.head, state.before]) {
    const found = readAt(file, known.start, known.bytes);
    if (fingerprint(found, known.start).sha256 !== known.sha256) {
      throw new CommandError(
        `Cannot go on importing ${path}: what was imported of it has changed since; ${again}`,
      );
    }
  }
}

/** Moves the state behind a batch that is stored. */
export function advance(
  state: ImportState,
  { bytes, end }: { readonly bytes: Uint8Array; readonly end: number },
): void {
  if (state.offset === 0) state.head = fingerprint(bytes.subarray(0, FINGERPRINT_BYTES), 0);
  const last = bytes.subarray(-FINGERPRINT_BYTES);
  state.before = fingerprint(last, end - last.length);
  state.offset = end;
  state.pendingEnd = end;
}

function fingerprint(bytes: Uint8Array, start: number): Fingerprint {
  return {
    start,
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

/** The bytes of a file at a place; fewer where it ends before. */
function readAt(file: Deno.FsFile, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  file.seekSync(start, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < length) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
