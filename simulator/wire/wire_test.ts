import assert from "node:assert/strict";
import { isFormatName, type SimulatedRecord, syslogFetch, wireFormat } from "./mod.ts";
import { unixNanos } from "./record.ts";

const RECORD: SimulatedRecord = {
  timestamp: "2025-04-01T12:00:00.123456789Z",
  service: "shop",
  severity: "WARNING",
  message: 'low "stock": Größe 7',
  trace_id: "5b8efff798038103d269b633813fc60c",
  span_id: "eee19b7ec3c1b174",
  attributes: { order: 7, ratio: 0.5, late: true, note: "a]b" },
};
const PLAIN = {
  timestamp: "2025-04-01T12:00:00Z",
  service: "shop",
  severity: "INFO",
  message: "plain",
};
const JSON_TEXT = JSON.stringify([RECORD, PLAIN]);

function textOf(format: Parameters<typeof wireFormat>[0]): string {
  const body = wireFormat(format).encode(JSON_TEXT);
  return typeof body === "string" ? body : new TextDecoder().decode(body);
}

Deno.test("unixNanos() keeps every digit", () => {
  assert.equal(unixNanos(RECORD.timestamp), "1743508800123456789");
  assert.equal(unixNanos("2025-04-01T12:00:00Z"), "1743508800000000000");
  assert.equal(unixNanos("2025-04-01T12:00:00.5Z"), "1743508800500000000");
});

Deno.test("syslog's messages are counted in octets and escape what ends a parameter", () => {
  const messages = [
    '<132>1 2025-04-01T12:00:00.123456Z simulator shop - - [simulator@32473 order="7" ratio="0.5" ' +
    'late="true" note="a\\]b" trace_id="5b8efff798038103d269b633813fc60c"] low "stock": Größe 7',
    "<134>1 2025-04-01T12:00:00Z simulator shop - - - plain",
  ];
  // ö and ß are two octets each.
  assert.equal(textOf("syslog"), `${messages[0]!.length + 2} ${messages[0]}54 ${messages[1]}`);
});

Deno.test("Loki's streams are of one service, and lines with attributes are JSON", () => {
  const { streams } = JSON.parse(textOf("loki"));
  assert.equal(streams.length, 1);
  assert.deepEqual(streams[0].stream, { service_name: "shop", job: "simulator" });
  const [[nanos, line, metadata], second] = streams[0].values;
  assert.equal(nanos, "1743508800123456789");
  assert.equal(JSON.parse(line).order, 7);
  assert.deepEqual(metadata, { level: "warning" });
  assert.deepEqual(second, ["1743508800000000000", "plain", { level: "info" }]);
});

Deno.test("an answer counts as stored only if it says so", () => {
  assert.equal(wireFormat("native").isStored(201, '{"count":2}', 2), true);
  assert.equal(wireFormat("native").isStored(201, '{"count":1}', 2), false);
  assert.equal(wireFormat("native").isStored(201, "<html>", 2), false);
  assert.equal(wireFormat("elasticsearch").isStored(200, '{"errors":false}', 2), true);
  assert.equal(wireFormat("elasticsearch").isStored(200, '{"errors":true}', 2), false);
  assert.equal(wireFormat("otlp").isStored(503, "", 2), false);
});

Deno.test("isFormatName() knows the formats' names alone", () => {
  for (const name of ["native", "otlp", "syslog"]) assert.equal(isFormatName(name), true);
  for (const name of ["", "toString", "OTLP"]) assert.equal(isFormatName(name), false);
});

Deno.test("syslogFetch() keeps its connection, opens it again after it broke, and is a 503 without one", async () => {
  const written: string[] = [];
  let opened = 0;
  let fails = "connect";
  const send = syslogFetch(() => {
    if (fails === "connect") return Promise.reject(new Error("refused"));
    opened++;
    return Promise.resolve({
      write(bytes) {
        if (fails === "write") return Promise.reject(new Error("reset"));
        // A write may take a part.
        const part = bytes.subarray(0, 3);
        written.push(new TextDecoder().decode(part));
        return Promise.resolve(part.length);
      },
      close() {},
    });
  });
  const body = new TextEncoder().encode("abcde");
  assert.equal((await send("", { body })).status, 503);
  fails = "";
  assert.equal((await send("", { body })).status, 204);
  assert.equal((await send("", { body })).status, 204);
  assert.equal(written.join(""), "abcdeabcde");
  assert.equal(opened, 1);
  fails = "write";
  await assert.rejects(send("", { body }), /reset/);
  fails = "";
  assert.equal((await send("", { body })).status, 204);
  assert.equal(opened, 2);
});
