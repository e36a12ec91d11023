/** A stretch of time to look at. */
export type TimeRange =
  | { readonly kind: "last"; /** Such as `15m`. */ readonly duration: string }
  | { readonly kind: "between"; readonly start: string; readonly end: string }
  | { readonly kind: "all" };

/** A range made absolute; an absent end is open. Both ends are inclusive, RFC 3339. */
export interface Bounds {
  readonly start: string | undefined;
  readonly end: string | undefined;
}

/** What one sees without having asked for a time: enough to be on call, little enough to be quick. */
export const DEFAULT_RANGE: TimeRange = { kind: "last", duration: "24h" };

/** The ranges that are a key away. */
export const PRESETS: readonly { readonly duration: string; readonly label: string }[] = [
  { duration: "5m", label: "5 minutes" },
  { duration: "15m", label: "15 minutes" },
  { duration: "1h", label: "1 hour" },
  { duration: "6h", label: "6 hours" },
  { duration: "24h", label: "24 hours" },
  { duration: "7d", label: "7 days" },
  { duration: "30d", label: "30 days" },
];

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** A duration such as `15m` in milliseconds; `undefined` if it is none or zero. */
export function durationMs(text: string): number | undefined {
  const found = /^(\d{1,9})\s*(ms|s|m|h|d|w)$/.exec(text.trim());
  if (found === null) return undefined;
  const ms = Number(found[1]) * UNIT_MS[found[2]!]!;
  return ms > 0 ? ms : undefined;
}

/** Fixes a range at a moment. */
export function boundsOf(range: TimeRange, nowMs: number): Bounds {
  if (range.kind === "all") return { start: undefined, end: undefined };
  if (range.kind === "between") return { start: range.start, end: range.end };
  const start = nowMs - (durationMs(range.duration) ?? UNIT_MS.d!);
  return { start: new Date(start).toISOString(), end: new Date(nowMs).toISOString() };
}

/** A range for people. */
export function rangeLabel(range: TimeRange, show: (ms: number) => string): string {
  if (range.kind === "all") return "All time";
  if (range.kind === "last") {
    const preset = PRESETS.find(({ duration }) => duration === range.duration);
    return `Last ${preset?.label ?? range.duration}`;
  }
  return `${show(Date.parse(range.start))} – ${show(Date.parse(range.end))}`;
}

/** Steps that divide a clock or a calendar evenly, ascending, in milliseconds. */
const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * 1_000),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * 60_000),
  ...[1, 2, 3, 6, 12].map((n) => n * 3_600_000),
  ...[1, 2, 7, 14, 28, 91, 364, 3_640, 36_400].map((n) => n * 86_400_000),
];

/** The shortest step that cuts `spanMs` into at most `bucketsMax` pieces. */
export function stepFor(spanMs: number, bucketsMax: number): number {
  return STEPS.find((step) => spanMs / step <= bucketsMax - 1) ?? STEPS.at(-1)!;
}

/** A step as the API's durations are written. */
export function stepText(ms: number): string {
  if (ms % UNIT_MS.d! === 0) return `${ms / UNIT_MS.d!}d`;
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}

/** The last instant before `ms`, to the nanosecond: the inclusive end of what ends before `ms`. */
export function lastBefore(ms: number): string {
  return new Date(ms - 1).toISOString().replace("Z", "999999Z");
}

/** Parameters with the time that is looked at added to them. */
export function timed(params: URLSearchParams, { start, end }: Bounds): URLSearchParams {
  const query = new URLSearchParams(params);
  if (start !== undefined) query.set("timestamp_start", start);
  if (end !== undefined) query.set("timestamp_end", end);
  return query;
}
