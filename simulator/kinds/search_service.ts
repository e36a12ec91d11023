import type { Kind } from "./kind.ts";

const TERMS = [
  "running shoes",
  "espresso machine",
  "crème brûlée torch",
  "usb-c cable",
  "winter jacket",
  "鋳鉄フライパン",
  "desk lamp",
  "büro stuhl",
] as const;

const STACK = `TypeError: Cannot read properties of null (reading 'score')
    at rank (ranker.ts:88:31)
    at Searcher.run (searcher.ts:142:18)
    at async handle (server.ts:57:22)`;

/** Product search; a bad deploy makes it fail. */
export const searchService: Kind = {
  name: "search-service",
  lag: 0,
  write({ trouble, random }, line) {
    const term = random.pick(TERMS);
    const bad = trouble === "bad deploy";
    line.text("version", bad ? "4.18.0" : "4.17.3").text("query", term);
    if (bad && random.chance(0.04)) {
      line.say("FATAL", "Out of memory: heap limit of 512 MiB reached, exiting with code 137")
        .number("exit_code", 137);
    } else if (bad && random.chance(0.55)) {
      line.say("ERROR", `Search for "${term}" failed\n${STACK}`).number("status", 500);
    } else if (random.chance(0.04)) {
      line.say("WARNING", `Slow search for "${term}"`)
        .number("duration_ms", 1_000 + random.below(900));
    } else if (random.chance(0.05)) {
      line.say("INFO", `Search for "${term}" found nothing`).number("hits", 0);
    } else {
      line.say("INFO", `Search for "${term}"`).number("hits", 1 + random.skewed(800))
        .number("duration_ms", random.duration(38));
    }
    if (random.chance(0.3)) line.trace(random.traceId(), random.spanId());
  },
};
