/**
 * @module What the real clients of wire formats speak to in tests, and how they are started.
 *
 * By default that is a small server around the decoders alone. With `CLIENT_TESTS_RECEIVER=server` it is the real one, in a
 * process of its own.
 */

import assert from "node:assert/strict";
import {
  decodeLokiPush,
  decodeOtlpLogs,
  decompressBody,
  dropOtlpMetrics,
  dropOtlpTraces,
  encodeOtlpLogsResponse,
  encodeOtlpStatus,
  type OtlpAnswer,
} from "../../src/ingest/mod.ts";
import { formatInstant, type RecordBatch, severityName } from "../../src/record.ts";
import { cleanEnvironment, join, PROJECT, TestServer, TOKENS, withFolder } from "../_server.ts";

/** A record as `GET /logs` gives it, without what the server adds. */
export interface ClientRecord {
  readonly timestamp: string;
  readonly service: string;
  readonly severity: string;
  readonly message: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly severity_text?: string;
  readonly severity_number?: number;
}

/** Where a client sends its records. */
export interface Receiver {
  readonly url: string;
  /** May write every service's records. */
  readonly token: string;
  /** The records received, oldest first. */
  records(): Promise<readonly ClientRecord[]>;
}

const BODY_BYTES_MAX = 16 * 1024 * 1024;
const OTLP_PATHS = ["/v1/logs", "/v1/traces", "/v1/metrics"];

/** Runs a test with a receiver of its own. */
export async function withReceiver(
  test: (receiver: Receiver) => Promise<void>,
): Promise<void> {
  if (Deno.env.get("CLIENT_TESTS_RECEIVER") === "server") {
    return await withServer(test);
  }
  const records: ClientRecord[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
    (request) => receive(request, records),
  );
  const receiver: Receiver = {
    url: `http://127.0.0.1:${server.addr.port}`,
    token: TOKENS.admin,
    records: () => Promise.resolve(inOrder(records)),
  };
  try {
    await test(receiver);
  } finally {
    await server.shutdown();
  }
}

async function withServer(
  test: (receiver: Receiver) => Promise<void>,
): Promise<void> {
  await withFolder(async (dir) => {
    const server = await TestServer.start({ dir });
    await test({
      url: server.url,
      token: TOKENS.admin,
      records: async () => {
        const rows: (ClientRecord & Record<string, unknown>)[] = await server.get(
          "/logs?order=asc&limit=10000",
        );
        return rows.map(({ id: _id, received_at: _receivedAt, ...record }) => record);
      },
    });
    await server.stop();
  });
}

async function receive(
  request: Request,
  records: ClientRecord[],
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const contentType = request.headers.get("content-type") ?? undefined;
  const isOtlp = OTLP_PATHS.includes(pathname);
  const refuse = (status: number, message: string) =>
    isOtlp ? otlpResponse(encodeOtlpStatus(contentType, status, message), status) : new Response(
      message,
      { status },
    );
  // The body must be read even where it is not wanted: some clients send it whole before they read the answer.
  const sent = new Uint8Array(await request.arrayBuffer());
  if (request.method !== "POST") return refuse(405, "POST it");
  if (!hasToken(request)) return refuse(401, "Who are you?");
  try {
    const encoding = request.headers.get("content-encoding") ?? undefined;
    const body = encoding === "snappy" ? sent : decompressBody(sent, encoding, BODY_BYTES_MAX);
    return answer(pathname, body, contentType, records) ??
      refuse(404, "There is no such path");
  } catch (error) {
    return refuse(400, String(error));
  }
}

function hasToken(request: Request): boolean {
  const [scheme = "", credentials = ""] = (request.headers.get("authorization") ?? "").split(" ");
  const token = scheme === "Basic" ? atob(credentials).split(":")[1] : credentials;
  return token === TOKENS.admin;
}

function answer(
  path: string,
  body: Uint8Array,
  contentType: string | undefined,
  records: ClientRecord[],
): Response | undefined {
  const now = { ms: Date.now(), ns: 0 };
  switch (path) {
    case "/v1/logs": {
      const { batch, rejected, errorMessage } = decodeOtlpLogs(
        body,
        contentType,
        now,
      );
      records.push(...rowsOf(batch));
      return otlpResponse(
        encodeOtlpLogsResponse(contentType, rejected, errorMessage),
        200,
      );
    }
    case "/v1/traces":
      return otlpResponse(dropOtlpTraces(body, contentType), 200);
    case "/v1/metrics":
      return otlpResponse(dropOtlpMetrics(body, contentType), 200);
    case "/loki/api/v1/push":
      records.push(...rowsOf(decodeLokiPush(body, contentType, now)));
      return new Response(null, { status: 204 });
    default:
      return undefined;
  }
}

function otlpResponse(
  { body, contentType }: OtlpAnswer,
  status: number,
): Response {
  return new Response(body, {
    status,
    headers: { "content-type": contentType },
  });
}

/** The records of a batch as the API would show them. */
export function rowsOf(batch: RecordBatch): ClientRecord[] {
  return batch.messages.map((message, row) => {
    const { service, severity } = batch.streams[batch.streamOf[row]!]!;
    const attributes = batch.optional.get("attributes")?.[row];
    const number = batch.optional.get("severity_number")?.[row];
    const fields = {
      timestamp: formatInstant(
        batch.timestampMs[row]!,
        batch.timestampNs[row]!,
      ),
      service,
      severity: severityName(severity),
      message,
      attributes: attributes === undefined ? undefined : JSON.parse(attributes),
      trace_id: batch.optional.get("trace_id")?.[row],
      span_id: batch.optional.get("span_id")?.[row],
      severity_text: batch.optional.get("severity_text")?.[row],
      severity_number: number === undefined ? undefined : Number(number),
    };
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given) as unknown as ClientRecord;
  });
}

function inOrder(records: readonly ClientRecord[]): ClientRecord[] {
  // Fractions have three digits or more, so texts of one second compare like times once "Z" is gone.
  const key = ({ timestamp }: ClientRecord) => timestamp.slice(0, -1);
  return records.toSorted((a, b) => key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}

/**
 * Runs a program of `programs/` with this project's Deno and the packages of `tests/clients/client_packages.json`, to its end, which must be
 * a good one.
 */
export async function runProgram(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const folder = join(PROJECT, "tests/clients");
  await run(Deno.execPath(), [
    "run",
    "-A",
    "-q",
    `--config=${join(folder, "client_packages.json")}`,
    join(folder, `programs/${name}`),
    ...args,
  ], env);
}

/** A Python that has the packages of `tests/clients/requirements.txt`; named by `CLIENT_TESTS_PYTHON`. */
export const python = Deno.env.get("CLIENT_TESTS_PYTHON");

/** Runs a Python program of `programs/`, as {@linkcode runProgram}. */
export async function runPython(
  name: string,
  args: readonly string[],
): Promise<void> {
  assert.ok(python !== undefined, "CLIENT_TESTS_PYTHON names no Python");
  await run(
    python,
    [join(PROJECT, `tests/clients/programs/${name}`), ...args],
    {},
  );
}

async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    clearEnv: true,
    env: cleanEnvironment(env),
  }).output();
  const decoder = new TextDecoder();
  assert.equal(
    code,
    0,
    `${args.at(-1)}: ${decoder.decode(stdout)}${decoder.decode(stderr)}`,
  );
}
