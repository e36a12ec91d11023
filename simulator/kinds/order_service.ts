import type { Kind } from "./kind.ts";

/** Keeps the state of every order. */
export const orderService: Kind = {
  name: "order-service",
  lag: 0,
  write({ phase, order, trouble, random }, line) {
    if (phase === 0 || phase === 3) {
      line.trace(order.traceId, random.spanId())
        .text("order_id", order.id).text("user_id", order.userId).text("region", order.region);
      if (phase === 0) {
        line.say("INFO", `Order ${order.id} created: ${order.items} items for ${order.userId}`)
          .number("items", order.items).number("amount", order.amount)
          .text("currency", order.currency);
      } else if (order.outcome === "paid") {
        line.say("INFO", `Order ${order.id} confirmed`).text("state", "confirmed");
      } else if (order.outcome === "timed_out") {
        line.say("ERROR", `Order ${order.id} cancelled: payment timed out`)
          .text("state", "cancelled");
      } else {
        const reason = order.outcome.replaceAll("_", " ");
        line.say("WARNING", `Order ${order.id} cancelled: ${reason}`).text("state", "cancelled");
      }
    } else if (trouble === "database" && random.chance(0.6)) {
      line.say("WARNING", "Transaction retried: could not serialize access")
        .number("attempt", 1 + random.below(4)).number("duration_ms", random.duration(1_800));
    } else if (trouble === "payment provider" && random.chance(0.5)) {
      line.say("WARNING", `${20 + random.below(300)} orders wait for payment-service`);
    } else {
      line.say("DEBUG", "Outbox published").number("events", random.below(12))
        .number("duration_ms", random.duration(6));
    }
  },
};
