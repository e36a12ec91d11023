import { type TestServer, until } from "../_server.ts";

/** A record as an answer gives it. */
export interface StoredRecord {
  readonly id: number;
  readonly timestamp: string;
  readonly service: string;
  readonly severity: string;
  readonly message: string;
  readonly received_at: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly trace_id?: string;
  readonly span_id?: string;
}

/** A good record of a service, with some fields changed. */
export function record(service: string, fields: object = {}): Record<string, unknown> {
  const timestamp = "2025-04-01T12:00:00Z";
  return { timestamp, service, severity: "INFO", message: "hello", ...fields };
}

/** Stores one record and gives it as the server shows it. */
export async function stored(
  server: TestServer,
  service: string,
  fields: object = {},
): Promise<StoredRecord> {
  const [id] = await server.post(record(service, fields));
  return await server.get(`/logs/${id}`);
}

/** Parameters of a request; an array gives one of them several times, `undefined` not at all. */
export type Parameters = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** The path of `GET /logs` with parameters. */
export function logs(parameters: Parameters): string {
  return withParameters("/logs", parameters);
}

/** A path with parameters. */
export function withParameters(path: string, parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  return `${path}?${query}`;
}

/** The records that the lines of an NDJSON answer hold. */
export function ndjson(text: string): StoredRecord[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** Where the `Link` header leads. */
export function nextPath(headers: Headers): string | undefined {
  return /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
}

/** Every page from a path on. */
export async function pages(server: TestServer, first: string): Promise<StoredRecord[][]> {
  const found: StoredRecord[][] = [];
  for (let path: string | undefined = first; path !== undefined;) {
    const { status, headers, body, text } = await server.call(path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    found.push(body);
    path = nextPath(headers);
  }
  return found;
}

/** A text that no compression makes smaller than three quarters. */
export function incompressible(units: number): string {
  const bytes = new Uint8Array(Math.ceil(units * 3 / 4));
  for (let at = 0; at < bytes.length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes.toBase64().slice(0, units);
}

/** The service that fills the journal. */
const FILLER = "filler";

/**
 * Makes the server write all that it has in memory into segments: it does so when the journal has 8 MiB, so this brings
 * as much, and deletes it again.
 */
export async function flushed(server: TestServer): Promise<void> {
  const version = await server.figure("store_version");
  for (let n = 0; n < 20 && await server.figure("store_version") === version; n++) {
    const messages = Array.from({ length: 16 }, () => incompressible(64_000));
    await server.post(
      messages.map((message) => record(FILLER, { message, timestamp: "1990-01-01T00:00:00Z" })),
    );
  }
  await until("a flush", async () => await server.figure("store_version") > version);
  const path = withParameters("/logs", { before: "1990-01-02T00:00:00Z", service: FILLER });
  await server.call(path, { method: "DELETE" });
}
