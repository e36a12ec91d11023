import type { TestRequest, TestServer } from "../_server.ts";

/** An event of a tail that has data. */
export interface TailEvent {
  readonly type: string;
  readonly id: number;
  // deno-lint-ignore no-explicit-any -- every assertion on it would be a cast
  readonly data: any;
}

/** Cuts the text of a tail into its events. */
export class EventParser {
  #rest = "";
  /** The id that a client would come back with. */
  lastId: number | undefined;

  /** Takes some text and gives the events with data that it completes. */
  push(text: string): TailEvent[] {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop()!;
    const events: TailEvent[] = [];
    for (const block of blocks) {
      const id = /^id: (\d+)$/m.exec(block)?.[1];
      if (id !== undefined) this.lastId = Number(id);
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      const type = /^event: (.*)$/m.exec(block)?.[1] ?? "message";
      events.push({ type, id: this.lastId!, data: JSON.parse(data) });
    }
    return events;
  }
}

/** One connection of a reader of a tail. */
export class Tail {
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #parser = new EventParser();
  #events: TailEvent[] = [];

  private constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Opens a tail, and waits until it has begun. */
  static async open(server: TestServer, query = "", request: TestRequest = {}): Promise<Tail> {
    const response = await server.fetch(`/logs/tail${query}`, request);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    const tail = new Tail(response.body!);
    while (tail.lastId === undefined && await tail.#more());
    return tail;
  }

  /** The last id that the tail has given. */
  get lastId(): number | undefined {
    return this.#parser.lastId;
  }

  /** The next event; `undefined` when the connection has ended, in whatever way. */
  async next(): Promise<TailEvent | undefined> {
    while (this.#events.length === 0 && await this.#more());
    return this.#events.shift();
  }

  /** The next `count` events. */
  async take(count: number): Promise<TailEvent[]> {
    const events: TailEvent[] = [];
    while (events.length < count) {
      const event = await this.next();
      if (event === undefined) throw new Error(`The tail ended after ${events.length} events`);
      events.push(event);
    }
    return events;
  }

  async close(): Promise<void> {
    // A connection that is broken already has nothing left to cancel.
    await this.#reader.cancel().catch(() => undefined);
  }

  async #more(): Promise<boolean> {
    // A server that is killed breaks the connection: for a reader that is an end like any other.
    const { value } = await this.#reader.read().catch(() => ({ value: undefined }));
    if (value === undefined) return false;
    this.#events.push(...this.#parser.push(value));
    return true;
  }
}
