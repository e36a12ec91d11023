import { RecordBatch } from "../record.ts";
import type { ListenAddress } from "./address.ts";
import type { SocketCounters } from "./counters.ts";
import type { SocketFormat } from "./format.ts";
import type { Gatekeeper } from "./gatekeeper.ts";
import type { Intake } from "./intake.ts";
import { DATAGRAM_UNITS_WAITING_MAX, DATAGRAMS_WAITING_MAX } from "./limits.ts";

/** The largest datagram that there can be. */
const DATAGRAM_BYTES_MAX = 64 * 1024;

/**
 * Takes datagrams, one message each. Nobody can be told to wait: what arrives while too much waits for the store is dropped
 * and counted.
 */
export class DatagramListener {
  readonly #socket: Deno.DatagramConn;
  readonly #format: SocketFormat;
  readonly #gatekeeper: Gatekeeper;
  readonly #intake: Intake;
  readonly #counters: SocketCounters;
  readonly #receiving: Promise<void>;
  #waiting = new RecordBatch();
  #storing: Promise<void> | undefined;

  /** @throws {Deno.errors.AddrInUse} and the like */
  constructor(
    { host, port }: ListenAddress,
    format: SocketFormat,
    gatekeeper: Gatekeeper,
    intake: Intake,
  ) {
    // node:dgram takes 50 times as long for each, and loses most of a burst (Deno 2.9).
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname: host, port });
    this.#format = format;
    this.#gatekeeper = gatekeeper;
    this.#intake = intake;
    this.#counters = intake.counters;
    this.#receiving = this.#receive();
  }

  get port(): number {
    return (this.#socket.addr as Deno.NetAddr).port;
  }

  /** Takes no more; resolves when what was taken is stored or given up. */
  async close(): Promise<void> {
    this.#socket.close();
    await this.#receiving;
    await this.#storing;
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(DATAGRAM_BYTES_MAX);
    for (;;) {
      try {
        const [bytes, sender] = await this.#socket.receive(buffer);
        this.#take(bytes, (sender as Deno.NetAddr).hostname);
      } catch (error) {
        if (error instanceof Deno.errors.BadResource) return;
        // A sender's own fault, such as ICMP's answer to what nobody sent: the next datagram may be fine.
        if (error instanceof Deno.errors.Interrupted) return;
      }
    }
  }

  #take(bytes: Uint8Array, source: string): void {
    if (!this.#gatekeeper.knows(source)) {
      this.#counters.datagramsRefused++;
      this.#gatekeeper.refused(source, this.#format.name);
      return;
    }
    const waiting = this.#waiting;
    if (
      waiting.length >= DATAGRAMS_WAITING_MAX || waiting.textUnits >= DATAGRAM_UNITS_WAITING_MAX
    ) {
      this.#counters.datagramsDropped++;
      return;
    }
    this.#format.datagram(bytes, source, waiting);
    this.#storing ??= this.#store();
  }

  /** What arrives during a commit shares the next one. */
  async #store(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = new RecordBatch();
      await this.#intake.take(batch);
    }
    this.#storing = undefined;
  }
}
