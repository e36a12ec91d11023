import { computed, signal } from "@preact/signals";
import type { TimeRange } from "./range.ts";
import { formatView, parseView, searchKey, type View } from "./view.ts";

/** The view that the URL names: the page's one state. Only {@linkcode navigate} and the browser change it. */
export const view = signal<View>(parseView(location.search));

/** Changes whenever other records are to be shown. */
export const currentSearchKey = computed(() => searchKey(view.value));

/** The ranges that were zoomed into one after the other, kept with each step of the browser's history. */
export const zoomedFrom = signal<readonly TimeRange[]>(rangesOf(history.state));

/**
 * Goes to another view.
 * @param how `push`: a step that "back" undoes; `replace`: a detail of the step before
 */
export function navigate(change: Partial<View>, how: "push" | "replace" = "push"): void {
  go(change, how, change.range === undefined ? zoomedFrom.peek() : []);
}

/** Looks at a part of the time. */
export function zoomInto(range: TimeRange): void {
  go({ range, live: false }, "push", [...zoomedFrom.peek(), view.peek().range]);
}

/** Looks at the time from before the last zoom. */
export function undoZoom(): void {
  const ranges = zoomedFrom.peek();
  const range = ranges.at(-1);
  if (range !== undefined) go({ range }, "push", ranges.slice(0, -1));
}

function go(change: Partial<View>, how: "push" | "replace", zoomed: readonly TimeRange[]): void {
  const next = { ...view.peek(), ...change };
  const url = location.pathname + formatView(next);
  if (url === location.pathname + location.search) return;
  if (how === "push") history.pushState({ zoomedFrom: zoomed }, "", url);
  else history.replaceState({ zoomedFrom: zoomed }, "", url);
  zoomedFrom.value = zoomed;
  view.value = next;
}

/** Follows the browser's back and forward buttons. */
export function followHistory(): void {
  addEventListener("popstate", (event) => {
    zoomedFrom.value = rangesOf(event.state);
    view.value = parseView(location.search);
  });
}

/** The browser keeps what this page gave it, across reloads, and so across versions of the page. */
function rangesOf(state: unknown): readonly TimeRange[] {
  if (typeof state !== "object" || state === null || !("zoomedFrom" in state)) return [];
  return Array.isArray(state.zoomedFrom) ? state.zoomedFrom : [];
}
