/** @module The real server that real clients send to: a process of its own, read back through its own API. */

import assert from "node:assert/strict";
import { TestServer, TOKENS, until, withFolder } from "../_server.ts";

/** A record as `GET /logs` gives it. */
export interface ClientRecord {
  readonly id: number;
  readonly received_at: string;
  readonly timestamp: string;
  readonly service: string;
  readonly severity: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly severity_text?: string;
  readonly severity_number?: number;
}

/** What a client's configuration names. */
export interface Target {
  readonly token: string;
  port(of: "http" | "tcp" | "udp" | "tls" | "gelf"): number;
}

/** A client under load may take seconds to start; one that sends nothing is a failure. */
const WAIT_MS_MAX = 30_000;

/** Where a client sends its records. */
export class Receiver implements Target {
  readonly token = TOKENS.admin;
  #server: TestServer;

  constructor(server: TestServer) {
    this.#server = server;
  }

  get server(): TestServer {
    return this.#server;
  }

  get url(): string {
    return this.#server.url;
  }

  /** The port that the server said it listens on for syslog or GELF. */
  port(of: Parameters<Target["port"]>[0]): number {
    if (of === "http") return this.#server.port;
    const lines = this.#server.stdout().split("\n").filter((line) => line.startsWith("Also on "));
    const line = lines.at(of === "gelf" ? -1 : -2) ?? "";
    const [, port] = new RegExp(`${of === "gelf" ? "tcp" : of}://[^:]+:(\\d+)`).exec(line) ?? [];
    assert.ok(port !== undefined, `The server does not listen for ${of}`);
    return Number(port);
  }

  /** Everything received so far, in its order. */
  async records(): Promise<ClientRecord[]> {
    const rows: ClientRecord[] = await this.#server.get("/logs?limit=10000");
    return rows.map((row) => ({ ...row, attributes: row.attributes ?? {} }))
      .toSorted((a, b) => a.id - b.id);
  }

  /** Waits until so many records are there. */
  async until(count: number): Promise<ClientRecord[]> {
    let found = 0;
    try {
      return await until(`${count} records`, async () => {
        const records = await this.records();
        found = records.length;
        return found >= count && records;
      }, WAIT_MS_MAX);
    } catch (error) {
      const answers = await this.answers();
      throw new Error(`${found} of ${count} records came; answers: ${answers}`, { cause: error });
    }
  }

  /** How the server answered: `POST /v1/logs 200` and so on. */
  async answers(): Promise<string[]> {
    const { text } = await this.#server.call("/metrics");
    const pattern =
      /^sentinel_http_requests_total\{method="(\w+)",route="([^"]+)",status="(\d+)"\}/gm;
    return [...text.matchAll(pattern)].map(([, method, route, status]) =>
      `${method} ${route} ${status}`
    );
  }

  /** Fails if a client asked for anything that has no answer, or got one that is an error. */
  async assertAllAnswered(): Promise<void> {
    const bad = (await this.answers()).filter((answer) =>
      /\(404\)|\(405\)| [45]\d\d$/.test(answer)
    );
    assert.deepEqual(bad, []);
  }

  /** Ends the server, and starts it again on the same data and ports after a moment without one. */
  async restart(how: "stop" | "kill", downMs: number): Promise<void> {
    const args = this.#fixedPorts();
    if (how === "stop") await this.#server.stop();
    else await this.#server.kill();
    await new Promise((resolve) => setTimeout(resolve, downMs));
    this.#server = await this.#server.restart({ args });
  }

  #fixedPorts(): string[] {
    const tcp = this.port("tcp");
    return [
      ...["--syslog", `tcp://127.0.0.1:${tcp},udp://127.0.0.1:${this.port("udp")}`],
      ...["--gelf", `127.0.0.1:${this.port("gelf")}`],
    ];
  }
}

/** Listens for everything that the server can. */
const ARGS = ["--syslog", "127.0.0.1:0", "--gelf", "127.0.0.1:0"];

/** Runs a test with a server of its own. @param args added to the server's */
export async function withReceiver(
  test: (receiver: Receiver, dir: string) => Promise<void>,
  args: (dir: string) => Promise<string[]> = () => Promise.resolve(ARGS),
): Promise<void> {
  await withFolder(async (dir) => {
    const receiver = new Receiver(await TestServer.start({ dir, args: await args(dir) }));
    await test(receiver, dir);
    await receiver.server.stop();
  });
}

/** Fails unless a time is one that a client could have written while the test ran. */
export function assertRecent(time: string): void {
  const age = Date.now() - Date.parse(time);
  assert.ok(age > -5_000 && age < 120_000, `${time} is not now`);
}
