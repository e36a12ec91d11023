import assert from "node:assert/strict";
import fc from "fast-check";
import { RecordBatch } from "../record.ts";
import {
  assertWithinLimits,
  bytesOf,
  NOW,
  NOW_TEXT,
  rowsOf,
  type TestRow,
} from "./_lenient_test_rows.ts";
import { decodeSyslogMessage } from "./syslog.ts";

function decode(text: string | Uint8Array, utcOffsetMs = 0, lostBytes = 0): TestRow {
  const batch = new RecordBatch();
  const bytes = typeof text === "string" ? bytesOf(text) : text;
  decodeSyslogMessage({ bytes, lostBytes }, { now: NOW, service: "syslog", utcOffsetMs }, batch);
  assert.equal(batch.length, 1);
  return rowsOf(batch)[0]!;
}

Deno.test("decodeSyslogMessage() reads the examples of RFC 5424, section 6.5", () => {
  const hostname = "mymachine.example.com";
  assert.deepEqual(
    decode(
      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick on /dev/pts/8",
    ),
    {
      time: "2003-10-11T22:14:15.003Z",
      service: "su",
      severity: "ERROR",
      severity_text: "crit",
      severity_number: "18",
      message: "'su root' failed for lonvick on /dev/pts/8",
      attributes: { facility: "auth", hostname, msgid: "ID47" },
    },
  );
  assert.deepEqual(
    decode(
      "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
    ),
    {
      time: "2003-08-24T12:14:15.000003Z",
      service: "myproc",
      severity: "INFO",
      severity_text: "notice",
      severity_number: "10",
      message: "%% It's time to make the do-nuts.",
      attributes: { facility: "local4", hostname: "192.0.2.1", procid: "8710" },
    },
  );
  const data = { "exampleSDID@32473": { iut: "3", eventSource: "Application", eventID: "1011" } };
  const header = "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 ";
  const common = {
    time: "2003-10-11T22:14:15.003Z",
    service: "evntslog",
    severity: "INFO",
    severity_text: "notice",
    severity_number: "10",
  };
  assert.deepEqual(
    decode(
      `${header}[exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] \ufeffAn application event log entry...`,
    ),
    {
      ...common,
      message: "An application event log entry...",
      attributes: { facility: "local4", hostname, msgid: "ID47", structured_data: data },
    },
  );
  assert.deepEqual(
    decode(
      `${header}[exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"][examplePriority@32473 class="high"]`,
    ),
    {
      ...common,
      message: "",
      attributes: {
        facility: "local4",
        hostname,
        msgid: "ID47",
        structured_data: { ...data, "examplePriority@32473": { class: "high" } },
      },
    },
  );
});

Deno.test("decodeSyslogMessage() takes escapes and repeated names in structured data, and keeps what is malformed as text", () => {
  const read = (rest: string) => {
    const { message, attributes } = decode(`<14>1 - - app - - ${rest}`);
    return { message, data: attributes?.structured_data };
  };
  assert.deepEqual(read(String.raw`[a b="\"\\\]\n" ip="1" ip="2"] m`), {
    message: "m",
    data: { a: { b: '"\\]\\n', ip: ["1", "2"] } },
  });
  assert.deepEqual(read("[a] m"), { message: "m", data: { a: {} } });
  assert.deepEqual(read("- - m"), { message: "- m", data: undefined });
  assert.deepEqual(read('[__proto__ __proto__="1"] m'), {
    message: "m",
    data: JSON.parse('{"__proto__":{"__proto__":"1"}}'),
  });
  for (const rest of ["", "[a", '[a b="1" m', "[a b=1] m", "[] m", "[a]m", "-m", "m"]) {
    assert.deepEqual(read(rest), { message: rest, data: undefined }, rest);
  }
});

Deno.test("decodeSyslogMessage() uses the time of receipt for a nil or bad TIMESTAMP, and the default service for a nil APP-NAME", () => {
  assert.deepEqual(decode("<14>1 - - - - - - m"), {
    time: NOW_TEXT,
    service: "syslog",
    severity: "INFO",
    message: "m",
    attributes: { facility: "user" },
  });
  assert.deepEqual(decode("<15>1 yesterday h a - - - m"), {
    time: NOW_TEXT,
    service: "a",
    severity: "DEBUG",
    message: "m",
    attributes: { facility: "user", timestamp: "yesterday", hostname: "h" },
  });
});

