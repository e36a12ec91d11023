import assert from "node:assert/strict";
import { assertRecent, ClientServer, DEFAULT_SERVICE } from "./_harness_b.ts";
import { clientTest, runCommand, runNode, runPython } from "./_programs_b.ts";

clientTest("winston's Http transport ships records, single and in batches", "node", async () => {
  await using server = new ClientServer();
  await runNode(
    `import winston from "winston";
    const { PORT } = process.env;
    for (const batch of [false, true]) {
      const transport = new winston.transports.Http({ host: "127.0.0.1", port: PORT, path: "/ingest/json", auth: { bearer: "token-1" }, batch, batchCount: 2 });
      const failed = new Promise((_, reject) => transport.on("warn", reject));
      const logged = new Promise((resolve) => transport.on("logged", resolve));
      const logger = winston.createLogger({ level: "silly", format: winston.format.timestamp(), defaultMeta: { service: "shop" }, transports: [transport] });
      logger.error("paid twice", { order: 7 });
      logger.silly("chatter");
      await Promise.race([logged, failed]);
    }`,
    { PORT: String(server.port) },
  );
  const rows = await server.until(4);
  const errors = rows.filter((row) => row.severity === "ERROR");
  assert.equal(errors.length, 2);
  for (const row of errors) {
    assertRecent(row.time);
    assert.deepEqual([row.message, row.service, row.attributes], ["paid twice", "shop", {
      order: 7,
    }]);
  }
  assert.deepEqual(rows.filter((row) => row.severity_text === "silly").map((row) => row.severity), [
    "TRACE",
    "TRACE",
  ]);
  assert.ok(
    server.requests.every(({ headers }) => headers.get("authorization") === "Bearer token-1"),
  );
  server.assertAllAnswered();
});

clientTest(
  "pino-http-send ships pino's records, in an object and as lines, and sends again what was refused",
  "node",
  async () => {
    await using server = new ClientServer();
    server.refuseNext(503);
    await runNode(
      `import pino from "pino";
    import { createWriteStream } from "pino-http-send";
    for (const bodyType of ["json", "ndjson"]) {
      const stream = createWriteStream({ url: process.env.URL + "/ingest/json", bodyType, batchSize: 2, interval: 50, silent: true, headers: { authorization: "Bearer token-1" } });
      const logger = pino({ name: "shop" }, stream);
      logger.warn({ bodyType }, "low stock");
      logger.fatal({ bodyType }, "no stock");
    }`,
      { URL: server.url },
    );
    const rows = await server.until(4);
    assert.deepEqual(
      rows.map((row) => `${row.attributes.bodyType} ${row.service} ${row.severity} ${row.message}`)
        .toSorted(),
      [
        "json shop FATAL no stock",
        "json shop WARNING low stock",
        "ndjson shop FATAL no stock",
        "ndjson shop WARNING low stock",
      ],
    );
    for (const row of rows) assertRecent(row.time);
    server.assertAllAnswered();
  },
);

clientTest("Python's HTTPHandler ships its form", "python3", async () => {
  await using server = new ClientServer();
  await runPython(
    `import logging, logging.handlers, os
logger = logging.getLogger("shop.cart")
logger.addHandler(logging.handlers.HTTPHandler("127.0.0.1:" + os.environ["PORT"], "/ingest/json", method="POST", credentials=("any", "token-1")))
logger.error("Größe & Preis: %s", 7, extra={"order": "a=b"})
logger.critical("down")`,
    { PORT: String(server.port) },
  );
  const [error, critical] = await server.until(2);
  assertRecent(error!.time);
  assert.deepEqual([error!.service, error!.severity, error!.message], [
    "shop.cart",
    "ERROR",
    "Größe & Preis: %s",
  ]);
  assert.deepEqual([error!.attributes.args, error!.attributes.order, error!.attributes.lineno], [
    "(7,)",
    "a=b",
    "4",
  ]);
  assert.deepEqual([critical!.severity, critical!.severity_text], ["FATAL", "CRITICAL"]);
  assert.equal(server.requests[0]!.headers.get("authorization"), `Basic ${btoa("any:token-1")}`);
});

clientTest("curl ships JSON, also without saying so, chunked and compressed", "curl", async () => {
  await using server = new ClientServer();
  const url = `${server.url}/ingest/json`;
  const post = async (...args: string[]) => {
    assert.equal(
      await runCommand("curl", ["-sSf", "-H", "Authorization: Bearer token-1", ...args, url]),
      "{}",
    );
  };
  await post("-d", '{"message":"as a form"}');
  await post("--json", '[{"message":"one","level":"warn"},{"message":"two"}]');
  await post(
    "-H",
    "Transfer-Encoding: chunked",
    "-H",
    "Content-Type: application/x-ndjson",
    "--data-binary",
    '{"message":"three"}\n{"message":"four"}\n',
  );
  await post(
    "-H",
    "Expect: 100-continue",
    "-H",
    "Content-Type: text/plain",
    "--data-binary",
    "five\nsix",
  );
  await runCommand("curl", ["-sSfI", url]);
  const rows = await server.until(7);
  assert.deepEqual(rows.map((row) => row.message), [
    "as a form",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
  ]);
  assert.ok(rows.every((row) => row.service === DEFAULT_SERVICE));
  assert.equal(rows[1]!.severity, "WARNING");
});
