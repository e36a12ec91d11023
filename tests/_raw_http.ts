import type { TestServer } from "./_server.ts";

/** An answer as its bytes gave it. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Whether the server keeps the connection for another request. */
  readonly keeps: boolean;
}

const encoder = new TextEncoder();
const READ_BYTES = 65_536;

/** A connection on which any bytes can be sent, also such as no client would; answers are read as RFC 9112 says. */
export class RawConnection {
  readonly #conn: Deno.Conn;
  #received = new Uint8Array(0);

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  static async open({ port }: TestServer): Promise<RawConnection> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay();
    return new RawConnection(conn);
  }

  close(): void {
    this.#conn.close();
  }

  /** Sends bytes; `false` if the server has closed the connection. */
  async send(data: string | Uint8Array): Promise<boolean> {
    let rest = typeof data === "string" ? encoder.encode(data) : data;
    try {
      while (rest.length > 0) rest = rest.subarray(await this.#conn.write(rest));
      return true;
    } catch (error) {
      if (isClosed(error)) return false;
      throw error;
    }
  }

  /** Says that nothing more will be sent. */
  async finish(): Promise<void> {
    await this.#conn.closeWrite().catch((error) => {
      if (!isClosed(error)) throw error;
    });
  }

  /**
   * Reads the next answer; `undefined` if the connection ends before one is whole.
   * @param bodiless whether it is the answer to a HEAD
   */
  async receive(bodiless = false): Promise<RawAnswer | undefined> {
    const head = await this.#until("\r\n\r\n");
    if (head === undefined) return undefined;
    const [first = "", ...lines] = head.split("\r\n");
    const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(first)?.[1]);
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    // Events have no end: whoever wants them reads them otherwise.
    const isEndless = headers.get("content-type") === "text/event-stream";
    const empty = bodiless || status === 204 || status === 304 || isEndless;
    const body = empty ? "" : await this.#body(headers);
    if (body === undefined) return undefined;
    return { status, headers, body, keeps: !isEndless && headers.get("connection") !== "close" };
  }

  async #body(headers: ReadonlyMap<string, string>): Promise<string | undefined> {
    const length = headers.get("content-length");
    if (length !== undefined) return await this.#take(Number(length));
    if (headers.get("transfer-encoding") !== "chunked") return "";
    let body = "";
    for (;;) {
      const size = Number.parseInt(await this.#until("\r\n") ?? "", 16);
      if (!(size >= 0)) return undefined;
      const chunk = await this.#take(size + 2);
      if (chunk === undefined) return undefined;
      if (size === 0) return body;
      body += chunk.slice(0, -2);
    }
  }

  /** The text before a delimiter, which is taken, too. Bytes are read as Latin-1: the delimiters are ASCII. */
  async #until(delimiter: string): Promise<string | undefined> {
    for (;;) {
      const at = latin1.decode(this.#received).indexOf(delimiter);
      if (at >= 0) {
        const text = latin1.decode(this.#received.subarray(0, at));
        this.#received = this.#received.subarray(at + delimiter.length);
        return text;
      }
      if (!await this.#more()) return undefined;
    }
  }

  async #take(bytes: number): Promise<string | undefined> {
    while (this.#received.length < bytes) {
      if (!await this.#more()) return undefined;
    }
    const text = utf8.decode(this.#received.subarray(0, bytes));
    this.#received = this.#received.subarray(bytes);
    return text;
  }

  async #more(): Promise<boolean> {
    const buffer = new Uint8Array(READ_BYTES);
    let count: number | null;
    try {
      count = await this.#conn.read(buffer);
    } catch (error) {
      if (isClosed(error)) return false;
      throw error;
    }
    if (count === null) return false;
    const joined = new Uint8Array(this.#received.length + count);
    joined.set(this.#received);
    joined.set(buffer.subarray(0, count), this.#received.length);
    this.#received = joined;
    return true;
  }
}

const latin1 = new TextDecoder("latin1");
const utf8 = new TextDecoder();

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected || error instanceof Deno.errors.ConnectionAborted;
}

/** A request's head as bytes; `Host` comes first. */
export function headOf(line: string, ...headers: readonly string[]): string {
  return [line, "Host: 127.0.0.1", ...headers, "", ""].join("\r\n");
}
