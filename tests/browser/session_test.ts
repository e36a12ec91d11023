import assert from "node:assert/strict";
import { until } from "../_server.ts";
import { PageSuite, recordAgo, recordsUntilNow, seen } from "./_page.ts";

const suite = new PageSuite();

async function tokenWith(
  call: (
    path: string,
    request: { json: unknown },
  ) => Promise<{ status: number; body: { token: string } }>,
  name: string,
  rights: Record<string, unknown>,
): Promise<string> {
  const json = { name, write: [], read: false, delete: false, admin: false, ...rights };
  const { status, body } = await call("/tokens", { json });
  assert.equal(status, 201);
  return body.token;
}

suite.test("signing in asks for a token, refuses an unknown one, and keeps none", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("entered", 3, 1_000));
  const page = await open("/?service=entered", { token: null });
  await page.getByLabel("Token").fill("no-such-token");
  await page.keyboard.press("Enter");
  await page.getByText("This token is unknown").waitFor();
  await page.getByLabel("Token").fill("simulator-token-000");
  await page.keyboard.press("Enter");
  await seen(page, "message 2");
  const kept = await page.evaluate(() =>
    JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }])
  );
  assert.ok(!kept.includes("simulator-token-000"));
  assert.equal(await page.evaluate(() => document.cookie), "", "no script sees the cookie");
  const cookies = await page.context().cookies();
  assert.ok(cookies.length > 0);
  for (const { httpOnly, sameSite } of cookies) {
    assert.deepEqual({ httpOnly, sameSite }, { httpOnly: true, sameSite: "Strict" });
  }
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByText("This token may do everything").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").waitFor();
  assert.equal(await page.locator(".row").count(), 0);
  await page.reload();
  await page.getByLabel("Token").waitFor();
});

suite.test("what a token may not do is not offered", async ({ server, open }) => {
  const call = server.call.bind(server);
  const reader = await tokenWith(call, "reader", { read: true });
  const deleter = await tokenWith(call, "deleter", { read: true, delete: true });
  const page = await open("/", { token: reader });
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByText("This token may read.").waitFor();
  assert.equal(await page.getByText("Delete old records").count(), 0);
  const other = await open("/", { token: deleter });
  await other.getByRole("button", { name: "Account" }).click();
  await other.getByText("Delete old records").waitFor();
});

suite.test("a token that may only write is told so", async ({ server, open }) => {
  const writer = await tokenWith(server.call.bind(server), "writer", { write: ["only-writes"] });
  const page = await open("/", { token: writer });
  await page.getByRole("heading", { name: "This token may not read" }).waitFor();
});

suite.test("deleting says first how many records that is", async ({ server, open }) => {
  await server.post([
    recordAgo(9 * 86_400_000, { service: "old-records", message: "goes" }),
    recordAgo(1_000, { service: "old-records", message: "stays" }),
  ]);
  const page = await open("/?service=old-records&range=30d");
  await seen(page, "goes");
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByText("Delete old records").click();
  const day = new Date(Date.now() - 5 * 86_400_000).toISOString().slice(0, 19);
  await page.getByLabel("Everything before").fill(day);
  await page.getByLabel("of the service").fill("old-records");
  await page.getByRole("button", { name: "Count them" }).click();
  await page.getByRole("button", { name: "Delete 1 record" }).click();
  await page.getByText("1 log(s) deleted").waitFor();
  await until("one row", async () => await page.locator(".row").count() === 1);
  await seen(page, "stays");
});

suite.test("a session that ends shows the form, and goes on after it", async (test) => {
  const { server, open } = test;
  await server.post(recordsUntilNow("ended", 3, 1_000));
  const page = await open("/?service=ended");
  await seen(page, "message 2");
  await page.context().clearCookies();
  await page.keyboard.press("r");
  await page.getByLabel("Token").fill("simulator-token-000");
  await page.keyboard.press("Enter");
  await seen(page, "message 2");
});
