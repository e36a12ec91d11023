import type uPlot from "uplot";
import { SEVERITIES, type Severity } from "../api/record.ts";
import type { HistogramData, SeverityBucket } from "../state/histogram_data.ts";
import type { ChartLibrary } from "./library.ts";
import { compact } from "../state/numbers.ts";
import { utc } from "../state/preferences.ts";

/** The chart's height in pixels. */
const HEIGHT = 92;
/** Below this many pixels a drag is a click. */
const DRAG_PX_MIN = 4;

/** From the bottom up: what is grave stands on the ground, where it can be compared. */
const STACK: readonly Severity[] = [...SEVERITIES].reverse();

/** What the chart tells whoever shows it. */
export interface ChartEvents {
  /** A stretch was chosen by dragging, in milliseconds. */
  zoomed(firstMs: number, lastMs: number): void;
  /** A moment was clicked. */
  clicked(ms: number): void;
  /** The pointer is over a bar, or over none; `left` in pixels from the chart's edge. */
  hovered(bucket: SeverityBucket | undefined, left: number): void;
}

/** Draws counts as stacked bars. The caller destroys it. */
export function drawChart(
  library: ChartLibrary,
  host: HTMLElement,
  data: HistogramData,
  width: number,
  events: ChartEvents,
): uPlot {
  const buckets = filledBuckets(data);
  const colour = coloursOf(host);
  let dragged = false;
  const chart = new library(
    {
      width,
      height: HEIGHT,
      ms: 1,
      padding: [6, 14, 0, 0],
      legend: { show: false },
      tzDate: (ms) => utc.peek() ? library.tzDate(new Date(ms), "Etc/UTC") : new Date(ms),
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: DRAG_PX_MIN },
      },
      scales: {
        x: { range: () => [data.firstMs, data.lastMs] },
        y: { range: (_, __, max) => [0, Math.max(1, max * 1.08)] },
      },
      axes: axes(colour),
      series: [{}, ...[...STACK].reverse().map((severity) => bars(library, colour(severity)))],
      hooks: {
        setCursor: [({ cursor }) => {
          const over = cursor.idx !== null && cursor.idx !== undefined && (cursor.left ?? -1) >= 0;
          events.hovered(over ? buckets[cursor.idx!] : undefined, cursor.left ?? 0);
        }],
        setSelect: [(self) => {
          const { left, width: px } = self.select;
          if (px < DRAG_PX_MIN) return;
          dragged = true;
          self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          events.zoomed(self.posToVal(left, "x"), self.posToVal(left + px, "x"));
        }],
      },
    },
    stacked(buckets),
    host,
  );
  chart.over.addEventListener("mousedown", () => dragged = false);
  chart.over.addEventListener("click", (event) => {
    if (!dragged) events.clicked(chart.posToVal(event.offsetX, "x"));
  });
  return chart;
}

/** The buckets with the empty ones between them, so that every bar has the same width. */
function filledBuckets({ buckets, stepMs, firstMs, lastMs }: HistogramData): SeverityBucket[] {
  const known = new Map(buckets.map((bucket) => [bucket.startMs, bucket]));
  const filled: SeverityBucket[] = [];
  const origin = buckets[0]?.startMs ?? firstMs;
  const first = origin - Math.ceil((origin - firstMs) / stepMs) * stepMs;
  for (let startMs = first; startMs < lastMs; startMs += stepMs) {
    filled.push(known.get(startMs) ?? { startMs, endMs: startMs + stepMs, count: 0, counts: {} });
  }
  return filled;
}

/** Sums from the ground up to each severity, the highest first: the bars before cover those behind. */
function stacked(buckets: readonly SeverityBucket[]): uPlot.AlignedData {
  const sums: number[][] = [];
  let below = new Array<number>(buckets.length).fill(0);
  for (const severity of STACK) {
    below = below.map((sum, i) => sum + (buckets[i]!.counts[severity] ?? 0));
    sums.push(below);
  }
  return [buckets.map(({ startMs }) => startMs), ...sums.reverse()];
}

function bars(library: ChartLibrary, colour: string): uPlot.Series {
  return {
    fill: colour,
    stroke: colour,
    width: 0,
    points: { show: false },
    paths: library.paths.bars!({ size: [1, 64], align: 1, gap: 1 }),
  };
}

function axes(colour: (name: string) => string): uPlot.Axis[] {
  const shared: uPlot.Axis = {
    stroke: colour("dim"),
    font: `11px ${colour("sans")}`,
    ticks: { show: false },
  };
  return [
    { ...shared, size: 20, gap: 4, grid: { show: false }, space: 90, values: timeLabels },
    {
      ...shared,
      size: 46,
      gap: 6,
      space: 26,
      grid: { stroke: colour("line"), width: 1 },
      values: (_, ticks) => ticks.map((n) => Number.isInteger(n) ? compact(n) : ""),
    },
  ];
}

/** Labels as short as tells them apart: seconds only where ticks are closer than a minute, days where they are wider. */
function timeLabels(_: uPlot, ticks: number[], __: number, ___: number, incr: number): string[] {
  return ticks.map((ms) => {
    const text = isoOf(ms);
    if (incr >= 86_400_000) return text.slice(5, 10);
    if (text.slice(11, 19) === "00:00:00") return text.slice(5, 10);
    return incr >= 60_000
      ? text.slice(11, 16)
      : incr >= 1_000
      ? text.slice(11, 19)
      : text.slice(14, 23);
  });
}

function isoOf(ms: number): string {
  const offsetMs = utc.peek() ? 0 : new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - offsetMs).toISOString();
}

function coloursOf(host: HTMLElement): (name: string) => string {
  const style = getComputedStyle(host);
  return (name) => style.getPropertyValue(`--${name.toLowerCase()}`).trim();
}
