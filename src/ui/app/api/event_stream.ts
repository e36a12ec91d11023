/** A server-sent event. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** The last id that the stream gave up to here. */
  readonly id: string | undefined;
}

/** Cuts a `text/event-stream` into events, in whatever pieces it arrives (HTML standard, section 9.2.6). */
export class EventParser {
  #rest = "";
  #type = "";
  #data: string[] = [];
  #id: string | undefined;
  #lastId: string | undefined;

  /** The id to resume after: of the last event that ended, with data or without. */
  get lastId(): string | undefined {
    return this.#lastId;
  }

  /** Takes a piece of text and gives the events that it completes. */
  push(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (line !== "") this.#field(line);
      else this.#finish(events);
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    // A line that begins with a colon is a comment: the server's sign of life.
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#type = value;
    else if (name === "id") this.#id = value;
  }

  #finish(events: StreamEvent[]): void {
    if (this.#data.length > 0) {
      events.push({ type: this.#type || "message", data: this.#data.join("\n"), id: this.#id });
    }
    this.#lastId = this.#id;
    this.#type = "";
    this.#data = [];
  }
}
