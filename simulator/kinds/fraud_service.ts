import type { Kind } from "./kind.ts";

/** Scores every order before it is charged. */
export const fraudService: Kind = {
  name: "fraud-service",
  lag: 0,
  write({ phase, order, trouble, random }, line) {
    if (phase === 1) {
      const suspicious = order.outcome === "fraud";
      const score = (suspicious ? 850 : 20) + random.below(suspicious ? 150 : 600);
      line.trace(order.traceId, random.spanId())
        .text("order_id", order.id).text("user_id", order.userId).number("score", score / 1000);
      if (suspicious) {
        line.say("WARNING", `Order ${order.id} held for review: score ${score / 1000}`);
      } else {
        line.say("INFO", `Order ${order.id} cleared`).number("duration_ms", random.duration(28));
      }
    } else if (trouble === "credential stuffing" && random.chance(0.5)) {
      line.say(
        "WARNING",
        `Unusual logins from 198.51.100.0/24: ${100 + random.below(900)} a minute`,
      )
        .text("rule", "login_velocity");
    } else if (random.chance(0.05)) {
      line.say("INFO", "Model reloaded").text("model", `gbt-2025.${1 + random.below(12)}`);
    } else {
      line.say("TRACE", "Features computed").number("features", 40 + random.below(30))
        .number("duration_ms", random.duration(4));
    }
  },
};
