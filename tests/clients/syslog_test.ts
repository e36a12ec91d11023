import assert from "node:assert/strict";
import { TestAuthority } from "../_certificates.ts";
import { debianPrograms, startRsyslog, startSyslogNg } from "./_debian.ts";
import { clientTest, run, runNode, runPython } from "./_programs.ts";
import { assertRecent, type ClientRecord, withReceiver } from "./_receiver.ts";
import { snippet } from "./_snippet.ts";

const LOGGER_ARGUMENTS: [name: string, from: string, to: string][] = [
  ["RFC 5424, counted", "--octet-count --rfc5424", "--octet-count --rfc5424"],
  ["RFC 5424, by line", "--octet-count --rfc5424", "--rfc5424"],
  ["RFC 3164, counted", "--octet-count --rfc5424", "--octet-count --rfc3164"],
  ["RFC 3164, by line", "--octet-count --rfc5424", "--rfc3164"],
];

for (const [name, from, to] of LOGGER_ARGUMENTS) {
  clientTest(
    `logger of util-linux ships over TCP: ${name}`,
    "logger",
    () =>
      withReceiver(async (receiver) => {
        const command = snippet("logger", receiver, { [from]: to });
        await run("sh", ["-c", `${command} --id=77 -p local3.warning 'low stock: Größe 7'`]);
        const [record] = await receiver.until(1);
        assertRecent(record!.timestamp);
        assert.deepEqual([record!.service, record!.severity, record!.message], [
          "shop",
          "WARNING",
          "low stock: Größe 7",
        ]);
        assert.deepEqual([record!.attributes.facility, record!.attributes.procid], [
          "local3",
          "77",
        ]);
        assert.equal(typeof record!.attributes.hostname, "string");
      }),
  );
}

clientTest(
  "logger of util-linux ships structured data, over UDP too",
  "logger",
  () =>
    withReceiver(async (receiver) => {
      const data =
        `--msgid cart --sd-id order@32473 --sd-param 'id="7"' --sd-param 'note="a \\"b\\" \\]"'`;
      const tcp = snippet("logger", receiver);
      const udp = tcp.replace("--tcp --octet-count", "--udp")
        .replace(String(receiver.port("tcp")), String(receiver.port("udp")));
      await run("sh", ["-c", `${tcp} ${data} 'over TCP' && ${udp} ${data} 'over UDP'`]);
      const records = await receiver.until(2);
      assert.deepEqual(records.map(({ message }) => message).toSorted(), ["over TCP", "over UDP"]);
      for (const { attributes } of records) {
        const { "order@32473": order } = attributes.structured_data as Record<string, unknown>;
        assert.deepEqual(order, { id: "7", note: 'a "b" ]' });
        assert.equal(attributes.msgid, "cart");
      }
    }),
);

const debian = await debianPrograms();

/** Sends messages through a local shipper. */
async function log(socket: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await run("logger", [
      "-u",
      socket,
      "-t",
      "shop",
      "-p",
      "local3.err",
      "--id=77",
      `no stock of "Größe ${i}"`,
    ]);
  }
}

function checkLogged(records: readonly ClientRecord[]): void {
  assertRecent(records[0]!.timestamp);
  assert.deepEqual(
    records.map(({ service, severity, message }) => [service, severity, message]),
    records.map((_, i) => ["shop", "ERROR", `no stock of "Größe ${i}"`]),
  );
  const { facility, procid, hostname } = records[0]!.attributes;
  assert.deepEqual([facility, procid, typeof hostname], ["local3", "77", "string"]);
}

clientTest(
  "rsyslog's omfwd ships over TCP",
  debian?.rsyslogd,
  () =>
    withReceiver(async (receiver, dir) => {
      const shipper = await startRsyslog(debian!, dir, snippet("omfwd", receiver));
      await log(shipper.socket, 10);
      checkLogged(await receiver.until(10));
      await shipper.stop();
    }),
);

