/** @module A reader of server-sent events, for tests. */

/** An event, as far as a tail sends them. */
export interface TestEvent {
  readonly type: string;
  readonly id: number | undefined;
  // deno-lint-ignore no-explicit-any -- the test knows what it reads
  readonly data: any;
}

/** Reads the events of a response, one after the other. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";
  /** The last id that any event gave, those without data too. */
  lastId: number | undefined;

  constructor({ body }: Response) {
    this.#reader = body!.getReader();
  }

  /** The next event that has data; `undefined` at the end. */
  async next(): Promise<TestEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) {
        const { done, value } = await this.#reader.read();
        if (done) return undefined;
        this.#text += this.#decoder.decode(value, { stream: true });
        continue;
      }
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const fields = new Map(
        block.split("\n").map((line) => line.split(/: (.*)/s, 2) as [string, string]),
      );
      const id = fields.get("id");
      if (id !== undefined) this.lastId = Number(id);
      const data = fields.get("data");
      if (data === undefined) continue;
      return { type: fields.get("event") ?? "message", id: this.lastId, data: JSON.parse(data) };
    }
  }

  /** The next `count` events, or those up to the end. */
  async take(count: number): Promise<TestEvent[]> {
    const events: TestEvent[] = [];
    while (events.length < count) {
      const event = await this.next();
      if (event === undefined) break;
      events.push(event);
    }
    return events;
  }

  /** Reads until an event without data has said where the tail is. */
  async start(): Promise<number> {
    while (this.lastId === undefined) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error("The tail ended before it began");
      this.#text += this.#decoder.decode(value, { stream: true });
      const match = /^retry: \d+\nid: (\d+)\n\n/.exec(this.#text);
      if (match === null) continue;
      this.lastId = Number(match[1]);
      this.#text = this.#text.slice(match[0].length);
    }
    return this.lastId;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}
