import assert from "node:assert/strict";
import { parseLogFilters, parsePaging } from "../query/mod.ts";
import { recordAt, testApp } from "./_test_app.ts";
import { exportResponse } from "./export.ts";
import { Gate } from "./gate.ts";
import type { HttpContext } from "./route.ts";

Deno.test("an export whose reader stands still too long is ended, begun or not", async () => {
  const { store, post } = await testApp();
  await post(...Array.from({ length: 2_000 }, (_, n) => recordAt(n, { message: "x".repeat(999) })));
  const gate = new Gate("exports", { runningMax: 1, waitingMax: 0, waitMsMax: 1 });
  const context = { store, exports: gate, exportStallMs: 5 } as Partial<HttpContext> as HttpContext;
  const none = new URLSearchParams();
  for (const begin of [false, true]) {
    const response = await exportResponse(
      context,
      parseLogFilters(none),
      parsePaging(none),
      "ndjson",
    );
    const reader = response.body!.getReader();
    if (begin) assert.ok((await reader.read()).value!.length > 0);
    assert.equal(gate.running, 1);
    await assert.rejects(reader.closed, /took nothing for 5 ms/);
    assert.deepEqual([gate.running, store.openSnapshots], [0, 0]);
  }
});
