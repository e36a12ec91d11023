import assert from "node:assert/strict";
import { ServerSuite, TestServer, TOKENS, until, withFolder } from "../_server.ts";
import { logs, record } from "./_records.ts";

const suite = new ServerSuite();

suite.test("POST /tokens makes a token that is shown this once", async (server) => {
  const json = { name: "shown", write: ["billing"], read: true };
  const { status, body } = await server.call("/tokens", { json });
  assert.equal(status, 201);
  const { token, created_at, ...rest } = body;
  assert.deepEqual(rest, { ...json, delete: false, admin: false });
  assert.match(token, /^\S{40,}$/);
  assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 60_000);
  const list = await server.call("/tokens");
  assert.ok(!list.text.includes(token));
  assert.deepEqual(list.body.find((info: { name: string }) => info.name === "shown"), {
    ...rest,
    created_at,
  });
});

suite.test("a token may do what it was given and nothing else", async (server) => {
  const make = async (name: string, grants: object) =>
    (await server.call("/tokens", { json: { name, ...grants } })).body.token as string;
  const tokens = {
    write: await make("right-write", { write: ["rights"] }),
    read: await make("right-read", { read: true }),
    delete: await make("right-delete", { delete: true }),
    admin: await make("right-admin", { admin: true }),
    everywhere: await make("right-everywhere", { write: "*" }),
    none: await make("right-none", {}),
  };
  const tries: [what: string, may: (keyof typeof tokens)[], path: string, request: object][] = [
    ["write", ["write", "admin", "everywhere"], "/logs", { json: record("rights") }],
    ["write elsewhere", ["admin", "everywhere"], "/logs", { json: record("elsewhere") }],
    ["read", ["read", "admin"], "/logs?limit=1", {}],
    ["read one", ["read", "admin"], "/logs/1", {}],
    ["read context", ["read", "admin"], "/logs/1/context", {}],
    ["stats", ["read", "admin"], "/stats", {}],
    ["histogram", ["read", "admin"], "/histogram", {}],
    ["facets", ["read", "admin"], "/facets?field=service", {}],
    ["metrics", ["read", "admin"], "/metrics", {}],
    ["delete", ["delete", "admin"], "/logs?before=1980-01-01T00:00:00Z", { method: "DELETE" }],
    ["list tokens", ["admin"], "/tokens", {}],
    ["make tokens", ["admin"], "/tokens", { json: { name: "", admin: true } }],
    ["revoke tokens", ["admin"], "/tokens/nobody", { method: "DELETE" }],
  ];
  await server.post(record("rights"));
  for (const [what, may, path, request] of tries) {
    for (const name of Object.keys(tokens) as (keyof typeof tokens)[]) {
      const { status, body } = await server.call(path, { token: tokens[name], ...request });
      if (may.includes(name)) {
        assert.ok(![401, 403].includes(status), `${name} may ${what}: ${status}`);
      } else {
        assert.equal(status, 403, `${name} may not ${what}`);
        assert.match(body.error, new RegExp(`"right-${name}" may not`));
      }
    }
  }
});

suite.test("a revoked token is unknown at once, and its name free", async (server) => {
  const json = { name: "short-lived", read: true };
  const { body: { token } } = await server.call("/tokens", { json });
  assert.equal((await server.call("/stats", { token })).status, 200);
  const revoke = () => server.call("/tokens/short-lived", { method: "DELETE" });
  assert.deepEqual((await revoke()).status, 200);
  const { status, body } = await server.call("/stats", { token });
  assert.deepEqual([status, body], [401, { error: "Who are you?" }]);
  assert.equal((await revoke()).status, 404);
  const again = await server.call("/tokens", { json });
  assert.equal(again.status, 201);
  assert.notEqual(again.body.token, token);
  assert.equal((await server.call("/stats", { token })).status, 401);
});