clientTest(
  "rsyslog's omfwd ships over UDP, in RFC 3164",
  debian?.rsyslogd,
  () =>
    withReceiver(async (receiver, dir) => {
      const action = `action(type="omfwd" target="127.0.0.1" port="${
        receiver.port("udp")
      }" protocol="udp")`;
      const shipper = await startRsyslog(debian!, dir, action);
      await log(shipper.socket, 10);
      checkLogged(await receiver.until(10));
      await shipper.stop();
    }),
);

clientTest(
  "rsyslog's omfwd ships over TLS, known by its certificate",
  TestAuthority.available ? debian?.rsyslogd : undefined,
  () =>
    withReceiver(async (receiver, dir) => {
      const actions = snippet("omfwd with TLS", receiver, { "/etc/ssl/sentinel": dir });
      const shipper = await startRsyslog(debian!, dir, actions);
      await log(shipper.socket, 10);
      checkLogged(await receiver.until(10));
      await shipper.stop();
    }, async (dir) => {
      const authority = await TestAuthority.make(dir);
      await authority.sign("server");
      await authority.sign("client");
      return [
        ...["--syslog", "tls://127.0.0.1:0", "--gelf", "127.0.0.1:0", "--syslog-allow", "none"],
        ...["--syslog-cert", `${dir}/server.pem`, "--syslog-key", `${dir}/server.key`],
        ...["--syslog-client-ca", `${dir}/ca.pem`],
      ];
    }),
);

clientTest(
  "syslog-ng's syslog destination ships over TCP",
  debian?.syslogNg,
  () =>
    withReceiver(async (receiver, dir) => {
      const destination = snippet("syslog-ng's syslog destination", receiver);
      const shipper = await startSyslogNg(debian!, dir, destination);
      await log(shipper.socket, 10);
      checkLogged(await receiver.until(10));
      await shipper.stop();
    }),
);

for (const type of ["5424", "BSD"]) {
  clientTest(
    `winston-syslog ships over TCP: ${type}`,
    "node",
    () =>
      withReceiver(async (receiver) => {
        const configuration = snippet("winston-syslog", receiver, { '"5424"': `"${type}"` });
        await runNode(`${configuration}
let sent = 0;
const all = new Promise((resolve) => transport.on("logged", () => ++sent === 2 && resolve()));
logger.error("no stock");
logger.notice("little stock");
await all;
// It would connect again whenever its connection is closed.
process.exit();`);
        const records = await receiver.until(2);
        assert.deepEqual(
          records.map((
            { service, severity, severity_text: text, message },
          ) => [service, severity, text, message]),
          [
            ["shop", "ERROR", undefined, "error: no stock"],
            ["shop", "INFO", "notice", "notice: little stock"],
          ],
        );
        assert.equal(records[0]!.attributes.hostname, "web-1");
        assertRecent(records[0]!.timestamp);
      }),
  );
}

for (const [name, kind] of [["tcp", "SOCK_STREAM"], ["udp", "SOCK_DGRAM"]] as const) {
  clientTest(
    `Python's SysLogHandler ships over ${name}, lines inside its messages too`,
    "python3",
    () =>
      withReceiver(async (receiver) => {
        const configuration = snippet("Python's SysLogHandler", receiver, { SOCK_STREAM: kind })
          .replace(String(receiver.port("tcp")), String(receiver.port(name)));
        await runPython(`${configuration}
logger = logging.getLogger("cart")
try:
    raise ValueError("no stock")
except ValueError:
    logger.exception("failed")
logger.critical("down")
handler.close()`);
        const [failed, down] = await receiver.until(2);
        assert.match(failed!.message, /^failed\nTraceback [^]*ValueError: no stock$/);
        assert.deepEqual([failed!.service, failed!.severity], ["shop", "ERROR"]);
        assert.deepEqual([down!.message, down!.severity, down!.severity_text], [
          "down",
          "ERROR",
          "crit",
        ]);
      }),
  );
}
