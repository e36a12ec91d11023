/** winston with winston-loki. Arguments: URL, token, `json` or `protobuf`. */

import process from "node:process";
import winston from "winston";
import LokiTransport from "winston-loki";

const [url, token, encoding] = process.argv.slice(2);
const transport = new LokiTransport({
  host: url,
  basicAuth: `winston:${token}`,
  json: encoding === "json",
  labels: { app: "winston-service", env: "test" },
  interval: 1,
  replaceTimestamp: false,
  gracefulShutdown: false,
});
const logger = winston.createLogger({
  level: "debug",
  transports: [transport],
});
for (let i = 0; i < 200; i++) logger.warn("order is late", { order: i });
logger.error("it failed 🎉");
await transport.flush();
await transport.close();
process.exit(0);
