/** @module `deno task screenshots`: the pictures of the README, of a day of the demo's services. */

import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { pastBatches } from "../../simulator/mod.ts";
import { join, PROJECT, say, TestServer, TOKENS } from "../_server.ts";
import { launchChromium, signIn } from "./_browser.ts";

const FOLDER = join(PROJECT, "docs/pictures");
/** A picture that is larger slows the README down. */
const BYTES_MAX = 150_000;
const QUALITY = 82;

/** One picture, taken in both themes. */
interface Picture {
  readonly name: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  /** What is done before, and what must be there. */
  prepare(page: Page): Promise<void>;
}

const PICTURES: readonly Picture[] = [
  {
    name: "page",
    path: "/?range=24h&min_severity=WARNING",
    width: 1_280,
    height: 760,
    async prepare(page) {
      await page.locator(".facet.attribute").first().waitFor();
      await page.locator(".row.ERROR").last().click();
      await page.locator(".whole-message").waitFor();
    },
  },
  {
    name: "overview",
    path: "/?view=overview&range=24h",
    width: 1_280,
    height: 720,
    prepare: (page) => page.locator(".figures").waitFor(),
  },
  {
    name: "phone",
    path: "/?range=24h&q=order",
    width: 375,
    height: 700,
    prepare: (page) => page.locator(".row mark").last().waitFor(),
  },
];

/** Of this seed's story so much is told that it ends while something is wrong. */
const SEED = 3;
const STORY_MS = 23 * 3_600_000;

/** Stores most of a day that ends now. */
async function storeDay(server: TestServer): Promise<void> {
  const endMs = Date.now();
  const past = { services: 12, rate: 0.25, seed: SEED, startMs: endMs - STORY_MS, endMs };
  for (const body of pastBatches({ ...past, batch: 5_000 })) {
    const headers = { "content-type": "application/json" };
    const { status, text } = await server.call("/logs", { method: "POST", body, headers });
    assert.equal(status, 201, text);
  }
}

async function take(browser: Browser, url: string, picture: Picture, dark: boolean): Promise<void> {
  const { name, path, width, height } = picture;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    // Sharp on the screens that most people read a README on.
    deviceScaleFactor: 2,
    timezoneId: "UTC",
  });
  await signIn(context, url, TOKENS.admin);
  const page = await context.newPage();
  await page.goto(url + path);
  await picture.prepare(page);
  await page.locator("canvas, .sparkline").first().waitFor();
  await page.waitForLoadState("networkidle");
  const devTools = await context.newCDPSession(page);
  const { data } = await devTools.send("Page.captureScreenshot", {
    format: "webp",
    quality: QUALITY,
  });
  await context.close();
  const bytes = Uint8Array.fromBase64(data);
  const file = `${name}-${dark ? "dark" : "light"}.webp`;
  assert.ok(bytes.length <= BYTES_MAX, `${file} has ${bytes.length} bytes: at most ${BYTES_MAX}`);
  Deno.writeFileSync(join(FOLDER, file), bytes);
  say(`${file}: ${Math.round(bytes.length / 1_000)} kB`);
}

async function main(): Promise<void> {
  Deno.mkdirSync(FOLDER, { recursive: true });
  const dir = Deno.makeTempDirSync({ prefix: "sentinel_pictures_" });
  const server = await TestServer.start({ dir });
  const browser = await launchChromium();
  try {
    await storeDay(server);
    for (const picture of PICTURES) {
      for (const dark of [false, true]) await take(browser, server.url, picture, dark);
    }
  } finally {
    await browser.close();
    await server.stop();
    Deno.removeSync(dir, { recursive: true });
  }
}

if (import.meta.main) await main();
