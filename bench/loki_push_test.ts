import { deepEqual } from "node:assert/strict";
import { severityName } from "../src/record.ts";
import { decodeLokiPush } from "../src/ingest/loki_push.ts";
import { generateRecords } from "./generate.ts";
import { encodeLokiPush } from "./loki_push.ts";

Deno.test("encodeLokiPush() says what Log Sentinel's own decoder of Loki's pushes understands", () => {
  // More than one literal of snappy, and one record with bytes beyond ASCII.
  const records = [...generateRecords(1000)];
  records[500] = { ...records[500]!, message: 'größer "quoted"' };
  const batch = decodeLokiPush(encodeLokiPush(records), "application/x-protobuf", { ms: 0, ns: 0 });
  const decoded = batch.messages.map((message, row) => {
    const { service, severity } = batch.streams[batch.streamOf[row]!]!;
    return `${new Date(batch.timestampMs[row]!).toISOString()} ${service} ${
      severityName(severity)
    } ${message}`;
  });
  const sent = records.map(({ timestamp, service, severity, message }) => {
    return `${timestamp} ${service} ${severity} ${message}`;
  });
  deepEqual(decoded.toSorted(), sent.toSorted());
});
