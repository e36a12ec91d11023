/** @module More services, longer messages and longer queries than anybody needs. */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { STREAMS_MAX } from "../../src/storage/limits.ts";
import { inBoundedMemory } from "../_memory.ts";
import { ServerSuite, type TestAnswer, type TestServer, withServer } from "../_server.ts";
import { headOf, RawConnection } from "../_raw_http.ts";
import { parsePrometheus } from "../_prometheus.ts";
import { beside } from "./_bystander.ts";
import { logs, nextPath, record } from "./_records.ts";

const suite = new ServerSuite();

const SERVICES = 100_000;
const BATCH = 1_000;

/** 100,000 records with their names are some 20 MB as they are parsed, and ten thousand streams a few. */
const SERVICES_ADDED_MIB = 250;

/** Records of so many services that nobody has named yet. */
function newServices(count: number, prefix: string): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, n) => record(`${prefix}-${n}`));
}

/** Whether an answer refuses for the limit of streams, and names it. */
function assertLimit({ status, text, headers }: TestAnswer, expected = 429): void {
  assert.equal(status, expected, text);
  assert.match(text, new RegExp(`${STREAMS_MAX} streams .* which is the limit`));
  assert.ok(Number(headers.get("retry-after")) > 0);
}

async function countOf(server: TestServer): Promise<number> {
  const { logs_per_service } = await server.get("/stats");
  return Object.keys(logs_per_service).length;
}

async function refusals(server: TestServer): Promise<number> {
  const metrics = parsePrometheus((await server.call("/metrics")).text);
  const { samples } = metrics.get("sentinel_refused_total")!;
  return samples.find(({ labels }) => labels.reason === "streams")?.value ?? 0;
}

/** One record of a new service in every format. */
const FORMATS: readonly [path: string, body: string, status: number, type?: string][] = [
  [
    "/v1/logs",
    JSON.stringify({
      resourceLogs: [{
        resource: { attributes: [{ key: "service.name", value: { stringValue: "new-otlp" } }] },
        scopeLogs: [{ logRecords: [{ body: { stringValue: "m" } }] }],
      }],
    }),
    429,
  ],
  [
    "/loki/api/v1/push",
    JSON.stringify({
      streams: [{ stream: { service_name: "new-loki" }, values: [["1743508800000000000", "m"]] }],
    }),
    429,
  ],
  // Whose clients try again after a 503 alone.
  ["/new-index/_bulk", '{"create":{}}\n{"message":"m"}\n', 503, "application/x-ndjson"],
  ["/new-index/_doc", '{"message":"m"}', 503],
  ["/ingest/json", '{"service":"new-json","message":"m"}', 429],
  ["/ingest/clef", '{"@t":"2025-04-01T12:00:00Z","@m":"m","service":"new-clef"}', 503],
  ["/gelf", '{"version":"1.1","host":"new-gelf","short_message":"m"}', 429],
];

Deno.test("100,000 services: as many as there may be, then refusals that name the limit", async () => {
  await withServer((server) =>
    inBoundedMemory(server, SERVICES_ADDED_MIB, async () => {
      await server.post(record("known"));
      let taken = 0;
      await beside(server, "beside-services", async () => {
        for (let n = 0; n < SERVICES / BATCH; n++) {
          const answer = await server.call("/logs", { json: newServices(BATCH, `many-${n}`) });
          if (answer.status === 201) taken++;
          else assertLimit(answer);
        }
        assertLimit(await server.call("/logs", { json: newServices(SERVICES, "at-once") }));
      });
      // The batch that would have passed the limit is refused whole.
      assert.equal(taken, Math.floor((STREAMS_MAX - 2) / BATCH));
      assert.equal(await countOf(server), taken * BATCH + 2);
      const rest = STREAMS_MAX - taken * BATCH - 2;
      await server.post(newServices(rest, "rest"));
      assert.equal(await countOf(server), STREAMS_MAX);

      const before = await refusals(server);
      assertLimit(await server.call("/logs", { json: [record("known"), record("one-more")] }));
      for (const [path, body, status, type = "application/json"] of FORMATS) {
        const headers = { "content-type": type };
        assertLimit(await server.call(path, { method: "POST", body, headers }), status);
      }
      assert.equal(await refusals(server), before + 1 + FORMATS.length);
      assert.equal(await countOf(server), STREAMS_MAX);
      assert.equal((await server.get(logs({ service: "known" }))).length, 1);
      // What is known is taken as before, and what is deleted makes room.
      await server.post(record("known"));
      const { text } = await server.call("/logs?before=2030-01-01T00:00:00Z&service=many-0-0", {
        method: "DELETE",
      });
      assert.match(text, /1 log/);
      await server.post(record("one-more"));
      assert.equal(await countOf(server), STREAMS_MAX);
    })
  );
});

const LONG = 65_536;
const LONG_RECORDS = 60;

/** What fills caches, the memtable and what answers are made of: memory is to be compared with this. */
const WARM_BATCHES = 40;
/** As many as come to 236 MB, which would be memory if they were kept. */
const MORE_BATCHES = 60;
const MORE_ADDED_MIB = 150;

