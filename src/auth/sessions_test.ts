import assert from "node:assert/strict";
import fc from "fast-check";
import type { TokenTable } from "../storage/mod.ts";
import { openSession, sealSession } from "./_sealed_session.ts";
import { SESSION_CACHE_MAX, SESSION_IDLE_MS_MAX, SESSION_MS_MAX } from "./limits.ts";
import { Sessions } from "./sessions.ts";
import { TokenRegistry } from "./token_registry.ts";

const KEY = new Uint8Array(32).fill(7);
const MINUTE_MS = 60_000;
const GRANTS = { write: [], read: true, delete: false, admin: false } as const;

const noTable: TokenTable = {
  list: () => Promise.resolve([]),
  put: () => Promise.resolve(),
  delete: () => Promise.resolve(),
};

async function registryWith(expiresAtMs?: number): Promise<[TokenRegistry, string]> {
  const registry = await TokenRegistry.load(noTable, { now: () => 0 });
  return [registry, await registry.create({ name: "kim", ...GRANTS, expiresAtMs })];
}

Deno.test("a session is known by what its browser keeps, to every server with the same key", async () => {
  const [registry, token] = await registryWith();
  const sessions = new Sessions(registry, KEY);
  assert.equal(sessions.signIn("wrong", 0), undefined);
  const { sealed, session } = sessions.signIn(token, 0)!;
  assert.match(sealed, /^[\w-]{100,500}$/);
  assert.equal(session.token.info.name, "kim");
  assert.equal(sessions.authenticate(sealed, 1)?.id, session.id);
  const restarted = new Sessions(registry, KEY);
  assert.equal(restarted.authenticate(sealed, 1)?.id, session.id);
  assert.equal(new Sessions(registry, KEY.map(() => 8)).authenticate(sealed, 1), undefined);
  assert.notEqual(sessions.signIn(token, 0)!.session.id, session.id);
});

Deno.test("what a browser keeps says nothing about the token, and no changed bit of it is taken", async () => {
  const [registry, token] = await registryWith();
  const sessions = new Sessions(registry, KEY);
  const { sealed } = sessions.signIn(token, 0)!;
  const bytes = Uint8Array.fromBase64(sealed, { alphabet: "base64url" });
  assert.ok(!new TextDecoder("latin1").decode(bytes).includes(token.slice(0, 8)));
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = bytes.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    const text = changed.toBase64({ alphabet: "base64url", omitPadding: true });
    assert.equal(sessions.authenticate(text, 0), undefined, `bit ${bit}`);
  }
});

Deno.test("opening is total on any text, and gives back what was sealed", () => {
  fc.assert(fc.property(fc.string(), (text) => openSession(KEY, text) === undefined));
  const contents = fc.record({
    id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    startMs: fc.integer(),
    sealedMs: fc.integer(),
    tokenText: fc.string({ maxLength: 256 }),
  }, { noNullPrototype: true });
  fc.assert(fc.property(contents, (content) => {
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    assert.deepEqual(openSession(KEY, sealSession(KEY, content, nonce)), content);
  }));
  const long = { id: new Uint8Array(16), startMs: 0, sealedMs: 0, tokenText: "t".repeat(256) };
  assert.ok(sealSession(KEY, long, new Uint8Array(12)).length <= 500);
});

Deno.test("a session ends 12 hours after its last use and 7 days after its start", async () => {
  const [registry, token] = await registryWith();
  const sessions = new Sessions(registry, KEY);
  let { sealed } = sessions.signIn(token, 0)!;
  assert.ok(sessions.authenticate(sealed, SESSION_IDLE_MS_MAX - 1));
  assert.equal(sessions.authenticate(sealed, SESSION_IDLE_MS_MAX), undefined);
  assert.equal(sessions.renew(sealed, 9 * MINUTE_MS), undefined);
  let now = 0;
  while (sessions.authenticate(sealed, now) !== undefined) {
    const { id } = sessions.authenticate(sealed, now)!;
    const renewed = sessions.renew(sealed, now);
    if (renewed !== undefined) {
      assert.equal(renewed.session.id, id);
      sealed = renewed.sealed;
    }
    now += 60 * MINUTE_MS;
  }
  assert.equal(now, SESSION_MS_MAX);
});

Deno.test("signing out ends every copy of a session and no other one", async () => {
  const [registry, token] = await registryWith();
  const sessions = new Sessions(registry, KEY);
  const first = sessions.signIn(token, 0)!;
  const second = sessions.signIn(token, 0)!;
  const renewed = sessions.renew(first.sealed, 20 * MINUTE_MS)!;
  sessions.signOut(first.session);
  for (const sealed of [first.sealed, renewed.sealed]) {
    assert.equal(sessions.authenticate(sealed, 20 * MINUTE_MS), undefined);
  }
  assert.ok(!sessions.isCurrent(renewed.session, 20 * MINUTE_MS));
  assert.ok(sessions.authenticate(second.sealed, 20 * MINUTE_MS));
});

Deno.test("a session ends with its token, revoked or expired", async () => {
  const [registry, token] = await registryWith(MINUTE_MS);
  const sessions = new Sessions(registry, KEY);
  const { sealed, session } = sessions.signIn(token, 0)!;
  assert.ok(sessions.authenticate(sealed, MINUTE_MS - 1));
  assert.equal(sessions.authenticate(sealed, MINUTE_MS), undefined);
  await registry.revoke("kim");
  assert.equal(sessions.authenticate(sealed, 1), undefined);
  assert.ok(!sessions.isCurrent(session, 1));
  assert.equal(new Sessions(registry, KEY).authenticate(sealed, 1), undefined);
});

Deno.test("a session that fell out of the cache is opened again", async () => {
  const [registry, token] = await registryWith();
  const sessions = new Sessions(registry, KEY);
  const { sealed, session } = sessions.signIn(token, 0)!;
  for (let i = 0; i < SESSION_CACHE_MAX; i++) sessions.signIn(token, 0);
  assert.equal(sessions.authenticate(sealed, 0)?.id, session.id);
});
