/** @module Requests as ready bytes, so that nothing but sending them is on the clock. */

import type { GeneratedRecord } from "./generate.ts";

/** Where records go, and in what form. */
export interface IngestTarget {
  readonly url: URL;
  readonly contentType: string;
  readonly authorization?: string | undefined;
  /** `json`: an array, or the record itself where a request has only one; `lines`: NDJSON. */
  readonly form: "json" | "lines";
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
  let lines: string[] = [];
  const emit = () => {
    requests.push({
      bytes: postRequest(target, bodyOf(lines, batch, target)),
      records: lines.length,
    });
    lines = [];
  };
  for (const record of records) {
    lines.push(JSON.stringify(record));
    if (lines.length === batch) emit();
  }
  if (lines.length > 0) emit();
  return requests;
}

function bodyOf(lines: readonly string[], batch: number, { form }: IngestTarget): string {
  if (form === "lines") return lines.join("\n") + "\n";
  return batch === 1 ? lines[0]! : `[${lines.join(",")}]`;
}

function postRequest({ url, contentType, authorization }: IngestTarget, text: string): Uint8Array {
  const body = encoder.encode(text);
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
