/** A server-sent event. */
export interface StreamEvent {
  readonly type: string;
  /** Empty: the event only moves the last id. */
  readonly data: string;
  /** The last id that the stream has given so far, if any. */
  readonly lastId: string | undefined;
}

/** Cuts a `text/event-stream` into its events, as they arrive (HTML standard, section 9.2.6). */
export async function* readEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<StreamEvent> {
  let rest = "";
  let type = "";
  let data: string[] = [];
  let lastId: string | undefined;
  let isEmpty = true;
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const ended of lines) {
      const line = ended.replace(/\r$/, "");
      if (line === "") {
        if (!isEmpty) yield { type: type || "message", data: data.join("\n"), lastId };
        [type, data, isEmpty] = ["", [], true];
        continue;
      }
      const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
      if (name === "data") data.push(value);
      else if (name === "event") type = value;
      else if (name === "id") lastId = value;
      else continue;
      isEmpty = false;
    }
  }
}