suite.test("a token is unknown from its expiry on", async (server) => {
  const expires_at = new Date(Date.now() + 2_500).toISOString();
  const { status, body } = await server.call("/tokens", {
    json: { name: "expiring", read: true, expires_at },
  });
  assert.equal(status, 201);
  assert.equal(body.expires_at, expires_at);
  const { token } = body;
  await until("the expiry", async () => {
    const before = Date.now();
    const { status } = await server.call("/stats", { token });
    const after = Date.now();
    if (status === 401) assert.ok(after >= Date.parse(expires_at), "It expired too early");
    else assert.ok(before < Date.parse(expires_at), "It did not expire");
    return status === 401;
  });
});

suite.test("a name is taken once, and names with any character can be revoked", async (server) => {
  const name = "team/ä 100% #1?";
  assert.equal((await server.call("/tokens", { json: { name } })).status, 201);
  const { status, body } = await server.call("/tokens", { json: { name } });
  assert.equal(status, 409);
  assert.match(body.error, /there is one of that name/);
  const path = `/tokens/${encodeURIComponent(name)}`;
  assert.equal((await server.call(path, { method: "DELETE" })).status, 200);
});

suite.test("a bad request for a token is a 400 that names the field", async (server) => {
  const bad: [unknown, RegExp][] = [
    [{}, /"name"/],
    [{ name: "" }, /"name"/],
    [{ name: "x".repeat(129) }, /"name"/],
    [{ name: "a\nb" }, /control/],
    [{ name: "x", write: "billing" }, /"write"/],
    [{ name: "x", write: [5] }, /"write\.0"|"write"/],
    [{ name: "x", write: [""] }, /service|write/],
    [{ name: "x", read: "yes" }, /"read"/],
    [{ name: "x", expires_at: "tomorrow" }, /"tomorrow"/],
    [{ name: "x", expires_at: "2020-01-01T00:00:00Z" }, /2020-01-01/],
    [{ name: "x", expires: "2030-01-01T00:00:00Z" }, /"expires"/],
    [[], /body/],
    ["x", /body/],
  ];
  for (const [json, error] of bad) {
    const { status, body } = await server.call("/tokens", { json });
    assert.equal(status, 400, JSON.stringify(json));
    assert.match(body.error, error);
  }
});

Deno.test("without --demo the first start prints an admin token once, before the ready line", async () => {
  await withFolder(async (dir) => {
    let server = await TestServer.start({ dir, demo: false });
    try {
      const [first, second, ...more] = server.stdout().trimEnd().split("\n");
      const token = /^Admin token, shown once: (\S+)$/.exec(first!)![1]!;
      assert.match(second!, /^Sentinel is listening on http:\/\/127\.0\.0\.1:\d+$/);
      assert.deepEqual(more, []);
      for (const demo of Object.values(TOKENS)) {
        assert.equal((await server.call("/stats", { token: demo })).status, 401);
      }
      await server.post(record("any"), { token });
      assert.equal((await server.get(logs({}), { token })).length, 1);
      const made = await server.call("/tokens", { token, json: { name: "kept", read: true } });
      await server.stop();
      server = await server.restart();
      assert.equal(server.stdout().match(/Admin token/g)!.length, 1);
      assert.equal((await server.get(logs({}), { token: made.body.token })).length, 1);
      assert.deepEqual(
        (await server.get("/tokens", { token })).map(({ name }: { name: string }) => name),
        ["admin", "kept"],
      );
    } finally {
      await server.stop();
    }
  });
});

Deno.test("the data file holds no token's text", async () => {
  await withFolder(async (dir) => {
    const server = await TestServer.start({ dir, demo: false });
    const token = /shown once: (\S+)/.exec(server.stdout())![1]!;
    await server.stop();
    for (const { name } of Deno.readDirSync(dir)) {
      if (name.startsWith("server.")) continue;
      const bytes = Deno.readFileSync(`${dir}/${name}`);
      assert.ok(!new TextDecoder("latin1").decode(bytes).includes(token.slice(-20)), name);
    }
  });
});
