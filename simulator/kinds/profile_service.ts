import type { Kind } from "./kind.ts";

/** Users' addresses and settings. */
export const profileService: Kind = {
  name: "profile-service",
  lag: 0,
  write({ phase, order, trouble, random }, line) {
    if (phase === 1) {
      line.say("DEBUG", `Address of ${order.userId} read for order ${order.id}`)
        .trace(order.traceId, random.spanId())
        .text("user_id", order.userId).text("order_id", order.id)
        .number("duration_ms", random.duration(trouble === "database" ? 1_100 : 7));
      return;
    }
    const userId = `user-${1000 + random.skewed(50_000)}`;
    line.text("user_id", userId);
    if (trouble === "database" && random.chance(0.4)) {
      line.say("ERROR", `Profile of ${userId} not loaded: no free connection within 3 s`)
        .number("duration_ms", 3_000);
    } else if (random.chance(0.05)) {
      line.say("WARNING", `Address of ${userId} rejected: "postcode" does not match the country`);
    } else if (random.chance(0.15)) {
      line.say("INFO", `Profile of ${userId} updated`).text(
        "field",
        random.pick(["name", "address", "phone"]),
      );
    } else {
      line.say("DEBUG", `Profile of ${userId} read`).number("duration_ms", random.duration(5));
    }
  },
};
