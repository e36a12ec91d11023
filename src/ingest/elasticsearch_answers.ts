/** @module What Elasticsearch answers to the requests that store documents, as JSON texts. */

/** The answer to one operation of a bulk request. */
export interface BulkItem {
  readonly operation: string;
  readonly status: number;
  /** Why nothing was stored. */
  readonly error?: { readonly type: string; readonly reason: string };
}

/** A document was stored by `create`. */
export const CREATED: BulkItem = { operation: "create", status: 201 };
/** A document was stored by `index`. */
export const INDEXED: BulkItem = { operation: "index", status: 201 };

/** An operation that stored nothing and never will: no client retries a 400. */
export function refusedItem(operation: string, type: string, reason: string): BulkItem {
  return { operation, status: 400, error: { type, reason } };
}

const CREATED_TEXT = '{"create":{"status":201}}';
const INDEXED_TEXT = '{"index":{"status":201}}';

/**
 * The body of a 200 to a bulk request. Compact, and `errors` directly before `items`: Fluent Bit looks for the bytes
 * `"errors":false,"items":[`.
 * @param tookMs milliseconds that the request took, an integer
 */
export function encodeBulkResponse(items: readonly BulkItem[], tookMs: number): string {
  let errors = false;
  const texts = items.map((item) => {
    if (item === CREATED) return CREATED_TEXT;
    if (item === INDEXED) return INDEXED_TEXT;
    errors ||= item.error !== undefined;
    return JSON.stringify({ [item.operation]: { status: item.status, error: item.error } });
  });
  return `{"took":${tookMs},"errors":${errors},"items":[${texts.join(",")}]}`;
}

/** The body of a 201 to a single document. @param id the one that the client gave, or any other */
export function encodeDocumentResponse(index: string, id: string): string {
  return JSON.stringify({
    _index: index,
    _id: id,
    _version: 1,
    result: "created",
    _shards: { total: 1, successful: 1, failed: 0 },
    _seq_no: 0,
    _primary_term: 1,
  });
}

/** The types of errors by status, as Elasticsearch names them; its clients show them. */
const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: "illegal_argument_exception",
  401: "security_exception",
  403: "security_exception",
  404: "resource_not_found_exception",
  413: "content_too_long_exception",
  429: "es_rejected_execution_exception",
  503: "unavailable_shards_exception",
};

/** The body of an error for a whole request. Its clients retry 429 and 503. @param reason a sentence */
export function encodeElasticsearchError(status: number, reason: string): string {
  const error = { type: ERROR_TYPES[status] ?? "exception", reason };
  return JSON.stringify({ error: { root_cause: [error], ...error }, status });
}
