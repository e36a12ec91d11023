import { effect, untracked } from "@preact/signals";
import { unauthorizedCount } from "../api/client.ts";
import { expandedKeys } from "../list/row.tsx";
import { loadFacets } from "./facet_data.ts";
import { handleKey } from "./keys.ts";
import { activeKey, waitingCount } from "./live.ts";
import { currentSearchKey, followHistory, view } from "./navigation.ts";
import { showRecord } from "./open_record.ts";
import { isLoading, loadResults, recounts, results, stopLive, stopResults } from "./results.ts";
import { refreshSession, session } from "./session_state.ts";

/** While the page is live facets are counted as often as every third histogram: nobody reads them that fast. */
const FACETS_EVERY = 3;

/** Ties the page's parts together: the URL decides what is loaded. */
export function start(): void {
  followHistory();
  addEventListener("keydown", handleKey);
  watchSession();
  watchSearch();
  void refreshSession();
  effect(() => {
    const { q } = view.value.filters;
    const waiting = waitingCount.value === 0 ? "" : `(${waitingCount.value}) `;
    document.title = `${waiting}${q === "" ? "" : `${q} – `}Log Sentinel`;
  });
  effect(() => {
    const { open } = view.value;
    if (session.value !== null) untracked(() => void showRecord(open));
  });
  effect(() => {
    const shown = results.value;
    const isDue = recounts.value % FACETS_EVERY === 0;
    if (shown !== undefined && !isLoading.value && isDue) untracked(() => void loadFacets());
  });
}

/** The first 401 shows the form; signing in loads everything. */
function watchSession(): void {
  effect(() => {
    if (unauthorizedCount.value > 0) untracked(() => session.value = null);
  });
  effect(() => {
    if (session.value === null) untracked(forgetAll);
  });
}

function forgetAll(): void {
  stopResults();
  results.value = undefined;
}

/** Rows are asked for without waiting to hear who is signed in: most often somebody is. */
function watchSearch(): void {
  let loaded: string | undefined;
  effect(() => {
    const key = currentSearchKey.value;
    const { screen } = view.value;
    if (session.value === null) {
      loaded = undefined;
      return;
    }
    if (screen !== "rows" || key === loaded) return;
    const stopsLive = loaded !== undefined && withoutLive(loaded) === key && !view.value.live;
    loaded = key;
    untracked(() => {
      // Turning live off must not move what is being read: the list stays as it is.
      if (stopsLive && results.peek() !== undefined) return stopLive();
      activeKey.value = undefined;
      expandedKeys.value = new Set();
      void loadResults(view.peek());
    });
  });
}

function withoutLive(key: string): string {
  const params = new URLSearchParams(key);
  params.delete("live");
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
