/** @module Chromium, and how it is started and signed in. */

import assert from "node:assert/strict";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

/** Debian's; other systems name it in the environment. */
export const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";

/** Nothing that would ask another host for something, and a profile that is new each time. */
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** Whether there is a browser on this machine. */
export function hasChromium(): boolean {
  try {
    return Deno.statSync(CHROMIUM).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Starts the browser; whoever does closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** Signs a browser's context in at a server, as the page does. */
export async function signIn(context: BrowserContext, url: string, token: string): Promise<void> {
  const answer = await context.request.post(`${url}/session`, {
    data: { token },
    headers: { "x-sentinel-request": "1", origin: url },
  });
  assert.equal(answer.status(), 204, await answer.text());
}
