import assert from "node:assert/strict";
import { assertRecent, ClientServer } from "./_harness_b.ts";
import { clientTest, runNode, runPython } from "./_programs_b.ts";

for (const version of ["8", "9"]) {
  clientTest(
    `@elastic/elasticsearch ${version} ships with its bulk helper, compressed, and retries a 503`,
    "node",
    async () => {
      await using server = new ClientServer();
      server.refuseNext(503, 503);
      await runNode(
        `import { Client } from "es${version}";
      const client = new Client({ node: process.env.URL, auth: { apiKey: "token-1" }, compression: true, maxRetries: 5 });
      const info = await client.info();
      if (!info.version.number) throw new Error("no version");
      if (await client.ping() !== true) throw new Error("no ping");
      const documents = Array.from({ length: 300 }, (_, i) => ({ "@timestamp": new Date().toISOString(), message: "hello " + i, "log.level": "warn", service: { name: "shop" }, n: i }));
      const stats = await client.helpers.bulk({
        datasource: documents, flushBytes: 5000, concurrency: 1, refreshOnCompletion: true,
        onDocument: () => ({ create: { _index: "logs-shop-default" } }), onDrop: (drop) => { throw new Error(JSON.stringify(drop)); },
      });
      if (stats.failed !== 0 || stats.successful !== 300) throw new Error(JSON.stringify(stats));
      await client.index({ index: "logs", document: { message: "single" } });
      await client.create({ index: "logs", id: "id 1", document: { message: "created" } });`,
        { URL: server.url },
      );
      const rows = await server.until(302);
      assert.equal(rows.length, 302);
      const { time, ...first } = rows[0]!;
      assertRecent(time);
      assert.deepEqual(first, {
        service: "shop",
        severity: "WARNING",
        message: "hello 0",
        attributes: { n: 0, _index: "logs-shop-default" },
      });
      assert.deepEqual(
        rows.slice(0, 300).map((row) => row.attributes.n),
        Array.from({ length: 300 }, (_, i) => i),
      );
      assert.deepEqual(rows[300]!.service, "logs");
      assert.deepEqual(rows[301]!.attributes, { _id: "id 1" });
      const bulk = server.requests.find(({ path }) => path === "/_bulk")!;
      assert.equal(bulk.headers.get("content-encoding"), "gzip");
      assert.equal(bulk.headers.get("authorization"), "ApiKey token-1");
      server.assertAllAnswered();
    },
  );
}

clientTest("pino-elasticsearch ships pino's records", "node", async () => {
  await using server = new ClientServer();
  await runNode(
    `import pino from "pino";
    import pinoElastic from "pino-elasticsearch";
    const stream = pinoElastic({ node: process.env.URL, index: "pino-%{DATE}", esVersion: 8, opType: "create", flushBytes: 100, flushInterval: 100, auth: { username: "x", password: "token-1" } });
    stream.on("insertError", (error) => { throw error; });
    const logger = pino({ level: "trace" }, stream);
    logger.error({ order: 7 }, "payment failed");
    logger.trace("quiet");
    stream.end();
    await new Promise((resolve) => stream.on("insert", resolve));`,
    { URL: server.url },
  );
  const rows = await server.until(2);
  const [error, trace] = rows;
  assertRecent(error!.time);
  assert.deepEqual([error!.severity, error!.message, error!.attributes.order, error!.service], [
    "ERROR",
    "payment failed",
    7,
    "pino",
  ]);
  assert.match(String(error!.attributes._index), /^pino-\d{4}-\d\d-\d\d$/);
  assert.deepEqual([trace!.severity, trace!.message], ["TRACE", "quiet"]);
  server.assertAllAnswered();
});

clientTest("Python's elasticsearch ships with its bulk helper", "python3", async () => {
  await using server = new ClientServer();
  server.refuseNext(429);
  await runPython(
    `import os
from elasticsearch import Elasticsearch, helpers
client = Elasticsearch(os.environ["URL"], api_key="token-1", http_compress=True, retry_on_status=[429], max_retries=3)
assert client.ping()
ok, errors = helpers.bulk(client, [{"_index": "py", "_id": str(i), "message": f"m{i}", "level": "ERROR"} for i in range(10)])
assert ok == 10 and not errors, (ok, errors)`,
    { URL: server.url },
  );
  const rows = await server.until(10);
  assert.deepEqual(
    rows.map(({ message, severity, service, attributes }) => ({
      message,
      severity,
      service,
      attributes,
    })),
    Array.from({ length: 10 }, (_, i) => ({
      message: `m${i}`,
      severity: "ERROR",
      service: "py",
      attributes: { _id: String(i) },
    })),
  );
  server.assertAllAnswered();
});
