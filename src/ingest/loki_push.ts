/** @module Loki's push API: https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs. */

import type { Instant, RecordBatch } from "../record.ts";
import { readJson } from "./_json_fields.ts";
import { readPushJson } from "./_loki_push_json.ts";
import { readPushProtobuf } from "./_loki_push_protobuf.ts";
import { LokiRecords } from "./_loki_records.ts";
import { uncompressSnappy } from "./_snappy.ts";
import { SNAPPY_BYTES_MAX } from "./limits.ts";

/**
 * The records of a body of `POST /loki/api/v1/push`, in their order.
 * @param body JSON, or protobuf compressed with snappy, which is part of the format whatever `Content-Encoding` says
 * @param contentType the header's value: `application/json`; anything else is protobuf, as Loki has it
 * @param now the time of records that have none that exists
 * @param fallbackService the service of streams without a label that names one
 * @throws {BadBodyError} it is no such request, or has too many records
 * @throws {BodyTooLargeError} it expands to more than 16 MiB, or with their labels its records have too much text
 */
export function decodeLokiPush(
  body: Uint8Array,
  contentType: string | undefined,
  now: Instant,
  fallbackService?: string,
): RecordBatch {
  if (/^\s*application\/json\s*(;|$)/i.test(contentType ?? "")) {
    return readJson(body, (request, fields) => {
      const records = new LokiRecords(fallbackService);
      readPushJson(request, fields, now, records);
      return records;
    }).wire.batch;
  }
  const records = new LokiRecords(fallbackService);
  readPushProtobuf(uncompressSnappy(body, SNAPPY_BYTES_MAX), now, records);
  return records.wire.batch;
}
