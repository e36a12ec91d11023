import type { Kind } from "./kind.ts";

const CARRIERS = ["northpost", "parcelbird", "quickroad"] as const;

/** Sends off what was paid. */
export const shippingService: Kind = {
  name: "shipping-service",
  lag: 3,
  write({ phase, order, trouble, random }, line) {
    const carrier = random.pick(CARRIERS);
    line.text("carrier", carrier);
    if (phase === 1 && order.outcome === "paid") {
      line.trace(order.traceId, random.spanId())
        .text("order_id", order.id).text("user_id", order.userId).text("region", order.region);
      if (trouble === "carrier" && random.chance(0.6)) {
        line.say("ERROR", `No label for order ${order.id}: ${carrier} answered 503`)
          .number("status", 503).number("attempt", 1 + random.below(3));
      } else {
        line.say("INFO", `Label printed for order ${order.id} with ${carrier}`)
          .number("duration_ms", random.duration(650));
      }
    } else if (trouble === "carrier" && random.chance(0.5)) {
      line.say("WARNING", `Circuit breaker for ${carrier} is open`)
        .number("retry_in_s", 1 + random.below(30));
    } else if (random.chance(0.05)) {
      line.say("WARNING", `Parcel ${parcel(random.next())} is late`)
        .number("days", 1 + random.below(4));
    } else {
      const state = random.pick(["picked up", "in transit", "in transit", "delivered"]);
      line.say("INFO", `Parcel ${parcel(random.next())} ${state}`);
    }
  },
};

function parcel(number: number): string {
  return "PB" + String(10_000_000_000 + number).slice(1);
}
