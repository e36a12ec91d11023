import assert from "node:assert/strict";
import { python, type Receiver, runProgram, runPython, withReceiver } from "./_harness.ts";

Deno.test("pino-loki delivers", async () => {
  await withReceiver(async ({ url, token, records }) => {
    await runProgram("loki_pino.mjs", [url, token]);
    const received = await records();
    assert.equal(received.length, 1001);
    const late = received.filter(({ severity }) => severity === "WARNING");
    const orders = late.map(({ attributes }) => attributes?.order as number);
    assert.deepEqual(
      orders.toSorted((a, b) => a - b),
      Array.from({ length: 1000 }, (_, i) => i),
    );
    const { service, message, trace_id: traceId, attributes } = late[0]!;
    assert.deepEqual([service, message], ["pino-service", "order is late"]);
    assert.equal(traceId, "5b8efff798038103d269b633813fc60c");
    assert.equal(attributes?.env, "test");
    const failed = received.find(({ severity }) => severity === "ERROR")!;
    assert.equal(failed.message, "it failed 🎉");
    assert.equal(
      (failed.attributes?.err as { message: string }).message,
      "boom",
    );
  });
});

async function checkWinston(
  receiver: Receiver,
  encoding: string,
): Promise<void> {
  const { url, token, records } = receiver;
  await runProgram("loki_winston.mjs", [url, token, encoding]);
  const received = await records();
  assert.equal(received.length, 201);
  const late = received.filter(({ severity }) => severity === "WARNING");
  const orders = late.map(({ message }) =>
    JSON.parse(message.slice("order is late ".length)).order
  );
  assert.deepEqual(
    orders.toSorted((a, b) => a - b),
    Array.from({ length: 200 }, (_, i) => i),
  );
  const failed = received.find(({ severity }) => severity === "ERROR")!;
  assert.equal(failed.service, "winston-service");
  assert.match(failed.message, /^it failed 🎉/);
  assert.equal(failed.attributes?.env, "test");
}

Deno.test("winston-loki delivers in JSON", async () => {
  await withReceiver((receiver) => checkWinston(receiver, "json"));
});

Deno.test("winston-loki delivers in protobuf, compressed with snappy", async () => {
  await withReceiver((receiver) => checkWinston(receiver, "protobuf"));
});

Deno.test({
  name: "python-logging-loki delivers",
  ignore: python === undefined,
  fn: () =>
    withReceiver(async ({ url, token, records }) => {
      await runPython("loki_python.py", [url, token]);
      const received = await records();
      assert.deepEqual(
        received.map(({ message }) => message),
        [
          ...Array.from({ length: 50 }, (_, i) => `order ${i} is late`),
          "it failed 🎉",
        ],
      );
      const { service, severity, attributes } = received[7]!;
      assert.deepEqual([service, severity], ["python-service", "WARNING"]);
      assert.deepEqual(attributes, {
        application: "python-service",
        customer: "c7",
        logger: "shop.orders",
      });
      assert.equal(received[50]!.severity, "FATAL");
    }),
});
