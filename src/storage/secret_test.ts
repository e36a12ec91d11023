import assert from "node:assert/strict";
import { openTestStore, TestDatabase } from "./_test_store.ts";
import { secretKey } from "./keys.ts";
import { loadSecret } from "./secret.ts";

Deno.test("a secret is random, has a name, and is the same after a restart", async () => {
  const database = await TestDatabase.open();
  const first = await openTestStore({ database });
  const secret = await first.secret("session");
  assert.equal(secret.length, 32);
  assert.deepEqual(await first.secret("session"), secret);
  assert.notDeepEqual(await first.secret("other"), secret);
  await first.close();
  const second = await openTestStore({ database });
  assert.deepEqual(await second.secret("session"), secret);
  await second.close();
  database.end();
});

Deno.test("two servers that make a secret at the same time get the same one", async () => {
  const database = await TestDatabase.open();
  const [a, b] = await Promise.all([loadSecret(database, "x"), loadSecret(database, "x")]);
  assert.deepEqual(a, b);
  database.end();
});

Deno.test("a damaged secret is replaced", async () => {
  const database = await TestDatabase.open();
  await database.commit({ sets: [[secretKey("x"), new Uint8Array(20)]] });
  const secret = await loadSecret(database, "x");
  assert.equal(secret.length, 32);
  assert.deepEqual(await loadSecret(database, "x"), secret);
  database.end();
});
