import type { Random } from "../_random.ts";

/** One request of a fuzz run, as its bytes. */
export interface FuzzRequest {
  readonly bytes: Uint8Array;
  /** Whether the answer has no body. */
  readonly isHead: boolean;
  /** Whether any bytes were changed, so that no answer but the connection's end may come. Such a one has no token. */
  readonly broken: boolean;
}

const METHODS = [
  "GET",
  "GET",
  "GET",
  "POST",
  "POST",
  "POST",
  "DELETE",
  "HEAD",
  "PUT",
  "OPTIONS",
  "PATCH",
  "TRACE",
  "QUERY",
];

const PATHS = [
  "/logs",
  "/logs",
  "/logs",
  "/logs",
  "/stats",
  "/histogram",
  "/facets",
  "/tokens",
  "/tokens/fuzz",
  "/logs/1",
  "/logs/2/context",
  "/metrics",
  "/healthz",
  "/readyz",
  "/openapi.json",
  "/docs",
  "/",
  "/logs/tail",
  "/nowhere",
];

const NAMES = [
  "timestamp_start",
  "timestamp_end",
  "received_at_start",
  "received_at_end",
  "service",
  "not_service",
  "severity",
  "not_severity",
  "min_severity",
  "q",
  "trace_id",
  "attr.a",
  "not_attr.a",
  "attr.",
  "limit",
  "order",
  "cursor",
  "by",
  "interval",
  "field",
  "before",
  "after",
  "__proto__",
  "constructor",
  "",
  "x",
];

const VALUES = [
  "2025-04-01T12:00:00Z",
  "0001-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999999999Z",
  "1990-01-01T00:00:00Z",
  "fuzz",
  "fuzz-2",
  "INFO",
  "error",
  "1",
  "10",
  "0",
  "-1",
  "10000",
  "10001",
  "1e9",
  "NaN",
  "asc",
  "desc",
  "5m",
  "1d",
  "1ms",
  "service",
  "severity",
  "service,severity",
  "attr",
  "attr.a",
  "attr.",
  "word",
  '"a phrase"',
  "pre*",
  "*mid*",
  "/re+/i",
  "/(/",
  "-not",
  '"',
  "attr.a:x",
  "__proto__",
  "a".repeat(3_000),
  "%",
  "\u0000",
  "😀",
  "\n",
  "..",
  "AQAAAAAAAAAA",
  "true",
  "null",
  "{}",
  "'",
];

const SEGMENTS = [
  "..",
  "%2e%2e",
  "%00",
  "%ff",
  "%2f",
  "%E0%A4%A",
  "-1",
  "0",
  "99999999999999999999",
  "1.5",
  "a".repeat(2_000),
  "😀",
  "context",
  "__proto__",
  "*",
  ":id",
];

const CONTENT_TYPES = [
  "application/json",
  "application/json",
  "application/json; charset=utf-8",
  "application/x-ndjson",
  "application/jsonl",
  "text/plain",
  "application/json; charset=utf-16",
  "",
  "a".repeat(500),
  "multipart/form-data; boundary=x",
];

const SCALARS = [
  "null",
  "true",
  "0",
  "-0",
  "1e400",
  "1e-400",
  "123456789012345678901234567890",
  '""',
  '"x"',
  '"\\ud800"',
  '"\\u0000"',
  "[]",
  "{}",
  '"2025-02-30T00:00:00Z"',
  '"2025-04-01T12:00:00.123456789Z"',
  '"INFO"',
  "18",
  "25",
  '"\u{1f600}"',
  "[[[[[[[[[[1]]]]]]]]]]",
  '{"a":{"b":{"c":{}}}}',
];

const FIELDS = [
  "timestamp",
  "service",
  "severity",
  "message",
  "attributes",
  "trace_id",
  "span_id",
  "severity_text",
  "severity_number",
  "id",
  "received_at",
  "__proto__",
  "constructor",
  "toString",
  "extra",
  "",
];

const ACCEPTS = [
  "*/*",
  "application/json",
  "application/x-ndjson",
  "text/csv",
  "image/png",
  "text/html",
  "",
  ";;q=x,,",
  "*/*;q=0",
];

const encoder = new TextEncoder();

/** Makes requests: good ones, and such with something wrong in any part. */
export class Fuzzer {
  readonly #random: Random;
  readonly #tokens: readonly string[];
  #count = 0;

  /** @param tokens those that the requests may carry */
  constructor(random: Random, tokens: readonly string[]) {
    this.#random = random;
    this.#tokens = tokens;
  }

