/**
 * @module One simulated day: when it is busy, and what goes wrong when.
 *
 * A day has 96 quarter hours and starts at 08:00, so that a run begins with the morning's traffic and not in a quiet
 * night. Every service of a world computes the same plan from the same seed.
 */
import { mix, Random } from "./random.ts";

/** Quarter hours in a day. */
export const QUARTERS = 96;

/** What can be wrong with the world: `none`, or the dependency that fails. */
export const TROUBLES = [
  "none",
  "payment provider",
  "database",
  "cache",
  "mail provider",
  "credential stuffing",
  "carrier",
  "bad deploy",
] as const;

/** One of {@link TROUBLES}. */
export type Trouble = (typeof TROUBLES)[number];

/** The plan of one day. */
export interface DayPlan {
  /** The share of the day's records that comes before each quarter's start: 97 values, ascending from 0 to 1. */
  readonly shareBefore: Float64Array;
  /** What is wrong in each of the 96 quarters, as an index into {@link TROUBLES}. */
  readonly trouble: Uint8Array;
}

/** Relative traffic in each hour from 08:00: a peak at noon, a higher one in the evening, little after midnight. */
const TRAFFIC_BY_HOUR = [
  ...[0.9, 1.1, 1.2, 1.3, 1.5, 1.4, 1.2, 1.2],
  ...[1.2, 1.3, 1.4, 1.6, 1.8, 1.7, 1.4, 1.0],
  ...[0.6, 0.4, 0.25, 0.2, 0.2, 0.25, 0.4, 0.6],
];

/** Bursts (a flash sale, a mailing) in a day, and how much busier they are. */
const BURSTS = 3;
const BURST_FACTOR = 2.5;

/** The plan of day `day` (0 is the first) in the world of `seed`. */
export function planDay(seed: number, day: number): DayPlan {
  const random = new Random(mix(seed, day ^ 0x5eed));
  return { shareBefore: planTraffic(random), trouble: planTroubles(random, day) };
}

function planTraffic(random: Random): Float64Array {
  const weights = Array.from(
    { length: QUARTERS },
    (_, quarter) => (TRAFFIC_BY_HOUR[quarter >> 2] ?? 1) * (0.9 + 0.2 * random.fraction()),
  );
  for (let burst = 0; burst < BURSTS; burst++) {
    // The first 64 quarters are the waking hours.
    const start = random.below(62);
    for (let quarter = start; quarter < start + 2; quarter++) {
      weights[quarter] = (weights[quarter] ?? 1) * BURST_FACTOR;
    }
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shareBefore = new Float64Array(QUARTERS + 1);
  let sum = 0;
  weights.forEach((weight, quarter) => {
    sum += weight;
    shareBefore[quarter + 1] = sum / total;
  });
  shareBefore[QUARTERS] = 1;
  return shareBefore;
}

function planTroubles(random: Random, day: number): Uint8Array {
  const trouble = new Uint8Array(QUARTERS);
  const count = 4 + random.below(2);
  const stratum = Math.floor(QUARTERS / count);
  const firstCause = random.below(TROUBLES.length - 1);
  for (let index = 0; index < count; index++) {
    // The first incident of a run comes early: whoever watches a demo for half a minute sees one.
    const offset = day === 0 && index === 0 ? 2 : random.below(stratum - 6);
    const start = index * stratum + offset;
    // Different causes within a day: a step of 3 visits all seven.
    const cause = 1 + (firstCause + 3 * index) % (TROUBLES.length - 1);
    trouble.fill(cause, start, start + 3 + random.below(4));
  }
  return trouble;
}
