import assert from "node:assert/strict";
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { Random } from "../_random.ts";
import { RawConnection } from "../_raw_http.ts";
import { type TestServer, TOKENS, until, withServer } from "../_server.ts";
import { type FormatCase, FORMATS, type Said } from "./_formats.ts";

const SAID: Said = { message: "order 7 is late", level: "error", order: 7 };
const encoder = new TextEncoder();

/** A record as `GET /logs` gives it. */
interface Row {
  readonly id: number;
  readonly message: string;
  readonly service: string;
  readonly severity: string;
  readonly severity_text?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

async function rows(server: TestServer): Promise<Row[]> {
  const found: Row[] = await server.get("/logs?limit=10000");
  return found.toSorted((a, b) => a.id - b.id);
}

async function post(
  server: TestServer,
  { path, contentType, status }: FormatCase,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const answer = await server.call(path, {
    method: "POST",
    body,
    headers: { "content-type": contentType, ...headers },
  });
  assert.equal(answer.status, status, `${path}: ${answer.text}`);
}

/** Registers a test of every format, on a server of its own. */
function everyFormat(
  name: string,
  test: (server: TestServer, format: FormatCase) => Promise<void>,
): void {
  Deno.test(name, () =>
    withServer(async (server) => {
      for (const format of FORMATS) await test(server, format);
    }));
}

Deno.test("every format's record has its message, service, severity, time and attributes", () =>
  withServer(async (server) => {
    for (const format of FORMATS) await post(server, format, format.body(SAID));
    const found: (Row & { timestamp: string })[] = await rows(server) as never;
    assert.equal(found.length, FORMATS.length);
    found.forEach((row, i) => {
      const { path, service, order } = FORMATS[i]!;
      assert.deepEqual(
        [row.message, row.service, row.severity, row.timestamp, row.attributes?.order],
        [SAID.message, service, "ERROR", "2025-06-01T00:00:00.000Z", order],
        path,
      );
    });
  }));

Deno.test("a severity that nobody knows is INFO, and kept", () =>
  withServer(async (server) => {
    for (const format of FORMATS) {
      await post(server, format, format.body({ ...SAID, level: "loud" }));
    }
    for (const [i, { severity, severity_text: text }] of (await rows(server)).entries()) {
      assert.deepEqual([severity, text], ["INFO", "loud"], FORMATS[i]!.path);
    }
  }));

Deno.test("a message that is too long is cut between two characters, and an attribute says by how much", () =>
  withServer(async (server) => {
    const message = "a" + "é".repeat(35_000);
    for (const format of FORMATS) await post(server, format, format.body({ ...SAID, message }));
    for (const [i, row] of (await rows(server)).entries()) {
      const { path, order } = FORMATS[i]!;
      assert.equal(row.message, "a" + "é".repeat(32_767), path);
      assert.deepEqual(
        [row.attributes?.message_truncated_bytes, row.attributes?.order],
        [2 * (35_000 - 32_767), order],
        path,
      );
    }
  }));

const CODINGS: readonly [string, (bytes: Uint8Array) => Uint8Array][] = [
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["zstd", zstdCompressSync],
];

Deno.test("every format's body may be compressed with gzip, deflate and zstd", () =>
  withServer(async (server) => {
    for (const format of FORMATS) {
      const bytes = encoder.encode(format.body(SAID));
      for (const [coding, compress] of CODINGS) {
        // GELF's clients name codings that they did not use: its first bytes tell, and zstd is none of its.
        if (format.path === "/gelf" && coding === "zstd") continue;
        await post(server, format, new Uint8Array(compress(bytes)), { "content-encoding": coding });
      }
    }
    const found = await rows(server);
    assert.equal(found.length, FORMATS.length * CODINGS.length - 1);
    assert.ok(found.every(({ message }) => message === SAID.message));
    // Some clients send the bare stream and call it deflate.
    const [format] = FORMATS;
    const bare = new Uint8Array(deflateRawSync(encoder.encode(format!.body(SAID))));
    await post(server, format!, bare, { "content-encoding": "deflate" });
  }));

Deno.test("a bomb is refused by every format, and nothing of it is stored", () =>
  withServer(async (server) => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(64 * 1024 * 1024)));
    for (const { path, contentType } of FORMATS) {
      const headers = { "content-type": contentType, "content-encoding": "gzip" };
      const { status } = await server.call(path, { method: "POST", body: bomb, headers });
      assert.equal(status, 413, path);
    }
    assert.equal((await rows(server)).length, 0);
  }));

