import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { until } from "../_server.ts";
import { messages, PageSuite, paramsOf, recordAgo, recordsUntilNow, seen, total } from "./_page.ts";

const suite = new PageSuite();

function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

suite.test("an open row shows every field and gives it away", async ({ server, open }) => {
  const trace = "0af7651916cd43dd8448eb211c80319c";
  const [id] = await server.post([recordAgo(1_000, {
    service: "opened",
    message: "line one\nline two",
    attributes: { user: "alice", nested: { a: [1, 2] }, empty: "" },
    trace_id: trace,
    span_id: "b7ad6b7169203331",
  })]);
  const page = await open("/?service=opened");
  await page.locator(".row", { hasText: "line one" }).click();
  assert.equal(paramsOf(page).get("open"), String(id));
  const fields = await page.locator(".field dt").allTextContents();
  for (const name of ["time", "severity", "service", "user", "nested", "empty", "trace_id", "id"]) {
    assert.ok(fields.includes(name), name);
  }
  await page.getByRole("button", { name: "Copy message" }).click();
  assert.equal(await clipboard(page), "line one\nline two");
  await page.getByText("Message copied").waitFor();
  await page.getByRole("button", { name: "Copy as JSON" }).click();
  assert.deepEqual(JSON.parse(await clipboard(page)), await server.get(`/logs/${id}`));
  await page.getByRole("button", { name: "Copy trace_id" }).click();
  assert.equal(await clipboard(page), trace);
});

suite.test("a copied link shows the same to a colleague, later too", async (test) => {
  const { server, open, tab } = test;
  await server.post(recordsUntilNow("linked", 10, 1_000));
  const page = await open("/?service=linked&range=5m");
  await page.locator(".row", { hasText: "message 4" }).click();
  await page.getByRole("button", { name: "Copy link" }).click();
  const link = new URL(await clipboard(page));
  assert.ok(link.searchParams.has("timestamp_start"), "fixed times, not the last five minutes");
  const other = await tab(page, link.pathname + link.search);
  await other.locator(".whole-message", { hasText: "message 4" }).waitFor();
  await total(other, "10 records");
});

suite.test("any value is filtered for or out from the open row", async ({ server, open }) => {
  await server.post(recordsUntilNow("by-value", 8, 1_000, (i) => ({
    attributes: { code: i % 4 },
  })));
  const page = await open("/?service=by-value");
  await page.locator(".row", { hasText: "message 7" }).click();
  await page.getByRole("button", { name: "Filter for this code" }).click();
  await total(page, "2 records");
  assert.equal(paramsOf(page).get("attr.code"), "3");
  await page.getByRole("button", { name: "Filter out this code" }).click();
  await total(page, "6 records");
  assert.equal(paramsOf(page).get("not_attr.code"), "3");
});

suite.test("around this: the same service before and after, filters cleared", async (test) => {
  const { server, open } = test;
  await server.post([
    ...recordsUntilNow("around", 500, 1_000),
    ...recordsUntilNow("elsewhere", 20, 20_000, () => ({ message: "other" })),
  ]);
  const page = await open('/?service=around&q="message+250"');
  await page.locator(".row", { hasText: "message 250" }).click();
  await page.getByRole("button", { name: "Around this" }).click();
  await until("the neighbours", async () => {
    const shown = await messages(page);
    return shown.includes("message 249") && shown.includes("message 251");
  });
  assert.ok(!(await messages(page)).includes("other"));
  assert.equal(paramsOf(page).has("q"), false);
  const rows = page.locator(".rows");
  await until("the service's first record", async () => {
    await rows.evaluate((element) => element.scrollTop = 0);
    return (await messages(page)).includes("message 0");
  });
  await page.goBack();
  await until("the search again", async () => (await messages(page)).length === 1);
});

suite.test("what a link names is shown although the list does not have it", async (test) => {
  const { server, open } = test;
  const [id] = await server.post([
    recordAgo(40 * 86_400_000, { service: "apart", message: "far away" }),
  ]);
  const page = await open(`/?range=5m&open=${id}`);
  await page.locator(".whole-message", { hasText: "far away" }).waitFor();
  await page.keyboard.press("Escape");
  await until("closed", async () => await page.locator(".detail").count() === 0);
  const none = await open("/?range=5m&open=999999999");
  await none.getByText("There is no record with id 999999999").waitFor();
});

suite.test("the open record follows j and k", async ({ server, open }) => {
  await server.post(recordsUntilNow("followed", 20, 1_000));
  const page = await open("/?service=followed");
  await page.locator(".row", { hasText: "message 10" }).click();
  await page.keyboard.press("k");
  await page.locator(".whole-message", { hasText: "message 9" }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.locator(".whole-message", { hasText: "message 11" }).waitFor();
  await seen(page, "message 11");
});
