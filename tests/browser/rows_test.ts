import assert from "node:assert/strict";
import { until } from "../_server.ts";
import { messages, PageSuite, paramsOf, recordAgo, recordsUntilNow, seen, total } from "./_page.ts";

const suite = new PageSuite();

suite.test("the page shows everything on one screen at once", async ({ server, open }) => {
  await server.post(recordsUntilNow("one-screen", 30, 1_000));
  const page = await open("/?service=one-screen&range=1h");
  await seen(page, "message 29");
  await page.locator(".histogram canvas").waitFor();
  await page.locator(".value .name", { hasText: "one-screen" }).waitFor();
  assert.equal(await page.locator("#search").isVisible(), true);
  await total(page, "30 records");
  const size = await page.evaluate(() => [document.body.scrollHeight, innerHeight] as const);
  assert.ok(size[0] <= size[1], "The page itself does not scroll");
});

suite.test("the URL restores the state in a new tab", async ({ server, open, tab }) => {
  await server.post(recordsUntilNow("restored", 40, 1_000, (i) => ({
    severity: i % 4 === 0 ? "ERROR" : "INFO",
    attributes: { user: i % 2 === 0 ? "alice" : "bob" },
  })));
  const page = await open("/?range=1h");
  await page.locator(".include", { hasText: "restored" }).click();
  await page.locator(".include", { hasText: "ERROR" }).click();
  await page.locator("#search").fill("message");
  await page.keyboard.press("Enter");
  await total(page, "10 records");
  await page.locator(".row", { hasText: "message 36" }).click();
  await page.locator(".detail .whole-message", { hasText: "message 36" }).waitFor();
  const other = await tab(page, new URL(page.url()).pathname + new URL(page.url()).search);
  await total(other, "10 records");
  await other.locator(".detail .whole-message", { hasText: "message 36" }).waitFor();
  assert.equal(await other.locator("#search").inputValue(), "message");
  assert.deepEqual(await messages(other), await messages(page));
});

suite.test("back and forward go through what was looked at", async ({ server, open }) => {
  await server.post(recordsUntilNow("history", 6, 1_000, (i) => ({ message: `step ${i % 2}` })));
  const page = await open("/?service=history");
  await total(page, "6 records");
  await page.locator("#search").fill('"step 1"');
  await page.keyboard.press("Enter");
  await total(page, "3 records");
  await page.goBack();
  await total(page, "6 records");
  assert.equal(await page.locator("#search").inputValue(), "");
  await page.goForward();
  await total(page, "3 records");
});

suite.test("a search marks what it found, and finds it in the whole range", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("marked", 500, 1_000, (i) => ({
    message: i === 3 ? "the needle is here" : `straw ${i}`,
  })));
  const page = await open("/?service=marked");
  await total(page, "500 records");
  await page.locator("#search").fill("needle");
  await page.keyboard.press("Enter");
  await total(page, "1 record");
  assert.deepEqual(await page.locator(".row mark").allTextContents(), ["needle"]);
});

suite.test("a message of the greatest length is cut, and shown whole on demand", async (test) => {
  const { server, open } = test;
  const long = "long " + "x".repeat(65_530);
  await server.post([
    ...recordsUntilNow("greatest", 60, 1_000),
    recordAgo(30_500, { service: "greatest", message: long }),
  ]);
  const page = await open("/?service=greatest");
  const row = page.locator(".row", { hasText: "long xxx" });
  await row.scrollIntoViewIfNeeded();
  const shown = await row.locator(".text").textContent();
  assert.ok(shown!.length < 1_000, "cut");
  const before = await row.boundingBox();
  await row.getByRole("button", { name: /show all/ }).click();
  await until(
    "the whole message",
    async () => (await row.locator(".text").textContent())?.length === long.length,
  );
  const after = await row.boundingBox();
  assert.ok(after!.height > 10 * before!.height, "it has room");
  assert.ok(Math.abs(after!.y - before!.y) < 2, "its beginning stays where it was clicked");
  await row.getByRole("button", { name: "show less" }).click();
  await until("one line", async () => (await row.boundingBox())!.height === before!.height);
});

suite.test("lines wrap, rows stand closer, and times are UTC if wished", async (test) => {
  const { server, open } = test;
  await server.post([
    recordAgo(1_000, { service: "looks", message: "first line\nsecond line " + "y ".repeat(400) }),
  ]);
  const page = await open("/?service=looks");
  const row = page.locator(".row", { hasText: "first line" });
  assert.equal((await row.boundingBox())!.height, 22);
  await page.keyboard.press("w");
  await until("wrapped", async () => (await row.boundingBox())!.height > 60);
  await page.keyboard.press("w");
  await page.getByRole("button", { name: "View", exact: true }).click();
  await page.getByLabel("Close rows").uncheck();
  await until("roomy", async () => (await row.boundingBox())!.height === 28);
  await page.getByLabel("Times in UTC").check();
  const [record] = await server.get("/logs?service=looks");
  const time = await row.locator(".time").textContent();
  assert.ok(record.timestamp.replace("T", " ").includes(time!), `${time} of ${record.timestamp}`);
  await page.reload();
  await until("kept", async () => (await row.boundingBox())?.height === 28);
});

suite.test("control and direction characters in a message move nothing", async (test) => {
  const { server, open } = test;
  const message = "\u202eevil\u0007 <b>bold</b> <img src=x onerror=alert(1)>";
  await server.post([recordAgo(500, { service: "hostile", message })]);
  const page = await open("/?service=hostile");
  const row = page.locator(".row", { hasText: "evil" });
  assert.equal(await row.locator(".text").textContent(), message);
  assert.equal(await row.locator("b, img").count(), 0);
  await row.click();
  assert.equal(await page.locator(".whole-message").textContent(), message);
});

suite.test("the rows stay when the histogram fails", async ({ server, open }) => {
  await server.post(recordsUntilNow("no-histogram", 450, 1_000));
  const page = await open("/?service=no-histogram&range=6h", { token: null });
  await page.route(
    "**/histogram?*",
    (route) => route.fulfill({ status: 500, json: { error: "Internal error" } }),
  );
  await page.locator("#token").fill("simulator-token-000");
  await page.keyboard.press("Enter");
  await page.locator(".chart-error", { hasText: "Internal error" }).waitFor();
  await seen(page, "message 449");
  // Without counts, older rows are loaded as the reader comes to them.
  const rows = page.locator(".rows");
  await until("the oldest row", async () => {
    await rows.evaluate((element) => element.scrollTop = 0);
    return (await messages(page)).includes("message 0");
  });
});

suite.test("an empty answer says so, and offers what would show something", async (test) => {
  const { server, open } = test;
  await server.post([recordAgo(3 * 86_400_000, { service: "long-ago", message: "old" })]);
  const page = await open("/?service=long-ago&range=1h");
  await page.getByRole("heading", { name: "No records" }).waitFor();
  await page.getByRole("button", { name: "Show all time" }).click();
  await seen(page, "old");
  assert.equal(paramsOf(page).get("range"), "all");
});

suite.test("a phone's screen has everything, and nothing beside it", async ({ server, open }) => {
  await server.post(recordsUntilNow("phone", 50, 1_000));
  const page = await open("/?service=phone", { width: 375, height: 740 });
  await seen(page, "message 49");
  const widths = () => page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.deepEqual(await widths(), [375, 375]);
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("button", { name: "Exclude phone" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".row").last().click();
  await page.getByRole("button", { name: "Copy as JSON" }).waitFor();
  assert.deepEqual(await widths(), [375, 375]);
});
