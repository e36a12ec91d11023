import assert from "node:assert/strict";
import { assertRecent, ClientServer } from "./_harness_b.ts";
import { clientTest, runCommand, runNode } from "./_programs_b.ts";

clientTest("seq-logging ships events, and sends again what was refused", "node", async () => {
  await using server = new ClientServer();
  server.refuseNext(503);
  await runNode(
    `import { Logger } from "seq-logging";
    const logger = new Logger({ serverUrl: process.env.URL, apiKey: "token-1", retryDelay: 50, onError: (error) => { throw new Error(error); } });
    logger.emit({ timestamp: new Date(), level: "Error", messageTemplate: "Order {Id} of {@Who} failed", properties: { Id: 7, Who: { name: "Ana" }, Application: "shop" }, exception: "Error: x\\n at y", traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" });
    await logger.close();`,
    { URL: server.url },
  );
  const [row, ...others] = await server.until(1);
  assert.deepEqual(others, []);
  const { time, ...rest } = row!;
  assertRecent(time);
  assert.deepEqual(rest, {
    service: "shop",
    severity: "ERROR",
    message: 'Order 7 of {"name":"Ana"} failed\nError: x\n at y',
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    span_id: "b7ad6b7169203331",
    attributes: { "@mt": "Order {Id} of {@Who} failed", Id: 7, Who: { name: "Ana" } },
  });
  assert.deepEqual(
    server.requests.map(({ path, headers }) => [path, headers.get("x-seq-apikey")]),
    [["/api/events/raw", "token-1"], ["/api/events/raw", "token-1"]],
  );
});

clientTest("pino-seq ships pino's records", "node", async () => {
  await using server = new ClientServer();
  await runNode(
    `import pino from "pino";
    import { createStream } from "pino-seq";
    const stream = createStream({ serverUrl: process.env.URL, apiKey: "token-1", additionalProperties: { Application: "shop" } });
    const logger = pino({ level: "trace" }, stream);
    logger.info({ order: 7 }, "ordered");
    logger.trace("quiet");
    logger.error(new Error("no stock"));
    stream.end();
    await new Promise((resolve) => stream.on("finish", resolve));`,
    { URL: server.url },
  );
  const [info, trace, error] = await server.until(3);
  assertRecent(info!.time);
  assert.deepEqual([info!.service, info!.severity, info!.message, info!.attributes.order], [
    "shop",
    "INFO",
    "ordered",
    7,
  ]);
  assert.deepEqual([trace!.severity, trace!.severity_text], ["TRACE", "Verbose"]);
  assert.match(error!.message, /^no stock\nError: no stock\n {4}at /);
});

clientTest("@datalust/winston-seq ships winston's records", "node", async () => {
  await using server = new ClientServer();
  await runNode(
    `import winston from "winston";
    import { SeqTransport } from "@datalust/winston-seq";
    const transport = new SeqTransport({ serverUrl: process.env.URL, apiKey: "token-1", onError: (error) => { throw error; } });
    const logger = winston.createLogger({ format: winston.format.combine(winston.format.errors({ stack: true }), winston.format.json()), defaultMeta: { Application: "shop" }, transports: [transport] });
    logger.warn("low stock of {item}", { item: "tea" });
    await transport.flush();`,
    { URL: server.url },
  );
  const [row] = await server.until(1);
  assertRecent(row!.time);
  assert.deepEqual([row!.service, row!.severity, row!.message, row!.attributes.item], [
    "shop",
    "WARNING",
    "low stock of tea",
    "tea",
  ]);
});

clientTest("curl ships CLEF", "curl", async () => {
  await using server = new ClientServer();
  const events =
    '{"@t":"2025-04-01T12:00:00Z","@mt":"a"}\n{"@t":"2025-04-01T12:00:01Z","@m":"b","@l":"Debug"}\n';
  const answer = await runCommand("curl", [
    "-sSf",
    "-w",
    "%{http_code}",
    "-H",
    "Content-Type: application/vnd.serilog.clef",
    "--data-binary",
    events,
    `${server.url}/ingest/clef?apiKey=token-1`,
  ]);
  assert.equal(answer, "{}201");
  assert.deepEqual((await server.until(2)).map((row) => `${row.severity} ${row.message}`), [
    "INFO a",
    "DEBUG b",
  ]);
});
