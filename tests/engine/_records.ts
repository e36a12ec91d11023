/** @module Random records, with everything in them that storage treats differently. */

import type { SeverityCode } from "../../src/record.ts";
import type { NewRecord } from "./_model.ts";
import type { Random } from "./_random.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Words that messages are made of: few, so that a search finds some. */
export const WORDS = ["login", "failed", "Überlauf", "timeout", "retry", "日本語", "ok"] as const;

const SERVICES = [
  "auth",
  "payment",
  "__proto__",
  "constructor",
  "1",
  "a b/c",
  "zahlung-ö",
  "служба",
  "🚀",
  "x".repeat(128),
] as const;

/** What one run's records are like. */
export interface Flavour {
  readonly services: readonly string[];
  /** Timestamps are mostly within so long of now. */
  readonly spreadMs: number;
  /** The share that comes days late, or from another century. */
  readonly late: number;
  readonly batchMax: number;
}

/** From a few busy streams within minutes to many sparse ones over days. */
export function randomFlavour(random: Random): Flavour {
  const many = Array.from({ length: 40 }, (_, i) => `service-${i}`);
  return {
    services: random.weighted<readonly string[]>([
      [3, random.some(SERVICES, 1, 2)],
      [4, random.some(SERVICES, 3, 8)],
      [1, [...SERVICES, ...many]],
    ]),
    spreadMs: random.pick([1000, 10 * MINUTE_MS, 3 * HOUR_MS, 30 * HOUR_MS]),
    late: random.pick([0, 0.002, 0.05]),
    batchMax: random.pick([5, 60, 60, 700]),
  };
}

/** Any service that records may have, and one that none has. */
export function anyService(random: Random, { services }: Flavour): string {
  return random.chance(0.1) ? "nobody" : random.pick(services);
}

/** Between one record and as many as the flavour says. */
export function randomRecords(random: Random, flavour: Flavour, nowMs: number): NewRecord[] {
  const count = random.int(1, flavour.batchMax);
  const still = random.chance(0.1) ? randomInstant(random, flavour, nowMs) : undefined;
  const onlyService = random.chance(0.4) ? random.pick(flavour.services) : undefined;
  const mostSeverity = random.int(0, 5) as SeverityCode;
  return Array.from({ length: count }, () => ({
    ...still ?? randomInstant(random, flavour, nowMs),
    service: onlyService ?? random.pick(flavour.services),
    severity: random.chance(0.7) ? mostSeverity : random.int(0, 5) as SeverityCode,
    message: randomMessage(random),
    attributes: random.chance(0.4) ? randomAttributes(random) : "",
    traceId: random.chance(0.2) ? random.int(1, 2 ** 32).toString(16).padStart(32, "0") : "",
    severityText: random.chance(0.05) ? random.pick(["NOTICE", "Information"]) : "",
  }));
}

function randomInstant(random: Random, { spreadMs, late }: Flavour, nowMs: number) {
  const ns = random.chance(0.3) ? random.int(0, 999_999) : 0;
  if (!random.chance(late)) return { ms: nowMs - random.int(0, spreadMs), ns };
  const ms = random.weighted([
    [6, nowMs - random.int(1, 20) * DAY_MS - random.int(0, DAY_MS)],
    [2, nowMs + random.int(0, 3 * DAY_MS)],
    [1, random.int(-5, 5)],
    [1, Date.UTC(2500, 5, 1) + random.int(0, 1000)],
    [1, -62_135_596_800_000 + random.int(0, 1000)],
  ]);
  return { ms, ns };
}

function randomMessage(random: Random): string {
  if (random.chance(0.01)) return "";
  const words = Array.from({ length: random.int(1, 5) }, () => random.pick(WORDS));
  return `${words.join(" ")} ${random.int(0, 99)}`;
}

function randomAttributes(random: Random): string {
  const names = random.some(["user", "__proto__", "ms", "é", "path", "deep"], 1, 4);
  const members = names.map((name) => `${JSON.stringify(name)}:${randomValue(random)}`);
  return `{${members.join(",")}}`;
}

function randomValue(random: Random): string {
  return random.pick(["1", "-2.5", "true", "null", '"x"', '"\\u00e9"', "[1,2]", '{"a":{"b":1}}']);
}
