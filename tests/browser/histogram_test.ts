import assert from "node:assert/strict";
import { until } from "../_server.ts";
import { PageSuite, paramsOf, recordsUntilNow, total } from "./_page.ts";

const suite = new PageSuite();

suite.test("dragging over the histogram zooms, and back undoes it", async ({ server, open }) => {
  await server.post(recordsUntilNow("zoomed", 600, 5_000, (i) => ({
    severity: i % 10 === 0 ? "ERROR" : "INFO",
  })));
  const page = await open("/?service=zoomed&range=1h");
  await total(page, "600 records");
  const plot = await page.locator(".histogram .u-over").boundingBox();
  assert.ok(plot !== null);
  const y = plot.y + plot.height / 2;
  await page.mouse.move(plot.x + plot.width * 0.5, y);
  await page.mouse.down();
  await page.mouse.move(plot.x + plot.width * 0.6, y, { steps: 4 });
  await page.mouse.move(plot.x + plot.width * 0.75, y, { steps: 4 });
  await page.mouse.up();
  await until("the zoom", () => paramsOf(page).has("timestamp_start"));
  const [start, end] = ["timestamp_start", "timestamp_end"].map((name) =>
    Date.parse(paramsOf(page).get(name)!)
  );
  assert.ok(Math.abs((end! - start!) / 60_000 - 15) < 1, "a quarter of an hour");
  await until("fewer records", async () => {
    const text = await page.locator(".total").textContent();
    return /^1[789]\d records$/.test(text ?? "");
  });
  const counted = await server.get(`/histogram?service=zoomed&${paramsOf(page)}`);
  assert.ok(counted.buckets.length > 0);
  await page.goBack();
  await total(page, "600 records");
  await page.goForward();
  await until("the zoom again", () => paramsOf(page).has("timestamp_start"));
  await page.locator(".row").last().click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Undo zoom" }).click();
  await total(page, "600 records");
  assert.equal(paramsOf(page).get("range"), "1h");
  assert.equal(await page.getByRole("button", { name: "Undo zoom" }).count(), 0);
});

suite.test("a click on the histogram goes to that time", async ({ server, open }) => {
  await server.post(recordsUntilNow("clicked", 3_000, 1_000));
  const page = await open("/?service=clicked&range=1h");
  await total(page, "3,000 records");
  const plot = await page.locator(".histogram .u-over").boundingBox();
  await page.mouse.click(plot!.x + plot!.width / 2, plot!.y + 20);
  await until("rows of half an hour ago", async () => {
    const titles = await page.locator(".row .time").evaluateAll((times) =>
      times.map((time) => time.getAttribute("title"))
    );
    return titles.some((title) => Math.abs(Date.now() - Date.parse(title!) - 1_800_000) < 20_000);
  });
});

suite.test("the histogram tells what a bar holds, and a screen reader the sum", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("told", 20, 100, () => ({ severity: "ERROR" })));
  const page = await open("/?service=told&range=5m");
  await total(page, "20 records");
  const label = await page.locator(".chart").getAttribute("aria-label");
  assert.match(label!, /^20 records, 20 errors; most at /);
  const plot = await page.locator(".histogram .u-over").boundingBox();
  await until("the tooltip", async () => {
    // From now back: opening the page took some of the seconds that the last bars show.
    for (let px = 1; px < 160; px += 2) {
      await page.mouse.move(plot!.x + plot!.width - px, plot!.y + 30);
      const text = await page.locator(".tooltip").textContent();
      if (text?.includes("ERROR")) return true;
    }
    return false;
  });
});
