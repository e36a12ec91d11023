import type { FormatName } from "./wire/mod.ts";

/** What one Worker is to do: plain values, sent to it as a message. */
export interface ServiceTask {
  /** The server's address. */
  readonly url: string;
  /** What it speaks. */
  readonly format: FormatName;
  /** Where syslog goes. */
  readonly syslog: { readonly hostname: string; readonly port: number };
  /** The service's own token. */
  readonly token: string;
  readonly service: string;
  /** Index into the kinds. */
  readonly kind: number;
  /** Which copy of the shop the service belongs to. */
  readonly cell: number;
  readonly seed: number;
  /** Names this run in idempotency keys and canary attributes. */
  readonly run: string;
  /** Records per second on average over a simulated day; 0: as fast as the server takes. */
  readonly rate: number;
  /** Records in a batch, at most. */
  readonly batch: number;
  /** The length of a simulated day. */
  readonly dayMs: number;
  /** Unix milliseconds. */
  readonly startMs: number;
  /** Unix milliseconds; Infinity: until stopped. */
  readonly endMs: number;
  readonly canary: boolean;
  /** How many batches may carry an idempotency key. */
  readonly keys: number;
}
