import { filterParams, type Filters, NO_FILTERS, readFilters } from "./filters.ts";
import { DEFAULT_RANGE, durationMs, type TimeRange } from "./range.ts";

/** Everything that the URL says. */
export interface View {
  readonly screen: "rows" | "overview";
  readonly filters: Filters;
  readonly range: TimeRange;
  readonly live: boolean;
  /** The id of the record that is open. */
  readonly open: number | undefined;
  /** The id of the record whose neighbours are shown instead of what the filters match. */
  readonly around: number | undefined;
}

/** The view of a URL without parameters. */
export const FIRST_VIEW: View = {
  screen: "rows",
  filters: NO_FILTERS,
  range: DEFAULT_RANGE,
  live: false,
  open: undefined,
  around: undefined,
};

/** Reads a URL's query string; what it does not say, or says wrongly, is as at first. */
export function parseView(search: string): View {
  const params = new URLSearchParams(search);
  return {
    screen: params.get("view") === "overview" ? "overview" : "rows",
    filters: readFilters(params),
    range: readRange(params),
    live: params.get("live") === "1",
    open: readId(params.get("open")),
    around: readId(params.get("around")),
  };
}

/** Writes a view as a query string that {@linkcode parseView} reads back; empty for the first view. */
export function formatView(view: View): string {
  const params = filterParams(view.filters);
  writeRange(params, view.range);
  if (view.screen === "overview") params.set("view", "overview");
  if (view.live) params.set("live", "1");
  if (view.around !== undefined) params.set("around", String(view.around));
  if (view.open !== undefined) params.set("open", String(view.open));
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** What decides which records are shown: the same key, the same records. */
export function searchKey(view: View): string {
  return formatView({ ...view, screen: "rows", open: undefined });
}

function readRange(params: URLSearchParams): TimeRange {
  const start = params.get("timestamp_start");
  const end = params.get("timestamp_end");
  if (isTime(start) && isTime(end)) return { kind: "between", start, end };
  const text = params.get("range");
  if (text === "all") return { kind: "all" };
  if (text !== null && durationMs(text) !== undefined) return { kind: "last", duration: text };
  return DEFAULT_RANGE;
}

function writeRange(params: URLSearchParams, range: TimeRange): void {
  if (range.kind === "between") {
    params.set("timestamp_start", range.start);
    params.set("timestamp_end", range.end);
  } else if (range.kind === "all") {
    params.set("range", "all");
  } else if (DEFAULT_RANGE.kind === "last" && range.duration !== DEFAULT_RANGE.duration) {
    params.set("range", range.duration);
  }
}

function isTime(text: string | null): text is string {
  return text !== null && !Number.isNaN(Date.parse(text));
}

function readId(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
