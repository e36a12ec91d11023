import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { ListenAddress } from "./address.ts";
import type { ByteSource } from "./connection.ts";
import { HANDSHAKE_MS_MAX, KEEP_ALIVE_MS } from "./limits.ts";
import type { StreamListener, TakeSource } from "./stream_listener.ts";

/** What a TLS listener needs, as PEM texts. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** Who signs the certificates of senders that may send from anywhere; absent: nobody's are asked for. */
  readonly clientAuthority?: string | undefined;
}

/**
 * Listens for connections with TLS (RFC 5425), by node:tls because `Deno.listenTls` asks for no certificates.
 * @param connectionsMax handshakes among them
 * @throws {Error} it cannot listen, or the files are no certificate and key
 */
export async function listenTls(
  { host, port }: ListenAddress,
  { certificate, key, clientAuthority }: TlsFiles,
  connectionsMax: number,
  take: TakeSource,
): Promise<StreamListener> {
  const server = createServer({
    cert: certificate,
    key,
    ...(clientAuthority === undefined ? {} : { ca: clientAuthority, requestCert: true }),
    // Who shows none may still be known by its address.
    rejectUnauthorized: false,
    handshakeTimeout: HANDSHAKE_MS_MAX,
  });
  server.maxConnections = connectionsMax;
  server.on("tlsClientError", (_, socket) => socket.destroy());
  server.on("secureConnection", (socket) => {
    take(sourceOf(socket), clientAuthority !== undefined && socket.authorized);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      // Its callback waits for open connections, whose end comes later.
      server.close();
      return Promise.resolve();
    },
  };
}

function sourceOf(socket: TLSSocket): ByteSource {
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  const chunks: AsyncIterator<Uint8Array> = socket[Symbol.asyncIterator]();
  return {
    address: socket.remoteAddress ?? "unknown",
    async read() {
      const { done, value } = await chunks.next();
      return done ? undefined : value;
    },
    end: () => void socket.end(),
    close: () => void socket.destroy(),
  };
}
