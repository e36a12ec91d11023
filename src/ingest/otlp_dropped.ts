/** @module OTLP/HTTP traces and metrics, which are not stored: counted, so that the answer can say how many were dropped. */

import { type JsonFields, type JsonObject, readJson } from "./_json_fields.ts";
import { ProtobufReader } from "./_protobuf_reader.ts";
import { encodeOtlpResponse, type OtlpAnswer, otlpEncoding } from "./otlp_answer.ts";

/**
 * The way from a request to the items in it: at each step the names of the fields in JSON, and their tags in protobuf; all are
 * repeated messages, or hold one.
 */
type Path = readonly { readonly names: readonly string[]; readonly tags: readonly number[] }[];

const SPANS: Path = [
  { names: ["resourceSpans"], tags: [0x0a] },
  { names: ["scopeSpans"], tags: [0x12] },
  { names: ["spans"], tags: [0x12] },
];

const DATA_POINTS: Path = [
  { names: ["resourceMetrics"], tags: [0x0a] },
  { names: ["scopeMetrics"], tags: [0x12] },
  { names: ["metrics"], tags: [0x12] },
  {
    names: ["gauge", "sum", "histogram", "exponentialHistogram", "summary"],
    tags: [0x2a, 0x3a, 0x4a, 0x52, 0x5a],
  },
  { names: ["dataPoints"], tags: [0x0a] },
];

/**
 * The answer to a body of `POST /v1/traces`: how many spans were dropped, and why.
 * @throws {BadBodyError} it is no such request
 * @throws {UnsupportedMediaTypeError} its type is neither JSON nor protobuf
 */
export function dropOtlpTraces(body: Uint8Array, contentType: string | undefined): OtlpAnswer {
  const dropped = countItems(body, contentType, SPANS);
  return encodeOtlpResponse("traces", contentType, dropped, reason(dropped, "traces"));
}

/** {@linkcode dropOtlpTraces} for `POST /v1/metrics` and its data points. */
export function dropOtlpMetrics(body: Uint8Array, contentType: string | undefined): OtlpAnswer {
  const dropped = countItems(body, contentType, DATA_POINTS);
  return encodeOtlpResponse("metrics", contentType, dropped, reason(dropped, "metrics"));
}

function reason(dropped: number, signal: string): string {
  return dropped === 0 ? "" : `This server stores logs alone: ${signal} were dropped`;
}

function countItems(body: Uint8Array, contentType: string | undefined, path: Path): number {
  return otlpEncoding(contentType) === "json"
    ? readJson(
      body,
      (request, fields) => countJson(fields.object(request, "the body"), path, fields),
    )
    : countProtobuf(new ProtobufReader(body), path);
}

function countJson(parent: JsonObject, path: Path, fields: JsonFields): number {
  const [step, ...rest] = path;
  if (step === undefined) return 1;
  let count = 0;
  for (const name of step.names) {
    const value = parent[name];
    if (value === undefined || value === null) continue;
    const items = Array.isArray(value) ? value : [value];
    for (const item of items) count += countJson(fields.object(item, name), rest, fields);
  }
  return count;
}

function countProtobuf(reader: ProtobufReader, path: Path): number {
  const [step, ...rest] = path;
  if (step === undefined) return 1;
  let count = 0;
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (!step.tags.includes(tag)) {
      reader.skip(tag);
      continue;
    }
    const outer = reader.enter();
    count += countProtobuf(reader, rest);
    reader.leave(outer);
  }
  return count;
}
