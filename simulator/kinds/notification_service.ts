import type { OrderOutcome } from "../world.ts";
import type { Kind } from "./kind.ts";

const TEMPLATES: Readonly<Record<OrderOutcome, { template: string; what: string }>> = {
  paid: { template: "order_confirmed", what: "Confirmation" },
  declined: { template: "payment_declined", what: "Notice of the declined payment" },
  timed_out: { template: "payment_failed", what: "Notice of the failed payment" },
  out_of_stock: { template: "out_of_stock", what: "Notice that an item is out of stock" },
  fraud: { template: "order_on_hold", what: "Notice of the order's review" },
};

/** Tells users how their orders went, by mail, text message and push. */
export const notificationService: Kind = {
  name: "notification-service",
  lag: 2,
  write({ phase, order, trouble, random }, line) {
    const channel = random.pick(["email", "email", "push", "sms"]);
    line.text("channel", channel);
    if (phase === 2) {
      const { template, what } = TEMPLATES[order.outcome];
      line.trace(order.traceId, random.spanId())
        .text("order_id", order.id).text("user_id", order.userId).text("template", template);
      if (trouble === "mail provider" && random.chance(0.7)) {
        line.say("ERROR", `${what} for order ${order.id} not sent to ${order.userId}: SMTP 451`)
          .number("status", 451).number("attempt", 1 + random.below(5));
      } else {
        line.say("INFO", `${what} for order ${order.id} sent to ${order.userId}`)
          .number("status", 250).number("duration_ms", random.duration(120));
      }
    } else if (trouble === "mail provider" && random.chance(0.6)) {
      line.say("WARNING", "Mail provider defers messages: 451 4.7.1 try again later")
        .number("queue_length", 200 + random.below(4_000));
    } else if (random.chance(0.03)) {
      line.say("WARNING", `Message to user-${1000 + random.skewed(50_000)} bounced: mailbox full`)
        .number("status", 552);
    } else if (random.chance(0.4)) {
      line.say(
        "INFO",
        `Newsletter "Café & Crème – été" sent to user-${1000 + random.below(50_000)}`,
      )
        .text("template", "newsletter").number("duration_ms", random.duration(90));
    } else {
      line.say("DEBUG", "Queue polled").number("queue_length", random.below(20));
    }
  },
};
