import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { ApiClient } from "./_client.ts";
import { ApiError, CommandError } from "./errors.ts";
import { withServer } from "./_testing.ts";

/** Notes the waits instead of waiting. */
function pace() {
  const waits: number[] = [];
  return {
    waits,
    wait(ms: number) {
      waits.push(ms);
      return Promise.resolve();
    },
    random: () => 0,
  };
}

Deno.test("send() repeats after 503 and 429 with growing delays, and honours Retry-After", async () => {
  const answers = [
    new Response(null, { status: 503 }),
    new Response(null, { status: 429, headers: { "retry-after": "3" } }),
    new Response(null, { status: 503 }),
    Response.json({ fine: true }),
  ];
  const { waits, ...rest } = pace();
  await withServer(() => answers.shift()!, async (url) => {
    const client = new ApiClient(url, "secret", { ...rest });
    deepEqual(await client.json({ path: "/stats" }), { fine: true });
  });
  deepEqual(waits, [125, 3000, 500]);
});

Deno.test("send() gives up after a bounded number of refusals and says what the server said", async () => {
  let requests = 0;
  await withServer(() => {
    requests++;
    return Response.json({ error: "The queue is full" }, { status: 503 });
  }, async (url) => {
    await rejects(new ApiClient(url, "t", pace()).send({ path: "/logs" }), (error: Error) => {
      ok(error instanceof ApiError);
      match(error.message, /answered 503: The queue is full/);
      return true;
    });
  });
  equal(requests, 8);
});

Deno.test("send() says how to give a token after a 401", async () => {
  await withServer(() => Response.json({ error: "Who are you?" }, { status: 401 }), async (url) => {
    await rejects(
      new ApiClient(url, undefined, pace()).send({ path: "/logs" }),
      /needs a token \(401\); give one with --token or SENTINEL_TOKEN/,
    );
    await rejects(
      new ApiClient(url, "wrong", pace()).send({ path: "/logs" }),
      /does not know this token/,
    );
  });
});

Deno.test("send() says at once that nothing answers at an address", async () => {
  let url = "";
  await withServer(() => new Response(), (at) => {
    url = at;
    return Promise.resolve();
  });
  const { waits, ...rest } = pace();
  await rejects(new ApiClient(url, "t", rest).send({ path: "/logs" }), (error: Error) => {
    ok(error instanceof CommandError);
    match(error.message, /^No server answers at http:.*sentinel serve/);
    return true;
  });
  deepEqual(waits, []);
});

Deno.test("json() says that an address is not a Log Sentinel's", async () => {
  await withServer(() => new Response("<html>"), async (url) => {
    await rejects(new ApiClient(url, "t", pace()).json({ path: "/stats" }), /Log Sentinel\?/);
  });
});
