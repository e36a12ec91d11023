import assert from "node:assert/strict";
import fc from "fast-check";
import { EventParser } from "./event_stream.ts";

const STREAM = ': hello\n\nid: 7\nevent: log\ndata: {"a":1}\n\n:beat\n\n' +
  "event: missed\r\ndata: one\r\ndata: two\r\n\r\ndata:x\n\n";

const EVENTS = [
  { type: "log", data: '{"a":1}', id: "7" },
  { type: "missed", data: "one\ntwo", id: "7" },
  { type: "message", data: "x", id: "7" },
];

Deno.test("push() gives events with type, data and the last id, and no comments", () => {
  assert.deepEqual(new EventParser().push(STREAM), EVENTS);
});

Deno.test("push() gives the same events in whatever pieces the stream arrives", () => {
  // A piece that ends between CR and LF would look like an empty line: the server writes LF.
  const stream = STREAM.replaceAll("\r", "");
  fc.assert(fc.property(fc.array(fc.nat({ max: stream.length })), (cuts) => {
    const bounds = [0, ...cuts.sort((a, b) => a - b), stream.length];
    const parser = new EventParser();
    const events = bounds.slice(1).flatMap((end, i) => parser.push(stream.slice(bounds[i], end)));
    assert.deepEqual(events, EVENTS);
  }));
});

Deno.test("push() keeps an event back until it is complete", () => {
  const parser = new EventParser();
  assert.deepEqual(parser.push("data: x\n"), []);
  assert.equal(parser.push("\n").length, 1);
});

Deno.test("an event without data still moves the id to resume after", () => {
  const parser = new EventParser();
  assert.equal(parser.lastId, undefined);
  assert.deepEqual(parser.push("id: 41\n"), []);
  assert.equal(parser.lastId, undefined);
  assert.deepEqual(parser.push("\n"), []);
  assert.equal(parser.lastId, "41");
  assert.equal(parser.push("id: 42\ndata: x\n\n").length, 1);
  assert.equal(parser.lastId, "42");
});
