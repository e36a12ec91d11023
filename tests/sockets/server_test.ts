import assert from "node:assert/strict";
import { TestAuthority } from "../_certificates.ts";
import { until, withFolder } from "../_server.ts";
import { OutcomeUnknownError, OverloadedError } from "../../src/storage/mod.ts";
import { FakeStore } from "./_fake_store.ts";
import { parseListenAddresses } from "../../src/sockets/address.ts";
import {
  openSocketServer,
  type SocketServer,
  type SocketServerOptions,
} from "../../src/sockets/server.ts";
import { SourceList } from "../../src/sockets/source_list.ts";

const encoder = new TextEncoder();

type Options = Partial<Omit<SocketServerOptions, "addresses">>;

/** Runs a test with a server; gives the ports of its addresses, in their order. */
async function withServer(
  addresses: string,
  test: (
    given: { store: FakeStore; server: SocketServer; ports: number[]; logged: string[] },
  ) => Promise<void>,
  options: Options = {},
): Promise<void> {
  const store = new FakeStore();
  const logged: string[] = [];
  const server = await openSocketServer({
    format: "syslog",
    sources: SourceList.loopback(),
    store,
    log: (line) => logged.push(line),
    ...options,
    addresses: parseListenAddresses(addresses, ["tcp", "udp"]),
  });
  try {
    const ports = server.addresses.map((address) => Number(/\d+$/.exec(address)![0]));
    await test({ store, server, ports, logged });
  } finally {
    await server.close();
  }
}

async function send(port: number, text: string): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(connection, encoder.encode(text));
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

async function sendDatagrams(port: number, texts: readonly string[]): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  for (const text of texts) {
    await socket.send(encoder.encode(text), { transport: "udp", hostname: "127.0.0.1", port });
  }
  socket.close();
}

function figure(server: SocketServer, name: keyof ReturnType<SocketServer["figures"]>): number {
  return server.figures()[name];
}

Deno.test("messages come by line and by count, of both kinds, over TCP and UDP", async () => {
  await withServer("127.0.0.1:0", async ({ store, server, ports }) => {
    const [tcp = 0, udp = 0] = ports;
    await send(tcp, "<13>Oct 11 22:14:15 web-1 shop[7]: by line\n<13>1 - web-1 shop - - - new\n");
    await store.until(2);
    await send(tcp, "25 <13>shop: counted message31 <13>shop: ended by the close...");
    await store.until(4);
    await sendDatagrams(udp, ["<13>shop: a datagram"]);
    await store.until(5);
    assert.deepEqual(store.messages.toSorted(), [
      "a datagram",
      "by line",
      "counted message",
      "ended by the close...",
      "new",
    ]);
    assert.deepEqual(new Set(store.services), new Set(["shop"]));
    await until("the count", () => figure(server, "records_stored_total") === 5);
  });
});

Deno.test("a message without a host name has the address that it came from", async () => {
  await withServer("tcp://127.0.0.1:0", async ({ store, ports }) => {
    await send(ports[0]!, "neither format\n<13>Oct 11 22:14:15 web-1 shop: known\n");
    await store.until(2);
    assert.equal(store.attributes[0]?.source, "127.0.0.1");
    assert.equal(store.attributes[1]?.source, undefined);
    assert.equal(store.services[0], "syslog");
  });
});

Deno.test("GELF comes over TCP, each message ended by a NUL", async () => {
  await withServer("tcp://127.0.0.1:0", async ({ store, ports }) => {
    const message = (text: string) =>
      JSON.stringify({ version: "1.1", host: "web-1", short_message: text });
    await send(ports[0]!, `${message("one")}\0${message("two")}\0no JSON\0`);
    await store.until(3);
    assert.deepEqual(store.messages, ["one", "two", "no JSON"]);
    assert.deepEqual(store.services, ["web-1", "web-1", "gelf"]);
  }, { format: "gelf" });
});

Deno.test("a sender is read no faster than the store takes its messages", async () => {
  await withServer("tcp://127.0.0.1:0", async ({ store, ports }) => {
    const release = store.hold();
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: ports[0]! });
    const count = 100_000;
    const line = `<13>shop: ${"x".repeat(190)}\n`;
    let written = false;
    const writing = writeAll(connection, encoder.encode(line.repeat(count)))
      .then(() => written = true);
    await until("the first append", () => store.appends === 1);
    // What the system buffers is a few MiB of these 20.
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(store.appends, 1);
    assert.equal(written, false);
    release();
    await writing;
    await store.until(count);
    assert.equal(store.messages.length, count);
  });
});

Deno.test("what the store refuses is offered again until it takes it, in order and once", async () => {
  await withServer("tcp://127.0.0.1:0", async ({ store, ports, logged, server }) => {
    store.failures.push(new OverloadedError("Full"), new Error("The disk is full"));
    await send(ports[0]!, "<13>a: 1\n<13>a: 2\n");
    await store.until(2);
    assert.deepEqual(store.messages, ["1", "2"]);
    assert.equal(store.appends, 3);
    assert.equal(figure(server, "records_lost_total"), 0);
    // One line for the whole outage.
    assert.deepEqual(logged, ["Records of syslog wait: Full"]);
  });
});

Deno.test("records of a service that is one too many are kept as another's, with its name", async () => {
  await withServer("tcp://127.0.0.1:0", async ({ store, ports }) => {
    store.failures.push(new OverloadedError("10000 streams", 429, 60));
    await send(ports[0]!, "<13>Oct 11 22:14:15 web-1 shop-7714: hello\n");
    await store.until(1);
    assert.deepEqual([store.services, store.messages], [["syslog"], ["hello"]]);
    assert.equal(store.attributes[0]?.service, "shop-7714");
    assert.equal(store.attributes[0]?.hostname, "web-1");
  });
});

