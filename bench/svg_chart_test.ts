import { doesNotMatch, equal, match, ok } from "node:assert/strict";
import { type Chart, drawCharts } from "./svg_chart.ts";

const CHART: Chart = {
  title: "a < b & c",
  series: [
    { name: "one", points: [[1e6, 2], [1e7, 3], [1e8, 4]], tone: "main" },
    { name: "two", points: [[1e6, 2], [1e8, 4]], tone: "other" },
    { name: "dots", points: [[1e6, 1], [3e6, 4.1]], tone: "other", dots: true },
  ],
  yScale: "log",
  x: 0,
  y: 0,
  width: 400,
  height: 200,
  namesWidth: 80,
  formatX: String,
  formatY: String,
};
const SIZE = { width: 400, height: 200, description: "test" };

function numbersOf(svg: string, attribute: string): number[] {
  return [...svg.matchAll(new RegExp(` ${attribute}="([^"]*)"`, "g"))].map(([, text]) =>
    Number(text)
  );
}

Deno.test("drawCharts() keeps everything finite and within the drawing", () => {
  for (const yScale of ["log", "linear"] as const) {
    const svg = drawCharts([{ ...CHART, yScale }], SIZE);
    doesNotMatch(svg, /NaN|Infinity|undefined/);
    for (const x of [...numbersOf(svg, "x"), ...numbersOf(svg, "cx")]) {
      ok(x >= 0 && x <= 400, `${x}`);
    }
    for (const y of [...numbersOf(svg, "y"), ...numbersOf(svg, "cy")]) {
      ok(y >= 0 && y <= 200, `${y}`);
    }
  }
});

Deno.test("drawCharts() moves names apart that end at the same place", () => {
  const svg = drawCharts([CHART], SIZE);
  const places = ["one", "two", "dots"].map((name) =>
    Number(new RegExp(`y="([\\d.]+)"[^>]*>${name}<`).exec(svg)![1])
  ).sort((a, b) => a - b);
  ok(places[1]! - places[0]! >= 12, String(places));
  ok(places[2]! - places[1]! >= 12, String(places));
});

Deno.test("drawCharts() draws one line a series, escapes texts and copes with a single point", () => {
  const svg = drawCharts([CHART], SIZE);
  equal(svg.match(/<polyline/g)?.length, 2);
  match(svg, />a &lt; b &amp; c</);
  const single = {
    ...CHART,
    series: [{ name: "one", points: [[1e6, 5]] as const, tone: "main" as const }],
  };
  doesNotMatch(drawCharts([single], SIZE), /NaN|Infinity/);
  ok(drawCharts([{ ...CHART, series: [] }], SIZE).includes("<svg"));
});
