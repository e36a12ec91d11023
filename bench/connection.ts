/** @module One keep-alive HTTP/1.1 connection on a bare socket: a client that costs less than what it measures. */

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** An answer's head, or the line before a chunk, is shorter than this. */
const HEAD_BYTES_MAX = 64 * 1024;

/** A larger answer is a mistake of the benchmark: its largest, 10,000 records, is about 3 MB. */
const BODY_BYTES_MAX = 256 * 1024 * 1024;

const LINE_FEED = 10;
const LINE_END = new Uint8Array([13, LINE_FEED]);
const HEAD_END = new Uint8Array([13, LINE_FEED, 13, LINE_FEED]);

const latin1 = new TextDecoder("latin1");

/**
 * Sends requests one after the other. Answers have a `Content-Length` or come in chunks (RFC 9112, section 6). Where the
 * server closes the connection after an answer (section 9.6), the next request goes over a new one.
 */
export class HttpConnection {
  readonly #url: URL;
  #socket: Deno.TcpConn;
  #closing = false;
  readonly #buffer = new Uint8Array(HEAD_BYTES_MAX);
  #start = 0;
  #end = 0;

  private constructor(url: URL, socket: Deno.TcpConn) {
    this.#url = url;
    this.#socket = socket;
  }

  /** Connects to the host and port of an `http:` address. */
  static async open(url: URL): Promise<HttpConnection> {
    return new HttpConnection(url, await connect(url));
  }

  /**
   * Sends a whole request and reads the answer. One at a time.
   *
   * @throws {Error} the connection ended, or what came is no answer; then the connection is of no more use
   */
  async exchange(request: Uint8Array): Promise<Answer> {
    if (this.#closing) await this.#connectAgain();
    for (let sent = 0; sent < request.length;) {
      sent += await this.#socket.write(sent === 0 ? request : request.subarray(sent));
    }
    const head = await this.#readUntil(HEAD_END);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? NaN);
    if (!(status >= 200)) throw new Error(`Not an answer: ${JSON.stringify(head.slice(0, 200))}`);
    this.#closing = /\r\nconnection: *close/i.test(head);
    return { status, body: await this.#readBody(head) };
  }

  close(): void {
    this.#socket.close();
  }

  async #connectAgain(): Promise<void> {
    this.#socket.close();
    this.#socket = await connect(this.#url);
    this.#closing = false;
    this.#start = this.#end = 0;
  }

  async #readBody(head: string): Promise<Uint8Array> {
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    if (length !== null) return await this.#take(Number(length[1]));
    if (/\r\ntransfer-encoding: *chunked/i.test(head)) return await this.#readChunks();
    if (/^HTTP\/1\.[01] (204|304)/.test(head)) return new Uint8Array();
    throw new Error(`An answer without a length: ${JSON.stringify(head.slice(0, 200))}`);
  }

  async #readChunks(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const size = parseInt(await this.#readUntil(LINE_END), 16);
      if (!(size >= 0)) throw new Error("A chunk of an answer without its size");
      const chunk = await this.#take(size);
      await this.#take(2);
      if (size === 0) return concatenate(chunks, total);
      chunks.push(chunk);
      total += size;
      if (total > BODY_BYTES_MAX) throw new Error(`An answer of more than ${BODY_BYTES_MAX} bytes`);
    }
  }

  /** Takes the text up to and with `mark`, which ends with a line feed. */
  async #readUntil(mark: Uint8Array): Promise<string> {
    if (this.#start === this.#end) this.#start = this.#end = 0;
    let searched = this.#start;
    for (;;) {
      const at = this.#buffer.subarray(searched, this.#end).indexOf(LINE_FEED);
      if (at < 0) {
        searched = await this.#fill();
        continue;
      }
      searched += at + 1;
      const begin = searched - mark.length;
      if (begin < this.#start || mark.some((byte, index) => this.#buffer[begin + index] !== byte)) {
        continue;
      }
      const text = latin1.decode(this.#buffer.subarray(this.#start, searched));
      this.#start = searched;
      return text;
    }
  }

  /** Reads more behind what is not yet taken; gives where it begins. */
  async #fill(): Promise<number> {
    if (this.#end === this.#buffer.length) {
      if (this.#start === 0) throw new Error(`A head of more than ${HEAD_BYTES_MAX} bytes`);
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const begin = this.#end;
    const read = await this.#socket.read(this.#buffer.subarray(begin));
    if (read === null) throw new Error("The server closed the connection");
    this.#end += read;
    return begin;
  }

  async #take(length: number): Promise<Uint8Array> {
    if (length > BODY_BYTES_MAX) throw new Error(`An answer of ${length} bytes`);
    const bytes = new Uint8Array(length);
    const buffered = Math.min(length, this.#end - this.#start);
    bytes.set(this.#buffer.subarray(this.#start, this.#start + buffered));
    this.#start += buffered;
    for (let filled = buffered; filled < length;) {
      const read = await this.#socket.read(bytes.subarray(filled));
      if (read === null) throw new Error("The server closed the connection within an answer");
      filled += read;
    }
    return bytes;
  }
}

async function connect({ hostname, port }: URL): Promise<Deno.TcpConn> {
  const socket = await Deno.connect({ hostname, port: Number(port || 80) });
  socket.setNoDelay(true);
  return socket;
}

function concatenate(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
