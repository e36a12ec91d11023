import axe from "axe-core";
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { PageSuite, recordsUntilNow, seen } from "./_page.ts";

const suite = new PageSuite();

/** What axe-core finds that keeps people from using the page. */
async function violations(page: Page): Promise<string[]> {
  const source = `${axe.source}; undefined`;
  // As a debugger does: the page's security policy allows no foreign script.
  await page.evaluate(source);
  const found: {
    id: string;
    impact: string;
    nodes: { target: unknown; failureSummary: string }[];
  }[] = await page.evaluate("axe.run().then(({ violations }) => violations)");
  return found.map(({ id, impact, nodes }) =>
    `${impact} ${id}: ${JSON.stringify(nodes[0]?.target)} ${nodes[0]?.failureSummary}`
  );
}

for (const dark of [false, true]) {
  const theme = dark ? "dark" : "light";
  suite.test(`axe finds nothing to complain about in the ${theme} theme`, async (test) => {
    const { server, open } = test;
    await server.post(recordsUntilNow(`axe-${theme}`, 60, 1_000, (i) => ({
      severity: ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"][i % 6],
      attributes: { user: `user-${i % 3}`, path: "/a" },
    })));
    const path = `/?service=axe-${theme}&range=1h&not_severity=TRACE&q=message`;
    const page = await open(path, { dark });
    await seen(page, "message 59");
    await page.locator(".facet.attribute").first().waitFor();
    assert.deepEqual(await violations(page), [], "rows");
    await page.locator(".row").last().click();
    await page.getByRole("button", { name: "Copy as JSON" }).waitFor();
    assert.deepEqual(await violations(page), [], "an open record");
    await page.keyboard.press("Escape");
    await page.keyboard.press("t");
    assert.deepEqual(await violations(page), [], "the time range");
    await page.keyboard.press("Escape");
    await page.keyboard.press("/");
    assert.deepEqual(await violations(page), [], "the search line");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    assert.deepEqual(await violations(page), [], "help");
    await page.keyboard.press("Escape");
    await page.keyboard.press("o");
    await page.locator(".figures").waitFor();
    assert.deepEqual(await violations(page), [], "the overview");
    const docs = await open("/docs", { dark });
    assert.deepEqual(await violations(docs), [], "the API's documentation");
    const form = await open("/", { dark, token: null });
    await form.getByLabel("Token").waitFor();
    assert.deepEqual(await violations(form), [], "signing in");
    const phone = await open(path, { dark, width: 375, height: 740 });
    await seen(phone, "message 59");
    assert.deepEqual(await violations(phone), [], "a phone");
  });
}
