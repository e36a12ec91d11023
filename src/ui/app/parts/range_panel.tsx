import { signal } from "@preact/signals";
import type { VNode } from "preact";
import { panel } from "../state/keys.ts";
import { navigate, view } from "../state/navigation.ts";
import { boundsOf, durationMs, PRESETS, rangeLabel, type TimeRange } from "../state/range.ts";
import { utc } from "../state/preferences.ts";
import { shortTime, wallClock, zoneName } from "../state/time_text.ts";
import { serverNow } from "../api/client.ts";
import { Popover } from "./popover.tsx";

/** What is wrong with the times that were written. */
const problem = signal("");

/** The time that is looked at: the last minutes, hours and days, or from one time to another. */
export function RangePanel(): VNode {
  const { range } = view.value;
  const text = rangeLabel(range, shortTime);
  return (
    <Popover name="range" label="Time range" icon="clock" text={text} hint="Time range (t)">
      <div class="presets" role="group" aria-label="Last">
        {PRESETS.map(({ duration, label }) => (
          <button
            type="button"
            key={duration}
            class="item"
            aria-pressed={range.kind === "last" && range.duration === duration}
            onClick={() => choose({ kind: "last", duration })}
          >
            Last {label}
          </button>
        ))}
        <button
          type="button"
          class="item"
          aria-pressed={range.kind === "all"}
          onClick={() => choose({ kind: "all" })}
        >
          All time
        </button>
      </div>
      <CustomRange range={range} />
    </Popover>
  );
}

function CustomRange({ range }: { range: TimeRange }): VNode {
  const { start, end } = boundsOf(range, serverNow());
  return (
    <form class="custom-range" onSubmit={submit} noValidate>
      <label>
        Last <input name="last" placeholder="90m" size={6} autocomplete="off" />
      </label>
      <label>
        From <input type="datetime-local" name="from" step="1" value={fieldText(start)} />
      </label>
      <label>
        To <input type="datetime-local" name="to" step="1" value={fieldText(end)} />
      </label>
      {problem.value !== "" && <p class="wrong" role="alert">{problem.value}</p>}
      <div class="form-end">
        <small>Times are in {zoneName()}</small>
        <button type="submit" class="primary">Apply</button>
      </div>
    </form>
  );
}

function fieldText(time: string | undefined): string {
  return time === undefined ? "" : wallClock(Date.parse(time)).slice(0, 19);
}

function submit(event: SubmitEvent): void {
  event.preventDefault();
  const data = new FormData(event.currentTarget as HTMLFormElement);
  const last = String(data.get("last")).trim();
  if (last !== "") {
    if (durationMs(last) === undefined) problem.value = "Write a duration such as 90m, 12h or 3d";
    else choose({ kind: "last", duration: last.replaceAll(" ", "") });
    return;
  }
  const from = readTime(String(data.get("from")));
  const to = readTime(String(data.get("to")));
  if (from === undefined || to === undefined) problem.value = "Give both a start and an end";
  else if (from > to) problem.value = "The start is after the end";
  else choose({ kind: "between", start: iso(from), end: iso(to) });
}

function readTime(text: string): number | undefined {
  const ms = Date.parse(utc.peek() ? `${text}Z` : text);
  return Number.isNaN(ms) ? undefined : ms;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function choose(range: TimeRange): void {
  problem.value = "";
  panel.value = "none";
  navigate({ range, around: undefined, live: range.kind === "between" ? false : view.peek().live });
}
