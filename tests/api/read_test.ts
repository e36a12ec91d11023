import assert from "node:assert/strict";
import { ServerSuite, type TestServer } from "../_server.ts";
import { flushed, logs, pages, type Parameters, record, type StoredRecord } from "./_records.ts";

const server = new ServerSuite();

/** Registers a test twice: of records in memory, and of the same records in segments. */
const suite = {
  test(name: string, run: (server: TestServer) => Promise<void>): void {
    registered.push({ name, run });
  },
};
const registered: { name: string; run: (server: TestServer) => Promise<void> }[] = [];

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"];
const COUNT = 240;

/** Every second one record, two of each third second; services and severities in turn. */
const RECORDS = Array.from({ length: COUNT }, (_, n) =>
  record(`read-${n % 3}`, {
    timestamp: new Date(Date.UTC(2025, 0, 1) + Math.floor(n * 0.75) * 1000).toISOString(),
    severity: LEVELS[n % 6],
    message: `record number ${n}`,
    trace_id: `trace-${n % 10}`,
    attributes: { n, half: n / 2, even: n % 2 === 0, name: `user ${n % 4}`, deep: { x: n % 2 } },
  }));

let all: StoredRecord[] | undefined;

/** Every record, newest first, as sorted by this test; stored at the first call. */
async function everything(server: TestServer): Promise<StoredRecord[]> {
  if (all === undefined) {
    const ids = await server.post(RECORDS);
    const found: StoredRecord[] = [];
    for (const id of ids) found.push(await server.get(`/logs/${id}`));
    all = found.sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp) || b.id - a.id);
  }
  return all;
}

/** Checks that a query gives exactly the records that a plain filter over all of them gives, in their order. */
async function same(
  server: TestServer,
  parameters: Parameters,
  matches: (record: StoredRecord) => boolean,
): Promise<void> {
  const expected = (await everything(server)).filter(matches);
  assert.deepEqual(await server.get(logs(parameters)), expected, JSON.stringify(parameters));
  const upwards = await server.get(logs({ ...parameters, order: "asc" }));
  assert.deepEqual(upwards, expected.toReversed());
}

suite.test("GET /logs gives records by (timestamp, id), newest first, or upwards", async (server) => {
  await same(server, {}, () => true);
});

suite.test("both ends of timestamp_start and timestamp_end are inclusive", async (server) => {
  const start = "2025-01-01T00:00:30Z";
  const end = "2025-01-01T00:01:00.000Z";
  const from = (r: StoredRecord) => Date.parse(r.timestamp) >= Date.parse(start);
  const to = (r: StoredRecord) => Date.parse(r.timestamp) <= Date.parse(end);
  await same(server, { timestamp_start: start }, from);
  await same(server, { timestamp_end: end }, to);
  await same(server, { timestamp_start: start, timestamp_end: end }, (r) => from(r) && to(r));
  const at = (r: StoredRecord) => Date.parse(r.timestamp) === Date.parse(start);
  assert.ok((await everything(server)).some(at));
  await same(server, { timestamp_start: start, timestamp_end: start }, at);
  await same(server, {
    timestamp_start: "2025-01-01T01:00:30+01:00",
    timestamp_end: "2025-01-01T00:00:30",
  }, at);
});

suite.test("an end of a range given to the second means that instant", async (server) => {
  await server.post(record("instant", { timestamp: "2024-01-01T00:00:01.000000001Z" }));
  const query = (end: string) => server.get(logs({ service: "instant", timestamp_end: end }));
  assert.equal((await query("2024-01-01T00:00:01Z")).length, 0);
  assert.equal((await query("2024-01-01T00:00:01.000000001Z")).length, 1);
  await server.call("/logs?before=2024-06-01T00:00:00Z&service=instant", { method: "DELETE" });
});

suite.test("a range whose end is before its start matches nothing", async (server) => {
  await same(server, {
    timestamp_start: "2025-01-01T00:01:00Z",
    timestamp_end: "2025-01-01T00:00:00Z",
  }, () => false);
});

suite.test("received_at_start and received_at_end look at the time of receipt, inclusive", async (server) => {
  const records = await everything(server);
  const [one] = records;
  await same(
    server,
    { received_at_start: one!.received_at, received_at_end: one!.received_at },
    (r) => r.received_at === one!.received_at,
  );
  await same(server, { received_at_end: "2025-06-01T00:00:00Z" }, () => false);
  await same(server, { received_at_start: "2025-06-01T00:00:00Z" }, () => true);
});

