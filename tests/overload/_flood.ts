/**
 * @module Clients that send batches as fast as they are answered and heed no `Retry-After`, as a process of their own, so
 * that whoever else asks the server is not kept waiting by them. Prints what came of it as JSON.
 */

import { generateRecords } from "../../bench/generate.ts";

/** What the clients were answered. */
export interface FloodReport {
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Records of requests that were answered with 201. */
  readonly acknowledged: number;
  /** Milliseconds until the first 503; absent: there was none. */
  readonly firstRefusalMs?: number;
  /** Answers of 503 without `Retry-After`. */
  readonly unhelpful: number;
}

/** What the clients do. */
export interface FloodOptions {
  readonly url: string;
  readonly token: string;
  readonly connections: number;
  /** Records in a request. */
  readonly batch: number;
  readonly seconds: number;
}

async function flood(
  { url, token, connections, batch, seconds }: FloodOptions,
): Promise<FloodReport> {
  const body = new TextEncoder().encode(JSON.stringify([...generateRecords(batch)]));
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: connections });
  const statuses: Record<string, number> = {};
  let firstRefusalMs: number | undefined;
  let unhelpful = 0;
  const begun = performance.now();
  const send = async () => {
    while (performance.now() - begun < seconds * 1000) {
      const response = await fetch(`${url}/logs`, {
        method: "POST",
        body,
        client,
        headers: { authorization: `Token ${token}`, "content-type": "application/json" },
      });
      await response.body?.cancel();
      statuses[response.status] = (statuses[response.status] ?? 0) + 1;
      if (response.status !== 503) continue;
      firstRefusalMs ??= performance.now() - begun;
      if (!(Number(response.headers.get("retry-after")) >= 1)) unhelpful++;
    }
  };
  await Promise.all(Array.from({ length: connections }, send));
  client.close();
  const refusal = firstRefusalMs === undefined ? {} : { firstRefusalMs };
  return { statuses, acknowledged: (statuses[201] ?? 0) * batch, ...refusal, unhelpful };
}

if (import.meta.main) {
  const report = await flood(JSON.parse(Deno.args[0]!));
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(report)));
}
