import assert from "node:assert/strict";
import type { Page } from "playwright-core";
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
  const text = await Deno.readTextFile((await download.path())!);
  await page.keyboard.press("Escape");
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

suite.test("an export that breaks off is said to, and leaves no file", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("broken-export", 3, 100));
  const page = await open("/?service=broken-export");
  await total(page, "3 records");
  await page.route(
    "**/logs?*",
    (route) =>
      route.request().headers()["accept"]?.includes("ndjson")
        ? route.abort("connectionreset")
        : route.continue(),
  );
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await page.getByRole("button", { name: "NDJSON" }).click();
  await page.getByText("The export was not completed").waitFor();
});