suite.test("service and severity can be repeated, severities given by alias", async (server) => {
  await same(server, { service: "read-1" }, (r) => r.service === "read-1");
  await same(server, { service: ["read-1", "read-2", "nobody"] }, (r) => r.service !== "read-0");
  await same(server, { severity: "err" }, (r) => r.severity === "ERROR");
  await same(
    server,
    { severity: ["warn", "FATAL"] },
    (r) => ["WARNING", "FATAL"].includes(r.severity),
  );
  await same(
    server,
    { service: ["read-0", "read-2"], severity: ["TRACE", "ERROR"] },
    (r) => r.service !== "read-1" && ["TRACE", "ERROR"].includes(r.severity),
  );
  await same(server, { service: "read" }, () => false);
});

suite.test("min_severity gives a severity and every graver one", async (server) => {
  for (const [n, min_severity] of LEVELS.entries()) {
    await same(server, { min_severity }, (r) => LEVELS.indexOf(r.severity) >= n);
  }
});

suite.test("trace_id and attr.NAME match whole values", async (server) => {
  const attributes = (r: StoredRecord) => r.attributes!;
  await same(server, { trace_id: "trace-7" }, (r) => r.trace_id === "trace-7");
  await same(server, { trace_id: "trace" }, () => false);
  await same(server, { "attr.name": "user 3" }, (r) => attributes(r).name === "user 3");
  await same(server, { "attr.n": "17" }, (r) => attributes(r).n === 17);
  await same(server, { "attr.half": "1.5" }, (r) => attributes(r).half === 1.5);
  await same(server, { "attr.even": "true" }, (r) => attributes(r).even === true);
  await same(
    server,
    { "attr.deep": '{"x":1}' },
    (r) => Reflect.get(attributes(r).deep as object, "x") === 1,
  );
  await same(
    server,
    { "attr.n": ["3", "5"] },
    (r) => attributes(r).n === 3 || attributes(r).n === 5,
  );
  await same(server, { "attr.n": "3", "attr.even": "true" }, () => false);
  await same(server, { "attr.nothing": "3" }, () => false);
});

suite.test("every filter narrows what the others leave", async (server) => {
  await same(
    server,
    {
      timestamp_start: "2025-01-01T00:00:20Z",
      timestamp_end: "2025-01-01T00:02:00Z",
      service: ["read-0", "read-1"],
      min_severity: "INFO",
      q: "number -13*",
      "attr.even": "true",
    },
    (r) =>
      r.timestamp >= "2025-01-01T00:00:20.000Z" && r.timestamp <= "2025-01-01T00:02:00.000Z" &&
      r.service !== "read-2" && LEVELS.indexOf(r.severity) >= 2 && !/ 13/.test(r.message) &&
      r.attributes!.even === true,
  );
});

suite.test("limit is 1,000 if not given, and gives as many of the newest", async (server) => {
  const records = await everything(server);
  assert.deepEqual(await server.get(logs({ limit: 7 })), records.slice(0, 7));
  const many = Array.from(
    { length: 1_100 },
    () => record("many", { timestamp: "2020-01-01T00:00:00Z" }),
  );
  const ids = await server.post(many);
  const found = await server.get(logs({ service: "many" }));
  assert.deepEqual(found.map(({ id }: StoredRecord) => id), ids.toReversed().slice(0, 1_000));
  await server.call("/logs?before=2020-02-01T00:00:00Z", { method: "DELETE" });
});

suite.test("pages by cursor join to the whole, in both orders, for any limit", async (server) => {
  const records = await everything(server);
  for (const limit of [1, 7, 100, 239, 240, 241]) {
    for (const order of ["desc", "asc"]) {
      if (limit === 1 && order === "asc") continue;
      const found = await pages(server, logs({ limit, order }));
      assert.deepEqual(found.flat(), order === "asc" ? records.toReversed() : records);
      for (const page of found.slice(0, -1)) assert.equal(page.length, limit);
      assert.equal(found.length, Math.ceil(COUNT / limit));
    }
  }
  const filtered = await pages(
    server,
    logs({ limit: 10, severity: ["INFO", "warn"], q: "record" }),
  );
  assert.deepEqual(
    filtered.flat(),
    records.filter((r) => ["INFO", "WARNING"].includes(r.severity)),
  );
});

suite.test("the last page has no Link", async (server) => {
  const { headers } = await server.call(logs({ limit: COUNT }));
  assert.equal(headers.get("link"), null);
});

