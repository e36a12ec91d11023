/** @module Requests as ready bytes, so that nothing but sending them is on the clock. */

import type { GeneratedRecord } from "./generate.ts";
import { encodeLokiPush } from "./loki_push.ts";

/** `json`: an array, or the record itself where a request has only one; `lines`: NDJSON; `loki`: a push of Loki's own. */
export type BodyForm = "json" | "lines" | "loki";

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

function bodyOf(records: readonly GeneratedRecord[], batch: number, form: BodyForm): Uint8Array {
  if (form === "loki") return encodeLokiPush(records);
  const text = form === "lines"
    ? records.map((record) => JSON.stringify(record) + "\n").join("")
    : JSON.stringify(batch === 1 ? records[0] : records);
  return encoder.encode(text);
}

function postRequest(
  { url, contentType, authorization }: IngestTarget,
  body: Uint8Array,
): Uint8Array {
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