Deno.test("decodeSyslogMessage() reads the examples of RFC 3164, section 5.4", () => {
  assert.deepEqual(
    decode("<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8"),
    {
      time: "2024-10-11T22:14:15.000Z",
      service: "su",
      severity: "ERROR",
      severity_text: "crit",
      severity_number: "18",
      message: "'su root' failed for lonvick on /dev/pts/8",
      attributes: { facility: "auth", hostname: "mymachine" },
    },
  );
  assert.deepEqual(decode("Use the BFG!"), {
    time: NOW_TEXT,
    service: "syslog",
    severity: "INFO",
    message: "Use the BFG!",
  });
  const third = decode(
    "<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time to make the do-nuts.  %%  Ingredients: Mix=OK",
  );
  assert.equal(third.time, "2025-08-24T05:34:00.000Z");
  assert.match(third.message, /It's time to make the do-nuts/);
  const fourth = decode(
    "<0>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!",
  );
  assert.deepEqual([fourth.time, fourth.severity, fourth.severity_text], [
    "1990-10-22T10:52:01.000Z",
    "FATAL",
    "emerg",
  ]);
  assert.match(fourth.message, /That's All Folks!$/);
});

Deno.test("decodeSyslogMessage() reads what senders made of RFC 3164", () => {
  const cases: [string, Partial<TestRow>, Record<string, unknown>?][] = [
    ["<13>Apr  1 11:59:58 host app[123]: m", {
      time: "2025-04-01T11:59:58.000Z",
      service: "app",
      message: "m",
    }, { hostname: "host", procid: "123" }],
    ["<13>Apr  1 11:59:58 host app: a: b", { service: "app", message: "a: b" }, {
      hostname: "host",
    }],
    ["<13>Apr  1 11:59:58 app[123]: m", { service: "app", message: "m" }, { procid: "123" }],
    ["<13>Apr  1 11:59:58.123 host app m", {
      time: "2025-04-01T11:59:58.123Z",
      service: "syslog",
      message: "app m",
    }, { hostname: "host" }],
    ["<13>Apr 01 2024 11:59:58 host %ASA-6: m", {
      time: "2024-04-01T11:59:58.000Z",
      service: "%ASA-6",
      message: "m",
    }, { hostname: "host" }],
    ["<13>2025-04-01T13:59:58.5+02:00 host app[1]: m", {
      time: "2025-04-01T11:59:58.500Z",
      service: "app",
      message: "m",
    }, { hostname: "host", procid: "1" }],
    ["<13>app[9]: m", { time: NOW_TEXT, service: "app", message: "m" }, { procid: "9" }],
    ["<13>myapp: m", { service: "myapp", message: "m" }],
    ["<13>Error: m", { service: "syslog", message: "Error: m" }],
    ["<13>ValueError: m", { service: "syslog", message: "ValueError: m" }],
    ["<13>two words: m", { service: "syslog", message: "two words: m" }],
    ["<13>m\n\0", { service: "syslog", message: "m" }],
    ["<13>Feb 30 11:59:58 host app: m", {
      time: NOW_TEXT,
      service: "syslog",
      message: "Feb 30 11:59:58 host app: m",
    }],
    ["<13>", { service: "syslog", message: "" }],
  ];
  for (const [text, expected, attributes = {}] of cases) {
    const row = decode(text);
    assert.deepEqual({ ...row, attributes: undefined }, {
      ...row,
      ...expected,
      attributes: undefined,
    }, text);
    assert.deepEqual(row.attributes, { facility: "user", ...attributes }, text);
  }
});

Deno.test("decodeSyslogMessage() takes a time without a year for the nearest one, in the senders' zone", () => {
  const at = (text: string, year: number, month: number, day: number, offset = 0) => {
    const batch = new RecordBatch();
    const now = { ms: Date.UTC(year, month - 1, day), ns: 0 };
    decodeSyslogMessage({ bytes: bytesOf(`<13>${text} h a: m`), lostBytes: 0 }, {
      now,
      service: "s",
      utcOffsetMs: offset,
    }, batch);
    return rowsOf(batch)[0]!.time.slice(0, 19);
  };
  assert.equal(at("Dec 31 23:59:59", 2026, 1, 1), "2025-12-31T23:59:59");
  assert.equal(at("Jan  1 00:00:01", 2025, 12, 31), "2026-01-01T00:00:01");
  assert.equal(at("Feb 29 12:00:00", 2025, 3, 1), "2024-02-29T12:00:00");
  assert.equal(at("Jun  1 12:00:00", 2025, 6, 1, 2 * 3_600_000), "2025-06-01T10:00:00");
});

Deno.test("decodeSyslogMessage() keeps what is no syslog message whole", () => {
  for (const text of ["", "plain", "<192>m", "<>m", "<1234>m", "<x>m", "< 1>m", "1 2025"]) {
    assert.deepEqual(decode(text), {
      time: NOW_TEXT,
      service: "syslog",
      severity: "INFO",
      message: text,
    });
  }
  assert.equal(decode(Uint8Array.of(0x3c, 0x31, 0x33, 0x3e, 0xe4)).message, "\ufffd");
});

Deno.test("decodeSyslogMessage() says how much of a message was lost, to the framer and to the limit", () => {
  const row = decode(`<13>${"x".repeat(70_000)}`, 0, 1000);
  assert.equal(row.message.length, 65_536);
  assert.deepEqual(row.attributes, {
    facility: "user",
    message_truncated_bytes: 5464,
  });
});

Deno.test("decodeSyslogMessage() gives one record within the limits for any bytes", () => {
  const part = fc.constantFrom(
    "<34>",
    "1 ",
    "- ",
    "2003-10-11T22:14:15.003Z ",
    "Oct 11 22:14:15 ",
    "host ",
    "app[1]: ",
    '[a b="',
    '"]',
    "\\",
    "]",
    "[",
    " ",
    "\0",
    "é",
    "\ud83d\ude00",
  );
  const message = fc.oneof(fc.uint8Array(), fc.array(part).map((parts) => bytesOf(parts.join(""))));
  fc.assert(
    fc.property(message, fc.nat(9), (bytes, lostBytes) => {
      const batch = new RecordBatch();
      decodeSyslogMessage({ bytes, lostBytes }, { now: NOW, service: "s", utcOffsetMs: 0 }, batch);
      assert.equal(batch.length, 1);
      assertWithinLimits(batch, assert.ok);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("decodeSyslogMessage() takes linear time for what might make a pattern go back and forth", () => {
  const texts = [
    "<34>1 - - - - - [a" + ' b="'.repeat(30_000),
    '<34>1 - - - - - [a b="' + "\\]".repeat(60_000),
    "<34>" + "a:".repeat(60_000),
    "\n".repeat(120_000) + "x",
    "<34>" + "[".repeat(120_000),
  ];
  for (const text of texts) assert.ok(decode(text).message.length > 0);
});
