import { signal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import type { VNode } from "preact";
import { sentenceOf } from "../api/client.ts";
import { SEVERITIES } from "../api/record.ts";
import type { HistogramData, SeverityBucket } from "../state/histogram_data.ts";
import { undoZoom, view, zoomedFrom, zoomInto } from "../state/navigation.ts";
import { countOf, whole } from "../state/numbers.ts";
import { utc } from "../state/preferences.ts";
import { histogram, histogramError, results } from "../state/results.ts";
import { goToTime, rowsInView } from "../state/row_moves.ts";
import { shortTime, wallClock } from "../state/time_text.ts";
import { drawChart } from "./chart.ts";
import { chartLibrary, chartLibraryError, loadChartLibrary } from "./library.ts";

/** Below that there is nothing to see. */
const NARROWEST_PX = 50;

const DARK = matchMedia("(prefers-color-scheme: dark)");
const isDark = signal(DARK.matches);
DARK.addEventListener("change", () => isDark.value = DARK.matches);

const hover = signal<{ bucket: SeverityBucket; left: number } | undefined>(undefined);

/** Counts over the whole range, stacked by severity; dragging zooms. */
export function Histogram(): VNode {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  useSignalEffect(() => {
    const data = histogram.value;
    void isDark.value;
    void utc.value;
    void chartLibrary.value;
    if (data !== undefined) void loadChartLibrary();
    redraw(host.current, chart, data);
  });
  useEffect(() => {
    const observer = new ResizeObserver(() => redraw(host.current, chart, histogram.peek()));
    observer.observe(host.current!);
    return () => {
      observer.disconnect();
      chart.current?.destroy();
    };
  }, []);
  const data = histogram.value;
  const error = histogramError.value ?? chartLibraryError.value;
  return (
    <section class="histogram" aria-label="Records over time">
      <div class="chart" ref={host} role="img" aria-label={describe(data)} />
      <InView chart={chart} />
      <Tooltip />
      {error !== undefined && (
        <p class="chart-error" role="status">No histogram: {sentenceOf(error)}</p>
      )}
      {zoomedFrom.value.length > 0 && (
        <button type="button" class="zoom-out" onClick={undoZoom}>Undo zoom</button>
      )}
    </section>
  );
}

function redraw(
  host: HTMLDivElement | null,
  chart: { current: uPlot | undefined },
  data: HistogramData | undefined,
): void {
  chart.current?.destroy();
  chart.current = undefined;
  const library = chartLibrary.peek();
  if (host === null || data === undefined || library === undefined) return;
  if (host.clientWidth < NARROWEST_PX) return;
  chart.current = drawChart(library, host, data, host.clientWidth, {
    zoomed: zoom,
    clicked: goToTime,
    hovered: (bucket, left) => hover.value = bucket && { bucket, left },
  });
}

function zoom(firstMs: number, lastMs: number): void {
  const start = new Date(Math.floor(firstMs)).toISOString();
  const end = new Date(Math.max(Math.ceil(lastMs), Math.floor(firstMs) + 1)).toISOString();
  hover.value = undefined;
  zoomInto({ kind: "between", start, end });
}

/** Marks the stretch of time whose rows are in view. */
function InView({ chart }: { chart: { current: uPlot | undefined } }): VNode | null {
  const list = results.value?.list;
  const { from, to } = rowsInView.value;
  void histogram.value;
  void chartLibrary.value;
  const plot = chart.current;
  const first = list?.rowAt(from)?.record;
  const last = list?.rowAt(Math.min(to, list.count) - 1)?.record;
  if (plot === undefined || first === undefined || last === undefined) return null;
  const edge = plot.over.offsetLeft;
  const place = (time: string) => {
    const px = plot.valToPos(Date.parse(time), "x");
    return edge + Math.min(plot.over.clientWidth, Math.max(0, px));
  };
  const left = place(first.timestamp);
  const width = Math.max(3, place(last.timestamp) - left);
  return <div class="in-view" style={{ left: `${left}px`, width: `${width}px` }} />;
}

function Tooltip(): VNode | null {
  const over = hover.value;
  if (over === undefined) return null;
  const { bucket, left } = over;
  const rows = [...SEVERITIES].reverse().filter((severity) => bucket.counts[severity]);
  return (
    <div class={left > 260 ? "tooltip left" : "tooltip"} style={{ left: `${left + 46}px` }}>
      <b>{shortTime(bucket.startMs)} – {wallClock(bucket.endMs).slice(11, 19)}</b>
      {rows.map((severity) => (
        <span key={severity} class={severity}>
          <i />
          {severity} <em>{whole(bucket.counts[severity]!)}</em>
        </span>
      ))}
      {rows.length === 0 && <span>no records</span>}
    </div>
  );
}

function describe(data: HistogramData | undefined): string {
  if (data === undefined) return "Records over time, not counted yet";
  const grave = data.totals.ERROR + data.totals.FATAL;
  const peak = data.buckets.reduce<SeverityBucket | undefined>(
    (best, bucket) => best === undefined || bucket.count > best.count ? bucket : best,
    undefined,
  );
  const most = peak === undefined ? "" : `; most at ${shortTime(peak.startMs)}`;
  return `${countOf(data.total, "record")}, ${countOf(grave, "error")}${most}` +
    (view.peek().live ? "; live" : "");
}
