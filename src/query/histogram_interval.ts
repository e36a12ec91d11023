import { parseDuration } from "../record.ts";
import { badParameter, quote, singleValue } from "./_parameters.ts";
import { HISTOGRAM_BUCKETS_CHOSEN_MAX, HISTOGRAM_BUCKETS_MAX } from "./limits.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/**
 * The intervals that the server chooses from. None is more than twice the one before: where that gives more than 120
 * buckets, this gives 60 at least.
 */
const LADDER: readonly number[] = [
  ...[1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500],
  ...[1, 2, 3, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 3, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 4].map((n) => n * DAY),
  // Doubled until 120 of them hold the years 1 to 9999.
  ...Array.from({ length: 14 }, (_, i) => WEEK * 2 ** i),
];

/** Intervals that divide every longer one of the ladder, ascending: what is counted by them can be counted by those. */
const DIVISORS: readonly number[] = [
  ...[1, 10, 100, SECOND, MINUTE, HOUR, DAY],
  ...LADDER.filter((interval) => interval % WEEK === 0),
];

/** The number of buckets that hold the instants from `firstMs` to `lastMs`, both inclusive. */
export function bucketCount(firstMs: number, lastMs: number, intervalMs: number): number {
  return Math.floor(lastMs / intervalMs) - Math.floor(firstMs / intervalMs) + 1;
}

/** The interval that cuts a range (both ends inclusive) into 60 to 120 buckets, or fewer of 1 ms. */
export function chooseInterval(firstMs: number, lastMs: number): number {
  return shortestWithin(firstMs, lastMs, HISTOGRAM_BUCKETS_CHOSEN_MAX);
}

/** The longest interval that divides every one which {@linkcode chooseInterval} gives for this or a wider range. */
export function commonDivisor(firstMs: number, lastMs: number): number {
  const interval = chooseInterval(firstMs, lastMs);
  return DIVISORS.findLast((divisor) => divisor <= interval)!;
}

/**
 * The error that a range has too many buckets of an interval; it names one that fits.
 * @param firstMs the range's first instant
 * @param lastMs its last
 */
export function tooManyBuckets(firstMs: number, lastMs: number, intervalMs: number): Error {
  const fitting = formatInterval(shortestWithin(firstMs, lastMs, HISTOGRAM_BUCKETS_MAX));
  const count = bucketCount(firstMs, lastMs, intervalMs);
  const found = `${quote(formatInterval(intervalMs))} makes ${count} buckets of the range`;
  const right = `at most ${HISTOGRAM_BUCKETS_MAX} are allowed, as with ${quote(fitting)}`;
  return badParameter("interval", `${found}; ${right}`);
}

function shortestWithin(firstMs: number, lastMs: number, bucketsMax: number): number {
  return LADDER.find((interval) => bucketCount(firstMs, lastMs, interval) <= bucketsMax) ??
    LADDER.at(-1)!;
}

/**
 * Reads `interval`, in milliseconds; `undefined` if it is not given.
 * @throws {InvalidParameterError} for anything but a duration of 1 ms or more
 */
export function parseInterval(params: URLSearchParams): number | undefined {
  const text = singleValue(params, "interval");
  if (text === undefined) return undefined;
  const intervalMs = parseDuration(text);
  if (intervalMs === undefined || intervalMs === 0) {
    throw badParameter("interval", `${quote(text)} is not a duration such as 30s, 5m, 1h or 1d`);
  }
  return intervalMs;
}

/** An interval as the shortest text that {@linkcode parseInterval} reads back. */
export function formatInterval(ms: number): string {
  if (ms % DAY === 0) return `${ms / DAY}d`;
  if (ms % HOUR === 0) return `${ms / HOUR}h`;
  if (ms % MINUTE === 0) return `${ms / MINUTE}m`;
  return ms % SECOND === 0 ? `${ms / SECOND}s` : `${ms}ms`;
}
