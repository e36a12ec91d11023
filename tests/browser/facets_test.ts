import assert from "node:assert/strict";
import { until } from "../_server.ts";
import { messages, PageSuite, paramsOf, recordsUntilNow, total } from "./_page.ts";

const suite = new PageSuite();

suite.test("a click on a facet includes, alt-click excludes, again takes it away", async (test) => {
  const { server, open } = test;
  await server.post([
    ...recordsUntilNow("facet-a", 5, 1_000, () => ({ message: "alpha" })),
    ...recordsUntilNow("facet-b", 4, 1_000, () => ({ message: "beta" })),
    ...recordsUntilNow("facet-c", 3, 1_000, () => ({ message: "gamma" })),
  ]);
  const page = await open("/");
  await total(page, "12 records");
  const facet = (name: string) => page.locator(".include", { hasText: name });
  assert.match((await facet("facet-a").textContent())!, /5$/);
  await facet("facet-a").click();
  await total(page, "5 records");
  // The field's own filter does not hide the other values.
  await facet("facet-b").click();
  await total(page, "9 records");
  assert.deepEqual(paramsOf(page).getAll("service"), ["facet-a", "facet-b"]);
  await facet("facet-a").click();
  await facet("facet-b").click();
  await total(page, "12 records");
  await facet("facet-c").click({ modifiers: ["Alt"] });
  await total(page, "9 records");
  assert.deepEqual(paramsOf(page).getAll("not_service"), ["facet-c"]);
  assert.ok(!(await messages(page)).includes("gamma"));
  await page.getByRole("button", { name: "service ≠ facet-c" }).click();
  await total(page, "12 records");
  await page.getByRole("button", { name: "Exclude facet-a" }).focus();
  await page.keyboard.press("Enter");
  await total(page, "7 records");
});

suite.test("the commonest attributes are facets too", async ({ server, open }) => {
  await server.post(recordsUntilNow("facet-attr", 9, 1_000, (i) => ({
    attributes: { region: i < 6 ? "eu-west" : "us-east", http: { status: 200 } },
  })));
  const page = await open("/?service=facet-attr");
  await page.getByRole("button", { name: "region" }).click();
  await page.locator(".include", { hasText: "us-east" }).click();
  await total(page, "3 records");
  assert.equal(paramsOf(page).get("attr.region"), "us-east");
  await page.locator(".include", { hasText: "us-east" }).click({ modifiers: ["Alt"] });
  await total(page, "6 records");
  assert.equal(paramsOf(page).get("not_attr.region"), "us-east");
});

suite.test("the least severity limits what is shown", async ({ server, open }) => {
  await server.post(recordsUntilNow("least", 6, 1_000, (i) => ({
    severity: ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"][i],
  })));
  const page = await open("/?service=least");
  await total(page, "6 records");
  await page.getByLabel("Least severity").selectOption("WARNING");
  await total(page, "3 records");
  assert.equal(paramsOf(page).get("min_severity"), "WARNING");
});

suite.test("values beyond the commonest are a click away", async ({ server, open }) => {
  await server.post(recordsUntilNow("facet-many", 45, 1_000, (i) => ({
    attributes: { shard: `shard-${String(i % 20).padStart(2, "0")}` },
  })));
  const page = await open("/?service=facet-many");
  await page.getByRole("button", { name: "shard 45" }).click();
  const rare = page.locator(".include", { hasText: "shard-19" });
  await page.getByText("16 with other values").waitFor();
  assert.equal(await rare.count(), 0);
  await page.getByRole("button", { name: "more", exact: true }).click();
  await rare.click();
  await total(page, "2 records");
  await page.getByRole("button", { name: "fewer", exact: true }).click();
  // What is chosen stays in sight.
  await page.getByText("with other values").waitFor();
  assert.equal(await rare.count(), 1);
});

suite.test("values stay where they are while others are chosen and counted anew", async (test) => {
  const { server, open } = test;
  const send = (count: number, zone: string) =>
    server.post(recordsUntilNow("facet-order", count, 100, () => ({ attributes: { zone } })));
  await send(6, "east");
  await send(4, "west");
  await send(2, "north");
  const page = await open("/?service=facet-order");
  await page.getByRole("button", { name: "zone 12" }).click();
  const names = () => page.locator(".facet.attribute .value .name").allTextContents();
  await until("the values", async () => (await names()).length === 3);
  assert.deepEqual(await names(), ["east", "west", "north"]);
  await send(9, "north");
  await page.keyboard.press("r");
  await page.locator(".include", { hasText: "north" }).locator("em", { hasText: "11" }).waitFor();
  assert.deepEqual(await names(), ["east", "west", "north"]);
  // Another search is a new look.
  await page.locator("#search").fill("message");
  await page.keyboard.press("Enter");
  await until("another order", async () => (await names())[0] === "north");
});
