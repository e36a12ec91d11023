/**
 * @module The records of the scale benchmark: the generator's, on and on, five million a day. The record at a place is
 * always the same, whatever was made before it.
 */

import { type GeneratedText, generateText, RARE_AT, RARE_EVERY } from "./generate.ts";
import { Random } from "./_random.ts";

/** 58 records a second: a small team's busy day, and a hundred million in twenty of them. */
export const RECORDS_A_DAY = 5_000_000;

/** The first record's time. */
export const TIMELINE_START_MS: number = Date.parse("2026-10-01T00:00:00Z");

/** Records that are made, and sent, together. */
export const BATCH_RECORDS = 1000;

const DAY_MS = 24 * 60 * 60 * 1000;

const SEED = 20261001;

/** Spreads the seeds of neighbouring batches over all 32 bits: 2^32 divided by the golden ratio. */
const SEED_STEP = 0x9e3779b9;

/** A record of the timeline. */
export interface TimelineRecord extends GeneratedText {
  /** Milliseconds since the Unix epoch. */
  readonly timestampMs: number;
}

/** When the record at this place was written: milliseconds since the Unix epoch, ascending with the place. */
export function timeOfPlace(place: number): number {
  return TIMELINE_START_MS + Math.floor(place * DAY_MS / RECORDS_A_DAY);
}

/** The first place at or after a moment. */
export function placeOfTime(ms: number): number {
  let place = Math.floor((ms - TIMELINE_START_MS) * RECORDS_A_DAY / DAY_MS);
  while (timeOfPlace(place) < ms) place++;
  return place;
}

/** The records at the places from `1000 * batch` on. */
export function* timelineBatch(batch: number): Generator<TimelineRecord> {
  const random = new Random(SEED + Math.imul(batch, SEED_STEP));
  for (let place = batch * BATCH_RECORDS; place < (batch + 1) * BATCH_RECORDS; place++) {
    yield { timestampMs: timeOfPlace(place), ...generateText(random, place) };
  }
}

/** How many places below this one hold the rare word. */
export function rareBelow(place: number): number {
  return Math.floor((place - 1 - RARE_AT) / RARE_EVERY) + 1;
}
