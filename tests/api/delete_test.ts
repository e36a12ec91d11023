import assert from "node:assert/strict";
import { ServerSuite, type TestServer } from "../_server.ts";
import { flushed, ndjson, record, withParameters } from "./_records.ts";

const suite = new ServerSuite();
const LEVELS = ["INFO", "WARNING", "ERROR"];
const NDJSON = { accept: "application/x-ndjson" };

interface Row {
  readonly id: number;
  readonly ms: number;
  readonly service: string;
  readonly severity: string;
}

let model: Row[] = [];
let batches = 0;

/** Stores 900 records a second apart, of three services and severities, and notes them in the model. */
async function fill(server: TestServer): Promise<void> {
  const start = Date.UTC(2025, 0, 1) + batches++ * 1_000;
  const rows = Array.from({ length: 900 }, (_, n) => ({
    ms: start + n * 60_000,
    service: `delete-${n % 3}`,
    severity: LEVELS[Math.floor(n / 3) % 3]!,
  }));
  const ids = await server.post(
    rows.map(({ ms, service, severity }) =>
      record(service, { timestamp: new Date(ms).toISOString(), severity })
    ),
  );
  model.push(...rows.map((row, n) => ({ ...row, id: ids[n]! })));
}

/** Deletes from server and model and checks that the counts agree. */
async function remove(
  server: TestServer,
  parameters: { before: string; service?: string[]; severity?: string[] },
): Promise<void> {
  const { before, service, severity } = parameters;
  const gone = (row: Row) =>
    row.ms < Date.parse(before) && (service === undefined || service.includes(row.service)) &&
    (severity === undefined || severity.includes(row.severity));
  const count = model.filter(gone).length;
  model = model.filter((row) => !gone(row));
  const answer = await server.call(withParameters("/logs", parameters), { method: "DELETE" });
  assert.deepEqual([answer.status, answer.body], [200, { message: `${count} log(s) deleted` }]);
  await agree(server);
}

/** Checks that every way to look shows what the model has. */
async function agree(server: TestServer): Promise<void> {
  const { text } = await server.call("/logs?order=asc", { headers: NDJSON });
  const expected = model.toSorted((a, b) => a.ms - b.ms || a.id - b.id).map(({ id }) => id);
  assert.deepEqual(ndjson(text).map(({ id }) => id), expected);
  const counts: Record<string, number> = {};
  const last: Record<string, string> = {};
  for (const { service, ms } of model) {
    counts[service] = (counts[service] ?? 0) + 1;
    const timestamp = new Date(ms).toISOString();
    if (last[service] === undefined || timestamp > last[service]) last[service] = timestamp;
  }
  for (const path of ["/stats", "/stats?timestamp_start=0001-01-01T00:00:00Z"]) {
    const stats = await server.get(path);
    assert.deepEqual(stats.logs_per_service, counts);
    assert.deepEqual(stats.last_log_per_service, last);
  }
}

suite.test("a deletion counts exactly, before exclusive, and hides from every answer", async (server) => {
  await fill(server);
  await remove(server, { before: "2025-01-01T00:00:00Z" });
  await remove(server, { before: "2025-01-01T00:01:00Z" });
  await remove(server, { before: "2025-01-01T01:00:00.001Z" });
  await remove(server, { before: "2025-01-01T01:00:00.001Z" });
});

suite.test("service and severity narrow a deletion, each repeatable", async (server) => {
  await fill(server);
  await remove(server, { before: "2025-01-01T05:00:00Z", service: ["delete-1"] });
  await remove(server, { before: "2025-01-01T05:00:00Z", severity: ["ERROR", "WARNING"] });
  await remove(server, {
    before: "2026-01-01T00:00:00Z",
    service: ["delete-0", "delete-2"],
    severity: ["ERROR"],
  });
  await remove(server, { before: "2026-01-01T00:00:00Z", service: ["nobody"] });
});

suite.test("what is in segments is deleted exactly, too, and with what is in memory", async (server) => {
  await fill(server);
  await flushed(server);
  await agree(server);
  await fill(server);
  await remove(server, { before: "2025-01-01T07:30:00Z", service: ["delete-0", "delete-1"] });
  await remove(server, { before: "2025-01-01T08:00:00Z" });
  await flushed(server);
  await agree(server);
  await remove(server, { before: "2025-01-01T09:00:00Z", severity: ["INFO"] });
});

suite.test("a deleted record is a 404, and records stored after are not touched", async (server) => {
  const timestamp = "2001-01-01T00:00:00Z";
  const [first] = await server.post(record("again", { timestamp }));
  const remove = () => server.call("/logs?before=2002-01-01T00:00:00Z", { method: "DELETE" });
  assert.equal((await remove()).body.message, "1 log(s) deleted");
  assert.equal((await server.call(`/logs/${first}`)).status, 404);
  const [second] = await server.post(record("again", { timestamp }));
  assert.ok(second! > first!);
  assert.equal((await server.get(`/logs/${second}`)).service, "again");
  assert.equal((await remove()).body.message, "1 log(s) deleted");
});

suite.test("a deletion between two pages takes its records from the second", async (server) => {
  await fill(server);
  const first = await server.call("/logs?order=asc&limit=100");
  const last = first.body.at(-1);
  const before = new Date(Date.parse(last.timestamp) + 3_600_000).toISOString();
  await remove(server, { before });
  const next = /^<([^>]+)>/.exec(first.headers.get("link")!)![1]!;
  const expected = model.toSorted((a, b) => a.ms - b.ms || a.id - b.id).map(({ id }) => id).slice(
    0,
    100,
  );
  assert.deepEqual((await server.get(next)).map(({ id }: { id: number }) => id), expected);
});

suite.test("concurrent deletions count each record once", async (server) => {
  await fill(server);
  const count = model.length;
  const answers = await Promise.all(
    Array.from(
      { length: 5 },
      () => server.call("/logs?before=2026-01-01T00:00:00Z", { method: "DELETE" }),
    ),
  );
  const sum = answers.reduce((sum, { body }) => sum + Number.parseInt(body.message), 0);
  assert.equal(sum, count);
  model = [];
  await agree(server);
});

suite.test("a deletion without a good before, or with another parameter, is a 400", async (server) => {
  await fill(server);
  const bad: [string, RegExp][] = [
    ["/logs", /"before": it is missing/],
    ["/logs?before=", /"before"/],
    ["/logs?before=tomorrow", /"before": "tomorrow" is not an RFC 3339 time/],
    ["/logs?before=2026-01-01T00:00:00Z&q=x", /"q"/],
    ["/logs?before=2026-01-01T00:00:00Z&min_severity=INFO", /"min_severity"/],
    ["/logs?before=2026-01-01T00:00:00Z&service=", /"service"/],
    ["/logs?before=2026-01-01T00:00:00Z&severity=LOUD", /"severity"/],
  ];
  for (const [path, error] of bad) {
    const { status, body } = await server.call(path, { method: "DELETE" });
    assert.equal(status, 400, path);
    assert.match(body.error, error);
  }
  await agree(server);
});
