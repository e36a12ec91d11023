/**
 * @module Elasticsearch's document APIs, as far as its clients ship logs with them: `_bulk` and single documents.
 *
 * Documents are records: what Elastic Common Schema calls a record's parts are its fields, `_id` and, unless it is the
 * service, `_index` are attributes. Only `create` and `index` store anything, as in a data stream.
 */

import type { Instant, RecordBatch } from "../record.ts";
import { type BulkAction, readAction, refusedOperation } from "./_elasticsearch_action.ts";
import { DocumentAppender } from "./_elasticsearch_documents.ts";
import type { Members } from "./_lenient_attributes.ts";
import { isBlank, lenientUtf8, parserFor } from "./_lenient_json.ts";
import type { BulkItem } from "./elasticsearch_answers.ts";
import { BadBodyError } from "./errors.ts";
import { BODY_RECORDS_MAX } from "./limits.ts";

const LINE_FEED = 0x0a;

/** A bulk request's records, and what to answer for each of its operations. */
export interface BulkRequest {
  readonly batch: RecordBatch;
  /** In the order of the operations; those that stored nothing have an error. */
  readonly items: readonly BulkItem[];
}

/**
 * Reads the body of `POST /_bulk` or `POST /{index}/_bulk`: lines in pairs, an action and its document. A bad document is an
 * error of its own item; the others are kept.
 * @param defaultIndex the index of actions that name none
 * @param now the time of documents that have none
 * @throws {BadBodyError} an action line is none, or there are too many: nothing of the body is to be stored
 */
export function decodeElasticsearchBulk(
  body: Uint8Array,
  defaultIndex: string | undefined,
  now: Instant,
): BulkRequest {
  return new BulkReader(body, defaultIndex, now).read();
}

/**
 * The record of a single document: `POST /{index}/_doc`, `PUT` or `POST /{index}/_doc/{id}` and `/{index}/_create/{id}`.
 * @throws {BadBodyError} the body is no JSON object
 */
export function decodeElasticsearchDocument(
  body: Uint8Array,
  index: string,
  id: string | undefined,
  now: Instant,
): RecordBatch {
  const appender = new DocumentAppender(body, now);
  const metadata: Members = id === undefined ? {} : { _id: id };
  const { error } = appender.append({ operation: "index", index, metadata }, lenientUtf8(body));
  if (error !== undefined) throw new BadBodyError(`Cannot read the document: ${error.reason}`);
  return appender.finish();
}

class BulkReader {
  readonly #body: Uint8Array;
  readonly #defaultIndex: string | undefined;
  readonly #appender: DocumentAppender;
  readonly #items: BulkItem[] = [];
  #line = 0;
  #action: BulkAction | undefined;
  /** Where the action's line is, its line feed included. */
  #actionStart = 0;
  #actionEnd = 0;

  constructor(body: Uint8Array, defaultIndex: string | undefined, now: Instant) {
    this.#body = body;
    this.#defaultIndex = defaultIndex;
    this.#appender = new DocumentAppender(body, now);
  }

  read(): BulkRequest {
    const body = this.#body;
    for (let at = 0; at < body.length;) {
      at = this.#readAction(at);
      const action = this.#action;
      if (action === undefined) break;
      if (action.operation === "delete") {
        this.#add(refusedOperation(action));
        continue;
      }
      if (at >= body.length) {
        throw new BadBodyError(
          `Cannot read the body: the action on line ${this.#line} has no document`,
        );
      }
      this.#line++;
      this.#add(this.#appender.appendLine(action, at));
      at = this.#appender.lineEnd + 1;
    }
    return { batch: this.#appender.finish(), items: this.#items };
  }

  /** Reads the next action into `#action`, blank lines before it aside; `undefined` at the end. Gives where the next line is. */
  #readAction(start: number): number {
    // Without ids the same action stands before every document.
    if (this.#action !== undefined && this.#repeats(start)) {
      this.#line++;
      return start + this.#actionEnd - this.#actionStart;
    }
    this.#action = undefined;
    let next = start;
    while (next < this.#body.length && this.#action === undefined) {
      const lineStart = next;
      const found = this.#body.indexOf(LINE_FEED, lineStart);
      const end = found < 0 ? this.#body.length : found;
      next = end + 1;
      this.#line++;
      const bytes = this.#body.subarray(lineStart, end);
      const text = lenientUtf8(bytes);
      if (isBlank(text)) continue;
      this.#action = readAction(text, this.#line, this.#defaultIndex, parserFor(bytes));
      this.#actionStart = lineStart;
      this.#actionEnd = next;
    }
    return next;
  }

  #repeats(start: number): boolean {
    const body = this.#body;
    const length = this.#actionEnd - this.#actionStart;
    for (let i = 0; i < length; i++) {
      if (body[start + i] !== body[this.#actionStart + i]) return false;
    }
    return true;
  }

  #add(item: BulkItem): void {
    this.#items.push(item);
    if (this.#items.length > BODY_RECORDS_MAX) {
      throw new BadBodyError(`Cannot take more than ${BODY_RECORDS_MAX} operations in a body`);
    }
  }
}
