import assert from "node:assert/strict";
import { jsonPost, type TestApp, testApp } from "./_test_app.ts";
import { SIGN_IN_FAILURES_MAX, SIGN_IN_WINDOW_MS } from "./limits.ts";
import { SESSION_COOKIE } from "./session_cookie.ts";

const OWN = { "x-sentinel-request": "1" };
const MINUTE_MS = 60_000;

function signIn(test: TestApp, token: string, headers: Record<string, string> = {}) {
  return test.call("/session", jsonPost({ token }, headers), null);
}

/** What a browser would send back. */
async function cookieOf(test: TestApp, token: string): Promise<string> {
  const response = await signIn(test, token);
  assert.equal(response.status, 204, await response.text());
  return response.headers.get("set-cookie")!.replace(/;.*/, "");
}

/** A request that only a cookie vouches for. */
async function withCookie(
  test: TestApp,
  cookie: string,
  path: string,
  { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {},
) {
  const response = await test.call(path, { ...init, headers: { cookie, ...headers } }, null);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

Deno.test("signing in sets a cookie that scripts and other sites cannot use, Secure where TLS is spoken", async () => {
  const test = await testApp();
  const response = await signIn(test, " reader\n");
  assert.equal(response.status, 204);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const cookie = response.headers.get("set-cookie")!;
  assert.match(
    cookie,
    /^sentinel_session=[\w-]{80,500}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
  );
  assert.ok(!cookie.includes("reader"));
  const proxied = await signIn(test, "reader", { "x-forwarded-proto": "https" });
  assert.match(proxied.headers.get("set-cookie")!, /; Secure$/);
});

Deno.test("GET /session says whose session or token it is, and what that may do", async () => {
  const test = await testApp();
  const rights = { write: [] as string[] | "*", read: false, delete: false, admin: false };
  const cases: [string, object][] = [
    ["reader", { ...rights, read: true }],
    ["auth", { ...rights, write: ["auth"], read: true }],
    ["all", { write: "*", read: true, delete: true, admin: true }],
    ["nothing", rights],
  ];
  for (const [token, expected] of cases) {
    const { text } = await withCookie(test, await cookieOf(test, token), "/session");
    assert.deepEqual(JSON.parse(text), { name: token, ...expected });
    assert.equal(await (await test.call("/session", {}, token)).text(), text);
  }
  for (const cookie of ["", `${SESSION_COOKIE}=`, `${SESSION_COOKIE}=AQAA`, "other=1"]) {
    assert.equal((await withCookie(test, cookie, "/session")).status, 401, cookie);
  }
});

Deno.test("a session may do on every route what its token may, and no more", async () => {
  const test = await testApp();
  const reader = await cookieOf(test, "reader");
  const others = `a=b; ${reader}; x_${SESSION_COOKIE}=y`;
  for (const path of ["/logs", "/stats", "/metrics"]) {
    assert.equal((await withCookie(test, others, path)).status, 200, path);
  }
  assert.equal((await withCookie(test, reader, "/logs", { method: "HEAD" })).status, 200);
  assert.equal((await withCookie(test, reader, "/tokens")).status, 403);
  const post = jsonPost([], OWN) as { headers: Record<string, string> };
  assert.equal((await withCookie(test, reader, "/logs", post)).status, 403);
  assert.equal((await withCookie(test, await cookieOf(test, "all"), "/logs", post)).status, 201);
});

Deno.test("an Authorization header counts, and not the cookie beside it", async () => {
  const test = await testApp();
  const cookie = await cookieOf(test, "all");
  assert.equal((await test.call("/logs", { headers: { cookie } }, "unknown")).status, 401);
  const response = await test.call("/session", { headers: { cookie } }, "reader");
  assert.equal((await response.json()).name, "reader");
  assert.equal(
    (await test.call("/logs", { ...jsonPost([], { cookie }) }, "all")).status,
    201,
  );
});

Deno.test("a change that only a cookie vouches for needs the page's header and, if told, its origin", async () => {
  const test = await testApp();
  const cookie = await cookieOf(test, "all");
  const changes: [string, string][] = [
    ["POST", "/logs"],
    ["DELETE", "/logs?before=2020-01-01T00:00:00Z"],
    ["POST", "/tokens"],
    ["DELETE", "/tokens/nobody"],
    ["DELETE", "/session"],
  ];
  const forged: [Record<string, string>, RegExp][] = [
    [{}, /needs the header X-Sentinel-Request: 1$/],
    [{ "x-sentinel-request": "0" }, /needs the header/],
    [{ origin: "http://localhost", host: "localhost" }, /needs the header/],
    [{ ...OWN, host: "localhost:5000", origin: "https://evil.example" }, /another site/],
    [{ ...OWN, host: "localhost:5000", origin: "http://localhost:5001" }, /another site/],
    [{ ...OWN, host: "localhost:5000", origin: "null" }, /another site/],
    [{ ...OWN, host: "x", origin: "file://x" }, /another site/],
  ];
  for (const [method, path] of changes) {
    for (const [headers, message] of forged) {
      const { status, text } = await withCookie(test, cookie, path, { method, headers });
      assert.equal(status, 403, `${method} ${path} ${JSON.stringify(headers)}`);
      assert.match(JSON.parse(text).error, message);
    }
  }
  const own: Record<string, string>[] = [
    OWN,
    { ...OWN, host: "localhost:5000", origin: "http://localhost:5000" },
    { ...OWN, host: "logs.example:443", origin: "https://logs.example" },
    {
      ...OWN,
      host: "127.0.0.1:80",
      "x-forwarded-host": "logs.example",
      origin: "https://logs.example",
    },
  ];
  for (const headers of own) {
    const { status } = await withCookie(test, cookie, changes[1]![1], {
      method: "DELETE",
      headers,
    });
    assert.equal(status, 200, JSON.stringify(headers));
  }
  assert.equal((await withCookie(test, cookie, "/session")).status, 200);
});

Deno.test("another site's page cannot sign anybody in", async () => {
  const test = await testApp();
  const headers = { origin: "https://evil.example", host: "localhost" };
  assert.equal((await signIn(test, "all", headers)).status, 403);
  assert.equal(
    (await signIn(test, "all", { origin: "http://localhost", host: "localhost" })).status,
    204,
  );
  const form = {
    method: "POST",
    body: '{"token":"all"}',
    headers: { "content-type": "text/plain" },
  };
  assert.equal((await test.call("/session", form, null)).status, 415);
});

Deno.test("signing out clears the cookie and ends the session; without one it is no error", async () => {
  const test = await testApp();
  const cookie = await cookieOf(test, "reader");
  const out = await withCookie(test, cookie, "/session", { method: "DELETE", headers: OWN });
  assert.equal(out.status, 204);
  assert.match(out.headers.get("set-cookie")!, /^sentinel_session=; Path=\/; Max-Age=0; HttpOnly/);
  assert.equal((await withCookie(test, cookie, "/session")).status, 401);
  assert.equal((await withCookie(test, cookie, "/session", { method: "DELETE" })).status, 204);
  assert.equal((await withCookie(test, "", "/session", { method: "DELETE" })).status, 204);
});

Deno.test("a session in use is sealed anew; one that is not ends after 12 hours", async () => {
  const test = await testApp();
  const first = await cookieOf(test, "reader");
  assert.equal((await withCookie(test, first, "/logs")).headers.get("set-cookie"), null);
  test.clock.nowMs += 11 * 60 * MINUTE_MS;
  const renewed = (await withCookie(test, first, "/logs")).headers.get("set-cookie")!;
  assert.match(renewed, /^sentinel_session=[\w-]+; Path=\/; Max-Age=43200; HttpOnly/);
  test.clock.nowMs += 2 * 60 * MINUTE_MS;
  assert.equal((await withCookie(test, first, "/logs")).status, 401);
  assert.equal((await withCookie(test, renewed.replace(/;.*/, ""), "/logs")).status, 200);
});

Deno.test("a sign-in with a wrong token or body is refused, and says what would be right", async () => {
  const test = await testApp();
  const wrong = await signIn(test, "wrong");
  assert.equal(wrong.status, 401);
  assert.deepEqual(await wrong.json(), { error: "Who are you?" });
  assert.equal(wrong.headers.get("set-cookie"), null);
  for (const body of [{}, [], null, { token: 5 }, { token: "" }, { token: "all", more: 1 }]) {
    const response = await test.call("/session", jsonPost(body), null);
    assert.equal(response.status, 400);
    assert.match((await response.json()).error, /^Cannot sign in: send \{"token"/);
  }
  const large = await test.call("/session", jsonPost({ token: "x".repeat(5_000) }), null);
  assert.equal(large.status, 413);
  await large.body!.cancel();
});

Deno.test("an address that tries wrong tokens again and again must wait, with a right one too", async () => {
  const test = await testApp();
  const tries = await Promise.all(
    Array.from({ length: SIGN_IN_FAILURES_MAX + 5 }, () => signIn(test, "wrong")),
  );
  const statuses = tries.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 401).length, SIGN_IN_FAILURES_MAX);
  assert.equal(statuses.filter((status) => status === 429).length, 5);
  const refused = await signIn(test, "all");
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "60");
  assert.match((await refused.json()).error, /^Too many wrong tokens.*try again in 60 s$/);
  test.clock.nowMs += SIGN_IN_WINDOW_MS;
  assert.equal((await signIn(test, "all")).status, 204);
});
