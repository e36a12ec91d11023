import type { Line } from "../line.ts";
import type { Kind, Scene } from "./kind.ts";

const DECLINES = ["insufficient_funds", "card_expired", "do_not_honor", "limit_exceeded"] as const;

/** Charges orders through a provider that is sometimes slow. */
export const paymentService: Kind = {
  name: "payment-service",
  lag: 1,
  write(scene, line) {
    const { phase, order, trouble, random } = scene;
    const charged = order.outcome !== "out_of_stock" && order.outcome !== "fraud";
    if (phase === 0 && charged) {
      ofOrder(scene, line).say(
        "INFO",
        `Authorizing ${order.amount.toFixed(2)} ${order.currency} for order ${order.id}`,
      );
    } else if (phase === 2 && charged) {
      settle(scene, line);
    } else if (trouble === "payment provider" && random.chance(0.6)) {
      line.say("WARNING", "Payment provider answers slowly, retrying the authorization")
        .text("provider", "acme-pay").number("attempt", 1 + random.below(3))
        .number("duration_ms", random.duration(6_000));
    } else if (random.chance(0.15)) {
      line.say("INFO", `Refund of ${((499 + random.skewed(9_000)) / 100).toFixed(2)} EUR settled`)
        .text("provider", "acme-pay");
    } else if (random.chance(0.5)) {
      line.say("DEBUG", "Webhook received from acme-pay: payment_intent.updated")
        .text("provider", "acme-pay").number("duration_ms", random.duration(8));
    } else {
      line.say("TRACE", "Provider connection taken from the pool")
        .number("pool_in_use", random.below(16));
    }
  },
};

function ofOrder({ order, random }: Scene, line: Line): Line {
  return line.trace(order.traceId, random.spanId())
    .text("order_id", order.id).text("user_id", order.userId).text("method", order.method)
    .number("amount", order.amount).text("currency", order.currency).text("region", order.region);
}

function settle(scene: Scene, line: Line): void {
  const { order, random } = scene;
  ofOrder(scene, line);
  if (order.outcome === "declined") {
    const reason = random.pick(DECLINES);
    line.say("WARNING", `Payment for order ${order.id} declined: ${reason}`)
      .text("reason", reason).number("status", 402).number("duration_ms", random.duration(420));
  } else if (order.outcome === "timed_out") {
    line.say("ERROR", `Payment for order ${order.id} failed: no answer from acme-pay within 10 s`)
      .text("reason", "provider_timeout").number("status", 504).number("duration_ms", 10_000);
  } else {
    line.say("INFO", `Payment for order ${order.id} authorized`)
      .number("status", 200).number("duration_ms", random.duration(310));
  }
}
