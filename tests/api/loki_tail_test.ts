import assert from "node:assert/strict";
import { ServerSuite, TOKENS, until } from "../_server.ts";
import { loki, LokiTail, nanos, push } from "./_loki.ts";
import { record } from "./_records.ts";

const suite = new ServerSuite();

function line(app: string, text: string, level = "info", ms = Date.now()) {
  return { stream: { app, level }, values: [[nanos(ms, 7), text]] as const };
}

suite.test("a tail begins with the newest lines and goes on with those that come", async (server) => {
  const app = "begins";
  const old = Date.now() - 10_000;
  await push(server, [
    line(app, "one", "info", old),
    line(app, "two", "info", old + 1),
    line(app, "three", "warn", old + 2),
    line("another", "no", "info", old),
  ]);
  const tail = await LokiTail.open(server, { query: `{app="${app}"} |~ "t|new"`, limit: 1 });
  const stream = { app, detected_level: "warn", level: "warn", service_name: app };
  assert.deepEqual(await tail.next(), {
    streams: [{ stream, values: [[nanos(old + 2, 7), "three"]] }],
  });
  await push(server, [line(app, "not this"), line(app, "a new one"), line("another", "new")]);
  assert.deepEqual((await tail.lines(2)).sort(), ["a new one", "not this"]);
  await push(server, [line(app, "x"), line(app, "also new", "error")]);
  assert.deepEqual(await tail.lines(1), ["also new"]);
  await tail.close();
});

suite.test("a tail parses and formats, and tells labels apart for Grafana", async (server) => {
  const query =
    '{service_name="formats"} | logfmt | code >= 500 | line_format "{{.code}}: {{.msg}}"';
  const tail = await LokiTail.open(server, { query }, {
    "x-loki-response-encoding-flags": "categorize-labels",
  });
  await server.post([
    record("formats", { message: "code=200 msg=fine", timestamp: "2026-01-01T00:00:00Z" }),
    record("formats", {
      message: 'code=503 msg="not fine"',
      timestamp: "2026-01-01T00:00:00.000000001Z",
      attributes: { user: { id: 7 } },
    }),
  ]);
  assert.deepEqual(await tail.next(), {
    streams: [{
      stream: { service_name: "formats" },
      values: [["1767225600000000001", "503: not fine", {
        structuredMetadata: { detected_level: "info", level: "info", user_id: "7" },
        parsed: { code: "503", msg: "not fine" },
      }]],
    }],
    encodingFlags: ["categorize-labels"],
  });
  await tail.close();
});

suite.test("nothing is lost between the first lines and those that come", async (server) => {
  const app = "gapless";
  const total = 300;
  const pushing = (async () => {
    for (let n = 0; n < total; n++) await push(server, [line(app, `n${n}`)]);
  })();
  await until("some lines", async () => {
    const { body } = await loki(server, "query", {
      query: `sum(count_over_time({app="${app}"}[1h]))`,
    });
    return Number(body.data.result[0]?.value[1]) > 20;
  });
  const tail = await LokiTail.open(server, { query: `{app="${app}"}`, limit: 5_000 });
  await pushing;
  const lines = await tail.lines(total);
  assert.deepEqual(new Set(lines).size, total);
  assert.equal(lines.length, total);
  await tail.close();
});

suite.test("delay_for holds lines back", async (server) => {
  const app = "delayed";
  const tail = await LokiTail.open(server, { query: `{app="${app}"}`, delay_for: 1 });
  const sentMs = performance.now();
  await push(server, [line(app, "late")]);
  assert.deepEqual(await tail.lines(1), ["late"]);
  const waitedMs = performance.now() - sentMs;
  assert.ok(waitedMs > 900, `${waitedMs} ms`);
  await tail.close();
});

suite.test("a tail ends when its token is revoked", async (server) => {
  const made = await server.call("/tokens", {
    method: "POST",
    json: { name: "tailing", read: true },
  });
  const tail = await LokiTail.open(server, { query: '{app="x"}' }, {
    authorization: `Bearer ${made.body.token}`,
  });
  await server.call("/tokens/tailing", { method: "DELETE" });
  assert.deepEqual(await tail.closed, [1008, "This token may not read any more"]);
});

suite.test("a bad tail is refused before it is one", async (server) => {
  const query = '{app="x"}';
  const plain = await loki(server, "tail", { query });
  assert.equal(plain.status, 426);
  assert.match(plain.text, /^A tail is a websocket/);
  for (
    const [parameters, reason] of [
      [{ query: "{" }, /^parse error/],
      [{ query: 'rate({app="x"}[1m])' }, /only label matchers are supported/],
      [{ query, limit: "0" }, /limit must be a positive value/],
      [{ query, delay_for: "x" }, /delay_for must be a positive value/],
      [{ query }, /cannot become a websocket/],
    ] as const
  ) {
    const { status, text } = await loki(server, "tail", parameters, { upgrade: "websocket" });
    assert.equal(status, 400, text);
    assert.match(text, reason);
  }
  // The server is still there: Deno ends the process of one that answers an upgrade in two ways.
  assert.equal((await loki(server, "labels")).status, 200);
});

suite.test("a reader who takes nothing costs no more than a bound, and is told what it missed", async (server) => {
  const app = "slow";
  const socket = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const path = `/loki/api/v1/tail?query=${encodeURIComponent(`{service_name="${app}"}`)}`;
  await socket.write(new TextEncoder().encode(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKENS.admin}\r\n` +
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ));
  const head = new Uint8Array(1024);
  await socket.read(head);
  const message = "y".repeat(10_000);
  const batch = Array.from({ length: 500 }, () => record(app, { message }));
  for (let n = 0; n < 12; n++) await server.post(batch);
  const waiting = await server.figure("http_tails_bytes_waiting");
  assert.ok(waiting <= 2 * 1024 * 1024, `${waiting} bytes wait`);
  // Now it reads on, until it is told.
  let text = "";
  const chunk = new Uint8Array(1024 * 1024);
  const decoder = new TextDecoder();
  await until("what it missed", async () => {
    const count = await socket.read(chunk);
    assert.ok(count !== null, "The connection ended");
    text = text.slice(-200) + decoder.decode(chunk.subarray(0, count), { stream: true });
    return text.includes('"dropped_entries":[{"labels":{"dropped":"');
  });
  socket.close();
});

suite.test("a browser's session cannot be used by another site's page", async (server) => {
  const signIn = await server.call("/session", {
    method: "POST",
    token: null,
    json: { token: TOKENS.admin },
    headers: { "x-sentinel-request": "1" },
  });
  const cookie = signIn.headers.get("set-cookie")!.split(";")[0]!;
  const { status, text } = await server.call(
    `/loki/api/v1/tail?query=${encodeURIComponent('{app="x"}')}`,
    { token: null, headers: { cookie, upgrade: "websocket", origin: "https://evil.example" } },
  );
  assert.equal(status, 403, text);
});
