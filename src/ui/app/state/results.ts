import { signal } from "@preact/signals";
import { ApiError, incomplete, isAbort, serverNow } from "../api/client.ts";
import type { LogRecord } from "../api/record.ts";
import { BlockLoader } from "../list/block_loader.ts";
import { aroundBlocks } from "../list/load_around.ts";
import { newestBlocks } from "../list/load_older.ts";
import { spread } from "../list/spread.ts";
import type { Block } from "../list/block.ts";
import { RowList } from "../list/row_list.ts";
import { filterParams } from "./filters.ts";
import { type HistogramData, loadHistogram } from "./histogram_data.ts";
import { LiveTail } from "./live.ts";
import { view } from "./navigation.ts";
import { type Bounds, boundsOf, timed } from "./range.ts";
import { rowHeight } from "./row_height.ts";
import type { View } from "./view.ts";

/** The records that are shown. */
export interface Results {
  /** Different for each list. */
  readonly id: number;
  readonly list: RowList;
  readonly loader: BlockLoader;
  /** The filters as the API takes them. */
  readonly params: URLSearchParams;
  readonly bounds: Bounds;
  /** When the server was asked, in milliseconds since the Unix epoch. */
  readonly asOfMs: number;
  /** The record whose neighbours these are. */
  readonly around: LogRecord | undefined;
}

/** What is shown; stays until the next answer is there, so that the page does not flicker. */
export const results = signal<Results | undefined>(undefined);
/** Whether the rows of another search are on their way. */
export const isLoading = signal(false);
/** Why the rows could not be had. */
export const rowsError = signal<unknown>(undefined);
/** Why the rows that somebody scrolled to could not be had. */
export const blockError = signal<string | undefined>(undefined);
/** The counts over time; `undefined` while they are on their way. */
export const histogram = signal<HistogramData | undefined>(undefined);
/** Why there is no histogram. */
export const histogramError = signal<unknown>(undefined);
/** How long the rows took, in milliseconds. */
export const rowsTookMs = signal(0);

/** How often the counts were taken anew since the page became live. */
export const recounts = signal(0);

/** How often the counts are taken anew while the page is live, in milliseconds. */
const LIVE_COUNT_MS = 5_000;

/** How long counts wait for rows, in milliseconds. */
const HEAD_START_MS = 150;

let controller = new AbortController();
let lists = 0;

/** Asks for what the view names, and ends what was going on for another view. */
export async function loadResults(wanted: View): Promise<void> {
  stopResults();
  controller = new AbortController();
  const { signal } = controller;
  isLoading.value = true;
  incomplete.value = "";
  recounts.value = 0;
  const startedMs = performance.now();
  const asOfMs = serverNow();
  const params = filterParams(wanted.filters);
  const bounds = boundsOf(wanted.range, asOfMs);
  const live = wanted.live && wanted.around === undefined
    ? new LiveTail(params, signal)
    : undefined;
  const first = firstBlocks(wanted, params, bounds, signal);
  const counts = wanted.around === undefined
    ? headStart(first).then(() => countOver(params, bounds, signal))
    : undefined;
  try {
    const { blocks, around } = await first;
    if (signal.aborted) return;
    const list = new RowList(blocks, rowHeight.peek());
    if (around !== undefined) centreOn(list, around.id);
    const loader = new BlockLoader(list, (sentence) => blockError.value = sentence);
    results.value = { id: ++lists, list, loader, params, bounds, asOfMs, around };
    rowsError.value = undefined;
    blockError.value = undefined;
    rowsTookMs.value = performance.now() - startedMs;
    isLoading.value = false;
    live?.attach(list);
    const data = await counts;
    if (data !== undefined && live === undefined) spread(list, params, bounds, data);
    if (around !== undefined) histogram.value = undefined;
  } catch (error) {
    if (isAbort(error) || signal.aborted) return;
    rowsError.value = error;
    isLoading.value = false;
  }
  if (live !== undefined) void countAgain(params, wanted, signal);
}

/** Ends everything that is going on. */
export function stopResults(): void {
  controller.abort();
  results.peek()?.loader.stop();
}

/** Ends the tail and leaves the list as it is: what came until now is what is shown. */
export function stopLive(): void {
  const shown = results.peek();
  stopResults();
  if (shown === undefined) return;
  const asOfMs = serverNow();
  results.value = { ...shown, asOfMs, bounds: boundsOf(view.peek().range, asOfMs) };
}

/** Asks for the same again. */
export function reload(): void {
  void loadResults(view.peek());
}

/** Lets rows come before what is counted, unless they take long: the server's processor is shared. */
async function headStart(rows: Promise<unknown>): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, HEAD_START_MS));
  await Promise.race([rows.catch(() => undefined), late]);
}

function firstBlocks(
  wanted: View,
  params: URLSearchParams,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<{ blocks: Block[]; around: LogRecord | undefined }> {
  if (wanted.around !== undefined) {
    return aroundBlocks(wanted.around, signal)
      .then(({ blocks, record }) => ({ blocks, around: record }));
  }
  const query = timed(params, wanted.live ? { ...bounds, end: undefined } : bounds);
  return newestBlocks(query, signal).then((blocks) => ({ blocks, around: undefined }));
}

/** Puts a record in the middle of what is seen. */
function centreOn(list: RowList, id: number): void {
  const index = list.indexOfKey(id);
  if (index < 0) return;
  list.atEnd = false;
  list.holdAt(Math.max(0, list.topOf(index) - innerHeight / 3));
}

async function countOver(
  params: URLSearchParams,
  bounds: Bounds,
  signal: AbortSignal,
): Promise<HistogramData | undefined> {
  try {
    const data = await loadHistogram(timed(params, bounds), bounds, signal);
    histogram.value = data;
    histogramError.value = undefined;
    return data;
  } catch (error) {
    // The search line says what is wrong with a query.
    const isQuery = error instanceof ApiError && error.queryOffset !== undefined;
    if (!isAbort(error) && !signal.aborted && !isQuery) histogramError.value = error;
    return undefined; // The rows stay, and are loaded page by page.
  }
}

async function countAgain(params: URLSearchParams, wanted: View, signal: AbortSignal) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LIVE_COUNT_MS));
    if (signal.aborted) return;
    if (document.hidden) continue;
    await countOver(params, boundsOf(wanted.range, serverNow()), signal);
    recounts.value++;
  }
}

/** The parameters of what is shown: filters and time, for exports. */
export function shownParams({ params, bounds }: Results): URLSearchParams {
  return timed(params, currentBounds(bounds));
}

/** The time that is looked at: fixed when it was asked for, or up to now while the page is live. */
export function currentBounds(bounds: Bounds): Bounds {
  const { live, range } = view.peek();
  return live ? boundsOf(range, serverNow()) : bounds;
}
