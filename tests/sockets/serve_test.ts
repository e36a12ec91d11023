import assert from "node:assert/strict";
import { TestAuthority } from "../_certificates.ts";
import { PROJECT, TestServer, until, withFolder, withServer } from "../_server.ts";

const encoder = new TextEncoder();

/** The ports that a server said it listens on, by address without the port. */
function ports(server: TestServer): Record<string, number> {
  const listed = [...server.stdout().matchAll(/(\w+:\/\/[\d.]+):(\d+)/g)];
  return Object.fromEntries(listed.map(([, address = "", port]) => [address, Number(port)]));
}

async function sendTo(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

async function figure(server: TestServer, format: string, name: string): Promise<number> {
  const { text } = await server.call("/metrics");
  const line = `sentinel_socket_${name}{format="${format}"} `;
  const at = text.indexOf(line);
  assert.ok(at >= 0, `There is no ${line}`);
  return Number.parseInt(text.slice(at + line.length));
}

async function stored(server: TestServer, count: number): Promise<string[]> {
  const rows = await until(`${count} records`, async () => {
    const rows: { message: string }[] = await server.get("/logs?order=asc&limit=10000");
    return rows.length >= count && rows;
  });
  return rows.map(({ message }) => message);
}

Deno.test("serve --syslog and --gelf store what comes, say where they listen, and count it", async () => {
  const args = ["--syslog", "127.0.0.1:0", "--gelf", "tcp://127.0.0.2:0"];
  await withServer(async (server) => {
    assert.match(
      server.stdout(),
      /^Also on tcp:\/\/127\.0\.0\.1:\d+, udp:\/\/127\.0\.0\.1:\d+\nAlso on tcp:\/\/127\.0\.0\.2:\d+\nSentinel is listening on http:\S+\n$/,
    );
    const { "tcp://127.0.0.1": tcp = 0, "udp://127.0.0.1": udp = 0, "tcp://127.0.0.2": gelf = 0 } =
      ports(server);
    using lines = await Deno.connect({ hostname: "127.0.0.1", port: tcp });
    await sendTo(lines, "<11>1 2025-04-01T12:00:00.123456Z web-1 shop 7 - - over TCP\n");
    using graylog = await Deno.connect({ hostname: "127.0.0.2", port: gelf });
    await sendTo(graylog, '{"host":"web-1","short_message":"GELF","timestamp":1743508801.5}\0');
    const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const to: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port: udp };
    await socket.send(encoder.encode("<11>1 2025-04-01T12:00:02Z web-1 shop 7 - - over UDP"), to);
    socket.close();
    assert.deepEqual(await stored(server, 3), ["over TCP", "GELF", "over UDP"]);
    const [first] = await server.get("/logs?service=shop&order=asc");
    assert.deepEqual([first.timestamp, first.severity], ["2025-04-01T12:00:00.123456Z", "ERROR"]);
    assert.equal(await figure(server, "syslog", "records_stored_total"), 2);
    assert.equal(await figure(server, "gelf", "records_stored_total"), 1);
    assert.equal(await figure(server, "syslog", "connections_open"), 1);
  }, { args });
});

Deno.test("what was sent before SIGTERM is stored, and a new server goes on at the same address", async () => {
  await withFolder(async (dir) => {
    let server = await TestServer.start({ dir, args: ["--syslog", "tcp://127.0.0.1:0"] });
    const { "tcp://127.0.0.1": port = 0 } = ports(server);
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const lines = Array.from({ length: 5000 }, (_, i) => `<13>shop: line ${i}\n`);
    await sendTo(connection, lines.join(""));
    await server.stop();
    server = await server.restart({ args: ["--syslog", `tcp://127.0.0.1:${port}`] });
    const messages = await stored(server, lines.length);
    assert.deepEqual(messages.toSorted(), lines.map((line) => line.slice(10, -1)).toSorted());
    await server.stop();
  });
});

Deno.test({
  name: "syslog over TLS: a client with a certificate of the authority may send, another may not",
  ignore: !TestAuthority.available,
  fn: () =>
    withFolder(async (dir) => {
      const authority = await TestAuthority.make(dir);
      await authority.sign("server");
      const { certificate: cert, key } = await authority.sign("client");
      const server = await TestServer.start({
        dir,
        args: [
          ...["--syslog", "tls://127.0.0.1:0", "--syslog-allow", "none"],
          ...["--syslog-cert", `${dir}/server.pem`, "--syslog-key", `${dir}/server.key`],
          ...["--syslog-client-ca", `${dir}/ca.pem`],
        ],
      });
      const { "tls://127.0.0.1": port = 0 } = ports(server);
      const options = { hostname: "localhost", port, caCerts: [authority.certificate] };
      using known = await Deno.connectTls({ ...options, cert, key });
      await sendTo(known, "<13>shop: over TLS\n");
      assert.deepEqual(await stored(server, 1), ["over TLS"]);
      using unknown = await Deno.connectTls(options);
      assert.equal(await unknown.read(new Uint8Array(1)).catch(() => null), null);
      assert.equal(await figure(server, "syslog", "connections_refused_total"), 1);
      await server.stop();
    }),
});

Deno.test("serve refuses options for syslog that are wrong, with what would be right", async () => {
  const cases: [args: string[], code: number, error: RegExp][] = [
    [["--syslog", "5514"], 2, /--syslog: "5514" is no address to listen on; give one such as/],
    [
      ["--syslog", "127.0.0.1:0", "--syslog-allow", "10.0.0.0/99"],
      2,
      /--syslog-allow: .*is no address or network/,
    ],
    [["--syslog", "tls://127.0.0.1:0"], 2, /needs --syslog-cert and --syslog-key/],
    [["--demo", "--syslog", "0.0.0.0:0"], 2, /--demo .* on 0\.0\.0\.0 is refused/],
    [["--syslog", "tcp://192.0.2.1:0"], 1, /^Cannot listen on tcp:\/\/192\.0\.2\.1:0: /m],
  ];
  await withFolder(async (dir) => {
    for (const [args, expected, error] of cases) {
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-q", "-P=sentinel", `${PROJECT}/main.ts`, "serve", "--port", "0"],
          ...["--data", `${dir}/logs.kv`, ...args],
        ],
        cwd: PROJECT,
        env: { NO_COLOR: "1" },
      }).output();
      const text = new TextDecoder().decode(stderr);
      assert.match(text, error);
      assert.equal(code, expected, text);
    }
  });
});
