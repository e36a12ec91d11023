/** pino with pino-loki. Arguments: URL, token. */

import { once } from "node:events";
import process from "node:process";
import { pino } from "pino";
import { pinoLoki } from "pino-loki";

const [url, token] = process.argv.slice(2);
const stream = pinoLoki({
  host: url,
  basicAuth: { username: "pino", password: token },
  labels: { service_name: "pino-service", env: "test" },
  batching: { interval: 1 },
});
const logger = pino({ level: "trace" }, stream);
for (let i = 0; i < 1000; i++) {
  logger.warn({
    order: i,
    meta: { trace_id: "5b8efff798038103d269b633813fc60c" },
  }, "order is late");
}
logger.error(new Error("boom"), "it failed 🎉");
stream.end();
await once(stream, "close");
