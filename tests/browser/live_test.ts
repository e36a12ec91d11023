import assert from "node:assert/strict";
import { until } from "../_server.ts";
import { messages, PageSuite, recordAgo, recordsUntilNow, seen } from "./_page.ts";

const suite = new PageSuite();

function oneMore(service: string, message: string) {
  return [recordAgo(0, { service, message })];
}

suite.test("live shows a record as it comes, at the end", async ({ server, open }) => {
  await server.post(recordsUntilNow("tail-end", 100, 100));
  const page = await open("/?service=tail-end&range=1h&live=1");
  await seen(page, "message 99");
  await page.locator(".live.following").waitFor();
  await server.post(oneMore("tail-end", "newest"));
  await seen(page, "newest");
  await server.post(oneMore("tail-elsewhere", "not here"));
  await server.post(oneMore("tail-end", "last"));
  await seen(page, "last");
  const shown = await messages(page);
  assert.deepEqual(shown.slice(-2), ["newest", "last"]);
  assert.ok(!shown.includes("not here"));
});

suite.test("what comes together is shown in the order in which it happened", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("tail-order", 5, 100));
  const page = await open("/?service=tail-order&range=1h&live=1");
  await page.locator(".live.following").waitFor();
  await server.post(
    [3, 1, 2].map((n) =>
      recordAgo(1_000 - n * 100, { service: "tail-order", message: `step ${n}` })
    ),
  );
  await seen(page, "step 3");
  assert.deepEqual((await messages(page)).slice(-3), ["step 1", "step 2", "step 3"]);
});

suite.test("scrolling up pauses, moves nothing, and says how many wait", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("tail-scroll", 200, 100));
  const page = await open("/?service=tail-scroll&range=1h&live=1");
  await seen(page, "message 199");
  await page.locator(".live.following").waitFor();
  const list = page.locator(".rows");
  await list.hover();
  await page.mouse.wheel(0, -900);
  await page.locator(".live.paused").waitFor();
  const row = page.locator(".row", { hasText: "message 150" });
  await row.waitFor();
  const before = await row.boundingBox();
  for (let i = 0; i < 30; i++) await server.post(oneMore("tail-scroll", `waits ${i}`));
  await page.locator(".pill", { hasText: "30 new records waiting" }).waitFor();
  assert.deepEqual(await row.boundingBox(), before);
  await page.locator(".pill").click();
  await seen(page, "waits 29");
  await page.locator(".live.following").waitFor();
  assert.deepEqual((await messages(page)).slice(-2), ["waits 28", "waits 29"]);
});

suite.test("selecting text pauses; letting go follows again", async ({ server, open }) => {
  await server.post(recordsUntilNow("tail-select", 60, 100));
  const page = await open("/?service=tail-select&range=1h&live=1");
  await page.locator(".live.following").waitFor();
  const row = page.locator(".row", { hasText: "message 55" });
  await row.locator(".text").selectText();
  await page.locator(".live.paused").waitFor();
  const before = await row.boundingBox();
  await server.post(oneMore("tail-select", "came meanwhile"));
  await page.locator(".pill", { hasText: "1 new record waiting" }).waitFor();
  assert.deepEqual(await row.boundingBox(), before);
  assert.equal(await page.evaluate(() => getSelection()!.toString()), "message 55");
  await page.evaluate(() => getSelection()!.removeAllRanges());
  await seen(page, "came meanwhile");
});

suite.test("an open row pauses, and stays what it is", async ({ server, open }) => {
  await server.post(recordsUntilNow("tail-open", 60, 100));
  const page = await open("/?service=tail-open&range=1h&live=1");
  await page.locator(".live.following").waitFor();
  const row = page.locator(".row", { hasText: "message 55" });
  await row.click();
  const before = await row.boundingBox();
  await server.post(oneMore("tail-open", "came meanwhile"));
  await page.locator(".pill", { hasText: "1 new record waiting" }).waitFor();
  assert.deepEqual(await row.boundingBox(), before);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await seen(page, "came meanwhile");
});

suite.test("after a restart of the server nothing is missed or shown twice", async (test) => {
  const { server, open, restart } = test;
  await server.post(recordsUntilNow("tail-restart", 5, 100));
  const page = await open("/?service=tail-restart&range=1h&live=1");
  await page.locator(".live.following").waitFor();
  await server.post(oneMore("tail-restart", "before the restart"));
  await seen(page, "before the restart");
  const restarted = await restart(() => page.locator(".pill.broken").waitFor());
  await restarted.post(oneMore("tail-restart", "after the restart"));
  await seen(page, "after the restart");
  assert.deepEqual(await messages(page), [
    ...Array.from({ length: 5 }, (_, i) => `message ${i}`),
    "before the restart",
    "after the restart",
  ]);
});

suite.test("turning live off leaves what is read where it is", async ({ server, open }) => {
  await server.post(recordsUntilNow("tail-off", 100, 100));
  const page = await open("/?service=tail-off&range=1h&live=1");
  await page.locator(".live.following").waitFor();
  await page.locator(".rows").hover();
  await page.mouse.wheel(0, -500);
  await page.locator(".live.paused").waitFor();
  await server.post(oneMore("tail-off", "waiting"));
  await page.locator(".pill", { hasText: "1 new record" }).waitFor();
  const before = await messages(page);
  await page.keyboard.press("l");
  await page.locator('.live[aria-pressed="false"]').waitFor();
  assert.deepEqual(await messages(page), before);
});

suite.test("a thousand records a second cost no frame, and memory stays bounded", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("tail-fast", 10, 100));
  const page = await open("/?service=tail-fast&range=5m&live=1");
  await page.locator(".live.following").waitFor();
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: "longtask" });
  });
  const devTools = await page.context().newCDPSession(page);
  const heapBytes = async () => {
    await devTools.send("HeapProfiler.collectGarbage");
    return (await devTools.send("Runtime.getHeapUsage")).usedSize;
  };
  const end = performance.now() + 12_000;
  let sent = 0;
  let early = 0;
  for (let next = performance.now(); performance.now() < end; next += 100) {
    await server.post(
      Array.from(
        { length: 100 },
        () => recordAgo(0, { service: "tail-fast", message: `n ${sent++}` }),
      ),
    );
    // By then the list is full: from there on every record that comes lets another one go.
    if (early === 0 && sent >= 7_000) early = await heapBytes();
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, next + 100 - performance.now()))
    );
  }
  await seen(page, `n ${sent - 1}`);
  const late = await heapBytes();
  assert.ok(early > 0 && late < early * 1.2 + 1e6, `The heap grew from ${early} to ${late} bytes`);
  const rows = Number(await page.locator(".rows").getAttribute("aria-rowcount"));
  assert.ok(rows <= 5_400, `${rows} rows in the list of ${sent}`);
  const longTasks = await page.evaluate(() =>
    (globalThis as unknown as { longTasks: number[] }).longTasks
  );
  // On a machine that does nothing else there is none over 50 ms; tests share theirs.
  assert.ok(Math.max(0, ...longTasks) < 250, `Long tasks: ${longTasks}`);
  await until("a steady document", async () => await page.locator(".row").count() < 80);
});
