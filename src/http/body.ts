import { OverloadedError } from "../storage/mod.ts";
import { HttpError } from "./errors.ts";
import {
  BODIES_BYTES_MAX,
  BODY_BYTES_MAX,
  BODY_MS_MAX,
  TURN_BODY_BYTES_MIN,
  UNTIMED_BODIES_BYTES_MAX,
} from "./limits.ts";
import { Turns } from "./turns.ts";

/** What a body reader may hold; a test makes it small. */
export interface BodyLimits {
  /** All bodies being received together. */
  readonly bodiesBytesMax: number;
  /** Those of them together that may take any time. */
  readonly untimedBytesMax: number;
  /** The time that one of the others may take to arrive. */
  readonly bodyMsMax: number;
}

const LIMITS: BodyLimits = {
  bodiesBytesMax: BODIES_BYTES_MAX,
  untimedBytesMax: UNTIMED_BODIES_BYTES_MAX,
  bodyMsMax: BODY_MS_MAX,
};

/** Reads request bodies, each within a bound and all together within another: never more is held in memory. */
export class BodyReader {
  #heldBytes = 0;
  #untimedBytes = 0;
  #interruptions = 0;
  readonly #turns = new Turns();
  constructor(readonly limits: BodyLimits = LIMITS) {}

  /** Bytes of bodies being received or in use. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Reads a body and gives it to `use`, which must not keep any of it: its memory is given back then.
   * @throws {HttpError} 413, 400 (it ended too early), 408 (it took too long)
   * @throws {OverloadedError} the others together hold all there is, or the server ended it
   */
  async read<T>(
    request: Request,
    use: (body: Uint8Array) => T,
    bytesMax: number = BODY_BYTES_MAX,
  ): Promise<T> {
    const declared = declaredLength(request, bytesMax);
    const held = new Held(this, declared ?? 0);
    const interruptions = this.#interruptions;
    try {
      const untimed = declared !== undefined &&
        this.#untimedBytes + declared <= this.limits.untimedBytesMax;
      const body = untimed
        ? await this.#readUntimed(request, declared)
        : await this.#readTimed(request, bytesMax, declared, held);
      if (body.length >= TURN_BODY_BYTES_MIN) await this.#turns.next();
      try {
        return use(body);
      } finally {
        // Gives its memory back now: V8 would let 64 MiB of such buffers gather before it looks for them.
        body.buffer.transfer(0);
      }
    } catch (error) {
      throw error instanceof CutShortError && interruptions < this.#interruptions
        ? interrupted()
        : error;
    } finally {
      held.release();
    }
  }

  /** Tells that the server itself is about to end the bodies that are being received: their senders are not to blame. */
  interrupt(): void {
    this.#interruptions++;
  }

  /** Half the cost of reading it in pieces, and a third of the memory; but nothing can end it before its sender does. */
  async #readUntimed(request: Request, declared: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#untimedBytes += declared;
    try {
      return new Uint8Array(await request.arrayBuffer());
    } catch {
      throw new CutShortError();
    } finally {
      this.#untimedBytes -= declared;
    }
  }

  async #readTimed(
    request: Request,
    bytesMax: number,
    declared: number | undefined,
    held: Held,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (request.body === null) return new Uint8Array(0);
    const reader = request.body.getReader();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      // The pending read answers "done"; that the sender is gone by then changes nothing.
      reader.cancel().catch(() => undefined);
    }, this.limits.bodyMsMax);
    try {
      const body = new GrowingBody(declared ?? 0);
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (body.length + value.length > bytesMax) throw tooLarge(bytesMax);
        if (declared === undefined) held.add(value.length);
        body.append(value);
      }
      if (!late) return body.bytes();
    } catch (error) {
      await reader.cancel().catch(() => undefined);
      if (error instanceof HttpError || error instanceof OverloadedError) throw error;
      throw new CutShortError();
    } finally {
      clearTimeout(timer);
    }
    throw new HttpError(
      408,
      `The body took more than ${
        this.limits.bodyMsMax / 1000
      } seconds to arrive: send smaller batches`,
      { "connection": "close" },
    );
  }

  /** Takes a share of what may be held. */
  hold(bytes: number): void {
    if (this.#heldBytes + bytes > this.limits.bodiesBytesMax) {
      throw new OverloadedError(
        "The server is receiving as much as it can hold: try again in a moment",
        503,
        1,
        { reason: "bodies" },
      );
    }
    this.#heldBytes += bytes;
  }

  /** Gives a share back. */
  release(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}

/** One body's share of what its reader may hold. */
class Held {
  #bytes = 0;
  constructor(readonly reader: BodyReader, bytes: number) {
    this.add(bytes);
  }
  add(bytes: number): void {
    this.reader.hold(bytes);
    this.#bytes += bytes;
  }
  release(): void {
    this.reader.release(this.#bytes);
    this.#bytes = 0;
  }
}

/** Bytes appended end to end, in memory that doubles. */
class GrowingBody {
  #bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }
  append(chunk: Uint8Array): void {
    const end = this.length + chunk.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.length);
    this.length = end;
  }
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }
}

function declaredLength(request: Request, bytesMax: number): number | undefined {
  const header = request.headers.get("content-length");
  if (header === null) return undefined;
  const length = Number(header);
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new HttpError(400, "Content-Length is not a number of bytes");
  }
  if (length > bytesMax) throw tooLarge(bytesMax);
  return length;
}

class CutShortError extends HttpError {
  constructor() {
    super(400, "The body ended before it was complete, or its chunks are malformed");
  }
}

function interrupted(): OverloadedError {
  return new OverloadedError(
    "The server closed the connection before the whole body had come; nothing was stored, try again",
    503,
    1,
    { reason: "not_ready" },
  );
}

function tooLarge(bytesMax: number): HttpError {
  return new HttpError(
    413,
    `The body is larger than ${bytesMax} bytes, the most that is taken: send smaller batches`,
  );
}
