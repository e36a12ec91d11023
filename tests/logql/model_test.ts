import assert from "node:assert/strict";
import {
  evaluateMetric,
  type Labels,
  type LogLine,
  parseLogExpr,
  parseQuery,
  readLines,
} from "../../src/logql/mod.ts";
import { RecordBatch, type SeverityCode } from "../../src/record.ts";
import { InlineBuilder } from "../../src/storage/builder.ts";
import { openDenoKv } from "../../src/storage/disk/deno_kv.ts";
import { EngineStore } from "../../src/storage/store.ts";
import { Random } from "../_random.ts";

const NOON = Date.UTC(2026, 9, 31, 12);
const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"];
const RECORDS = 3_000;
const SPREAD_MS = 600_000;

interface Known {
  readonly ms: number;
  readonly ns: number;
  readonly service: string;
  readonly severity: SeverityCode;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string | number>>;
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(0, items.length - 1)]!;
}

function randomRecord(random: Random): Known {
  const status = pick(random, [200, 404, 500]);
  const user = `u${random.integer(1, 5)}`;
  return {
    ms: NOON + random.integer(0, SPREAD_MS),
    ns: random.chance(0.5) ? 0 : random.integer(0, 999_999),
    service: pick(random, ["shop", "auth", "mail"]),
    severity: pick(random, [1, 2, 3, 4] as const),
    message: pick(random, [
      `GET /items/${random.integer(1, 9)} code=${status} took=${random.integer(1, 90)}ms`,
      `user ${user} signed in`,
      `Timeout of ${user}: no answer from äpfel`,
      "",
    ]),
    attributes: random.chance(0.7)
      ? { env: pick(random, ["prod", "dev"]), user_id: user, status }
      : {},
  };
}

/** A store with records in segments and in memory. */
async function fill(records: readonly Known[]): Promise<EngineStore> {
  const store = await EngineStore.open({
    database: await openDenoKv(":memory:"),
    builder: new InlineBuilder(),
    background: false,
    now: () => NOON,
    wait: () => Promise.resolve(),
  });
  const third = Math.ceil(records.length / 3);
  for (const [part, from] of [0, third, 2 * third].entries()) {
    const batch = new RecordBatch();
    for (const one of records.slice(from, from + third)) {
      batch.append(one.ms, one.ns, one.service, one.severity, one.message, {
        attributes: Object.keys(one.attributes).length > 0
          ? JSON.stringify(one.attributes)
          : undefined,
      });
    }
    await store.append(batch);
    // The last part stays in memory.
    if (part < 2) await store.flush();
  }
  return store;
}

/** A condition as LogQL and as a function. */
interface Condition {
  readonly text: string;
  holds(record: Known): boolean;
}

function label(record: Known, name: string): string {
  if (name === "service_name") return record.service;
  if (name === "level") return LEVELS[record.severity]!;
  return String(record.attributes[name] ?? "");
}

function randomMatcher(random: Random): Condition {
  const name = pick(random, ["service_name", "level", "env", "user_id", "status", "nothing"]);
  const value = pick(random, ["shop", "auth", "warn", "error", "prod", "u1", "u2", "500", ""]);
  const other = pick(random, ["dev", "mail", "info", "u3", "404"]);
  switch (random.integer(0, 3)) {
    case 0:
      return { text: `${name}="${value}"`, holds: (one) => label(one, name) === value };
    case 1:
      return { text: `${name}!="${value}"`, holds: (one) => label(one, name) !== value };
    case 2:
      return {
        text: `${name}=~"${value}|${other}"`,
        holds: (one) => [value, other].includes(label(one, name)),
      };
    default: {
      // Not the beginning of a level, which has other names that may go on in that way.
      const prefix = pick(random, ["sh", "u", "5", "pro"]);
      return {
        text: `${name}!~"${prefix}.+"`,
        holds: (one) => !(label(one, name).startsWith(prefix) && label(one, name) !== prefix),
      };
    }
  }
}

function randomStage(random: Random): Condition {
  const text = pick(random, [
    "GET",
    "get",
    "status=500",
    "user u1",
    "äpfel",
    " signed ",
    "no answer",
  ]);
  switch (random.integer(0, 5)) {
    case 0:
      return { text: `|= "${text}"`, holds: (one) => one.message.includes(text) };
    case 1:
      return { text: `!= "${text}"`, holds: (one) => !one.message.includes(text) };
    case 2:
      return { text: `|~ "(?i)${text}"`, holds: (one) => new RegExp(text, "i").test(one.message) };
    case 3:
      return {
        text: "|~ `took=[0-9]ms|u[12]`",
        holds: (one) => /took=[0-9]ms|u[12]/.test(one.message),
      };
    case 4: {
      const matcher = randomMatcher(random);
      return { text: `| ${matcher.text}`, holds: matcher.holds };
    }
    default:
      return {
        text: "| logfmt | took > 30ms",
        holds: (one) => Number(/took=([0-9]+)ms/.exec(one.message)?.[1] ?? 0) > 30,
      };
  }
}

