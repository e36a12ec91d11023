/** @module Requests as ready bytes, so that nothing but sending them is on the clock. */

import { encodeElasticsearch, encodeOtlp, type SimulatedRecord } from "../simulator/wire/mod.ts";
import type { GeneratedRecord } from "./generate.ts";
import { encodeLokiPush } from "./loki_push.ts";
import { streamKey } from "./questions.ts";

/**
 * `json`: an array, or the record itself where a request has only one; `lines`: NDJSON; `loki` and `loki_json`: a push of
 * Loki's in protobuf, as its own clients send it, and in JSON; `otlp`: OTLP in protobuf; `elasticsearch`: a bulk request.
 */
export type BodyForm = "json" | "lines" | "loki" | "loki_json" | "otlp" | "elasticsearch";

/** Where records go, and in what form. */
export interface IngestTarget {
  readonly url: URL;
  readonly contentType: string;
  readonly authorization?: string | undefined;
  readonly form: BodyForm;
}

/** A whole HTTP/1.1 request. */
export interface ReadyRequest {
  readonly bytes: Uint8Array;
  readonly records: number;
}

const encoder = new TextEncoder();

/** The requests that carry the records, so many in each but the last. */
export function buildRequests(
  records: Iterable<GeneratedRecord>,
  batch: number,
  target: IngestTarget,
): ReadyRequest[] {
  const requests: ReadyRequest[] = [];
  let gathered: GeneratedRecord[] = [];
  const emit = () => {
    const bytes = postRequest(target, bodyOf(gathered, batch, target.form));
    requests.push({ bytes, records: gathered.length });
    gathered = [];
  };
  for (const record of records) {
    gathered.push(record);
    if (gathered.length === batch) emit();
  }
  if (gathered.length > 0) emit();
  return requests;
}

function bodyOf(
  records: readonly GeneratedRecord[],
  batch: number,
  form: BodyForm,
): string | Uint8Array {
  if (form === "otlp") return encodeOtlp(records as SimulatedRecord[]);
  if (form === "elasticsearch") return encodeElasticsearch(records as SimulatedRecord[]);
  if (form === "lines") return records.map((record) => JSON.stringify(record) + "\n").join("");
  if (form === "loki") return encodeLokiPush(records);
  if (form === "loki_json") return JSON.stringify({ streams: lokiStreams(records) });
  return JSON.stringify(batch === 1 ? records[0] : records);
}

/** Lines by stream; times as text in nanoseconds, which numbers of JavaScript do not hold. */
function lokiStreams(records: readonly GeneratedRecord[]): unknown[] {
  const streams = Map.groupBy(records, streamKey);
  return Array.from(streams.values(), (ofStream) => {
    const { service, severity } = ofStream[0]!;
    const values = ofStream.map(({ timestamp, message }) => {
      return [`${Date.parse(timestamp)}000000`, message];
    });
    return { stream: { service, severity }, values };
  });
}

function postRequest(
  { url, contentType, authorization }: IngestTarget,
  content: string | Uint8Array,
): Uint8Array {
  const body = typeof content === "string" ? encoder.encode(content) : content;
  const head = requestHead("POST", url, {
    "Content-Type": contentType,
    "Content-Length": String(body.length),
    ...(authorization === undefined ? {} : { "Authorization": authorization }),
  });
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** The head of an HTTP/1.1 request, its empty line included. */
export function requestHead(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
): Uint8Array {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return encoder.encode(
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${fields}\r\n`,
  );
}
