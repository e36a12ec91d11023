import assert from "node:assert/strict";
import { assertRecent, ClientServer } from "./_harness_b.ts";
import { clientTest, runCommand, runNode, runPython } from "./_programs_b.ts";

const LOGGER_ARGS: [string, string[]][] = [
  ["RFC 5424, octet-counted", ["--rfc5424", "--octet-count"]],
  ["RFC 5424, by line", ["--rfc5424"]],
  ["RFC 3164, by line", ["--rfc3164"]],
  ["RFC 3164, octet-counted", ["--rfc3164", "--octet-count"]],
];

for (const [name, args] of LOGGER_ARGS) {
  clientTest(`logger of util-linux ships over TCP: ${name}`, "logger", async () => {
    await using server = new ClientServer();
    await runCommand("logger", [
      "-T",
      "-n",
      "127.0.0.1",
      "-P",
      String(server.syslogPort),
      "-t",
      "shop",
      "--id=77",
      "-p",
      "local3.warning",
      ...args,
      "low stock: Größe 7",
    ]);
    const [row] = await server.until(1);
    assertRecent(row!.time);
    assert.deepEqual([row!.service, row!.severity, row!.message], [
      "shop",
      "WARNING",
      "low stock: Größe 7",
    ]);
    assert.deepEqual([row!.attributes.facility, row!.attributes.procid], ["local3", "77"]);
    assert.equal(typeof row!.attributes.hostname, "string");
  });
}

clientTest("logger of util-linux ships structured data, over UDP too", "logger", async () => {
  await using server = new ClientServer();
  await server.listenUdp();
  const args = [
    "--rfc5424",
    "-t",
    "shop",
    "--msgid",
    "cart",
    "--sd-id",
    "order@32473",
    "--sd-param",
    'id="7"',
    "--sd-param",
    'note="a \\"b\\" \\]"',
  ];
  await runCommand("logger", [
    "-T",
    "-n",
    "127.0.0.1",
    "-P",
    String(server.syslogPort),
    ...args,
    "over TCP",
  ]);
  await runCommand("logger", [
    "-d",
    "-n",
    "127.0.0.1",
    "-P",
    String(server.syslogUdpPort),
    ...args,
    "over UDP",
  ]);
  const rows = await server.until(2);
  assert.deepEqual(rows.map((row) => row.message).toSorted(), ["over TCP", "over UDP"]);
  for (const row of rows) {
    const { "order@32473": order } = row.attributes.structured_data as Record<string, unknown>;
    assert.deepEqual(order, { id: "7", note: 'a "b" ]' });
    assert.equal(row.attributes.msgid, "cart");
  }
});

clientTest(
  "Python's SysLogHandler ships over TCP and UDP, lines inside its messages too",
  "python3",
  async () => {
    await using server = new ClientServer();
    await server.listenUdp();
    await runPython(
      `import logging, logging.handlers, os, socket
for name, kind in (("TCP", socket.SOCK_STREAM), ("UDP", socket.SOCK_DGRAM)):
    handler = logging.handlers.SysLogHandler(("127.0.0.1", int(os.environ[name])), socktype=kind, facility="local1")
    handler.ident = "shop: "
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        raise ValueError("no stock")
    except ValueError:
        logger.exception("failed over %s", name)
    logger.critical("down over %s", name)
    handler.close()`,
      { TCP: String(server.syslogPort), UDP: String(server.syslogUdpPort) },
    );
    const rows = await server.until(4);
    for (const name of ["TCP", "UDP"]) {
      const [failed, down] = rows.filter((row) => row.message.includes(`over ${name}`));
      assert.match(failed!.message, /^failed over ...\nTraceback [^]*ValueError: no stock$/);
      assert.deepEqual([failed!.service, failed!.severity, failed!.attributes.facility], [
        "shop",
        "ERROR",
        "local1",
      ]);
      assert.deepEqual([down!.message, down!.severity, down!.severity_text], [
        `down over ${name}`,
        "ERROR",
        "crit",
      ]);
    }
  },
);

for (const type of ["5424", "BSD"]) {
  clientTest(`winston-syslog ships over TCP: ${type}`, "node", async () => {
    await using server = new ClientServer();
    await runNode(
      `import winston from "winston";
      import { Syslog } from "winston-syslog";
      const transport = new Syslog({ host: "127.0.0.1", port: Number(process.env.PORT), protocol: "tcp4", type: process.env.TYPE, app_name: "shop", localhost: "web-1", eol: "\\n" });
      const logger = winston.createLogger({ levels: winston.config.syslog.levels, format: winston.format.simple(), transports: [transport] });
      let sent = 0;
      const all = new Promise((resolve) => transport.on("logged", () => ++sent === 2 && resolve()));
      logger.error("no stock");
      logger.notice("little stock");
      await all;
      // It would connect again whenever its connection is closed.
      process.exit();`,
      { PORT: String(server.syslogPort), TYPE: type },
    );
    const rows = await server.until(2);
    assert.deepEqual(
      rows.map((row) => row.message),
      ["error: no stock", "notice: little stock"].slice(0, rows.length),
    );
    assert.deepEqual(rows.map((row) => [row.service, row.severity, row.severity_text]), [[
      "shop",
      "ERROR",
      undefined,
    ], ["shop", "INFO", "notice"]]);
    assert.equal(rows[0]!.attributes.hostname, "web-1");
    assertRecent(rows[0]!.time);
  });
}
