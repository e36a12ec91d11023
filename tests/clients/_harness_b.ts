/**
 * @module A server of decoders alone, for real clients to send to: it answers as the formats ask for, keeps the records it
 * decoded in memory, and notes every request that it has no answer for. Clients run as programs of their own, in Node.js or
 * Python, from their own packages.
 */

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import {
  answerElasticsearchProbe,
  BadBodyError,
  decodeClef,
  decodeElasticsearchBulk,
  decodeElasticsearchDocument,
  decodeGelf,
  decodeGelfMessage,
  decodeJsonHttp,
  decodeSyslogMessage,
  decompressBody,
  encodeBulkResponse,
  encodeDocumentResponse,
  encodeElasticsearchError,
  gelfContentEncoding,
  GelfFramer,
  SyslogFramer,
} from "../../src/ingest/mod.ts";
import { formatInstant, type Instant, RecordBatch, severityName } from "../../src/record.ts";

/** A record as the tests look at it. */
export interface ClientRow {
  time: string;
  service: string;
  severity: string;
  message: string;
  attributes: Record<string, unknown>;
  trace_id?: string;
  span_id?: string;
  severity_text?: string;
  severity_number?: string;
}

/** A request as it came in. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly status: number;
}

/** The service of records that name none. */
export const DEFAULT_SERVICE = "token-service";

const BODY_BYTES_MAX = 16 * 1024 * 1024;
/** A client under load may take seconds to start; one that sends nothing is a failure. */
const WAIT_MS_MAX = 20_000;

export class ClientServer implements AsyncDisposable {
  readonly rows: ClientRow[] = [];
  readonly requests: SeenRequest[] = [];
  readonly port: number;
  readonly syslogPort: number;
  readonly gelfPort: number;
  readonly #http: Deno.HttpServer;
  readonly #listeners: Deno.TcpListener[];
  readonly #connections = new Set<Promise<void>>();
  readonly #waiting = new Set<() => void>();
  readonly #refusals: number[] = [];
  readonly #syslogUdp = createSocket("udp4");
  syslogUdpPort = 0;

