/** @module How soon the page shows something. */

import type { Browser, BrowserContext } from "playwright-core";
import { type TestServer, TOKENS } from "../../_server.ts";
import { signIn } from "../_browser.ts";
import { type Figure, median } from "./_figures.ts";

/** Tells when the first rows were painted, in milliseconds since the navigation began. */
const WATCH = `globalThis.firstRows = new Promise((resolve) => {
  const look = () => document.querySelector(".row .text") !== null &&
    (watch.disconnect(), requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))));
  const watch = new MutationObserver(look);
  watch.observe(document, { childList: true, subtree: true });
})`;

/** First rows of all records, with the browser's cache and without. */
export async function measureLoading(
  browser: Browser,
  server: TestServer,
  loads: number,
): Promise<Figure[]> {
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
  await signIn(context, server.url, TOKENS.admin);
  await context.addInitScript(WATCH);
  await load(context, server.url);
  const again: Load[] = [];
  for (let n = 0; n < loads; n++) again.push(await load(context, server.url));
  await context.close();
  const fresh: Load[] = [];
  for (let n = 0; n < loads; n++) {
    const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } });
    await signIn(context, server.url, TOKENS.admin);
    await context.addInitScript(WATCH);
    fresh.push(await load(context, server.url));
    await context.close();
  }
  return [
    ...figuresOf("fresh browser", fresh),
    ...figuresOf("again", again),
    {
      label: "bytes of the whole page, compressed",
      unit: "KiB",
      value: median(fresh.map(({ bytes }) => bytes)) / 1_024,
      atMost: 100,
    },
  ];
}

function figuresOf(how: string, loads: readonly Load[]): Figure[] {
  const unit = "ms";
  const of = (value: (load: Load) => number) => median(loads.map(value));
  return [
    {
      label: `first rows after the page's load, ${how}`,
      unit,
      value: of(({ rowsMs, loadMs }) => rowsMs - loadMs),
      atMost: 200,
    },
    { label: "- after the navigation began", unit, value: of(({ rowsMs }) => rowsMs) },
    { label: "- processor time of the page until then", unit, value: of(({ taskMs }) => taskMs) },
  ];
}

interface Load {
  readonly rowsMs: number;
  readonly loadMs: number;
  /** Processor time of the page's main thread until then. */
  readonly taskMs: number;
  /** What the page's own files took on the way. */
  readonly bytes: number;
}

async function load(context: BrowserContext, url: string): Promise<Load> {
  const page = await context.newPage();
  const devTools = await context.newCDPSession(page);
  // Processor time says the same whatever else the machine does.
  await devTools.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(url);
  const result: Omit<Load, "taskMs"> = await page.evaluate(`(async () => {
    const rowsMs = await globalThis.firstRows;
    const [navigation] = performance.getEntriesByType("navigation");
    const files = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/ui/"));
    const bytes = [navigation, ...files].reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
    return { rowsMs, loadMs: navigation.loadEventEnd || navigation.domComplete, bytes };
  })()`);
  const { metrics } = await devTools.send("Performance.getMetrics");
  const taskMs = 1_000 * metrics.find(({ name }) => name === "TaskDuration")!.value;
  await page.close();
  return { ...result, taskMs };
}
