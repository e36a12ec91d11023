import type { Kind } from "./kind.ts";

/** Product pages, read through a cache. */
export const catalogService: Kind = {
  name: "catalog-service",
  lag: 0,
  write({ trouble, random }, line) {
    const sku = `SKU-${10_000 + random.skewed(5_000)}`;
    line.text("sku", sku);
    if (trouble === "cache" && random.chance(0.75)) {
      if (random.chance(0.3)) {
        line.say("ERROR", "Cache unreachable: connect ECONNREFUSED 10.0.4.17:6379");
      } else {
        line.say("WARNING", `Cache miss for ${sku}, read from the database`)
          .number("duration_ms", random.duration(240));
      }
    } else if (random.chance(0.12)) {
      line.say("DEBUG", `Cache miss for ${sku}`).number("duration_ms", random.duration(35));
    } else if (random.chance(0.04)) {
      line.say("INFO", `Price of ${sku} changed`).number(
        "price",
        (499 + random.below(9_000)) / 100,
      );
    } else if (random.chance(0.01)) {
      line.say("WARNING", `Product ${sku} has no picture`);
    } else {
      line.say("INFO", `Product ${sku} viewed`).text("cache", "hit")
        .number("duration_ms", random.duration(4));
    }
  },
};
