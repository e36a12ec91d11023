import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { say, until } from "../_server.ts";
import { RECORDS, storeMillion } from "./_million.ts";
import { PageSuite, paramsOf, total } from "./_page.ts";

const suite = new PageSuite();

/** The numbers of the records whose rows are laid out. */
async function numbersShown(page: Page): Promise<number[]> {
  const texts = await page.locator(".row .text").allTextContents();
  return texts.map((text) => Number(/^record (\d+) /.exec(text)?.[1]));
}

function isConsecutive(numbers: readonly number[]): boolean {
  return numbers.length > 20 && numbers.every((n, i) => i === 0 || n === numbers[i - 1]! + 1);
}

/** Jumps to a share of the scroll bar and waits for rows without a gap. */
async function jump(page: Page, share: number): Promise<number[]> {
  await page.locator(".rows").evaluate(async (element, share) => {
    element.scrollTop = share * (element.scrollHeight - element.clientHeight);
    // Until then the rows of before stand there.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }, share);
  return await until(`rows at ${share}`, async () => {
    const blank = await page.locator(".row.blank").count();
    const numbers = await numbersShown(page);
    return blank === 0 && isConsecutive(numbers) && numbers;
  });
}

suite.test("a million records: first rows at once, any row in reach", async ({ server, open }) => {
  await storeMillion(server);
  const warm = await open("/");
  await total(warm, "1,000,000 records");
  const page = await open("/");
  const firstRowsMs = await page.evaluate(() =>
    new Promise<number>((resolve) => {
      const look = () =>
        document.querySelector(".row .text") ? resolve(performance.now()) : setTimeout(look, 1);
      look();
    })
  );
  say(`First rows of a million after ${Math.round(firstRowsMs)} ms`);
  // 200 ms on a machine that does nothing else; tests share theirs.
  assert.ok(firstRowsMs < 1_500, `${firstRowsMs} ms`);
  await total(page, "1,000,000 records");
  assert.equal(await page.locator(".rows").getAttribute("aria-rowcount"), String(RECORDS));
  assert.equal((await numbersShown(page)).at(-1), RECORDS - 1);
  for (const share of [0.5, 0.1, 0.75, 0]) {
    const numbers = await jump(page, share);
    const off = Math.abs(numbers[0]! - share * RECORDS) / RECORDS;
    assert.ok(off < 0.02, `At ${share} there is record ${numbers[0]}`);
  }
  assert.equal((await numbersShown(page))[0], 0);
  await scrollThrough(page);
  const jumped = await jump(page, 1);
  assert.equal(jumped.at(-1), RECORDS - 1);
  assert.ok(await page.locator(".row").count() < 80);
});

/** Scrolls some thousand rows with the wheel: consecutive, and without a long task. */
async function scrollThrough(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: "longtask" });
  });
  await page.locator(".rows").hover();
  for (let i = 0; i < 60; i++) await page.mouse.wheel(0, 900);
  const numbers = await until("rows after scrolling", async () => {
    const numbers = await numbersShown(page);
    return isConsecutive(numbers) && await page.locator(".row.blank").count() === 0 && numbers;
  });
  assert.ok(numbers[0]! > 2_000 && numbers[0]! < 2_600, `Record ${numbers[0]}`);
  const longTasks = await page.evaluate(() =>
    (globalThis as unknown as { longTasks: number[] }).longTasks
  );
  say(`Long tasks while scrolling: ${JSON.stringify(longTasks.map(Math.round))}`);
  assert.ok(Math.max(0, ...longTasks) < 250, `Long tasks: ${longTasks}`);
}

suite.test("a million records: filters and zoom answer with exact counts", async ({ open }) => {
  const page = await open("/?severity=ERROR");
  await total(page, "166,666 records");
  await page.locator(".include", { hasText: "many-5" }).first().click();
  await until("the filter", () => paramsOf(page).get("service") === "many-5");
  await total(page, "16,667 records");
});