function randomQuery(random: Random): Condition {
  const all: Condition = { text: 'service_name=~".+"', holds: () => true };
  const matchers = [
    all,
    ...Array.from({ length: random.integer(0, 2) }, () => randomMatcher(random)),
  ];
  const stages = Array.from({ length: random.integer(0, 2) }, () => randomStage(random));
  return {
    text: `{${matchers.map(({ text }) => text).join(", ")}} ${
      stages.map(({ text }) => text).join(" ")
    }`,
    holds: (record) => [...matchers, ...stages].every(({ holds }) => holds(record)),
  };
}

function before(a: { ms: number; ns: number }, b: { ms: number; ns: number }): number {
  return a.ms - b.ms || a.ns - b.ns;
}

function lineText({ ms, ns, line, labels }: LogLine): string {
  return [ms, ns, labels.stream.get("service_name"), labels.metadata.get("level"), line].join("|");
}

function recordText({ ms, ns, service, severity, message }: Known): string {
  return [ms, ns, service, LEVELS[severity], message].join("|");
}

Deno.test("a log query finds what a walk over all records finds, in order, up to its limit", async () => {
  const random = new Random(7);
  const records = Array.from({ length: RECORDS }, () => randomRecord(random));
  const store = await fill(records);
  const snapshot = store.snapshot();
  for (let n = 0; n < 150; n++) {
    const query = randomQuery(random);
    const start = { ms: NOON + random.integer(0, SPREAD_MS / 2), ns: 0 };
    const end = { ms: start.ms + random.integer(0, SPREAD_MS / 2), ns: random.integer(0, 999_999) };
    const forward = random.chance(0.5);
    const limit = random.integer(1, 500);
    const lines = await readLines(snapshot, parseLogExpr(query.text), {}, {
      start,
      end,
      limit,
      forward,
      intervalMs: 0,
    });
    const matching = records.filter((one) =>
      before(one, start) >= 0 && before(one, end) < 0 && query.holds(one)
    ).sort((a, b) => forward ? before(a, b) : before(b, a));
    // Among equal timestamps any order is right.
    const expected = matching.slice(0, limit).map(recordText).sort();
    assert.deepEqual(lines.map(lineText).sort(), expected, query.text);
    for (const [i, line] of lines.entries()) {
      const order = i === 0 ? 0 : before(lines[i - 1]!, line);
      assert.ok(forward ? order <= 0 : order >= 0, query.text);
    }
  }
  snapshot.release();
  await store.close();
});

Deno.test("a metric query counts what a walk over all records counts", async () => {
  const random = new Random(8);
  const records = Array.from({ length: RECORDS }, () => randomRecord(random));
  const store = await fill(records);
  const snapshot = store.snapshot();
  for (let n = 0; n < 120; n++) {
    const query = randomQuery(random);
    const names = pick(random, [[], ["level"], ["service_name"], ["env"], ["user_id", "level"]]);
    const stepMs = pick(random, [1_000, 15_000, 60_000, 7_013]);
    const rangeMs = pick(random, [stepMs, 300, 45_000, 61_007]);
    const start = { ms: NOON + random.integer(-60_000, SPREAD_MS / 2), ns: random.integer(0, 1) };
    const count = random.integer(1, 60);
    const isBytes = random.chance(0.3);
    const op = isBytes ? "bytes_over_time" : "count_over_time";
    const text = `sum by (${names.join(", ")}) (${op}(${query.text} [${rangeMs}ms]))`;
    const value = await evaluateMetric(parseMetric(text), {
      snapshot,
      scope: {},
      grid: { start, stepMs, count },
    });
    assert.ok(typeof value !== "number");
    const found = new Map<string, number>();
    for (const { labels, values, present } of value) {
      for (let i = 0; i < count; i++) {
        if (present[i]) found.set(`${i} ${key(labels, names)}`, values[i]!);
      }
    }
    const expected = new Map<string, number>();
    const matching = records.filter(query.holds);
    for (let i = 0; i < count; i++) {
      const end = { ms: start.ms + i * stepMs, ns: start.ns };
      const from = { ms: end.ms - rangeMs, ns: start.ns };
      for (const one of matching) {
        if (before(one, from) <= 0 || before(one, end) > 0) continue;
        const labels = new Map(names.map((name) => [name, label(one, name)]));
        const at = `${i} ${key(labels, names)}`;
        const worth = isBytes ? new TextEncoder().encode(one.message).length : 1;
        expected.set(at, (expected.get(at) ?? 0) + worth);
      }
    }
    // A window of nothing but empty lines has no bytes, or none that are said.
    for (const map of [found, expected]) for (const [at, sum] of map) if (sum === 0) map.delete(at);
    assert.deepEqual([...found].sort(), [...expected].sort(), text);
  }
  snapshot.release();
  await store.close();
});

function key(labels: Labels, names: readonly string[]): string {
  return names.map((name) => labels.get(name) ?? "").join("|");
}

function parseMetric(text: string): Parameters<typeof evaluateMetric>[0] {
  const query = parseQuery(text);
  assert.ok(query.kind !== "log");
  return query;
}
