import type { Kind } from "./kind.ts";

const REASONS = ["wrong password", "wrong password", "unknown user", "expired code"] as const;

/** Signs users in; suffers when someone tries stolen passwords. */
export const authService: Kind = {
  name: "auth-service",
  lag: 0,
  write({ phase, order, trouble, random }, line) {
    const address = `203.0.113.${random.below(254) + 1}`;
    if (trouble === "credential stuffing" && random.chance(0.7)) {
      const userId = `user-${1000 + random.below(50_000)}`;
      line.text("user_id", userId).text("ip", `198.51.100.${random.below(8) + 1}`);
      if (random.chance(0.2)) {
        line.say("ERROR", `Account ${userId} locked after 5 failed logins`).number("attempts", 5);
      } else {
        line.say("WARNING", `Login failed for ${userId}: wrong password`)
          .number("attempts", 1 + random.below(4));
      }
      return;
    }
    if (phase === 0) {
      line.say("INFO", `User ${order.userId} signed in`)
        .trace(order.traceId, random.spanId())
        .text("user_id", order.userId).text("region", order.region)
        .text("method", random.chance(0.3) ? "passkey" : "password")
        .number("duration_ms", random.duration(trouble === "database" ? 900 : 45));
      return;
    }
    const userId = `user-${1000 + random.skewed(50_000)}`;
    line.text("user_id", userId).text("ip", address);
    const luck = random.fraction();
    if (luck < 0.06) {
      line.say("WARNING", `Login failed for ${userId}: ${random.pick(REASONS)}`);
    } else if (luck < 0.08) {
      line.say("INFO", `Password reset requested by ${userId}`);
    } else if (luck < 0.4) {
      line.say("DEBUG", `Session of ${userId} refreshed`).number("expires_in_s", 3600);
    } else if (luck < 0.7) {
      line.say("DEBUG", `Access token verified for ${userId}`)
        .number("duration_ms", random.duration(2));
    } else {
      line.say("INFO", `User ${userId} signed ${luck < 0.85 ? "in" : "out"}`);
    }
  },
};
