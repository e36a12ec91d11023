import assert from "node:assert/strict";
import { recordAt, testApp } from "./_test_app.ts";

Deno.test("GET /stats counts by service and severity, over everything or what filters match", async () => {
  const { call, post, store } = await testApp();
  await post(
    recordAt(1),
    recordAt(2, { severity: "ERROR" }),
    recordAt(3, { service: "payment", severity: "ERROR" }),
  );
  const all = await (await call("/stats")).json();
  assert.deepEqual(all, {
    logs_per_service: { auth: 2, payment: 1 },
    logs_per_severity: { INFO: 1, ERROR: 2 },
    last_log_per_service: {
      auth: "2025-04-01T12:00:02.000Z",
      payment: "2025-04-01T12:00:03.000Z",
    },
  });
  const some = await (await call("/stats?q=message&severity=ERROR&by=service,severity")).json();
  assert.deepEqual(some.counts, [
    { service: "auth", severity: "ERROR", count: 1 },
    { service: "payment", severity: "ERROR", count: 1 },
  ]);
  assert.equal((await call("/stats?by=message")).status, 400);
  assert.equal((await call("/stats?limit=1")).status, 400);
  assert.equal(store.openSnapshots, 0);
});

Deno.test("GET /histogram counts in buckets aligned to UTC", async () => {
  const { call, post } = await testApp();
  await post(recordAt(1), recordAt(2, { severity: "ERROR" }), recordAt(61));
  assert.deepEqual(await (await call("/histogram?interval=1m")).json(), {
    interval: "1m",
    buckets: [
      { start: "2025-04-01T12:00:00.000Z", counts: { ERROR: 1, INFO: 1 } },
      { start: "2025-04-01T12:01:00.000Z", counts: { INFO: 1 } },
    ],
  });
  for (const query of ["?interval=0s", "?interval=x", "?by=message", "?limit=1"]) {
    assert.equal((await call(`/histogram${query}`)).status, 400, query);
  }
});

Deno.test("GET /facets counts the values of a field", async () => {
  const { call, post } = await testApp();
  await post(recordAt(1), recordAt(2), recordAt(3, { service: "payment" }));
  assert.deepEqual(await (await call("/facets?field=service")).json(), {
    field: "service",
    values: [{ value: "auth", count: 2 }, { value: "payment", count: 1 }],
    others: 0,
    truncated: false,
  });
  for (const query of ["", "?field=message", "?field=service&limit=0"]) {
    assert.equal((await call(`/facets${query}`)).status, 400, query);
  }
});
