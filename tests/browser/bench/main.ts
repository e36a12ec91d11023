/** @module `deno task bench:page`: measures the page and what it stands on, in a real browser, against their aims. */

import { parseArgs } from "node:util";
import { say, TestServer } from "../../_server.ts";
import { hasChromium, launchChromium } from "../_browser.ts";
import { storeRecords } from "../_million.ts";
import { measureCounts } from "./_counts.ts";
import { type Figure, renderFigures } from "./_figures.ts";
import { measureFollowing } from "./_following.ts";
import { measureLoading } from "./_loading.ts";
import { measureTail, measureTails } from "./_tails.ts";

/** How much of everything is measured. */
interface Scale {
  readonly records: number;
  readonly loads: number;
  readonly events: number;
  readonly tails: number;
  readonly seconds: number;
  /** What ten minutes of tail bring. */
  readonly followed: number;
}

const FULL: Scale = {
  records: 1_000_000,
  loads: 11,
  events: 300,
  tails: 500,
  seconds: 10,
  followed: 600_000,
};
/** Enough to see that it works; its figures mean nothing. */
export const QUICK: Scale = {
  records: 20_000,
  loads: 2,
  events: 20,
  tails: 20,
  seconds: 1,
  followed: 10_000,
};

/** What can be measured. */
export const PARTS = ["counts", "loading", "tails", "following"] as const;
type Part = typeof PARTS[number];

/** Measures some parts, in their order, against a server of their own. */
export async function measurePage(scale: Scale, parts: readonly Part[]): Promise<Figure[]> {
  const dir = Deno.makeTempDirSync({ prefix: "sentinel_page_bench_" });
  const server = await TestServer.start({ dir });
  const browser = await launchChromium();
  const measures: Record<Part, () => Promise<Figure[]>> = {
    counts: () => measureCounts(server),
    loading: () => measureLoading(browser, server, scale.loads),
    tails: async () => [
      ...await measureTail(server, scale.events),
      ...await measureTails(server, scale.tails, 5_000, scale.seconds),
    ],
    following: () =>
      measureFollowing(
        browser,
        server,
        { records: 1_000 * scale.seconds, perSecond: 1_000 },
        { records: scale.followed, perSecond: 15_000 },
      ),
  };
  try {
    if (parts.includes("counts") || parts.includes("loading")) {
      say(`Storing ${scale.records.toLocaleString("en-US")} records`);
      await storeRecords(server, scale.records);
      await settled(server);
    }
    const figures: Figure[] = [];
    for (const part of parts) {
      say(`Measuring ${part}`);
      figures.push(...await measures[part]());
    }
    return figures;
  } finally {
    await browser.close();
    await server.stop();
    Deno.removeSync(dir, { recursive: true });
  }
}

/** Waits until background work stands still, so that what is measured is not its share. */
async function settled(server: TestServer): Promise<void> {
  for (let version = -1;;) {
    const now = await server.figure("store_version");
    if (now === version) return;
    version = now;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const parts = PARTS.filter((part) => positionals.length === 0 || positionals.includes(part));
  const unknown = positionals.find((name) => !PARTS.some((part) => part === name));
  const problem = unknown !== undefined
    ? `There is no part ${JSON.stringify(unknown)}: there are ${PARTS.join(", ")}`
    : hasChromium()
    ? undefined
    : "There is no Chromium: name one in the environment, CHROMIUM=/path/to/it";
  if (problem !== undefined) {
    say(problem);
    Deno.exitCode = 2;
    return;
  }
  const figures = await measurePage(values.quick ? QUICK : FULL, parts);
  await Deno.stdout.write(new TextEncoder().encode(`${renderFigures(figures)}\n`));
}

if (import.meta.main) await main();
