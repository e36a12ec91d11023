import assert from "node:assert/strict";
import { python, type Receiver, runProgram, runPython, withReceiver } from "./_harness.ts";

async function checkJsSdk(
  { url, token, records }: Receiver,
  encoding: string,
  compression: string,
): Promise<void> {
  await runProgram("otlp_js_sdk.mjs", [url, token, encoding, compression]);
  const received = await records();
  assert.deepEqual(
    received.map(({ message }) => message),
    Array.from({ length: 1000 }, (_, i) => `order ${i} failed 🎉`),
  );
  const { attributes = {}, ...record } = received[7]!;
  const { observed_timestamp: observed, ...others } = attributes;
  assert.deepEqual(record, {
    timestamp: "2025-04-01T12:00:00.007Z",
    service: "otel-js",
    severity: "ERROR",
    message: "order 7 failed 🎉",
  });
  assert.match(String(observed), /^20\d\d-/);
  assert.deepEqual(others, {
    index: 7,
    "http.route": "/orders/:id",
    tags: ["a", "b"],
    "resource.host.name": "web-1",
    "scope.name": "my.library",
    "scope.version": "1.2.3",
  });
}

Deno.test("OpenTelemetry's JavaScript SDK delivers in JSON, compressed", async () => {
  await withReceiver((receiver) => checkJsSdk(receiver, "http", "gzip"));
});

Deno.test("OpenTelemetry's JavaScript SDK delivers in protobuf", async () => {
  await withReceiver((receiver) => checkJsSdk(receiver, "proto", "none"));
});

Deno.test("a Deno program with OTEL_DENO delivers its console", async () => {
  await withReceiver(async ({ url, token, records }) => {
    await runProgram("otlp_deno.mjs", [], {
      OTEL_DENO: "true",
      OTEL_SERVICE_NAME: "otel-deno",
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Token%20${token}`,
    });
    const received = await records();
    const shown = received.map((
      { service, severity, message },
    ) => [service, severity, message]);
    assert.deepEqual(shown, [
      ["otel-deno", "INFO", "an ordinary line\n"],
      ["otel-deno", "ERROR", "something failed: 42\n"],
    ]);
    assert.equal(
      received[0]!.attributes?.["resource.process.runtime.name"],
      "deno",
    );
  });
});

Deno.test({
  name: "OpenTelemetry's Python SDK delivers in protobuf, compressed",
  ignore: python === undefined,
  fn: () =>
    withReceiver(async ({ url, token, records }) => {
      await runPython("otlp_python_sdk.py", [url, token]);
      const received = await records();
      assert.deepEqual(
        received.map(({ message }) => message),
        [
          ...Array.from({ length: 1000 }, (_, i) => `order ${i} is late`),
          "division failed",
        ],
      );
      const late = received[7]!;
      assert.deepEqual([late.service, late.severity], [
        "otel-python",
        "WARNING",
      ]);
      assert.equal(late.attributes?.customer, "c7");
      assert.equal(late.attributes?.["scope.name"], "shop.orders");
      const failed = received[1000]!;
      assert.equal(failed.severity, "ERROR");
      assert.equal(failed.attributes?.["exception.type"], "ZeroDivisionError");
    }),
});
