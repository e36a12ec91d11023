import type { VNode } from "preact";
import { incomplete, sentenceOf } from "../api/client.ts";
import { connection, isFollowing, tailError, waitingCount } from "../state/live.ts";
import { navigate, view } from "../state/navigation.ts";
import { countOf } from "../state/numbers.ts";
import {
  blockError,
  histogram,
  isLoading,
  reload,
  results,
  rowsError,
  rowsTookMs,
} from "../state/results.ts";
import { goToEnd } from "../state/row_moves.ts";
import { isSelecting } from "../state/live.ts";
import { shortTime } from "../state/time_text.ts";
import { Icon } from "./icons.tsx";

/** How many records there are, as of when, and what went wrong. */
export function StatusBar(): VNode {
  const shown = results.value;
  const total = histogram.value?.total;
  return (
    <footer class="status">
      <span class="total" role="status">{shown === undefined ? "" : totalText(total)}</span>
      {rowsTookMs.value > 0 && <span class="dim">{Math.round(rowsTookMs.value)} ms</span>}
      {shown !== undefined && !view.value.live && (
        <button type="button" class="link" title="Ask again (r)" onClick={reload}>
          <Icon name="refresh" /> as of {shortTime(shown.asOfMs)}
        </button>
      )}
      <span class="space" />
      <Problem />
      {isLoading.value && shown !== undefined && <span class="dim" role="status">loading…</span>}
    </footer>
  );
}

function totalText(total: number | undefined): string {
  const { around } = results.value!;
  if (around !== undefined) return `Neighbours in ${around.service}`;
  return total === undefined ? "" : countOf(total, "record");
}

function Problem(): VNode | null {
  const sentence = incomplete.value !== ""
    ? `Incomplete: ${incomplete.value}`
    : rowsError.value !== undefined && results.value !== undefined
    ? `Not up to date: ${sentenceOf(rowsError.value)}`
    : blockError.value ?? tailError.value;
  return sentence === undefined ? null : <span class="wrong" role="alert">{sentence}</span>;
}

/** How many records wait while somebody reads; a click shows them. */
export function WaitingPill(): VNode | null {
  if (!view.value.live) return null;
  const waiting = waitingCount.value;
  if (connection.value === "broken") {
    return <div class="pill broken" role="status">Connection lost; trying again</div>;
  }
  if (isFollowing.value) return null;
  const text = waiting === 0 ? "Paused" : `${countOf(waiting, "new record")} waiting`;
  return (
    <button type="button" class="pill" onClick={resume}>
      {text} <b>Resume</b>
    </button>
  );
}

function resume(): void {
  if (isSelecting.peek()) getSelection()?.removeAllRanges();
  if (view.peek().open !== undefined) navigate({ open: undefined }, "replace");
  goToEnd();
}
