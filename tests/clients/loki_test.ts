import assert from "node:assert/strict";
import { join } from "../_server.ts";
import { withOverload } from "./_overload.ts";
import { clientTest, runNode, runPython, start, startNode } from "./_programs.ts";
import { type ClientRecord, withReceiver } from "./_receiver.ts";
import { snippet } from "./_snippet.ts";

function sorted(numbers: readonly unknown[]): number[] {
  return (numbers as number[]).toSorted((a, b) => a - b);
}

clientTest("pino-loki delivers", "node", () =>
  withReceiver(async (receiver) => {
    await runNode(`${snippet("pino-loki", receiver)}
const meta = { trace_id: "5b8efff798038103d269b633813fc60c" };
for (let i = 0; i < 1000; i++) logger.warn({ order: i, meta }, "order is late");
logger.error(new Error("boom"), "it failed 🎉");
logger.flush();
transport.end();
await new Promise((resolve) => transport.on("close", resolve));`);
    const records = await receiver.until(1001);
    const late = records.filter(({ severity }) => severity === "WARNING");
    assert.deepEqual(
      sorted(late.map(({ attributes }) => attributes.order)),
      Array.from({ length: 1000 }, (_, i) => i),
    );
    const { service, message, trace_id: traceId, attributes } = late[0]!;
    assert.deepEqual([service, message], ["shop", "order is late"]);
    assert.equal(traceId, "5b8efff798038103d269b633813fc60c");
    assert.equal(attributes.env, "test");
    const failed = records.find(({ severity }) => severity === "ERROR")!;
    assert.equal(failed.message, "it failed 🎉");
    assert.equal((failed.attributes.err as { message: string }).message, "boom");
    await receiver.assertAllAnswered();
  }));

const WINSTON = `
for (let i = 0; i < 200; i++) logger.warn("order is late", { order: i });
logger.error("it failed 🎉");
await transport.flush();
await transport.close();
process.exit(0);`;

function checkWinston(records: readonly ClientRecord[]): void {
  assert.equal(records.length, 201);
  const late = records.filter(({ severity }) => severity === "WARNING");
  const orders = late.map(({ message }) =>
    JSON.parse(message.slice("order is late ".length)).order
  );
  assert.deepEqual(sorted(orders), Array.from({ length: 200 }, (_, i) => i));
  const failed = records.find(({ severity }) => severity === "ERROR")!;
  assert.equal(failed.service, "shop");
  assert.match(failed.message, /^it failed 🎉/);
  assert.equal(failed.attributes.env, "test");
}

for (const [name, json] of [["JSON", "true"], ["protobuf, compressed with snappy", "false"]]) {
  clientTest(`winston-loki delivers in ${name}`, "node", () =>
    withReceiver(async (receiver) => {
      const replacements = { "json: true": `json: ${json}` };
      await runNode(snippet("winston-loki", receiver, replacements) + WINSTON);
      checkWinston(await receiver.until(201));
      await receiver.assertAllAnswered();
    }));
}

clientTest(
  "winston-loki sends again what an overloaded server refused",
  "node",
  () =>
    withReceiver(async (receiver, dir) => {
      await withOverload(receiver, dir, 2, async (overloaded) => {
        // It waits a minute after a failure.
        const running = await startNode(`${snippet("winston-loki", overloaded)}
transport.batcher.circuitBreakerInterval = 200;
for (let i = 0; i < 200; i++) logger.warn("order is late", { order: i });
logger.error("it failed 🎉");`);
        checkWinston(await receiver.until(201));
        await running.stop();
        assert.deepEqual(overloaded.seen.slice(0, 2).map(({ status }) => status), [503, 503]);
      });
    }),
);

clientTest("python-logging-loki delivers", "python3", () =>
  withReceiver(async (receiver) => {
    await runPython(`${snippet("python-logging-loki", receiver)}
logger = logging.getLogger("shop.orders")
for i in range(50):
    logger.warning("order %d is late", i, extra={"tags": {"customer": f"c{i}"}})
logger.critical("it failed \\U0001f389")`);
    const records = await receiver.until(51);
    assert.deepEqual(
      records.map(({ message }) => message),
      [...Array.from({ length: 50 }, (_, i) => `order ${i} is late`), "it failed 🎉"],
    );
    const { service, severity, attributes } = records[7]!;
    assert.deepEqual([service, severity], ["shop", "WARNING"]);
    assert.deepEqual(attributes, { application: "shop", customer: "c7", logger: "shop.orders" });
    assert.equal(records[50]!.severity, "FATAL");
    await receiver.assertAllAnswered();
  }));

clientTest(
  "Promtail delivers the lines of a file",
  "promtail",
  () =>
    withReceiver(async (receiver, dir) => {
      const logs = join(dir, "scraped.log");
      await Deno.writeTextFile(
        logs,
        'first line\n{"level":"error","msg":"second line","order":7}\n',
      );
      const config = snippet("Promtail", receiver, {
        "/var/log/shop/*.log": logs,
        "/var/lib/promtail/positions.yaml": join(dir, "positions.yaml"),
      });
      await Deno.writeTextFile(join(dir, "promtail.yaml"), config);
      const running = start("promtail", [`-config.file=${join(dir, "promtail.yaml")}`]);
      try {
        const [first, second] = await receiver.until(2);
        assert.deepEqual([first!.service, first!.message], ["shop", "first line"]);
        assert.equal(first!.attributes.filename, logs);
        assert.deepEqual([second!.severity, second!.message, second!.attributes.order], [
          "ERROR",
          "second line",
          7,
        ]);
      } finally {
        await running.stop();
      }
      await receiver.assertAllAnswered();
    }),
);
