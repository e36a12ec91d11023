/** @module What clients of Elasticsearch ask of it: bulk requests, single documents, and probes. */

import {
  answerElasticsearchProbe,
  decodeElasticsearchBulk,
  decodeElasticsearchDocument,
  encodeBulkResponse,
  encodeDocumentResponse,
  encodeElasticsearchError,
} from "../ingest/mod.ts";
import { jsonText } from "./respond.ts";
import type { Call } from "./route.ts";
import type { WireBody, WireFormat, WireResult } from "./wire.ts";

/** What clients of version 8 and later insist on in every answer. */
const HEADERS = { "x-elastic-product": "Elasticsearch" };

/** The formats of the routes that store documents. @param clock milliseconds since the Unix epoch */
export function elasticsearchFormats(clock: () => number): WireFormat[] {
  const bulk = (body: WireBody, call: Call) => decodeBulk(body, call, clock);
  return [
    { ...SHARED, method: "POST", path: "/_bulk", decode: bulk },
    { ...SHARED, method: "PUT", path: "/_bulk", decode: bulk },
    { ...SHARED, method: "POST", path: "/:index/_bulk", decode: bulk },
    { ...SHARED, method: "PUT", path: "/:index/_bulk", decode: bulk },
    { ...SHARED, method: "POST", path: "/:index/_doc", decode: decodeDocument },
    { ...SHARED, method: "POST", path: "/:index/_doc/:id", decode: decodeDocument },
    { ...SHARED, method: "PUT", path: "/:index/_doc/:id", decode: decodeDocument },
    { ...SHARED, method: "POST", path: "/:index/_create/:id", decode: decodeDocument },
    { ...SHARED, method: "PUT", path: "/:index/_create/:id", decode: decodeDocument },
  ];
}

/**
 * The answer to a request that stores nothing; `undefined` if it is none of those that clients make.
 * @param release this server's own version
 */
export function elasticsearchProbe(
  method: string,
  path: string,
  release: string,
): Response | undefined {
  const probe = answerElasticsearchProbe(method, path, release);
  return probe && new Response(probe.body, {
    status: probe.status,
    headers: { ...HEADERS, "content-type": probe.contentType, "x-content-type-options": "nosniff" },
  });
}

const SHARED: Pick<WireFormat, "refuse"> = {
  // Its clients try again after a 503; for a 429 of the whole request most of them do not.
  refuse(status, sentence) {
    const told = status === 429 ? 503 : status;
    return jsonText(encodeElasticsearchError(told, sentence), told, HEADERS);
  },
};

function decodeBulk({ bytes, now }: WireBody, call: Call, clock: () => number): WireResult {
  const { batch, items } = decodeElasticsearchBulk(bytes, call.params.index, now);
  const respond = () => {
    const tookMs = Math.max(0, clock() - now.ms);
    return jsonText(encodeBulkResponse(items, tookMs), 200, HEADERS);
  };
  return { batch, respond };
}

function decodeDocument({ bytes, now }: WireBody, { params }: Call): WireResult {
  const { index = "", id } = params;
  const batch = decodeElasticsearchDocument(bytes, index, id, now);
  const respond = () => {
    const text = encodeDocumentResponse(index, id ?? crypto.randomUUID());
    return jsonText(text, 201, HEADERS);
  };
  return { batch, respond };
}
