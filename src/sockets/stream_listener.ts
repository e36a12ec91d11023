import type { ByteSource } from "./connection.ts";

/** What listens for connections. */
export interface StreamListener {
  readonly port: number;
  /** Takes no more connections; resolves when no more will be handed over. */
  close(): Promise<void>;
}

/**
 * Takes over a connection.
 * @param isProven it showed a certificate that is trusted, so that its address does not matter
 */
export type TakeSource = (source: ByteSource, isProven?: boolean) => void;
