/** A proxy that breaks the connection in the middle of a file, as a network does. */
export class CuttingProxy implements AsyncDisposable {
  readonly url: string;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns = new Set<Deno.Conn>();
  readonly #cutAfterBytes: number;

  /** @param cutAfterBytes how much of an answer that is a file comes through */
  constructor(port: number, cutAfterBytes: number) {
    this.#cutAfterBytes = cutAfterBytes;
    this.url = `http://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
    void this.#accept(port);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) this.#end(conn);
    return Promise.resolve();
  }

  async #accept(port: number): Promise<void> {
    for await (const client of this.#listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port });
      this.#conns.add(client).add(server);
      void this.#copy(client, server);
      void this.#copy(server, client);
    }
  }

  async #copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(16 * 1_024);
    let bytesLeft = Infinity;
    try {
      for (let count; (count = await from.read(buffer)) !== null;) {
        const piece = buffer.subarray(0, count);
        const isFile = new TextDecoder().decode(piece).includes("content-disposition: attachment");
        if (isFile) bytesLeft = this.#cutAfterBytes;
        if ((bytesLeft -= count) < 0) break;
        for (let at = 0; at < count;) at += await to.write(piece.subarray(at));
      }
    } catch (error) {
      // The other direction has ended, and closed both.
      if (!(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted)) {
        if (!isBroken(error)) throw error;
      }
    }
    this.#end(from);
    this.#end(to);
  }

  #end(conn: Deno.Conn): void {
    if (this.#conns.delete(conn)) conn.close();
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe;
}
