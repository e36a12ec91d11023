import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { CuttingProxy } from "./_cutting_proxy.ts";
import { PageSuite, recordsUntilNow, total } from "./_page.ts";

const suite = new PageSuite();

async function exported(
  page: Page,
  format: "NDJSON" | "CSV",
): Promise<[name: string, text: string]> {
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const started = page.waitForEvent("download");
  await page.getByRole("button", { name: format }).click();
  const download = await started;
  assert.equal(await download.failure(), null);
  const text = await Deno.readTextFile((await download.path())!);
  await page.getByText("Your browser is saving the records").waitFor();
  return [download.suggestedFilename(), text];
}

suite.test("an export holds exactly what matches, as NDJSON and as CSV", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("exported", 1_500, 100, (i) => ({
    severity: i % 2 === 0 ? "ERROR" : "INFO",
  })));
  const page = await open("/?service=exported&severity=ERROR&range=1h");
  await total(page, "750 records");
  const [name, text] = await exported(page, "NDJSON");
  assert.match(name, /^logs-.*\.ndjson$/);
  const records = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(records.length, 750);
  assert.deepEqual(records[0].message, "message 0");
  assert.ok(records.every(({ severity }) => severity === "ERROR"));
  const [csvName, csv] = await exported(page, "CSV");
  assert.match(csvName, /^logs-.*\.csv$/);
  assert.equal(csv.trimEnd().split("\n").length, 751);
});

suite.test("an export that breaks off leaves no file that looks whole", async (test) => {
  const { server, open } = test;
  const message = "x".repeat(5_000);
  await server.post(recordsUntilNow("broken-export", 1_000, 100, () => ({ message })));
  await using proxy = new CuttingProxy(server.port, 300_000);
  const page = await open("/?service=broken-export", { url: proxy.url });
  await total(page, "1,000 records");
  const started = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await page.getByRole("button", { name: "NDJSON" }).click();
  const download = await started;
  assert.notEqual(await download.failure(), null);
});

suite.test("an export that cannot begin says why", async ({ server, open }) => {
  await server.post(recordsUntilNow("no-export", 3, 100));
  const page = await open("/?service=no-export");
  await total(page, "3 records");
  await page.route(
    "**/logs?*limit=1",
    (route) => route.fulfill({ status: 503, json: { error: "The server has too much to do" } }),
  );
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await page.getByRole("button", { name: "CSV" }).click();
  await page.getByText("The export cannot begin: The server has too much to do").waitFor();
});
