import { InvalidParameterError, parseLogFilters } from "../query/mod.ts";
import { chooseType } from "./accept.ts";
import { HttpError } from "./errors.ts";
import { SESSION_TAIL_MS_MAX } from "./limits.ts";
import { shown } from "./parameters.ts";
import { type Call, type HttpContext, isCurrent, type Route } from "./route.ts";

/** What `GET /logs/tail` takes beside the filters: for clients that cannot set the header of their first request. */
const LAST_EVENT_ID = "last_event_id";

const EVENT_STREAM = "text/event-stream";

/** `GET /logs/tail`. */
export function tailRoutes(context: HttpContext): Route[] {
  return [
    {
      method: "GET",
      path: "/logs/tail",
      access: "read",
      handle: (call) => tail(call, context),
    },
  ];
}

function tail(call: Call, context: HttpContext): Response {
  const { headers } = call.request;
  if (chooseType(headers.get("accept"), [EVENT_STREAM]) === undefined) {
    throw new HttpError(406, `A tail can be had as ${EVENT_STREAM}: accept it`);
  }
  const filters = parseLogFilters(call.query, [LAST_EVENT_ID]);
  const { caller } = call;
  const untilMs = caller.session === undefined ? Infinity : context.now() + SESSION_TAIL_MS_MAX;
  const events = context.tails.tail({
    key: keyOf(call.query),
    filters,
    // A browser that comes back repeats the address of its first request, and knows better by then.
    afterId: eventId("Last-Event-ID", headers.get("last-event-id")) ??
      eventId(LAST_EVENT_ID, call.query.get(LAST_EVENT_ID)),
    isAllowed: (nowMs) => nowMs < untilMs && isCurrent(caller, nowMs, context),
  });
  return new Response(events, {
    headers: {
      "content-type": EVENT_STREAM,
      // no-transform: what compresses would hold events back.
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
    },
  });
}

/** The same text for the same filters, in whatever order they were given. */
function keyOf(query: URLSearchParams): string {
  const filters = new URLSearchParams(query);
  filters.delete(LAST_EVENT_ID);
  filters.sort();
  return filters.toString();
}

/**
 * The id after which to go on; `undefined` if none was given.
 * @throws {InvalidParameterError} for anything but an id
 */
function eventId(name: string, text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new InvalidParameterError(
    `Cannot go on after ${name} ${shown(text)}: give the id of the last event, an integer`,
  );
}
