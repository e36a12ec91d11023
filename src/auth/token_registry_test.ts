import assert from "node:assert/strict";
import {
  InvalidTokenError,
  may,
  mayWrite,
  mayWriteAny,
  TokenLimitError,
  TokenNameTakenError,
  TokenRegistry,
} from "./mod.ts";
import { AUTHORIZATION_CACHE_MAX, TOKENS_MAX } from "./limits.ts";
import type { TokenTable } from "../storage/mod.ts";
import type { TokenRequest } from "./token.ts";

const NOTHING = { write: [], read: false, delete: false, admin: false };

class FakeTable implements TokenTable {
  readonly rows = new Map<string, { hash: Uint8Array; value: unknown }>();
  failNext = false;
  list() {
    return Promise.resolve([...this.rows.values()]);
  }
  put(hash: Uint8Array, value: unknown) {
    if (this.failNext) {
      this.failNext = false;
      return Promise.reject(new Error("disk full"));
    }
    this.rows.set(hash.toHex(), { hash, value: structuredClone(value) });
    return Promise.resolve();
  }
  delete(hash: Uint8Array) {
    if (this.failNext) {
      this.failNext = false;
      return Promise.reject(new Error("disk full"));
    }
    this.rows.delete(hash.toHex());
    return Promise.resolve();
  }
}

function request(name: string, more: Partial<TokenRequest> = {}): TokenRequest {
  return { ...NOTHING, name, ...more };
}

Deno.test("create() gives a text that authenticates, and the table never sees it", async () => {
  const table = new FakeTable();
  const registry = await TokenRegistry.load(table, {
    now: () => 1000,
    randomize: (bytes) => bytes.fill(255),
  });
  const text = await registry.create(request("a", { read: true }));
  assert.equal(text, "sentinel_" + "_".repeat(42) + "8");
  assert.equal(registry.authenticate(text, 1000)?.info.name, "a");
  assert.equal(registry.authenticate(text + "x", 1000), undefined);
  assert.ok(!JSON.stringify([...table.rows.values()].map((row) => row.value)).includes(text));
  const row = [...table.rows.values()][0]!;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  assert.equal(row.hash.toHex(), new Uint8Array(digest).toHex());
});

Deno.test("load() brings back every token with its grants", async () => {
  const table = new FakeTable();
  const first = await TokenRegistry.load(table, { now: () => 7 });
  const text = await first.create(request("a", { write: ["x", "y", "x"], expiresAtMs: 99 }));
  await first.create(request("b", { write: "*", admin: true }));
  const again = await TokenRegistry.load(table);
  assert.deepEqual(again.list(), first.list());
  assert.deepEqual(again.authenticate(text, 98)?.info, {
    name: "a",
    write: ["x", "y"],
    read: false,
    delete: false,
    admin: false,
    createdAtMs: 7,
    expiresAtMs: 99,
  });
});

Deno.test("load() passes over a stored value that is not a token of this release, and says so", async () => {
  const other = new Uint8Array(32).toBase64();
  const grants = { write: "*", read: true, delete: true, admin: true, createdAtMs: 0 };
  const token = { version: 1, name: "b", hash: other, ...grants };
  for (
    const value of [undefined, null, "x", {}, { version: 2 }, { version: 1, write: "all" }, token]
  ) {
    const table = new FakeTable();
    await table.put(new Uint8Array(32).fill(1), value);
    const said: string[] = [];
    const registry = await TokenRegistry.load(table, {
      onUnreadable: ({ message }) => said.push(message),
    });
    assert.equal(registry.size, 0);
    assert.equal(said.length, 1);
    assert.match(said[0]!, /Cannot read a stored token/);
  }
});

Deno.test("authenticate() knows no token from the moment of its expiry, cached or not", async () => {
  const registry = await TokenRegistry.load(new FakeTable());
  const text = await registry.create(request("a", { expiresAtMs: 5000 }));
  assert.ok(registry.authenticateHeader(`Token ${text}`, 4999));
  assert.equal(registry.authenticateHeader(`Token ${text}`, 5000), undefined);
  assert.equal(registry.authenticate(text, 5000), undefined);
});

Deno.test("revoke() is in force at once, for remembered headers too, and frees the name", async () => {
  const table = new FakeTable();
  const registry = await TokenRegistry.load(table);
  const text = await registry.create(request("a"));
  assert.ok(registry.authenticateHeader(`Bearer ${text}`, 0));
  assert.equal(await registry.revoke("a"), true);
  assert.equal(registry.authenticateHeader(`Bearer ${text}`, 0), undefined);
  assert.equal(table.rows.size, 0);
  assert.equal(await registry.revoke("a"), false);
  await registry.create(request("a"));
});

