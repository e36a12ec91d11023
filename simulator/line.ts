import type { Severity } from "./severity.ts";

/**
 * One record while a service's kind writes it, turned into JSON text without an object per record.
 * Names of attributes and texts given to `text()` are written as they are: only what needs no JSON escape may be passed;
 * messages are escaped.
 */
export class Line {
  #severity: Severity = "INFO";
  #message = "";
  #traceId = "";
  #spanId = "";
  #attributes = "";

  /** The severity and message of the record. */
  say(severity: Severity, message: string): this {
    this.#severity = severity;
    this.#message = message;
    return this;
  }

  /** The trace (32 hexadecimal digits) and span (16) that the record belongs to. */
  trace(traceId: string, spanId: string): this {
    this.#traceId = traceId;
    this.#spanId = spanId;
    return this;
  }

  /** Adds an attribute whose value needs no JSON escape. */
  text(name: string, value: string): this {
    this.#attributes += `,"${name}":"${value}"`;
    return this;
  }

  /** Adds an attribute that is a finite number. */
  number(name: string, value: number): this {
    this.#attributes += `,"${name}":${value}`;
    return this;
  }

  /** The record as a JSON object, and this line empty again. `head` is `{"service":"…"` without its end. */
  take(head: string, timestamp: string): string {
    let json = head + ',"timestamp":"' + timestamp + '","severity":"' + this.#severity +
      '","message":' + JSON.stringify(this.#message);
    if (this.#traceId !== "") {
      json += ',"trace_id":"' + this.#traceId + '","span_id":"' + this.#spanId + '"';
    }
    if (this.#attributes !== "") json += ',"attributes":{' + this.#attributes.slice(1) + "}";
    this.#traceId = "";
    this.#attributes = "";
    return json + "}";
  }
}
