import type { Kind } from "./kind.ts";

const JOBS = [
  "expire-carts",
  "send-newsletter",
  "settle-refunds",
  "rebuild-search-index",
  "export-invoices",
  "rotate-keys",
] as const;

/** Runs what runs at night and in between. */
export const jobScheduler: Kind = {
  name: "job-scheduler",
  lag: 0,
  write({ trouble, random }, line) {
    const job = random.pick(JOBS);
    line.text("job", job).text("run_id", random.spanId());
    const failing = (trouble === "database" && random.chance(0.5)) ||
      (trouble === "bad deploy" && job === "rebuild-search-index") || random.chance(0.01);
    if (failing) {
      line.say("ERROR", `Job ${job} failed, next attempt in ${1 + random.below(10)} min`)
        .number("attempt", 1 + random.below(5)).number("exit_code", 1);
    } else if (random.chance(0.45)) {
      line.say("INFO", `Job ${job} started`);
    } else {
      line.say("INFO", `Job ${job} finished`).number("duration_ms", random.duration(4_000))
        .number("items", random.skewed(20_000));
    }
  },
};
