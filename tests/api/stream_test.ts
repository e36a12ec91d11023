import assert from "node:assert/strict";
import { ServerSuite, type TestServer } from "../_server.ts";
import { flushed, logs, ndjson, nextPath, record, type StoredRecord } from "./_records.ts";

const suite = new ServerSuite();

const NDJSON = { accept: "application/x-ndjson" };
const CSV = { accept: "text/csv" };
const COUNT = 25_000;

let ids: number[] | undefined;

/** More records than any page may have; half of them in segments, half in memory. */
async function filled(server: TestServer): Promise<number[]> {
  if (ids === undefined) {
    const half = (start: number) =>
      Array.from(
        { length: COUNT / 2 },
        (_, n) =>
          record("stream", {
            message: `number ${start + n}`,
            severity: n % 2 === 0 ? "INFO" : "ERROR",
          }),
      );
    ids = await server.post(half(0));
    await flushed(server);
    ids = [...ids, ...await server.post(half(COUNT / 2))];
  }
  return ids;
}

suite.test("an NDJSON stream gives every match, one a line, the same as pages do", async (server) => {
  const all = await filled(server);
  const { status, headers, text } = await server.call(logs({ order: "asc" }), { headers: NDJSON });
  assert.equal(status, 200);
  assert.equal(headers.get("content-type"), "application/x-ndjson");
  assert.equal(headers.get("link"), null);
  assert.ok(text.endsWith("}\n"));
  const records = ndjson(text);
  assert.deepEqual(records.map(({ id }) => id), all);
  assert.deepEqual(
    records.slice(0, 10_000),
    await server.get(logs({ order: "asc", limit: 10_000 })),
  );
});

suite.test("a stream without order is newest first, and obeys filters and limit", async (server) => {
  const all = await filled(server);
  const { text } = await server.call(logs({ severity: "ERROR", limit: 10 }), { headers: NDJSON });
  const odd = all.filter((_, n) => (n % (COUNT / 2)) % 2 === 1).toReversed();
  assert.deepEqual(ndjson(text).map(({ id }) => id), odd.slice(0, 10));
});

suite.test("a stream can go on from a page's cursor", async (server) => {
  const all = await filled(server);
  const { headers } = await server.call(logs({ order: "asc", limit: 10 }));
  const { text } = await server.call(nextPath(headers)!.replace("limit=10&", ""), {
    headers: NDJSON,
  });
  assert.deepEqual(ndjson(text).map(({ id }) => id), all.slice(10));
});

suite.test("a stream shows the store as it was when it began", async (server) => {
  const all = await filled(server);
  const response = await server.fetch(logs({ service: "stream", order: "asc" }), {
    headers: NDJSON,
  });
  assert.equal(response.status, 200);
  await server.post(
    Array.from({ length: 100 }, () => record("stream", { timestamp: "2030-01-01T00:00:00Z" })),
  );
  const records = ndjson(await response.text());
  assert.deepEqual(records.map(({ id }) => id), all);
});

suite.test("a stream that its reader leaves is let go of", async (server) => {
  await filled(server);
  for (let n = 0; n < 40; n++) {
    const response = await server.fetch(logs({ order: "asc" }), { headers: NDJSON });
    await response.body!.cancel();
  }
  const { text } = await server.call(logs({ limit: 1 }), { headers: NDJSON });
  assert.equal(ndjson(text).length, 1);
});

/** RFC 4180: quoted fields may hold commas, line ends and doubled quotes. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    assert.ok(match !== null, "The CSV is malformed");
    row.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

suite.test("a CSV stream has a header and quotes what needs it", async (server) => {
  const message = 'a "quoted", comma\r\nand line';
  await server.post(record("csv", { message, user: "a,b", trace_id: "t", span_id: "s" }));
  await server.post(record("csv,2", { message: "plain" }));
  const { status, headers, text } = await server.call(
    logs({ service: ["csv", "csv,2"], order: "asc" }),
    { headers: CSV },
  );
  assert.equal(status, 200);
  assert.match(headers.get("content-type")!, /^text\/csv\b/);
  const [header, first, second, ...more] = parseCsv(text);
  assert.deepEqual(header, [
    "id",
    "timestamp",
    "service",
    "severity",
    "message",
    "received_at",
    "trace_id",
    "span_id",
    "attributes",
  ]);
  const [one, two]: StoredRecord[] = await server.get(
    logs({ service: ["csv", "csv,2"], order: "asc" }),
  );
  const line = (
    { id, timestamp, service, severity, message, received_at }: StoredRecord,
  ) => [String(id), timestamp, service, severity, message, received_at];
  assert.deepEqual(first, [...line(one!), "t", "s", '{"user":"a,b"}']);
  assert.deepEqual(second, [...line(two!), "", "", ""]);
  assert.deepEqual(more, []);
});

suite.test("a CSV stream of many records has a line for each", async (server) => {
  const all = await filled(server);
  const path = logs({ service: "stream", order: "asc", timestamp_end: "2026-01-01T00:00:00Z" });
  const { text } = await server.call(path, { headers: CSV });
  const [, ...rows] = parseCsv(text);
  assert.deepEqual(rows.map(([id]) => Number(id)), all);
});

suite.test("a stream of nothing is empty, of CSV the header alone", async (server) => {
  const lines = await server.call(logs({ service: "nobody" }), { headers: NDJSON });
  assert.deepEqual([lines.status, lines.text], [200, ""]);
  const csv = await server.call(logs({ service: "nobody" }), { headers: CSV });
  assert.deepEqual([csv.status, parseCsv(csv.text).length], [200, 1]);
});

suite.test("a bad query of a stream is an error as any other", async (server) => {
  const { status, body } = await server.call(logs({ q: '"open' }), { headers: NDJSON });
  assert.equal(status, 400);
  assert.match(body.error, /"q"/);
});

suite.test("Accept chooses the type by quality, and 406 lists what there is", async (server) => {
  const typeFor = async (accept: string) => {
    const { status, headers, body } = await server.call(logs({ limit: 1 }), {
      headers: { accept },
    });
    return status === 200 ? headers.get("content-type") : [status, body.error];
  };
  assert.equal(await typeFor("*/*"), "application/json");
  assert.equal(await typeFor("text/html, application/json;q=0.5"), "application/json");
  assert.equal(
    await typeFor("application/json;q=0.1, application/x-ndjson"),
    "application/x-ndjson",
  );
  assert.match(String(await typeFor("text/*")), /^text\/csv/);
  const [status, error] = await typeFor("image/png") as [number, string];
  assert.equal(status, 406);
  assert.match(error, /application\/json, application\/x-ndjson, text\/csv/);
});
