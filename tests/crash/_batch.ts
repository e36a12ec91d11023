import { Random } from "../_random.ts";

/** What is known of a batch's fate. */
export type Fate =
  /** No answer yet, or none at all: it is stored whole or not at all. */
  | "unknown"
  /** Acknowledged, or found whole after a kill. */
  | "stored"
  /** Refused with a 503, or not found after a kill. */
  | "absent"
  | "deleted";

/** One request's records. All of it follows from its number and kind, so that what is read back can be compared. */
export interface Batch {
  readonly number: number;
  readonly size: number;
  /** Whether its messages are long and cannot be compressed: it takes several commits. */
  readonly large: boolean;
  /** Its `Idempotency-Key`, if it has one. */
  readonly key: string | undefined;
  fate: Fate;
  /** The first of its ids, which are consecutive; once it is stored. */
  firstId: number | undefined;
}

const LARGE_UNITS = 40_000;
/** A commit takes 800 KiB: messages of 40,000 characters with 6 random bits each are two to three commits then. */
export const LARGE_SIZE_MIN = 28;
export const LARGE_SIZE_MAX = 70;

const BASE_MS = Date.UTC(2025, 0, 1);
/** A few thousand batches span some days, so that segments of several days are made and merged. */
const STEP_MS = 60_000;
const SERVICES = 3;
const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"];

/** Random letters that messages are cut from. */
const pool = randomText(6 * 1024 * 1024);

function randomText(units: number): string {
  const random = new Random(20_250_401);
  const words = Uint32Array.from({ length: units * 3 / 16 }, () => random.next() * 2 ** 32);
  return new Uint8Array(words.buffer).toBase64();
}

/** The service of a batch. */
export function serviceOf(number: number): string {
  return `crash-${number % SERVICES}`;
}

/** The moment before which are all records of batches with a lower number, and none of the others. */
export function startOf(number: number): string {
  return new Date(BASE_MS + number * STEP_MS).toISOString();
}

/** A record as it is sent, and shown but for what the server adds. */
export interface SentRecord {
  readonly timestamp: string;
  readonly service: string;
  readonly severity: string;
  readonly message: string;
  readonly attributes: { readonly batch: number; readonly size: number; readonly n: number };
}

/** Record `n` of a batch. */
export function recordOf({ number, size, large }: Batch, n: number): SentRecord {
  return {
    timestamp: new Date(BASE_MS + number * STEP_MS + n).toISOString(),
    service: serviceOf(number),
    severity: LEVELS[(number + n) % LEVELS.length]!,
    message: large ? longMessage(number, n) : `batch ${number} record ${n} of a service that logs`,
    attributes: { batch: number, size, n },
  };
}

function longMessage(number: number, n: number): string {
  const at = (number * 104_729 + n * LARGE_UNITS) % (pool.length - LARGE_UNITS);
  return pool.slice(at, at + LARGE_UNITS);
}

/** A batch as a request's body; the same whenever it is made. */
export function bodyOf(batch: Batch): string {
  return JSON.stringify(Array.from({ length: batch.size }, (_, n) => recordOf(batch, n)));
}