  constructor() {
    this.#http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#serve(request),
    );
    this.port = (this.#http.addr as Deno.NetAddr).port;
    const syslog = this.#listen((batch) => {
      const framer = new SyslogFramer();
      const take = (frames: ReturnType<SyslogFramer["push"]>) => {
        for (const frame of frames) decodeSyslogMessage(frame, syslogDefaults(), batch());
      };
      return { push: (chunk) => take(framer.push(chunk)), end: () => take(framer.finish()) };
    });
    const gelf = this.#listen((batch) => {
      const framer = new GelfFramer();
      const take = (frames: ReturnType<GelfFramer["push"]>) => {
        for (const frame of frames) decodeGelfMessage(frame, now(), "gelf", batch());
      };
      return { push: (chunk) => take(framer.push(chunk)), end: () => take(framer.finish()) };
    });
    this.#listeners = [syslog, gelf];
    this.syslogPort = syslog.addr.port;
    this.gelfPort = gelf.addr.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts to take syslog's datagrams. */
  async listenUdp(): Promise<void> {
    this.#syslogUdp.on("message", (bytes: Uint8Array) => {
      const batch = new RecordBatch();
      decodeSyslogMessage({ bytes, lostBytes: 0 }, syslogDefaults(), batch);
      this.#keep(batch);
    });
    await new Promise<void>((resolve) => this.#syslogUdp.bind(0, "127.0.0.1", resolve));
    this.syslogUdpPort = this.#syslogUdp.address().port;
  }

  /** Answers the next requests that store with an error, and stores nothing of them. */
  refuseNext(...statuses: number[]): void {
    this.#refusals.push(...statuses);
  }

  /** Waits until so many records are there. */
  async until(count: number): Promise<ClientRow[]> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const seen = this.requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
        reject(new Error(`${this.rows.length} of ${count} records came; requests: ${seen}`));
      }, WAIT_MS_MAX);
    });
    try {
      while (this.rows.length < count) {
        const more = new Promise<void>((resolve) => this.#waiting.add(resolve));
        await Promise.race([more, late]);
      }
    } finally {
      clearTimeout(timer);
    }
    return this.rows;
  }

  /** Fails if a client asked for anything that has no answer. */
  assertAllAnswered(): void {
    const unknown = this.requests.filter(({ status }) => status === 404 || status >= 500)
      .filter(({ status }) => status !== 503);
    assert.deepEqual(unknown.map(({ method, path }) => `${method} ${path}`), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    if (this.syslogUdpPort !== 0) {
      await new Promise<void>((resolve) => this.#syslogUdp.close(() => resolve()));
    }
    await Promise.all(this.#connections);
    await this.#http.shutdown();
  }

  #keep(batch: RecordBatch): void {
    this.rows.push(...rowsOf(batch));
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  async #serve(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    const response = this.#answer(request, decodeURIComponent(pathname), body);
    const { method, headers } = request;
    this.requests.push({ method, path: pathname, headers, status: response.status });
    return response;
  }

  #answer(request: Request, path: string, sent: Uint8Array): Response {
    const encoding = path === "/gelf"
      ? gelfContentEncoding(sent)
      : request.headers.get("content-encoding") ?? "";
    const body = decompressBody(sent, encoding, BODY_BYTES_MAX);
    const type = request.headers.get("content-type") ?? undefined;
    const stores = request.method === "POST" || request.method === "PUT";
    const elastic = elasticRequest(request.method, path);
    try {
      if (elastic !== undefined) return this.#elastic(elastic, body);
      if (path === "/ingest/json" && stores) {
        return this.#store(decodeJsonHttp(body, type, now(), DEFAULT_SERVICE), 200, "{}");
      }
      if (path === "/ingest/json" && request.method === "HEAD") return new Response(null);
      if ((path === "/ingest/clef" || path === "/api/events/raw") && stores) {
        return this.#store(decodeClef(body, type, now(), DEFAULT_SERVICE), 201, "{}");
      }
      if (path === "/gelf" && stores) {
        return this.#store(decodeGelf(body, now(), DEFAULT_SERVICE), 202, "");
      }
    } catch (error) {
      if (!(error instanceof BadBodyError)) throw error;
      return json(400, encodeElasticsearchError(400, error.message));
    }
    const probe = answerElasticsearchProbe(request.method, path, "0");
    if (probe === undefined) return json(404, "{}");
    return new Response(probe.body === "" ? null : probe.body, {
      status: probe.status,
      headers: { "content-type": probe.contentType, "x-elastic-product": "Elasticsearch" },
    });
  }

  #elastic({ index, id, isBulk }: ElasticRequest, body: Uint8Array): Response {
    if (!isBulk) {
      const batch = decodeElasticsearchDocument(body, index!, id, now());
      return this.#store(batch, 201, encodeDocumentResponse(index!, id ?? "1"));
    }
    const { batch, items } = decodeElasticsearchBulk(body, index, now());
    return this.#store(batch, 200, encodeBulkResponse(items, 1));
  }

  #store(batch: RecordBatch, status: number, answer: string): Response {
    const refusal = this.#refusals.shift();
    if (refusal !== undefined) {
      return json(refusal, encodeElasticsearchError(refusal, "Full."), { "retry-after": "0" });
    }
    this.#keep(batch);
    return json(status, answer);
  }

  #listen(
    open: (batch: () => RecordBatch) => { push(chunk: Uint8Array): void; end(): void },
  ): Deno.TcpListener {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accept = async () => {
      for await (const connection of listener) {
        const reading = this.#read(connection, open);
        this.#connections.add(reading);
      }
    };
    this.#connections.add(accept());
    return listener;
  }

  async #read(
    connection: Deno.TcpConn,
    open: (batch: () => RecordBatch) => { push(chunk: Uint8Array): void; end(): void },
  ): Promise<void> {
    let batch = new RecordBatch();
    const reader = open(() => batch);
    for await (const chunk of connection.readable) {
      batch = new RecordBatch();
      reader.push(chunk);
      this.#keep(batch);
    }
    batch = new RecordBatch();
    reader.end();
    this.#keep(batch);
  }
}

interface ElasticRequest {
  readonly index: string | undefined;
  readonly id: string | undefined;
  readonly isBulk: boolean;
}

/** What a path of Elasticsearch's document APIs names; `undefined` for any other. */
function elasticRequest(method: string, path: string): ElasticRequest | undefined {
  if (method !== "POST" && method !== "PUT") return undefined;
  const bulk = /^(?:\/([^/_][^/]*))?\/_bulk$/.exec(path);
  if (bulk !== null) return { index: bulk[1], id: undefined, isBulk: true };
  const document = /^\/([^/_][^/]*)\/_(?:doc|create)(?:\/([^/]+))?$/.exec(path);
  return document === null ? undefined : { index: document[1], id: document[2], isBulk: false };
}

function json(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body === "" ? null : body, {
    status,
    headers: {
      "content-type": "application/json",
      "x-elastic-product": "Elasticsearch",
      ...headers,
    },
  });
}

function now(): Instant {
  return { ms: Date.now(), ns: 0 };
}

function syslogDefaults() {
  return { now: now(), service: "syslog", utcOffsetMs: -new Date().getTimezoneOffset() * 60_000 };
}

function rowsOf(batch: RecordBatch): ClientRow[] {
  return batch.messages.map((message, i) => {
    const stream = batch.streams[batch.streamOf[i]!]!;
    const row: ClientRow = {
      time: formatInstant(batch.timestampMs[i]!, batch.timestampNs[i]!),
      service: stream.service,
      severity: severityName(stream.severity),
      message,
      attributes: {},
    };
    for (const [name, column] of batch.optional) {
      const text = column[i];
      if (text === undefined) continue;
      if (name === "attributes") row.attributes = JSON.parse(text);
      else row[name] = text;
    }
    return row;
  });
}

/** Fails unless a time is one that a client could have written while the test ran. */
export function assertRecent(time: string): void {
  const age = Date.now() - Date.parse(time);
  assert.ok(age > -5_000 && age < 120_000, `${time} is not now`);
}
