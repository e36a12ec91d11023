import assert from "node:assert/strict";
import { jsonPost, recordAt, testApp } from "./_test_app.ts";

Deno.test("a token is made, shown once, used, listed without its text, and revoked", async () => {
  const { call } = await testApp();
  const body = {
    name: "new one/ö",
    write: ["auth"],
    read: true,
    expires_at: "2025-06-02T00:00:00Z",
  };
  const made = await call("/tokens", jsonPost(body));
  assert.equal(made.status, 201);
  const { token, ...shown } = await made.json();
  assert.match(token, /^sentinel_[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(shown, {
    name: "new one/ö",
    write: ["auth"],
    read: true,
    delete: false,
    admin: false,
    created_at: "2025-06-01T00:00:00.000Z",
    expires_at: "2025-06-02T00:00:00.000Z",
  });
  assert.equal((await call("/logs", jsonPost(recordAt(1)), token)).status, 201);
  const list = await (await call("/tokens")).text();
  assert.ok(!list.includes(token));
  assert.ok(JSON.parse(list).some((one: { name: string }) => one.name === "new one/ö"));
  const path = `/tokens/${encodeURIComponent("new one/ö")}`;
  assert.equal((await call(path, { method: "DELETE" })).status, 200);
  assert.equal((await call("/logs", {}, token)).status, 401);
  assert.equal((await call(path, { method: "DELETE" })).status, 404);
});

Deno.test("POST /tokens refuses what is no token, saying what", async () => {
  const { call } = await testApp();
  const cases: [number, unknown, RegExp][] = [
    [400, {}, /"name"/],
    [400, [], /the body/],
    [400, { name: "" }, /"name"/],
    [400, { name: "a\u0000" }, /control/],
    [400, { name: "a", write: "auth" }, /"write"/],
    [400, { name: "a", write: [""] }, /service/],
    [400, { name: "a", reed: true }, /reed/],
    [400, { name: "a", expires_at: "soon" }, /soon/],
    [400, { name: "a", expires_at: "2025-05-31T00:00:00Z" }, /time to come/],
    [409, { name: "reader" }, /"reader"/],
  ];
  for (const [status, body, sentence] of cases) {
    const response = await call("/tokens", jsonPost(body));
    const { error } = await response.json();
    assert.equal(response.status, status, `${JSON.stringify(body)}: ${error}`);
    assert.match(error, sentence);
  }
  const text = { method: "POST", body: "{}", headers: { "content-type": "text/plain" } };
  assert.equal((await call("/tokens", text)).status, 415);
  const bad = { ...text, body: "{", headers: { "content-type": "application/json" } };
  assert.equal((await call("/tokens", bad)).status, 400);
});
