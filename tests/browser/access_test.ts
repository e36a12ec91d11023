import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { until } from "../_server.ts";
import { PageSuite, recordsUntilNow, seen } from "./_page.ts";

const suite = new PageSuite();

/** What has the focus, as people see it. */
function focused(page: Page): Promise<{ label: string; ring: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement!;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const ring = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none" ||
      getComputedStyle(element.closest(".search") ?? element).boxShadow !== "none";
    const label = element.getAttribute("aria-label") ?? element.textContent ?? element.tagName;
    return { label: label.trim(), ring };
  });
}

suite.test("Tab reaches everything in order, and what has the focus shows it", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("tabbed", 3, 1_000));
  const page = await open("/?service=tabbed&range=1h");
  await seen(page, "message 2");
  await page.locator(".value.INFO").waitFor();
  const labels: string[] = [];
  for (let n = 0; n < 40 && labels.at(-1) !== "Records"; n++) {
    await page.keyboard.press("Tab");
    const { label, ring } = await focused(page);
    assert.ok(ring, `${label} has the focus and does not show it`);
    labels.push(label);
  }
  const wanted = ["Search messages", "Last 1 hour", "Live", "Export", "Account", "Records"];
  const places = wanted.map((name) => labels.indexOf(name));
  assert.deepEqual(places, places.toSorted((a, b) => a - b), labels.join(", "));
  assert.ok(!places.includes(-1), labels.join(", "));
});

suite.test("who wants less motion gets none", async ({ server, open }) => {
  await server.post(recordsUntilNow("still", 3, 1_000));
  for (const still of [false, true]) {
    const page = await open("/?service=still&live=1", { still });
    await page.locator(".live.following").waitFor();
    await until("the dot", async () => {
      const names = await page.locator(".live .dot").evaluate((dot) =>
        getComputedStyle(dot).animationName
      );
      return still === (names === "none");
    });
  }
});

suite.test("a screen reader hears what the page is about", async ({ server, open }) => {
  await server.post(recordsUntilNow("heard", 30, 1_000, () => ({ severity: "ERROR" })));
  const page = await open("/?service=heard&range=1h");
  await seen(page, "message 29");
  const rows = page.getByRole("grid", { name: "Records" });
  assert.equal(await rows.getAttribute("aria-rowcount"), "30");
  await page.keyboard.press("k");
  const active = await rows.getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`#${active} .text`).textContent(), "message 29");
  await page.getByRole("img", { name: /30 records, 30 errors/ }).waitFor();
  await page.getByRole("navigation", { name: "Filter by value" }).waitFor();
  await page.getByRole("status").filter({ hasText: "30 records" }).waitFor();
});
