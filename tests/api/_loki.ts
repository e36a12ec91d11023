import assert from "node:assert/strict";
import { type TestAnswer, type TestServer, TOKENS } from "../_server.ts";
import { type Parameters, withParameters } from "./_records.ts";

/** An answer whose shape the test knows. */
// deno-lint-ignore no-explicit-any -- every assertion on an answer would be a cast
export type Json = any;

/** The labels of a stream to push, and its entries: nanoseconds, line, and perhaps structured metadata. */
export interface Pushed {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [string, string, Readonly<Record<string, string>>?])[];
}

/** Nanoseconds since the Unix epoch of a moment given to the millisecond, and some more. */
export function nanos(ms: number, more = 0): string {
  return String(BigInt(ms) * 1_000_000n + BigInt(more));
}

/** Pushes streams as Loki's clients do. */
export async function push(server: TestServer, streams: readonly Pushed[]): Promise<void> {
  const { status, text } = await server.call("/loki/api/v1/push", {
    method: "POST",
    json: { streams },
  });
  assert.equal(status, 204, text);
}

/** What a route of Loki's API answers. */
export function loki(
  server: TestServer,
  route: string,
  parameters: Parameters = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<TestAnswer> {
  return server.call(withParameters(`/loki/api/v1/${route}`, parameters), { headers });
}

/** What a route answers, its statistics left out; the request must succeed. */
export async function lokiData(
  server: TestServer,
  route: string,
  parameters: Parameters = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Json> {
  const { status, text, body } = await loki(server, route, parameters, headers);
  assert.equal(status, 200, text);
  assert.equal(body.status, "success");
  if (body.data.stats !== undefined) delete body.data.stats;
  return body.data;
}

/** A websocket of a tail. */
export class LokiTail {
  readonly #socket: WebSocket;
  readonly #messages: Json[] = [];
  #wake = Promise.withResolvers<void>();
  /** How it was closed: the status and the reason. */
  readonly closed: Promise<readonly [number, string]>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#messages.push(JSON.parse(data));
      this.#wake.resolve();
    };
    this.closed = new Promise((resolve) => {
      socket.onclose = ({ code, reason }) => resolve([code, reason]);
    });
  }

  static async open(
    server: TestServer,
    parameters: Parameters,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<LokiTail> {
    const url = server.url.replace(/^http/, "ws") + withParameters("/loki/api/v1/tail", parameters);
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${TOKENS.admin}`, ...headers },
    });
    const tail = new LokiTail(socket);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error("The websocket did not open"));
    });
    return tail;
  }

  /** The next message; waits for it. */
  async next(): Promise<Json> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
  }

  /** The lines of the messages to come, until there are so many. */
  async lines(count: number): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) {
      const { streams } = await this.next();
      for (const { values } of streams) for (const [, line] of values) lines.push(line);
    }
    return lines;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}
