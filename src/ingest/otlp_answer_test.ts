import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { bytesField, message, varintField } from "./_test_protobuf.ts";
import { UnsupportedMediaTypeError } from "./errors.ts";
import { encodeOtlpLogsResponse, encodeOtlpResponse, encodeOtlpStatus } from "./otlp_answer.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const PROTOBUF_TYPE = "application/x-protobuf";

Deno.test("encodeOtlpLogsResponse() leaves a full success empty, in the request's type", () => {
  const json = encodeOtlpLogsResponse(JSON_TYPE);
  assert.equal(Buffer.from(json.body).toString(), "{}");
  assert.equal(json.contentType, "application/json");
  const protobuf = encodeOtlpLogsResponse(PROTOBUF_TYPE, 0, undefined);
  assert.equal(protobuf.body.length, 0);
  assert.equal(protobuf.contentType, "application/x-protobuf");
  assert.throws(() => encodeOtlpLogsResponse("text/plain"), UnsupportedMediaTypeError);
});

Deno.test("encodeOtlpResponse() says what was rejected, by the name of each signal", () => {
  const text = (signal: "logs" | "traces" | "metrics", rejected: number, reason: string) =>
    Buffer.from(encodeOtlpResponse(signal, JSON_TYPE, rejected, reason).body).toString();
  assert.equal(
    text("logs", 3, "no"),
    '{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"no"}}',
  );
  assert.equal(text("traces", 1, ""), '{"partialSuccess":{"rejectedSpans":"1"}}');
  assert.equal(text("metrics", 0, "no"), '{"partialSuccess":{"errorMessage":"no"}}');
  const { body } = encodeOtlpResponse("logs", PROTOBUF_TYPE, 2 ** 40 + 300, "nö".repeat(100));
  const partial = message(varintField(1, 2 ** 40 + 300), bytesField(2, "nö".repeat(100)));
  assert.deepEqual([...body], bytesField(1, partial));
});

Deno.test("encodeOtlpStatus() is a Status in the request's type, JSON if that is none of OTLP's", () => {
  for (const type of [JSON_TYPE, "text/plain", undefined]) {
    const { body, contentType } = encodeOtlpStatus(type, 400, "bad");
    assert.equal(Buffer.from(body).toString(), '{"code":3,"message":"bad"}');
    assert.equal(contentType, "application/json");
  }
  const { body } = encodeOtlpStatus(PROTOBUF_TYPE, 500, "bad");
  assert.deepEqual([...body], message(varintField(1, 2), bytesField(2, "bad")));
});
