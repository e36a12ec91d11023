import { noteIncomplete, send } from "./client.ts";
import type { LogRecord } from "./record.ts";

/** A page of records, and the cursor of the next one if there are more. */
export interface RecordPage {
  readonly records: LogRecord[];
  readonly cursor: string | undefined;
}

/** One page of records. */
export async function getPage(
  params: URLSearchParams,
  paging: { order: "asc" | "desc"; limit: number; cursor?: string | undefined },
  signal?: AbortSignal,
): Promise<RecordPage> {
  const query = new URLSearchParams(params);
  query.set("order", paging.order);
  query.set("limit", String(paging.limit));
  if (paging.cursor !== undefined) query.set("cursor", paging.cursor);
  const response = await send(`/logs?${query}`, { signal: signal ?? null });
  noteIncomplete(response);
  return { records: await response.json(), cursor: cursorOf(response.headers.get("link")) };
}

function cursorOf(link: string | null): string | undefined {
  const found = /<([^>]*)>;\s*rel="next"/.exec(link ?? "");
  if (found === null) return undefined;
  return new URL(found[1]!, "http://any").searchParams.get("cursor") ?? undefined;
}

/** A record's neighbours in its service, in ascending order. */
export interface RecordContext {
  readonly before: LogRecord[];
  readonly record: LogRecord;
  readonly after: LogRecord[];
}
