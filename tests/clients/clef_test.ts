import assert from "node:assert/strict";
import { withOverload } from "./_overload.ts";
import { clientTest, run, runNode } from "./_programs.ts";
import { assertRecent, withReceiver } from "./_receiver.ts";
import { snippet } from "./_snippet.ts";

clientTest(
  "seq-logging ships events, and sends again what was refused",
  "node",
  () =>
    withReceiver(async (receiver, dir) => {
      await withOverload(receiver, dir, 1, async (overloaded) => {
        await runNode(`${snippet("seq-logging", overloaded)}
logger.emit({
  timestamp: new Date(),
  level: "Error",
  messageTemplate: "Order {Id} of {@Who} failed",
  properties: { Id: 7, Who: { name: "Ana" }, Application: "shop" },
  exception: "Error: x\\n at y",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
});
await logger.close();`);
        const [first, ...others] = await receiver.until(1);
        const { id: _, received_at: __, timestamp, ...record } = first!;
        assert.deepEqual(others, []);
        assertRecent(timestamp);
        assert.deepEqual(record, {
          service: "shop",
          severity: "ERROR",
          message: 'Order 7 of {"name":"Ana"} failed\nError: x\n at y',
          trace_id: "0af7651916cd43dd8448eb211c80319c",
          span_id: "b7ad6b7169203331",
          attributes: { "@mt": "Order {Id} of {@Who} failed", Id: 7, Who: { name: "Ana" } },
        });
        assert.deepEqual(overloaded.seen.map(({ path, status }) => `${path} ${status}`), [
          "/api/events/raw 503",
          "/api/events/raw 201",
        ]);
      });
    }),
);

clientTest("pino-seq ships pino's records", "node", () =>
  withReceiver(async (receiver) => {
    await runNode(`${snippet("pino-seq", receiver)}
logger.info({ order: 7 }, "ordered");
logger.trace("quiet");
logger.error(new Error("no stock"));
stream.end();
await new Promise((resolve) => stream.on("finish", resolve));`);
    const [info, trace, error] = await receiver.until(3);
    assertRecent(info!.timestamp);
    assert.deepEqual([info!.service, info!.severity, info!.message, info!.attributes.order], [
      "shop",
      "INFO",
      "ordered",
      7,
    ]);
    assert.deepEqual([trace!.severity, trace!.severity_text], ["TRACE", "Verbose"]);
    assert.match(error!.message, /^no stock\nError: no stock\n {4}at /);
    await receiver.assertAllAnswered();
  }));

clientTest("winston-seq ships winston's records", "node", () =>
  withReceiver(async (receiver) => {
    await runNode(`${snippet("winston-seq", receiver)}
logger.warn("low stock of {item}", { item: "tea" });
await transport.flush();`);
    const [record] = await receiver.until(1);
    assertRecent(record!.timestamp);
    assert.deepEqual(
      [record!.service, record!.severity, record!.message, record!.attributes.item],
      [
        "shop",
        "WARNING",
        "low stock of tea",
        "tea",
      ],
    );
    await receiver.assertAllAnswered();
  }));

clientTest("curl ships CLEF", "curl", () =>
  withReceiver(async (receiver) => {
    const input =
      '{"@t":"2025-04-01T12:00:00Z","@mt":"a"}\n{"@t":"2025-04-01T12:00:01Z","@m":"b","@l":"Debug"}\n';
    const command = `${snippet("curl with CLEF", receiver)} -w '%{http_code}'`;
    assert.equal(await run("sh", ["-c", command], { input }), "{}201");
    const records = await receiver.until(2);
    assert.deepEqual(records.map(({ severity, message }) => `${severity} ${message}`), [
      "INFO a",
      "DEBUG b",
    ]);
  }));
