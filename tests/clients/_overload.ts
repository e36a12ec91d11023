/** @module What clients do when the server cannot store: its own answers to that, some of them, before the real server's. */

import { TokenRegistry } from "../../src/auth/mod.ts";
import { Sessions } from "../../src/auth/mod.ts";
import { createApp, type HttpApp } from "../../src/http/mod.ts";
import { openStore, OverloadedError } from "../../src/storage/mod.ts";
import { TOKENS } from "../_server.ts";
import type { Receiver, Target } from "./_receiver.ts";

/** A request that stores, as it came in. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: Headers;
  readonly status: number;
}

/** What stands in front of the real server. */
export interface Overloaded extends Target {
  /** Every request that stores, refused ones too. */
  readonly seen: readonly SeenRequest[];
}

/**
 * Puts something in front of a receiver that answers the first requests that store as a server whose queue is full does (it
 * is the server's own code, with a store that refuses), and hands everything else on.
 */
export async function withOverload(
  receiver: Receiver,
  dir: string,
  refusals: number,
  test: (overloaded: Overloaded) => Promise<void>,
): Promise<void> {
  const store = await openStore({ path: `${dir}/overloaded.kv`, log: () => undefined });
  const registry = await TokenRegistry.load(store.tokens);
  registry.addFixed("simulator", TOKENS.admin, {
    write: "*",
    read: true,
    delete: true,
    admin: true,
  });
  const sessions = await Sessions.open(store, registry);
  const log = () => undefined;
  const app = createApp({ store, registry, sessions, now: Date.now, version: "0", log });
  store.append = () => Promise.reject(new OverloadedError("Cannot store: the queue is full"));
  const seen: SeenRequest[] = [];
  let left = refusals;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const stores = request.method !== "GET" && request.method !== "HEAD";
      const response = stores && left-- > 0
        ? await refuse(app, request)
        : await handOn(receiver, request);
      if (stores) seen.push({ path: pathname, headers: request.headers, status: response.status });
      return response;
    },
  );
  try {
    const { token } = receiver;
    const port: Target["port"] = (of) => of === "http" ? server.addr.port : receiver.port(of);
    await test({ token, port, seen });
  } finally {
    await server.shutdown();
    await store.close();
  }
}

async function refuse(app: HttpApp, request: Request): Promise<Response> {
  return await app.fetch(request, { remoteAddr: { hostname: "127.0.0.1" } });
}

async function handOn(receiver: Receiver, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const { method, headers } = request;
  const body = request.body === null ? null : await request.arrayBuffer();
  const answer = await fetch(`${receiver.url}${pathname}${search}`, { method, headers, body });
  return new Response(await answer.arrayBuffer().then((bytes) => bytes.byteLength ? bytes : null), {
    status: answer.status,
    headers: answer.headers,
  });
}
