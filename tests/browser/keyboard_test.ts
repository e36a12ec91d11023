import assert from "node:assert/strict";
import { until } from "../_server.ts";
import { PageSuite, paramsOf, recordsUntilNow, seen, total } from "./_page.ts";

const suite = new PageSuite();

suite.test("everything can be done with the keyboard alone", async ({ server, open }) => {
  await server.post(recordsUntilNow("keys", 60, 1_000));
  const page = await open("/?service=keys");
  await seen(page, "message 59");
  const { keyboard } = page;
  await keyboard.press("/");
  await keyboard.type("message");
  await keyboard.press("Enter");
  await until("the search", () => paramsOf(page).get("q") === "message");
  await total(page, "60 records");
  await keyboard.press("k");
  await keyboard.press("k");
  const active = page.locator(".row.active .text");
  assert.equal(await active.textContent(), "message 58");
  await keyboard.press("j");
  assert.equal(await active.textContent(), "message 59");
  await keyboard.press("Enter");
  await page.locator(".whole-message", { hasText: "message 59" }).waitFor();
  await keyboard.press("Escape");
  await until("closed", async () => await page.locator(".detail").count() === 0);
  await keyboard.press("g");
  await until("the first", async () => await active.textContent() === "message 0");
  await keyboard.press("t");
  await page.getByRole("dialog", { name: "Time range" }).waitFor();
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await until("another range", () => paramsOf(page).get("range") === "7d");
  await keyboard.press("l");
  await until("live", () => paramsOf(page).get("live") === "1");
  await keyboard.press("l");
  await until("not live", () => !paramsOf(page).has("live"));
  await keyboard.press("o");
  await page.getByRole("heading", { name: "Storage" }).waitFor();
  await keyboard.press("Escape");
  await keyboard.press("?");
  await page.getByRole("heading", { name: "Keys and searching" }).waitFor();
  await keyboard.press("Escape");
  await until("no help", async () => await page.locator("dialog").count() === 0);
});

suite.test("Escape in the search line gives the keyboard back to the rows", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("escape", 5, 1_000));
  const page = await open("/?service=escape");
  await seen(page, "message 4");
  await page.keyboard.press("/");
  await page.keyboard.type("jk");
  assert.equal(await page.locator("#search").inputValue(), "jk");
  await page.keyboard.press("Escape");
  await page.keyboard.press("k");
  assert.equal(await page.locator(".row.active").count(), 1);
});

suite.test("f goes to the filters, arrows through them, Enter chooses", async ({ server, open }) => {
  await server.post(recordsUntilNow("key-facets", 6, 1_000, (i) => ({
    severity: i < 2 ? "ERROR" : "INFO",
  })));
  for (const width of [1_280, 700, 375]) {
    const page = await open("/?service=key-facets", { width });
    await total(page, "6 records");
    await page.locator(".value.INFO").waitFor({ state: "attached" });
    await page.keyboard.press("f");
    await page.locator(".value.ERROR .include:focus").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.locator(".value.INFO .include:focus").waitFor();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await total(page, "2 records");
    assert.equal(paramsOf(page).get("severity"), "ERROR");
  }
});