Deno.test("a change that cannot be stored is not in force", async () => {
  const table = new FakeTable();
  const registry = await TokenRegistry.load(table);
  table.failNext = true;
  await assert.rejects(registry.create(request("a")), /disk full/);
  assert.equal(registry.size, 0);
  const text = await registry.create(request("a"));
  table.failNext = true;
  await assert.rejects(registry.revoke("a"), /disk full/);
  assert.ok(registry.authenticate(text, 0));
});

Deno.test("create() refuses a taken name, also while the other one is being stored", async () => {
  const registry = await TokenRegistry.load(new FakeTable());
  const results = await Promise.allSettled([
    registry.create(request("a")),
    registry.create(request("a")),
  ]);
  assert.deepEqual(results.map((result) => result.status), ["fulfilled", "rejected"]);
  assert.ok((results[1] as PromiseRejectedResult).reason instanceof TokenNameTakenError);
});

Deno.test("create() refuses names, services and expiries out of bounds", async () => {
  const registry = await TokenRegistry.load(new FakeTable());
  const bad: TokenRequest[] = [
    request(""),
    request("x".repeat(129)),
    request("a\nb"),
    request("\ud800"),
    request("a", { write: [""] }),
    request("a", { write: ["s".repeat(129)] }),
    request("a", { write: Array.from({ length: 201 }, (_, i) => `s${i}`) }),
    request("a", { expiresAtMs: NaN }),
  ];
  for (const one of bad) await assert.rejects(registry.create(one), InvalidTokenError);
  await registry.create(request("x".repeat(128), { write: ["s".repeat(128)] }));
});

Deno.test("a registry keeps at most TOKENS_MAX tokens", async () => {
  const registry = await TokenRegistry.load(new FakeTable());
  for (let i = 0; i < TOKENS_MAX; i++) registry.addFixed(`t${i}`, `text-${i}`, NOTHING);
  await assert.rejects(registry.create(request("more")), TokenLimitError);
});

Deno.test("addFixed() stores nothing and its token works until it is revoked", async () => {
  const table = new FakeTable();
  const registry = await TokenRegistry.load(table);
  registry.addFixed("demo", "auth-service-token-001", { ...NOTHING, write: ["auth-service"] });
  assert.equal(table.rows.size, 0);
  const token = registry.authenticateHeader("token auth-service-token-001", 0)!;
  assert.ok(mayWrite(token, "auth-service"));
  assert.ok(!mayWrite(token, "payment-service"));
  assert.equal(await registry.revoke("demo"), true);
  assert.equal(registry.authenticate("auth-service-token-001", 0), undefined);
});

Deno.test("an admin token may do everything, another only what it was given", async () => {
  const registry = await TokenRegistry.load(new FakeTable());
  const admin = registry.authenticate(await registry.create(request("a", { admin: true })), 0)!;
  const none = registry.authenticate(await registry.create(request("n")), 0)!;
  const reader = registry.authenticate(await registry.create(request("r", { read: true })), 0)!;
  for (const right of ["read", "delete", "admin"] as const) {
    assert.ok(may(admin, right));
    assert.ok(!may(none, right));
    assert.equal(may(reader, right), right === "read");
  }
  assert.ok(mayWriteAny(admin) && mayWrite(admin, "anything"));
  assert.ok(!mayWriteAny(none));
});

Deno.test("authenticateHeader() reads Token, Bearer and Basic in any case, and nothing else", async () => {
  const registry = await TokenRegistry.load(new FakeTable());
  registry.addFixed("t", "secret", NOTHING);
  const good = [
    "Token secret",
    "token secret",
    "BEARER  secret",
    "Basic " + btoa("anyone:secret"),
    "basic " + btoa(":secret"),
  ];
  const bad = [
    "",
    "secret",
    "Token",
    "Token ",
    "Digest secret",
    "Token secret more",
    "Basic secret",
    "Basic " + btoa("secret"),
    "Basic " + btoa("secret:"),
    "Basic !!!",
    "Token " + "x".repeat(10_000),
  ];
  for (const header of good) assert.ok(registry.authenticateHeader(header, 0), header);
  for (const header of bad) assert.equal(registry.authenticateHeader(header, 0), undefined, header);
});

Deno.test("more headers than are remembered still authenticate", async () => {
  const registry = await TokenRegistry.load(new FakeTable());
  registry.addFixed("t", "secret", NOTHING);
  for (let i = 0; i < AUTHORIZATION_CACHE_MAX + 10; i++) {
    assert.ok(registry.authenticateHeader(`Basic ${btoa(`${i}:secret`)}`, 0));
  }
  assert.ok(registry.authenticateHeader(`Basic ${btoa("0:secret")}`, 0));
});
