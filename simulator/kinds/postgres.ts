import type { Kind } from "./kind.ts";

const STATEMENTS = [
  "SELECT * FROM orders WHERE user_id = $1 ORDER BY created_at DESC LIMIT 20",
  "UPDATE stock SET quantity = quantity - $1 WHERE sku = $2",
  "INSERT INTO order_items (order_id, sku, quantity) VALUES ($1, $2, $3)",
  "SELECT address FROM profiles WHERE user_id = $1",
] as const;

/** The database all others wait for. */
export const postgres: Kind = {
  name: "postgres",
  lag: 0,
  write({ trouble, random }, line) {
    const pid = 1_000 + random.below(60);
    line.number("pid", pid).text("database", "shop");
    if (trouble === "database" && random.chance(0.6)) {
      const ms = 2_000 + random.below(9_000);
      if (random.chance(0.3)) {
        line.say("ERROR", `deadlock detected: process ${pid} waits for ShareLock on transaction`);
      } else if (random.chance(0.1)) {
        line.say("FATAL", "remaining connection slots are reserved for superusers");
      } else {
        line.say("WARNING", `duration: ${ms} ms  statement: ${random.pick(STATEMENTS)}`)
          .number("duration_ms", ms);
      }
    } else if (random.chance(0.05)) {
      line.say("INFO", "checkpoint complete").number("buffers", random.below(4_000))
        .number("duration_ms", random.duration(2_500));
    } else if (random.chance(0.1)) {
      line.say("INFO", 'automatic vacuum of table "shop.public.carts"')
        .number("removed", random.below(9_000));
    } else {
      const ms = random.duration(3);
      line.say("DEBUG", `duration: ${ms} ms  statement: ${random.pick(STATEMENTS)}`)
        .number("duration_ms", ms);
    }
  },
};
