import assert from "node:assert/strict";
import { withOverload } from "./_overload.ts";
import { clientTest, hasCommand, run, runNode, runPython, start } from "./_programs.ts";
import { withReceiver } from "./_receiver.ts";
import { snippet } from "./_snippet.ts";
import { join } from "../_server.ts";

/** A thousand records, and the end. */
const EMIT = `
import { SeverityNumber } from "@opentelemetry/api-logs";
for (let i = 0; i < 1000; i++) {
  logger.emit({
    timestamp: 1_743_508_800_000 + i,
    severityNumber: SeverityNumber.ERROR,
    severityText: "ERROR",
    body: \`order \${i} failed 🎉\`,
    attributes: { index: i, "http.route": "/orders/:id", tags: ["a", "b"] },
  });
}
await provider.shutdown();`;

const ENCODINGS = [["protobuf", "-otlp-proto"], ["JSON", "-otlp-http"]] as const;

for (const [name, exporter] of ENCODINGS) {
  clientTest(
    `OpenTelemetry's JavaScript SDK delivers in ${name}, compressed`,
    "node",
    () =>
      withReceiver(async (receiver) => {
        const configuration = snippet("OpenTelemetry for JavaScript", receiver)
          .replace("-otlp-proto", exporter);
        await runNode(configuration + EMIT);
        const records = await receiver.until(1000);
        assert.deepEqual(
          records.map(({ message }) => message),
          Array.from({ length: 1000 }, (_, i) => `order ${i} failed 🎉`),
        );
        const { timestamp, service, severity, attributes } = records[7]!;
        assert.deepEqual([timestamp, service, severity], [
          "2025-04-01T12:00:00.007Z",
          "shop",
          "ERROR",
        ]);
        const { observed_timestamp: observed, ...others } = attributes;
        assert.match(String(observed), /^20\d\d-/);
        assert.deepEqual(others, {
          index: 7,
          "http.route": "/orders/:id",
          tags: ["a", "b"],
          "resource.host.name": "web-1",
          "scope.name": "shop.orders",
          "scope.version": "1.2.3",
        });
        await receiver.assertAllAnswered();
      }),
  );
}

clientTest(
  "OpenTelemetry's JavaScript SDK sends again what an overloaded server refused",
  "node",
  () =>
    withReceiver(async (receiver, dir) => {
      await withOverload(receiver, dir, 2, async (overloaded) => {
        await runNode(snippet("OpenTelemetry for JavaScript", overloaded) + EMIT);
        assert.equal((await receiver.until(1000)).length, 1000);
        const statuses = overloaded.seen.map(({ status }) => status).toSorted();
        assert.deepEqual([statuses.at(0), statuses.at(-2), statuses.at(-1)], [200, 503, 503]);
        assert.equal(overloaded.seen[0]!.headers.get("content-encoding"), "gzip");
      });
    }),
);

clientTest(
  "OpenTelemetry's Python SDK delivers, compressed",
  "python3",
  () =>
    withReceiver(async (receiver) => {
      await runPython(`${snippet("OpenTelemetry for Python", receiver)}
logger = logging.getLogger("shop.orders")
logger.setLevel(logging.DEBUG)
for i in range(1000):
    logger.warning("order %d is late", i, extra={"customer": f"c{i}"})
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("division failed")
provider.shutdown()`);
      const records = await receiver.until(1001);
      assert.deepEqual(
        records.map(({ message }) => message),
        [...Array.from({ length: 1000 }, (_, i) => `order ${i} is late`), "division failed"],
      );
      const late = records[7]!;
      assert.deepEqual([late.service, late.severity, late.attributes.customer], [
        "shop",
        "WARNING",
        "c7",
      ]);
      assert.equal(late.attributes["scope.name"], "shop.orders");
      const failed = records[1000]!;
      assert.equal(failed.severity, "ERROR");
      assert.equal(failed.attributes["exception.type"], "ZeroDivisionError");
      await receiver.assertAllAnswered();
    }),
);

clientTest(
  "a Deno program with OTEL_DENO delivers its console, and its traces and metrics do no harm",
  "sh",
  () =>
    withReceiver(async (receiver, dir) => {
      const program = `console.log("an ordinary line");
      console.error("something failed:", 42);
      // A request brings traces, a server metrics.
      const server = Deno.serve({ port: 0, onListen() {} }, () => new Response("served"));
      await fetch("http://127.0.0.1:" + server.addr.port).then((response) => response.text());
      await server.shutdown();`;
      await Deno.writeTextFile(join(dir, "main.ts"), program);
      const command = snippet("Deno", receiver, { "deno run": `'${Deno.execPath()}' run -A -q` });
      await run("sh", ["-c", command], { cwd: dir });
      const records = await receiver.until(2);
      assert.deepEqual(
        records.map(({ service, severity, message }) => [service, severity, message]),
        [
          ["shop", "INFO", "an ordinary line\n"],
          ["shop", "ERROR", "something failed: 42\n"],
        ],
      );
      assert.equal(records[0]!.attributes["resource.process.runtime.name"], "deno");
      const answers = await receiver.answers();
      for (const route of ["/v1/logs", "/v1/traces", "/v1/metrics"]) {
        assert.ok(answers.includes(`POST ${route} 200`), `${route}: ${answers}`);
      }
      await receiver.assertAllAnswered();
    }),
);

const collector = ["otelcol-contrib", "otelcol"].find(hasCommand);
clientTest(
  "the OpenTelemetry Collector delivers the lines of a file",
  collector,
  () =>
    withReceiver(async (receiver, dir) => {
      const logs = join(dir, "collected.log");
      await Deno.writeTextFile(logs, "first line\nsecond line\n");
      const config = snippet("OpenTelemetry Collector", receiver, { "/var/log/shop/*.log": logs });
      await Deno.writeTextFile(join(dir, "collector.yaml"), config);
      const running = start(collector!, ["--config", join(dir, "collector.yaml")]);
      try {
        const records = await receiver.until(2);
        assert.deepEqual(
          records.map(({ service, message }) => [service, message]),
          [["shop", "first line"], ["shop", "second line"]],
        );
        assert.equal(records[0]!.attributes["log.file.name"], "collected.log");
      } finally {
        await running.stop();
      }
      await receiver.assertAllAnswered();
    }),
);

clientTest(
  "LogTape delivers through its OpenTelemetry sink",
  "node",
  () =>
    withReceiver(async (receiver) => {
      await runNode(`${snippet("LogTape", receiver)}
logger.warn("Order {id} is late", { id: 7 });
logger.error("it failed");
await dispose();`);
      const [late, failed] = await receiver.until(2);
      assert.deepEqual([late!.service, late!.severity, late!.attributes.id], [
        "shop",
        "WARNING",
        7,
      ]);
      assert.match(late!.message, /^Order 7 is late$/);
      assert.deepEqual([failed!.severity, failed!.message], ["ERROR", "it failed"]);
      await receiver.assertAllAnswered();
    }),
);
