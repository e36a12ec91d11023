import assert from "node:assert/strict";
import { clientTest, run, runNode, runPython } from "./_programs.ts";
import { assertRecent, withReceiver } from "./_receiver.ts";
import { snippet } from "./_snippet.ts";

clientTest("gelf-pro ships over TCP", "node", () =>
  withReceiver(async (receiver) => {
    await runNode(`${snippet("gelf-pro", receiver)}
const send = (level, ...args) => new Promise((resolve, reject) =>
  gelf[level](...args, (error) => error ? reject(error) : resolve()));
await send("error", "no stock", { order: { id: 7, who: "Ana" } });
await send("warning", new Error("little stock"));`);
    const records = await receiver.until(2);
    const error = records.find(({ severity }) => severity === "ERROR")!;
    const warning = records.find(({ severity }) => severity === "WARNING")!;
    assertRecent(error.timestamp);
    assert.deepEqual([error.service, error.message], ["shop", "no stock"]);
    const { order_id: id, order_who: who, host } = error.attributes;
    assert.deepEqual([id, who, typeof host], [7, "Ana", "string"]);
    assert.equal(warning.message, "little stock");
    assert.match(String(warning.attributes.full_message), /^Error: little stock\n/);
  }));

clientTest("pygelf ships over TCP", "python3", () =>
  withReceiver(async (receiver) => {
    await runPython(`${snippet("pygelf", receiver)}
logger = logging.getLogger("cart")
logger.error("no stock", extra={"order": 7})
try:
    raise ValueError("x")
except ValueError:
    logger.exception("failed")
handler.close()`);
    const [error, failed] = await receiver.until(2);
    assertRecent(error!.timestamp);
    assert.deepEqual([error!.service, error!.severity, error!.message, error!.attributes.order], [
      "shop",
      "ERROR",
      "no stock",
      7,
    ]);
    assert.match(`${failed!.message}${failed!.attributes.full_message ?? ""}`, /ValueError: x/);
  }));

for (const compress of ["True", "False"]) {
  clientTest(
    `pygelf ships over HTTP as well as who does not wait for an answer can, compress=${compress}`,
    "python3",
    () =>
      withReceiver(async (receiver) => {
        await runPython(`
import logging, time
from pygelf import GelfHttpHandler
path = "/gelf?apiKey=${receiver.token}"
handler = GelfHttpHandler("127.0.0.1", ${
          receiver.port("http")
        }, compress=${compress}, path=path, _service="shop")
logger = logging.getLogger("cart")
logger.addHandler(handler)
for i in range(20):
    logger.error("no stock")
    time.sleep(0.01)`);
        const records = await receiver.until(1);
        for (const { service, severity, message } of records) {
          assert.deepEqual([service, severity, message], ["shop", "ERROR", "no stock"]);
        }
      }),
  );
}

clientTest("curl ships GELF, compressed too", "curl", () =>
  withReceiver(async (receiver, dir) => {
    const command = `${snippet("curl with GELF", receiver)} -w '%{http_code}'`;
    const message = (text: string) =>
      JSON.stringify({ version: "1.1", host: "web-1", short_message: text, level: 4, _order: 7 });
    assert.equal(await run("sh", ["-c", command], { input: message("one") }), "202");
    await Deno.writeTextFile(`${dir}/message`, message("two"));
    assert.equal(await run("sh", ["-c", `gzip -c '${dir}/message' | ${command}`]), "202");
    const records = await receiver.until(2);
    assert.deepEqual(
      records.map((
        { service, severity, message, attributes },
      ) => [service, severity, message, attributes]),
      ["one", "two"].map((text) => ["web-1", "WARNING", text, { order: 7 }]),
    );
    await receiver.assertAllAnswered();
  }));
