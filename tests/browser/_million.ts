import assert from "node:assert/strict";
import type { TestServer } from "../_server.ts";

/** What {@linkcode storeMillion} stores. */
export const RECORDS = 1_000_000;
const BATCH = 20_000;
/** The records cover this long before now. */
const SPAN_MS = 20 * 3_600_000;
const SEVERITIES = ["DEBUG", "INFO", "INFO", "INFO", "WARNING", "ERROR"];

/** Stores a million records of twenty services; record `i` says so. */
export function storeMillion(server: TestServer): Promise<void> {
  return storeRecords(server, RECORDS);
}

/** Stores so many records, evenly over the hours before now. */
export async function storeRecords(server: TestServer, count: number): Promise<void> {
  const endMs = Date.now() - 1_000;
  for (let from = 0; from < count; from += BATCH) {
    const lines: string[] = [];
    for (let i = from; i < Math.min(count, from + BATCH); i++) {
      const ms = Math.floor(endMs - SPAN_MS + i * SPAN_MS / (count - 1));
      const severity = SEVERITIES[i % SEVERITIES.length];
      lines.push(
        `{"timestamp":"${new Date(ms).toISOString()}","service":"many-${i % 20}",` +
          `"severity":"${severity}","message":"record ${i} of a million",` +
          `"attributes":{"status":${200 + i % 7},"user":"user-${i % 1_000}"}}`,
      );
    }
    const body = lines.join("\n");
    const headers = { "content-type": "application/x-ndjson" };
    const { status, text } = await server.call("/logs", { method: "POST", body, headers });
    assert.equal(status, 201, text.slice(0, 200));
  }
}
