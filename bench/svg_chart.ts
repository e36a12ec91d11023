/**
 * @module Line charts over a logarithmic axis, as SVG by hand: lines with their names at their right ends. Colours follow
 * the reader's light or dark scheme.
 */

/** A line, or dots. */
export interface Series {
  readonly name: string;
  /** Both positive, where their axis is logarithmic; the first ascending. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Which of two colours; `other` lines are dashed too, so that they differ without colour. */
  readonly tone: "main" | "other";
  readonly dots?: boolean;
}

/** One chart and its place in the drawing; lengths in pixels. */
export interface Chart {
  readonly title: string;
  readonly series: readonly Series[];
  /** Logarithmic, or linear from 0. */
  readonly yScale: "log" | "linear";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Room for the names at the right. */
  readonly namesWidth: number;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
}

const TITLE_HEIGHT = 28;
const TICKS_WIDTH = 48;
const TICKS_HEIGHT = 24;
const NAME_HEIGHT = 14;
const LINEAR_TICKS = 4;

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #1f2328 }
.grid { stroke: #d0d7de; stroke-width: 1 }
.main { stroke: #0969da; fill: #0969da }
.other { stroke: #bc4c00; fill: #bc4c00 }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round }
polyline.main, polyline.other { fill: none }
polyline.other { stroke-dasharray: 6 3 }
text.main, text.other { stroke: none }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .title { fill: #f0f6fc }
  .grid { stroke: #3d444d }
  .main { stroke: #58a6ff; fill: #58a6ff }
  .other { stroke: #f0883e; fill: #f0883e }
}`.trim();

/** A drawing of some charts; `description` is for those who do not see it. */
export function drawCharts(
  charts: readonly Chart[],
  { width, height, description }: { width: number; height: number; description: string },
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(description)}</title>`,
    `<style>\n${STYLE}\n</style>`,
    ...charts.flatMap(drawChart),
    "</svg>\n",
  ].join("\n");
}

function drawChart(chart: Chart): string[] {
  const { title, series, x, y } = chart;
  const area = {
    left: x + TICKS_WIDTH,
    right: x + chart.width - chart.namesWidth,
    top: y + TITLE_HEIGHT,
    bottom: y + chart.height - TICKS_HEIGHT,
  };
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return [];
  const xs = logScale(points.map(([value]) => value), area.left, area.right);
  const values = points.map(([, value]) => value);
  const ys = chart.yScale === "log"
    ? logScale(values, area.bottom, area.top, true)
    : linearScale(values, area.bottom, area.top);
  return [
    text(x, y + 14, title, "title"),
    ...ys.ticks.flatMap((value) => [
      line(area.left, ys.at(value), area.right, ys.at(value)),
      text(area.left - 6, ys.at(value) + 4, chart.formatY(value), "", "end"),
    ]),
    ...xs.ticks.map((value) =>
      text(xs.at(value), area.bottom + 16, chart.formatX(value), "", "middle")
    ),
    ...series.flatMap((one) => drawSeries(one, xs.at, ys.at)),
    ...drawNames(series, area.right + 8, area, ys.at),
  ];
}

/** Where a value stands, and the values that are written at the axis. */
interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

function logScale(values: readonly number[], from: number, to: number, whole = false): Scale {
  const logs = values.map(Math.log10);
  const round = (value: number, way: (value: number) => number) => whole ? way(value) : value;
  const low = round(Math.min(...logs), Math.floor);
  const high = Math.max(round(Math.max(...logs), Math.ceil), low + 1e-9);
  const ticks: number[] = [];
  for (let power = Math.ceil(low - 1e-9); power <= high + 1e-9; power++) ticks.push(10 ** power);
  return {
    at: (value) => from + (Math.log10(value) - low) / (high - low) * (to - from),
    ticks: ticks.length > 0 ? ticks : [10 ** low],
  };
}

function linearScale(values: readonly number[], from: number, to: number): Scale {
  const step = niceStep(Math.max(...values) / LINEAR_TICKS);
  const high = Math.max(1, Math.ceil(Math.max(...values) / step)) * step;
  const ticks: number[] = [];
  for (let tick = 0; tick <= high + step / 2; tick += step) ticks.push(tick);
  return { at: (value) => from + value / high * (to - from), ticks };
}

/** The next of 1, 2, 5, 10, 20 and so on. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least || 1));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least)!;
}

function drawSeries(
  { points, tone, dots }: Series,
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  const places = points.map(([a, b]) => [pixel(x(a)), pixel(y(b))] as const);
  const radius = dots ? 1.5 : 3;
  const circles = places.map(([cx, cy]) =>
    `<circle class="${tone}" cx="${cx}" cy="${cy}" r="${radius}"/>`
  );
  if (dots) return circles;
  return [`<polyline class="${tone}" points="${places.map(String).join(" ")}"/>`, ...circles];
}

/** Names beside the last points, moved apart where they would cover each other. */
function drawNames(
  series: readonly Series[],
  x: number,
  area: { top: number; bottom: number },
  y: (value: number) => number,
): string[] {
  const names = series.filter(({ points }) => points.length > 0)
    .map(({ name, tone, points }) => ({ name, tone, at: y(points.at(-1)![1]) + 4 }))
    .sort((a, b) => a.at - b.at);
  spread(names, area.bottom);
  return names.map(({ name, tone, at }) => text(x, at, name, tone));
}

/** Moves ascending places apart, down first and, from the bottom, up again. */
function spread(names: { at: number }[], bottom: number): void {
  let least = -Infinity;
  for (const name of names) least = (name.at = Math.max(name.at, least)) + NAME_HEIGHT;
  let most = bottom + 4;
  for (const name of names.toReversed()) most = (name.at = Math.min(name.at, most)) - NAME_HEIGHT;
}

function text(x: number, y: number, content: string, className: string, anchor = "start"): string {
  const style = className === "" ? "" : ` class="${className}"`;
  const place = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
  return `<text x="${pixel(x)}" y="${pixel(y)}"${style}${place}>${escape(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${pixel(x1)}" y1="${pixel(y1)}" x2="${pixel(x2)}" y2="${
    pixel(y2)
  }"/>`;
}

function pixel(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
