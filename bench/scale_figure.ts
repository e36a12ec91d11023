/** @module The report of the scale benchmark as a figure: queries above, rate, start and memory below. */

import type { ScaleReport } from "./scale_run.ts";
import { name } from "./scale_step.ts";
import { type Chart, drawCharts, type Series } from "./svg_chart.ts";

const WIDTH = 860;
const QUERIES_HEIGHT = 340;
const SMALL_HEIGHT = 220;
const GAP = 20;

/** Lines of the upper chart: what touches the same records at every size, and what looks everywhere. */
const SAME: readonly [row: string, name: string][] = [
  ["stats", "statistics, unfiltered"],
  ["newest100", "newest 100"],
  ["newest100_stream", "newest 100 of one stream"],
  ["hour", "an hour of one stream"],
  ["histogram", "histogram of four hours"],
  ["word_range", "a rare word in four hours"],
];
const EVERYWHERE: readonly [row: string, name: string][] = [
  ["word", "a rare word anywhere, newest 100"],
  ["none", "a phrase that occurs nowhere"],
  ["histogram_all", "histogram of everything"],
];

/** Draws a report as an SVG document. */
export function drawScale(report: ScaleReport): string {
  const width = (WIDTH - 2 * GAP) / 3;
  const below = { y: QUERIES_HEIGHT + GAP, width, height: SMALL_HEIGHT, namesWidth: 64 };
  const shared = { formatX: name, yScale: "linear", formatY: plain } as const;
  const charts: Chart[] = [
    {
      ...shared,
      title: "Query time in ms, by records stored (dashed: what looks at everything)",
      series: [
        ...SAME.map(([row, label]) => seriesOf(report, row, label, "main")),
        ...EVERYWHERE.map(([row, label]) => seriesOf(report, row, label, "other")),
      ],
      yScale: "log",
      x: 0,
      y: 0,
      width: WIDTH,
      height: QUERIES_HEIGHT,
      namesWidth: 240,
    },
    {
      ...shared,
      ...below,
      title: "Ingest, records/s",
      series: [growthOf(report), seriesOf(report, "ingest", "HTTP", "main")],
      x: 0,
      formatY: (value) => value === 0 ? "0" : name(value),
    },
    {
      ...shared,
      ...below,
      title: "Start until listening, ms",
      series: [
        seriesOf(report, "killed_ready", "kill -9", "other"),
        seriesOf(report, "ready", "stopped", "main"),
      ],
      x: width + GAP,
    },
    {
      ...shared,
      ...below,
      title: "Memory, MiB",
      series: [
        seriesOf(report, "resident_peak", "peak", "other"),
        seriesOf(report, "resident", "loaded", "main"),
        seriesOf(report, "resident_started", "started", "main"),
      ],
      x: 2 * (width + GAP),
    },
  ];
  return drawCharts(charts, {
    width: WIDTH,
    height: QUERIES_HEIGHT + GAP + SMALL_HEIGHT,
    description: "How query times, ingest rate, start and memory grow with the records stored",
  });
}

function seriesOf(
  { steps }: ScaleReport,
  row: string,
  label: string,
  tone: Series["tone"],
): Series {
  const points = steps.flatMap(({ records, figures }) => {
    const value = figures[row];
    return value === undefined ? [] : [[records, value] as const];
  });
  return { name: label, points, tone };
}

/** What went straight into the engine; of the first size on, so that the axes agree. */
function growthOf({ steps, growth }: ScaleReport): Series {
  const first = steps[0]?.records ?? 0;
  const points = growth.filter(({ records }) => records >= first)
    .map(({ records, perSecond }) => [records, perSecond] as const);
  return { name: "engine", points, tone: "other", dots: true };
}

function plain(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}
