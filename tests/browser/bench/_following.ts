/** @module A live page: does it stay smooth, and does its memory? */

import type { Browser, Page } from "playwright-core";
import { type TestServer, TOKENS } from "../../_server.ts";
import { signIn } from "../_browser.ts";
import { recordAgo } from "../_page.ts";
import { type Figure, quantile } from "./_figures.ts";

/** Records that are sent while a page is live. */
export interface Flow {
  readonly records: number;
  readonly perSecond: number;
}

const BATCHES_PER_SECOND = 10;
const WATCH = `globalThis.longTasks = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longTasks.push(duration);
}).observe({ type: "longtask" })`;

/**
 * @param smooth what the page is to show without a long task
 * @param minutes what ten minutes bring, in less time
 */
export async function measureFollowing(
  browser: Browser,
  server: TestServer,
  smooth: Flow,
  minutes: Flow,
): Promise<Figure[]> {
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
  await signIn(context, server.url, TOKENS.admin);
  const page = await context.newPage();
  await page.goto(`${server.url}/?service=flow&live=1&range=1h`);
  await page.locator(".live.following").waitFor();
  await flow(server, { records: 2 * smooth.perSecond, perSecond: smooth.perSecond });
  await page.evaluate(WATCH);
  await flow(server, smooth);
  const tasks: number[] = await page.evaluate("longTasks");
  const heaps: number[] = [];
  for (let part = 0; part < 10; part++) {
    await flow(server, { ...minutes, records: minutes.records / 10 });
    heaps.push(await heapMiB(page));
  }
  await context.close();
  const label = `${smooth.perSecond.toLocaleString("en-US")} records/s`;
  return [
    {
      label: `longest task at ${label}, ${smooth.records / smooth.perSecond} s`,
      unit: "ms",
      value: Math.max(0, ...tasks),
      atMost: 50,
    },
    { label: "- tasks of more than 50 ms", unit: "", value: tasks.length, atMost: 0 },
    {
      label: `heap after the first tenth of ${minutes.records.toLocaleString("en-US")} records`,
      unit: "MiB",
      value: heaps[0]!,
    },
    {
      label: "- after the last one",
      unit: "MiB",
      value: heaps.at(-1)!,
      atMost: heaps[0]! * 1.2 + 1,
    },
    { label: "- at most", unit: "MiB", value: quantile(heaps, 1) },
  ];
}

async function flow(server: TestServer, { records, perSecond }: Flow): Promise<void> {
  const size = Math.ceil(perSecond / BATCHES_PER_SECOND);
  const begun = performance.now();
  for (let sent = 0; sent < records; sent += size) {
    await server.post(
      Array.from({ length: size }, (_, i) =>
        recordAgo(0, {
          service: "flow",
          message: `request ${sent + i} took ${i} ms`,
          attributes: { user: `user-${i % 50}`, status: 200 },
        })),
    );
    const aheadMs = (sent + size) / perSecond * 1_000 - (performance.now() - begun);
    if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  }
}

async function heapMiB(page: Page): Promise<number> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devTools.send("Runtime.getHeapUsage");
  await devTools.detach();
  return usedSize / 1_048_576;
}
