import assert from "node:assert/strict";
import { OverloadedError } from "../storage/mod.ts";
import { BodyReader } from "./body.ts";
import { HttpError } from "./errors.ts";

const copy = (body: Uint8Array) => new Uint8Array(body);

/** A request whose body comes in pieces, as chunked transfer gives them. */
function chunked(...pieces: number[]): Request {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const size = pieces.shift();
      if (size === undefined) controller.close();
      else controller.enqueue(new Uint8Array(size).fill(size));
    },
  });
  return new Request("http://localhost/", { method: "POST", body });
}

function isStatus(status: number): (error: unknown) => boolean {
  return (error) => error instanceof HttpError && error.status === status;
}

Deno.test("read() gives a chunked body whole and holds nothing afterwards", async () => {
  const reader = new BodyReader();
  const body = await reader.read(chunked(3, 1, 2), copy);
  assert.deepEqual([...body], [3, 3, 3, 1, 2, 2]);
  assert.equal(reader.heldBytes, 0);
});

Deno.test("read() stops at the bound, whatever was declared", async () => {
  const reader = new BodyReader();
  await assert.rejects(reader.read(chunked(5, 5, 5), copy, 12), isStatus(413));
  assert.equal((await reader.read(chunked(5, 5, 2), copy, 12)).length, 12);
  const declared = new Request("http://localhost/", {
    method: "POST",
    body: "x",
    headers: { "content-length": "13" },
  });
  await assert.rejects(reader.read(declared, copy, 12), isStatus(413));
  assert.equal(reader.heldBytes, 0);
});

Deno.test("read() refuses what all bodies together cannot hold, and takes it when others are done", async () => {
  const reader = new BodyReader({ bodiesBytesMax: 10, untimedBytesMax: 0, bodyMsMax: 60_000 });
  let finish = () => {};
  const slow = new Request("http://localhost/", {
    method: "POST",
    body: new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(8));
        finish = () => controller.close();
      },
    }),
  });
  const first = reader.read(slow, copy);
  while (reader.heldBytes < 8) await Promise.resolve();
  await assert.rejects(reader.read(chunked(3), copy), OverloadedError);
  finish();
  assert.equal((await first).length, 8);
  assert.equal((await reader.read(chunked(3), copy)).length, 3);
  assert.equal(reader.heldBytes, 0);
});

Deno.test("read() gives up on a body that does not arrive", async () => {
  const reader = new BodyReader({ bodiesBytesMax: 10, untimedBytesMax: 0, bodyMsMax: 1 });
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    cancel() {
      cancelled = true;
    },
  });
  const stalled = new Request("http://localhost/", { method: "POST", body });
  await assert.rejects(reader.read(stalled, copy), isStatus(408));
  assert.ok(cancelled);
  assert.equal(reader.heldBytes, 0);
});

Deno.test("read() gives stalled bodies no more than a part of what may be held", async () => {
  const reader = new BodyReader({ bodiesBytesMax: 100, untimedBytesMax: 10, bodyMsMax: 1 });
  const ends: (() => void)[] = [];
  const stalled = () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void ends.push(() => controller.close()),
    });
    const headers = { "content-length": "6" };
    return new Request("http://localhost/", { method: "POST", body, headers });
  };
  const untimed = reader.read(stalled(), copy);
  await assert.rejects(reader.read(stalled(), copy), isStatus(408));
  assert.equal(reader.heldBytes, 6);
  ends[0]!();
  assert.equal((await untimed).length, 0);
  assert.equal(reader.heldBytes, 0);
});

Deno.test("read() says that a body was cut short", async () => {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(new TypeError("connection reset"));
    },
  });
  const cut = new Request("http://localhost/", { method: "POST", body });
  await assert.rejects(new BodyReader().read(cut, copy), isStatus(400));
});

Deno.test("read() gives back its share when the body's use fails", async () => {
  const reader = new BodyReader();
  const fail = () => {
    throw new Error("bad");
  };
  await assert.rejects(reader.read(chunked(3), fail), /bad/);
  assert.equal(reader.heldBytes, 0);
});

Deno.test("read() does not blame a sender whose body the server has cut short", async () => {
  const reader = new BodyReader();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      reader.interrupt();
      controller.error(new TypeError("The connection was closed"));
    },
  }, { highWaterMark: 0 });
  const request = new Request("http://localhost/", { method: "POST", body });
  await assert.rejects(reader.read(request, copy), OverloadedError);
  const cut = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new TypeError("The connection was closed")),
  });
  const later = new Request("http://localhost/", { method: "POST", body: cut });
  await assert.rejects(reader.read(later, copy), isStatus(400));
  assert.equal(reader.heldBytes, 0);
});
