import {
  CONTEXT_PARAMETERS,
  FORMAT_PARAMETERS,
  InvalidParameterError,
  PAGE_LIMIT_DEFAULT,
  PAGING_PARAMETERS,
  parseContextOptions,
  parseLogFilters,
  parsePaging,
  readContext,
  readPage,
  readRecord,
} from "../query/mod.ts";
import type { Snapshot } from "../storage/mod.ts";
import { HttpError } from "./errors.ts";
import { exportResponse } from "./export.ts";
import { onlyParameters, shown } from "./parameters.ts";
import { JSON_HEADERS } from "./respond.ts";
import type { Call, HttpContext, Route } from "./route.ts";
import { joinBytes, rowAsJson, rowsAsJson } from "./row_bytes.ts";
import { attachment, isLink, rowFormat } from "./row_format.ts";
import { incompleteHeaders, READ_EVERYTHING, withSnapshot } from "./snapshots.ts";

/** `GET /logs`, `GET /logs/:id` and `GET /logs/:id/context`. */
export function logReadRoutes(context: HttpContext): Route[] {
  return [
    { method: "GET", path: "/logs", access: "read", handle: (call) => getLogs(call, context) },
    { method: "GET", path: "/logs/:id", access: "read", handle: (call) => getLog(call, context) },
    {
      method: "GET",
      path: "/logs/:id/context",
      access: "read",
      handle: (call) => getContext(call, context),
    },
  ];
}

async function getLogs(call: Call, context: HttpContext): Promise<Response> {
  const { query } = call;
  const format = rowFormat(query, call.request.headers.get("accept"));
  const filters = parseLogFilters(query, [...PAGING_PARAMETERS, ...FORMAT_PARAMETERS]);
  const paging = parsePaging(query);
  if (format !== "json") {
    const response = await exportResponse(context, filters, paging, format, call.request.signal);
    if (isLink(query)) {
      response.headers.set("content-disposition", attachment(format, context.now()));
    }
    return response;
  }
  const limit = paging.limit ?? PAGE_LIMIT_DEFAULT;
  return await withSnapshot(context, async (snapshot) => {
    const page = await readPage(snapshot, filters, READ_EVERYTHING, { ...paging, limit });
    const headers = answerHeaders(snapshot);
    headers.vary = "accept";
    if (page.nextCursor !== undefined) headers.link = nextLink(query, page.nextCursor);
    return new Response(rowsAsJson(page.rows), { headers });
  }, call.request);
}

/** The same request with another cursor. */
function nextLink(query: URLSearchParams, cursor: string): string {
  const next = new URLSearchParams(query);
  next.set("cursor", cursor);
  return `</logs?${next}>; rel="next"`;
}

async function getLog(call: Call, context: HttpContext): Promise<Response> {
  onlyParameters(call.query, []);
  const id = recordId(call);
  return await withSnapshot(context, async (snapshot) => {
    const row = await readRecord(snapshot, id, READ_EVERYTHING);
    if (row === undefined) throw noRecord(id, snapshot);
    return new Response(rowAsJson(row), { headers: answerHeaders(snapshot) });
  });
}

async function getContext(call: Call, context: HttpContext): Promise<Response> {
  onlyParameters(call.query, CONTEXT_PARAMETERS);
  const id = recordId(call);
  const { before, after } = parseContextOptions(call.query);
  return await withSnapshot(context, async (snapshot) => {
    const found = await readContext(snapshot, id, READ_EVERYTHING, before, after);
    if (found === undefined) throw noRecord(id, snapshot);
    const body = joinBytes(
      '{"before":',
      rowsAsJson(found.before),
      ',"record":',
      rowAsJson(found.record),
      ',"after":',
      rowsAsJson(found.after),
      "}",
    );
    return new Response(body, { headers: answerHeaders(snapshot) });
  });
}

/** @throws {InvalidParameterError} if the path names no id */
function recordId(call: Call): number {
  const text = call.params.id ?? "";
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new InvalidParameterError(`Cannot read the id: ${shown(text)} is not a positive integer`);
}

function noRecord(id: number, snapshot: Snapshot): HttpError {
  return new HttpError(404, `There is no record with id ${id}`, incompleteHeaders(snapshot));
}

function answerHeaders(snapshot: Snapshot): Record<string, string> {
  return { ...JSON_HEADERS, ...incompleteHeaders(snapshot) };
}