suite.test("a cursor goes on with its own filters and order only, and unharmed", async (server) => {
  const { headers } = await server.call(logs({ limit: 10, service: "read-1" }));
  const link = /^<([^>]+)>; rel="next"$/.exec(headers.get("link")!)![1]!;
  const cursor = new URLSearchParams(link.split("?")[1]).get("cursor")!;
  const wrong = [
    logs({ limit: 10, cursor }),
    logs({ limit: 10, service: "read-2", cursor }),
    logs({ limit: 10, service: "read-1", order: "asc", cursor }),
    logs({ service: "read-1", cursor: cursor.slice(1) }),
    logs({ service: "read-1", cursor: cursor.slice(0, -2) + "AA" }),
    logs({ service: "read-1", cursor: "nonsense" }),
  ];
  for (const path of wrong) {
    const { status, body } = await server.call(path);
    assert.equal(status, 400, path);
    assert.match(body.error, /"cursor"/);
  }
});

suite.test("GET /logs/:id gives one record, as GET /logs does", async (server) => {
  for (const expected of (await everything(server)).slice(0, 5)) {
    assert.deepEqual(await server.get(`/logs/${expected.id}`), expected);
  }
});

suite.test("GET /logs/:id/context gives neighbours in the same service, in order", async (server) => {
  const upwards = (await everything(server)).toReversed().filter((r) => r.service === "read-1");
  const at = 30;
  const around = await server.get(`/logs/${upwards[at]!.id}/context`);
  assert.deepEqual(around, {
    before: upwards.slice(at - 10, at),
    record: upwards[at],
    after: upwards.slice(at + 1, at + 11),
  });
  const some = await server.get(`/logs/${upwards[1]!.id}/context?before=5&after=2`);
  assert.deepEqual(some, {
    before: upwards.slice(0, 1),
    record: upwards[1],
    after: upwards.slice(2, 4),
  });
  const none = await server.get(`/logs/${upwards.at(-1)!.id}/context?before=0&after=0`);
  assert.deepEqual(none, { before: [], record: upwards.at(-1), after: [] });
});

suite.test("bad parameters are a 400 that names the parameter, the value and what is right", async (server) => {
  const bad: [string, RegExp][] = [
    ["/logs?limit=ten", /"limit": "ten" is not an integer from 1 to 10000/],
    ["/logs?limit=0", /"limit"/],
    ["/logs?limit=10001", /"limit": "10001" is not an integer from 1 to 10000/],
    ["/logs?limit=-1", /"limit"/],
    ["/logs?limit=1.5", /"limit"/],
    ["/logs?limit=5&limit=6", /"limit".*2 times/],
    ["/logs?order=up", /"order": "up" is neither "asc" nor "desc"/],
    ["/logs?severity=LOUD", /"severity": "LOUD" is none of TRACE, DEBUG/],
    ["/logs?min_severity=", /"min_severity".*empty/],
    ["/logs?service=", /"service".*empty/],
    ["/logs?timestamp_start=yesterday", /"timestamp_start": "yesterday" is not an RFC 3339 time/],
    ["/logs?timestamp_end=2025-02-30T00:00:00Z", /"timestamp_end"/],
    ["/logs?received_at_start=2025", /"received_at_start"/],
    ["/logs?levle=ERROR", /"levle": it is unknown; known are timestamp_start, /],
    ["/logs?attr.=x", /"attr\."/],
    ["/logs/abc", /"abc"/],
    ["/logs/-1", /"-1"/],
    ["/logs/1.5", /"1\.5"/],
    ["/logs/1?limit=5", /"limit"/],
    ["/logs/1/context?before=x", /"before"/],
    ["/logs/1/context?after=100000", /"after"/],
  ];
  for (const [path, error] of bad) {
    const { status, body } = await server.call(path);
    assert.equal(status, 400, path);
    assert.match(body.error, error);
    assert.deepEqual(Object.keys(body), ["error"]);
  }
});

suite.test("an id that there is not is a 404", async (server) => {
  for (const path of ["/logs/999999999", "/logs/0", "/logs/999999999/context"]) {
    const { status, body } = await server.call(path);
    assert.equal(status, 404, path);
    assert.match(body.error, /no record/);
  }
});

suite.test("a time whose + was not percent-encoded is still understood", async (server) => {
  const { status } = await server.call("/logs?timestamp_start=2025-01-01T01:00:30+01:00");
  assert.equal(status, 200);
});

for (const { name, run } of registered) server.test(name, run);
server.test("all that was in memory is written into segments", flushed);
for (const { name, run } of registered) server.test(`in segments: ${name}`, run);
