import assert from "node:assert/strict";
import { Generator } from "./generator.ts";
import { KINDS, nameServices } from "./kinds/mod.ts";
import { SEVERITIES } from "./severity.ts";
import { World } from "./world.ts";

interface SentRecord {
  service: string;
  timestamp: string;
  severity: (typeof SEVERITIES)[number];
  message: string;
  trace_id?: string;
  span_id?: string;
  attributes?: Record<string, unknown>;
}

const startMs = Date.UTC(2025, 3, 1, 12);

function generator(kind: number, seed = 3, canaryRun?: string): Generator {
  return new Generator({
    service: KINDS[kind]!.name,
    kind,
    world: new World({ seed, cell: 0, slotsPerDay: 20_000 }),
    startMs,
    ...(canaryRun === undefined ? {} : { canaryRun }),
  });
}

function records(name: string, count: number): SentRecord[] {
  const kind = KINDS.findIndex((kind) => kind.name === name);
  return JSON.parse(generator(kind).batch(count, startMs + 1000));
}

Deno.test("Generator gives the same records for the same seed, however they are cut into batches", () => {
  KINDS.forEach((_, kind) => {
    const whole = JSON.parse(generator(kind).batch(100, startMs)) as SentRecord[];
    const parted = generator(kind);
    const parts = [30, 1, 69].flatMap((count) => JSON.parse(parted.batch(count, startMs)));
    const said = (record: SentRecord) => ({ ...record, timestamp: "" });
    assert.deepEqual(parts.map(said), whole.map(said));
    assert.notDeepEqual(
      JSON.parse(generator(kind, 4).batch(100, startMs)).map(said),
      whole.map(said),
    );
  });
});

Deno.test("Generator writes records that the API accepts, of every kind, in calm and in trouble", () => {
  KINDS.forEach((kind, index) => {
    // A whole simulated day, so that every incident and both ends of the night are in it.
    const text = generator(index).batch(20_000, startMs);
    const all = JSON.parse(text) as SentRecord[];
    // No attribute twice, no escape missing: what was written is what JSON itself would write.
    assert.equal(JSON.stringify(all), text.replaceAll(",\n", ","), kind.name);
    for (const record of all) {
      assert.equal(record.service, kind.name);
      assert.ok(SEVERITIES.includes(record.severity), record.severity);
      assert.match(record.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
      assert.ok(record.message.length > 5 && record.message.length < 500, record.message);
      assert.match(record.trace_id ?? "1".repeat(32), /^[0-9a-f]{32}$/);
      assert.match(record.span_id ?? "1".repeat(16), /^[0-9a-f]{16}$/);
      assert.equal(record.trace_id === undefined, record.span_id === undefined);
      assert.doesNotMatch(JSON.stringify(record), /undefined|NaN/);
    }
  });
});

Deno.test("Generator stamps records in strictly growing order, near the time given", () => {
  const source = generator(0);
  const times = [0, 0, 1, 500, 500, 60_000].flatMap((passed) =>
    (JSON.parse(source.batch(50, startMs + passed)) as SentRecord[]).map(({ timestamp }) =>
      timestamp
    )
  );
  times.slice(1).forEach((time, index) => assert.ok(time > times[index]!, `${index}: ${time}`));
  assert.equal(times.at(-1)?.slice(0, 16), "2025-04-01T12:00");
  assert.ok(times.at(-1)! > "2025-04-01T12:00:59.9");
  // A pause of a minute is not filled with records: the batch after it lies in its last two seconds.
  assert.ok(times.at(-50)! > "2025-04-01T12:00:58.0");
});

Deno.test("an order whose payment fails is told of by notification-service, in the same trace", () => {
  const failed = records("payment-service", 4_000)
    .filter(({ message }) => /declined|failed: no answer/.test(message));
  const notices = new Map(
    records("notification-service", 4_200)
      .filter(({ attributes }) => String(attributes?.["template"]).startsWith("payment_"))
      .map((record) => [record.attributes?.["order_id"], record]),
  );
  assert.ok(failed.length > 20, `${failed.length} failed payments`);
  for (const { attributes, trace_id } of failed) {
    const notice = notices.get(attributes?.["order_id"]);
    assert.ok(notice, `no notice of ${attributes?.["order_id"]}`);
    assert.equal(notice.trace_id, trace_id);
    assert.equal(notice.attributes?.["user_id"], attributes?.["user_id"]);
  }
  assert.equal(notices.size >= failed.length, true);
});

Deno.test("an order that is out of stock is never charged nor shipped", () => {
  const missing = new Set(
    records("inventory-service", 4_000)
      .filter(({ message }) => message.startsWith("Cannot reserve"))
      .map(({ attributes }) => attributes?.["order_id"]),
  );
  assert.ok(missing.size > 5);
  for (const name of ["payment-service", "shipping-service"]) {
    const touched = records(name, 4_200).map(({ attributes }) => attributes?.["order_id"]);
    assert.equal(touched.some((id) => missing.has(id)), false, name);
  }
});

Deno.test("Generator numbers canary records from those last confirmed", () => {
  const source = generator(1, 3, "run-1");
  const numbers = (count: number) =>
    (JSON.parse(source.batch(count, startMs)) as SentRecord[]).map(({ attributes }) => {
      assert.equal(attributes?.["canary_run"], "run-1");
      return attributes?.["canary_seq"];
    });
  assert.deepEqual(numbers(3), [0, 1, 2]);
  source.confirm(3);
  assert.deepEqual(numbers(2), [3, 4]);
  assert.deepEqual(numbers(2), [3, 4]);
});

Deno.test("nameServices() starts with the first three kinds and repeats kinds with a suffix", () => {
  const names = nameServices(KINDS.length + 2);
  assert.deepEqual(names.slice(0, 3).map(({ name }) => name), [
    "auth-service",
    "payment-service",
    "notification-service",
  ]);
  assert.deepEqual(names.at(-1), { name: "payment-service-2", kind: 1, cell: 1 });
  assert.equal(new Set(names.map(({ name }) => name)).size, names.length);
  assert.ok(KINDS.length >= 12);
});
