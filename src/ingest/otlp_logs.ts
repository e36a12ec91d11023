/** @module OTLP/HTTP logs: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request, opentelemetry-proto 1.x. */

import type { Instant, RecordBatch } from "../record.ts";
import { readJson } from "./_json_fields.ts";
import { readLogsJson } from "./_otlp_logs_json.ts";
import { readLogsProtobuf } from "./_otlp_logs_protobuf.ts";
import { OtlpRecords } from "./_otlp_records.ts";
import { otlpEncoding } from "./otlp_answer.ts";

/** The records of a request, and what its answer says about them. */
export interface OtlpLogs {
  readonly batch: RecordBatch;
  /** Records that could not be taken; always 0, since all can. */
  readonly rejected: number;
  /** What the sender should know although everything was taken; goes into the answer's partial success. */
  readonly errorMessage: string | undefined;
}

/**
 * The records of a body of `POST /v1/logs`, in their order. Attributes are named as `_otlp_records.ts` says.
 * @param contentType the header's value: `application/json` or `application/x-protobuf`
 * @param now the time of records that have none
 * @param fallbackService the service of records whose resource has no `service.name`
 * @throws {BadBodyError} it is no such request, has too many records, or values nested more than 100 levels deep
 * @throws {BodyTooLargeError} with what they share its records have too much text
 * @throws {UnsupportedMediaTypeError} another media type
 */
export function decodeOtlpLogs(
  body: Uint8Array,
  contentType: string | undefined,
  now: Instant,
  fallbackService?: string,
): OtlpLogs {
  const { wire } = otlpEncoding(contentType) === "json"
    ? readJson(body, (request, fields) => {
      const records = new OtlpRecords(now, fallbackService);
      readLogsJson(request, fields, records);
      return records;
    })
    : readProtobuf(body, now, fallbackService);
  const { batch, cutMessages } = wire;
  const errorMessage = cutMessages === 0
    ? undefined
    : `${cutMessages} record(s) were stored with ` +
      'a message cut to 65536 bytes; the attribute "message_truncated_bytes" says by how much';
  return { batch, rejected: 0, errorMessage };
}

function readProtobuf(
  body: Uint8Array,
  now: Instant,
  fallbackService: string | undefined,
): OtlpRecords {
  const records = new OtlpRecords(now, fallbackService);
  readLogsProtobuf(body, records);
  return records;
}
