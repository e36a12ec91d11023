import assert from "node:assert/strict";
import { until } from "../_server.ts";
import { PageSuite, paramsOf, recordsUntilNow, seen, total } from "./_page.ts";

const suite = new PageSuite();

suite.test("a wrong query is underlined where it is wrong, while it is written", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("wrong", 5, 1_000));
  const page = await open("/?service=wrong");
  await seen(page, "message 4");
  await page.locator("#search").fill('timeout /a(/ "quoted"');
  await page.locator(".search-problem", { hasText: "missing closing" }).waitFor();
  assert.equal(await page.locator(".mirror u").textContent(), "/a(/");
  assert.equal(await page.locator("#search").getAttribute("aria-invalid"), "true");
  await seen(page, "message 4");
  await page.locator("#search").fill('timeout "never closed');
  await page.locator(".search-problem", { hasText: "quote is not closed" }).waitFor();
  assert.equal(await page.locator(".mirror u").textContent(), '"never closed');
  const [under, over] = await Promise.all([
    page.locator(".mirror").boundingBox(),
    page.locator("#search").boundingBox(),
  ]);
  assert.deepEqual(under, over, "the underline lies under the text");
  await page.locator("#search").fill("timeout");
  await until("no complaint", async () => await page.locator(".search-problem").count() === 0);
});

suite.test("a link with a wrong query says what is wrong", async ({ open }) => {
  const page = await open(`/?q=${encodeURIComponent('"open')}`);
  await page.locator(".search-problem", { hasText: "quote is not closed" }).waitFor();
  await page.getByRole("heading", { name: "The search cannot be read" }).waitFor();
});

suite.test("recent and saved searches come back", async ({ server, open }) => {
  await server.post(recordsUntilNow("kept", 4, 1_000, (i) => ({ message: `apple ${i}` })));
  const page = await open("/?service=kept&range=1h");
  await page.locator("#search").fill("apple");
  await page.keyboard.press("Enter");
  await total(page, "4 records");
  await page.keyboard.press("/");
  await page.getByRole("button", { name: "Save this search" }).click();
  await page.getByText("Saved as apple · kept · last 1h").waitFor();
  await page.goto(new URL("/", page.url()).href);
  await page.locator(".row").first().waitFor();
  await page.keyboard.press("/");
  const recent = page.locator(".search-menu .item", { hasText: /^apple$/ });
  await recent.click();
  await until("the recent query", () => paramsOf(page).get("q") === "apple");
  await page.goto(new URL("/", page.url()).href);
  await page.locator(".row").first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.press("ArrowDown");
  await page.locator(".search-menu .item", { hasText: "apple · kept" }).click();
  await until("the saved search", () => paramsOf(page).get("service") === "kept");
  await total(page, "4 records");
  await page.keyboard.press("/");
  await page.getByRole("button", { name: "Forget apple · kept · last 1h" }).click();
  assert.equal(await page.locator(".search-menu .saved").count(), 0);
});
