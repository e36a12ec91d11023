import type { Line } from "../line.ts";
import type { OrderOutcome } from "../world.ts";
import type { Kind, Scene } from "./kind.ts";

const CHECKOUT_STATUS: Readonly<Record<OrderOutcome, number>> = {
  paid: 201,
  declined: 402,
  timed_out: 504,
  out_of_stock: 409,
  fraud: 403,
};

const ROUTES = [
  { method: "GET", route: "/products/:id", typicalMs: 24 },
  { method: "GET", route: "/search", typicalMs: 60 },
  { method: "GET", route: "/cart", typicalMs: 15 },
  { method: "POST", route: "/cart/items", typicalMs: 30 },
  { method: "GET", route: "/orders", typicalMs: 40 },
  { method: "POST", route: "/login", typicalMs: 80 },
] as const;

/** The front door: one record a request, with its status. */
export const apiGateway: Kind = {
  name: "api-gateway",
  lag: 0,
  write(scene, line) {
    const { phase, order, random } = scene;
    if (phase === 0) {
      const status = CHECKOUT_STATUS[order.outcome];
      const durationMs = status === 504 ? 10_000 + random.below(50) : random.duration(380);
      line.trace(order.traceId, random.spanId())
        .text("order_id", order.id).text("user_id", order.userId).text("region", order.region);
      request(line, "POST", "/checkout", status, durationMs);
      return;
    }
    const { method, route, typicalMs } = random.pick(ROUTES);
    if (random.chance(0.5)) line.trace(random.traceId(), random.spanId());
    const slow = scene.trouble === "database" || scene.trouble === "cache";
    const status = statusOf(scene, route);
    request(line, method, route, status, random.duration(slow ? typicalMs * 12 : typicalMs));
  },
};

function statusOf({ trouble, random }: Scene, route: string): number {
  if (trouble === "credential stuffing" && route === "/login") return random.pick([401, 401, 429]);
  if (trouble === "database" && random.chance(0.12)) return 503;
  if (trouble === "bad deploy" && route === "/search" && random.chance(0.6)) return 500;
  const luck = random.fraction();
  return luck < 0.02 ? 404 : luck < 0.025 ? 400 : luck < 0.026 ? 502 : 200;
}

function request(line: Line, method: string, route: string, status: number, ms: number): void {
  line.say(
    status >= 500 ? "ERROR" : status >= 400 ? "WARNING" : "INFO",
    `${method} ${route} ${status} in ${ms} ms`,
  ).text("method", method).text("route", route).number("status", status).number("duration_ms", ms);
}
