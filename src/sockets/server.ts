import type { Store } from "../storage/mod.ts";
import { type ListenAddress, showAddress } from "./address.ts";
import { type ByteSource, Connection } from "./connection.ts";
import { SocketCounters, type SocketFigures } from "./counters.ts";
import { DatagramListener } from "./datagram_listener.ts";
import { GELF, type SocketFormat, SYSLOG } from "./format.ts";
import { Gatekeeper } from "./gatekeeper.ts";
import { Intake } from "./intake.ts";
import { CONNECTIONS_MAX, DRAIN_MS_MAX } from "./limits.ts";
import type { SourceList } from "./source_list.ts";
import { listenTcp } from "./tcp_listener.ts";
import { listenTls, type TlsFiles } from "./tls_listener.ts";

/** Where to listen for one format, and for whom. */
export interface SocketServerOptions {
  readonly format: "syslog" | "gelf";
  readonly addresses: readonly ListenAddress[];
  readonly sources: SourceList;
  /** Needed where an address has TLS. */
  readonly tls?: TlsFiles | undefined;
  readonly store: Pick<Store, "append">;
  /** Takes one line about what operators should know. */
  readonly log: (line: string) => void;
}

/** What listens for one format. */
export interface SocketServer {
  /** Such as `tcp://127.0.0.1:5514`, in the order of the options. */
  readonly addresses: readonly string[];
  readonly format: "syslog" | "gelf";
  /** For `/metrics`. */
  figures(): SocketFigures;
  /**
   * Takes no more connections, reads what senders have on the way, stores it, and closes; what the store still refuses then
   * is lost, and counted. Idempotent.
   */
  close(): Promise<void>;
}

/**
 * Listens for syslog or GELF. Senders are told nothing, so nothing that was read is thrown away while it can be stored.
 * @throws {Error} it cannot listen on one of the addresses, which the message names
 */
export async function openSocketServer(options: SocketServerOptions): Promise<SocketServer> {
  const server = new Server(options);
  try {
    for (const address of options.addresses) await server.listen(address, options.tls);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

class Server implements SocketServer {
  readonly addresses: string[] = [];
  readonly #format: SocketFormat;
  readonly #counters = new SocketCounters();
  readonly #gatekeeper: Gatekeeper;
  readonly #intake: Intake;
  readonly #listeners: Listener[] = [];
  readonly #connections = new Map<Connection, Promise<void>>();
  #closed: Promise<void> | undefined;

  constructor({ format, sources, store, log }: SocketServerOptions) {
    this.#format = format === "syslog" ? SYSLOG : GELF;
    this.#gatekeeper = new Gatekeeper(sources, log);
    this.#intake = new Intake(store, this.#format.service, this.#counters, log);
  }

  async listen(address: ListenAddress, tls: TlsFiles | undefined): Promise<void> {
    let listener: Listener;
    try {
      listener = await this.#open(address, tls);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot listen on ${showAddress(address)}: ${reason}`, { cause });
    }
    this.#listeners.push(listener);
    this.addresses.push(showAddress({ ...address, port: listener.port }));
  }

  async #open(address: ListenAddress, tls: TlsFiles | undefined): Promise<Listener> {
    if (address.transport === "udp") {
      return new DatagramListener(address, this.#format, this.#gatekeeper, this.#intake);
    }
    const take = (source: ByteSource, isProven?: boolean) => this.#take(source, isProven);
    if (address.transport === "tcp") return listenTcp(address, take);
    if (tls === undefined) throw new Error("TLS needs a certificate and its key");
    return await listenTls(address, tls, CONNECTIONS_MAX[this.#format.name], take);
  }

  #take(source: ByteSource, isProven = false): void {
    const { name } = this.#format;
    const isKnown = isProven || this.#gatekeeper.knows(source.address);
    const isFull = this.#connections.size >= CONNECTIONS_MAX[name];
    if (!isKnown || isFull) {
      this.#counters.connectionsRefused++;
      if (!isKnown) this.#gatekeeper.refused(source.address, name);
      source.close();
      return;
    }
    const connection = new Connection(source, this.#format, this.#intake);
    this.#counters.connectionsOpen++;
    const running = connection.run().finally(() => {
      this.#counters.connectionsOpen--;
      this.#connections.delete(connection);
    });
    this.#connections.set(connection, running);
    // It had waited to be accepted when the end was asked for: what it brings is read as that of the others.
    if (this.#closed !== undefined) connection.drain();
  }

  get format(): SocketFormat["name"] {
    return this.#format.name;
  }

  figures(): SocketFigures {
    return this.#counters.figures();
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    const closing = this.#listeners.map((listener) => listener.close());
    for (const connection of this.#connections.keys()) connection.drain();
    const giveUp = setTimeout(() => this.#intake.stop(), DRAIN_MS_MAX);
    await Promise.all(closing);
    await Promise.all(this.#connections.values());
    clearTimeout(giveUp);
  }
}
