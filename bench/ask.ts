/** @module Single requests, where their time does not matter. */

import { HttpConnection } from "./connection.ts";

/** How often a server is asked again while something is waited for. */
export const POLL_MS = 100;

/**
 * Sends one request on a connection of its own and gives the answer's body as text.
 *
 * @throws {Error} the status is none of success, or what comes is no answer
 * @throws {Deno.errors.ConnectionRefused} nobody listens
 */
export async function ask(url: URL, request: Uint8Array): Promise<string> {
  const connection = await HttpConnection.open(url);
  try {
    const { status, body } = await connection.exchange(request);
    const text = new TextDecoder().decode(body);
    if (status < 300) return text;
    const [line] = new TextDecoder().decode(request.subarray(0, 300)).split("\r\n");
    throw new Error(`${line} was answered with ${status}: ${text.slice(0, 200)}`);
  } finally {
    connection.close();
  }
}

/**
 * Waits until a task gives the same text for `stillMs`; `undefined` starts anew. False if that takes too long.
 *
 * @throws whatever the task throws
 */
export async function untilStill(
  task: () => Promise<string | undefined>,
  stillMs: number,
  limitMs: number,
): Promise<boolean> {
  const begun = performance.now();
  let last: string | undefined;
  let since = begun;
  for (;;) {
    const now = performance.now();
    const text = await task();
    if (text === undefined || text !== last) since = now;
    last = text;
    if (now - since >= stillMs) return true;
    if (now - begun > limitMs) return false;
    await pause(POLL_MS);
  }
}

/** Resolves after so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
