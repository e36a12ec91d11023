/** @module An application over a fake store with tokens of every kind, for tests. */

import { Sessions, TokenRegistry } from "../auth/mod.ts";
import { createApp, type HttpApp } from "./app.ts";
import { FakeStore } from "./_fake_store.ts";

/** What a test of the HTTP server holds. */
export interface TestApp {
  readonly app: HttpApp;
  readonly store: FakeStore;
  readonly registry: TokenRegistry;
  /** The app's time, in milliseconds since the Unix epoch: stands still unless the test moves it. */
  readonly clock: { nowMs: number };
  /** Lines that were logged. */
  readonly lines: string[];
  /** A request with a token, `all` unless another is given; `null`: none. */
  call(path: string, init?: RequestInit, token?: string | null): Promise<Response>;
  /** Stores records as the admin. */
  post(...records: object[]): Promise<Response>;
}

/** The moment at which every test app starts. */
export const NOW_MS = Date.parse("2025-06-01T00:00:00Z");

/** Tokens: `all` (admin), `auth` (writes and reads auth), `reader`, `writer` (writes auth), `deleter`, `nothing`. */
export async function testApp(): Promise<TestApp> {
  const store = new FakeStore();
  const lines: string[] = [];
  const clock = { nowMs: NOW_MS };
  const now = () => clock.nowMs;
  const registry = await TokenRegistry.load(store.tokens, { now });
  const none = { write: [], read: false, delete: false, admin: false };
  registry.addFixed("all", "all", { ...none, admin: true });
  registry.addFixed("auth", "auth", { ...none, write: ["auth"], read: true });
  registry.addFixed("writer", "writer", { ...none, write: ["auth"] });
  registry.addFixed("reader", "reader", { ...none, read: true });
  registry.addFixed("deleter", "deleter", { ...none, delete: true });
  registry.addFixed("nothing", "nothing", none);
  const app = createApp({
    store,
    registry,
    sessions: await Sessions.open(store, registry),
    now,
    version: "1.2.3",
    log: (line) => lines.push(line),
  });
  const call = (path: string, init: RequestInit = {}, token: string | null = "all") => {
    const headers = new Headers(init.headers);
    if (token !== null) headers.set("authorization", `Token ${token}`);
    return app.request(path, { ...init, headers });
  };
  const post = (...records: object[]) => call("/logs", jsonPost(records));
  return { app, store, registry, clock, lines, call, post };
}

/** The arguments of a request that posts a value as JSON. */
export function jsonPost(value: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: "POST",
    body: JSON.stringify(value),
    headers: { "content-type": "application/json", ...headers },
  };
}

/** A record of service `auth`, one second after another for each `n`. */
export function recordAt(n: number, more: object = {}): object {
  return {
    timestamp: new Date(Date.parse("2025-04-01T12:00:00Z") + n * 1000).toISOString(),
    service: "auth",
    severity: "INFO",
    message: `message ${n}`,
    ...more,
  };
}
