/** @module The page in a real browser, in front of a real server. */

import assert from "node:assert/strict";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { join, say, TestServer, TOKENS } from "../_server.ts";
import { CHROMIUM, hasChromium, launchChromium, signIn } from "./_browser.ts";

/** How a page is opened. */
export interface PageOptions {
  /** The token that is signed in with; `null`: none. */
  readonly token?: string | null;
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Whether the reader asks for less motion. */
  readonly still?: boolean;
  /** Where the page is, without a path; the server's own address if absent. */
  readonly url?: string;
}

/** What a test of the page has. */
export interface PageTest {
  readonly server: TestServer;
  /** The page's address without a path. */
  readonly url: string;
  /** Opens the page at a path and waits until it shows something. */
  open(path: string, options?: PageOptions): Promise<Page>;
  /** Opens another tab of a page's browser, with its session. */
  tab(page: Page, path: string): Promise<Page>;
  /** Restarts the server on the same data and the same address, after `meanwhile`; gives the new one. */
  restart(meanwhile?: () => Promise<void>): Promise<TestServer>;
}

/** Tests of one file that share a server and a browser; each writes services of its own. */
export class PageSuite {
  #server: TestServer | undefined;
  #browser: Browser | undefined;
  readonly #hasChromium = hasChromium();

  /** Registers the start before the file's first test, and the end after its last one. */
  constructor() {
    if (!this.#hasChromium) {
      say(`The page is not tested: there is no Chromium at ${CHROMIUM}`);
      return;
    }
    Deno.test.beforeAll(async () => {
      const dir = Deno.makeTempDirSync({ prefix: "sentinel_page_" });
      this.#server = await TestServer.start({ dir });
      this.#browser = await launchChromium();
    });
    Deno.test.afterAll(async () => {
      await this.#browser?.close();
      await this.#server?.stop();
      if (this.#server !== undefined) Deno.removeSync(this.#server.dir, { recursive: true });
    });
  }

  /** Registers a test. */
  test(name: string, run: (test: PageTest) => Promise<void>): void {
    Deno.test({
      name,
      ignore: !this.#hasChromium,
      // The browser's pipe is read all the time, across tests.
      sanitizeOps: false,
      sanitizeResources: false,
      fn: () => this.#run(name, run),
    });
  }

  async #run(name: string, run: (test: PageTest) => Promise<void>): Promise<void> {
    const opened: OpenPage[] = [];
    try {
      await run(this.#pageTest(opened));
      for (const { page, problems } of opened) assert.deepEqual(problems, [], page.url());
    } catch (error) {
      await keepPictures(name, opened);
      throw error;
    } finally {
      for (const { context } of opened) await context.close();
    }
  }

  #pageTest(opened: OpenPage[]): PageTest {
    const browser = this.#browser;
    assert.ok(this.#server !== undefined && browser !== undefined, "It did not start");
    const { url: ownUrl } = this.#server;
    return {
      server: this.#server,
      url: ownUrl,
      async open(path, options = {}) {
        const { token = TOKENS.admin, width = 1280, height = 800, dark = false } = options;
        const url = options.url ?? ownUrl;
        const context = await browser.newContext({
          viewport: { width, height },
          colorScheme: dark ? "dark" : "light",
          reducedMotion: options.still === true ? "reduce" : "no-preference",
          permissions: ["clipboard-read", "clipboard-write"],
        });
        if (token !== null) await signIn(context, url, token);
        return await openIn(context, url, path, opened);
      },
      tab: (page, path) => openIn(page.context(), ownUrl, path, opened),
      restart: async (meanwhile) => {
        await this.#server!.stop();
        await meanwhile?.();
        return this.#server = await this.#server!.restart();
      },
    };
  }
}

interface OpenPage {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of scripts, breaches of the security policy, requests to other hosts. */
  readonly problems: string[];
}

async function openIn(
  context: BrowserContext,
  url: string,
  path: string,
  opened: OpenPage[],
): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    // A status of 4xx that the page asked for is told there too.
    const text = message.text();
    if (message.type() === "error" && !text.startsWith("Failed to load")) problems.push(text);
  });
  page.on("request", (request) => {
    const isOwn = /^(blob|data):/.test(request.url()) || request.url().startsWith(url);
    if (!isOwn) problems.push(`A request to another host: ${request.url()}`);
  });
  opened.push({ context, page, problems });
  await page.goto(url + path);
  return page;
}

async function keepPictures(name: string, opened: readonly OpenPage[]): Promise<void> {
  const dir = Deno.makeTempDirSync({ prefix: "sentinel_page_failed_" });
  for (const [i, { page, problems }] of opened.entries()) {
    await page.screenshot({ path: join(dir, `${i}.png`) });
    Deno.writeTextFileSync(join(dir, `${i}.txt`), `${page.url()}\n${problems.join("\n")}\n`);
  }
  say(`Kept for a look at "${name}": ${dir}`);
}

/** A record to send, a number of milliseconds before now. */
export function recordAgo(agoMs: number, parts: Record<string, unknown>): Record<string, unknown> {
  return {
    timestamp: new Date(Date.now() - agoMs).toISOString(),
    severity: "INFO",
    ...parts,
  };
}

/** `count` records of a service, one each `stepMs`, the last one now, with the messages `message 0` onwards. */
export function recordsUntilNow(
  service: string,
  count: number,
  stepMs: number,
  parts: (i: number) => Record<string, unknown> = () => ({}),
): Record<string, unknown>[] {
  return Array.from(
    { length: count },
    (_, i) =>
      recordAgo((count - 1 - i) * stepMs, { service, message: `message ${i}`, ...parts(i) }),
  );
}

/** The messages of the rows that are laid out, from the oldest. */
export function messages(page: Page): Promise<string[]> {
  return page.locator(".row .text").allTextContents();
}

/** Waits until the page shows a message. */
export async function seen(page: Page, message: string): Promise<void> {
  await page.locator(".row .text", { hasText: message }).first().waitFor();
}

/** Waits until a count of records stands in the status line. */
export async function total(page: Page, text: string): Promise<void> {
  await page.locator(".total", { hasText: text }).waitFor();
}

/** The parameters in a page's address. */
export function paramsOf(page: Page): URLSearchParams {
  return new URL(page.url()).searchParams;
}
