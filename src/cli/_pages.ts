import type { ApiClient } from "./_client.ts";
import type { ApiRecord } from "./_record_line.ts";
import { CommandError } from "./errors.ts";

/** What the API gives at most in one page. */
export const PAGE_RECORDS_MAX = 10_000;

/** One page of `GET /logs`. */
export interface RecordPage {
  readonly records: ApiRecord[];
  /** Where the next page starts; `undefined` at the end. */
  readonly cursor: string | undefined;
  /** What had to be left out because it is damaged, as the server says it. */
  readonly incomplete: string | undefined;
}

/** The cursor in a `Link: <…>; rel="next"` header (RFC 8288). */
export function nextCursor(link: string | null, base: string): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? "")?.[1];
  if (target === undefined) return undefined;
  return new URL(target, `${base}/logs`).searchParams.get("cursor") ?? undefined;
}

/** Reads one page. `parameters` holds filters and order. */
export async function readRecordPage(
  client: ApiClient,
  parameters: URLSearchParams,
  limit: number,
  cursor: string | undefined,
): Promise<RecordPage> {
  const query = new URLSearchParams(parameters);
  query.set("limit", String(limit));
  if (cursor !== undefined) query.set("cursor", cursor);
  const response = await client.send({ path: "/logs", query });
  let records: unknown;
  try {
    records = await response.json();
  } catch (error) {
    throw new CommandError(`The answer of ${client.url} was cut short; try again`, {
      cause: error,
    });
  }
  if (!Array.isArray(records)) {
    throw new CommandError(`${client.url} did not answer with records; is it a Log Sentinel?`);
  }
  return {
    records: records as ApiRecord[],
    cursor: nextCursor(response.headers.get("link"), client.url),
    incomplete: response.headers.get("sentinel-incomplete") ?? undefined,
  };
}
