import type { Kind } from "./kind.ts";

/** Carts: what users put in, take out, and forget. */
export const cartService: Kind = {
  name: "cart-service",
  lag: 0,
  write({ phase, order, trouble, random }, line) {
    if (phase === 0) {
      line.say("INFO", `Cart of ${order.userId} checked out`)
        .trace(order.traceId, random.spanId())
        .text("user_id", order.userId).text("order_id", order.id).number("items", order.items);
      return;
    }
    const userId = `user-${1000 + random.skewed(50_000)}`;
    line.text("user_id", userId);
    if (trouble === "cache" && random.chance(0.6)) {
      line.say("ERROR", `Cart of ${userId} not loaded: cache timed out after 500 ms`)
        .number("duration_ms", 500);
    } else if (random.chance(0.15)) {
      line.say("DEBUG", `Cart of ${userId} expired`).number("items", 1 + random.below(5));
    } else {
      const sku = `SKU-${10_000 + random.skewed(5_000)}`;
      const added = random.chance(0.75);
      line.say("INFO", `${sku} ${added ? "added to" : "removed from"} the cart of ${userId}`)
        .text("sku", sku).number("duration_ms", random.duration(9));
    }
  },
};