Deno.test("records whose outcome is unknown are not stored a second time", async () => {
  await withServer("tcp://127.0.0.1:0", async ({ store, ports, server }) => {
    store.failures.push(new OutcomeUnknownError("The store closed"));
    await send(ports[0]!, "<13>a: 1\n");
    await until("the loss", () => figure(server, "records_lost_total") === 1);
    assert.equal(store.appends, 1);
  });
});

Deno.test("strangers are refused, counted, and named once", async () => {
  await withServer("127.0.0.1:0", async ({ store, server, ports, logged }) => {
    const [tcp = 0, udp = 0] = ports;
    for (let i = 0; i < 2; i++) {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: tcp });
      assert.equal(await connection.read(new Uint8Array(1)).catch(() => null), null);
    }
    await sendDatagrams(udp, ["<13>a: 1", "<13>a: 2"]);
    await until("the datagrams", () => figure(server, "datagrams_refused_total") === 2);
    assert.equal(figure(server, "connections_refused_total"), 2);
    assert.equal(store.appends, 0);
    assert.equal(logged.length, 1);
    assert.match(logged[0]!, /^Refused syslog from 127\.0\.0\.1: .*--syslog-allow/);
  }, { sources: SourceList.parse("10.0.0.0/8") });
});

Deno.test("datagrams that arrive during a commit share the next one, and too many are dropped and counted", async () => {
  await withServer("udp://127.0.0.1:0", async ({ store, server, ports }) => {
    const release = store.hold();
    await sendDatagrams(ports[0]!, ["<13>a: first"]);
    await until("the first append", () => store.appends === 1);
    const longest = `<13>a: ${"x".repeat(60_000)}`;
    // 8 Mi units are 140 of these; the system's own buffer holds only some at a time.
    for (let i = 0; i < 200; i++) {
      await sendDatagrams(ports[0]!, [longest]);
      if (figure(server, "datagrams_dropped_total") > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.ok(figure(server, "datagrams_dropped_total") > 0);
    release();
    await until("what waited", () => store.messages.length > 100);
    assert.equal(store.messages[0], "first");
    assert.ok(store.appends <= 3, `${store.appends} appends`);
  });
});

Deno.test("closing stores what senders have on the way, and takes nothing more", async () => {
  await withServer("127.0.0.1:0", async ({ store, server, ports }) => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: ports[0]! });
    await writeAll(connection, encoder.encode("<13>a: 1\n"));
    await store.until(1);
    const release = store.hold();
    await writeAll(connection, encoder.encode("<13>a: 2\n"));
    await until("the second append", () => store.appends === 2);
    await writeAll(connection, encoder.encode("<13>a: 3\n<13>a: not en"));
    const closing = server.close();
    release();
    // The sender is told, so that it sends nothing more into the void.
    assert.equal(await connection.read(new Uint8Array(1)), null);
    await closing;
    assert.deepEqual(store.messages, ["1", "2", "3", "not en"]);
    await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: ports[0]! }));
  });
});

Deno.test("closing gives up what the store still refuses, and counts it", async () => {
  await withServer("tcp://127.0.0.1:0", async ({ store, server, ports }) => {
    for (let i = 0; i < 100; i++) store.failures.push(new OverloadedError("Full"));
    await send(ports[0]!, "<13>a: 1\n");
    await until("an append", () => store.appends > 0);
    await server.close();
    assert.equal(figure(server, "records_lost_total"), 1);
    assert.equal(figure(server, "connections_open"), 0);
  });
});

Deno.test("an address in use is named, and what listened already is closed", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  await assert.rejects(
    withServer(`udp://127.0.0.1:0, tcp://127.0.0.1:${port}`, () => Promise.resolve()),
    new RegExp(`^Error: Cannot listen on tcp://127\\.0\\.0\\.1:${port}: `),
  );
});

Deno.test({
  name:
    "with TLS, who shows a certificate of the authority may send from anywhere, and nobody else",
  ignore: !TestAuthority.available,
  fn: () =>
    withFolder(async (dir) => {
      const authority = await TestAuthority.make(dir);
      const { certificate, key } = await authority.sign("server");
      const client = await authority.sign("client");
      const other = await TestAuthority.make(await Deno.makeTempDir({ dir }));
      const stranger = await other.sign("client");
      const tls = { certificate, key, clientAuthority: authority.certificate };
      await withServer("tls://127.0.0.1:0", async ({ store, server, ports }) => {
        const sendTls = async (text: string, pair?: { certificate: string; key: string }) => {
          using connection = await Deno.connectTls({
            hostname: "localhost",
            port: ports[0]!,
            caCerts: [authority.certificate],
            ...(pair === undefined ? {} : { cert: pair.certificate, key: pair.key }),
          });
          await writeAll(connection, encoder.encode(text));
          await connection.closeWrite?.();
        };
        await sendTls("12 <13>a: known", client);
        await store.until(1);
        await sendTls("12 <13>a: other", stranger).catch(() => undefined);
        await sendTls("12 <13>a: naked").catch(() => undefined);
        await until("the refusals", () => figure(server, "connections_refused_total") === 2);
        assert.deepEqual(store.messages, ["known"]);
      }, { tls, sources: SourceList.parse("none") });
    }),
});
