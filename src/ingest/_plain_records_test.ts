import assert from "node:assert/strict";
import fc from "fast-check";
import { type RecordBatch, sealBatches, textAt } from "../record.ts";
import { readPlainRecords } from "./_plain_records.ts";
import { parseRecords } from "./native.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Everything that is kept of a batch. */
function rowsOf(batch: RecordBatch): unknown[] {
  const columns = sealBatches([batch], 1, 0);
  const messages = columns.texts.get("message")!;
  assert.equal(messages.ascii, messages.bytes.every((byte) => byte < 0x80));
  return Array.from({ length: columns.count }, (_, row) => ({
    stream: columns.streams[columns.streamOf[row]!],
    ms: columns.timestampMs[row],
    ns: columns.timestampNs?.[row] ?? 0,
    message: textAt(messages, row),
    others: [...columns.texts.keys()].filter((name) => name !== "message"),
  }));
}

/** Holds the fast reader to the full one; whether it read the body at all. */
function agrees(body: Uint8Array, byLine: boolean): boolean {
  const plain = readPlainRecords(body, byLine);
  if (plain === undefined) return false;
  assert.deepEqual(rowsOf(plain), rowsOf(parseRecords(body, byLine)));
  return true;
}

const json = (text: string) => JSON.stringify(text);
const chunk = (values: string[]) => fc.constantFrom(...values);
const message = fc.array(
  chunk([
    "plain text ",
    "é",
    "😀",
    "\ufeff",
    '"',
    "\\",
    "/",
    "\n",
    "\t",
    "\b",
    "\f",
    "\r",
    "\u0000",
  ]),
).map((parts) => parts.join(""));
const member = fc.oneof(
  { weight: 6, arbitrary: message.map((text) => `"message":${json(text)}`) },
  chunk([
    '"message":"\\/\\u00e9\\ud83d\\ude00"',
    '"message":"\\ud83d"',
    '"message":"\\x"',
    '"message":"',
    '"message":5',
    `"message":"${"m".repeat(65_537)}"`,
    '"attributes":{"a":1}',
    '"messages":"m"',
    '"id":12345678901234567890',
  ]),
);
const timestamp = fc.oneof(
  fc.date({ min: new Date("0001-01-02"), max: new Date("9999-12-30"), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.nat(999_999_999).map((nanos) => `2026-10-31T23:59:59.${String(nanos).padStart(9, "0")}Z`),
  chunk([
    "2026-10-31T00:00:00Z",
    "2026-10-31T00:00:00.5Z",
    "2026-10-31T00:00:00",
    "2026-10-31t00:00:00z",
    "2026-10-31 00:00:00+02:00",
    "2026-10-31T00:00:00.0000000001Z",
    "2026-10-31T00:00:00.Z",
    "2026-10-31T24:00:00Z",
    "2026-10-31T23:59:60Z",
    "2026-02-29T00:00:00Z",
    "2026-10-31T00:00:00.000Z ",
    "9999-12-31T23:59:59.999-00:01",
  ]),
);
const service = chunk(["api", "auth-service", "dienst-ü", "", "a\tb", "s".repeat(129), "😀"]);
const severity = chunk(["INFO", "warn", "Error", "critical", "loud", "", "9"]);
const space = chunk(["", "", "", " ", "\t ", "\n", "\r\n", "\u00a0"]);
const record = fc.tuple(
  timestamp.map((text) => `"timestamp":${json(text)}`),
  service.map((text) => `"service":${json(text)}`),
  severity.map((text) => `"severity":${json(text)}`),
  member,
  fc.nat(23),
  fc.array(space, { minLength: 4, maxLength: 4 }),
).map(([time, service, severity, member, order, spaces]) => {
  const members = [time, service, severity, member];
  for (let i = 0; i < 4; i++) members.push(...members.splice((order >> i) % 4, 1));
  const parts = members.map((text, i) => text.replace(":", `${spaces[i]}:${spaces[3 - i]}`));
  return `{${parts.join(`,${spaces[0]}`)}${spaces[1]}}`;
});
const body = fc.oneof(
  fc.array(record, { maxLength: 4 }).map((records) => `[${records.join(",")}]`),
  fc.tuple(fc.array(record, { maxLength: 4 }), space).map(([records, space]) =>
    ` [${space}${records.join(`${space},`)}${space}]${space}`
  ),
  record,
  fc.tuple(fc.array(record, { maxLength: 4 }), chunk(["\n", "\r\n", "\n\n", " \n ", "", " "]))
    .map(([records, between]) => records.join(between)),
);

const GOOD = '{"timestamp":"2026-10-31T01:02:03.004Z","service":"api","severity":"INFO",' +
  '"message":"it\'s \\"so\\" \\\\ é"}';

Deno.test("readPlainRecords() gives what the full reader gives, or leaves the body to it", () => {
  fc.assert(
    fc.property(body, fc.boolean(), (text, byLine) => void agrees(encode(text), byLine)),
    { numRuns: 2000 },
  );
});

Deno.test("readPlainRecords() agrees on bodies with any byte changed, added or missing", () => {
  const bytes = encode(`[${GOOD}, ${GOOD}]`);
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(2), fc.nat(255), fc.boolean());
  fc.assert(
    fc.property(change, ([at, removed, byte, insert]) => {
      const changed = [
        ...bytes.subarray(0, at),
        ...insert ? [byte] : [],
        ...bytes.subarray(at + removed),
      ];
      agrees(new Uint8Array(changed), false);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("readPlainRecords() reads one record, an array and lines of the required fields", () => {
  for (const text of [GOOD, `[${GOOD}]`, `\n[ ${GOOD},\r\n${GOOD} ]\n`]) {
    assert.equal(agrees(encode(text), false), true, text);
  }
  for (const text of [GOOD, `${GOOD}\n`, `\n${GOOD}\r\n\n  ${GOOD}\t\n`, ""]) {
    assert.equal(agrees(encode(text), true), true, text);
  }
});

Deno.test("readPlainRecords() leaves other fields, bad fields and two records on a line", () => {
  const others = [
    GOOD.replace('"message"', '"attributes":{},"message"'),
    GOOD.replace('"INFO"', '"critical"'),
    GOOD.replace('"api"', '""'),
    GOOD.replace('"message"', '"message":"twice","message"'),
    `[${GOOD}] x`,
    `[${GOOD},]`,
  ];
  for (const text of others) assert.equal(readPlainRecords(encode(text), false), undefined, text);
  assert.equal(readPlainRecords(encode(`${GOOD}${GOOD}`), true), undefined);
});

Deno.test("readPlainRecords() gives batches that share no memory", () => {
  const first = readPlainRecords(encode(GOOD.replace("so", "first")), false)!;
  const second = readPlainRecords(encode(GOOD.replace("so", "other")), false)!;
  assert.match(first.messages[0]!, /first/);
  assert.match(second.messages[0]!, /other/);
});
