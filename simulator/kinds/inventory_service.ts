import type { Kind } from "./kind.ts";

/** Reserves what is ordered, and says when it runs out. */
export const inventoryService: Kind = {
  name: "inventory-service",
  lag: 0,
  write({ phase, order, trouble, random }, line) {
    if (phase === 1 || (phase === 3 && order.outcome !== "paid")) {
      line.trace(order.traceId, random.spanId())
        .text("order_id", order.id).text("sku", order.sku).number("quantity", order.items);
      if (order.outcome === "out_of_stock") {
        line.say("WARNING", `Cannot reserve ${order.items} x ${order.sku}: out of stock`);
      } else if (phase === 1) {
        line.say("INFO", `Reserved ${order.items} x ${order.sku} for order ${order.id}`)
          .number("duration_ms", random.duration(trouble === "database" ? 1_500 : 12));
      } else {
        line.say("INFO", `Released ${order.items} x ${order.sku} of order ${order.id}`);
      }
      return;
    }
    const sku = `SKU-${10_000 + random.skewed(5_000)}`;
    const left = random.below(400);
    line.text("sku", sku).number("stock", left);
    if (trouble === "database" && random.chance(0.3)) {
      line.say("ERROR", `Stock of ${sku} not updated: canceling statement due to lock timeout`);
    } else if (left < 3) {
      line.say("WARNING", `Stock of ${sku} is low: ${left} left`);
    } else if (random.chance(0.2)) {
      line.say("INFO", `Delivery booked: ${50 + random.below(200)} x ${sku}`);
    } else {
      line.say("DEBUG", `Stock of ${sku} read`).number("duration_ms", random.duration(3));
    }
  },
};
