import assert from "node:assert/strict";
import { ServerSuite, TOKENS } from "../_server.ts";
import { record } from "./_records.ts";

const suite = new ServerSuite();

const OWN = [
  ["auth-service", TOKENS.auth],
  ["payment-service", TOKENS.payment],
  ["notification-service", TOKENS.notification],
] as const;

suite.test("each demo token writes its own service's records and no other's", async (server) => {
  for (const [own, token] of OWN) {
    for (const [service] of OWN) {
      const { status, body } = await server.call("/logs", { token, json: record(service) });
      if (service === own) {
        assert.equal(status, 201);
        continue;
      }
      assert.equal(status, 403);
      assert.match(body.error, new RegExp(`may not write records of service "${service}"`));
    }
  }
  assert.deepEqual((await server.get("/stats")).logs_per_service, {
    "auth-service": 1,
    "notification-service": 1,
    "payment-service": 1,
  });
});

suite.test("a batch with one record of another service stores nothing", async (server) => {
  const before = await server.get("/stats");
  const json = [record("auth-service"), record("payment-service")];
  assert.equal((await server.call("/logs", { token: TOKENS.auth, json })).status, 403);
  assert.deepEqual(await server.get("/stats"), before);
});

suite.test("each demo token reads everything and deletes", async (server) => {
  for (const [own, token] of OWN) {
    assert.equal((await server.get("/logs", { token })).length, 3);
    const path = `/logs?before=2000-01-01T00:00:00Z&service=${own}`;
    const { status, body } = await server.call(path, { token, method: "DELETE" });
    assert.deepEqual([status, body], [200, { message: "0 log(s) deleted" }]);
  }
});

suite.test("no demo token but the simulator's administers", async (server) => {
  for (const [, token] of OWN) {
    assert.equal((await server.call("/tokens", { token })).status, 403);
    const json = { name: "thief", admin: true };
    assert.equal((await server.call("/tokens", { token, json })).status, 403);
    const revoke = { token, method: "DELETE" };
    assert.equal((await server.call("/tokens/simulator", revoke)).status, 403);
  }
  const names = (await server.get("/tokens")).map((token: { name: string }) => token.name);
  assert.deepEqual(names, ["auth-service", "notification-service", "payment-service", "simulator"]);
});

suite.test("the simulator's token writes any service's records", async (server) => {
  assert.equal((await server.post(record("some-other-service"))).length, 1);
});
