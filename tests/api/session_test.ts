import assert from "node:assert/strict";
import { ServerSuite, type TestRequest, TestServer, TOKENS, withFolder } from "../_server.ts";
import { Tail } from "./_events.ts";
import { record } from "./_records.ts";

const suite = new ServerSuite();
const OWN = { "x-sentinel-request": "1" };

/** Signs in and gives what a browser would send back. */
async function signIn(server: TestServer, token: string = TOKENS.auth): Promise<string> {
  const answer = await server.call("/session", { token: null, json: { token } });
  assert.equal(answer.status, 204, answer.text);
  return answer.headers.get("set-cookie")!.replace(/;.*/, "");
}

/** A request that only a cookie vouches for. */
function withCookie(cookie: string, request: TestRequest = {}): TestRequest {
  return { ...request, token: null, headers: { cookie, ...request.headers } };
}

suite.test("a sign-in gives an HttpOnly, SameSite=Strict cookie, Secure behind a proxy with TLS", async (server) => {
  const json = { token: TOKENS.auth };
  const plain = await server.call("/session", { token: null, json });
  assert.match(
    plain.headers.get("set-cookie")!,
    /^sentinel_session=[\w-]{80,500}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/,
  );
  assert.ok(!plain.headers.get("set-cookie")!.includes(TOKENS.auth));
  const headers = { "x-forwarded-proto": "https" };
  const secure = await server.call("/session", { token: null, json, headers });
  assert.match(secure.headers.get("set-cookie")!, /; Secure$/);
});

suite.test("GET /session tells who is signed in; DELETE /session ends it", async (server) => {
  const cookie = await signIn(server);
  assert.deepEqual(await server.get("/session", withCookie(cookie)), {
    name: "auth-service",
    write: ["auth-service"],
    read: true,
    delete: true,
    admin: false,
  });
  const out = await server.call("/session", withCookie(cookie, { method: "DELETE", headers: OWN }));
  assert.equal(out.status, 204);
  assert.match(out.headers.get("set-cookie")!, /^sentinel_session=; .*Max-Age=0/);
  assert.equal((await server.call("/session", withCookie(cookie))).status, 401);
});

suite.test("a cookie vouches for changes only with the page's header and its origin", async (server) => {
  const cookie = await signIn(server, TOKENS.admin);
  const [id] = await server.post(record("forged"));
  const attempt = async (headers: Record<string, string>, method = "DELETE") => {
    const path = method === "DELETE" ? "/logs?before=2030-01-01T00:00:00Z&service=forged" : "/logs";
    const body = method === "POST" ? { json: record("forged") } : {};
    return (await server.call(path, withCookie(cookie, { method, headers, ...body }))).status;
  };
  const { host, origin } = new URL(server.url);
  for (const method of ["DELETE", "POST"]) {
    assert.equal(await attempt({}, method), 403);
    assert.equal(await attempt({ origin }, method), 403);
    assert.equal(await attempt({ ...OWN, origin: "https://evil.example" }, method), 403);
    assert.equal(await attempt({ ...OWN, origin: `http://${host}0` }, method), 403);
  }
  assert.equal((await server.call(`/logs/${id}`, withCookie(cookie))).status, 200);
  assert.equal(await attempt({ ...OWN, origin }, "POST"), 201);
  assert.equal(await attempt({ ...OWN, origin }), 200);
  assert.equal((await server.call(`/logs/${id}`, withCookie(cookie))).status, 404);
});

suite.test("a tail can be read with a cookie alone, as an EventSource does", async (server) => {
  const cookie = await signIn(server);
  const tail = await Tail.open(server, "?service=seen", withCookie(cookie));
  const [id] = await server.post(record("seen"));
  assert.equal((await tail.next())!.id, id);
  await server.call("/session", withCookie(cookie, { method: "DELETE", headers: OWN }));
  assert.equal(await tail.next(), undefined);
});

suite.test("wrong tokens make their own address wait, and no other one", async (server) => {
  const from = (address: string) => ({ "x-forwarded-for": `10.0.0.1, ${address}` });
  const attempt = (token: string, address: string) =>
    server.call("/session", { token: null, json: { token }, headers: from(address) });
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++) statuses.push((await attempt("wrong", "198.51.100.7")).status);
  assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429]);
  const refused = await attempt(TOKENS.auth, "198.51.100.7");
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  assert.equal((await attempt(TOKENS.auth, "198.51.100.8")).status, 204);
});

Deno.test("a session outlives a restart of the server, but not its token", async () => {
  await withFolder(async (dir) => {
    let server = await TestServer.start({ dir });
    const { body: { token } } = await server.call("/tokens", { json: { name: "kim", read: true } });
    const cookie = await signIn(server, token);
    await server.kill();
    server = await server.restart();
    assert.equal((await server.get("/session", withCookie(cookie))).name, "kim");
    await server.call("/tokens/kim", { method: "DELETE" });
    assert.equal((await server.call("/session", withCookie(cookie))).status, 401);
    await server.stop();
    for await (const { name } of Deno.readDir(dir)) {
      const bytes = Deno.readFileSync(`${dir}/${name}`);
      assert.ok(!new TextDecoder("latin1").decode(bytes).includes(token), name);
    }
  });
});