/** Stores batches `from` to `to` (half-open) of records with the longest messages, two at a time. */
async function sendLong(server: TestServer, from: number, to: number): Promise<void> {
  let next = from;
  const send = async () => {
    while (next < to) {
      const n = next++;
      const batch = Array.from({ length: LONG_RECORDS }, (_, i) => {
        const head = `batch ${n} record ${i} `;
        return record("long", { message: head + "y".repeat(LONG - head.length) });
      });
      const body = new Uint8Array(gzipSync(JSON.stringify(batch), { level: 1 }));
      const headers = { "content-type": "application/json", "content-encoding": "gzip" };
      const { status, text } = await server.call("/logs", { method: "POST", body, headers });
      assert.equal(status, 201, text);
    }
  };
  await Promise.all([send(), send()]);
}

/** Counts, finds and pages what was sent up to batch `to`. */
async function readLong(server: TestServer, to: number): Promise<void> {
  const { logs_per_service } = await server.get("/stats?service=long");
  assert.equal(logs_per_service.long, LONG_RECORDS * to);
  const found = await server.get(logs({ service: "long", q: '"batch 7 record 50"' }));
  assert.deepEqual(found.map(({ message }: { message: string }) => message.length), [LONG]);
  // A page ends by its bytes, and leads to the next one.
  const page = await server.call(logs({ service: "long", limit: 5_000 }));
  assert.ok(page.body.length >= 1_000 && page.body.length < 2_000, `${page.body.length} records`);
  assert.ok(nextPath(page.headers) !== undefined);
}

suite.test("a message of 64 KiB in every record: stored, found and paged in bounded memory", async (server) => {
  const all = WARM_BATCHES + MORE_BATCHES;
  await beside(server, "beside-long", async () => {
    await sendLong(server, 0, WARM_BATCHES);
    await readLong(server, WARM_BATCHES);
    await inBoundedMemory(server, MORE_ADDED_MIB, async () => {
      await sendLong(server, WARM_BATCHES, all);
      await readLong(server, all);
    });
  });
});

const QUERY_UNITS = 64 * 1024;

/** What still is a request: its head has the rest of 64 KiB. */
const URL_QUERY_UNITS = QUERY_UNITS - 1_000;

suite.test("a query of 64 KiB is answered at once, or refused with a sentence about its length", async (server) => {
  await server.post(record("queried", { message: "needle" }));
  const long = "a".repeat(URL_QUERY_UNITS);
  await beside(server, "beside-queries", async () => {
    for (const path of ["/logs", "/logs/tail", "/stats", "/histogram", "/facets?field=service"]) {
      const separator = path.includes("?") ? "&" : "?";
      for (const name of ["q", "service", "trace_id", "attr.x"]) {
        const { status, body } = await server.call(`${path}${separator}${name}=${long}`);
        assert.equal(status, 400, `${path} ${name}`);
        assert.match(body.error, /it has \d+ characters; at most \d+ are allowed/);
        assert.ok(body.error.length < 1_000);
      }
      const many = await server.call(`${path}${separator}${"service=a&".repeat(6_000)}`);
      assert.match(many.body.error, /it is given 6000 times; at most 100/);
    }
    // Beyond it the request does not come to us: no sentence, but an answer.
    const connection = await RawConnection.open(server);
    await connection.send(headOf(`GET /logs?q=${"a".repeat(2 * QUERY_UNITS)} HTTP/1.1`));
    assert.equal((await connection.receive())?.status, 400);
    connection.close();
    assert.equal((await server.get(logs({ service: "queried", q: "needle" }))).length, 1);
  });
});

suite.test("a LogQL query of 64 KiB is answered, or refused with a sentence", async (server) => {
  await server.post(record("queried", { timestamp: new Date().toISOString() }));
  const names = Array.from({ length: 6_000 }, (_, n) => `s${n}`).join("|");
  const queries: readonly [query: string, status: number, answer: RegExp][] = [
    [`{service_name=~"${names}|queried"} |= "hello"`, 200, /"hello"/],
    [`{service_name="queried"} |= "${"z".repeat(60_000)}"`, 200, /"result":\[\]/],
    [
      `{service_name="queried"} |~ "${"z".repeat(60_000)}(a|b)"`,
      400,
      /instructions; at most 500 are allowed/,
    ],
    [`{service_name="queried"} |~ "${names}|hello"`, 200, /"hello"/],
    [`{service_name="queried"}${' |= "a"'.repeat(8_000)}`, 400, /more than 500/],
    ["(".repeat(60_000), 400, /more than 100 levels/],
    ["x".repeat(QUERY_UNITS + 1), 400, /the query has 65537 characters; at most 65536/],
  ];
  await beside(server, "beside-logql", async () => {
    for (const [query, status, answer] of queries) {
      const found = await server.call("/loki/api/v1/query_range", {
        method: "POST",
        body: new URLSearchParams({ query }).toString(),
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
      assert.equal(found.status, status, found.text.slice(0, 500));
      assert.match(found.text, answer);
    }
  });
});
