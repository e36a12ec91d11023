/** @module What the page counts with, asked of a server with many records. */

import type { TestServer } from "../../_server.ts";
import { type Figure, median } from "./_figures.ts";

const REPEATS = 15;

/** The questions: a day, and what each may take. */
const QUESTIONS: readonly (readonly [label: string, path: string, atMostMs: number])[] = [
  ["histogram of a day by severity", "/histogram?interval=15m&by=severity", 20],
  ["histogram of a day by service", "/histogram?interval=30m&by=service", 20],
  ["facet: services", "/facets?field=service", 20],
  ["facet: severities", "/facets?field=severity", 20],
  ["facet: names of attributes", "/facets?field=attr&limit=20", 20],
  ["facet: an attribute of 7 values", "/facets?field=attr.status&limit=10", 20],
  ["facet: an attribute of 1,000 values", "/facets?field=attr.user&limit=10", 20],
  ["histogram with a text that matches a ninth", "/histogram?interval=15m&q=1*", 100],
  ["facet: services, with that text", "/facets?field=service&q=1*", 100],
  ["facet: an attribute, with that text", "/facets?field=attr.user&q=1*", 100],
  ["histogram with a text that matches few", "/histogram?interval=15m&q=777777", 100],
  ["facet: services, with that text", "/facets?field=service&q=777777", 100],
];

/** Medians, after one that warms. */
export async function measureCounts(server: TestServer): Promise<Figure[]> {
  const endMs = Date.now();
  const range = new URLSearchParams({
    timestamp_start: new Date(endMs - 86_400_000).toISOString(),
    timestamp_end: new Date(endMs).toISOString(),
  });
  const figures: Figure[] = [];
  for (const [label, path, atMost] of QUESTIONS) {
    await server.get(`${path}&${range}`);
    const times: number[] = [];
    for (let n = 0; n < REPEATS; n++) {
      const begun = performance.now();
      await server.get(`${path}&${range}`);
      times.push(performance.now() - begun);
    }
    figures.push({ label, unit: "ms", value: median(times), atMost });
  }
  return figures;
}
