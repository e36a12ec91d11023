import { equal, match, ok } from "node:assert/strict";
import { drive } from "./drive.ts";
import { generateRecords } from "./generate.ts";
import { buildRequests } from "./requests.ts";

/** Drives a server that refuses each request whose number `refuses` says so. */
async function driveServer(refuses: (request: number) => boolean, perSecond?: number) {
  const seen: number[] = [];
  let [running, mostRunning] = [0, 0];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      mostRunning = Math.max(mostRunning, ++running);
      const records: unknown[] = await request.json();
      running--;
      seen.push(records.length);
      return refuses(seen.length)
        ? new Response("too busy", { status: 503 })
        : new Response("{}", { status: 201 });
    },
  );
  const url = new URL(`http://127.0.0.1:${server.addr.port}/logs`);
  const target = { url, contentType: "application/json", form: "json" } as const;
  const figures = await drive(url, buildRequests(generateRecords(1000), 7, target), 4, perSecond);
  await server.shutdown();
  return { figures, seen, mostRunning };
}

Deno.test("drive() sends every record once and times every request", async () => {
  const { figures, seen, mostRunning } = await driveServer(() => false);
  equal(seen.reduce((sum, count) => sum + count, 0), 1000);
  equal(figures.records, 1000);
  equal(figures.requests, seen.length);
  equal(figures.failures, 0);
  ok(mostRunning <= 4, `${mostRunning} requests at once over 4 connections`);
  ok(figures.p50Ms > 0 && figures.p50Ms <= figures.p99Ms && figures.p99Ms <= figures.maxMs);
});

Deno.test("drive() counts a refused request as a failure and its records as not stored", async () => {
  const { figures } = await driveServer((request) => request === 10);
  equal(figures.failures, 1);
  equal(figures.records, 1000 - 7);
  match(figures.failure ?? "", /^503 too busy/);
});

Deno.test("drive() keeps to its pace, and stops when its time is over", async () => {
  const paced = await driveServer(() => false, 5000);
  ok(paced.figures.records <= 1000);
  const beganLast = (paced.figures.requests - 1) * 7 / 5000;
  ok(paced.figures.seconds >= beganLast - 0.01, `${paced.figures.seconds} s`);
  // At a pace that no server follows, the time is over before most are sent.
  const { figures } = await driveServer(() => false, 100_000_000);
  ok(figures.requests < 143, `${figures.requests} requests`);
  equal(figures.records, figures.requests * 7);
});
