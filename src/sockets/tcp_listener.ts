import type { ListenAddress } from "./address.ts";
import type { ByteSource } from "./connection.ts";
import { LAST_ACCEPTED_MS, READ_BYTES } from "./limits.ts";
import type { StreamListener, TakeSource } from "./stream_listener.ts";

/** How long to wait after a connection could not be accepted: too many files are open, mostly. */
const ACCEPT_PAUSE_MS = 100;

/** Listens for plain connections. @throws {Deno.errors.AddrInUse} and the like */
export function listenTcp(address: ListenAddress, take: TakeSource): StreamListener {
  const listener = Deno.listen({ hostname: address.host, port: address.port });
  const accepting = accept(listener, take);
  return {
    port: listener.addr.port,
    async close() {
      // Closing resets the connections that wait to be accepted, whose clients have sent already for all they know.
      await new Promise((resolve) => setTimeout(resolve, LAST_ACCEPTED_MS));
      listener.close();
      await accepting;
    },
  };
}

async function accept(listener: Deno.TcpListener, take: TakeSource): Promise<void> {
  for (;;) {
    try {
      take(sourceOf(await listener.accept()));
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
    }
  }
}

function sourceOf(connection: Deno.TcpConn): ByteSource {
  connection.setKeepAlive(true);
  const buffer = new Uint8Array(READ_BYTES);
  let closed = false;
  return {
    address: connection.remoteAddr.hostname,
    async read() {
      const count = await connection.read(buffer);
      return count === null ? undefined : buffer.subarray(0, count);
    },
    end() {
      // It fails if the other end is gone, which the next read tells.
      connection.closeWrite().catch(() => undefined);
    },
    close() {
      if (!closed) connection.close();
      closed = true;
    },
  };
}
