import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { bytesField, type Message, message, varintField } from "./_test_protobuf.ts";
import { BadBodyError, UnsupportedMediaTypeError } from "./errors.ts";
import type { OtlpAnswer } from "./otlp_answer.ts";
import { dropOtlpMetrics, dropOtlpTraces } from "./otlp_dropped.ts";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";
const SPANS_REASON = "This server stores logs alone: traces were dropped";
const POINTS_REASON = "This server stores logs alone: metrics were dropped";

function json(drop: typeof dropOtlpTraces, request: unknown): unknown {
  const { body } = drop(new TextEncoder().encode(JSON.stringify(request)), JSON_TYPE);
  return JSON.parse(Buffer.from(body).toString());
}

function protobuf(drop: typeof dropOtlpTraces, request: Message): OtlpAnswer {
  return drop(Uint8Array.from(request), PROTOBUF_TYPE);
}

function answerOf(rejected: number, reason: string): Message {
  return bytesField(1, message(varintField(1, rejected), bytesField(2, reason)));
}

Deno.test("dropOtlpTraces() counts spans in both encodings", () => {
  const spans = [{ name: "a" }, { name: "b" }];
  const resourceSpans = [{ scopeSpans: [{ spans }, { spans: [{}] }] }, { scopeSpans: null }, {}];
  assert.deepEqual(json(dropOtlpTraces, { resourceSpans }), {
    partialSuccess: { rejectedSpans: "3", errorMessage: SPANS_REASON },
  });
  const span = bytesField(2, bytesField(5, "name"));
  const scopeSpans = bytesField(2, message(bytesField(1, []), span, span));
  const request = bytesField(1, message(scopeSpans, bytesField(3, "schema"), scopeSpans));
  assert.deepEqual(
    [...protobuf(dropOtlpTraces, request).body],
    answerOf(4, SPANS_REASON),
  );
});

Deno.test("dropOtlpMetrics() counts the data points of every kind of metric", () => {
  const dataPoints = [{}, {}];
  const kinds = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"];
  const metrics = kinds.map((kind) => ({ name: "m", [kind]: { dataPoints } }));
  const resourceMetrics = [{ scopeMetrics: [{ metrics }] }];
  assert.deepEqual(json(dropOtlpMetrics, { resourceMetrics }), {
    partialSuccess: { rejectedDataPoints: "10", errorMessage: POINTS_REASON },
  });
  const tags = [5, 7, 9, 10, 11].map((field) =>
    bytesField(2, message(bytesField(1, "name"), bytesField(field, bytesField(1, []))))
  );
  const request = bytesField(1, bytesField(2, message(...tags)));
  assert.deepEqual([...protobuf(dropOtlpMetrics, request).body], answerOf(5, POINTS_REASON));
});

Deno.test("dropOtlpTraces() answers an empty request as a full success", () => {
  assert.deepEqual(json(dropOtlpTraces, {}), {});
  assert.equal(protobuf(dropOtlpMetrics, []).body.length, 0);
});

Deno.test("dropOtlpTraces() refuses what is no request, and is total", () => {
  assert.throws(() => json(dropOtlpTraces, []), BadBodyError);
  assert.throws(() => json(dropOtlpTraces, { resourceSpans: [5] }), BadBodyError);
  assert.throws(() => dropOtlpTraces(new Uint8Array(0), "text/plain"), UnsupportedMediaTypeError);
  for (const drop of [dropOtlpTraces, dropOtlpMetrics]) {
    fc.assert(fc.property(fc.uint8Array(), (body) => {
      try {
        drop(body, PROTOBUF_TYPE);
      } catch (error) {
        assert.ok(error instanceof BadBodyError, String(error));
      }
    }));
  }
});
