import assert from "node:assert/strict";
import { PageSuite, paramsOf, recordAgo, recordsUntilNow, total } from "./_page.ts";

const suite = new PageSuite();

suite.test("the overview shows every service, and one that went quiet stands out", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("talkative", 120, 10_000, (i) => ({
    severity: i % 10 === 0 ? "ERROR" : "INFO",
  })));
  await server.post(
    Array.from(
      { length: 60 },
      (_, i) => recordAgo(1_200_000 + i * 10_000, { service: "gone-quiet", message: `beat ${i}` }),
    ),
  );
  const page = await open("/?view=overview&range=1h");
  const quiet = page.locator("tr.quiet");
  await quiet.waitFor();
  assert.equal(await quiet.count(), 1);
  assert.match((await quiet.textContent())!, /gone-quiet.*quiet for 20 min/);
  const row = page.locator("tr", { hasText: "talkative" });
  assert.match((await row.textContent())!, /120.*12.*10 %/);
  assert.equal(await row.locator("polyline").count(), 1);
  await row.getByRole("button", { name: "12", exact: true }).click();
  await total(page, "12 records");
  assert.equal(paramsOf(page).get("min_severity"), "ERROR");
});

suite.test("the overview tells about the storage", async ({ server, open }) => {
  await server.post(recordsUntilNow("stored", 3, 1_000));
  const page = await open("/?view=overview");
  const figures = page.locator(".figures");
  await figures.waitFor();
  const text = (await figures.textContent())!;
  assert.match(text, /Records\d+/);
  assert.match(text, /On disk[\d.]+ [KM]iB/);
  assert.match(text, /Disk left[\d.]+ [MGT]iB/);
  assert.match(text, /Retentionfor ever/);
});

suite.test("a disk that is nearly full, and a server that takes nothing, stand out", async (test) => {
  const page = await test.open("/?view=overview", { token: null });
  await page.route("**/metrics", (route) =>
    route.fulfill({
      body:
        "sentinel_ready 0\nsentinel_disk_free_bytes 5000000\nsentinel_retention_seconds 2592000\n",
    }));
  await page.getByLabel("Token").fill("simulator-token-000");
  await page.keyboard.press("Enter");
  await page.locator(".figures .wrong", { hasText: "4.8 MiB" }).waitFor();
  await page.locator(".figures", { hasText: "Retention30 d" }).waitFor();
  await page.getByText("The server takes no records just now.").waitFor();
});
