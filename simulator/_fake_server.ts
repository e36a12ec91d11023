/** A record as the fake server has stored it. */
export interface StoredRecord {
  id: number;
  timestamp: string;
  service: string;
  severity: string;
  message: string;
  trace_id?: string;
  attributes: Record<string, unknown>;
}

/** A request to POST /logs as it came. */
export interface PostedBatch {
  readonly key: string | null;
  readonly token: string | null;
  readonly body: string;
}

/** What a test may change of the server's behaviour. */
export interface FakeServerOptions {
  /** Answers a POST /logs instead of storing it; `attempt` counts from 0. */
  readonly answer?: (batch: PostedBatch, attempt: number) => Response | undefined;
  /** What GET /logs gives of what is stored. */
  readonly read?: (records: StoredRecord[]) => StoredRecord[];
}

/** As much of the log server's API as the simulator uses, in memory, on a free port. */
export class FakeServer implements AsyncDisposable {
  readonly posted: PostedBatch[] = [];
  readonly stored: StoredRecord[] = [];
  /** Names of tokens that were made and not revoked. */
  readonly tokens = new Map<string, string>();
  readonly #options: FakeServerOptions;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #keys = new Map<string, number>();

  constructor(options: FakeServerOptions = {}) {
    this.#options = options;
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) => this.#handle(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }

  async #handle(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const token = request.headers.get("authorization");
    if (pathname === "/logs" && request.method === "POST") {
      const key = request.headers.get("idempotency-key");
      return this.#post({ key, token, body: await request.text() });
    }
    if (pathname === "/logs") return this.#read(searchParams);
    if (pathname === "/tokens") {
      const { name, write } = await request.json();
      this.tokens.set(name, write[0]);
      return Response.json({ name, token: `token-of-${name}` }, { status: 201 });
    }
    this.tokens.delete(decodeURIComponent(pathname.slice("/tokens/".length)));
    return new Response(null, { status: 204 });
  }

  #post(batch: PostedBatch): Response {
    const attempt = this.posted.push(batch) - 1;
    const answer = this.#options.answer?.(batch, attempt);
    if (answer !== undefined) return answer;
    const known = batch.key === null ? undefined : this.#keys.get(batch.key);
    if (known !== undefined) return Response.json({ count: known, ids: [] }, { status: 201 });
    const records: StoredRecord[] = JSON.parse(batch.body);
    for (const record of records) this.stored.push({ ...record, id: this.stored.length + 1 });
    if (batch.key !== null) this.#keys.set(batch.key, records.length);
    return Response.json({ count: records.length, ids: [] }, { status: 201 });
  }

  #read(parameters: URLSearchParams): Response {
    const matching = this.stored.filter((record) =>
      record.service === parameters.get("service") &&
      record.attributes["canary_run"] === parameters.get("attr.canary_run")
    ).sort((a, b) => a.timestamp < b.timestamp ? -1 : 1);
    const records = this.#options.read?.(matching) ?? matching;
    return new Response(records.map((record) => JSON.stringify(record) + "\n").join(""), {
      headers: { "content-type": "application/x-ndjson" },
    });
  }
}
