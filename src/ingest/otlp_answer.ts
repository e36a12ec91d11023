/** @module Answers to OTLP/HTTP requests, in the encoding of the request: opentelemetry.io/docs/specs/otlp/#otlphttp-response. */

import { Buffer } from "node:buffer";
import { UnsupportedMediaTypeError } from "./errors.ts";
import { CAUSE_CHARS_MAX } from "./limits.ts";

/** The two encodings of OTLP/HTTP. */
export type OtlpEncoding = "json" | "protobuf";

const MEDIA_TYPES = { json: "application/json", protobuf: "application/x-protobuf" } as const;

/** An answer's body and its `Content-Type`. */
export interface OtlpAnswer {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

/**
 * The encoding that a `Content-Type` names.
 * @throws {UnsupportedMediaTypeError} it is another, or absent
 */
export function otlpEncoding(contentType: string | undefined): OtlpEncoding {
  const type = (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
  if (type === MEDIA_TYPES.protobuf || type === "application/protobuf") return "protobuf";
  if (type === MEDIA_TYPES.json) return "json";
  const found = type === "" ? "no type" : `type ${JSON.stringify(type.slice(0, CAUSE_CHARS_MAX))}`;
  throw new UnsupportedMediaTypeError(
    `Cannot read a body of ${found}: send application/x-protobuf or application/json`,
  );
}

/** What each signal calls the items that were not taken, in its `Export…PartialSuccess`. */
const REJECTED_NAMES = {
  logs: "rejectedLogRecords",
  traces: "rejectedSpans",
  metrics: "rejectedDataPoints",
} as const;

/** A kind of telemetry. */
export type OtlpSignal = keyof typeof REJECTED_NAMES;

/**
 * An `Export…ServiceResponse`: an empty one if all was taken and nothing is to be said, else with a partial success, after which
 * clients do not send again.
 * @param contentType the request's; decides the answer's
 * @param rejected how many items were not taken
 * @throws {UnsupportedMediaTypeError} as {@linkcode otlpEncoding}
 */
export function encodeOtlpResponse(
  signal: OtlpSignal,
  contentType: string | undefined,
  rejected = 0,
  errorMessage = "",
): OtlpAnswer {
  const full = rejected === 0 && errorMessage === "";
  if (otlpEncoding(contentType) === "json") {
    // An int64 is a string in protobuf's JSON.
    const rejectedText = rejected === 0 ? {} : { [REJECTED_NAMES[signal]]: String(rejected) };
    const partialSuccess = { ...rejectedText, ...errorMessage === "" ? {} : { errorMessage } };
    return json(full ? {} : { partialSuccess });
  }
  // partial_success = 1 of every response; the count = 1 and error_message = 2 of every partial success.
  const partial = [...rejected === 0 ? [] : [0x08, ...varint(rejected)], ...text(2, errorMessage)];
  return protobuf(full ? [] : [0x0a, ...varint(partial.length), ...partial]);
}

/** {@linkcode encodeOtlpResponse} for logs. */
export function encodeOtlpLogsResponse(
  contentType: string | undefined,
  rejected = 0,
  errorMessage = "",
): OtlpAnswer {
  return encodeOtlpResponse("logs", contentType, rejected, errorMessage);
}

/** gRPC's codes, which `Status.code` holds, of the HTTP statuses that an OTLP route answers with. */
const GRPC_CODES: ReadonlyMap<number, number> = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 5],
  [413, 3],
  [415, 3],
  [429, 8],
  [503, 14],
]);

/** What a code is that none of those fits: UNKNOWN. */
const GRPC_UNKNOWN = 2;

/**
 * The body of an error: a `google.rpc.Status`, in JSON if the request's type is neither of OTLP's.
 * @param status the answer's HTTP status
 */
export function encodeOtlpStatus(
  contentType: string | undefined,
  status: number,
  message: string,
): OtlpAnswer {
  const code = GRPC_CODES.get(status) ?? GRPC_UNKNOWN;
  return encodingOr(contentType, "json") === "json"
    ? json({ code, message })
    : protobuf([0x08, code, ...text(2, message)]);
}

function encodingOr(contentType: string | undefined, other: OtlpEncoding): OtlpEncoding {
  try {
    return otlpEncoding(contentType);
  } catch (error) {
    if (error instanceof UnsupportedMediaTypeError) return other;
    throw error;
  }
}

function json(value: unknown): OtlpAnswer {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return { body, contentType: MEDIA_TYPES.json };
}

function protobuf(bytes: readonly number[]): OtlpAnswer {
  return { body: Uint8Array.from(bytes), contentType: MEDIA_TYPES.protobuf };
}

/** A field of type string; nothing for an empty one. */
function text(field: number, value: string): number[] {
  const bytes = Buffer.from(value);
  return bytes.length === 0 ? [] : [(field << 3) | 2, ...varint(bytes.length), ...bytes];
}

/** @param value a non-negative integer below 2^53 */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  bytes.push(value);
  return bytes;
}
