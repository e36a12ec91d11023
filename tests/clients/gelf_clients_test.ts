import assert from "node:assert/strict";
import { assertRecent, ClientServer } from "./_harness_b.ts";
import { clientTest, runNode, runPython } from "./_programs_b.ts";

clientTest("gelf-pro ships over TCP", "node", async () => {
  await using server = new ClientServer();
  await runNode(
    `import gelf from "gelf-pro";
    gelf.setConfig({ fields: { service: "shop" }, adapterName: "tcp", adapterOptions: { host: "127.0.0.1", port: Number(process.env.PORT) } });
    const send = (level, ...args) => new Promise((resolve, reject) => gelf[level](...args, (error) => error ? reject(error) : resolve()));
    await send("error", "no stock", { order: { id: 7, who: "Ana" } });
    await send("warning", new Error("little stock"));`,
    { PORT: String(server.gelfPort) },
  );
  const rows = await server.until(2);
  const error = rows.find((row) => row.severity === "ERROR")!;
  const warning = rows.find((row) => row.severity === "WARNING")!;
  assertRecent(error.time);
  assert.deepEqual([error.service, error.message], ["shop", "no stock"]);
  assert.deepEqual([
    error.attributes.order_id,
    error.attributes.order_who,
    typeof error.attributes.host,
  ], [7, "Ana", "string"]);
  assert.equal(warning.message, "little stock");
  assert.match(String(warning.attributes.full_message), /^Error: little stock\n/);
});

clientTest("pygelf ships over TCP and HTTP", "python3", async () => {
  await using server = new ClientServer();
  await runPython(
    `import logging, os
from pygelf import GelfHttpHandler, GelfTcpHandler
options = {"_service": "shop", "include_extra_fields": True}
for name, handler in (
    ("tcp", GelfTcpHandler(host="127.0.0.1", port=int(os.environ["TCP"]), **options)),
    ("http", GelfHttpHandler(host="127.0.0.1", port=int(os.environ["HTTP"]), **options)),
    ("plain", GelfHttpHandler(host="127.0.0.1", port=int(os.environ["HTTP"]), compress=False, **options)),
):
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    logger.error("no stock over %s", name, extra={"order": 7})
    try:
        raise ValueError("x")
    except ValueError:
        logger.exception("failed over %s", name)
    handler.close()`,
    { TCP: String(server.gelfPort), HTTP: String(server.port) },
  );
  const rows = await server.until(6);
  for (const name of ["tcp", "http", "plain"]) {
    const [error, failed] = rows.filter((row) => row.message.includes(`over ${name}`));
    assertRecent(error!.time);
    assert.deepEqual([error!.service, error!.severity, error!.message, error!.attributes.order], [
      "shop",
      "ERROR",
      `no stock over ${name}`,
      7,
    ]);
    assert.match(`${failed!.message}${failed!.attributes.full_message ?? ""}`, /ValueError: x/);
  }
  server.assertAllAnswered();
});