everyFormat(
  "one connection takes request after request: waiting for a 100, chunked, and plain",
  async (server, format) => {
    const { path, contentType, status } = format;
    const before = (await rows(server)).length;
    const connection = await RawConnection.open(server);
    const head = [
      `POST ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${server.port}`,
      `Authorization: Bearer ${TOKENS.admin}`,
      `Content-Type: ${contentType}`,
    ].join("\r\n");
    const body = encoder.encode(format.body(SAID));
    const length = `Content-Length: ${body.length}`;
    await connection.send(`${head}\r\n${length}\r\nExpect: 100-continue\r\n\r\n`);
    assert.equal((await connection.receive())?.status, 100, path);
    await connection.send(body);
    assert.equal((await connection.receive())?.status, status, path);
    await connection.send(`${head}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (const part of [body.subarray(0, 5), body.subarray(5)]) {
      await connection.send(`${part.length.toString(16)}\r\n`);
      await connection.send(part);
      await connection.send("\r\n");
    }
    await connection.send("0\r\n\r\n");
    assert.equal((await connection.receive())?.status, status, path);
    await connection.send(`${head}\r\n${length}\r\n\r\n`);
    await connection.send(body);
    const last = await connection.receive();
    assert.deepEqual([last?.status, last?.keeps], [status, true], path);
    connection.close();
    assert.equal((await rows(server)).length, before + 3, path);
  },
);

everyFormat(
  "OPTIONS says what a path takes, and a wrong token is told in the format's own shape",
  async (server, format) => {
    const { path, contentType } = format;
    const options = await server.call(path, { method: "OPTIONS", token: null });
    assert.equal(options.status, 204, path);
    assert.match(options.headers.get("allow")!, /\bPOST\b/, path);
    for (const token of [null, "wrong"]) {
      const headers = { "content-type": contentType };
      const body = format.body(SAID);
      const answer = await server.call(path, { method: "POST", body, headers, token });
      assert.equal(answer.status, 401, path);
      assert.match(answer.text, /Who are you\?/, path);
    }
    assert.equal((await rows(server)).length, 0);
  },
);

Deno.test("no body, however broken, makes any format fail, and what is refused is not stored", () =>
  withServer(async (server) => {
    const random = new Random(20251122);
    for (let round = 0; round < 60; round++) {
      for (const { path, contentType, body, status: good } of FORMATS) {
        const bytes = encoder.encode(body(SAID));
        // A few bytes changed, and sometimes the end cut off.
        for (let i = 0; i < 3; i++) {
          bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 256 - 1);
        }
        const cut = random.integer(0, 3 - 1) === 0
          ? random.integer(0, bytes.length - 1)
          : bytes.length;
        const before = (await rows(server)).length;
        const { status, text } = await server.call(path, {
          method: "POST",
          body: bytes.subarray(0, cut),
          headers: { "content-type": contentType },
        });
        assert.ok(status === good || status === 400, `${path}: ${status} ${text}`);
        if (status === 400) assert.equal((await rows(server)).length, before, path);
      }
    }
    assert.doesNotMatch(server.stderr(), /WARNING|ERROR/);
  }));

Deno.test("syslog over TCP: what is malformed or too long is kept, nothing is lost", () =>
  withServer(async (server) => {
    const [, syslog] = /Also on tcp:\/\/127\.0\.0\.1:(\d+)/.exec(server.stdout())!;
    const long = `<11>shop: ${"x".repeat(200_000)}`;
    const lines = [
      "no syslog at all",
      "<999>1 what",
      "<11>1 - - - - -",
      long,
      "<11>shop: after it",
    ];
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(syslog) });
    const bytes = encoder.encode(lines.join("\n") + "\n");
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    await until("five records", async () => (await rows(server)).length === 5);
    const [plain, unknown, empty, cut, after] = await rows(server);
    assert.deepEqual([plain!.message, plain!.severity, plain!.service], [
      "no syslog at all",
      "INFO",
      "syslog",
    ]);
    assert.deepEqual([unknown!.message, unknown!.severity], ["<999>1 what", "INFO"]);
    assert.deepEqual([empty!.message, empty!.severity], ["", "ERROR"]);
    assert.equal(cut!.message.length, 65_536);
    assert.equal(cut!.attributes?.message_truncated_bytes, 200_000 - 65_536);
    assert.deepEqual([after!.message, after!.severity], ["after it", "ERROR"]);
  }, { args: ["--syslog", "tcp://127.0.0.1:0"] }));