  next(): FuzzRequest {
    this.#count++;
    const broken = this.#random.chance(0.08);
    const method = this.#pick(METHODS);
    const body = method === "POST" || this.#random.chance(0.1) ? this.#body() : new Uint8Array(0);
    const head = encoder.encode(this.#head(method, body, broken));
    const bytes = new Uint8Array(head.length + body.length);
    bytes.set(head);
    bytes.set(body, head.length);
    return { bytes: broken ? this.#mutate(bytes) : bytes, isHead: method === "HEAD", broken };
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#random.integer(0, from.length - 1)]!;
  }

  #head(method: string, body: Uint8Array, broken: boolean): string {
    const random = this.#random;
    const headers = [`Content-Length: ${body.length}`];
    const token = broken || random.chance(0.1) ? "nobody" : this.#pick(this.#tokens);
    if (random.chance(0.97)) {
      headers.push(`Authorization: ${this.#pick(["Token", "Token", "Bearer", "token"])} ${token}`);
    }
    if (random.chance(0.9)) {
      const usual = random.chance(0.7);
      headers.push(`Content-Type: ${usual ? "application/json" : this.#pick(CONTENT_TYPES)}`);
    }
    if (random.chance(0.3)) headers.push(`Accept: ${this.#pick(ACCEPTS)}`);
    if (random.chance(0.05)) {
      headers.push(
        `Content-Encoding: ${
          this.#pick(["gzip", "zstd", "br", "deflate", "identity", ",,", "gzip,gzip"])
        }`,
      );
    }
    if (random.chance(0.1)) {
      headers.push(
        `Idempotency-Key: ${this.#pick(["a", "b", "key", "", "x".repeat(300), "é"])}${
          random.integer(0, 50)
        }`,
      );
    }
    if (random.chance(0.03)) {
      headers.push(
        `X-${"y".repeat(random.integer(1, 2_000))}: ${"z".repeat(random.integer(0, 4_000))}`,
      );
    }
    if (random.chance(0.02)) {
      headers.push("Expect: 100-continue".replace("100", this.#pick(["101", "2"])));
    }
    return [`${method} ${this.#target(method)} HTTP/1.1`, "Host: 127.0.0.1", ...headers, "", ""]
      .join(
        "\r\n",
      );
  }

  #target(method: string): string {
    const random = this.#random;
    if (method === "DELETE" && random.chance(0.3)) {
      const before = `20${random.integer(10, 40)}-01-01T00:00:00Z`;
      return `/logs?before=${before}&service=fuzz-${random.integer(0, 20)}`;
    }
    let path = this.#pick(PATHS);
    while (random.chance(0.08)) path += `/${this.#segment()}`;
    const parameters: string[] = [];
    while (random.chance(0.4) && parameters.length < 6) {
      const name = this.#pick(NAMES);
      const value = random.chance(0.05) ? this.#garbage() : this.#pick(VALUES);
      parameters.push(
        `${encodeURIComponent(name)}=${
          random.chance(0.97) ? encodeURIComponent(value) : "%zz&&=%"
        }`,
      );
    }
    return parameters.length === 0 ? path : `${path}?${parameters.join("&")}`;
  }

  #segment(): string {
    return encodeURI(this.#pick(SEGMENTS)).replaceAll("%25", "%");
  }

  #garbage(): string {
    const units = Array.from(
      { length: this.#random.integer(1, 40) },
      () => this.#random.integer(0, 0xffff),
    );
    return String.fromCharCode(...units).toWellFormed();
  }

  #body(): Uint8Array {
    const random = this.#random;
    const text = this.#json();
    if (random.chance(0.75)) return encoder.encode(text);
    if (random.chance(0.3)) {
      return Uint8Array.from({ length: random.integer(0, 300) }, () => random.integer(0, 255));
    }
    return this.#mutate(encoder.encode(text));
  }

  #json(): string {
    const random = this.#random;
    const kind = random.next();
    if (kind < 0.5) return this.#record();
    if (kind < 0.8) {
      const separator = random.chance(0.97) ? "," : this.#pick(["", ",,", "\n", ";"]);
      const records = Array.from({ length: random.integer(0, 8) }, () => this.#record()).join(
        separator,
      );
      return `[${records}]`;
    }
    if (kind < 0.9) {
      return Array.from({ length: random.integer(0, 5) }, () => this.#record()).join("\n");
    }
    if (kind < 0.95) {
      return JSON.stringify({ name: `fuzz ${this.#count}`, read: random.chance(0.5), write: "*" });
    }
    return this.#pick(["[", "{", '{"', "[".repeat(5_000), '{"a":'.repeat(5_000), ...SCALARS]);
  }

  #record(): string {
    const random = this.#random;
    const members = new Map([
      [
        "timestamp",
        `"20${random.integer(10, 40)}-04-01T12:00:00.${random.integer(0, 999_999_999)}Z"`,
      ],
      ["service", `"fuzz-${random.integer(0, 20)}"`],
      ["severity", this.#pick(['"INFO"', '"warn"', '"ERROR"', "17"])],
      ["message", JSON.stringify(this.#pick(["a word", "a phrase of words", this.#garbage()]))],
    ]);
    while (random.chance(0.2)) members.set(this.#pick(FIELDS), this.#pick(SCALARS));
    if (random.chance(0.2)) members.set("attributes", `{"a":${this.#pick(SCALARS)},"b":"x"}`);
    if (random.chance(0.05)) members.delete(this.#pick(FIELDS));
    const texts = [...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`);
    if (random.chance(0.05)) texts.push(texts[0]!);
    return `{${texts.join(",")}}`;
  }

  /** Changes, removes, repeats or inserts some bytes. */
  #mutate(bytes: Uint8Array): Uint8Array {
    const random = this.#random;
    let changed = [...bytes];
    for (let n = random.integer(1, 4); n > 0; n--) {
      const at = random.integer(0, changed.length);
      const length = random.integer(0, 12);
      const inserted = this.#pick([
        [],
        Array.from({ length: random.integer(1, 6) }, () => random.integer(0, 255)),
        changed.slice(at, at + length),
        [13, 10],
        [0],
      ]);
      const removed = random.chance(0.5) ? length : 0;
      changed = [...changed.slice(0, at), ...inserted, ...changed.slice(at + removed)];
    }
    return Uint8Array.from(changed);
  }
}
