import assert from "node:assert/strict";
import fc from "fast-check";
import { savedResponse } from "./saved.ts";

Deno.test("savedResponse() lists every id, across changes of width too", async () => {
  const firstId = fc.oneof(
    fc.integer({ min: 1, max: 2 ** 52 }),
    fc.nat(15).map((digits) => Math.max(1, 10 ** digits - 5)),
  );
  await fc.assert(fc.asyncProperty(firstId, fc.nat(120), async (firstId, count) => {
    const response = savedResponse({ firstId, count });
    assert.equal(response.status, 201);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual(await response.json(), {
      message: "Log(s) saved successfully",
      count,
      ids: Array.from({ length: count }, (_, i) => firstId + i),
    });
  }));
});
