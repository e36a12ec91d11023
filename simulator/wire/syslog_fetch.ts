import type { Fetch } from "../api.ts";

/** The part of a connection that is used. */
export interface SyslogConnection {
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/**
 * Sends what `fetch` would post as bytes over one connection: syslog over TCP has neither requests nor answers. What could be
 * written is a 204; without a connection it is a 503, because nothing was sent then.
 * @param connect opens a connection
 */
export function syslogFetch(connect: () => Promise<SyslogConnection>): Fetch {
  let connection: SyslogConnection | undefined;
  return async (_url, { body }) => {
    try {
      connection ??= await connect();
    } catch (error) {
      return new Response((error as Error).message, { status: 503 });
    }
    try {
      const bytes = body as Uint8Array;
      for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    } catch (error) {
      connection.close();
      connection = undefined;
      throw error;
    }
    return new Response(null, { status: 204 });
  };
}
