import type { SocketFormat } from "./format.ts";
import type { Intake } from "./intake.ts";
import { DRAIN_MS_MAX, DRAIN_QUIET_MS } from "./limits.ts";

/** One open connection, however it is encrypted. */
export interface ByteSource {
  /** The other end's address. */
  readonly address: string;
  /** The next bytes, which are good until the next call; `undefined` at the end. Rejects if the connection broke. */
  read(): Promise<Uint8Array | undefined>;
  /** Tells the other end that nothing more is wanted; what is on the way can still be read. */
  end(): void;
  /** Idempotent. */
  close(): void;
}

/** Reads a connection to its end: never faster than the store takes what it brings. */
export class Connection {
  readonly #source: ByteSource;
  readonly #format: SocketFormat;
  readonly #intake: Intake;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #draining = false;

  constructor(source: ByteSource, format: SocketFormat, intake: Intake) {
    this.#source = source;
    this.#format = format;
    this.#intake = intake;
  }

  /** Resolves when all of it is stored. A connection that breaks ends like one that is closed: what it brought counts. */
  async run(): Promise<void> {
    const decoder = this.#format.open(this.#source.address);
    try {
      for (;;) {
        const chunk = await this.#read();
        if (chunk === undefined) break;
        await this.#intake.take(decoder.push(chunk));
        if (this.#draining) this.#waitForMore();
      }
      await this.#intake.take(decoder.finish());
    } finally {
      this.#stopWaiting();
      clearTimeout(this.#deadline);
      this.#source.close();
    }
  }

  async #read(): Promise<Uint8Array | undefined> {
    try {
      return await this.#source.read();
    } catch {
      // Reset, or closed by `drain` below: there is nobody to tell.
      return undefined;
    }
  }

  /** Takes what is on the way, and ends. A sender that goes on although it was told to stop is cut off. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#source.end();
    this.#deadline = setTimeout(() => this.#source.close(), DRAIN_MS_MAX);
    this.#waitForMore();
  }

  #waitForMore(): void {
    this.#stopWaiting();
    this.#quiet = setTimeout(() => this.#source.close(), DRAIN_QUIET_MS);
  }

  #stopWaiting(): void {
    clearTimeout(this.#quiet);
  }
}
