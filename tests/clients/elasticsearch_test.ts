import assert from "node:assert/strict";
import { debianPrograms, startRsyslog } from "./_debian.ts";
import { withOverload } from "./_overload.ts";
import { clientTest, run, runNode, runPython } from "./_programs.ts";
import { assertRecent, withReceiver } from "./_receiver.ts";
import { snippet } from "./_snippet.ts";

const BULK = `
const documents = Array.from({ length: 300 }, (_, i) => ({
  "@timestamp": new Date().toISOString(),
  message: "hello " + i,
  "log.level": "warn",
  service: { name: "shop" },
  n: i,
}));
const stats = await client.helpers.bulk({
  datasource: documents,
  flushBytes: 4000,
  concurrency: 1,
  refreshOnCompletion: true,
  onDocument: () => ({ create: { _index: "logs-shop-default" } }),
  onDrop: (drop) => { throw new Error(JSON.stringify(drop)); },
});
if (stats.failed !== 0 || stats.successful !== 300) throw new Error(JSON.stringify(stats));`;

const VERSIONS = [["8", "elasticsearch-8"], ["9", "@elastic/elasticsearch"]] as const;

for (const [version, name] of VERSIONS) {
  clientTest(
    `@elastic/elasticsearch ${version} ships with its bulk helper and singly`,
    "node",
    () =>
      withReceiver(async (receiver) => {
        const configuration = snippet("@elastic/elasticsearch", receiver)
          .replace("@elastic/elasticsearch", name);
        await runNode(`${configuration}
const info = await client.info();
if (!info.version.number) throw new Error("no version");
if (await client.ping() !== true) throw new Error("no ping");
${BULK}
await client.index({ index: "logs", document: { message: "single" } });
await client.index({ index: "logs", id: "7", document: { message: "again" } });
await client.create({ index: "logs", id: "id 1", document: { message: "created" } });`);
        const records = await receiver.until(303);
        const { timestamp, service, severity, message, attributes } = records[0]!;
        assertRecent(timestamp);
        assert.deepEqual({ service, severity, message, attributes }, {
          service: "shop",
          severity: "WARNING",
          message: "hello 0",
          attributes: { n: 0, _index: "logs-shop-default" },
        });
        assert.deepEqual(
          records.slice(0, 300).map((record) => record.attributes.n),
          Array.from({ length: 300 }, (_, i) => i),
        );
        assert.deepEqual(records.slice(300).map((record) => [record.service, record.attributes]), [
          ["logs", {}],
          ["logs", { _id: "7" }],
          ["logs", { _id: "id 1" }],
        ]);
        await receiver.assertAllAnswered();
      }),
  );

  clientTest(
    `@elastic/elasticsearch ${version} sends again what an overloaded server refused`,
    "node",
    () =>
      withReceiver(async (receiver, dir) => {
        await withOverload(receiver, dir, 2, async (overloaded) => {
          const configuration = snippet("@elastic/elasticsearch", overloaded)
            .replace("@elastic/elasticsearch", name);
          await runNode(configuration + BULK);
          assert.equal((await receiver.until(300)).length, 300);
          const [first, second, third] = overloaded.seen;
          assert.deepEqual([first?.status, second?.status, third?.status], [503, 503, 200]);
          assert.equal(first!.headers.get("content-encoding"), "gzip");
        });
      }),
  );
}

clientTest(
  "pino-elasticsearch ships pino's records",
  "node",
  () =>
    withReceiver(async (receiver) => {
      await runNode(`${snippet("pino-elasticsearch", receiver)}
stream.on("insertError", (error) => { throw error; });
logger.error({ order: 7 }, "payment failed");
logger.trace("quiet");
stream.end();
await new Promise((resolve) => stream.on("insert", resolve));`);
      const [error, trace] = await receiver.until(2);
      assertRecent(error!.timestamp);
      assert.deepEqual([error!.severity, error!.message, error!.attributes.order, error!.service], [
        "ERROR",
        "payment failed",
        7,
        "shop",
      ]);
      assert.match(String(error!.attributes._index), /^shop-\d{4}-\d\d-\d\d$/);
      assert.deepEqual([trace!.severity, trace!.message], ["TRACE", "quiet"]);
      await receiver.assertAllAnswered();
    }),
);

const PYTHON_BULK = `
actions = [{"_index": "py", "_id": str(i), "message": f"m{i}", "level": "ERROR"} for i in range(10)]
ok, errors = helpers.bulk(client, actions)
assert ok == 10 and not errors, (ok, errors)`;

clientTest(
  "Python's elasticsearch ships with its bulk helper, and sends again what was refused",
  "python3",
  () =>
    withReceiver(async (receiver, dir) => {
      await withOverload(receiver, dir, 1, async (overloaded) => {
        await runPython(`${snippet("elasticsearch-py", overloaded)}
assert client.ping()
assert client.info()["version"]["number"]${PYTHON_BULK}`);
        const records = await receiver.until(10);
        assert.deepEqual(
          records.map((
            { message, severity, service, attributes },
          ) => [message, severity, service, attributes]),
          Array.from({ length: 10 }, (_, i) => [`m${i}`, "ERROR", "py", { _id: String(i) }]),
        );
        assert.deepEqual(overloaded.seen.map(({ status }) => status), [503, 200]);
        assert.equal(overloaded.seen[0]!.headers.get("content-encoding"), "gzip");
      });
      await receiver.assertAllAnswered();
    }),
);

const debian = await debianPrograms();

clientTest(
  "rsyslog's omelasticsearch ships in bulk",
  debian?.rsyslogd,
  () =>
    withReceiver(async (receiver, dir) => {
      const shipper = await startRsyslog(debian!, dir, snippet("omelasticsearch", receiver));
      try {
        for (let i = 0; i < 20; i++) {
          await run("logger", [
            "-u",
            shipper.socket,
            "-t",
            "shop",
            "-p",
            "local3.warning",
            `low stock ${i}: "Größe"`,
          ]);
        }
        const records = await receiver.until(20);
        assertRecent(records[0]!.timestamp);
        assert.deepEqual(
          records.map(({ service, severity, message }) => [service, severity, message]),
          Array.from({ length: 20 }, (_, i) => ["shop", "WARNING", `low stock ${i}: "Größe"`]),
        );
        assert.equal(typeof records[0]!.attributes["host.name"], "string");
        assert.equal(records[0]!.attributes._index, "syslog");
      } finally {
        await shipper.stop();
      }
      await receiver.assertAllAnswered();
    }),
);
